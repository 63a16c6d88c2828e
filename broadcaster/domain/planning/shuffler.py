"""Pseudo-random orders from a seed, the same on every machine and version."""

from collections.abc import Sequence


class Shuffler:
    """A fixed stream of pseudo-random orders from a seed (SplitMix64, Steele, Lea and Flood 2014).

    Written out because `random` is banned from the domain and NumPy may change its streams between versions.
    """

    def __init__(self, seed: int) -> None:
        self._state = seed & 0xFFFFFFFFFFFFFFFF

    def below(self, limit: int) -> int:
        """A whole number from 0 to limit − 1."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return (mixed ^ (mixed >> 31)) % limit

    def shuffled(self, items: Sequence[int]) -> list[int]:
        """The items in a new order."""
        out = list(items)
        for at in range(len(out) - 1, 0, -1):
            other = self.below(at + 1)
            out[at], out[other] = out[other], out[at]
        return out
