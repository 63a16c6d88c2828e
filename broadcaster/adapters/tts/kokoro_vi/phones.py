"""From syllables to the tokens that Kokoro knows: one accent, one table.

The choice of tokens was measured, not derived: docs/voice.md says how.
"""

from dataclasses import dataclass, replace

from broadcaster.adapters.tts.kokoro_vi.syllable import Syllable


@dataclass(frozen=True, slots=True)
class Accent:
    """Tokens of one accent. `rimes` overrides nucleus and coda where the two together sound otherwise."""

    onsets: dict[str, str]
    nuclei: dict[str, str]
    codas: dict[str, str]
    rimes: dict[tuple[str, str], tuple[str, str]]

    def tokens(self, syllable: Syllable) -> tuple[str, str, str]:
        """Tokens of onset with glide, of the nucleus, of the coda."""
        onset = self.onsets[syllable.onset] + ("w" if syllable.glide else "")
        key = syllable.nucleus, syllable.coda
        nucleus, coda = self.rimes.get(key) or (self.nuclei[key[0]], self.codas[key[1]])
        return onset, nucleus, coda


NORTH = Accent(
    onsets={
        "": "", "b": "b", "ch": "ʧ", "d": "z", "đ": "d", "g": "ɡ", "gi": "z", "h": "h", "kh": "kʰ", "k": "k", "l": "l",
        "m": "m", "n": "n", "ng": "ŋ", "nh": "ɲ", "p": "p", "ph": "f", "r": "z", "s": "s", "t": "t", "th": "tʰ",
        "tr": "ʈʂ", "v": "v", "x": "s",
    },
    nuclei={
        "a": "aː", "ă": "a", "â": "ʌ", "e": "ɛ", "ê": "e", "i": "i", "o": "ɔ", "ô": "o", "ơ": "əː", "u": "u", "ư": "ɯ",
        "iê": "iə", "uô": "uə", "ươ": "ɯə",
    },
    codas={
        "": "", "m": "m", "n": "n", "ng": "ŋ", "nh": "ɲ", "p": "p", "t": "t", "c": "k", "ch": "k", "i": "j", "u": "w",
    },
    rimes={
        ("a", "nh"): ("aj", "ŋ"), ("a", "ch"): ("aj", "k"), ("o", "ng"): ("aw", "ŋ"), ("o", "c"): ("aw", "k"),
        ("ô", "ng"): ("əw", "ŋ"), ("ô", "c"): ("əw", "k"), ("i", "n"): ("iː", "n"), ("iê", "n"): ("iɛ", "n"),
        ("iê", "ng"): ("iɛ", "ŋ"),
    },
)  # fmt: skip
"""Hanoi as announcers speak it: s as x, d, gi and r alike; tr stays apart from ch, which a recogniser hears better."""

SOUTH = replace(
    NORTH,
    onsets={**NORTH.onsets, "d": "j", "gi": "j", "r": "ɹ", "s": "ʂ", "tr": "ʈ"},
)
"""Ho Chi Minh City in its careful form: tr, s and r are kept apart, d and gi are a glide; n and ng stay apart too."""
