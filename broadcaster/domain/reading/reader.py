"""The two doors of the engine: `read` for a bulletin, `read_line` for one line."""

import unicodedata

from broadcaster.domain.reading.breath import sentences_of
from broadcaster.domain.reading.engine import Piece, pieces_of, said_line
from broadcaster.domain.reading.lexicon import Lexicon
from broadcaster.domain.reading.model import Reading, Span, SpanKind
from broadcaster.domain.reading.profile import Profile
from broadcaster.errors import Finding, Place, Severity

_DEFAULT = Profile.north()
_NOTES = frozenset(("reading.symbol_dropped", "reading.roman_guess", "reading.shouted_word", "reading.unknown_label"))


def read(text: str, *, lexicon: Lexicon | None = None, profile: Profile | None = None) -> Reading:
    """What the announcer says for a text, with a reason for every word that is not read as written.

    Args:
        text: what the official wrote; any Unicode form, any line ends.
        lexicon: the layers in force; the shipped one by default.
        profile: the announcers' dialect; northern by default.

    Returns:
        A `Reading` whose findings tell a person where the choice was open: unknown acronyms and codes, dates that
        may be fractions, characters that are not said.
    """
    source = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    pieces = pieces_of(source, lexicon or Lexicon.shipped(), profile or _DEFAULT)
    spans: list[Span] = []
    findings: list[Finding] = []
    line, counted = 1, 0
    for piece in pieces:
        others = _others(piece)
        written = source[piece.start : piece.end]
        rule = piece.rule if piece.kind is not SpanKind.PUNCTUATION else "mark"
        spans.append(Span(piece.start, piece.end, written, piece.kind, piece.spoken, piece.confidence, others, rule))
        if piece.note:
            severity = Severity.NOTE if piece.note in _NOTES else Severity.WARNING
            line += source.count("\n", counted, piece.start)
            counted = piece.start
            place = Place(line=line)
            facts = {
                "written": written,
                "spoken": piece.spoken,
                "start": piece.start,
                "end": piece.end,
                "alternatives": others,
            }
            findings.append(Finding(piece.note, severity, place, facts))
    return Reading(source, tuple(spans), sentences_of(source, pieces), tuple(findings))


def read_line(text: str, *, lexicon: Lexicon | None = None, profile: Profile | None = None) -> str:
    """The spoken form of one written line, in one line; line ends inside the text become spaces."""
    source = unicodedata.normalize("NFC", text) if not unicodedata.is_normalized("NFC", text) else text
    return said_line(pieces_of(" ".join(source.split()), lexicon or Lexicon.shipped(), profile or _DEFAULT))


def _others(piece: Piece) -> tuple[str, ...]:
    if not piece.others:
        return ()
    said = {piece.spoken: None}
    for other in sorted(piece.others, key=lambda candidate: -candidate.weight):
        if other.end == piece.end:
            said.setdefault(other.say())
    return tuple(said)[1:]
