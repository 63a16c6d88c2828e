"""What the announcer says for a bulletin's text."""

from broadcaster.domain.reading.lexicon import Lexicon, LexiconEntry, ReadMode, format_lexicon_tsv, parse_lexicon_tsv
from broadcaster.domain.reading.model import Reading, Role, Span, SpanKind, SpokenSentence
from broadcaster.domain.reading.profile import Profile, parse_profile
from broadcaster.domain.reading.reader import read, read_line

__all__ = [
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
    "read",
    "read_line",
]
