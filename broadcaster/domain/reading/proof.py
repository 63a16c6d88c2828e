"""What a second pair of eyes would notice before the text is spoken: slips, old encodings, private matters."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pkgutil import get_data

from broadcaster.domain.reading.legacy import recognise_legacy
from broadcaster.domain.reading.patterns import Pattern, cues
from broadcaster.domain.reading.syllables import is_syllable, without_marks, without_tone
from broadcaster.errors import Finding, Place, Severity

_WORD = Pattern(r"[^\W\d_]+(?:[\u0300-\u036f][^\W\d_]*)*")
_SENTENCE = Pattern(r"[^.!?\n]+")
_CITIZEN_ID = Pattern(r"(?<![\d.])0\d{2}[ .]?\d{3}[ .]?\d{3}[ .]?\d{3}(?![\d])")
_OLD_ID = Pattern(r"(?i)\b(?:cmnd|chứng minh nhân dân|cmtnd)\D{0,12}(\d{9})(?!\d)")
_CHILD = Pattern(r"\b(?:[Cc]háu|[Bb]é|[Ee]m|[Tt]rẻ|[Hh]ọc sinh)\s+((?:[A-ZĐÀ-Ỹ][^\W\d_]*\s?){2,5})")
_PERSON = Pattern(r"\b(?:[Ôô]ng|[Bb]à|[Aa]nh|[Cc]hị|[Cc]ụ|[Cc]hú|[Cc]ô|[Bb]ác)\s+((?:[A-ZĐÀ-Ỹ][^\W\d_]*\s?){2,5})")
_ILLNESS = Pattern(
    r"(?i)\b(?:mắc bệnh|bị bệnh|mắc|nhiễm|dương tính|ung thư|HIV|AIDS|tâm thần|tự kỷ|động kinh|bại não|"
    r"lao phổi|xâm hại|"
    r"trầm cảm|khuyết tật|bạo hành|nghiện|bệnh hiểm nghèo|tim bẩm sinh|sốt xuất huyết|tay chân miệng|viêm gan|covid)\b"
)
_BLAME = Pattern(r"(?i)\b(?:vi phạm|tham nhũng|nhận hối lộ|phê bình|kỷ luật|trộm cắp|lừa đảo|đánh bạc|gây rối)\b")
_INVISIBLE = Pattern("[\u00ad\u200b-\u200f\u2060\ufeff]")
_VOWELS = cues("a ă â e ê i o ô ơ u ư y")
_EITHER_PLACE = ("oa", "oe", "uy")


@lru_cache(maxsize=1)
def _compounds() -> tuple[dict[str, frozenset[str]], dict[str, str]]:
    """Compounds of the register by their letters without marks, and known slips with what was meant."""
    text = (get_data(__package__, "data/compounds.tsv") or b"").decode()
    by_letters: dict[str, set[str]] = {}
    slips: dict[str, str] = {}
    for line in text.splitlines():
        if not line or line[0] == "#":
            continue
        wrong, _, right = line.rpartition("\t")
        if wrong:
            slips[wrong] = right
        else:
            by_letters.setdefault(without_marks(right), set()).add(right)
    return {key: frozenset(value) for key, value in by_letters.items()}, slips


def proofread(text: str) -> tuple[Finding, ...]:
    """Suspicions about a text, in the order of the text within each kind.

    Codes: `reading.slip` (a compound with a wrong mark: facts `written`, `meant`), `reading.spelling` (no Vietnamese
    syllable), `reading.tone_place` (the tone stands on the wrong vowel), `reading.unicode_mixed`,
    `reading.invisible_character`, `reading.legacy_font` (facts `font`, `changed`), `reading.privacy_citizen_id`,
    `reading.privacy_child`, `reading.privacy_illness`, `reading.privacy_blame`. Every fact `start` is an offset into
    the text in form NFC.
    """
    legacy = recognise_legacy(text)
    if legacy:
        facts = {"font": legacy.font.value, "changed": legacy.changed[:20], "text": legacy.text}
        return (Finding("reading.legacy_font", Severity.ERROR, Place(line=1), facts),)
    source = unicodedata.normalize("NFC", text)
    findings = [*_forms(text, source), *_slips(source), *_spelling(source), *_privacy(source)]
    return tuple(findings)


def _finding(code: str, source: str, start: int, severity: Severity, **facts: object) -> Finding:
    place = Place(line=source.count("\n", 0, start) + 1)
    return Finding(f"reading.{code}", severity, place, {"start": start, **facts})


def _forms(text: str, source: str) -> Iterator[Finding]:
    if text != source:
        marks = sum(1 for char in text if "\u0300" <= char <= "\u036f")
        composed = sum(1 for char in text if char.isalpha() and not char.isascii() and char not in "đĐ")
        if marks and composed:
            facts = {"composed": composed, "decomposed": marks}
            yield Finding("reading.unicode_mixed", Severity.NOTE, Place(line=1), facts)
    hidden = _INVISIBLE.search(source)
    if hidden:
        name = unicodedata.name(hidden[0], "")
        count = len(_INVISIBLE.findall(source))
        yield _finding("invisible_character", source, hidden.start(), Severity.NOTE, name=name, count=count)


def _slips(source: str) -> Iterator[Finding]:
    by_letters, slips = _compounds()
    words = list(_WORD.finditer(source))
    lowered = [match[0].lower() for match in words]
    joined = [
        source[one.end() : two.start()].strip() == "" and two.start() - one.end() <= 3 for one, two in pairwise(words)
    ]

    def sound(index: int) -> bool:
        """The two words from here on are a compound in order: neither belongs to another one."""
        if not 0 <= index < len(joined) or not joined[index]:
            return False
        pair = f"{lowered[index]} {lowered[index + 1]}"
        return pair in by_letters.get(without_marks(pair), ())

    for index, near in enumerate(joined):
        if not near:
            continue
        pair = f"{lowered[index]} {lowered[index + 1]}"
        meant = slips.get(pair, "")
        if not meant and not sound(index - 1) and not sound(index + 1):
            meant = _near(pair, lowered[index], lowered[index + 1], by_letters)
        if meant:
            start = words[index].start()
            written = " ".join(source[start : words[index + 1].end()].split())
            yield _finding("slip", source, start, Severity.WARNING, written=written, meant=meant)


def _near(pair: str, first: str, second: str, by_letters: dict[str, frozenset[str]]) -> str:
    """The compound of which one syllable, and one only, carries wrong marks."""
    known = by_letters.get(without_marks(pair))
    if not known:
        return ""
    here = (_one_place(first), _one_place(second))
    for compound in sorted(known):
        right = tuple(_one_place(syllable) for syllable in compound.split(" "))
        if right == here:
            return ""
    for compound in sorted(known):
        right = tuple(_one_place(syllable) for syllable in compound.split(" "))
        if (right[0] == here[0]) != (right[1] == here[1]):
            return compound
    return ""


def _one_place(word: str) -> tuple[str, str]:
    """A syllable without regard to where its tone stands: hoà and hòa are one."""
    return without_tone(word)


def _spelling(source: str) -> Iterator[Finding]:
    for match in _WORD.finditer(source):
        written = match[0]
        word = written.lower()
        if word.isascii() or len(word) == 1 or (written.isupper() and len(word) > 1 and not is_syllable(word)):
            continue
        if not is_syllable(word):
            if not any(ord(char) > 0x24F and not 0x1E00 <= ord(char) <= 0x1EFF for char in word):
                yield _finding("spelling", source, match.start(), Severity.WARNING, written=written)
        elif not _tone_in_place(word):
            yield _finding("tone_place", source, match.start(), Severity.NOTE, written=written)


def _tone_in_place(word: str) -> bool:
    """Whether the tone mark of a syllable stands where either school of orthography puts it."""
    letters = [without_tone(char) for char in word]
    toned = next((index for index, (_, tone) in enumerate(letters) if tone), -1)
    if toned < 0:
        return True
    body = "".join(base for base, _ in letters)
    start = 2 if body.startswith(("qu", "gi")) and len(body) > 2 and body[2] in _VOWELS else 0
    vowels = [index for index in range(start, len(body)) if body[index] in _VOWELS]
    if not vowels or toned not in vowels:
        return False
    if len(vowels) == 1:
        return True
    nucleus = body[vowels[0] : vowels[-1] + 1]
    marked = [index for index in vowels if body[index] in "ăâêôơư"]
    closed = vowels[-1] < len(body) - 1
    if marked:
        return toned == marked[-1]
    if closed:
        return toned == vowels[-1]
    if len(vowels) == 3:
        return toned == vowels[1]
    return nucleus in _EITHER_PLACE or toned == vowels[0]


def _privacy(source: str) -> Iterator[Finding]:
    for match in _CITIZEN_ID.finditer(source):
        yield _finding("privacy_citizen_id", source, match.start(), Severity.ERROR, written=match[0])
    for match in _OLD_ID.finditer(source):
        yield _finding("privacy_citizen_id", source, match.start(1), Severity.ERROR, written=match[1])
    for sentence in _SENTENCE.finditer(source):
        child = _CHILD.search(sentence[0])
        person = _PERSON.search(sentence[0])
        illness = _ILLNESS.search(sentence[0])
        blame = _BLAME.search(sentence[0])
        start = sentence.start()
        if child and illness:
            facts = {"name": child[1].strip(), "matter": illness[0]}
            yield _finding("privacy_child", source, start + child.start(), Severity.ERROR, **facts)
        elif person and illness:
            facts = {"name": person[1].strip(), "matter": illness[0]}
            yield _finding("privacy_illness", source, start + person.start(), Severity.WARNING, **facts)
        if person and blame:
            facts = {"name": person[1].strip(), "matter": blame[0]}
            yield _finding("privacy_blame", source, start + person.start(), Severity.WARNING, **facts)
