"""A look-ahead true-peak limiter whose gain moves on a grid of short blocks."""

from dataclasses import dataclass
from typing import Any

from broadcaster.adapters.audio import truepeak
from broadcaster.adapters.audio.truepeak import BLOCK


@dataclass(frozen=True, slots=True)
class Temper:
    """How the gain moves: it begins to fall `attack` seconds before a peak and comes back at `release` dB a second."""

    attack: float
    release: float
    drive: float
    """Decibels beyond what the target asks for that the limiter may be driven: past it pauses and breath come up."""
    block: int = BLOCK
    """Samples in a step of the grid."""


TEMPERS = (
    Temper(0.005, 120.0, 6.0),
    Temper(0.003, 500.0, 6.0),
    Temper(0.0015, 2000.0, 6.0),
    Temper(0.0005, 8000.0, 8.0, block=8),
    Temper(0.0001, 30_000.0, 24.0, block=2),
)
"""Gentlest first. The first follows syllables. The others follow ever shorter peaks, which is rougher, and is the only
way to bring a voice with needle peaks up to -16 LUFS under -1.5 dBTP."""

_REACH_STEP = 6.0
_PIECE = 1 << 16


class Limiter:
    """Limits one sound again and again at different gains; what does not depend on the gain is worked out once."""

    def __init__(self, samples: Any, rate: int) -> None:
        self.rate = rate
        self._length = len(samples)
        self._line = truepeak.pad(samples).reshape(-1)
        self._grids: dict[int, _Grid] = {}
        self._shaped: Any = None

    @property
    def samples(self) -> Any:
        """The sound as it came, as 32-bit floats."""
        return self._line[BLOCK : BLOCK + self._length]

    def limited(self, gain: float, limit: float, temper: Temper = TEMPERS[0]) -> Any:
        """The samples times `gain` decibels with no true peak above `limit` dBTP, as 32-bit floats.

        The next call overwrites them: an hour of sound is 300 MB.
        """
        import numpy as np

        grid = self._grids.get(temper.block)
        if grid is None:
            grid = self._grids[temper.block] = _Grid(self._line, self.rate, temper.block)
        if self._shaped is None:
            self._shaped = np.empty_like(self._line)
        grid.shape(gain, limit, temper, self._shaped)
        return self._shaped[BLOCK : BLOCK + self._length]


class _Grid:
    """The sound in blocks, and the true peak of each."""

    def __init__(self, line: Any, rate: int, block: int) -> None:
        import numpy as np

        self._rate = rate
        self._block = block
        self._blocks = line.reshape(-1, block)
        self._rows = line.reshape(-1, BLOCK)
        # Peaks between samples are found only where they can matter; the bound stands for the rest.
        self._bounds = truepeak.bounds(truepeak.block_peaks(self._rows), rate)
        self._peaks = np.repeat(self._bounds, BLOCK // block)
        self._known_above = float("inf")

    def shape(self, gain: float, limit: float, temper: Temper, out: Any) -> None:
        """Write the limited sound into `out`, piece by piece."""
        import numpy as np

        self._find_peaks(10 ** ((limit - gain) / 20))
        needed = np.minimum(0.0, limit - gain - 20 * np.log10(np.maximum(self._peaks, 1e-9)))
        moving = 10 ** ((gain + self._smoothed(needed, temper)) / 20)
        around = np.pad(moving.astype(np.float32), 1, mode="edge")
        shaped = out.reshape(self._blocks.shape)
        step = _PIECE // self._block
        for start in range(0, len(shaped), step):
            part = slice(start, start + step)
            gains = _expanded(around[start : start + len(shaped[part]) + 2], self._block)
            np.multiply(self._blocks[part], gains, out=shaped[part])

    def _find_peaks(self, height: float) -> None:
        """Replace the bound by the true peak in every block that may pass `height`."""
        import numpy as np

        if height >= self._known_above:
            return
        height /= 10 ** (_REACH_STEP / 20)
        rows = np.flatnonzero((self._bounds > height) & (self._bounds <= self._known_above))
        found = truepeak.interpolated_peaks(self._rows, rows, self._rate, self._block)
        self._peaks.reshape(len(self._rows), -1)[rows] = found
        self._known_above = height

    def _smoothed(self, needed: Any, temper: Temper) -> Any:
        """Decibels for each block, never above what it needs nor what its neighbours need.

        Neighbours count because the gain of a sample lies between those of its block and the next.
        """
        import numpy as np

        seconds = self._block / self._rate
        count = len(needed)
        low = _lowest_of_three(needed)
        # A fall at once and a rise at a fixed pace, without a loop: on a slanting ground the rise is a running minimum.
        ground = temper.release * seconds * np.arange(count)
        released = np.minimum.accumulate(low - ground) + ground
        ahead = max(1, round(temper.attack / seconds))
        # The lowest of the blocks ahead, then the mean of those behind: each mean is of values that know this block.
        coming = np.concatenate([released, np.zeros(ahead)])
        held = np.minimum.reduce([coming[k : k + count] for k in range(ahead + 1)])
        weights = np.hanning(ahead + 3)[1:-1]
        weights /= weights.sum()
        return np.convolve(np.concatenate([np.full(ahead, held[0]), held]), weights, mode="valid")


def _lowest_of_three(values: Any) -> Any:
    import numpy as np

    low = values.copy()
    low[1:] = np.minimum(low[1:], values[:-1])
    low[:-1] = np.minimum(low[:-1], values[1:])
    return low


def _expanded(around: Any, block: int) -> Any:
    """The gain of every sample of the inner blocks: straight lines between the middles of the blocks."""
    import numpy as np

    middle = (np.arange(block) + 0.5) / block - 0.5
    weights = np.stack([np.maximum(-middle, 0), 1 - np.abs(middle), np.maximum(middle, 0)]).astype(np.float32)
    return np.stack([around[:-2], around[1:-1], around[2:]], axis=1) @ weights
