"""What the announcer says for a bulletin's text."""

from broadcaster.domain.reading.breath import parts_of
from broadcaster.domain.reading.cited import documents_in
from broadcaster.domain.reading.legacy import Converted, LegacyFont, recognise_legacy
from broadcaster.domain.reading.lexicon import (
    LAYERS,
    Lexicon,
    LexiconEntry,
    ReadMode,
    format_lexicon_tsv,
    lexicon_entry,
    parse_lexicon_tsv,
    row_finding,
)
from broadcaster.domain.reading.model import Reading, Role, Span, SpanKind, SpokenSentence
from broadcaster.domain.reading.pace import PACES, pace
from broadcaster.domain.reading.profile import Profile, parse_profile, profile_values
from broadcaster.domain.reading.proof import proofread
from broadcaster.domain.reading.reader import read, read_line
from broadcaster.domain.reading.word_list import with_word, without_word

__all__ = [
    "LAYERS",
    "PACES",
    "Converted",
    "LegacyFont",
    "Lexicon",
    "LexiconEntry",
    "Profile",
    "ReadMode",
    "Reading",
    "Role",
    "Span",
    "SpanKind",
    "SpokenSentence",
    "documents_in",
    "format_lexicon_tsv",
    "lexicon_entry",
    "pace",
    "parse_lexicon_tsv",
    "parse_profile",
    "parts_of",
    "profile_values",
    "proofread",
    "read",
    "read_line",
    "recognise_legacy",
    "row_finding",
    "with_word",
    "without_word",
]
