"""True peaks: the height of the sound between its samples (ITU-R BS.1770-4, annex 2), block by block.

The annex oversamples 48 kHz four times; here every rate is brought to at least 176 kHz, for the error of a coarser grid
grows with frequency over rate: 22,050 Hz is oversampled eight times.
"""

from functools import cache
from typing import Any

BLOCK = 32
"""Samples whose highest peak is found together, unless a finer grid is asked for."""

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


def true_peak(samples: Any, rate: int) -> float:
    """The highest true peak, 1.0 being full scale; 0.0 for silence."""
    import numpy as np

    padded = pad(samples)
    sample_peaks = block_peaks(padded)
    highest = float(sample_peaks.max(initial=0.0))
    if not highest:
        return 0.0
    # What the filter can make of a block is bounded by its loudest neighbour; most blocks cannot beat the best sample.
    chosen = np.flatnonzero(bounds(sample_peaks, BLOCK, rate) > highest)
    return max(highest, float(interpolated_peaks(padded, chosen, rate).max(initial=0.0)))


def pad(samples: Any, block: int = BLOCK) -> Any:
    """The samples as rows of `block`, with silence for `BLOCK` samples before and after, where a peak may ring out."""
    import numpy as np

    rows = -(-len(samples) // block) + 2 * (BLOCK // block)
    padded = np.zeros(rows * block, np.float32)
    padded[BLOCK : BLOCK + len(samples)] = samples
    return padded.reshape(rows, block)


def block_peaks(padded: Any) -> Any:
    """The highest sample of each row."""
    import numpy as np

    return np.maximum(padded.max(axis=1), -padded.min(axis=1))


def bounds(sample_peaks: Any, block: int, rate: int) -> Any:
    """What the true peak of each row can be at most, from the samples that its filter sees."""
    import numpy as np

    side = -(-_TAPS // 2 // block)
    around = np.pad(sample_peaks, side)
    return np.lib.stride_tricks.sliding_window_view(around, 2 * side + 1).max(axis=1) * reach(rate)


def interpolated_peaks(padded: Any, rows: Any, rate: int) -> Any:
    """The true peak of each of those rows."""
    import numpy as np

    block = padded.shape[1]
    filters = _filters(factor(rate), block)
    side = _TAPS // 2
    line = np.pad(padded.reshape(-1), (side, side))
    windows = np.lib.stride_tricks.sliding_window_view(line, block + _TAPS)[::block]
    peaks = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        peaks[start : start + len(part)] = np.abs(windows[part] @ filters).max(axis=1)
    return peaks


@cache
def reach(rate: int) -> float:
    """How many times higher than its highest sample a band-limited sound can come out of the filter."""
    import numpy as np

    return float(np.abs(_filters(factor(rate), BLOCK)).sum(axis=0).max())


@cache
def _filters(oversampling: int, block: int) -> Any:
    """A matrix from `block + _TAPS` samples to the `block * oversampling` values of the middle `block`.

    A Kaiser-windowed sine cardinal: the pass band reaches 0.43 of the rate, where the annex's own 12 taps have begun
    to fall.
    """
    import numpy as np

    matrix = np.zeros((block + _TAPS, block, oversampling))
    side = _TAPS // 2
    offsets = np.arange(-side + 1, side + 1)
    for phase in range(oversampling):
        distance = offsets - phase / oversampling
        window = np.i0(_BETA * np.sqrt(np.maximum(0, 1 - (distance / side) ** 2))) / np.i0(_BETA)
        taps = np.sinc(distance) * window
        taps /= taps.sum()
        for sample in range(block):
            matrix[side + sample + offsets, sample, phase] = taps
    return np.ascontiguousarray(matrix.reshape(block + _TAPS, -1), np.float32)
