"""How single written forms are said: acronyms, abbreviations, foreign words; three layers, editable as TSV."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pkgutil import get_data

from broadcaster.domain.fields import sayable
from broadcaster.domain.reading.letters import spell
from broadcaster.errors import Finding, Place, Severity

COLUMNS = ("written", "spoken", "mode", "context", "source")
LAYERS = ("shipped", "commune", "bulletin")


class ReadMode(StrEnum):
    """expand: say `spoken` for this exact spelling. word: say `spoken` whatever the case. spell: letter by letter."""

    EXPAND = "expand"
    WORD = "word"
    SPELL = "spell"


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """One written form. `context` is a list of cues separated by spaces, any of which makes the entry fit better.

    Cues: `<xã` the word to the left, `>HĐND` the word to the right, `>#` a digit follows, `<#` a digit precedes,
    `>^` a capitalised word follows, `^` the form opens its sentence; `<,sở` and `>,THPT` the next item of a list,
    `<:lưu` the word that heads the list, `~TW` a word close by. Words in cues are compared without case.
    `source` says who chose it.
    """

    written: str
    spoken: str
    mode: str = ReadMode.EXPAND
    context: str = ""
    source: str = ""

    @property
    def said(self) -> str:
        """What is heard."""
        return spell(self.written) if self.mode == ReadMode.SPELL and not self.spoken else self.spoken


class Lexicon:
    """An immutable stack of three layers; bulletin hides commune hides shipped."""

    __slots__ = ("_exact", "_folded", "_layers", "_phrases")

    def __init__(self, layers: Mapping[str, Iterable[LexiconEntry]]) -> None:
        self._layers = {name: tuple(layers.get(name, ())) for name in LAYERS}
        self._exact: dict[str, tuple[LexiconEntry, ...]] = {}
        self._folded: dict[str, tuple[LexiconEntry, ...]] = {}
        self._phrases: dict[str, tuple[str, ...]] = {}
        for name in reversed(LAYERS):
            fresh_exact: dict[str, list[LexiconEntry]] = {}
            fresh_folded: dict[str, list[LexiconEntry]] = {}
            for entry in self._layers[name]:
                if entry.mode == ReadMode.WORD:
                    fresh_folded.setdefault(entry.written.lower(), []).append(entry)
                else:
                    fresh_exact.setdefault(entry.written, []).append(entry)
            for table, fresh in ((self._exact, fresh_exact), (self._folded, fresh_folded)):
                for key, entries in fresh.items():
                    # Entries of a lower layer stay behind those of a higher one: a cue may still choose them.
                    table[key] = table.get(key, ()) + tuple(entries)
        for key in (*self._exact, *self._folded):
            if " " in key:
                first = key.replace(",", " ").replace(".", " ").split(" ", 1)[0].lower()
                longest_first = sorted({*self._phrases.get(first, ()), key}, key=len, reverse=True)
                self._phrases[first] = tuple(longest_first)

    @staticmethod
    def shipped() -> "Lexicon":
        """The lexicon that comes with the product, the two other layers empty."""
        return _shipped()

    def with_entries(self, layer: str, entries: Iterable[LexiconEntry]) -> "Lexicon":
        """A lexicon in which `entries` are the whole of `layer`.

        Raises:
            ValueError: for a layer that is not shipped, commune or bulletin.
        """
        if layer not in LAYERS:
            raise ValueError(f"no lexicon layer {layer!r}; there are {', '.join(LAYERS)}")
        return Lexicon({**self._layers, layer: tuple(entries)})

    def entries(self, layer: str) -> tuple[LexiconEntry, ...]:
        """The entries of one layer, in their order."""
        return self._layers[layer]

    def layer_of(self, entry: LexiconEntry) -> str:
        """The highest layer that holds the entry."""
        return next((name for name in reversed(LAYERS) if entry in self._layers[name]), "")

    def exact(self, written: str) -> tuple[LexiconEntry, ...]:
        """Entries for this spelling, the highest layer first."""
        return self._exact.get(written, ())

    def folded(self, lowered: str) -> tuple[LexiconEntry, ...]:
        """Entries read as words, by lower-case spelling."""
        return self._folded.get(lowered, ())

    def first_words(self) -> frozenset[str]:
        """Lower-case words that open some written form and need a second look."""
        lowered = {key.split(" ", 1)[0] for key in self._folded}
        return frozenset(lowered | {key.split(" ", 1)[0].lower() for key in self._exact})

    def phrases(self, first_word: str) -> tuple[str, ...]:
        """Written forms of several words that open with this lower-case word, the longest first."""
        return self._phrases.get(first_word, ())


@lru_cache(maxsize=1)
def _shipped() -> Lexicon:
    entries: list[LexiconEntry] = []
    for name in ("acronyms.tsv", "words.tsv"):
        text = (get_data(__package__, f"data/{name}") or b"").decode()
        found, findings = parse_lexicon_tsv(text, name)
        if findings:
            raise ValueError(findings)
        entries += found
    return Lexicon({"shipped": entries})


def parse_lexicon_tsv(text: str, file: str = "") -> tuple[tuple[LexiconEntry, ...], tuple[Finding, ...]]:
    """Entries from tab-separated text: written, spoken, mode, context, source; the last three may be missing.

    Empty lines, lines that begin with `#` and a header line are passed over. Entries are in Unicode form NFC.

    Returns:
        The good entries in order, and a finding for every bad row, `reading.lexicon_` and the reason: `columns`,
        `written`, `spoken`, `mode`, `signs` or `repeated`.
    """
    entries: list[LexiconEntry] = []
    findings: list[Finding] = []
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(unicodedata.normalize("NFC", text).splitlines(), start=1):
        row = line.split("\t")
        if not line.strip() or row[0].startswith("#") or tuple(row[:2]) == COLUMNS[:2]:
            continue
        entry, reason = lexicon_entry(row)
        if entry is not None and (entry.written, entry.context) in seen:
            entry, reason = None, "repeated"
        if entry is None:
            findings.append(row_finding(reason, line, Place(file, number)))
            continue
        seen.add((entry.written, entry.context))
        entries.append(entry)
    return tuple(entries), tuple(findings)


_ROW_CODES = {
    "columns": "reading.lexicon_columns",
    "written": "reading.lexicon_written",
    "spoken": "reading.lexicon_spoken",
    "mode": "reading.lexicon_mode",
    "signs": "reading.lexicon_signs",
    "repeated": "reading.lexicon_repeated",
}


def row_finding(reason: str, line: str, place: Place) -> Finding:
    """The finding about a bad row."""
    shown = " ".join(line.split())
    facts = {"reason": reason, "row": shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"}
    return Finding(_ROW_CODES[reason], Severity.ERROR, place, facts)


_SHOWN = 80


def lexicon_entry(cells: Sequence[str]) -> tuple[LexiconEntry | None, str]:
    """An entry from its columns, in NFC with single blanks; or None and the reason why it is none."""
    cells = [" ".join(unicodedata.normalize("NFC", cell).split()) for cell in cells]
    if not 2 <= len(cells) <= len(COLUMNS):
        return None, "columns"
    written, spoken, mode, context, source = cells + [""] * (len(COLUMNS) - len(cells))
    mode = mode or ReadMode.EXPAND
    if not written or written.startswith("#") or (written, spoken) == COLUMNS[:2]:
        return None, "written"
    if mode not in tuple(ReadMode):
        return None, "mode"
    if not sayable(spoken) and (spoken or mode != ReadMode.SPELL):
        return None, "spoken"
    if not (written + context + source).isprintable():
        return None, "signs"
    return LexiconEntry(written, spoken, mode, context, source), ""


def format_lexicon_tsv(entries: Iterable[LexiconEntry]) -> str:
    """The TSV text that `parse_lexicon_tsv` reads back to the same entries, with a header line."""
    lines = ["\t".join(COLUMNS)]
    lines += [f"{e.written}\t{e.spoken}\t{e.mode}\t{e.context}\t{e.source}" for e in entries]
    return "\n".join(lines) + "\n"
