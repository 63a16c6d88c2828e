"""Loudness and true peak after ITU-R BS.1770-4, and levelling that hits both at once.

The usual order (gain to the target, then limit, done) misses the target: the limiter takes loudness away and nobody
measures again. Here the gain in front of the limiter is searched until the limited, rounded sound measures right.
"""

from collections.abc import Callable
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
_FULL_SCALE = 32768
_PIECE = 1 << 16


class Bs1770Meter:
    """The port `Meter`."""

    def loudness(self, sound: Sound) -> Lufs:
        """Integrated, gated loudness of the mono file as it is."""
        return _loudness(_floats(sound), sound.rate)

    def true_peak(self, sound: Sound) -> Dbtp:
        """From 4 x oversampling at 48 kHz up to 8 x at the rates of speech."""
        return _decibels(true_peak(_integers(sound), sound.rate) / _FULL_SCALE)

    def level(self, sound: Sound, target: Lufs, ceiling: Dbtp) -> Sound:
        """Gain and look-ahead limiter; a sound that cannot be measured is only held under the ceiling."""
        limiter = Limiter(_floats(sound), sound.rate)
        before = _loudness(limiter.samples, sound.rate)
        limit = float(ceiling) - _MARGIN
        result = sound.samples
        for _ in range(_PEAK_ROUNDS):
            gain, temper = 0.0, TEMPERS[0]
            if before > SILENT:
                gain, temper = _drive(limiter, before, target, limit)
            result = _rounded(limiter.limited(gain, limit, temper))
            peak = self.true_peak(Sound(sound.rate, result))
            if peak <= ceiling:
                break
            # The moving gain and the rounding to 16 bits each add a little that the peaks before them did not show.
            limit -= peak - float(ceiling) + _MARGIN
        else:
            # Not seen so far; but the ceiling is a promise, and turning the whole sound down keeps it.
            down = 10 ** ((float(ceiling) - peak - _MARGIN) / 20)
            result = _rounded(_floats(Sound(sound.rate, result)) * down)
        return Sound(sound.rate, result)


def _drive(limiter: Limiter, before: Lufs, target: Lufs, limit: float) -> tuple[float, Temper]:
    """Gain and temper that reach the target, with the gentlest temper that can; else the closest there is."""
    start = float(target) - float(before)
    best, smallest = (start, TEMPERS[0]), float("inf")
    for temper in TEMPERS:

        def error_at(gain: float, temper: Temper = temper) -> float:
            return float(_loudness(limiter.limited(gain, limit, temper), limiter.rate)) - float(target)

        gain, error = _search(error_at, start, start + temper.drive)
        if abs(error) < smallest:
            best, smallest = (gain, temper), abs(error)
        if smallest <= CLOSE_ENOUGH:
            break
    return best


def _search(error_at: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """The gain between `low` and `high` with the least error, and that error.

    Louder in, louder out: the error rises with the gain, so the false-position rule (the Illinois form, which halves
    the weight of an end that stays) closes in on its zero.
    """
    low_error = error_at(low)
    if low_error >= -CLOSE_ENOUGH:
        return low, low_error
    # A first guess twice the shortfall further on spares the far end in most cases.
    gain = min(low - 2 * low_error, high)
    high_error = error_at(gain)
    if high_error < -CLOSE_ENOUGH and gain < high:
        low, low_error, gain = gain, high_error, high
        high_error = error_at(gain)
    high = gain
    best = high, high_error
    low_weight, high_weight = low_error, high_error
    for _ in range(_ROUNDS):
        if abs(best[1]) <= CLOSE_ENOUGH or high_error < 0:
            break
        gain = (low * high_weight - high * low_weight) / (high_weight - low_weight)
        error = error_at(gain)
        if abs(error) < abs(best[1]):
            best = gain, error
        if error < 0:
            low, low_weight, high_weight = gain, error, high_weight / 2
        else:
            high, high_weight, low_weight = gain, error, low_weight / 2
    return best


def _loudness(samples: Any, rate: int) -> Lufs:
    import loudness

    if len(samples) < _SHORTEST_SECONDS * rate:
        return SILENT
    return Lufs(max(float(SILENT), float(loudness.integrated_loudness(samples, rate))))


def _decibels(height: float) -> Dbtp:
    import math

    return Dbtp(max(float(NO_PEAK), 20 * math.log10(height))) if height > 0 else NO_PEAK


def _integers(sound: Sound) -> Any:
    import numpy as np

    return np.frombuffer(sound.samples, "<i2")


def _floats(sound: Sound) -> Any:
    import numpy as np

    return _integers(sound) * np.float32(1 / _FULL_SCALE)


def _rounded(samples: Any) -> bytes:
    import numpy as np

    whole = np.empty(len(samples), "<i2")
    for start in range(0, len(samples), _PIECE):
        part = slice(start, start + _PIECE)
        scaled = np.rint(samples[part] * np.float32(_FULL_SCALE))
        whole[part] = np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1)
    return whole.tobytes()
