"""Tapes for tests: a sound that comes in blocks, and a tape as one sound."""

from collections.abc import Iterator
from dataclasses import dataclass

from broadcaster.domain.take import Sound, Tape


@dataclass(frozen=True)
class InBlocks:
    """A sound as a tape of blocks of so many samples."""

    sound: Sound
    size: int = 1000

    @property
    def rate(self) -> int:
        return self.sound.rate

    def blocks(self) -> Iterator[bytes]:
        for start in range(0, len(self.sound.samples), 2 * self.size):
            yield self.sound.samples[start : start + 2 * self.size]


def whole(tape: Tape) -> Sound:
    return Sound(tape.rate, b"".join(tape.blocks()))
