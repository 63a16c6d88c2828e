"""Document numbers in a sentence: 07/KH-UBND, 63/2024/NĐ-CP, 19-NQ/TW, 31/2024/QH15, and short citations."""

import re

from broadcaster.domain.reading.codes import CodeTail, is_code_part, parse_tail, type_names
from broadcaster.domain.reading.letters import letter, spell
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.scene import GAP, Candidate, Scene

_UPPER = "A-ZĐÂÊÔƠƯÁÀÝÓ"
_PART = rf"[{_UPPER}](?:[\w&]|(?<=[{_UPPER}])\.(?=[{_UPPER}]))*"
_CODE = Pattern(
    rf"(\d{{1,6}})([a-zA-ZĐđ]{{0,2}}){GAP}(?:/{GAP}(\d{{4}}){GAP})?[-–/]{GAP}((?:{_PART})(?:{GAP}[-–/]{GAP}{_PART}){{0,4}})(?![\w])"
)
_STANDARD = Pattern(rf"(\d{{1,5}}(?:-\d{{1,2}})?):(\d{{4}})(?:/([{_UPPER}]{{2,8}}))?(?![\w/])")
_SHORT = Pattern(rf"(\d{{1,5}})([a-zA-Z]?){GAP}/{GAP}((?:19|20)\d{{2}})(?![\d\w/])")
_DATE_BETWEEN = Pattern(r"[,\s]{0,3}ngày\s[\d/.\- ]{3,12}(?:tháng\s\d+\snăm\s\d+\s)?[,\s]{0,3}của\s")
_OF = Pattern(r"[,\s]{0,2}của\s")
_BARE = Pattern(rf"([{_UPPER}]\w{{1,7}})[-–]([{_UPPER}]\w{{0,11}})(?:[-–]({_PART}))?(?![\w/])")
_CITATION = Pattern(r"([ĐkKđ])\.\s?(\d{1,3}|[a-zđ])([a-zđ]?)(?![\w.])")
_FORMS = frozenset(("mẫu", "biểu"))
_ZERO = Pattern(r"0\d(?![\d\w]|[/.,:-]\w)")
_AFTER_NUMBER = cues("của về ngày năm và do ban quy hướng có được nêu trên này theo đã thì sửa thay hoặc là tại kèm")
_LABELS = frozenset(("số", ":", "nđ", "tt", "qđ", "nq", "kh", "tb", "ct", "hd", "bc", "kl", "cv", "ttr"))


def document(scene: Scene, start: int) -> Candidate | None:
    """A number with its tail. The tail's words depend on what the sentence has already said."""
    match = _CODE.match(scene.text, start)
    if not match:
        return None
    number, letter, year, written = match[1], match[2], match[3], match[4]
    tail = parse_tail(re.sub(r"\s", "", written), scene.numbers, scene.lexicon)
    form = scene.near(_FORMS, 3)
    parts = [part for part in re.split(r"[-–/]", written) if part]
    known = sum(is_code_part(part.strip()) for part in parts)
    named = _named(scene)
    if form and not known and not scene.lexicon.exact(parts[0]):
        return None
    if not known and not year and not named and not form:
        return None
    weight = 98 if known == len(parts) or year or named else 87
    note = "reading.unknown_code" if tail.unknown else ""
    end = match.end()

    def say() -> str:
        head = _number(scene, number, letter, year)
        said = f", {tail.issuer or tail.type_name}" if form else _tail(scene, tail, end, named=named)
        scene.document = tail.type_name
        return f"{head} {said}" if said and not said.startswith(",") else head + said

    return Candidate(weight, end, SpanKind.CODE, say, "code.number", 0.6 if note else 1.0, note)


def standard(scene: Scene, start: int) -> Candidate | None:
    """26:2010/BTNMT after QCVN, 5603:2008 after TCVN."""
    match = _STANDARD.match(scene.text, start)
    if not match or not ({"qcvn", "tcvn", "chuẩn", "iso", "tcxdvn", "nam", "tccs"} & set(scene.trail[-3:])):
        return None

    def say() -> str:
        said = " gạch ngang ".join(scene.numbers.cardinal(int(part)) for part in match[1].split("-"))
        said += f" năm {scene.numbers.cardinal(int(match[2]))}"
        return f"{said} của {parse_tail(match[3], scene.numbers, scene.lexicon).issuer}" if match[3] else said

    return Candidate(97, match.end(), SpanKind.CODE, say, "code.standard")


def short_citation(scene: Scene, start: int) -> Candidate | None:
    """63/2024 after "Nghị định", "Thông tư", "NĐ", "Luật"."""
    match = _SHORT.match(scene.text, start)
    if not match or not _named(scene):
        return None
    return Candidate(89, match.end(), SpanKind.CODE, lambda: _number(scene, match[1], match[2], match[3]), "code.short")


def leading_zero(scene: Scene, start: int) -> Candidate | None:
    """06 after "Đề án", 05 after "Chỉ thị": the zero is part of the document's name."""
    match = _ZERO.match(scene.text, start)
    following = scene.next_word(match.end()) if match else ""
    if following.islower() and following not in _AFTER_NUMBER:
        return None  # "hướng dẫn 02 mẫu" counts
    if not match or not (
        scene.back() == "án" or scene.after("mẫu", "mẫu số") or (_named(scene) and scene.back() != ":")
    ):
        return None
    return Candidate(73, match.end(), SpanKind.CODE, lambda: scene.numbers.digits(match[0]), "code.zero", 0.9)


def bare_code(scene: Scene, start: int) -> Candidate | None:
    """KH-UBND, NĐ-CP, QĐ-TTg without a number."""
    match = _BARE.match(scene.text, start)
    if not match or not is_code_part(match[1]) or not is_code_part(match[2]):
        return None
    tail = parse_tail(match[0], scene.numbers, scene.lexicon)
    if not tail.type_name:
        return None
    note = "reading.unknown_code" if tail.unknown else ""
    return Candidate(70, match.end(), SpanKind.CODE, lambda: f"{tail.type_name} {tail.issuer}", "code.bare", 0.8, note)


def citation(scene: Scene, start: int) -> Candidate | None:
    """Đ.13 k.3, đ.b k.2 Đ.5: articles, clauses and points in short."""
    match = _CITATION.match(scene.text, start)
    if not match:
        return None
    name = {"Đ": "điều", "k": "khoản", "K": "khoản", "đ": "điểm"}[match[1]]
    number = match[2]
    if number.isdecimal() == (name == "điểm"):
        return None
    said = scene.numbers.cardinal(int(number)) if number.isdecimal() else letter(number)
    side = f" {letter(match[3])}" if match[3] else ""
    return Candidate(76, match.end(), SpanKind.LAW, lambda: f"{name} {said}{side}", "law.short", 0.9)


def _named(scene: Scene) -> bool:
    """True when the sentence has just named the document: "Nghị định số", "Thông tư", "QĐ"."""
    back = scene.back()
    if back in _LABELS:
        return True
    words = [word for word in scene.trail[-5:] if word not in ("số", ":")]
    return any(" ".join(words[-size:]) in type_names() for size in (1, 2, 3, 4))


def _type_said(scene: Scene, type_name: str) -> bool:
    words = " ".join(word for word in scene.trail[-7:] if word not in ("số", ":"))
    if not type_name:
        return False
    if words.endswith(type_name) or (type_name == "quyết định" and words.endswith("quy định")):
        return True  # QĐ stands for both
    if scene.document != type_name:
        return False
    if scene.back() not in ("số", "và", ","):
        return False
    before = scene.trail[:-1]
    if before[-1:] == [")"] and "(" in before[-10:]:
        before = before[: -1 - before[::-1].index("(")]  # what stands in brackets is passed over
    return "\0code.number" in before[-3:]


def _number(scene: Scene, number: str, letter: str, year: str | None) -> str:
    numbers = scene.numbers
    # A document's leading zero is part of its name ("số không bảy"); further zeros are not dictated.
    said = numbers.cardinal(int(number))
    if number[0] == "0" and len(number) == 2 and int(number):
        said = f"{numbers.digits('0')} {said}"
    if letter:
        said += f" {spell(letter)}"
    return f"{said} năm {numbers.cardinal(int(year))}" if year else said


def _tail(scene: Scene, tail: CodeTail, end: int, *, named: bool) -> str:
    issuer = tail.issuer
    of_next = _OF.match(scene.text, end)
    later = _DATE_BETWEEN.match(scene.text, end)
    said_type = _type_said(scene, tail.type_name) or not tail.type_name
    if scene.profile.codes == "short" and named and (said_type or not tail.type_name):
        return ""
    if of_next and said_type:
        return ""  # "của Ủy ban nhân dân" follows and says the same
    if not issuer:
        return "" if said_type else tail.type_name
    if said_type and not later:
        if tail.topic:
            return f", {tail.type_name} {issuer}" if tail.type_name == "hợp đồng" else f", {issuer}"
        return f"của {issuer}"
    shared = tail.type_name.removesuffix(" liên ngành")
    if shared != tail.type_name and not later and _type_said(scene, shared):
        return f"của liên ngành {issuer}"
    if later:
        return f", {tail.type_name} {issuer},".replace("  ", " ")
    return f"{tail.type_name} {issuer}" if tail.type_name else f"của {issuer}"
