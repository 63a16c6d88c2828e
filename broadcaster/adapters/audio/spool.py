"""Sound that waits on the disk: an hour of it costs the memory of a block."""

import tempfile
import weakref
from collections.abc import Iterator
from typing import IO, Any

from broadcaster.errors import MasterError
from broadcaster.units import Milliseconds

BLOCK_FRAMES = 1 << 17
_WIDTH = 2


class Spool:
    """Mono 16-bit sound in a nameless temporary file; a `Tape`. The file goes when the spool does.

    It is written once, from one end to the other, and then read in any order.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.frames = 0
        # It has no name on the disk: a power cut leaves nothing behind. A spool lives as long as its tape.
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="broadcaster-")  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    @property
    def duration_ms(self) -> Milliseconds:
        """Length in milliseconds, rounded up."""
        return Milliseconds(-(-self.frames * 1000 // self.rate))

    def append(self, samples: bytes) -> None:
        """Add samples at the end.

        Raises:
            MasterError: `audio.disk` if the disk is full.
        """
        try:
            self._file.seek(0, 2)
            self._file.write(samples)
            self._file.flush()
        except OSError as error:
            raise MasterError("audio.disk", path=tempfile.gettempdir(), detail=str(error)) from error
        self.frames += len(samples) // _WIDTH

    def clear(self) -> None:
        """Forget everything, to be written again."""
        self._file.seek(0)
        self._file.truncate()
        self.frames = 0

    def blocks(self) -> Iterator[bytes]:
        """All samples in order."""
        for start in range(0, self.frames, BLOCK_FRAMES):
            yield self.read(start, min(BLOCK_FRAMES, self.frames - start))

    def read(self, start: int, count: int) -> bytes:
        """`count` samples from `start` on; both inside the sound."""
        self._file.seek(start * _WIDTH)
        return self._file.read(count * _WIDTH)

    def floats(self, start: int, count: int) -> Any:
        """Samples as 32-bit floats of the 16-bit scale; silence where the sound has not begun or is over."""
        import numpy as np

        window = np.zeros(count, np.float32)
        first, last = max(0, start), min(self.frames, start + count)
        if first < last:
            window[first - start : last - start] = np.frombuffer(self.read(first, last - first), "<i2")
        return window


def spooled(rate: int, blocks: Iterator[bytes]) -> Spool:
    """A spool of these samples."""
    spool = Spool(rate)
    for block in blocks:
        spool.append(block)
    return spool
