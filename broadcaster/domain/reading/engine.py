"""One pass over a text: at every token the recognisers offer candidates, the heaviest is said."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from broadcaster.domain.reading.lexicon import Lexicon
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.offers import digit_offers, sign_offers, word_offers
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.profile import Profile
from broadcaster.domain.reading.scene import HIDDEN, LETTER, LETTERS, Candidate, Scene
from broadcaster.domain.reading.words import SMALL_ROMANS

_TOKEN = Pattern(
    r"(?P<space>[\s\u00a0]+)"
    rf"|(?P<word>{LETTER}(?:{LETTER}|{HIDDEN}(?=[^\W_]|[\u0300-\u036f]))*[\u0300-\u036f]*)"
    r"|(?P<digit>[0-9])"
    r"|(?P<mark>[,.;:?!…]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_SPACE, _WORD, _DIGIT, _MARK = 1, 2, 3, 4
# Letters of the Latin blocks, combining marks, spaces and the marks that a voice needs; everything else is looked at.
_ODD = Pattern(f"[^{LETTERS}\u0300-\u036f\\s,.?!]")
_CAPITALS = Pattern("[A-ZĐ]{2}")
_INVISIBLE = Pattern("[\u00ad\u200b-\u200d\u2060\ufeff]")
_BULLET_AHEAD = Pattern(r"[-–—+*•▪●○►➢✓■]|\(?(?:\d{1,2}|[a-zđA-ZĐ]|[IVX]{1,5})(?:[.)/](?:\s|$)|\.\d)|[IVX]{1,5}\s?[-–]")

_TITLE_AFTER = frozenset("@./&-_")


class Piece(NamedTuple):
    """A stretch of the source and what is said for it. A mark carries its written form in `rule`."""

    start: int
    end: int
    kind: SpanKind
    spoken: str
    rule: str
    confidence: float
    note: str
    others: tuple[Candidate, ...]


def pieces_of(text: str, lexicon: Lexicon, profile: Profile) -> list[Piece]:
    """The pieces of an NFC text, in order, tiling it."""
    scene = Scene(text, lexicon, profile)
    pieces: list[Piece] = []
    length = len(text)
    position = plain = 0
    match_token = _TOKEN.match
    trail = scene.trail
    special = _special_words(lexicon)
    while position < length:
        token = match_token(text, position)
        if token is None:  # pragma: no cover - the last alternative takes any character
            break
        kind = token.lastindex
        end = token.end()
        if kind == _SPACE:
            if "\n" in token[0]:
                _flush(scene, pieces, text, plain, position)
                _newline(scene, pieces, position, end)
                position = plain = end
                continue
            position = end
            continue
        opening = not trail or trail[-1] == "¶" or trail[-1] == "\0bullet"
        if kind == _WORD:
            written = token[0]
            lowered = written.lower()
            following = text[end] if end < length else " "
            if (
                len(written) > 1
                and (lowered == written or written[1:] == lowered[1:])
                and lowered not in special
                and following not in _TITLE_AFTER
                and not following.isdecimal()
                and not (written.isascii() and not _voiced(lowered))
                and not (opening and following == ")" and len(written) < 5)
            ):
                scene.remember(lowered)
                position = end
                continue
            candidates = word_offers(scene, position, end, following, opening=opening)
            if not candidates:
                scene.remember(lowered)
                position = end
                continue
        elif kind == _DIGIT:
            candidates = digit_offers(scene, position, opening=opening)
        elif kind == _MARK:
            _flush(scene, pieces, text, plain, position)
            position = plain = _mark(scene, pieces, position, end)
            continue
        else:
            candidates = sign_offers(scene, position, opening=opening)
        _flush(scene, pieces, text, plain, position)
        position = plain = _choose(scene, pieces, position, candidates)
    _flush(scene, pieces, text, plain, length)
    return pieces


def _choose(scene: Scene, pieces: list[Piece], start: int, candidates: list[Candidate]) -> int:
    """Say the heaviest candidate; where it ends."""
    best = max(candidates, key=_weight)
    said = best.say()
    note, confidence = best.note, best.confidence
    if _ODD.search(said):
        said, lost = _cleared(said, scene)
        if lost:
            note, confidence = note or "reading.symbol_dropped", min(confidence, 0.5)
    if _CAPITALS.search(said):
        # A recogniser took letters along that it does not know: no voice shall guess at them, and a person is told.
        said, note, confidence = said.lower(), note or "reading.unknown_acronym", min(confidence, 0.4)
    others = tuple(other for other in candidates if other is not best) if len(candidates) > 1 else ()
    pieces.append(Piece(start, best.end, best.kind, said, best.rule, confidence, note, others))
    if said:
        scene.said = said
    if best.kind in _SPOKEN_KINDS:
        for word in said.lower().split():
            scene.remember(word)
    elif best.kind is SpanKind.PUNCTUATION:
        scene.remember(scene.text[start])
    elif best.kind is SpanKind.BULLET:
        scene.remember("\0bullet")
    elif said:
        scene.remember("\0" + best.rule)
    return best.end


_SPOKEN_KINDS = frozenset((SpanKind.ACRONYM, SpanKind.TITLE, SpanKind.FOREIGN, SpanKind.TEXT, SpanKind.UNKNOWN))
_VOWELS = frozenset("aeiouy")


def _weight(candidate: Candidate) -> tuple[int, int]:
    return candidate.weight, candidate.end


def _voiced(word: str) -> bool:
    return not _VOWELS.isdisjoint(word)


_specials: dict[int, tuple[Lexicon, frozenset[str]]] = {}


def _special_words(lexicon: Lexicon) -> frozenset[str]:
    """Lower-case words that are not read as written; found once a lexicon."""
    known = _specials.get(id(lexicon))
    if known is None or known[0] is not lexicon:
        if len(_specials) > 8:
            _specials.clear()
        known = _specials[id(lexicon)] = (lexicon, lexicon.first_words() | SMALL_ROMANS)
    return known[1]


def _cleared(said: str, scene: Scene) -> tuple[str, bool]:
    """What a voice can say of a string; True when something that means something had to go.

    The net under the grammar: whatever a recogniser lets through, no figure and no sign reaches a voice unsaid.
    """
    kept: list[str] = []
    lost = False
    for char in said:
        if not _ODD.match(char):
            kept.append(char)
            continue
        # A letter of another script is a sign that no Vietnamese voice can say, though some count as numbers too.
        value = -1.0 if char.isalpha() else unicodedata.numeric(char, -1.0)
        if value >= 0 and value == int(value):
            kept.append(f" {scene.numbers.cardinal(int(value))} ")
        elif not _INVISIBLE.match(char):
            kept.append(" ")
            lost = lost or unicodedata.category(char)[0] != "Z"
    return "".join(kept), lost


def _flush(scene: Scene, pieces: list[Piece], text: str, start: int, end: int) -> None:
    if start < end:
        source = text[start:end]
        if _ODD.search(source):
            spoken, lost = _cleared(source, scene)
            note = "reading.symbol_dropped" if lost else ""
            pieces.append(Piece(start, end, SpanKind.TEXT, spoken, "plain", 0.5 if lost else 1.0, note, ()))
        else:
            pieces.append(Piece(start, end, SpanKind.TEXT, source, "plain", 1.0, "", ()))


_BREAKING = ".?!…"


def _mark(scene: Scene, pieces: list[Piece], start: int, end: int) -> int:
    """One run of punctuation as one piece: a mark that is heard as a pause."""
    text = scene.text
    written = text[start:end]
    following = text[end : end + 1]
    after = text[end : end + 8].lstrip(' \u00a0"”’)»]')[:1]
    if any(char in _BREAKING for char in written):
        mark = "?" if "?" in written else "!" if "!" in written else "."
        initial = text[start - 1 : start].isupper() and not text[max(0, start - 2) : start - 1].isalpha()
        if (mark == "." and "," in written) or (mark == "." and initial and following == " " and not after.isupper()):
            mark = "," if after else "."  # "cháu Lê Minh K., 5 tuổi", "anh Trần Văn T. (thôn 2)"
        elif mark == "." and after and after.islower() and after.isalpha():
            # "v.v. nhằm", "... để": the sentence goes on.
            mark = ","
        elif mark == "." and following and not following.isspace() and after.isalnum() and after == following:
            mark = "." if following.isupper() and text[start - 1 : start].islower() else ","
    else:
        mark = ","
    rule = "…" if "…" in written or ".." in written else written[0]
    spoken = mark
    if written == ":" and scene.back() == "số" and following.strip()[:1] in "0123456789":
        spoken = ""  # "Số: 07/KH-UBND" is one phrase
    elif written == ":" and following.isspace() and text[start - 1 : start].isspace() and after.isdecimal():
        spoken = "chia"
    pieces.append(Piece(start, end, SpanKind.PUNCTUATION, spoken, rule, 1.0, "", ()))
    scene.remember(mark if mark != "," else written[0])
    return end


_LEADS_TO_NUMBER = cues("năm ngày tháng số điều khoản thôn từ đến lúc quý gồm có khoảng hơn trên dưới")


def _newline(scene: Scene, pieces: list[Piece], start: int, end: int) -> None:
    """A line end: the paragraph's end, or only the edge of the typist's page."""
    text = scene.text
    last = text[start - 1] if start else "\n"
    line_start = text.rfind("\n", max(0, start - 400), start) + 1
    ahead = text[end : end + 24]
    led = bool(ahead) and ahead[0].isdecimal() and scene.back() in _LEADS_TO_NUMBER
    wrapped = led or (
        bool(ahead)
        and last not in ".;:!?…"
        and not _BULLET_AHEAD.match(ahead)
        and (ahead[0].islower() or (start - line_start >= 60 and not text[line_start:start].isupper()))
    )
    if wrapped:
        pieces.append(Piece(start, end, SpanKind.TEXT, " ", "line.wrapped", 1.0, "", ()))
        return
    pieces.append(Piece(start, end, SpanKind.PUNCTUATION, ".", "¶", 1.0, "", ()))
    scene.remember("¶")


def said_line(pieces: Iterable[Piece]) -> str:
    """All pieces in one line."""
    return join_spoken(piece.spoken for piece in pieces)


_WORDS = Pattern(r"[^\s,.?!]+|[,.?!]")
_STRENGTH = {",": 0, ".": 1, "!": 2, "?": 3}


def join_spoken(parts: Iterable[str]) -> str:
    """Spoken parts with single spaces, marks close to the word before them, the strongest of several kept."""
    out: list[str] = []
    pending = ""
    for word in _WORDS.findall(" ".join(parts)):
        strength = _STRENGTH.get(word)
        if strength is not None:
            if out and (not pending or strength > _STRENGTH[pending]):
                pending = word
            continue
        if pending:
            out[-1] += pending
            pending = ""
        out.append(word)
    if out and pending != ",":
        out[-1] += pending
    return " ".join(out)
