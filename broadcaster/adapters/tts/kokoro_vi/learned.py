"""What was learned for Vietnamese: what the network is told besides its own tables. docs/voice.md says how.

The network never heard Vietnamese. Its token for a t is that of other languages, and it knows no t before a heavy tone.
So each sound of a syllable moves the network's features of its token, each tone those of the rime that bears it, and
each speaker the balance of the layers that make the samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from broadcaster.adapters.tts.kokoro_vi.prosody import Placed
from broadcaster.adapters.tts.kokoro_vi.syllable import Syllable, Tone

_FILE = "learned.npz"
_TONES = tuple(Tone)
TONE_ROWS = 2 * len(_TONES)
_GLIDE = "w"


@dataclass(frozen=True, slots=True)
class Learned:
    """Offsets of sounds and tones; `sounds` gives the row of a sound by its name.

    Shapes: `sound_features` (sounds, 512), `sound_energy` (sounds,), `tone_features` (12, 512), `tone_energy` (12,).
    The twelve are the six tones of open syllables, then those before a stop. `balances` has a row for each speaker.
    """

    sounds: dict[str, int]
    sound_features: Any
    sound_energy: Any
    tone_features: Any
    tone_energy: Any
    balances: dict[str, Any]

    def offsets(self, signs: Sequence[str], placed: Sequence[Placed]) -> tuple[Any, Any]:
        """For each token, what its features (tokens, 512) and its energy (tokens,) move by; 0 for an unknown sound."""
        import numpy as np

        features = np.zeros((len(signs), self.sound_features.shape[1]), np.float32)
        energy = np.zeros(len(signs), np.float32)
        for at, name in enumerate(names(signs, placed)):
            row = self.sounds.get(name)
            if row is not None:
                features[at] += self.sound_features[row]
                energy[at] += self.sound_energy[row]
        for one in placed:
            tone = tone_row(one.syllable)
            features[one.nucleus : one.end] += self.tone_features[tone]
            energy[one.nucleus : one.end] += self.tone_energy[tone]
        return features, energy


@cache
def learned() -> Learned:
    """The table that this product ships."""
    import numpy as np

    with (resources.files(__package__) / _FILE).open("rb") as file, np.load(file) as kept:
        table = {key: kept[key] for key in kept.files}
    own = {key: value.astype(np.float32) for key, value in table.items() if key != "sounds"}
    return Learned(
        {str(name): row for row, name in enumerate(table["sounds"])},
        own["sound_features"],
        own["sound_energy"],
        own["tone_features"],
        own["tone_energy"],
        {key.removeprefix("balance_"): value for key, value in own.items() if key.startswith("balance_")},
    )


def tone_row(syllable: Syllable) -> int:
    """Where a syllable's tone is among the twelve."""
    return _TONES.index(syllable.tone) + (len(_TONES) if syllable.stopped else 0)


def names(signs: Sequence[str], placed: Sequence[Placed]) -> list[str]:
    """The sound that each token stands for, by its part of the syllable: `onset:th:1:ʰ`, `coda:c:0:k`, `mark:,`."""
    found = [f"mark:{sign}" for sign in signs]
    for one in placed:
        syllable = one.syllable
        parts = (
            ("onset", syllable.onset, one.start, one.nucleus),
            ("nucleus", syllable.nucleus, one.nucleus, one.coda),
            ("coda", syllable.coda, one.coda, one.end),
        )
        for part, letters, start, end in parts:
            for at in range(start, end):
                found[at] = f"{part}:{letters}:{at - start}:{signs[at]}"
        if syllable.glide:
            found[one.nucleus - 1] = f"glide:{_GLIDE}"
    return found
