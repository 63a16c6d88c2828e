"""The commune's words: taught and taken back, by the command and by the page alike."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from broadcaster.domain.fields import nearest
from broadcaster.domain.reading import (
    Lexicon,
    LexiconEntry,
    ReadMode,
    lexicon_entry,
    parse_lexicon_tsv,
    row_finding,
    with_word,
    without_word,
)
from broadcaster.errors import ConfigError, Place


@dataclass(frozen=True, slots=True)
class Taught:
    """An entry, the one whose place it took, and whether anything was written."""

    entry: LexiconEntry
    before: LexiconEntry | None
    changed: bool


@dataclass(frozen=True, slots=True)
class WordList:
    """The commune's lexicon file.

    Args:
        read: the file's text; empty where there is none.
        write: puts a text in its place, whole.
    """

    read: Callable[[], str]
    write: Callable[[str], object]

    def entries(self) -> Sequence[LexiconEntry]:
        """The commune's own entries; lines that are none are left out, `parse_lexicon_tsv` names them."""
        return parse_lexicon_tsv(self.read())[0]

    def add(self, cells: Sequence[str], labels: Callable[[str], str] = lambda _: "") -> Taught:
        """Add or replace an entry.

        Args:
            cells: written, spoken, mode, context, source.
            labels: how the asker calls a wrong column.

        Raises:
            ConfigError: `lexicon.refused` with the reason as its finding.
        """
        entry, reason = lexicon_entry(cells)
        if entry is None:
            finding = row_finding(reason, f"{cells[0]} → {cells[1]}", Place(field=labels(reason)))
            raise ConfigError("lexicon.refused", [finding], written=cells[0])
        text, before = with_word(self.read(), entry)
        if before is not None and same(before, entry):
            return Taught(before, before, changed=False)
        self.write(text)
        return Taught(entry, before, changed=True)

    def remove(self, written: str) -> Sequence[LexiconEntry]:
        """Take a written form out, in all its contexts; the entries that went.

        Raises:
            ConfigError: `lexicon.shipped`, `lexicon.unknown` for one that is not the commune's.
        """
        cells, _ = lexicon_entry((written, "", ReadMode.SPELL))
        wanted = cells.written if cells else written
        text, gone = without_word(self.read(), wanted)
        if not gone:
            if any(entry.written == wanted for entry in Lexicon.shipped().entries("shipped")):
                raise ConfigError("lexicon.shipped", written=wanted, quoted=shlex.quote(wanted))
            known = [entry.written for entry in self.entries()]
            raise ConfigError("lexicon.unknown", written=wanted, suggestion=nearest(wanted, known))
        self.write(text)
        return gone


def same(one: LexiconEntry, other: LexiconEntry) -> bool:
    """Whether two entries of one written form and context sound alike; who says so makes no difference."""
    return (one.spoken, one.mode) == (other.spoken, other.mode)
