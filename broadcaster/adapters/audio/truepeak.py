"""True peaks: the height of the sound between its samples (ITU-R BS.1770-4, annex 2), block by block.

The annex oversamples 48 kHz four times; here every rate is brought to at least 176 kHz, for the error of a coarser grid
grows with frequency over rate: 22,050 Hz is oversampled eight times.
"""

from functools import cache
from typing import Any

BLOCK = 32
"""Samples that go through the filter together, as one row."""

_TAPS = 32
_BETA = 6.0
_FINEST = 176_000
_MOST = 8
_CHUNK = 4096


def factor(rate: int) -> int:
    """How often the rate is oversampled: 2, 4 or 8 times, at least to 176 kHz where 8 suffices."""
    oversampling = 2
    while oversampling < _MOST and rate * oversampling < _FINEST:
        oversampling *= 2
    return oversampling


class PeakMeter:
    """The highest true peak of a sound that comes in blocks, in the unit of its samples."""

    def __init__(self, rate: int) -> None:
        import numpy as np

        self._rate = rate
        self._highest = 0.0
        self._line = np.zeros(BLOCK, np.float32)

    def add(self, samples: Any) -> None:
        """The next samples, a line of 32-bit floats."""
        import numpy as np

        line = np.concatenate([self._line, samples])
        rows = len(line) // BLOCK
        if rows < 3:
            self._line = line
            return
        self._look(line[: rows * BLOCK].reshape(rows, BLOCK))
        # The last two rows are looked at again: the last with its right neighbour, the other as its left one.
        self._line = line[(rows - 2) * BLOCK :].copy()

    def finish(self) -> float:
        """The highest true peak; 0.0 for silence."""
        import numpy as np

        self.add(np.zeros(2 * BLOCK, np.float32))
        return self._highest

    def _look(self, rows: Any) -> None:
        import numpy as np

        sample_peaks = block_peaks(rows)
        self._highest = max(self._highest, float(sample_peaks.max(initial=0.0)))
        if not self._highest:
            return
        # What the filter can make of a block is bounded by its loudest neighbour; most blocks cannot beat the best.
        chosen = np.flatnonzero(bounds(sample_peaks, self._rate)[1:-1] > self._highest) + 1
        found = interpolated_peaks(rows, chosen, self._rate)
        self._highest = max(self._highest, float(found.max(initial=0.0)))


def block_peaks(padded: Any) -> Any:
    """The highest sample of each row."""
    import numpy as np

    return np.maximum(padded.max(axis=1), -padded.min(axis=1))


def bounds(sample_peaks: Any, rate: int) -> Any:
    """What the true peak of each row can be at most, from the samples that its filter sees; nothing for both ends."""
    import numpy as np

    highest = np.zeros_like(sample_peaks)
    highest[1:-1] = np.lib.stride_tricks.sliding_window_view(sample_peaks, 3).max(axis=1)
    return highest * reach(rate)


def interpolated_peaks(padded: Any, rows: Any, rate: int, block: int = BLOCK) -> Any:
    """The true peak of each of those inner rows, by `block` samples: shape (rows, `BLOCK` / `block`)."""
    import numpy as np

    filters = _filters(factor(rate))
    side = _TAPS // 2
    line = padded.reshape(-1)[BLOCK - side :]
    windows = np.lib.stride_tricks.sliding_window_view(line, BLOCK + _TAPS)[::BLOCK]
    peaks = np.empty((len(rows), BLOCK // block), np.float32)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        values = np.abs(windows[part - 1] @ filters)
        peaks[start : start + len(part)] = values.reshape(len(part), BLOCK // block, -1).max(axis=2)
    return peaks


@cache
def reach(rate: int) -> float:
    """How many times higher than its highest sample a band-limited sound can come out of the filter."""
    import numpy as np

    return float(np.abs(_filters(factor(rate))).sum(axis=0).max())


@cache
def _filters(oversampling: int) -> Any:
    """A matrix from `BLOCK + _TAPS` samples to the `BLOCK * oversampling` values of the middle `BLOCK`.

    A Kaiser-windowed sine cardinal: the pass band reaches 0.43 of the rate, where the annex's own 12 taps have begun
    to fall.
    """
    import numpy as np

    matrix = np.zeros((BLOCK + _TAPS, BLOCK, oversampling))
    side = _TAPS // 2
    offsets = np.arange(-side + 1, side + 1)
    for phase in range(oversampling):
        distance = offsets - phase / oversampling
        window = np.i0(_BETA * np.sqrt(np.maximum(0, 1 - (distance / side) ** 2))) / np.i0(_BETA)
        taps = np.sinc(distance) * window
        taps /= taps.sum()
        for sample in range(BLOCK):
            matrix[side + sample + offsets, sample, phase] = taps
    return np.ascontiguousarray(matrix.reshape(BLOCK + _TAPS, -1), np.float32)
