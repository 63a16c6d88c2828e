"""Changing a lexicon file line by line: comments, bad lines and the order of what a person has written stay."""

import unicodedata

from broadcaster.domain.reading.lexicon import LexiconEntry, parse_lexicon_tsv


def with_word(text: str, entry: LexiconEntry) -> tuple[str, LexiconEntry | None]:
    """The file with an entry, and the entry of the same written form and context whose place it takes, or None."""
    line = f"{entry.written}\t{entry.spoken}\t{entry.mode}\t{entry.context}\t{entry.source}".rstrip("\t")
    lines = _lines(text)
    for number, old in enumerate(lines):
        known = _entry(old)
        if known is not None and (known.written, known.context) == (entry.written, entry.context):
            if known != entry:
                lines[number] = line
            return _text(lines), known
    return _text([*lines, line]), None


def without_word(text: str, written: str) -> tuple[str, tuple[LexiconEntry, ...]]:
    """The file without a written form in any context, and the entries that went."""
    kept: list[str] = []
    gone: list[LexiconEntry] = []
    for line in _lines(text):
        known = _entry(line)
        if known is not None and known.written == written:
            gone.append(known)
        else:
            kept.append(line)
    return _text(kept), tuple(gone)


def _lines(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).splitlines()


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _entry(line: str) -> LexiconEntry | None:
    entries, _ = parse_lexicon_tsv(line)
    return entries[0] if entries else None
