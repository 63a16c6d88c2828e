"""A written Vietnamese syllable in its parts: onset, glide, nucleus, coda, tone."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """The six tones, by the names that Vietnamese schools use."""

    NGANG = "ngang"
    HUYEN = "huyen"
    SAC = "sac"
    HOI = "hoi"
    NGA = "nga"
    NANG = "nang"


@dataclass(frozen=True, slots=True)
class Syllable:
    """One syllable. Parts are spelled as the plainest orthography has them.

    `onset` is "" or one of b ch d đ g gi h kh k l m n ng nh p ph r s t th tr v x; `nucleus` a vowel letter with its
    quality or one of iê uô ươ; `coda` is "" or one of m n ng nh p t c ch i u, the last two being off-glides.
    """

    onset: str
    glide: bool
    nucleus: str
    coda: str
    tone: Tone

    @property
    def stopped(self) -> bool:
        """True when a stop closes the syllable: p, t, c or ch."""
        return self.coda in STOPS


STOPS = frozenset(("p", "t", "c", "ch"))
_MARKS = {"\u0300": Tone.HUYEN, "\u0301": Tone.SAC, "\u0303": Tone.NGA, "\u0309": Tone.HOI, "\u0323": Tone.NANG}
_ONSETS = (
    "ngh", "ng", "nh", "gh", "gi", "kh", "ph", "th", "tr", "ch", "qu",
    "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x",
)  # fmt: skip
_SAME_ONSET = {"ngh": "ng", "gh": "g", "c": "k", "qu": "k"}
_RIME = re.compile("([aăâeêioôơuưy]+)(ng|nh|ch|c|m|n|p|t)?")
# Vowel letters of a rime -> (glide, nucleus, off-glide).
_VOWELS: dict[str, tuple[bool, str, str]] = {
    "a": (False, "a", ""), "ă": (False, "ă", ""), "â": (False, "â", ""), "e": (False, "e", ""),
    "ê": (False, "ê", ""), "i": (False, "i", ""), "y": (False, "i", ""), "o": (False, "o", ""),
    "ô": (False, "ô", ""), "ơ": (False, "ơ", ""), "u": (False, "u", ""), "ư": (False, "ư", ""),
    "oo": (False, "o", ""), "ôô": (False, "ô", ""),
    "ai": (False, "a", "i"), "ay": (False, "ă", "i"), "ao": (False, "a", "u"), "au": (False, "ă", "u"),
    "âu": (False, "â", "u"), "ây": (False, "â", "i"), "eo": (False, "e", "u"), "êu": (False, "ê", "u"),
    "iu": (False, "i", "u"), "oi": (False, "o", "i"), "ôi": (False, "ô", "i"), "ơi": (False, "ơ", "i"),
    "ui": (False, "u", "i"), "ưi": (False, "ư", "i"), "ưu": (False, "ư", "u"),
    "ia": (False, "iê", ""), "iê": (False, "iê", ""), "yê": (False, "iê", ""), "ya": (False, "iê", ""),
    "iêu": (False, "iê", "u"), "yêu": (False, "iê", "u"),
    "ua": (False, "uô", ""), "uô": (False, "uô", ""), "uôi": (False, "uô", "i"),
    "ưa": (False, "ươ", ""), "ươ": (False, "ươ", ""), "ươi": (False, "ươ", "i"), "ươu": (False, "ươ", "u"),
    "oa": (True, "a", ""), "oă": (True, "ă", ""), "oe": (True, "e", ""), "oai": (True, "a", "i"),
    "oay": (True, "ă", "i"), "oao": (True, "a", "u"), "oeo": (True, "e", "u"),
    "uâ": (True, "â", ""), "uây": (True, "â", "i"), "uê": (True, "ê", ""), "uêu": (True, "ê", "u"),
    "uy": (True, "i", ""), "uyê": (True, "iê", ""), "uya": (True, "iê", ""), "uyu": (True, "i", "u"),
    "uơ": (True, "ơ", ""), "uă": (True, "ă", ""),
}  # fmt: skip


def parse(word: str) -> Syllable | None:
    """The parts of a syllable in any case and Unicode form; None for what is not a Vietnamese syllable."""
    tone = Tone.NGANG
    letters: list[str] = []
    for char in unicodedata.normalize("NFD", word.lower()):
        if char in _MARKS:
            tone = _MARKS[char]
        else:
            letters.append(char)
    bare = unicodedata.normalize("NFC", "".join(letters))
    onset = next((written for written in _ONSETS if bare.startswith(written)), "")
    rest = bare[len(onset) :]
    if onset == "gi" and not _RIME.fullmatch(rest):
        onset, rest = "gi", "i" + rest  # gì, gìn
    elif onset == "gi" and rest.startswith("ê"):
        rest = "i" + rest  # giếng
    if onset == "qu" and not rest:
        return None
    match = _RIME.fullmatch(rest)
    vowels = _VOWELS.get(match[1]) if match else None
    if not match or not vowels:
        return None
    glide, nucleus, coda = vowels
    if coda and match[2]:
        return None
    coda = coda or match[2] or ""
    return Syllable(_SAME_ONSET.get(onset, onset), glide or onset == "qu", nucleus, coda, tone)
