"""What outputs share that write samples where a device would sound: the right sample at the right instant."""

from math import log10
from pathlib import Path

from broadcaster.adapters.outputs.null import TimedOutput
from broadcaster.domain.live import LIVE_RATE
from broadcaster.domain.take import Sound
from broadcaster.errors import MasterError
from broadcaster.ports import Clock, Codec, Cue
from broadcaster.units import Milliseconds

FULL_SCALE = 32768


def softer(samples: bytes, gain_db: float) -> bytes:
    """16-bit samples, so much softer."""
    if not gain_db:
        return samples
    from numpy import frombuffer, rint

    return rint(frombuffer(samples, "<i2") * 10 ** (gain_db / 20)).astype("<i2").tobytes()


class _Growing:
    """A live broadcast's samples as far as they have come, at an output's rate, so much softer."""

    def __init__(self, path: Path, offset_ms: Milliseconds, rate: int, gain_db: float) -> None:
        from soxr import ResampleStream

        self._path, self._at, self._gain_db = path, 2 * (offset_ms * LIVE_RATE // 1000), gain_db
        self._resample = ResampleStream(LIVE_RATE, rate, 1, dtype="int16")
        self._ready = b""

    def read(self, frames: int) -> bytes:
        """Up to so many samples: none are made up where the line is behind."""
        from numpy import frombuffer

        if len(self._ready) < 2 * frames:
            with self._path.open("rb") as file:
                file.seek(self._at)
                data = file.read(2 * LIVE_RATE)
            data = data[: len(data) // 2 * 2]
            self._at += len(data)
            made = self._resample.resample_chunk(frombuffer(data, "<i2"))
            self._ready += softer(made.astype("<i2").tobytes(), self._gain_db)
        piece, self._ready = self._ready[: 2 * frames], self._ready[2 * frames :]
        return piece


class WrittenOutput(TimedOutput):
    """Mono signed 16-bit samples at `rate` Hz, silence between the items included; time zero is the opening."""

    def __init__(self, clock: Clock, codec: Codec, rate: int) -> None:
        super().__init__(clock)
        self._codec, self._rate = codec, rate
        self._opened = 0
        self._written = 0
        self._sound: Sound | None = None
        self._growing: _Growing | None = None
        self._square, self._heard = 0.0, 0

    def open(self) -> None:
        """Time begins."""
        self._opened, self._written = self._micros(), 0

    def _write(self, samples: bytes) -> None:
        """Samples that are due."""
        raise NotImplementedError

    def _load(self, cue: Cue) -> Milliseconds | None:
        self._silence_until(self._micros())
        self._square, self._heard, self._growing = 0.0, 0, None
        if cue.path is None:
            self._sound = None
            return cue.length_ms
        if cue.growing:
            self._sound = None
            if not cue.path.is_file():
                return None
            self._growing = _Growing(cue.path, cue.offset_ms, self._rate, cue.gain_db)
            return cue.length_ms
        try:
            sound = self._codec.read(cue.path, self._rate)
        except MasterError:
            return None
        first = 2 * (cue.offset_ms * self._rate // 1000)
        last = first + 2 * (cue.length_ms * self._rate // 1000)
        self._sound = Sound(self._rate, softer(sound.samples[first:last], cue.gain_db))
        # A file that is shorter than planned ends when it ends: the ledger holds what sounded.
        return Milliseconds(min(cue.length_ms, self._sound.duration_ms))

    def _position(self, at: int) -> int:
        """The sample that belongs to a point in microseconds."""
        return (at - self._opened) * self._rate // 1_000_000

    def _silence_until(self, at: int) -> None:
        missing = self._position(at) - self._written
        if missing > 0:
            self._write(bytes(2 * missing))
            self._written += missing

    def _sounded(self, until: int) -> None:
        if self._cue is None or (self._sound is None and self._growing is None):
            return
        start = self._position(self._began)
        done, wanted = self._written - start, self._position(until) - start
        if self._growing is not None:
            piece = self._growing.read(max(0, wanted) - max(0, done))
        else:
            piece = self._sound.samples[2 * max(0, done) : 2 * max(0, wanted)] if self._sound else b""
        self._write(piece)
        self._written += len(piece) // 2
        # NumPy here and not on top: a player that plays nothing needs none of it.
        from numpy import frombuffer, square

        self._square += float(square(frombuffer(piece, "<i2"), dtype=float).sum())
        self._heard += len(piece) // 2

    def _level(self) -> float | None:
        return round(10 * log10(self._square / self._heard / FULL_SCALE**2), 2) if self._square else None
