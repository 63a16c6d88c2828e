"""Numbers and what they measure: cardinals, decimals, ranges, percent, units, money, dimensions."""

from broadcaster.domain.reading.letters import spell
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.scene import DASH, GAP, LETTER, Candidate, Scene
from broadcaster.domain.reading.syllables import is_syllable, is_voiced
from broadcaster.domain.reading.units import MONEY, say_unit, unit_at

_NUMBER = Pattern(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,6})?|\d{1,3}(?:,\d{3}){2,}|\d+(?:,\d{1,9})?")
_TO = Pattern(rf"{GAP}(?:{DASH}|÷){GAP}(<?){GAP}(?=\d)")
_FIGURE_NEXT = Pattern(r"[ \u00a0]\d")
_OF_SCHOOL = frozenset(("điểm",))
_MARKS = cues("chuẩn trung bình")
"""What marks at school are called: 8.0 is a decimal there."""
_MORE = Pattern(rf"[\d/]|{GAP}{DASH}{GAP}\d")
_TIMES = Pattern(rf"{GAP}[x×X]{GAP}(?=\d)")
_OUTLINE = Pattern(r"\d{1,3}(?:\.\d{1,2}){1,4}(?![\d\w]|\.\d)")
_OUTLINE_CUES = cues("mục bảng hình điểm phần khoản điều biểu bản chương phụ lục tiểu chí số")
_COMPOUND = Pattern(r"(\d{1,3})(m|tr|kg|km|l)(\d{1,3})(?![\d\w]|[.,/]\d)")
_POINTED = Pattern(r"(\d{1,6})\.(\d{1,2})(?![\d.])")
_SCALE = Pattern(rf"{GAP}(triệu|tỷ|tỉ|nghìn|ngàn|điểm|lần)(?!\w)")
_PER = Pattern(rf"/\s?(\d{{1,5}}\s)?({LETTER}+(?:\s?/\s?{LETTER}+)*)(?![^\W\d_])")
_COMMA_THOUSAND = Pattern(r"\d{1,3},\d{3}")
_COUNTED_WHOLE = cues("đồng người hộ lượt cây con suất phiếu bản cuốn")
_ONE_CAPITAL = frozenset(("A", "V", "W", "L", "K", "T", "Đ", "m", "l"))
_NAMED_BY_LETTER = cues("lớp số nhà ngõ ngách hẻm tổ lô khối nhóm bảng thôn khu mẫu điều khoản")
_NAMED_BY_SMALL = cues("lớp điều khoản điểm số mẫu")
_ELECTRIC = cues("dòng áp suất điện cường")


def say_number(scene: Scene, written: str) -> str:
    """A cardinal or decimal as written: 2.846, 99,1, 02, 1,000,000."""
    if written.count(",") > 1:
        written = written.replace(",", ".")
    whole, _, fraction = written.partition(",")
    whole = whole.replace(".", "")
    if not fraction and len(whole) > 2 and whole[0] == "0":
        return scene.numbers.digits(whole)
    if len(whole) > 18:
        return scene.numbers.digits(whole)
    return scene.numbers.decimal(whole, fraction)


def say_word(scene: Scene, word: str) -> str:
    """One word by itself behind a stroke: a unit, a lexicon entry, a word, or letters."""
    said = say_unit(word) if len(word) > 1 or word.islower() else ""
    entries = () if said else scene.lexicon.exact(word) or scene.lexicon.folded(word.lower())
    if entries:
        return entries[0].said
    if said or is_syllable(word.lower()) or (len(word) > 3 and not word.isupper() and is_voiced(word)):
        return said or word
    return spell(word) or word


def quantity(scene: Scene, start: int) -> Candidate | None:
    """A number with or without a unit: 2.846, 99,1%, 38°C, 20ml, 500.000đ, 2.000 đồng/trang."""
    measured = _measured(scene, start)
    if not measured:
        return None
    written, unit, end = measured
    following = _per(scene, end, unit) if not unit or unit in MONEY else None
    if following:
        per_end, per = following
        return Candidate(
            52,
            per_end,
            SpanKind.MONEY if unit else SpanKind.UNIT,
            lambda: f"{_with_unit(scene, written, unit)} {per}",
            "money.per" if unit else "unit.per",
        )
    note = ""
    if not unit and scene.after("báo động") and _FIGURE_NEXT.match(scene.text, end):
        return Candidate(
            53, end, SpanKind.NUMBER, lambda: say_number(scene, written) + ",", "number.level"
        )  # "báo động 3 0,75m"
    if not unit:
        kind, rule = SpanKind.NUMBER, "number.cardinal"
        if _COMMA_THOUSAND.fullmatch(written) and scene.next_word(end).lower() in _COUNTED_WHOLE:
            # "1,500 người": a clerk's comma for thousands; people are not counted in fractions.
            note = "reading.comma_thousand"
            written = written.replace(",", "")
    else:
        kind, rule = _kind(unit)
    return Candidate(50, end, kind, lambda: _with_unit(scene, written, unit), rule, 0.7 if note else 1.0, note)


def unit_word(scene: Scene, start: int) -> Candidate | None:
    """A unit without a number: m2, km/h, kg/ha."""
    unit, end = unit_at(scene.text, start)
    if len(unit) < 2 or unit.isalpha() or scene.text[end : end + 1].isalnum():
        return None
    return Candidate(71, end, SpanKind.UNIT, lambda: say_unit(unit), "unit.word", 0.9)


def pointed(scene: Scene, start: int) -> Candidate | None:
    """An English decimal point before a unit: 12.5%, 3.5 triệu."""
    match = _POINTED.match(scene.text, start)
    if not match:
        return _dotted(scene, start)
    unit, end = unit_at(scene.text, match.end())
    scale = None if unit else _SCALE.match(scene.text, end)
    marked = scene.near(_MARKS, 6) and scene.near(_OF_SCHOOL, 7) and scene.back() != "điểm"
    if not unit and not scale and not marked and scene.back() not in ("em", "số", "sóng", "tần", "=", "hệ", "ph"):
        return _dotted(scene, start)
    said_unit = say_unit(unit) if unit else scale[1] if scale else ""
    return Candidate(
        60,
        scale.end() if scale else end,
        SpanKind.UNIT,
        lambda: scene.numbers.decimal(match[1], match[2]) + (f" {said_unit}" if said_unit else ""),
        "number.point",
        0.8,
    )


def _dotted(scene: Scene, start: int) -> Candidate | None:
    """1.2, 2.3.1: a number in an outline, said with "chấm"; a person is told when no word says so."""
    match = _OUTLINE.match(scene.text, start)
    if not match:
        return None
    cued = scene.back() in _OUTLINE_CUES or scene.after("phiên bản")
    return Candidate(
        59 if cued else 51,
        match.end(),
        SpanKind.NUMBER,
        lambda: " chấm ".join(scene.numbers.cardinal(int(part)) for part in match[0].split(".")),
        "number.outline",
        1.0 if cued else 0.6,
        "" if cued else "reading.dotted_number",
    )


def compound(scene: Scene, start: int) -> Candidate | None:
    """1m65 (một mét sáu mươi lăm), 3tr5 (ba triệu năm): a unit between its whole and its part."""
    match = _COMPOUND.match(scene.text, start)
    if not match or (match[2] in ("m", "km") and match[3] in ("2", "3")):
        return None
    return Candidate(
        68,
        match.end(),
        SpanKind.UNIT,
        lambda: f"{say_number(scene, match[1])} {say_unit(match[2])} {scene.numbers.cardinal(int(match[3]))}",
        "unit.compound",
        0.9,
    )


def range_of(scene: Scene, start: int) -> Candidate | None:
    """3-5 ngày, 150-200 mm, 50%-60%, 200.000đ-300.000đ, 0,8 - 1,2%."""
    first = _measured(scene, start, strict=False)
    between = _TO.match(scene.text, first[2]) if first else None
    last = _measured(scene, between.end()) if between else None
    if not first or not last or (_MORE.match(scene.text, last[2]) and not _per(scene, last[2], last[1])):
        return None
    end, per = last[2], ""
    if first[0][0] == "0" and len(first[0]) > 3 and first[0].isdecimal():
        return None
    following = _per(scene, end, last[1]) if not last[1] or last[1] in MONEY else None
    if following:
        end, per = following[0], " " + following[1]
    # "20kg-25kg/sào" says its unit once.
    lead = "" if first[1] == last[1] or last[1].startswith(first[1] + "/") else first[1]
    link = "đến dưới" if between and between[1] else "đến"
    if first[1] == "°N" and last[1] == "°E":
        link = ","  # a place, not a range
    if scene.back() == "lớp" and not last[1] and first[0].isdecimal() and scene.next_word(end) != "tuổi":
        link = "đến lớp"  # "lớp một đến năm" would be heard as a year
    kind = SpanKind.PERCENT if last[1] in ("%", "‰") else SpanKind.RANGE
    return Candidate(
        62,
        end,
        kind,
        lambda: f"{_with_unit(scene, first[0], lead)} {link} {_with_unit(scene, last[0], last[1])}{per}",
        "range",
    )


def dimension(scene: Scene, start: int) -> Candidate | None:
    """3x4m, 20 x 30 cm, 2 m x 3 m x 1,5 m."""
    parts: list[tuple[str, str]] = []
    position = start
    while len(parts) < 4:
        part = _measured(scene, position, strict=False)
        if not part:
            return None
        parts.append(part[:2])
        position = part[2]
        times = _TIMES.match(scene.text, position)
        if not times:
            break
        position = times.end()
    if len(parts) < 2 or scene.text[position : position + 1].isalnum():
        return None
    return Candidate(
        79,
        position,
        SpanKind.UNIT,
        lambda: " nhân ".join(_with_unit(scene, written, unit) for written, unit in parts),
        "dimension",
    )


def _measured(scene: Scene, start: int, *, strict: bool = True) -> tuple[str, str, int] | None:
    """A number and the unit behind it, if any: (written number, unit or "", end). `strict`: no letter may follow."""
    text = scene.text
    match = _NUMBER.match(text, start)
    if not match:
        return None
    unit, end = unit_at(text, match.end())
    # 9A, lớp 5 A: a name; amperes and volts stand after a measure's word.
    if (
        unit in _ONE_CAPITAL
        and (
            scene.back() in (_NAMED_BY_LETTER if unit.isupper() else _NAMED_BY_SMALL)
            or (end - match.end() == 1 and unit == "A")
        )
        and not scene.near(_ELECTRIC, 6)
    ):
        unit, end = "", match.end()
    if not unit and strict and text[end : end + 1].isalnum():
        return None
    return match[0], unit, end


def _with_unit(scene: Scene, written: str, unit: str) -> str:
    said = say_number(scene, written)
    return f"{said} {say_unit(unit)}" if unit else said


def _kind(unit: str) -> tuple[SpanKind, str]:
    if unit[0] in "%‰":
        return SpanKind.PERCENT, "percent"
    if unit in MONEY:
        return SpanKind.MONEY, "money"
    return SpanKind.UNIT, "unit"


def _per(scene: Scene, position: int, unit: str) -> tuple[int, str] | None:
    """Per: "/trang", "/người/năm" after a number and at most one written-out unit; None when there is no stroke."""
    text = scene.text
    if position >= len(text) or text[position] != "/":
        return None
    match = _PER.match(text, position)
    if not match or text[match.end() : match.end() + 1].isalnum():
        return None
    words = [word.strip() for word in match[2].split("/")]
    said = [say_word(scene, word) for word in words]
    count = f"{scene.numbers.cardinal(int(match[1]))} " if match[1] else ""
    # "trên mười hai tháng" would be heard as more than twelve months: a price is for them.
    over = "cho" if unit else "trên"
    head = f"{over} {count}{said[0]}" if count else f"một {said[0]}"
    return match.end(), " ".join([head, *(f"một {word}" for word in said[1:])])
