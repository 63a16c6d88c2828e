"""Loudness and true peak after ITU-R BS.1770-4, and levelling that hits both at once.

The usual order (gain to the target, then limit, done) misses the target: the limiter takes loudness away and nobody
measures again. Here the gain in front of the limiter is searched until the limited, rounded sound measures right.
"""

from typing import Any

from broadcaster.adapters.audio.limiter import TEMPERS, Limiter, Temper
from broadcaster.adapters.audio.truepeak import true_peak
from broadcaster.domain.take import Sound
from broadcaster.units import Dbtp, Lufs

SILENT = Lufs(-70.0)
"""The absolute gate: nothing below it is measured (BS.1770-4, annex 1)."""
NO_PEAK = Dbtp(-120.0)
CLOSE_ENOUGH = 0.02
"""Loudness units at which the search ends; a tenth is what is asked for."""

_SHORTEST_SECONDS = 0.4
_ROUNDS = 12
_PEAK_ROUNDS = 6
_MARGIN = 0.02
_LEAST_SLOPE = 0.08
_FULL_SCALE = 32768


class Bs1770Meter:
    """The port `Meter`."""

    def loudness(self, sound: Sound) -> Lufs:
        """Integrated, gated loudness of the mono file as it is."""
        return _loudness(_floats(sound), sound.rate)

    def true_peak(self, sound: Sound) -> Dbtp:
        """From 4 x oversampling at 48 kHz up to 8 x at the rates of speech."""
        return _decibels(true_peak(_floats(sound), sound.rate))

    def level(self, sound: Sound, target: Lufs, ceiling: Dbtp) -> Sound:
        """Gain and look-ahead limiter; a sound that cannot be measured is only held under the ceiling."""
        samples = _floats(sound)
        before = _loudness(samples, sound.rate)
        limiter = Limiter(samples, sound.rate)
        limit = float(ceiling) - _MARGIN
        result = sound.samples
        for _ in range(_PEAK_ROUNDS):
            gain, temper = 0.0, TEMPERS[0]
            if before > SILENT:
                gain, temper = _drive(limiter, before, target, limit)
            result = _rounded(limiter.limited(gain, limit, temper))
            peak = _decibels(true_peak(_floats(Sound(sound.rate, result)), sound.rate))
            if peak <= ceiling:
                break
            # The moving gain and the rounding to 16 bits each add a little that the peaks before them did not show.
            limit -= peak - float(ceiling) + _MARGIN
        return Sound(sound.rate, result)


def _drive(limiter: Limiter, before: Lufs, target: Lufs, limit: float) -> tuple[float, Temper]:
    """Gain and temper that reach the target, with the gentlest temper that can; else the closest there is."""
    start = float(target) - float(before)
    best, smallest = (start, TEMPERS[0]), float("inf")
    for temper in TEMPERS:
        # A rougher temper begins where the gentler one had to stop.
        gain, error = _search(limiter, best[0], start + temper.drive, float(target), limit, temper)
        if abs(error) < smallest:
            best, smallest = (gain, temper), abs(error)
        if smallest <= CLOSE_ENOUGH:
            break
    return best


def _search(
    limiter: Limiter, gain: float, most: float, target: float, limit: float, temper: Temper
) -> tuple[float, float]:
    """The gain in front of the limiter that brings its output to the target, by secants, and what error is left."""
    best = gain, float("inf")
    earlier: tuple[float, float] | None = None
    for _ in range(_ROUNDS):
        error = float(_loudness(limiter.limited(gain, limit, temper), limiter.rate)) - target
        if abs(error) < abs(best[1]):
            best = gain, error
        if abs(error) <= CLOSE_ENOUGH or (error < 0 and gain >= most):
            break
        slope = 1.0
        if earlier and gain != earlier[0]:
            # More drive never makes it softer, and near saturation hardly louder: a bound keeps the step sane.
            slope = min(1.0, max(_LEAST_SLOPE, (error - earlier[1]) / (gain - earlier[0])))
        earlier = gain, error
        gain = min(gain - error / slope, most)
    return best


def _loudness(samples: Any, rate: int) -> Lufs:
    import loudness

    if len(samples) < _SHORTEST_SECONDS * rate:
        return SILENT
    return Lufs(max(float(SILENT), float(loudness.integrated_loudness(samples, rate))))


def _decibels(height: float) -> Dbtp:
    import math

    return Dbtp(max(float(NO_PEAK), 20 * math.log10(height))) if height > 0 else NO_PEAK


def _floats(sound: Sound) -> Any:
    import numpy as np

    return np.frombuffer(sound.samples, "<i2") * np.float32(1 / _FULL_SCALE)


def _rounded(samples: Any) -> bytes:
    import numpy as np

    scaled = np.rint(samples * np.float32(_FULL_SCALE))
    return bytes(np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2").tobytes())
