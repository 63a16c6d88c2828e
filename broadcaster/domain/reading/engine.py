"""One pass over a text: at every token the recognisers offer candidates, the heaviest is said."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from broadcaster.domain.reading import (
    clock,
    dates,
    documents,
    measures,
    phones,
    places,
    quantities,
    symbols,
    web,
    words,
)
from broadcaster.domain.reading.lexicon import Lexicon
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.profile import Profile
from broadcaster.domain.reading.scene import Candidate, Recogniser, Scene

_TOKEN = re.compile(
    r"(?P<space>[\s\u00a0]+)"
    r"|(?P<word>[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff](?=[^\W_]|[\u0300-\u036f]))*[\u0300-\u036f]*)"
    r"|(?P<digit>[0-9])"
    r"|(?P<mark>[,.;:?!…]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_SPACE, _WORD, _DIGIT, _MARK = 1, 2, 3, 4
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_BULLET_AHEAD = re.compile(
    r"[-–—+*•▪●○►➢✓■]|\(?(?:\d{1,2}|[a-zđA-ZĐ]|[IVX]{1,5})(?:[.)/](?:\s|$)|\.\d)|[IVX]{1,5}\s?[-–]"
)

# Which recognisers are worth asking, by the first character that is not a digit after a run of digits.
_NUMERIC: dict[str, tuple[Recogniser, ...]] = {
    "/": (
        documents.document, documents.short_citation, dates.full_date, dates.date_span, dates.months, dates.day_month,
        dates.month_year, dates.part_year, clock.around_the_clock, quantities.fraction, places.house, measures.quantity,
    ),
    ".": (
        dates.full_date, dates.day_month, dates.month_year, phones.phone, phones.service, phones.hotline,
        phones.cued_number, phones.identity, measures.pointed, measures.range_of, measures.dimension, places.plate,
        places.label, dates.weekday, dates.day_number, measures.quantity,
    ),
    "-": (
        documents.document, dates.full_date, dates.iso_date, dates.date_span, dates.months, dates.years, dates.weekday,
        dates.day_number, dates.day_month, clock.clock_range, quantities.score, measures.range_of, phones.phone,
        phones.service, phones.hotline, phones.identity, places.plate, measures.quantity,
    ),
    ":": (
        clock.clock_range, clock.clock, documents.standard, quantities.score, dates.day_number, dates.weekday,
        phones.hotline, measures.quantity,
    ),
    ",": (
        measures.range_of, measures.dimension, dates.weekday, dates.day_number, phones.phone, phones.hotline,
        phones.cued_number, phones.identity, measures.quantity,
    ),
    " ": (
        documents.document, dates.full_date, dates.date_span, dates.months, dates.day_month, dates.month_year, dates.years,
        dates.weekday, dates.day_number, clock.clock_range, clock.clock, phones.phone, phones.service, phones.hotline,
        phones.cued_number, phones.identity, quantities.spaced, quantities.score, measures.range_of, quantities.fraction,
        measures.dimension, places.plate, measures.quantity,
    ),
    "": (
        dates.weekday, dates.day_number, phones.phone, phones.service, phones.hotline, phones.cued_number,
        phones.identity, measures.quantity,
    ),
    "x": (measures.dimension, measures.quantity, places.label),
    "h": (clock.clock_range, clock.around_the_clock, clock.clock, measures.range_of, measures.quantity, places.label),
    "a": (
        documents.document, clock.minutes, measures.range_of, measures.dimension, measures.pointed, places.house,
        places.plate, places.label, web.url, measures.quantity,
    ),
    "%": (measures.range_of, measures.quantity),
}  # fmt: skip
_KIND_OF_NEXT: dict[str, str] = {
    "–": "-", "—": "-", "‑": "-", "−": "-", "÷": "-", "\u00a0": " ", "\u202f": " ", "h": "h", "H": "h", "g": "h", "G": "h",
    "x": "x", "X": "x", "×": "x", "'": "a", "’": "a", "′": "a", "+": "-", ";": "", ")": "", "!": "", "?": "",
    "‰": "%", "°": "%", "º": "%",
}  # fmt: skip
_TITLE_AFTER = frozenset("@./&-_")


class Piece(NamedTuple):
    """A stretch of the source and what is said for it. Marks (`kind` PUNCTUATION) carry their written form in `rule`."""

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
                _flush(pieces, text, plain, position)
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
                and not following.isdigit()
                and not (written.isascii() and not _voiced(lowered))
                and not (opening and following in ")" and len(written) < 5)
            ):
                scene.remember(lowered)
                position = end
                continue
            candidates = _word_candidates(scene, position, end, following, opening=opening)
            if not candidates:
                scene.remember(lowered)
                position = end
                continue
        elif kind == _DIGIT:
            candidates = _digit_candidates(scene, position, opening=opening)
        elif kind == _MARK:
            _flush(pieces, text, plain, position)
            position = plain = _mark(scene, pieces, position, end)
            continue
        else:
            candidates = _sign_candidates(scene, position, opening=opening)
        best = max(candidates, key=_weight)
        _flush(pieces, text, plain, position)
        said = best.say()
        others = tuple(other for other in candidates if other is not best) if len(candidates) > 1 else ()
        pieces.append(Piece(position, best.end, best.kind, said, best.rule, best.confidence, best.note, others))
        if best.kind in _SPOKEN_KINDS:
            for word in said.lower().split():
                scene.remember(word)
        elif best.kind is SpanKind.PUNCTUATION:
            scene.remember(text[position])
        elif best.kind is SpanKind.BULLET:
            scene.remember("\0bullet")
        elif said:
            scene.remember("\0" + best.rule)
        position = plain = best.end
    _flush(pieces, text, plain, length)
    return pieces


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
        known = _specials[id(lexicon)] = (lexicon, lexicon.first_words())
    return known[1]


def _word_candidates(scene: Scene, start: int, end: int, following: str, *, opening: bool) -> list[Candidate]:
    offers: list[Candidate | None] = []
    if opening:
        offers.append(symbols.bullet(scene, start))
    if following in "@.:-_" or following.isdigit():
        offers += (web.email(scene, start), web.url(scene, start))
    if following == ":" and scene.text[end : end + 3] != "://":
        offers = offers[:-2] if len(offers) >= 2 else offers
    offers += (
        places.road(scene, start),
        places.kilometre_post(scene, start),
        words.phrase(scene, start),
        words.abbreviation(scene, start),
        words.joined(scene, start),
        documents.bare_code(scene, start),
        words.roman(scene, start),
        words.acronym(scene, start),
    )
    if following.isdigit() or following in ".-":
        offers.append(places.label(scene, start))
    found = [offer for offer in offers if offer is not None]
    if not found:
        last = words.capitals(scene, start)
        return [last] if last else []
    return found


def _digit_candidates(scene: Scene, start: int, *, opening: bool) -> list[Candidate]:
    text = scene.text
    end = start + 1
    length = len(text)
    while end < length and "0" <= text[end] <= "9":
        end += 1
        if end - start > 18:
            break
    if end - start > 15:
        long = quantities.long_digits(scene, start)
        if long:
            return [long]
    following = text[end] if end < length else ""
    key = _KIND_OF_NEXT.get(following)
    if key is None:
        key = following if following in _NUMERIC else "a" if following.isalpha() or following == "_" else ""
    found = [offer for offer in (ask(scene, start) for ask in _NUMERIC[key]) if offer is not None]
    if opening:
        first = symbols.bullet(scene, start)
        if first:
            found.append(first)
    if following.isalpha() and "@" in text[end : end + 40]:
        mail = web.email(scene, start)
        if mail:
            found.append(mail)
    if key in ("h", "x") and not found:
        found = [offer for offer in (ask(scene, start) for ask in _NUMERIC["a"]) if offer is not None]
    if not found:
        digits = text[start:end]
        found = [
            Candidate(
                5,
                end,
                SpanKind.NUMBER,
                lambda: scene.numbers.cardinal(int(digits)) if digits[0] != "0" else scene.numbers.digits(digits),
                "number.rest",
                0.5,
                "reading.number_guess",
            )
        ]
    return found


def _sign_candidates(scene: Scene, start: int, *, opening: bool) -> list[Candidate]:
    char = scene.text[start]
    offers: list[Candidate | None] = []
    if opening:
        offers.append(symbols.bullet(scene, start))
    if char == "(":
        offers.append(phones.area(scene, start))
    elif char == "+":
        offers.append(phones.abroad(scene, start))
    elif char in "@#":
        offers.append(web.handle(scene, start))
    offers.append(symbols.sign(scene, start))
    return [offer for offer in offers if offer is not None]


def _flush(pieces: list[Piece], text: str, start: int, end: int) -> None:
    if start < end:
        source = text[start:end]
        spoken = _INVISIBLE.sub("", source) if not source.isascii() and _INVISIBLE.search(source) else source
        pieces.append(Piece(start, end, SpanKind.TEXT, spoken, "plain", 1.0, "", ()))


_BREAKING = ".?!…"


def _mark(scene: Scene, pieces: list[Piece], start: int, end: int) -> int:
    """One run of punctuation as one piece: a mark that is heard as a pause."""
    text = scene.text
    written = text[start:end]
    following = text[end : end + 1]
    after = text[end : end + 8].lstrip(' \u00a0"”’)»]')[:1]
    if any(char in _BREAKING for char in written):
        mark = "?" if "?" in written else "!" if "!" in written else "."
        if mark == "." and after and after.islower() and after.isalpha():
            # "v.v. nhằm", "... để": the sentence goes on.
            mark = ","
        elif mark == "." and following and not following.isspace() and after.isalnum() and after == following:
            mark = "." if following.isupper() and text[start - 1 : start].islower() else ","
    else:
        mark = ","
    rule = "…" if "…" in written or ".." in written else written[0]
    spoken = mark
    pieces.append(Piece(start, end, SpanKind.PUNCTUATION, spoken, rule, 1.0, "", ()))
    scene.remember(mark if mark != "," else written[0])
    return end


def _newline(scene: Scene, pieces: list[Piece], start: int, end: int) -> None:
    """A line end: the paragraph's end, or only the edge of the typist's page."""
    text = scene.text
    last = text[start - 1] if start else "\n"
    line_start = text.rfind("\n", max(0, start - 400), start) + 1
    ahead = text[end : end + 24]
    wrapped = (
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


_WORDS = re.compile(r"[^\s,.?!]+|[,.?!]")
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
    if out and pending:
        out[-1] += pending
    return " ".join(out)
