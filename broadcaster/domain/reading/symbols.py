"""Signs: bullets, arrows, comparison, strokes and dashes between words, and what is dropped with a note."""

import re
import unicodedata

from broadcaster.domain.reading.letters import GREEK, letter
from broadcaster.domain.reading.measures import quantity, say_number, say_word
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.scene import Candidate, Scene
from broadcaster.domain.reading.units import say_unit

_BULLET = Pattern(r"(?:[-–—+*•▪●○►➢➤✓✔■□◆◇‣·]|[→⇒])[ \t\u00a0]*(?=\S)")
_PAGE = Pattern(r"\d{1,3}(?=[ \t]*\n)")
_LETTER_BULLET = Pattern(r"\(?([a-zđA-ZĐ]|\d{1,2}|[ivx]{1,4})\)(?=\s)|([a-zđA-EĐ])[./](?=\s)")
_PER = Pattern(r"/\s?(\d{1,4}(?:[.,]\d{1,3})?\s?)?([^\W\d_][\w²³]{0,9})((?:\s?/\s?[^\W\d_][\w²³]{0,9}){0,3})")
_SUBTYPE = Pattern(r"/(?=[A-Z]\d)")
_NUMBER_BULLET = Pattern(
    r"\(?(\d{1,2}(?:\.\d{1,2}){0,3})(?:\.(?=\s)|\)|/(?=\s)|\.?-(?=\s))|(\d{1,2}(?:\.\d{1,2}){1,3})(?=\s)"
)
_CHANGE = Pattern(r"[-–−+]\s?\d[\d.,]*\s?(?:%|‰|đồng|đ|USD|điểm|tỷ|triệu|nghìn)(?!\w)[^()\n]{0,20}\)")
"""A rise or a fall beside a figure: (+350 đ), (-1,2%)."""
_ARROW = Pattern(r"\s?(?:={1,4}>|-{1,4}>|→|⇒|⟶|➔|➜|↔)\s?")
_RANGED = ("\0date.weekday", "\0number", "\0range", "\0unit", "\0money", "\0time", "\0percent")
_WEEKDAY_NAMES = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
_PER_NOUNS = cues(
    "người hộ tháng năm ngày lần tuần giờ con cây thôn xã suất trang bản trường hồ lượt vụ quý đêm buổi ca khẩu em"
    " cháu đơn tổ nhóm đợt kỳ lít bao gói bình chai viên liều mẫu sào công chuyến xe phòng lớp trẻ nhà cặp đôi bộ tờ"
    " cái chiếc máy học cụ lao nhân phiếu thẻ tấm tin bài km nct"
    " số khóa khoá tiết hv đàn ổ gốc hố khóm bụi lứa nái bữa trụ"
)
_DOSES = cues("phút giây giọt viên liều lần buổi tiết ống gói thìa muỗng suất lượt")
"""What is given per something, whatever the something is: 2 giọt/mắt, 90 phút/môn."""
_UNIT_NOUNS = cues("đồng đ kg tấn tạ yến lít gam triệu nghìn tỷ mét người con")
_TIME_NOUNS = cues("ngày tháng năm tuần vụ quý buổi")
_PRICED = cues("đồng nghìn triệu tỷ tỉ")
_DEGREES = Pattern(r"\d+(?:,\d+)?\s?(?:°C|ºC|oC|độ C|℃)")
_DAY = Pattern(r"/\s?\d{1,2}/\d{1,2}(?!\d)")
_LABEL = Pattern(r"/\s?\d{1,2}[A-Z](?!\w)")
_FINAL = Pattern(r"/\s{0,4}\.?(?=[ \t]{0,8}(?:\n|\Z))")
_SAID: dict[str, str] = {
    "&": "và", "%": "phần trăm", "‰": "phần nghìn", "+": "cộng", "=": "bằng", "±": "cộng trừ", "×": "nhân",
    "÷": "chia",
    "<": "nhỏ hơn", ">": "lớn hơn", "≥": "lớn hơn hoặc bằng", "≤": "nhỏ hơn hoặc bằng", "≈": "xấp xỉ", "~": "khoảng",
    "≠": "khác", "∞": "vô cực", "√": "căn", "°": "độ", "º": "độ", "@": "a còng", "#": "thăng", "$": "đô la",
    "€": "ơ rô", "£": "bảng", "₫": "đồng", "§": "mục", "№": "số", "½": "một phần hai", "¼": "một phần tư",
    "¾": "ba phần tư", "⅓": "một phần ba", "⅔": "hai phần ba", "²": "vuông", "³": "khối", "℃": "độ xê",
    "©": "bản quyền", "®": "đã đăng ký", "™": "thương hiệu",
}  # fmt: skip
_TWO: dict[str, str] = {"<=": "nhỏ hơn hoặc bằng", ">=": "lớn hơn hoặc bằng", "+/-": "cộng trừ", "+/": "cộng"}
_CROSSINGS = cues("ngã nút giao vòng")
_KEYED: dict[str, str] = {"*": "sao", "_": "gạch dưới", "^": "mũ", "|": "gạch đứng", "\\": "gạch ngược"}
_RATED = cues("cốp ocop sạn hạng phẩm chuẩn nghỉ")
_JOINED = Pattern(r"\+\s[^\W\d_]{2}")
_RESULT = Pattern(r"\(\s?([-–−+])\s?\)")
_TESTED = cues("máu test nghiệm quả tính")
_KEY_WORDS = cues("dấu phím")
_COMPARED = Pattern(r"(<=|>=|[<>≤≥])[ \u00a0]{0,3}(?=\d)")
_BEFORE_FIGURE: dict[str, str] = {"<": "dưới", ">": "trên", "≤": "không quá", "<=": "không quá"}
_COUNTED_NOUNS = Pattern(
    r"(?:\s(?:nghìn|ngàn|triệu|tỷ|tỉ|đồng|tháng|năm|tuần|ngày|giờ|phút|giây|tuổi|điểm|lần|người|hộ|con|cây|em|cháu|ca|độ)(?!\w)){1,3}",
    re.IGNORECASE,
)
_LAST_NOUNS = Pattern(r"(?:\s[^\W\d_]{1,7}){1,3}(?=\s?(?:[.,;:)]|$))")
_CLAUSES = cues("là thì được và hoặc phải sẽ có không mới để bị trong với")
_STAR_CODE = Pattern(r"\*(\d{1,5}(?:\*\d{1,15}){0,4})#")
_SILENT = frozenset(
    "\"“”„‟'‘’«»‹›`´′″*_|^\\[]{}¬¦•▪●○►➢➤✓✔■□◆◇‣·★☆♦♥\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0f"
)
_QUIET_NOTE = frozenset("*_|^\\[]{}<>")


def bullet(scene: Scene, start: int) -> Candidate | None:
    """A mark that opens a line: dropped; a letter or a number that opens a line: read with a breath after it."""
    if scene.back() not in ("", "¶", "\0bullet"):
        return None
    page = _PAGE.match(scene.text, start) if scene.back() == "¶" else None
    if page:
        return Candidate(121, page.end(), SpanKind.BULLET, str, "page_number", 0.8, "reading.page_number")
    match = _BULLET.match(scene.text, start)
    if match:
        if match[0][0] == "+" and scene.text[match.end()].isdecimal() and match.end() == start + 1:
            return None
        return Candidate(120, match.end(), SpanKind.BULLET, str, "bullet")
    match = _LETTER_BULLET.match(scene.text, start)
    if match:
        sign = match[1] or match[2]
        if sign.isdecimal():
            return Candidate(
                120, match.end(), SpanKind.BULLET, lambda: scene.numbers.cardinal(int(sign)) + ",", "bullet.number"
            )
        return Candidate(120, match.end(), SpanKind.BULLET, lambda: letter(sign[0]) + ",", "bullet.letter")
    match = _NUMBER_BULLET.match(scene.text, start)
    if match:
        written = match[1] or match[2]
        if match[2] and not scene.text[match.end() : match.end() + 8].lstrip()[:1].isupper():
            return None
        parts = [scene.numbers.cardinal(int(part)) for part in written.split(".")]
        return Candidate(120, match.end(), SpanKind.BULLET, lambda: " chấm ".join(parts) + ",", "bullet.number")
    return None


def sign(scene: Scene, start: int) -> Candidate:
    """Any character that is neither letter, digit, space nor a mark of punctuation."""
    text = scene.text
    char = text[start]
    match = _ARROW.match(text, start)
    if match:
        return Candidate(60, match.end(), SpanKind.SYMBOL, lambda: ",", "symbol.arrow", 0.8, "reading.symbol_dropped")
    compared = _comparison(scene, start) if char in "<>≤≥" else None
    if compared:
        return compared
    two = next((written for written in _TWO if text.startswith(written, start)), "")
    if two:
        return Candidate(58, start + len(two), SpanKind.SYMBOL, lambda: _TWO[two], "symbol")
    change = _CHANGE.match(text, start) if text[start - 1 : start] == "(" else None
    if change:
        word = "tăng" if char == "+" else "giảm"
        said = "" if scene.near(frozenset((word,)), 8) else word
        return Candidate(70, start + 1, SpanKind.SYMBOL, lambda: said, "symbol.change", 0.8)
    if char == "+" and (
        scene.back().startswith("\0roman")
        or (_JOINED.match(text, start) and text[start - 1 : start].isspace() and "=" not in text)
    ):
        return Candidate(45, start + 1, SpanKind.SYMBOL, lambda: "và", "symbol.and")
    if char == "/":
        return _stroke(scene, start)
    if char in "-–—‑−":
        return _dash(scene, start)
    if char in "()":
        return _bracket(scene, start)
    return _named(scene, start)


def _bracket(scene: Scene, start: int) -> Candidate:
    """A breath; but (-) and (+) behind a test or a blood group are its result."""
    result = _RESULT.match(scene.text, start)
    if result and (scene.back() == "hát" or scene.near(_TESTED, 14)):
        said = "dương" if result[1] == "+" else "âm"
        said = said if scene.back() == "hát" else f"{said} tính"
        return Candidate(45, result.end(), SpanKind.SYMBOL, lambda: said, "symbol.result", 0.9)
    return Candidate(20, start + 1, SpanKind.PUNCTUATION, lambda: ",", "bracket")


def _comparison(scene: Scene, start: int) -> Candidate | None:
    """A sign of comparison before a figure as an announcer says it: dưới, trên, không quá, từ … trở lên."""
    match = _COMPARED.match(scene.text, start)
    if not match or scene.back().startswith("\0number"):
        return None
    written, end = match[1], match.end()
    word = _BEFORE_FIGURE.get(written)
    if word:
        said = "" if scene.back() == word else word
        return Candidate(59, start + len(written), SpanKind.SYMBOL, lambda: said, "symbol.compare")
    measured = quantity(scene, end)
    if not measured:
        return None
    nouns = _COUNTED_NOUNS.match(scene.text, measured.end)
    nouns = nouns or (_LAST_NOUNS.match(scene.text, measured.end) if scene.text[measured.end - 1] == "%" else None)
    stop = nouns.end() if nouns else measured.end
    following = scene.next_word(stop)
    if following.lower() in ("trở", "đến"):
        return None
    first = "" if scene.back() == "từ" else "từ "
    loose = not nouns and measured.kind is SpanKind.NUMBER and following.islower() and following not in _CLAUSES
    if loose or scene.text[stop : stop + 1] in ("/", "-", "–"):
        # "≥ 3 giáo viên", "≥ 2 lần/ngày": where the thing ends is not known.
        return Candidate(59, start + len(written), SpanKind.SYMBOL, lambda: "ít nhất", "symbol.compare", 0.9)
    noun = " ".join(nouns[0].split()).lower() if nouns else ""
    return Candidate(
        59, stop, measured.kind, lambda: f"{first}{measured.say()} {noun} trở lên".replace("  ", " "), "symbol.compare"
    )


def _named(scene: Scene, start: int) -> Candidate:
    """A sign with a name, a sign that is never said, or one that nobody knows: dropped, and a person is told."""
    char, following = scene.text[start], scene.text[start + 1 : start + 2]
    keyed = scene.back() in _KEY_WORDS or (scene.back() == "(" and scene.back(2) in _KEY_WORDS)
    code = _STAR_CODE.match(scene.text, start)
    if code:  # bấm *101#
        keys = " sao ".join(scene.numbers.digits(part) for part in code[1].split("*"))
        return Candidate(43, code.end(), SpanKind.PHONE, lambda: f"sao {keys} thăng", "phone.keys")
    if char == "*" and scene.text[start - 1 : start] in ("1", "2", "3", "4", "5") and scene.near(_RATED, 8):
        return Candidate(41, start + 1, SpanKind.SYMBOL, lambda: "sao", "symbol.stars")  # OCOP 4*
    if char in _KEYED and keyed:
        return Candidate(41, start + 1, SpanKind.SYMBOL, lambda: _KEYED[char], "symbol.key")  # dấu *
    if char in "²³" and scene.text[start - 1 : start].isalnum():
        power = "bình phương" if char == "²" else "lập phương"
        return Candidate(42, start + 1, SpanKind.SYMBOL, lambda: power, "symbol.power")  # x²; m² is a unit
    if char == "^" and following.isdecimal() and scene.text[start - 1 : start].isalnum():
        return Candidate(40, start + 1, SpanKind.SYMBOL, lambda: "mũ", "symbol.power")
    if char in _SILENT or (char in "<>" and not following.isdecimal() and not following.isspace()):
        note = "reading.symbol_dropped" if char in _QUIET_NOTE else ""
        return Candidate(20, start + 1, SpanKind.SYMBOL, str, "symbol.silent", 0.8 if note else 1.0, note)
    said = _SAID.get(char) or GREEK.get(char)
    if said:
        return Candidate(40, start + 1, SpanKind.SYMBOL, lambda: said, "symbol")
    value = unicodedata.numeric(char, -1.0)
    if value >= 0 and value == int(value):
        return Candidate(40, start + 1, SpanKind.NUMBER, lambda: scene.numbers.cardinal(int(value)), "number.sign", 0.8)
    return Candidate(1, start + 1, SpanKind.UNKNOWN, str, "symbol.dropped", 0.0, "reading.symbol_dropped")


def _stroke(scene: Scene, start: int) -> Candidate:
    text = scene.text
    if scene.back().startswith("\0time") and _DAY.match(text, start):
        return Candidate(32, start + 1, SpanKind.SYMBOL, lambda: "ngày", "stroke.day", 0.9)  # lúc 7h/10/9
    labels = text[start - 1 : start].isupper() and text[max(0, start - 2) : start - 1].isdecimal()
    if scene.back().startswith("\0phone") or (labels and _LABEL.match(text, start)):
        return Candidate(32, start + 1, SpanKind.SYMBOL, lambda: "hoặc", "stroke.or", 0.8)  # 4G/5G
    if _FINAL.match(text, start):
        match = _FINAL.match(text, start)
        return Candidate(60, match.end() if match else start + 1, SpanKind.PUNCTUATION, lambda: ".", "document.end")
    if text[start + 1 : start + 2] in (".", "-") or not text[start + 1 : start + 2].strip():
        return Candidate(30, start + 1, SpanKind.SYMBOL, str, "stroke.loose", 0.8)
    if _SUBTYPE.match(text, start):
        return Candidate(30, start + 1, SpanKind.SYMBOL, str, "stroke.subtype")  # cúm A/H5N1
    counted = scene.back() in _UNIT_NOUNS or any(mark.startswith(_MEASURED) for mark in scene.trail[-3:])
    if not counted and scene.back() not in _TIME_NOUNS and scene.next_word(start + 1) in _TIME_NOUNS:
        counted = any(mark.startswith(_MEASURED) or mark.startswith("\0percent") for mark in scene.trail[-6:])
    per = _PER.match(text, start) if counted else None
    if (
        per
        and (
            say_unit(per[2])
            or per[2].lower() in _PER_NOUNS
            or per[1]
            or scene.back() in _UNIT_NOUNS
            or scene.back() in _DOSES
        )
        and all(word.strip().isalpha() or say_unit(word.strip()) for word in (per[2] + per[3]).split("/"))
    ):
        return Candidate(31, per.end(), SpanKind.UNIT, lambda: _per(scene, per), "stroke.per", 0.9)
    return _between(scene, start)


def _between(scene: Scene, start: int) -> Candidate:
    """A stroke that is no unit's: "trên" beside figures, "hoặc" between words."""
    if scene.text[start + 1 : start + 2].isdecimal() or scene.back().startswith("\0"):
        return Candidate(30, start + 1, SpanKind.SYMBOL, lambda: "trên", "stroke.number", 0.7)
    if scene.back() in ("và", "hoặc"):
        return Candidate(30, start + 1, SpanKind.SYMBOL, str, "stroke.andor")
    return Candidate(30, start + 1, SpanKind.SYMBOL, lambda: "hoặc", "stroke.or", 0.8)


_MEASURED = ("\0number", "\0code.zero", "\0range", "\0unit", "\0money", "\0time")


def _per(scene: Scene, match: re.Match[str]) -> str:
    """Per: "/ngày", "/người/năm": một; "/10 lít": trên, of a price: cho."""
    words = [match[2], *(word.strip() for word in match[3].split("/") if word.strip())]
    said = [say_word(scene, word) for word in words]
    over = "cho" if scene.back() in _PRICED or scene.back().startswith("\0money") else "trên"
    head = f"{over} {say_number(scene, match[1].strip())} {said[0]}" if match[1] else f"một {said[0]}"
    return " ".join([head, *(f"một {word}" for word in said[1:])])


def _dash(scene: Scene, start: int) -> Candidate:
    text = scene.text
    before = text[start - 1] if start else " "
    after = text[start + 1 : start + 2]
    if after.isdecimal() and not before.isalnum():
        minus = scene.back() in ("độ", "xuống", "dưới", "còn", "đến", "là", "khoảng", "mức", "từ", "trừ", "âm") and (
            re.match(r"\d+(?:,\d+)?\s?(?:°|º|oC|độ|℃)", text[start + 1 : start + 16])
        )
        cold = scene.back() in (";", ":", "(", ",", "") and _DEGREES.match(text, start + 1)
        if minus or cold or text[start] == "−":
            return Candidate(60, start + 1, SpanKind.SYMBOL, lambda: "âm", "symbol.minus", 0.9)
    if text[start] in "–—" and before.isspace() and after.isspace() and scene.back().isalpha():
        return Candidate(30, start + 1, SpanKind.PUNCTUATION, lambda: ",", "dash.clause")
    following = scene.next_word(start + 1).lower()
    if scene.back().startswith("\0phone"):
        return Candidate(30, start + 1, SpanKind.PUNCTUATION, lambda: ",", "dash.list")
    measured = any(mark.startswith(_RANGED) for mark in scene.trail[-3:])
    repeated = following and following in scene.trail[-3:] and scene.back().startswith("\0")
    weekday = scene.back() == "\0date.weekday" and text[start + 1 : start + 4].strip()[:2] in _WEEKDAY_NAMES
    if repeated or weekday or (measured and after.isspace() and text[start + 2 : start + 3].isdecimal()):
        # "500 nghìn - 1 triệu", "thứ 2 - thứ 6", "Điều 5 - Điều 8"
        return Candidate(30, start + 1, SpanKind.SYMBOL, lambda: "đến", "dash.range", 0.9)
    road = scene.back().startswith("\0road") and re.match(r"\s?(?:QL|TL|ĐT|Km)", text[start + 1 : start + 5])
    if road and scene.near(_CROSSINGS, 8):
        return Candidate(30, start + 1, SpanKind.PUNCTUATION, lambda: ",", "dash.crossing")  # ngã tư QL70 - ĐT170
    if road:
        return Candidate(30, start + 1, SpanKind.SYMBOL, lambda: "đến", "dash.range")
    return Candidate(30, start + 1, SpanKind.SYMBOL, str, "dash.joint")
