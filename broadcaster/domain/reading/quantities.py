"""Fractions, ratios, scores, and numbers set in unusual ways."""

import re

from broadcaster.domain.reading.dates import counts, is_mass
from broadcaster.domain.reading.measures import say_number
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.scene import GAP, Candidate, Scene
from broadcaster.domain.reading.units import say_unit, unit_at

_FRACTION = Pattern(rf"(\d{{1,5}}){GAP}/{GAP}(\d{{1,3}}(?:\.\d{{3}})+|\d{{1,6}})(?![\d\w/]|[.,]\d)")
_SPACED = Pattern(
    r"\d{1,3}(?:[ \u00a0]\d{3}){1,4}(?!\d|[ \u00a0]\d)(?=[ \u00a0]?(?:đồng|đ\b|VND|VNĐ|USD|người|hộ|ha|m2|m²|kg|tấn))"
    r"|[1-9]\d{0,2}(?:[ \u00a0]\d{3}){2,4}(?![\d\w/%]|[ \u00a0.,-]\d)"
)
_SCORE = Pattern(rf"(\d{{1,3}}){GAP}[-–:]{GAP}(\d{{1,3}})(?![\d\w/])")
_CURRENCY = Pattern(r"([$€£₫])\s?(\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d{1,2})?)(?![\d\w])")
_BRACKET = Pattern(r"\((?:[Bb]ằng chữ:?\s?)?([^()\n]{2,120})\)")
_FIGURES = Pattern(r"\(\s?(\d{1,3}(?:\.\d{3}){1,3}|\d{1,9})\s?\)")
_SIMPLE = frozenset(((1, 2), (1, 3), (2, 3), (1, 4), (3, 4)))
_DIVIDED = cues("ngày giờ tháng buổi năm quả viên gói sào mẫu ha lít hộp bát")
_GRADED = cues("sao điểm")
_SCHOOLING = ("học vấn", "văn hóa", "văn hoá", "trình độ", "học lực")
_GRADES = (10, 12)
_SAME = {"ngàn": "nghìn", "lẻ": "linh", "bốn": "tư", "mồng": "mùng", "bẩy": "bảy", "tỉ": "tỷ", "chẵn": ""}
_MATCH = frozenset(("thắng", "thua", "hòa", "hoà"))
_GRADE = Pattern(r"(\d{1,2})[-–](\d{1,2})[-–](\d{1,2})(?![\w-]|/\d)")
_FERTILISER = cues("phân npk ca bón lân đạm")
_HALVES = frozenset(("hiệp",))
_AGES = Pattern(rf"(\d{{1,3}})(?:{GAP}[-–]{GAP}(\d{{1,3}}))?t(?![\w/])")
_AGED = cues("nam nữ người tuổi trẻ cháu em dân công cụ nct đủ")
_LONG = Pattern(r"\d{16,}")


def long_digits(scene: Scene, start: int) -> Candidate | None:
    """More digits than any count has: one by one, in threes, and a person is told."""
    match = _LONG.match(scene.text, start)
    if not match:
        return None
    digits = match[0]
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return Candidate(
        200,
        match.end(),
        SpanKind.IDENTITY,
        lambda: scene.numbers.grouped(groups),
        "number.long",
        0.5,
        "reading.long_number",
    )


def spaced(scene: Scene, start: int) -> Candidate | None:
    """Thousands set apart by spaces, a single one only before a unit: 1 200 000 cây, 1 500 đồng."""
    match = _SPACED.match(scene.text, start)
    if not match:
        return None
    digits = re.sub(r"\D", "", match[0])
    return Candidate(61, match.end(), SpanKind.NUMBER, lambda: say_number(scene, digits), "number.spaced", 0.9)


def grade(scene: Scene, start: int) -> Candidate | None:
    """NPK 16-16-8: three figures in a row, none of them a date."""
    match = _GRADE.match(scene.text, start)
    if not match or not scene.near(_FERTILISER, 8):
        return None
    parts = [int(part) for part in match.groups()]
    return Candidate(
        95, match.end(), SpanKind.NUMBER, lambda: " ".join(map(scene.numbers.cardinal, parts)), "number.grade"
    )


def score(scene: Scene, start: int) -> Candidate | None:
    """2-1 after "tỷ số", "thắng", "thua", "hòa": no "đến"; 1:500 after "tỷ lệ"."""
    match = _SCORE.match(scene.text, start)
    if not match:
        return None
    first, last = int(match[1]), int(match[2])
    numbers = scene.numbers
    if ":" in match[0] and " " in match[0] and scene.back() in _HALVES:
        return None  # "hiệp 1: 1-1"
    if (
        scene.after("tỷ số", "tỉ số", "hòa", "hoà", "dẫn")
        or scene.near(_HALVES, 4)
        or ("\0range.score" in scene.trail[-9:] and "(" in scene.trail[-9:] and max(first, last) < 60)
        or (max(first, last) < 30 and scene.near(_MATCH, 4) and not scene.next_word(match.end()))
    ):
        return Candidate(
            80,
            match.end(),
            SpanKind.RANGE,
            lambda: f"{numbers.cardinal(first)} {numbers.cardinal(last)}",
            "range.score",
        )
    if ":" in match[0] and scene.after("tỷ lệ", "tỉ lệ"):
        return Candidate(
            96,
            match.end(),
            SpanKind.FRACTION,
            lambda: f"{numbers.cardinal(first)} trên {numbers.cardinal(last)}",
            "ratio",
        )
    return None


def ages(scene: Scene, start: int) -> Candidate | None:
    """60t, 18-35t where people are meant: a clerk's "tuổi"."""
    match = _AGES.match(scene.text, start)
    if not match or not scene.near(_AGED):
        return None
    numbers = scene.numbers

    def say() -> str:
        last = f" đến {numbers.cardinal(int(match[2]))}" if match[2] else ""
        return f"{numbers.cardinal(int(match[1]))}{last} tuổi"

    return Candidate(78, match.end(), SpanKind.UNIT, say, "unit.age", 0.8)


def fraction(scene: Scene, start: int) -> Candidate | None:
    """1/4 diện tích (một phần tư) and 10/12 thôn (mười trên mười hai)."""
    match = _FRACTION.match(scene.text, start)
    if not match:
        return None
    upper, lower = int(match[1]), int(match[2].replace(".", ""))
    following = scene.next_word(match.end()).lower()
    numbers = scene.numbers
    unit, end = unit_at(scene.text, match.end())
    if not unit:
        end = match.end()
    simple = (upper, lower) in _SIMPLE and following in _DIVIDED
    part = simple or (0 < upper < lower <= 10 and is_mass(scene, following))
    weight = 58
    if simple or scene.back() == "bậc" or following in _GRADED or (lower in _GRADES and scene.after(*_SCHOOLING)):
        weight = 86
    elif counts(scene, following) or is_mass(scene, following):
        weight = 75
    if scene.back() == "số" and not part:
        weight = 76

    def say() -> str:
        if part:
            said = f"{numbers.cardinal(upper)} phần {numbers.denominator(lower)}"
        else:
            said = f"{numbers.cardinal(upper)} trên {numbers.cardinal(lower)}"
        return f"{said} {say_unit(unit)}" if unit else said

    return Candidate(weight, end, SpanKind.FRACTION, say, "fraction", 1.0 if part or weight == 58 else 0.9)


def said_again(scene: Scene, start: int) -> Candidate | None:
    """02 (hai), 1.500.000đ (một triệu năm trăm nghìn đồng): the bracket repeats the figure and is not read."""
    if not scene.back().startswith(("\0number", "\0money", "\0code.zero", "\0identity")):
        return None
    match = _BRACKET.match(scene.text, start)
    if not match or _plain(match[1]) not in (_plain(scene.said), f"{_plain(scene.said)} đồng"):
        return None
    return Candidate(90, match.end(), SpanKind.NUMBER, str, "number.repeated", 1.0, "reading.said_once")


def figure_again(scene: Scene, start: int) -> Candidate | None:
    """năm (05) ngày, không (0): the bracket repeats the words and is not read."""
    match = _FIGURES.match(scene.text, start)
    if not match:
        return None
    words = _plain(scene.numbers.cardinal(int(match[1].replace(".", "")))).split()
    before = [_SAME.get(word, word) for word in scene.words_back(len(words))]
    if before != words:
        return None
    return Candidate(92, match.end(), SpanKind.NUMBER, str, "number.repeated", 1.0, "reading.said_once")


def _plain(words: str) -> str:
    """Words of a number in one dialect, for comparison."""
    lowered = words.lower().replace(",", " ").replace(".", " ")
    return " ".join(_SAME.get(word, word) for word in lowered.split())


def currency_first(scene: Scene, start: int) -> Candidate | None:
    """$200: the sign is written first and said last."""
    match = _CURRENCY.match(scene.text, start)
    if not match:
        return None
    return Candidate(
        70, match.end(), SpanKind.MONEY, lambda: f"{say_number(scene, match[2])} {say_unit(match[1])}", "money.sign"
    )
