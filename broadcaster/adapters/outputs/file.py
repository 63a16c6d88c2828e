"""An output that writes what a listener would have heard into one WAV file, silence between the items included."""

import wave
from contextlib import ExitStack
from pathlib import Path

from broadcaster.adapters.files import whole_file
from broadcaster.adapters.outputs.null import TimedOutput
from broadcaster.domain.take import Sound
from broadcaster.errors import MasterError, OutputError
from broadcaster.ports import Clock, Codec, Cue
from broadcaster.units import Milliseconds


class FileOutput(TimedOutput):
    """Mono 16-bit WAV at `rate` Hz; time zero is the instant at which the output was opened."""

    name = "file"

    def __init__(self, clock: Clock, codec: Codec, path: Path, rate: int) -> None:
        super().__init__(clock)
        self._codec, self._path, self._rate = codec, path, rate
        self._stack = ExitStack()
        self._file: wave.Wave_write | None = None
        self._opened = 0
        self._written = 0
        self._sound: Sound | None = None

    def open(self) -> None:
        """Begin the file.

        Raises:
            OutputError: `output.open` if it cannot be written.
        """
        try:
            temporary = self._stack.enter_context(whole_file(self._path))
            self._file = self._stack.enter_context(wave.open(str(temporary), "wb"))  # noqa: SIM115 - the stack closes it
        except OSError as error:
            raise OutputError("output.open", path=str(self._path), detail=str(error)) from error
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(self._rate)
        self._opened = self._micros()

    def _load(self, cue: Cue) -> Milliseconds | None:
        self._silence_until(self._micros())
        if cue.path is None:
            self._sound = None
            return cue.length_ms
        try:
            sound = self._codec.read(cue.path, self._rate)
        except MasterError:
            return None
        first = 2 * (cue.offset_ms * self._rate // 1000)
        last = first + 2 * (cue.length_ms * self._rate // 1000)
        self._sound = Sound(self._rate, sound.samples[first:last])
        # A file that is shorter than planned ends when it ends: the ledger holds what sounded.
        return Milliseconds(min(cue.length_ms, self._sound.duration_ms))

    def _position(self, at: int) -> int:
        """The sample that belongs to a point in microseconds."""
        return (at - self._opened) * self._rate // 1_000_000

    def _silence_until(self, at: int) -> None:
        missing = self._position(at) - self._written
        if self._file is not None and missing > 0:
            self._file.writeframes(bytes(2 * missing))
            self._written += missing

    def _sounded(self, until: int) -> None:
        if self._sound is None or self._file is None or self._cue is None:
            return
        start = self._position(self._began)
        done, wanted = self._written - start, self._position(until) - start
        piece = self._sound.samples[2 * max(0, done) : 2 * max(0, wanted)]
        self._file.writeframes(piece)
        self._written += len(piece) // 2

    def close(self) -> None:
        """Write the file's end and give it its name."""
        if self._file is None:
            return
        super().close()
        self._silence_until(self._micros())
        self._file = None
        self._stack.close()
