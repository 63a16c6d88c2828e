"""Letter by letter: the names of letters as announcers say them, and names of signs."""

from functools import lru_cache

LETTERS: dict[str, str] = {
    "a": "a", "ă": "á", "â": "ớ", "b": "bê", "c": "xê", "d": "dê", "đ": "đê", "e": "e", "ê": "ê", "f": "ép",
    "g": "giê", "h": "hát", "i": "i", "j": "gi", "k": "ca", "l": "lờ", "m": "mờ", "n": "nờ", "o": "o",
    "ô": "ô", "ơ": "ơ", "p": "pê", "q": "quy", "r": "rờ", "s": "sờ", "t": "tê", "u": "u", "ư": "ư", "v": "vê",
    "w": "vê kép", "x": "ích", "y": "y", "z": "dét",
}  # fmt: skip
ACRONYM_LETTERS: dict[str, str] = {
    **LETTERS,
    "l": "e lờ",
    "m": "em mờ",
    "n": "en nờ",
    "r": "e rờ",
    "s": "ét sì",
    "o": "ô",
    "y": "i",
}
GREEK: dict[str, str] = {
    "Ø": "phi", "ø": "phi", "Φ": "phi", "φ": "phi", "θ": "tê ta", "η": "ê ta", "ε": "ép xi lon",
    "α": "an pha", "β": "bê ta", "γ": "gam ma", "δ": "đen ta", "Δ": "đen ta", "λ": "lam đa", "μ": "muy", "µ": "mi crô",
    "π": "pi", "σ": "xích ma", "Σ": "xích ma", "ω": "ô mê ga", "Ω": "ôm",
}  # fmt: skip


@lru_cache(maxsize=2048)
def spell(text: str) -> str:
    """Every letter by its name; other characters are passed over. Lower case and upper case sound alike."""
    return " ".join(ACRONYM_LETTERS[char] for char in text.lower() if char in ACRONYM_LETTERS)


def letter(char: str) -> str:
    """One letter's name as it is said in a point, a class or a house number; the character itself when it has none."""
    return LETTERS.get(char.lower()) or GREEK.get(char, char)
