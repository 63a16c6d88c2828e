"""Pseudo-random orders from a seed, the same on every machine and version."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

STEP, FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
MASK = 0xFFFFFFFFFFFFFFFF


class Shuffler:
    """A fixed stream of pseudo-random orders from a seed (SplitMix64, Steele, Lea and Flood 2014).

    Written out because `random` is banned from the domain and NumPy may change its streams between versions.
    """

    def __init__(self, seed: int) -> None:
        self._state = seed & MASK

    def below(self, limit: int) -> int:
        """A whole number from 0 to limit − 1."""
        self._state = (self._state + STEP) & MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * FIRST) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * SECOND) & MASK
        return (mixed ^ (mixed >> 31)) % limit

    def fractions(self, count: int) -> NDArray[np.float64]:
        """That many numbers from 0 to below 1, each from one step of the same stream."""
        steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(STEP)
        mixed = steps + np.uint64(self._state)
        self._state = (self._state + count * STEP) & MASK
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(FIRST)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(SECOND)
        mixed ^= mixed >> np.uint64(31)
        return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def shuffled(self, items: Sequence[int]) -> list[int]:
        """The items in a new order."""
        out = list(items)
        for at in range(len(out) - 1, 0, -1):
            other = self.below(at + 1)
            out[at], out[other] = out[other], out[at]
        return out
