"""What a Vietnamese syllable may look like, and what that says about a word.

The tables are the onsets and rimes of standard orthography (quốc ngữ). They tell a Vietnamese word in capitals from
an acronym, find the words inside `dichvucong`, and notice letters that no Vietnamese word has.
"""

import unicodedata
from functools import lru_cache

from broadcaster.domain.reading.patterns import cues

_ONSETS = tuple(
    "ngh ng nh gh gi kh ph th tr ch qu b c d đ g h k l m n p r s t v x".split()  # noqa: SIM905
)
_RIMES = cues(
    """a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt â âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu êng i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc
    oe oem oen oeo oet oi om on ong oong ooc op ot
    ô ôc ôi ôm ôn ông ôp ôt ôông ơ ơi ơm ơn ơp ơt ơng
    u ua uân uâng uât uây uc ue uê uêch uênh uêt uêu uên ui um un ung uơ up ut uy
    uya uych uyn uynh uyp uyt uyu uyên uyêt
    uôc uôi uôm uôn uông uôt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y yêm yên yêng yêt yêu ych ynh"""
)
_AFTER_QU = cues(
    """a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt ân âng ât ây âu
    e en eo et ê êch ên ênh êt êu êng
    i it ich in inh ip iu iên iêt ơ ơi ơn y ych yt ynh yn ynh yên yêt yt oc ôc ơt iêu"""
)
_STOP_FINALS = ("c", "ch", "p", "t")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_MOVED = dict(
    zip(
        ["oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ"],
        ["òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy"],
        strict=True,
    )
)
MOVED_ENDS = frozenset("àáảãạèéẻẽẹỳýỷỹỵ")
_VOWEL_LETTERS = frozenset("aăâeêioôơuưy")
_FRONT = "eêiy"
BARE = {ord("đ"): "d", ord("Đ"): "D"}


def without_tone(word: str) -> tuple[str, str]:
    """A lower-case word without its tone, and the tone marks that it carried."""
    tones = ""
    letters: list[str] = []
    for char in unicodedata.normalize("NFD", word):
        if char in _TONES:
            tones += char
        else:
            letters.append(char)
    return unicodedata.normalize("NFC", "".join(letters)), tones


def without_marks(word: str) -> str:
    """The word in plain Latin letters: no tone, no hat, đ as d."""
    plain = (char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))
    return "".join(plain).translate(BARE)


@lru_cache(maxsize=8192)
def is_syllable(word: str) -> bool:
    """True when a lower-case word could be one Vietnamese syllable: onset, rime and tone agree with each other."""
    body, tones = without_tone(word)
    if len(tones) > 1 or not body:
        return False
    rime = _rime(body)
    if not rime:
        return False
    # A syllable that ends in a stop has the sharp or the heavy tone.
    return not rime.endswith(_STOP_FINALS) or tones in ("\u0301", "\u0323")


def old_style(word: str) -> str:
    """A lower-case word with its tone where the older orthography puts it: hoà as hòa, thuỷ as thủy."""
    moved = _MOVED.get(word[-2:])
    return word[:-2] + moved if moved and not (moved[1] == "y" and word[-3:-2] == "q") else word


def is_voiced(word: str) -> bool:
    """True when a word has a vowel letter, so that a voice can try it."""
    return not _VOWEL_LETTERS.isdisjoint(without_tone(word.lower())[0])


@lru_cache(maxsize=8192)
def is_bare_syllable(word: str) -> bool:
    """True when a lower-case word without marks could be a syllable whose marks were left out (`vu`, `cong`)."""
    return word in _bare_rimes() or any(
        word.startswith(onset) and word[len(onset) :] in (_bare_after_qu() if onset == "qu" else _bare_rimes())
        for onset in _bare_onsets()
    )


def _rime(body: str) -> str:
    if body in _RIMES:
        return body
    for onset in _ONSETS:
        if not body.startswith(onset):
            continue
        rest = body[len(onset) :]
        if onset == "qu":
            return rest if rest in _AFTER_QU else ""
        if onset == "gi" and not rest:
            return "i"
        if onset == "gi" and (rest in _RIMES and not rest.startswith("i")):
            return rest
        if onset == "gi":
            if "i" + rest in _RIMES:  # giêng, gìn: the i belongs to both
                return "i" + rest
            continue
        if rest not in _RIMES or not _spelt(onset, rest):
            continue
        return rest
    return ""


def _spelt(onset: str, rime: str) -> bool:
    front = rime[0] in _FRONT
    if onset in ("k", "gh", "ngh"):
        return front
    if onset in ("c", "g", "ng"):
        return not front or (onset == "g" and rime[0] == "i")
    return True


@lru_cache(maxsize=1)
def _bare_rimes() -> frozenset[str]:
    return frozenset(without_marks(rime) for rime in _RIMES)


@lru_cache(maxsize=1)
def _bare_after_qu() -> frozenset[str]:
    return frozenset(without_marks(rime) for rime in _AFTER_QU)


@lru_cache(maxsize=1)
def _bare_onsets() -> tuple[str, ...]:
    return tuple(dict.fromkeys(without_marks(onset) for onset in _ONSETS))


@lru_cache(maxsize=1024)
def split_bare(word: str) -> tuple[str, ...]:
    """Marks-free syllables that make up a run-together word, the fewest that fit; empty when there are none.

    >>> split_bare("dichvucong")
    ('dich', 'vu', 'cong')
    """
    best: list[tuple[int, tuple[str, ...]] | None] = [(0, ())] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 7), end):
            before = best[start]
            if before is None or not is_bare_syllable(word[start:end]):
                continue
            # Fewest syllables first; single letters are a last resort.
            cost = before[0] + 10 + (15 if end - start == 1 else 0)
            here = best[end]
            if here is None or cost < here[0]:
                best[end] = (cost, (*before[1], word[start:end]))
    found = best[len(word)]
    return found[1] if found else ()
