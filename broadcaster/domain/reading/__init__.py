"""What the announcer says for a bulletin's text."""

from broadcaster.domain.reading.legacy import Converted, LegacyFont, recognise_legacy
from broadcaster.domain.reading.lexicon import Lexicon, LexiconEntry, ReadMode, format_lexicon_tsv, parse_lexicon_tsv
from broadcaster.domain.reading.model import Reading, Role, Span, SpanKind, SpokenSentence
from broadcaster.domain.reading.profile import Profile, parse_profile
from broadcaster.domain.reading.proof import proofread
from broadcaster.domain.reading.reader import read, read_line

__all__ = [
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
    "format_lexicon_tsv",
    "parse_lexicon_tsv",
    "parse_profile",
    "proofread",
    "read",
    "read_line",
    "recognise_legacy",
]
