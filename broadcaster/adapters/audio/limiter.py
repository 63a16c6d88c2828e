"""A look-ahead true-peak limiter whose gain moves on a grid of short blocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from broadcaster.adapters.audio import truepeak
from broadcaster.adapters.audio.spool import Spool
from broadcaster.adapters.audio.truepeak import BLOCK

FULL_SCALE = 32768


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
_PIECE_ROWS = 1 << 12
_MARGIN_ROWS = 64
"""Rows around a piece that the gain inside it depends on: more than the longest attack at any rate."""


class Limiter:
    """Limits one sound again and again at different gains, a piece at a time.

    What does not depend on the gain is worked out once: the true peak of each row of `BLOCK` samples, or a bound of it
    where it has not mattered yet. An hour has four million of them.
    """

    def __init__(self, sound: Spool) -> None:
        import numpy as np

        self._sound = sound
        self.rate = sound.rate
        rows = -(-sound.frames // BLOCK)
        self._peaks = np.zeros(rows, np.float32)
        for first, window in self._pieces(1):
            inner = truepeak.bounds(truepeak.block_peaks(window), self.rate)[1:-1]
            self._peaks[first : first + len(inner)] = inner
        self._known_above = float("inf")

    def _pieces(self, margin: int) -> Iterator[tuple[int, Any]]:
        """The number of each piece's first row, and its rows with `margin` rows on either side."""
        rows = len(self._peaks)
        for first in range(0, rows, _PIECE_ROWS):
            count = min(_PIECE_ROWS, rows - first)
            yield first, self._window(first - margin, count + 2 * margin)

    def _find_peaks(self, height: float) -> None:
        """Replace the bound by the true peak in every row that may pass `height`, a little further than asked."""
        import numpy as np

        if height >= self._known_above:
            return
        height /= 10 ** (_REACH_STEP / 20)
        for first, window in self._pieces(1):
            known = self._peaks[first : first + len(window) - 2]
            chosen = np.flatnonzero((known > height) & (known <= self._known_above))
            known[chosen] = truepeak.interpolated_peaks(window, chosen + 1, self.rate).max(axis=1, initial=0.0)
        self._known_above = height

    def limited(self, gain: float, limit: float, temper: Temper = TEMPERS[0]) -> Iterator[Any]:
        """The samples times `gain` decibels with no true peak above `limit` dBTP: 32-bit floats, full scale 1.0."""
        self._find_peaks(10 ** ((limit - gain) / 20))
        released: float | None = None
        for first, window in self._pieces(_MARGIN_ROWS + 1):
            count = len(window) - 2 * (_MARGIN_ROWS + 1)
            peaks = self._block_peaks(first - _MARGIN_ROWS, window, limit - gain, BLOCK // temper.block)
            decibels, released = self._curve(peaks, limit - gain, temper, released, count)
            shaped = _shaped(window[_MARGIN_ROWS + 1 : _MARGIN_ROWS + 1 + count], decibels + gain, temper.block)
            yield shaped[: self._sound.frames - first * BLOCK]

    def _window(self, first: int, count: int) -> Any:
        import numpy as np

        samples = self._sound.floats(first * BLOCK, count * BLOCK)
        return np.multiply(samples, np.float32(1 / FULL_SCALE), out=samples).reshape(count, BLOCK)

    def _curve(self, peaks: Any, room: float, temper: Temper, before: float | None, count: int) -> tuple[Any, float]:
        """Decibels for the blocks of `count` inner rows and one block on either side.

        `before` is the released gain at the block before the window, how far the rise after a peak has come; the second
        value returned is the same for the next window.
        """
        import numpy as np

        per_row = BLOCK // temper.block
        needed = np.minimum(0.0, room - 20 * np.log10(np.maximum(peaks, 1e-9)))
        seconds = temper.block / self.rate
        low = _lowest_of_three(needed)
        # A fall at once and a rise at a fixed pace, without a loop: on a slanting ground the rise is a running minimum.
        step = temper.release * seconds
        ground = step * np.arange(len(low))
        if before is not None:
            low[0] = min(low[0], before + step)
        released = np.minimum.accumulate(low - ground) + ground
        ahead = max(1, round(temper.attack / seconds))
        # The lowest of the blocks ahead, then the mean of those behind: each mean is of values that know this block.
        held = np.lib.stride_tricks.sliding_window_view(released, ahead + 1).min(axis=1)
        weights = np.hanning(ahead + 3)[1:-1]
        smooth = np.convolve(held, weights / weights.sum(), mode="valid")
        # The first of `smooth` belongs to block `ahead` of the window.
        start = _MARGIN_ROWS * per_row - ahead
        carried = float(released[count * per_row - 1])
        return smooth[start - 1 : start + count * per_row + 1], carried

    def _block_peaks(self, first: int, window: Any, room: float, per_row: int) -> Any:
        """The highest true peak of every block of the rows inside the window, a bound of it where it cannot matter."""
        import numpy as np

        count = len(window) - 2
        rows = np.zeros(count, np.float32)
        known = self._peaks[max(0, first) : first + count]
        rows[max(0, -first) : max(0, -first) + len(known)] = known
        peaks = np.repeat(rows, per_row)
        if per_row > 1:
            chosen = np.flatnonzero(rows > 10 ** (room / 20))
            found = truepeak.interpolated_peaks(window, chosen + 1, self.rate, BLOCK // per_row)
            peaks.reshape(-1, per_row)[chosen] = found
        return peaks


def _shaped(rows: Any, around: Any, block: int) -> Any:
    """The samples of the rows times the gains, which are in decibels and begin one block earlier."""
    import numpy as np

    factors = (10 ** (around / 20)).astype(np.float32)
    return (rows.reshape(-1, block) * expanded(factors, block)).reshape(-1)


def _lowest_of_three(values: Any) -> Any:
    import numpy as np

    low = values.copy()
    low[1:] = np.minimum(low[1:], values[:-1])
    low[:-1] = np.minimum(low[:-1], values[1:])
    return low


def expanded(around: Any, block: int) -> Any:
    """The gain of every sample of the inner blocks: straight lines between the middles of the blocks.

    `around` has a value for each inner block and one more at either end.
    """
    import numpy as np

    middle = (np.arange(block) + 0.5) / block - 0.5
    weights = np.stack([np.maximum(-middle, 0), 1 - np.abs(middle), np.maximum(middle, 0)]).astype(np.float32)
    return np.stack([around[:-2], around[1:-1], around[2:]], axis=1) @ weights
