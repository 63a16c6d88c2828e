"""Dates: 08/01/2024, 2/9, 01/2024, 15-20/3, 31/8 - 3/9, and day numbers beside "ngày", "thứ", "tháng"."""

import re

from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.scene import DASH, GAP, Candidate, Scene

_D = r"(0?[1-9]|[12]\d|3[01])"
_DD = r"(?:0?[1-9]|[12]\d|3[01])"
_M = r"(0?[1-9]|1[0-2])"
_Y = r"([12]\d{3})"
_END = r"(?![\d\w]|[/.,]\d)"
_FULL = Pattern(rf"{_D}{GAP}([/.-]){GAP}{_M}{GAP}\2{GAP}(?:{_Y}|(\d\d))(?![\w]|[/-][\w])")
_ISO = Pattern(rf"{_Y}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\d\w-])")
_SPAN = Pattern(rf"{_D}(?:{GAP}/{GAP}{_M})?(?:/{_Y})?{GAP}{DASH}{GAP}{_D}{GAP}/{GAP}{_M}(?:{GAP}/{GAP}{_Y})?{_END}")
_MONTHS = Pattern(rf"{_M}(?:/{_Y})?{GAP}{DASH}{GAP}{_M}/{_Y}{_END}")
_MONTH_RANGE = Pattern(rf"{_M}{GAP}{DASH}{GAP}{_M}{_END}")
_DAY_RANGE = Pattern(rf"{_D}{GAP}{DASH}{GAP}{_D}{_END}")
_DAY_MONTH = Pattern(rf"{_D}{GAP}/{GAP}{_M}(?![\d\w]|/\d|[.,]\d)")
_DAY_MONTH_TIGHT = Pattern(rf"{_D}([.-]){_M}(?![\d\w]|[/.,-]\d)")
_MONTH_YEAR = Pattern(rf"{_M}{GAP}([/.-]){GAP}{_Y}(?![\d\w]|[/-]\w)")
_PART_YEAR = Pattern(rf"(\d{{1,2}}){GAP}/{GAP}{_Y}{_END}")
_YEARS = Pattern(rf"{_Y}{GAP}{DASH}{GAP}(?:năm )?{_Y}{_END}")
_BACKWARDS = Pattern(r"(0?[2-9]|[12]\d|3[01])-(0?[1-9]|1[0-2])(?![\d\w%]|[/.,-]\d)")
_DAYS_TIGHT = Pattern(rf"((?:{_DD},){{1,5}}{_DD})(?:/{_M}(?![\d\w]|[/.,]\d)|(?=\stháng\s\d))")
_OF_NIGHT = Pattern(r"(?:\s?,|\s(và|đến|tới))?\s(?:rạng\s)?(?:ngày|sáng|đêm|chiều|tối)\s\d{1,2}(?:/\d|\stháng\s)")
_MONTH = Pattern(rf"{_M}(?![\d\w]|[/.,:]\d|{GAP}{DASH}{GAP}\d)")
_DAY = Pattern(rf"{_D}(?![\d\w]|[/.,:]\d|{GAP}{DASH}{GAP}\d)")

DAY_CUES = cues(
    "ngày hôm sáng trưa chiều tối đêm khuya mùng mồng mồn từ đến tới trước sau hết qua dịp lễ rằm nay mai kia "
    "qua nhật tư bảy hai"
    " ba năm sáu ( - – và"
)
_DAY_PARTS = cues("đêm sáng trưa chiều tối")
_NOT_DAYS = cues(
    "lớp điều khoản mục thôn xóm tổ khu số lô nhóm bảng hạng npk phân bón ca lân đạm tuổi độ trận thắng thua tỷ tỉ hiệp"
)
_BEFORE_A_DATE = ("", ".", "¶", ",", ";", "(", "ngày", "và", "mừng", "niệm")
_AFTER_A_DATE = cues("tại ở và là hằng hàng")
_NO_SCHOOLS = cues("tựu nhập khai ra tới đến thị môi hiện hội")
PLACE_CUES = cues("đường phố trường cầu chợ viên khu rạp viện")
_PLACE_NAMES = cues("trường đường phố quảng cầu sân chợ")
_COUNTED = cues(
    """thôn xã phường huyện tỉnh hộ tiêu chí chỉ phiếu đại biểu người hội trường lớp học nhà công trình dự án đơn vị chi
    bộ đảng viên cán cơ ban ngành khu tổ xóm bản ấp cụm trạm hồ sơ vụ nội dung nhóm nhiệm tổng số diện tích dân quãng
    lượng thành phần ý kiến đồng mục điểm sân sản chặng trẻ em cháu máy xe tuyến cây con km ha hồ ao chương văn bản thủ
    tục dịch vụ phòng câu bài ủy sở"""
)
_MASS = cues(
    "diện số tổng dân quãng lượng sản chặng thời chiều nhà sân khối mức thể trọng dòng quân"
    " liều viên thìa gói cốc chén suất thửa giá kinh tiền"
)
_COUNT_CUES = cues("có đạt được chiếm khoảng gần hơn với gồm bằng còn giảm tăng trên dưới thứ lệ đã hạng cho toàn quá")
_HALF = cues("khoảng gần hơn chiếm bằng quá giảm tăng mất ngập")
_DATED_EVENT = frozenset(
    ("ngày", "lễ", "dịp", "sáng", "chiều", "tối", "đêm",
     "mừng", "niệm", "viện", "khánh", "thắng", "\0date.day", "\0date.day_month")
)  # fmt: skip
# Days that every Vietnamese knows by their figures: no clerk means a fraction.
_KNOWN_DAYS = frozenset(
    ((1, 1), (9, 1), (3, 2), (27, 2), (8, 3), (26, 3), (10, 3), (30, 4), (1, 5), (7, 5), (15, 5), (19, 5), (1,
    6), (5, 6),
     (21, 6), (26, 6), (28, 6), (11, 7), (27, 7), (28, 7), (19, 8), (2, 9), (5, 9), (1, 10), (10, 10), (14,
     10), (20, 10),
     (9, 11), (18, 11), (20, 11), (23, 11), (1, 12), (19, 12), (22, 12))
)  # fmt: skip


def full_date(scene: Scene, start: int) -> Candidate | None:
    """08/01/2024 and its like with dots or dashes; a second date after a dash makes a range."""
    match = _FULL.match(scene.text, start)
    if not match:
        return None
    day, month = int(match[1]), int(match[3])
    year = int(match[4]) if match[4] else 2000 + int(match[5])
    confidence = 1.0 if match[4] else 0.7
    if match[5] and (match[2] != "/" or not scene.near(DAY_CUES, 2)):
        return None
    early = _early(scene)

    def say() -> str:
        return f"{_day_month(scene, day, month, early=early)} năm {scene.numbers.cardinal(year)}"

    return Candidate(90, match.end(), SpanKind.DATE, say, "date.full", confidence)


def iso_date(scene: Scene, start: int) -> Candidate | None:
    """2024-03-15."""
    match = _ISO.match(scene.text, start)
    if not match:
        return None
    day, month, year = int(match[3]), int(match[2]), int(match[1])

    def say() -> str:
        return f"{_day_month(scene, day, month, early=True)} năm {scene.numbers.cardinal(year)}"

    return Candidate(92, match.end(), SpanKind.DATE, say, "date.iso")


def date_span(scene: Scene, start: int) -> Candidate | None:
    """15-20/3, 15/3-20/4/2024, 31/8 - 3/9."""
    match = _SPAN.match(scene.text, start)
    if not match:
        return None
    first_day, first_month, first_year, last_day, last_month, last_year = match.groups()
    if first_month is None and (scene.back() == "tháng" or (last_year and _months(scene, start))):
        return None
    if first_year and not first_month:
        return None
    if first_month is None and not last_year and int(first_day) >= int(last_day) and not _dated(scene):
        return None
    early = _early(scene)

    def say() -> str:
        numbers = scene.numbers
        head = numbers.day(int(first_day), early=early)
        if first_month:
            head += f" tháng {numbers.month(int(first_month))}"
        if first_year:
            head += f" năm {numbers.cardinal(int(first_year))}"
        link = "đến ngày" if scene.back() == "ngày" else "đến"
        tail = _day_month(scene, int(last_day), int(last_month), early=early)
        if last_year:
            tail += f" năm {numbers.cardinal(int(last_year))}"
        return f"{head} {link} {tail}"

    weight = 91 if first_month or _dated(scene) or last_year else 70
    return Candidate(weight, match.end(), SpanKind.DATE, say, "date.span", 1.0 if weight > 90 else 0.8)


def months(scene: Scene, start: int) -> Candidate | None:
    """10-12/2024 after "tháng", 10/2024 - 3/2025."""
    match = _months(scene, start)
    if match:
        first, first_year, last, year = match.groups()
        if not first_year and scene.back() != "tháng":
            return None

        def say() -> str:
            numbers = scene.numbers
            head = "" if scene.back() == "tháng" else "tháng "
            between = f" năm {numbers.cardinal(int(first_year))}" if first_year else ""
            return (
                f"{head}{numbers.month(int(first))}{between} đến tháng {numbers.month(int(last))}"
                f" năm {numbers.cardinal(int(year))}"
            )

        return Candidate(93, match.end(), SpanKind.DATE, say, "date.months")
    match = _MONTH_RANGE.match(scene.text, start) if scene.back() == "tháng" else None
    if not match:
        return None
    first, last = int(match[1]), int(match[2])
    return Candidate(
        80,
        match.end(),
        SpanKind.DATE,
        lambda: f"{scene.numbers.month(first)} đến tháng {scene.numbers.month(last)}",
        "date.months",
    )


def _months(scene: Scene, start: int) -> re.Match[str] | None:
    match = _MONTHS.match(scene.text, start)
    return match if match and (match[2] or scene.back() == "tháng") else None


def day_month(scene: Scene, start: int) -> Candidate | None:
    """2/9, 30/6: a date unless the words around it count something."""
    match = _DAY_MONTH.match(scene.text, start) or (
        _DAY_MONTH_TIGHT.match(scene.text, start)
        if (scene.back() in _DATED_EVENT and (scene.back() != "thắng" or scene.back(2) == "chiến"))
        or (scene.back() in ("và", ",", "đến") and scene.back(2) in _DATED_EVENT)
        else None
    )
    if not match:
        return _backwards(scene, start)
    if match.lastindex == 3 and scene.next_word(match.end()).lower() in ("hằng", "hàng", "mỗi", "tháng", "âm", "các"):
        return None
    day, month = int(match[1]), int(match[match.lastindex or 2])
    back = scene.back()
    following = scene.next_word(match.end()).lower()
    place = (
        (back in PLACE_CUES and not (back == "trường" and scene.back(2) in _NO_SCHOOLS))
        or scene.after("tập thể")
        or (
            back not in DAY_CUES
            and scene.near(_PLACE_NAMES, 5)
            and not scene.near(DAY_CUES, 5)
            and following not in _COUNTED
        )
    )
    if place:
        weight, confidence = 85, 0.9
    elif back in DAY_CUES and not (back in ("đến", "từ", "tới", "và", "sau", "hết") and following in _COUNTED):
        weight, confidence = 85, 1.0
    elif following in _COUNTED or (back in _COUNT_CUES and day <= month) or is_mass(scene, following):
        weight, confidence = 40, 0.6
    elif (
        day > month or (day, month) in _KNOWN_DAYS or back == "," or following in ("âm", "dương", "tại", "lúc", "hằng")
    ):
        weight, confidence = 80, 0.9
    else:
        weight, confidence = 65, 0.7
    early = not place and _early(scene)
    note = "reading.date_or_fraction" if confidence < 0.8 else ""

    def say() -> str:
        return _day_month(scene, day, month, early=early)

    return Candidate(weight, match.end(), SpanKind.DATE, say, "date.day_month", confidence, note)


def _backwards(scene: Scene, start: int) -> Candidate | None:
    """22-12: no range runs backwards, so it is a day and a month, if nothing is counted or measured."""
    match = _BACKWARDS.match(scene.text, start)
    if not match or int(match[1]) <= int(match[2]) or scene.near(_NOT_DAYS, 4):
        return None
    day, month = int(match[1]), int(match[2])
    known = (day, month) in _KNOWN_DAYS
    following = scene.next_word(match.end())
    if not known and following[:1].islower() and following not in _AFTER_A_DATE:
        return None
    if not known and scene.back() not in _BEFORE_A_DATE and not scene.near(frozenset(("ngày", "lễ")), 5):
        return None
    early = _early(scene)
    note = "" if known else "reading.date_or_fraction"

    def say() -> str:
        return _day_month(scene, day, month, early=early)

    return Candidate(66, match.end(), SpanKind.DATE, say, "date.day_month", 0.8, note)


def month_year(scene: Scene, start: int) -> Candidate | None:
    """01/2024, with or without "tháng" before it."""
    match = _MONTH_YEAR.match(scene.text, start)
    if not match:
        return None
    back = scene.back()
    if back == "tháng":
        weight, head = 88, ""
    elif match[2] == "/" and back not in ("số", "quý", "đợt", "kỳ", "nghị", "luật", "điều", "vụ", "khóa"):
        weight, head = 60, "tháng "
    else:
        return None
    month, year = int(match[1]), int(match[3])
    return Candidate(
        weight,
        match.end(),
        SpanKind.DATE,
        lambda: f"{head}{scene.numbers.month(month)} năm {scene.numbers.cardinal(year)}",
        "date.month_year",
        1.0 if weight == 88 else 0.8,
    )


def part_year(scene: Scene, start: int) -> Candidate | None:
    """quý 4/2023, đợt 2/2024, học kỳ 1/2025."""
    match = _PART_YEAR.match(scene.text, start)
    if not match or scene.back() not in ("quý", "đợt", "kỳ", "vụ", "tuần", "kì", "lần", "khóa"):
        return None
    part, year = int(match[1]), int(match[2])
    return Candidate(
        86,
        match.end(),
        SpanKind.DATE,
        lambda: f"{scene.numbers.cardinal(part)} năm {scene.numbers.cardinal(year)}",
        "date.part_year",
    )


def years(scene: Scene, start: int) -> Candidate | None:
    """2020-2025; a term or a school year is said without "đến"."""
    match = _YEARS.match(scene.text, start)
    if not match:
        return None
    first, last = int(match[1]), int(match[2])
    link = (
        ", "
        if scene.after("năm học", "niên khóa", "niên độ", "vụ đông xuân", "vụ", "vụ xuân", "vụ đông", "vụ chiêm")
        else " đến "
    )
    return Candidate(
        84,
        match.end(),
        SpanKind.DATE,
        lambda: f"{scene.numbers.cardinal(first)}{link}{scene.numbers.cardinal(last)}",
        "date.years",
    )


def day_number(scene: Scene, start: int) -> Candidate | None:
    """The day after "ngày" or "mùng", a month after "tháng"."""
    back = scene.back()
    if back == "tháng":
        match = _MONTH.match(scene.text, start)
        if not match:
            return None
        month = int(match[1])
        return Candidate(72, match.end(), SpanKind.DATE, lambda: scene.numbers.month(month), "date.month")
    if back in _DAY_PARTS:
        return _part_of_day(scene, start)
    if back in ("mùng", "mồng"):
        early = False
    elif (back == "ngày" and scene.back(2) not in ("một", "mỗi", "số")) or (
        back in (",", "và", "đến") and scene.back(2) == "\0date.day"
    ):
        early = True
    else:
        return None
    days = _DAYS_TIGHT.match(scene.text, start) if back == "ngày" else None
    if days:
        listed = [int(day) for day in days[1].split(",")]

        def say() -> str:
            said = ", ".join(scene.numbers.day(day) for day in listed)
            return f"{said} tháng {scene.numbers.month(int(days[2]))}" if days[2] else said

        return Candidate(88, days.end(), SpanKind.DATE, say, "date.days")
    match = _DAY_RANGE.match(scene.text, start)
    if match and back == "ngày":
        first, last = int(match[1]), int(match[2])
        if first < last:
            return Candidate(
                80,
                match.end(),
                SpanKind.DATE,
                lambda: f"{scene.numbers.day(first)} đến ngày {scene.numbers.day(last)}",
                "date.day",
            )
    match = _DAY.match(scene.text, start)
    if not match:
        return None
    day = int(match[1])
    following = scene.next_word(match.end()).lower()
    if following in ("ngày", "giờ", "hộ", "người", "đồng", "lần", "suất"):
        return None
    return Candidate(72, match.end(), SpanKind.DATE, lambda: scene.numbers.day(day, early=early), "date.day")


def _part_of_day(scene: Scene, start: int) -> Candidate | None:
    """The night's own day in a forecast: "đêm 10, ngày 11/12", "chiều 5 và đêm 6/9"."""
    match = _DAY.match(scene.text, start)
    whole = _OF_NIGHT.match(scene.text, match.end()) if match else None
    if not match or not whole:
        return None
    pause = "" if whole[1] else ","
    return Candidate(73, match.end(), SpanKind.DATE, lambda: scene.numbers.day(int(match[1])) + pause, "date.day", 0.9)


def _day_month(scene: Scene, day: int, month: int, *, early: bool) -> str:
    # "17h 30/9" without a word between would be heard as half past five.
    after_time = "ngày " if scene.back().startswith("\0time") else ""
    return f"{after_time}{scene.numbers.day(day, early=early)} tháng {scene.numbers.month(month)}"


def _early(scene: Scene) -> bool:
    """No second mùng after a written one, none in the name of a street or a school."""
    if scene.back() == "trường" and scene.back(2) in _NO_SCHOOLS:
        return True
    return scene.back() not in ("mùng", "mồng") and scene.back() not in PLACE_CUES


def _dated(scene: Scene) -> bool:
    return scene.back() in DAY_CUES


def is_mass(scene: Scene, following: str) -> bool:
    """True when a fraction's right neighbour is a whole that can be divided: một phần tư diện tích."""
    return following in _MASS or (scene.back() in _HALF and following not in _COUNTED)


def counts(scene: Scene, following: str) -> bool:
    """True when the words around D/M count things: 10/12 thôn."""
    return following in _COUNTED or scene.back() in _COUNT_CUES
