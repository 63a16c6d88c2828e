"""The station's own tones: the chime before a bulletin and the tune that opens a session, drawn by formula.

No recording, so no rights to clear. Five notes of the pentatonic scale, each a bell of three partials that die away.
"""

import math
from array import array
from functools import cache
from sys import byteorder

from broadcaster.domain.take import Sound

CHIME = "chime-1"
SIGNATURE = "signature-1"

_G4, _A4, _C5, _D5, _E5, _G5 = 392.0, 440.0, 523.25, 587.33, 659.26, 783.99
_SCORES: dict[str, tuple[tuple[float, float, float], ...]] = {
    CHIME: ((0.0, _G4, 0.9), (0.35, _C5, 1.2)),
    SIGNATURE: tuple(
        (0.55 * beat, note, 1.6)
        for beat, note in enumerate((_G4, _A4, _C5, _D5, _E5, _D5, _C5, _A4, _C5, _D5, _E5, _G5, _E5, _D5, _C5, _C5))
    ),
}
"""By name: notes as (start in s, pitch in Hz, length in s)."""

_PARTIALS = ((1.0, 0.6, 1.0), (2.0, 0.25, 1.8), (3.01, 0.12, 3.0))
"""Of each bell: frequency ratio, share of the amplitude, how fast it dies away."""

_PEAK = 0.4
_ATTACK_S = 0.008


@cache
def tune(name: str, rate: int) -> Sound:
    """One of the station's tones at `rate` Hz.

    Raises:
        KeyError: for a name that is not `CHIME` or `SIGNATURE`.
    """
    notes = _SCORES[name]
    length = max(start + span for start, _, span in notes)
    mixed = [0.0] * math.ceil(length * rate)
    for start, pitch, span in notes:
        first = round(start * rate)
        for n in range(min(round(span * rate), len(mixed) - first)):
            t = n / rate
            envelope = min(1.0, t / _ATTACK_S) * min(1.0, (span - t) / 0.05)
            wave = sum(
                a * math.exp(-3.0 * d * t / span) * math.sin(2 * math.pi * pitch * r * t) for r, a, d in _PARTIALS
            )
            mixed[first + n] += envelope * wave
    top = max(abs(value) for value in mixed)
    samples = array("h", (round(value / top * _PEAK * 32767) for value in mixed))
    if byteorder == "big":
        samples.byteswap()
    return Sound(rate, samples.tobytes())
