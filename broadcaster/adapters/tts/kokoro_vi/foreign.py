"""Words that are no Vietnamese syllables: said in syllables that a Vietnamese speaker would use for them."""

import re
import unicodedata

from broadcaster.adapters.tts.kokoro_vi.syllable import Syllable, parse
from broadcaster.domain.reading.letters import spell

_SPELLINGS = (
    ("ph", "f"), ("sch", "s"), ("sh", "s"), ("ck", "k"), ("qu", "kw"), ("q", "k"), ("x", "s"), ("th", "t"),
    ("ee", "i"), ("oo", "u"), ("ou", "u"), ("ea", "i"), ("y", "i"), ("ue", "u"), ("c", "k"),
)  # fmt: skip
_GROUPS = re.compile(r"([^aeiou]*)([aeiou]+|$)")
_ONSETS = {"f": "ph", "j": "gi", "z": "d", "k": "c", "d": "đ", "w": "u", "g": "g"}
_CODAS = {"k": "c", "b": "p", "d": "t", "g": "c", "l": "n", "f": "p", "v": "p", "s": "t", "z": "t"}
_CLOSING = frozenset("mnptc")
_LONE = "ơ"
_SOFT = {"e": "ê", "o": "ô"}


def syllables_of(word: str) -> tuple[Syllable, ...]:
    """The syllables of a word: itself if it is one, a foreign word cut into some, letters otherwise; never none."""
    whole = parse(word)
    if whole:
        return (whole,)
    cut = _cut(word.lower())
    found = tuple(syllable for part in cut if (syllable := parse(part)))
    if found and len(found) == len(cut):
        return found
    # A vowel with a tone mark has no name of its own: it is said as it sounds.
    names = " ".join(spell(letter) or letter for letter in unicodedata.normalize("NFC", word))
    return tuple(syllable for name in names.split() if (syllable := parse(name)))


def _cut(word: str) -> list[str]:
    """Zalo as đa lô, festival -> phét ti van, as far as rules without a dictionary go."""
    if not word.isascii() or not re.search("[aeiouy]", word):
        return []
    for written, said in _SPELLINGS:
        word = word.replace(written, said)
    parts: list[str] = []
    for consonants, vowels in _GROUPS.findall(word):
        if not consonants and not vowels:
            continue
        lead = _closed(parts, consonants, last=not vowels)
        parts.extend(_ONSETS.get(lone, lone) + _LONE for lone in (lead[:-1] if vowels else lead))
        if vowels:
            onset = _ONSETS.get(lead[-1:], lead[-1:])
            first = next((size for size in (3, 2, 1) if parse(onset + vowels[:size])), 0)
            parts.append(onset + (_SOFT.get(vowels, vowels[:first])))
            parts.extend(vowels[first:])
    return parts


def _closed(parts: list[str], consonants: str, *, last: bool) -> str:
    """The consonants that are left when the first of them has closed the syllable before."""
    if not parts or not consonants or (len(consonants) == 1 and not last):
        return consonants
    coda = _CODAS.get(consonants[0], consonants[0])
    tried = parts[-1] + coda
    if coda not in _CLOSING or not parse(tried):
        return consonants
    parts[-1] = tried
    return consonants[1:]
