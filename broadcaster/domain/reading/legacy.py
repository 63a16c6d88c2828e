"""Texts typed in fonts from before Unicode: TCVN3 (".VnTime") and VNI, recognised and turned into Unicode.

The tables are those of TCVN 5712:1993 (VN3) as the .Vn fonts used it in the Latin-1 places, and of VNI for Windows.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from broadcaster.domain.reading.patterns import Pattern
from broadcaster.domain.reading.syllables import is_syllable

_TCVN3 = (
    "µà¸á¶ả·ã¹ạ¨ă»ằ¾ắ¼ẳ½ẵÆặ©âÇầÊấÈẩÉẫËậ®đÌèÐéÎẻÏẽÑẹªêÒềÕếÓểÔễÖệ×ìÝíØỉÜĩÞị"
    "ßòãóáỏâõäọ«ôåồèốæổçỗéộ¬ơêờíớëởìỡîợïùóúñủòũôụ\u00adưõừøứöử÷ữùựúỳýýûỷüỹþỵ¡Ă¢Â§Đ£Ê¤Ô¥Ơ¦Ư"
)
_VNI = (
    "aùá aøà aûả aõã aïạ aââ aáấ aàầ aåẩ aãẫ aäậ aêă aéắ aèằ aúẳ aüẵ aëặ eùé eøè eûẻ eõẽ eïẹ eâê eáế eàề eåể eãễ eäệ "
    "oùó oøò oûỏ oõõ oïọ oâô oáố oàồ oåổ oãỗ oäộ ôùớ ôøờ ôûở ôõỡ ôïợ uùú uøù uûủ uõũ uïụ öùứ öøừ öûử öõữ öïự yùý yøỳ "
    "yûỷ yõỹ"
)
_VNI_SINGLE = {"ñ": "đ", "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_WORD = Pattern(r"[^\s\d.,;:!?()\"“”/]+")
_FEWEST_WORDS = 3


class LegacyFont(StrEnum):
    """An encoding from before Unicode."""

    TCVN3 = "tcvn3"
    VNI = "vni"


@dataclass(frozen=True, slots=True)
class Converted:
    """A text in Unicode, the encoding it came in, and the words that changed, in order, without repeats."""

    text: str
    font: LegacyFont
    changed: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def _tcvn3_table() -> dict[int, str]:
    return {ord(_TCVN3[i]): _TCVN3[i + 1] for i in range(0, len(_TCVN3), 2)}


@lru_cache(maxsize=1)
def _vni_pairs() -> dict[str, str]:
    lower = {pair[:2]: pair[2] for pair in _VNI.split()}
    upper = {key.upper(): value.upper() for key, value in lower.items()}
    mixed = {key[0].upper() + key[1]: value.upper() for key, value in lower.items()}
    return {**lower, **mixed, **upper}


def to_unicode(text: str, font: LegacyFont) -> str:
    """The text as if it had been typed in Unicode. Characters outside the font's table stay."""
    if font is LegacyFont.TCVN3:
        return text.translate(_tcvn3_table())
    pairs = _vni_pairs()
    singles = {**_VNI_SINGLE, **{key.upper(): value.upper() for key, value in _VNI_SINGLE.items()}}
    out: list[str] = []
    index = 0
    while index < len(text):
        two = pairs.get(text[index : index + 2])
        out.append(two or singles.get(text[index], text[index]))
        index += 2 if two else 1
    return "".join(out)


def recognise_legacy(text: str) -> Converted | None:
    """The text converted, when its words are Vietnamese in an old encoding and are not Vietnamese as they stand.

    Returns:
        None for a text in Unicode, for one without Vietnamese letters, and for less than three telling words.
    """
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    if len(words) < _FEWEST_WORDS:
        return None
    as_it_stands = _share(words)
    best = max(LegacyFont, key=lambda font: _share([to_unicode(word, font) for word in words]))
    after = _share([to_unicode(word, best) for word in words])
    if as_it_stands > 0.5 or after < 0.75:
        return None
    changed: dict[str, str] = {}
    for word in words:
        new = to_unicode(word, best)
        if new != word:
            changed.setdefault(word, new)
    return Converted(to_unicode(text, best), best, tuple(changed.items()))


def _share(words: list[str]) -> float:
    return sum(is_syllable(word.lower().strip("-–'’")) for word in words) / len(words)
