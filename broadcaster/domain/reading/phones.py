"""Numbers that are dictated digit by digit: telephones, hotlines, emergency numbers, identity and account numbers."""

import re

from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.scene import Candidate, Scene

_MOBILE = Pattern(r"0\d{1,4}(?:[ \u00a0.\-–]{1,2}\d{1,8}){1,4}(?![\d\w]|[./-]\d)|0\d{8,10}(?![\d\w]|[.,/]\d)")
_FOREIGN = Pattern(r"\+\s?84[ .\-]?\(?0?\)?[ .\-]?\d{1,4}(?:[ .\-]?\d{2,4}){1,4}(?!\d)")
_PREFIX = Pattern(r"\+(\d{2,4})(?!\d|[.,]\d|\w)")
_AREA = Pattern(r"\(\s?(\+?\d{2,4})\s?\)[ .\-]?(\d{1,4}(?:[ .\-]?\d{2,4}){1,3})(?![\d/])")
_SERVICE = Pattern(r"1[89]00(?:[ .\-]?\d{2,4}){1,3}(?![\d\w]|[.,/]\d)")
_ANY = Pattern(r"\d{1,12}(?:[ .\-]\d{2,4}){0,3}(?![\d\w/%]|[.,:]\d)")
_SHORT = Pattern(r"1(?:1[1-9]|022|080|079|06|09|9[0-9]{2}|8[0-9]{2})(?![\d\w/%]|[.,:-]\d)")
_CALLED = Pattern(r"\d{3,5}(?![\d\w/%]|[.,:-]\d)")
_IDENTITY = Pattern(r"\d{2,16}(?:[ .\-]\d{1,7}){0,4}(?![\d\w/%]|[.,]\d)")
_SPACES = Pattern(r"[ \u00a0.\-–]+")
_PHONE_CUES = cues("thoại điện đt sđt máy tel di động bàn fax hotline zalo viber đtdđ đđ alo đường nóng đài")
_CALL_CUES = cues("gọi hệ lượng đài nóng hotline báo sát thương hỏa đến số máy qua bấm alo tới quay cứu")
_DIALLED = ("gọi", "gọi số", "gọi đến số", "tới số", "máy lẻ", "số nội bộ", "gửi", "gửi đến", "gửi tới", "lẻ")
_MONEY = cues("đồng đ vnđ vnd usd")
_COUNTED = _MONEY | cues("người tỷ triệu nghìn")
_THOUSANDS = Pattern(r"\d{1,3}(?:\.\d{3})+")
_LINE_WORDS = frozenset(("đài", "nóng", "hotline", "lai"))
_LINE_CUES = ("tổng đài", "đường dây nóng", "hotline", "đầu số", "tổng đài số", "đường dây nóng số")
_AFTER_CALL = cues(
    "để khi nếu hoặc và ngay của trong miễn trực hay xin là bất nhánh báo tại nhằm vì từ phím được có này"
)
_SERIES = cues("seri sê-ri serial xê-ri sêri")
_ID_CUES = (
    "tài khoản", "số tài khoản", "stk", "thuế", "mã số thuế", "mst", "cccd", "cmnd", "số cccd", "số cmnd", "căn cước",
    "căn cước công dân", "chứng minh nhân dân", "định danh", "mã định danh", "mã số", "mã hồ sơ", "mã", "số thẻ",
    "số hồ sơ", "số seri", "sê ri", "bhyt", "mã số hồ sơ", "số định danh", "số định danh cá nhân", "mã otp", "số sổ",
    "mã đơn vị", "mã bưu chính", "mã bưu điện", "mã vạch", "số cccd là", "căn cước số", "công dân số",
    "chứng minh số", "chứng minh thư số", "cccd số", "cmnd số",
    "tài khoản số", "mã quan hệ ngân sách",
)  # fmt: skip


def phone(scene: Scene, start: int) -> Candidate | None:
    """A number that begins with 0, written together or in groups: 0912.000.168, 0203 3871 456, 02183856777."""
    match = _MOBILE.match(scene.text, start)
    if not match:
        return None
    groups = _groups(match[0])
    total = sum(map(len, groups))
    cued = scene.near(_PHONE_CUES, 6)
    if total not in (10, 11) and not (cued and 8 <= total <= 12):
        return None
    if len(groups) == 1 and total in (10, 11):
        groups = [groups[0][:4], groups[0][4:-3], groups[0][-3:]]
    if len(groups) == 1 and _is_identity(scene):
        return None
    weight = 97 if total in (10, 11) else 84
    return Candidate(weight, match.end(), SpanKind.PHONE, lambda: scene.numbers.grouped(groups), "phone.number")


def abroad(scene: Scene, start: int) -> Candidate | None:
    """+84 912 345 678."""
    match = _FOREIGN.match(scene.text, start)
    prefix = None if match else _PREFIX.match(scene.text, start)
    if prefix and scene.near(frozenset(("đầu", "vùng")), 8):
        return Candidate(
            98, prefix.end(), SpanKind.PHONE, lambda: f"cộng {scene.numbers.digits(prefix[1])}", "phone.prefix"
        )
    if not match:
        return None
    groups = _groups(match[0].lstrip("+").replace("(", " ").replace(")", " "))
    if groups[0].startswith("84") and len(groups[0]) > 2:
        groups = ["84", *_groups(groups[0][2:]), *groups[1:]]
    return Candidate(98, match.end(), SpanKind.PHONE, lambda: f"cộng {scene.numbers.grouped(groups)}", "phone.abroad")


def area(scene: Scene, start: int) -> Candidate | None:
    """(0218) 3856 777, (029) 3.851.234."""
    match = _AREA.match(scene.text, start)
    if not match or sum(char.isdecimal() for char in match[0]) not in range(8, 13):
        return None
    groups = [re.sub(r"\D", "", match[1]), *_groups(match[2])]
    plus = "cộng " if match[1][0] == "+" else ""
    return Candidate(98, match.end(), SpanKind.PHONE, lambda: plus + scene.numbers.grouped(groups), "phone.area")


def service(scene: Scene, start: int) -> Candidate | None:
    """1800 1096, 1900.6192, 19006192."""
    match = _SERVICE.match(scene.text, start)
    if not match:
        return None
    digits = re.sub(r"\D", "", match[0])
    groups = _groups(match[0])
    if len(digits) not in (8, 10):
        return None
    if len(groups) == 1:
        groups = [digits[:4], digits[4:]]
    return Candidate(96, match.end(), SpanKind.PHONE, lambda: scene.numbers.grouped(groups), "phone.service")


def hotline(scene: Scene, start: int) -> Candidate | None:
    """113, 1022 after "gọi", "tổng đài", "đường dây nóng"; other short numbers right after such a word."""
    text = scene.text
    match = _SHORT.match(text, start)
    direct = scene.after(*_LINE_CUES)
    if match and (direct or scene.near(_CALL_CUES, 5) or scene.near(_LINE_WORDS, 10) or _in_list(scene)):
        following = scene.next_word(match.end())
        closed = not following or following[0].isupper() or following in _AFTER_CALL or match.end() == len(text)
        if direct or closed or text[match.end() : match.end() + 1] in ",.;:)?!":
            digits = match[0]
            return Candidate(88, match.end(), SpanKind.PHONE, lambda: scene.numbers.digits(digits), "phone.hotline")
    called = _CALLED.match(text, start)
    if called and scene.after(*_DIALLED):
        following = scene.next_word(called.end())
        if (not following or following in _AFTER_CALL) and (scene.back() != "gửi" or len(called[0]) == 4):
            return Candidate(
                80, called.end(), SpanKind.PHONE, lambda: scene.numbers.digits(called[0]), "phone.called", 0.9
            )
    if not (
        direct or scene.after("điện thoại", "số điện thoại", "số máy", "đt", "sđt", "tel", "fax", "zalo", "zalo số")
    ):
        return None
    match = _ANY.match(text, start)
    if not match:
        return None
    groups = _groups(match[0])
    if not 3 <= sum(map(len, groups)) <= 11:
        return None
    return Candidate(86, match.end(), SpanKind.PHONE, lambda: scene.numbers.grouped(groups), "phone.cue")


def cued_number(scene: Scene, start: int) -> Candidate | None:
    """3.856.777 a few words after "điện thoại": a land line without its area code."""
    if not scene.near(_PHONE_CUES, 4) or scene.back() not in (
        ":",
        "thoại",
        "số",
        "là",
        "đt",
        "sđt",
        "máy",
        "hoặc",
        "theo",
    ):
        return None
    match = _ANY.match(scene.text, start)
    if not match:
        return None
    groups = _groups(match[0])
    if not 6 <= sum(map(len, groups)) <= 11:
        return None
    return Candidate(83, match.end(), SpanKind.PHONE, lambda: scene.numbers.grouped(groups), "phone.cue", 0.9)


def identity(scene: Scene, start: int) -> Candidate | None:
    """Citizen ID, account, tax and file numbers: digit by digit, in the groups written or in threes."""
    match = _IDENTITY.match(scene.text, start)
    if not match:
        return None
    groups = _groups(match[0])
    digits = "".join(groups)
    if len(digits) < 5:
        return None
    cued = _is_identity(scene)
    following = scene.next_word(match.end()).lower()
    counted = following in _COUNTED
    if following in _MONEY or (counted and _THOUSANDS.fullmatch(match[0])):
        return None  # "lệ phí đổi thẻ căn cước là 50.000 đồng"
    if not cued:
        dictated = digits[0] == "0" and (len(groups) == 1 or len(digits) >= 9)
        if not dictated and (len(groups) > 1 or len(digits) < 9 or counted):
            return None
    groups = [part for group in groups for part in _in_threes(group)]
    note = "reading.citizen_id" if len(digits) == 12 and digits[0] == "0" else ""
    return Candidate(
        99 if cued else 81,
        match.end(),
        SpanKind.IDENTITY,
        lambda: scene.numbers.grouped(groups),
        "identity",
        1.0 if cued else 0.8,
        note,
    )


def _in_threes(group: str) -> list[str]:
    """A long run of digits in breaths of three; a short one as it is written."""
    return [group[i : i + 3] for i in range(0, len(group), 3)] if len(group) > 5 else [group]


def _is_identity(scene: Scene) -> bool:
    if scene.after(*_ID_CUES):
        return True
    if scene.near(_SERIES, 4):
        return True
    return scene.back() in (":", "là", "số", "(") and " ".join(scene.trail[-4:-1]).endswith(_ID_CUES)


def _in_list(scene: Scene) -> bool:
    if scene.back() in (",", ";") and any(mark == "\0phone.hotline" for mark in scene.trail[-8:]):
        return True
    return scene.back() in (",", "hoặc", "và", "hay") and scene.back(2) == "\0phone.hotline"


def _groups(written: str) -> list[str]:
    return [group for group in _SPACES.split(written) if group]
