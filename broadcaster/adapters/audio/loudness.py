"""Loudness and true peak after ITU-R BS.1770-4, and levelling that hits both at once.

The usual order (gain to the target, then limit, done) misses the target: the limiter takes loudness away and nobody
measures again. Here the gain in front of the limiter is searched until the limited, rounded sound measures right.
Nothing here holds more of a sound than a block.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from broadcaster.adapters.audio import truepeak
from broadcaster.adapters.audio.gating import SILENT, LoudnessMeter
from broadcaster.adapters.audio.limiter import FULL_SCALE, TEMPERS, Limiter, Temper
from broadcaster.adapters.audio.outline import outlined
from broadcaster.adapters.audio.spool import Spool, spooled
from broadcaster.domain.master import Measured
from broadcaster.domain.take import Tape
from broadcaster.units import Dbtp, Lufs

NO_PEAK = Dbtp(-120.0)
CLOSE_ENOUGH = 0.02
"""Loudness units at which the search ends; a tenth is what is asked for."""

_ROUNDS = 12
_PEAK_ROUNDS = 6
_MARGIN = 0.02


class Bs1770Meter:
    """The port `Meter`."""

    def measure(self, tape: Tape) -> Measured:
        """Everything in one pass. The peak is oversampled 4 times at 48 kHz, up to 8 times at the rates of speech."""
        meter, peaks = LoudnessMeter(tape.rate), truepeak.PeakMeter(tape.rate)
        for block in tape.blocks():
            samples = floats(block)
            meter.add(samples)
            peaks.add(samples)
        heard = meter.finish()
        return Measured(
            loudness=Lufs(heard.integrated()),
            true_peak=_decibels(peaks.finish()),
            momentary=Lufs(float(heard.momentary().max(initial=SILENT))),
            short_term=Lufs(float(heard.short_term().max(initial=SILENT))),
            range_lu=heard.range(),
        )

    def peaks(self, tape: Tape, most: int) -> tuple[int, ...]:
        """The outline of a tape: read twice, never held."""
        return outlined(tape, most)

    def level(self, tape: Tape, target: Lufs, ceiling: Dbtp) -> Tape:
        """Gain and look-ahead limiter; a sound that cannot be measured is only held under the ceiling."""
        spool = spooled(tape.rate, tape.blocks())
        limiter = Limiter(spool)
        before = loudness_of(read(spool), tape.rate)
        limit = float(ceiling) - _MARGIN
        result = Spool(tape.rate)
        for _ in range(_PEAK_ROUNDS):
            gain, temper = 0.0, TEMPERS[0]
            if before > SILENT:
                gain, temper = _drive(limiter, before, target, limit)
            peak = _write(result, limiter.limited(gain, limit, temper))
            if peak <= ceiling:
                return result
            # The moving gain and the rounding to 16 bits each add a little that the peaks before them did not show.
            limit -= peak - float(ceiling) + _MARGIN
        # Not seen so far; but the ceiling is a promise, and turning the whole sound down keeps it.
        down = 10 ** ((float(ceiling) - peak - _MARGIN) / 20)
        quieter = Spool(tape.rate)
        _write(quieter, (block * down for block in read(result)))
        return quieter


def _write(spool: Spool, blocks: Iterable[Any]) -> Dbtp:
    """Round to 16 bits into an empty spool; the true peak of what was written."""
    spool.clear()
    peaks = truepeak.PeakMeter(spool.rate)
    for block in blocks:
        samples = rounded(block)
        peaks.add(floats(samples))
        spool.append(samples)
    return _decibels(peaks.finish())


def read(tape: Tape) -> Iterator[Any]:
    """The samples of a tape as floats, block by block."""
    return map(floats, tape.blocks())


def _drive(limiter: Limiter, before: float, target: Lufs, limit: float) -> tuple[float, Temper]:
    """Gain and temper that reach the target, with the gentlest temper that can; else the closest there is."""
    start = float(target) - before
    best, smallest = (start, TEMPERS[0]), float("inf")
    for temper in TEMPERS:

        def error_at(gain: float, temper: Temper = temper) -> float:
            return loudness_of(limiter.limited(gain, limit, temper), limiter.rate) - float(target)

        farthest = start + temper.drive
        # Where a gentler temper has failed, one look at the far end often shows that this one fails too.
        short = error_at(farthest) if smallest < float("inf") else 0.0
        gain, error = (farthest, short) if short < -CLOSE_ENOUGH else _search(error_at, start, farthest)
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


def loudness_of(blocks: Iterable[Any], rate: int) -> float:
    """Integrated loudness in LUFS of mono floats."""
    meter = LoudnessMeter(rate)
    for block in blocks:
        meter.add(block)
    return meter.finish().integrated()


def _decibels(height: float) -> Dbtp:
    return Dbtp(max(float(NO_PEAK), 20 * math.log10(height))) if height > 0 else NO_PEAK


def floats(samples: bytes) -> Any:
    """16-bit samples as 32-bit floats, full scale 1.0."""
    import numpy as np

    return np.frombuffer(samples, "<i2") * np.float32(1 / FULL_SCALE)


def rounded(block: Any) -> bytes:
    """Floats as 16-bit samples; what passes full scale is clipped."""
    import numpy as np

    scaled = np.rint(block * np.float32(FULL_SCALE))
    return bytes(np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype("<i2").tobytes())
