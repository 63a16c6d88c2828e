"""Addresses, roads, plates, classes and other names made of digits and letters."""

import re
from itertools import pairwise

from broadcaster.domain.reading.context import entry_for
from broadcaster.domain.reading.letters import letter, spell
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.scene import GAP, Candidate, Scene

_ROADS: dict[str, str] = {
    "QL": "quốc lộ", "TL": "tỉnh lộ", "ĐT": "đường tỉnh", "DT": "đường tỉnh", "HL": "hương lộ", "ĐH": "đường huyện",
    "CT": "cao tốc", "LTL": "liên tỉnh lộ", "ĐX": "đường xã", "AH": "đường xuyên á", "Km": "ki lô mét",
    "KM": "ki lô mét", "km": "ki lô mét", "DH": "đường huyện", "TLộ": "tỉnh lộ",
}  # fmt: skip
_ROAD = Pattern(rf"(QL|TL|ĐT|DT|HL|ĐH|LTL|ĐX|AH|CT)\.?{GAP}(\d{{1,4}})([A-Za-zĐ]?)(\d?)(?:\.(\d{{1,2}}))?(?![\w])")
_ROOM = Pattern(rf"P\.?{GAP}(\d{{3,4}})(?![\w/])")
_POST = Pattern(rf"[Kk][Mm]\.?{GAP}(\d{{1,4}})(?:{GAP}\+{GAP}(\d{{1,4}}))?(?![\w,]\w|\w)")
_COORDINATE = Pattern(
    rf"(\d{{1,3}}){GAP}[°º]{GAP}(?=\d|[NSEW])"
    rf"(?:(\d{{1,2}}(?:[.,]\d+)?){GAP}['’′]{GAP})?(?:(\d{{1,2}}(?:[.,]\d+)?){GAP}(?:[\"”″]|['’′]{{2}}){GAP})?"
    r"(?:([NSEW])(?!\w))?"
)
_QUARTERS: dict[str, str] = {"N": "vĩ bắc", "S": "vĩ nam", "E": "kinh đông", "W": "kinh tây"}
_HOUSE = Pattern(r"(\d{1,4})([A-Za-zĐđ]?)((?:/\d{1,4}[A-Za-z]?){1,5})(?![\w/])")
_PLATE = Pattern(r"(\d{2})[-. ]?([A-ZĐ]{1,2})(\d?)[ ]?[-–. ][ ]?(\d{3}[. ]?\d{2}|\d{4})(?![\d\w])")
_MIXED = Pattern(r"(?=[\w.]{0,34}\d)(?=\w{0,34}[^\W\d_])\w{2,32}(?:[.-](?=\w{0,8}\d)\w{1,8}){0,3}(?![\w])")
_DASHED = Pattern(r"[A-ZĐ]{1,4}-\d{1,4}[A-Z]?(?![\w-])")
_RUNS = Pattern(r"\d+|[^\W\d_]+")
_HOUSE_CUES = cues("số nhà ngõ ngách hẻm kiệt phố đường lô căn")
_LABEL_CUES = cues(
    "số lớp nhà ngõ ngách hẻm lô tổ khu phòng tầng mẫu biểu hạng khoản điểm thửa dãy khối điều cấp bảng nhóm phụ lục"
)
_FIGURE_NEXT = Pattern(r"[ \u00a0]\d")
_STEP = Pattern(r"B([1-9]|1\d)(?=\s?[:.]\s[^\W\d_])")
_STEP_OPENERS = ("", ".", "?", "!", "¶", ";", ":", "(", "\0bullet")
_NOT_STEPS = cues("hạng bằng lái vitamin lô khu dãy tòa nhà tiếng trình gplx nhóm loại ngoại ngữ bảng")
_CONCRETE = cues("tông vữa mác măng")
_DIMENSIONS = ("2D", "3D", "4D")
_ROUND = cues("vitamin thép sắt ống cống cọc trụ đai")
"""What has a diameter, and what is named by an international letter."""
_PLATE_CUES = cues("biển soát bks xe bs")
_MOTORWAY = frozenset(("tốc",))
_SPOKEN: dict[str, str] = {"F": "ép", "H": "hát", "N": "en nờ", "PM": "pi em", "RON": "ron", "CT": "xê tê", "G": "giê"}


def road(scene: Scene, start: int) -> Candidate | None:
    """QL1A, QL 15, ĐT.379, TL 10B, ĐH 05."""
    match = _ROAD.match(scene.text, start)
    if not match:
        return None
    name, number, side, second, branch = match.groups()
    if name == "CT" and not scene.after("tuyến", "đường", "trên") and not scene.near(_MOTORWAY, 10):
        return None
    if name in ("ĐT", "DT", "ĐH") and len(number) > 3:
        return None

    def say() -> str:
        known = _ROADS[name]
        if scene.back() == known.split()[0]:
            known = known.split(" ", 1)[1]  # "đường ĐT 170" is not "đường đường tỉnh"
        said = f"{known} {scene.numbers.cardinal(int(number))}"
        if name == "CT" and scene.after("cao tốc"):
            # "cao tốc năm" would tell nobody which one.
            zero = scene.numbers.digits("0") + " " if number[0] == "0" else ""
            said = f"xê tê {zero}{scene.numbers.cardinal(int(number))}"
        if side:
            said += f" {letter(side)}"
        if second:
            said += f" {scene.numbers.cardinal(int(second))}"
        return f"{said} chấm {scene.numbers.cardinal(int(branch))}" if branch else said

    return Candidate(92, match.end(), SpanKind.ROAD, say, "road")


def room(scene: Scene, start: int) -> Candidate | None:
    """P.301, P 205: a room, not a ward."""
    match = _ROOM.match(scene.text, start)
    if not match:
        return None
    head = "" if scene.back() == "phòng" else "phòng "
    return Candidate(
        93, match.end(), SpanKind.ADDRESS, lambda: f"{head}{scene.numbers.cardinal(int(match[1]))}", "address.room"
    )


def kilometre_post(scene: Scene, start: int) -> Candidate | None:
    """Km12+300, Km 5."""
    match = _POST.match(scene.text, start)
    if not match:
        return None

    def say() -> str:
        said = f"ki lô mét {scene.numbers.cardinal(int(match[1]))}"
        return f"{said} cộng {scene.numbers.cardinal(int(match[2]))}" if match[2] else said

    return Candidate(90, match.end(), SpanKind.ROAD, say, "road.post")


def coordinate(scene: Scene, start: int) -> Candidate | None:
    """20°57'N, 105°46'30"E: degrees, minutes, seconds and the quarter of the sky."""
    match = _COORDINATE.match(scene.text, start)
    if not match:
        return None
    degrees, minutes, seconds, side = match.groups()

    def say() -> str:
        numbers = scene.numbers
        said = f"{numbers.cardinal(int(degrees))} độ"
        if minutes:
            said += f" {_decimal(scene, minutes)} phút"
        if seconds:
            said += f" {_decimal(scene, seconds)} giây"
        return f"{said} {_QUARTERS[side]}" if side else said

    return Candidate(95, match.end(), SpanKind.UNIT, say, "unit.coordinate")


def _decimal(scene: Scene, written: str) -> str:
    whole, _, fraction = written.replace(".", ",").partition(",")
    return scene.numbers.decimal(whole, fraction)


def house(scene: Scene, start: int) -> Candidate | None:
    """12/5 after "số nhà", "ngõ": "trên"."""
    match = _HOUSE.match(scene.text, start)
    if not match:
        return None
    lettered = any(char.isalpha() for char in match[0])
    parts = match[0].split("/")
    cued = scene.back() in _HOUSE_CUES and not (scene.back() in ("đường", "phố") and len(parts) == 2)
    if scene.back() == "số" and scene.near(frozenset(("nghị", "luật", "tư", "văn", "bản", "định")), 3):
        cued = False
    if not cued and (not lettered or match[2] in ("k", "K", "đ")) and len(parts) < 4:
        return None  # 70k/30 ngày is a price
    return Candidate(
        86 if cued else 55,
        match.end(),
        SpanKind.ADDRESS,
        lambda: " trên ".join(_label(scene, part) for part in parts),
        "address.house",
    )


def plate(scene: Scene, start: int) -> Candidate | None:
    """29A-123.45, 21B1-234.56, 21C 012.34."""
    match = _PLATE.match(scene.text, start)
    if not match:
        return None
    cued = scene.near(_PLATE_CUES, 8)
    if not cued and "." not in match[4] and not match[0][2:3].isalpha():
        return None

    def say() -> str:
        numbers = scene.numbers
        head = f"{numbers.digits(match[1])} {spell(match[2])}"
        if match[3]:
            head += f" {numbers.digits(match[3])}"
        return f"{head}, {numbers.grouped(re.split(r'[. ]', match[4]))}"

    return Candidate(91 if cued else 82, match.end(), SpanKind.PLATE, say, "plate")


def label(scene: Scene, start: int) -> Candidate | None:
    """Letters and digits in one name: 5A2, 9A, CT01, B12, 4G, H5N1."""
    match = _MIXED.match(scene.text, start)
    if not match and scene.back() in _LABEL_CUES:
        match = _DASHED.match(scene.text, start)
    if not match:
        return None
    written = match[0]
    # A name that ends in a figure and a figure behind it would be heard as one number: "BĐ3 0,75m".
    pause = "," if written[-1].isdecimal() and _FIGURE_NEXT.match(scene.text, match.end()) else ""
    entries = scene.lexicon.exact(written)
    chosen = entry_for(scene, entries, match.end()) if entries else None
    if chosen:
        said = chosen[0].said + pause
        layer = scene.lexicon.layer_of(chosen[0])
        return Candidate(70, match.end(), SpanKind.ACRONYM, lambda: said, f"lexicon.{layer}")
    step = _step(scene, start)
    if step:
        return step
    letters = [run for run in _RUNS.findall(written) if not run.isdecimal()]
    sure = scene.back() in _LABEL_CUES or (len(written) <= 6 and all(run.isupper() or len(run) == 1 for run in letters))
    note = "" if sure and len(written) <= 8 else "reading.unknown_label"
    return Candidate(
        45,
        match.end(),
        SpanKind.ADDRESS if scene.back() in _LABEL_CUES else SpanKind.ACRONYM,
        lambda: _joined(scene, written) + pause,
        "label",
        0.9 if not note else 0.5,
        note,
    )


def _joined(scene: Scene, written: str) -> str:
    """The parts of a label; between two figures a breath, or "B2-15" would be twenty-five."""
    parts = written.split("-")
    said = _label(scene, parts[0])
    for before, part in pairwise(parts):
        close = len(written) <= 9 and not (before[-1].isdecimal() and part[0].isdecimal())
        said += (" " if close else ", ") + _label(scene, part)
    return said


def _step(scene: Scene, start: int) -> Candidate | None:
    """B1: đăng nhập; B2: chọn dịch vụ: the steps of a guide."""
    match = _STEP.match(scene.text, start)
    if not match or scene.near(_NOT_STEPS, 8):
        return None
    if scene.back() not in _STEP_OPENERS and not (scene.back() in (",", "-") and "\0step" in scene.trail):
        return None
    said = f"bước {scene.numbers.cardinal(int(match[1]))}"
    return Candidate(71, match.end(), SpanKind.ORDINAL, lambda: said, "step", 0.9)


def _label(scene: Scene, written: str) -> str:
    said: list[str] = []
    runs = re.findall(r"\d+|[^\W\d_]+|\.", written)
    for index, run in enumerate(runs):
        if run == ".":
            said.append("phẩy" if index and runs[0] == "PM" else "chấm")
        elif run.isdecimal():
            leading = run[0] == "0" and len(run) > 1
            if len(run) > 5:
                said.append(scene.numbers.grouped([run[i : i + 3] for i in range(0, len(run), 3)]))
            else:
                said.append(scene.numbers.digits(run) if leading or len(run) > 3 else scene.numbers.cardinal(int(run)))
        elif run == "M" and scene.near(_CONCRETE, 6):
            said.append("mác" if scene.back() != "mác" else "")
        elif run == "D" and (written in _DIMENSIONS or scene.near(_ROUND, 6)) and scene.back() not in _LABEL_CUES:
            said.append("đê")
        elif run == "O" and scene.back() not in _LABEL_CUES:
            said.append("ô")
        elif run in _SPOKEN:
            said.append(_SPOKEN[run])
        else:
            known = scene.lexicon.exact(run) if len(run) > 2 and scene.back() != "mẫu" else ()
            said.append(known[0].said if known else letter(run) if len(run) == 1 else spell(run))
    return " ".join(word for word in said if word)
