"""Words that are not read as written: acronyms, abbreviations with dots and strokes, Roman numbers, capitals."""

import re

from broadcaster.domain.reading.codes import issuer_name
from broadcaster.domain.reading.context import LIST_MARKS, WORD, entry_for
from broadcaster.domain.reading.letters import letter, spell
from broadcaster.domain.reading.lexicon import LexiconEntry
from broadcaster.domain.reading.model import SpanKind
from broadcaster.domain.reading.numbers import roman_value
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.scene import DASH, GAP, Candidate, Scene
from broadcaster.domain.reading.syllables import is_syllable, is_voiced
from broadcaster.domain.reading.units import MEASURES, say_unit

_CHUNK = Pattern(r"[^\W\d_]+(?:[./][^\W\d_]+){0,4}\.?")
_JOINED = Pattern(rf"[A-ZĐÔÂƯƠ]{{1,8}}(?:(?:{GAP}&{GAP}|,|{DASH}|\s{DASH}\s)[A-ZĐÔÂƯƠ]{{1,8}}){{1,4}}(?![\w])")
_JOINTS = Pattern(rf"\s?(?:&|,|{DASH})\s?")
_ROMAN = Pattern(rf"([IVXLCDM]{{1,8}})(?:{GAP}{DASH}{GAP}([IVX]{{1,6}}))?(?:{GAP}/{GAP}((?:19|20)\d\d))?(?![\w])")
_SMALL_ROMAN = Pattern(r"([ivx]{2,5})()()(?![\w])")
_SMALL_ROMAN_CUES = cues("quý quí khóa khoá kỷ kỉ chương mục hạng")
SMALL_ROMANS = cues("ii iii iv vi vii viii ix xi xii xiii xiv xv xvi xvii xviii xix xx xxi")
_ROMAN_CUES = cues(
    """quý quí khóa khoá kỷ kỉ hạng loại cấp chương phần mục hội thứ kỳ kì điều bậc nhóm vùng đợt đoạn tập
    quyển bảng lục
    khối khu đoàn giải tuần bước tiểu ương tháng kiểu nhánh mức ban sĩ khoa vực cụm đội bộ trạm tổ thôn ca số lớp
    trung tầng vòng luật"""
)
_NAME_WORDS = cues(
    "văn thị nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đức minh ngọc hữu công ông "
    "bà anh chị em cháu"
)
_HYPHENED = Pattern(r"[^\W\d_]{1,12}(?:-[^\W\d_]{1,12}){1,2}(?![\w-])")
_LEVEL = Pattern(r"((?:\.\d{1,2}){1,3})(?![\d\w]|\.\d)(?:\.(?=\s))?")
_OUTLINED = cues("mục phần điểm chương khoản tiết bảng hình lục tiểu biểu")
_STORMS = frozenset(("bão",))
_VITAMINS = frozenset(("vitamin",))
_BLOOD = frozenset(("máu",))
_PRICE = Pattern(r"\s{1,3}\d[\d.,]{0,14}\s?(?:đ|đồng|triệu|tr|nghìn|ngàn|k|tỷ)(?![^\W\d_])")
_TIMES = Pattern(r"\s{1,3}\d")
_CAPITAL_RUN = Pattern("[A-ZĐ]{2}")
_HUMP = Pattern(r"[A-Z][a-z]+")
_LATIN = Pattern(r"[A-Za-z]+")
_HEADS = cues("bộ hội ban trạm đoàn trường sở tổ thẻ đài xã đảng")


def _from_entry(scene: Scene, weight: int, end: int, kind: SpanKind, entry: LexiconEntry) -> Candidate:
    return Candidate(weight, end, kind, lambda: _once(scene, entry.said), f"lexicon.{scene.lexicon.layer_of(entry)}")


def _once(scene: Scene, said: str) -> str:
    """Without the words that the writer has just spelled out: "Trạm TYT", "Liên đoàn LĐLĐ", "thành phố TP."."""
    words = said.split()
    for size in (3, 2, 1):
        if len(words) > size and scene.trail[-size:] == words[:size] and (size > 1 or words[0] in _HEADS):
            return " ".join(words[size:])
    return said


def phrase(scene: Scene, start: int) -> Candidate | None:
    """A lexicon entry of several words: `TT HĐND`, `PAR INDEX`."""
    first = WORD.match(scene.text, start)
    if not first:
        return None
    for written in scene.lexicon.phrases(first[0].lower()):
        end = start + len(written)
        found = scene.text[start:end]
        if end < len(scene.text) and (scene.text[end].isalnum() or scene.text[end] == "_"):
            continue
        entries = scene.lexicon.exact(found) if found == written else ()
        entries = entries or scene.lexicon.folded(found.lower())
        chosen = entry_for(scene, entries, end) if entries else None
        if chosen:
            return _from_entry(scene, 75, end, SpanKind.ACRONYM, chosen[0])
    return None


def abbreviation(scene: Scene, start: int) -> Candidate | None:
    """A form with dots or strokes: TM., TP., Đ/c, PGS.TS, v.v."""
    match = _CHUNK.match(scene.text, start)
    if not match:
        return None
    chunk = match[0]
    while len(chunk) > 1:
        if not chunk[-1].isalpha() or "/" in chunk or "." in chunk:
            entries = scene.lexicon.exact(chunk)
            end = start + len(chunk)
            chosen = entry_for(scene, entries, end) if entries else None
            if chosen and chunk[-1] == "." and chunk.count(".") == 1 and not _opens_a_name(scene.text, end):
                chosen = None  # the sentence's own full stop: "nghỉ thứ 7, CN."
            if chosen and len(chunk) == 2 and scene.back() in _NAME_WORDS:
                return None  # "Nguyễn Văn X.": a name's initial, not a commune
            if chosen and not (end < len(scene.text) and chunk[-1].isalpha() and scene.text[end].isalnum()):
                return _from_entry(scene, 74, end, SpanKind.TITLE, chosen[0])
        chunk = chunk[:-1]
        if "." not in chunk and "/" not in chunk:
            return None
    return None


def _opens_a_name(text: str, end: int) -> bool:
    """True when a capital or a figure follows on the same line: what stands behind TP., BS., TM."""
    following = text[end : end + 3].lstrip(" \u00a0")[:1]
    return following.isupper() or following.isdecimal()


def hyphened(scene: Scene, start: int) -> Candidate | None:
    """A lexicon word with a hyphen: E-mail, Wi-Fi, e-KYC."""
    match = _HYPHENED.match(scene.text, start)
    entries = scene.lexicon.folded(match[0].lower()) if match else ()
    if not match or not entries:
        return None
    return _from_entry(scene, 72, match.end(), SpanKind.FOREIGN, entries[0])


def joined(scene: Scene, start: int) -> Candidate | None:
    """GD&ĐT, LĐ-TB&XH, KT-XH; composites that no table knows are expanded part by part."""
    match = _JOINED.match(scene.text, start)
    if not match:
        return None
    written = re.sub(r"\s?&\s?", "&", match[0])
    for form in (written, match[0], written.replace(" ", ""), re.sub(r"[–—‑−]", "-", written).replace(" ", "")):
        entries = scene.lexicon.exact(form)
        if entries:
            return _from_entry(scene, 73, match.end(), SpanKind.ACRONYM, entries[0])
    if "," in written:
        return None
    parts = _JOINTS.split(match[0])
    known = [scene.lexicon.exact(part) for part in parts]
    if not any(known) or any(len(part) == 1 for part in parts):
        return None
    link = " và " if "&" in match[0] else ", "
    note = "" if all(known) else "reading.unknown_acronym"

    def say() -> str:
        said = [entries[0].said if entries else spell(part) for part, entries in zip(parts, known, strict=True)]
        return ", ".join(said[:-1]) + link + said[-1]

    return Candidate(66, match.end(), SpanKind.ACRONYM, say, "acronym.joined", 0.7 if not note else 0.4, note)


def roman(scene: Scene, start: int) -> Candidate | None:
    """IV after "quý", XIII after "Đại hội"; a numeral of two signs or more also without a cue."""
    match = _ROMAN.match(scene.text, start) or _small_roman(scene, start)
    if not match:
        return None
    first, last = roman_value(match[1].upper()), roman_value(match[2] or "I")
    if match[1] in ("C", "D", "L", "M"):
        return None  # "bằng lái hạng D": a letter
    if not first or not last:
        return None
    back = scene.back()
    outline = None if match[2] or match[3] else _outline(scene, match.end(), first)
    if outline:
        return outline
    cued = back in _ROMAN_CUES or (back in LIST_MARKS and scene.back(2).startswith("\0roman"))
    end = match.end()
    bullet = back in ("", "¶") and scene.text[end : end + 1] in (".", ")", "/", "-", ":", " ") and not match[2]
    if bullet and scene.text[end : end + 1] in "./)" and not scene.text[end + 1 : end + 2].isspace():
        bullet = False  # V/v
    if bullet and not set(match[1]) <= set("IVX"):
        return None
    if bullet and scene.text[end : end + 1] == " " and not _DASHED.match(scene.text, end):
        bullet = False
    if not cued and not bullet and (len(match[1]) < 2 or not set(match[1]) <= set("IVX")):
        return None
    if match[2] and not cued:
        return None
    weight = 80 if cued or bullet else 44
    ordinal = back == "thứ"

    # "RON95-III 20.500đ" would be heard as one number.
    pause = "," if not cued and _TIMES.match(scene.text, end) else ""

    def say() -> str:
        numbers = scene.numbers
        said = numbers.ordinal(first) if ordinal and first < 5 else numbers.cardinal(first)
        if match[2]:
            said += f" đến {numbers.cardinal(last)}"
        return f"{said} năm {numbers.cardinal(int(match[3]))}" if match[3] else said + pause

    if bullet:
        # The mark after a numeral that opens a line belongs to the numeral.
        end += 1
        return Candidate(weight, end, SpanKind.BULLET, lambda: say() + ",", "roman.bullet")
    note = "" if cued else "reading.roman_guess"
    return Candidate(weight, end, SpanKind.ROMAN, say, "roman", 1.0 if cued else 0.7, note)


def _outline(scene: Scene, end: int, first: int) -> Candidate | None:
    """II.3 after "mục" or at the head of a line: the second level of an outline."""
    match = _LEVEL.match(scene.text, end)
    opens = scene.back() in ("", "¶")
    if not match or not (opens or scene.back() in _OUTLINED):
        return None
    pause = "," if opens or scene.next_word(match.end()).lower() in _OUTLINED else ""
    numbers = scene.numbers
    said = " chấm ".join(numbers.cardinal(part) for part in (first, *(int(part) for part in match[1].split(".")[1:])))
    kind = SpanKind.BULLET if opens else SpanKind.ROMAN
    return Candidate(83, match.end() if opens else match.end(1), kind, lambda: said + pause, "roman.outline")


def _times(scene: Scene, end: int) -> str:
    """What an x between figures is: doses follow each other, a price is for each one, the rest is multiplied."""
    if not _TIMES.match(scene.text, end):
        # "0,03% x số ngày"; anything else is the letter.
        factors = scene.text[end : end + 1] == " " and scene.back().startswith(("\0percent", "\0money", "\0unit"))
        return "nhân" if factors else ""
    if scene.back() in ("\0stroke.per", "\0unit.per"):
        return ","  # 5 giọt/lần x 3 lần/ngày
    price = _PRICE.match(scene.text, end)
    if price and scene.text[price.end() : price.end() + 1] == "/":
        return ","  # 20 suất x 1.000.000đ/suất
    if price:
        for index in range(2, 5):
            if scene.back(index).startswith("\0number") and scene.back(index - 1).isalpha():
                return f", mỗi {scene.back(index - 1)}"  # 12 suất quà x 500.000đ
    return "nhân"


_DASHED = Pattern(r"\s[-–]\s")


def _small_roman(scene: Scene, start: int) -> re.Match[str] | None:
    """A numeral in small letters, only where nothing else can stand: "quý iii", "khóa xiii"."""
    return _SMALL_ROMAN.match(scene.text, start) if scene.back() in _SMALL_ROMAN_CUES else None


def acronym(scene: Scene, start: int) -> Candidate | None:
    """A word that the lexicon knows, in this spelling or in any case."""
    match = WORD.match(scene.text, start)
    if not match:
        return None
    written, end = match[0], match.end()
    if scene.text[end : end + 1].isdecimal():
        return None
    lowered = written.lower()
    if written == "CN" and (
        scene.back().startswith("\0time.clock")
        or (
            scene.back() in (",", "và", "hoặc", "đến", "-", ";")
            and scene.back(2).startswith(("\0number.ordinal", "\0date.weekday"))
        )
    ):
        return Candidate(60, end, SpanKind.DATE, lambda: "chủ nhật", "date.weekday")
    own = scene.defined.get(written) if scene.defined else None
    if own:
        return Candidate(58, end, SpanKind.ACRONYM, lambda: own, "acronym.defined", 0.9)
    entries = scene.lexicon.exact(written)
    kind = SpanKind.ACRONYM
    if not entries:
        entries = scene.lexicon.folded(lowered)
        kind = SpanKind.FOREIGN
    chosen = entry_for(scene, entries, end) if entries else None
    if not chosen:
        return None
    entry, cued = chosen
    if written.isupper() and is_syllable(lowered) and is_shouting(scene, start, end) and not cued:
        return None
    open_choice = not cued and len({other.said for other in entries}) > 1
    return Candidate(
        56 if entry.context or not open_choice else 54,
        end,
        kind,
        lambda: _once(scene, entry.said),
        f"lexicon.{scene.lexicon.layer_of(entry)}",
        0.7 if open_choice else 1.0,
    )


def capitals(scene: Scene, start: int) -> Candidate | None:
    """Whatever is left with capitals: a word that is shouted, or letters that nobody knows."""
    match = WORD.match(scene.text, start)
    if not match:
        return None
    written, end = match[0], match.end()
    lowered = written.lower()
    if scene.text[end : end + 1].isdecimal():
        return None
    times = _times(scene, end) if lowered == "x" else ""
    if times:
        return Candidate(33, end, SpanKind.SYMBOL, lambda: times, "symbol.times")
    if len(written) == 1:
        named = written.isupper() or scene.back() == "điểm" or not is_syllable(lowered)
        name = "đê" if written == "D" and scene.near(_VITAMINS, 8) else letter(written)
        name = "ô" if written == "O" and scene.near(_BLOOD, 4) else name
        return Candidate(30, end, SpanKind.ACRONYM, lambda: name, "letter") if named else None
    if is_syllable(lowered):
        if not written.isupper():
            # LAm, hỌP: a slip of the shift key inside a word; a voice would spell the capitals.
            slip = _CAPITAL_RUN.search(written) or scene.lexicon.exact(lowered)
            known = entry_for(scene, scene.lexicon.exact(lowered), end)
            said = known[0].said if known else lowered
            return Candidate(31, end, SpanKind.TEXT, lambda: said, "capitals.slip", 0.9) if slip else None
        plain = written.isascii() and len(written) <= 3 and not is_shouting(scene, start, end)
        note = "reading.shouted_word" if plain else ""
        return Candidate(31, end, SpanKind.TEXT, lambda: lowered, "capitals.word", 0.6 if plain else 1.0, note)
    if written in MEASURES:
        return Candidate(32, end, SpanKind.UNIT, lambda: say_unit(written), "unit.word", 0.9)
    issuer = issuer_name(written) if len(written) > 2 else ""
    if issuer:
        return Candidate(32, end, SpanKind.ACRONYM, lambda: issuer, "issuer", 0.8)
    return _unknown(scene, written, end)


def _unknown(scene: Scene, written: str, end: int) -> Candidate | None:
    """Letters in no table: a foreign name that a voice can try stays, the rest is spelled, a person is told."""
    lowered = written.lower()
    folded = (
        scene.lexicon.exact(written.upper()) if (written.islower() or written.istitle()) and len(written) > 2 else ()
    )
    folded = folded or (scene.lexicon.exact(lowered) if lowered != written else ())
    if folded:
        return _from_entry(scene, 29, end, SpanKind.ACRONYM, folded[0])
    if sum(char.isupper() for char in written) < 2 and is_voiced(lowered):
        return None
    if not written.isupper() and (_sayable(lowered) or _humped(written)) and not _CAPITAL_RUN.search(written):
        # iPhone, TikTok: a name with capitals inside stays as it is written.
        return Candidate(28, end, SpanKind.FOREIGN, lambda: written, "foreign.name", 0.5, "reading.foreign_name")
    if (len(written) >= 5 or (len(written) > 3 and scene.near(_STORMS, 6))) and _sayable(lowered):
        return Candidate(28, end, SpanKind.UNKNOWN, lambda: lowered, "capitals.name", 0.4, "reading.unknown_acronym")
    return Candidate(
        28, end, SpanKind.UNKNOWN, lambda: spell(written) or lowered, "letters.spelled", 0.3, "reading.unknown_acronym"
    )


def is_shouting(scene: Scene, start: int, end: int) -> bool:
    """True when the word stands among words in capitals that are Vietnamese words."""
    before = re.search(r"([^\W\d_]+)[\s,\"“(]{1,3}$", scene.text[max(0, start - 24) : start])
    after = re.match(r"[\s,\"”)]{1,3}([^\W\d_]+)", scene.text[end : end + 24])
    return any(
        match and len(match[1]) > 1 and match[1].isupper() and is_syllable(match[1].lower()) and not match[1].isascii()
        for match in (before, after)
    ) or any(
        match and len(match[1]) > 2 and match[1].isupper() and is_syllable(match[1].lower())
        for match in (before, after)
    )


def _humped(written: str) -> bool:
    """AstraZeneca, ViettelPay: words in one, each of which a voice can try."""
    humps = _HUMP.findall(written)
    return "".join(humps) == written and all(len(hump) > 2 and is_voiced(hump.lower()) for hump in humps)


def _sayable(word: str) -> bool:
    """Latin letters in which vowels and consonants alternate well enough for a voice."""
    if not _LATIN.fullmatch(word):
        return False
    return not re.search(r"[^aeiouy]{3}", word) and bool(re.search(r"[aeiouy]", word))
