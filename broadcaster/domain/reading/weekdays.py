"""Days of the week: the number after "thứ", and T2 to T7 in a timetable."""

import re

from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.scene import DASH, GAP, Candidate, Scene

_WEEKDAY_RANGE = Pattern(rf"([2-7]){GAP}{DASH}{GAP}(?:thứ )?([2-7])(?![\d/\w])")
_PLACE = Pattern(r"\d{1,4}(?![\d/\w])")
_WEEKDAYS = Pattern(r"([2-8])((?:\s?[,;/]\s?[2-8](?!\d)){0,5}(?:\s(?:và|hoặc)\s(?:thứ )?[2-8](?!\d))?)(?![\d/\w])")
_SHORT_WEEKDAY = Pattern(r"T([2-7])(?![\w/]|[.,]\d)")
_LISTED = Pattern(r"T([2-7]),\s?([2-7](?:,\s?[2-7]){0,4})(?![\w/]|[.,]\d)")
_SHORT_MONTH = Pattern(r"T\.?\s?(0?[1-9]|1[0-2])/([12]\d{3})(?![\d/])")
_QUARTER = Pattern(r"Q\.?([1-4])/((?:19|20)\d\d)(?![\d/])")
_TERM = Pattern(r"HK\s?([12])(?![\w/])")
_ELAPSED = Pattern(r"(0?[1-9]|1[0-2])[Tt]h?/((?:19|20)\d\d)(?![\d/])")
_MORE_WEEKDAYS = Pattern(r"\s?(?:[-–,;]|đến|và|hoặc)\s?(?:T[2-7]|CN)(?!\w)|:\s")
_LESSONS = cues("lịch học phát thu gom nghỉ")
_TIMETABLE = cues("cả hết đến từ sáng chiều tối vào các hằng")


def weekday(scene: Scene, start: int) -> Candidate | None:
    """The number after "thứ": thứ 2, thứ 2, 4, 6, thứ 2-6, thứ 1."""
    if scene.back() != "thứ":
        return None
    match = _WEEKDAY_RANGE.match(scene.text, start)
    if match:
        first, last = int(match[1]), int(match[2])
        return Candidate(
            88,
            match.end(),
            SpanKind.DATE,
            lambda: f"{scene.numbers.ordinal(first)} đến thứ {scene.numbers.ordinal(last)}",
            "date.weekdays",
        )
    match = _WEEKDAYS.match(scene.text, start)
    if match and match[2]:
        listed = match[0]

        def say() -> str:
            said = re.sub(r"\d", lambda digit: scene.numbers.ordinal(int(digit[0])), listed)
            return said.replace(";", ",").replace("/", ", ")

        return Candidate(87, match.end(), SpanKind.DATE, say, "date.weekdays")
    match = _PLACE.match(scene.text, start)
    if not match:
        return None
    number = int(match[0])
    return Candidate(82, match.end(), SpanKind.ORDINAL, lambda: scene.numbers.ordinal(number), "number.ordinal")


def months_elapsed(scene: Scene, start: int) -> Candidate | None:
    """9T/2026: the first nine months of a year, as tables of figures write it."""
    match = _ELAPSED.match(scene.text, start)
    if not match:
        return None
    count, year = int(match[1]), int(match[2])
    first = " đầu" if count < 12 else ""  # "chín tháng năm 2026" would be heard as a day
    return Candidate(
        77,
        match.end(),
        SpanKind.DATE,
        lambda: f"{scene.numbers.cardinal(count)} tháng{first} năm {scene.numbers.cardinal(year)}",
        "date.months_elapsed",
    )


def short_term(scene: Scene, start: int) -> Candidate | None:
    """Q1/2027: a quarter; HK2: a term."""
    match = _QUARTER.match(scene.text, start)
    if match:
        said = f"quý {scene.numbers.cardinal(int(match[1]))} năm {scene.numbers.cardinal(int(match[2]))}"
        return Candidate(90, match.end(), SpanKind.DATE, lambda: said, "date.quarter")
    match = _TERM.match(scene.text, start)
    if not match:
        return None
    term = f"học kỳ {scene.numbers.cardinal(int(match[1]))}"
    return Candidate(90, match.end(), SpanKind.DATE, lambda: term, "date.term", 0.9)


def short_weekday(scene: Scene, start: int) -> Candidate | None:
    """T2-T6, T7, CN: weekdays in a timetable; T3/2024: a month."""
    month = _SHORT_MONTH.match(scene.text, start)
    if month:
        return Candidate(
            90,
            month.end(),
            SpanKind.DATE,
            lambda: f"tháng {scene.numbers.month(int(month[1]))} năm {scene.numbers.cardinal(int(month[2]))}",
            "date.month_year",
        )
    listed = _LISTED.match(scene.text, start)
    if listed and (scene.back() in _TIMETABLE or scene.near(_LESSONS, 5)):
        days = [listed[1], *re.findall(r"\d", listed[2])]
        return Candidate(
            79,
            listed.end(),
            SpanKind.DATE,
            lambda: ", ".join(f"thứ {scene.numbers.ordinal(int(day))}" for day in days),
            "date.weekday",
            0.9,
        )
    match = _SHORT_WEEKDAY.match(scene.text, start)
    if not match or not (
        scene.back() in _TIMETABLE
        or scene.back().startswith("\0time.clock")
        or scene.back(2).startswith("\0date.weekday")
        or _MORE_WEEKDAYS.match(scene.text, match.end())
    ):
        return None
    return Candidate(
        76, match.end(), SpanKind.DATE, lambda: f"thứ {scene.numbers.ordinal(int(match[1]))}", "date.weekday", 0.8
    )
