"""Which recognisers to ask: by the first character, and for numbers by the character behind the digits."""

from broadcaster.domain.reading import (
    clock,
    dates,
    documents,
    explained,
    measures,
    phones,
    places,
    quantities,
    symbols,
    web,
    weekdays,
    words,
)
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.scene import Candidate, Recogniser, Scene

# Kinds of number, by the first character that is not a digit after a run of digits.
_NUMERIC: dict[str, tuple[Recogniser, ...]] = {
    "/": (
        documents.document, weekdays.weekday, documents.short_citation, places.plate, dates.full_date, dates.date_span,
        dates.months, dates.day_month,
        dates.month_year, dates.part_year, clock.around_the_clock, quantities.fraction, places.house,
        measures.quantity,
    ),
    ".": (
        documents.leading_zero, dates.full_date, dates.day_month, dates.month_year, phones.phone,
        phones.service, phones.hotline,
        phones.cued_number, phones.identity, measures.pointed, measures.compound, measures.range_of,
        measures.dimension, places.plate,
        places.label, weekdays.weekday, dates.day_number, measures.quantity,
    ),
    "-": (
        documents.document, dates.full_date, dates.month_year, dates.iso_date, dates.date_span, dates.months,
        dates.years,
        weekdays.weekday,
        dates.day_number, dates.day_month, clock.clock_range, quantities.ages, quantities.grade,
        quantities.score, measures.range_of,
        phones.phone,
        phones.service, phones.hotline, phones.identity, places.plate, measures.quantity,
    ),
    ":": (
        clock.clock_range, clock.clock, documents.standard, quantities.score, dates.day_number, weekdays.weekday,
        phones.hotline, measures.quantity,
    ),
    ",": (
        documents.leading_zero, measures.range_of, measures.dimension, weekdays.weekday, dates.day_number,
        phones.phone, phones.hotline,
        phones.cued_number, phones.identity, measures.quantity,
    ),
    " ": (
        documents.document, documents.leading_zero, dates.full_date, dates.date_span, dates.months,
        dates.day_month, dates.month_year, dates.years,
        weekdays.weekday, dates.day_number, clock.clock_range, clock.clock, phones.phone, phones.service,
        phones.hotline,
        phones.cued_number, phones.identity, quantities.spaced, quantities.score, measures.range_of,
        quantities.fraction,
        measures.dimension, places.plate, measures.quantity,
    ),
    "": (
        documents.leading_zero, weekdays.weekday, dates.day_number, phones.phone, phones.service, phones.hotline,
        phones.cued_number, phones.identity, measures.quantity,
    ),
    "x": (measures.dimension, measures.quantity, places.label, places.plate),
    "h": (clock.clock_range, clock.around_the_clock, clock.clock, measures.range_of,
        measures.quantity,
    places.label, places.plate),
    "a": (
        documents.document, clock.minutes, weekdays.months_elapsed, quantities.ages,
        measures.compound, measures.range_of, measures.dimension,
        measures.pointed, places.house,
        places.plate, places.label, web.url, measures.quantity,
    ),
    "%": (places.coordinate, measures.range_of, measures.quantity),
}  # fmt: skip
_KIND_OF_NEXT: dict[str, str] = {
    "–": "-", "—": "-", "‑": "-", "−": "-", "÷": "-", "\u00a0": " ", "\u202f": " ", "h": "h", "H": "h", "g": "h",
    "G": "h", "x": "x", "X": "x", "×": "x", "'": "a", "’": "a", "′": "a", "+": "-", ";": "", ")": "", "!": "", "?": "",
    "‰": "%", "°": "%", "º": "%",
}  # fmt: skip


def word_offers(scene: Scene, start: int, end: int, following: str, *, opening: bool) -> list[Candidate]:
    """Candidates at a word that ends at `end`, `following` behind it; none for a word that is read as written."""
    offers: list[Candidate | None] = []
    if opening:
        offers.append(symbols.bullet(scene, start))
    if following in "@.:-_" or following.isdecimal():
        offers += (web.email(scene, start), web.url(scene, start))
    if following == ":" and scene.text[end : end + 3] != "://":
        offers = offers[:-2] if len(offers) >= 2 else offers
    offers += (
        places.road(scene, start),
        weekdays.short_weekday(scene, start),
        weekdays.short_term(scene, start),
        places.kilometre_post(scene, start),
        places.room(scene, start),
        words.phrase(scene, start),
        words.abbreviation(scene, start),
        words.joined(scene, start),
        documents.bare_code(scene, start),
        documents.citation(scene, start),
        words.roman(scene, start),
        words.acronym(scene, start),
    )
    if following.isdecimal() or following in "/²³":
        offers.append(measures.unit_word(scene, start))
    if following.isdecimal() or following in ".-":
        offers += (places.label(scene, start), words.hyphened(scene, start))
    found = [offer for offer in offers if offer is not None]
    if not found:
        last = words.capitals(scene, start)
        return [last] if last else []
    return found


def digit_offers(scene: Scene, start: int, *, opening: bool) -> list[Candidate]:
    """Candidates at a digit; never none."""
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


def sign_offers(scene: Scene, start: int, *, opening: bool) -> list[Candidate]:
    """Candidates at any other character; never none."""
    char = scene.text[start]
    offers: list[Candidate | None] = []
    if opening:
        offers.append(symbols.bullet(scene, start))
    if char == "(":
        offers += (
            phones.area(scene, start),
            quantities.said_again(scene, start),
            quantities.figure_again(scene, start),
            explained.explained(scene, start),
        )
    elif char == "+":
        offers.append(phones.abroad(scene, start))
    elif char in "@#":
        offers.append(web.handle(scene, start))
    elif char in "$€£₫":
        offers.append(quantities.currency_first(scene, start))
    offers.append(symbols.sign(scene, start))
    return [offer for offer in offers if offer is not None]
