"""Gain that follows a level: what a compressor does to a voice, and ducking to the music under it."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from broadcaster.adapters.audio.limiter import expanded

HOP_SECONDS = 0.01
"""Between two values of the gain: a period of the deepest voice, so that the gain does not follow the waves."""

_FLOOR = 1e-12
_TOGETHER = 128


@dataclass(frozen=True, slots=True)
class Follower:
    """How a gain moves towards the one that a level asks for.

    `wanted` maps levels in dB (mean square, full scale 1.0) to gains in dB. `attack` and `release` are the times in
    seconds in which two thirds of the way down and up are done.
    """

    wanted: Callable[[Any], Any]
    attack: float
    release: float

    def gains(self, levels: Any, before: float | None) -> list[float]:
        """A gain for each level, going on from the gain before them; the first one starts where it is asked to."""
        down, up = (1 - math.exp(-HOP_SECONDS / seconds) for seconds in (self.attack, self.release))
        found = []
        for wanted in self.wanted(levels).tolist():
            gain = wanted if before is None else before + (down if wanted < before else up) * (wanted - before)
            found.append(gain)
            before = gain
        return found


def hop(rate: int) -> int:
    """Samples between two values of the gain."""
    return round(rate * HOP_SECONDS)


def rows(blocks: Iterable[Any], length: int) -> Iterator[Any]:
    """The samples in rows of that length, so many at a time; the last one is filled up with silence.

    Always the same number of rows together: sums of floats must not depend on how a tape was cut.
    """
    import numpy as np

    size = length * _TOGETHER
    rest = np.zeros(0, np.float32)
    for block in blocks:
        rest = np.concatenate([rest, block])
        for start in range(0, len(rest) // size * size, size):
            yield rest[start : start + size].reshape(-1, length)
        rest = rest[len(rest) // size * size :]
    if len(rest):
        yield np.pad(rest, (0, -len(rest) % length)).reshape(-1, length)


def ridden(pairs: Iterable[tuple[Any, Any]], follower: Follower) -> Iterator[Any]:
    """Each second of the pairs times the gain that the first of it asks for: both in rows of a hop.

    The gain goes in straight lines between the middles of the hops, so each row waits for the one after it.
    """
    import numpy as np

    held: Any = None
    around: list[float] = []
    for key, sound in pairs:
        levels = 10 * np.log10(np.mean(np.square(key, dtype=np.float64), axis=1) + _FLOOR)
        gains = follower.gains(levels, around[-1] if around else None)
        if held is None:
            # Nothing stands before the first row: its gain is carried on to the left.
            held, around, sound, gains = sound[:1], [gains[0], gains[0]], sound[1:], gains[1:]  # noqa: PLW2901
        line, together = [*around, *gains], np.concatenate([held, sound])
        yield _times(together[:-1], line)
        held, around = together[-1:], line[-2:]
    if held is not None:
        yield _times(held, [*around, around[-1]])


def _times(sound: Any, decibels: list[float]) -> Any:
    """Rows times the gains of each row, of the one before the first and of the one after the last."""
    import numpy as np

    factors = (10 ** (np.array(decibels) / 20)).astype(np.float32)
    return (sound * expanded(factors, sound.shape[1])).reshape(-1)
