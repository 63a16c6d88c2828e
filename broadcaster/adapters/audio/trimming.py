"""Silence cut from both ends of a long recording, a block at a time.

A room is never as silent as a voice that a machine made: what counts as silence follows the noise of the recording.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from broadcaster.domain.take import Tape
from broadcaster.units import Milliseconds

SILENT_DBFS = -60.0
"""A recording that is nowhere louder than this was made with the microphone off."""

_STEP_MS = 10
_RUN = 3
"""Steps in a row that are sound: a click of the mouse is none."""
_OVER_NOISE_DB = 10.0
_LEAST_BELOW_PEAK_DB, _MOST_BELOW_PEAK_DB = 25.0, 45.0
_NOISE_PERCENTILE = 5
_WIDTH = 2


def trimmed(tape: Tape, keep_ms: Milliseconds) -> Tape:
    """The tape without the silence at both ends, save for `keep_ms` of it; without any sample if all is silence."""
    import numpy as np

    step = tape.rate * _STEP_MS // 1000
    levels = np.array(list(_levels(tape, step)), np.float32)
    loud = _loud(levels)
    if not len(loud):
        return _Cut(tape, 0, 0)
    keep = max(keep_ms, 0) * tape.rate // 1000
    return _Cut(tape, max(0, int(loud[0]) * step - keep), (int(loud[-1]) + 1) * step + keep)


def _levels(tape: Tape, step: int) -> Iterator[float]:
    """The level of each step in dBFS; what is left over at the end is a step of its own."""
    import numpy as np

    rest = b""
    for block in tape.blocks():
        data = rest + block
        whole = len(data) // (_WIDTH * step) * _WIDTH * step
        rest = data[whole:]
        if whole:
            yield from _dbfs(np.frombuffer(data[:whole], "<i2").reshape(-1, step))
    if rest:
        yield from _dbfs(np.frombuffer(rest, "<i2").reshape(1, -1))


def _dbfs(steps: Any) -> Iterator[float]:
    import numpy as np

    power = np.mean(np.square(steps.astype(np.float64) / 32768), axis=1)
    yield from 10 * np.log10(np.maximum(power, 1e-12))


def _loud(levels: Any) -> Any:
    """The steps that are sound."""
    import numpy as np

    if not len(levels) or levels.max() <= SILENT_DBFS:
        return np.zeros(0, np.int64)
    peak = float(levels.max())
    noise = float(np.percentile(levels, _NOISE_PERCENTILE)) + _OVER_NOISE_DB
    above = levels > min(max(noise, peak - _MOST_BELOW_PEAK_DB), peak - _LEAST_BELOW_PEAK_DB)
    runs = np.convolve(above, np.ones(_RUN), mode="valid") == _RUN
    begins = np.flatnonzero(runs)
    return begins if not len(begins) else np.array([begins[0], begins[-1] + _RUN - 1])


@dataclass(frozen=True, slots=True)
class _Cut:
    """A stretch of a tape; a `Tape`. The end may lie beyond it."""

    tape: Tape
    first: int
    last: int

    @property
    def rate(self) -> int:
        return self.tape.rate

    def blocks(self) -> Iterator[bytes]:
        at = 0
        for block in self.tape.blocks():
            if at >= self.last:
                return
            frames = len(block) // _WIDTH
            part = block[_WIDTH * max(0, self.first - at) : _WIDTH * max(0, self.last - at)]
            at += frames
            if part:
                yield part
