"""An output that writes what a listener would have heard into one WAV file, silence between the items included."""

import wave
from contextlib import ExitStack
from pathlib import Path

from broadcaster.adapters.files import whole_file
from broadcaster.adapters.outputs.written import WrittenOutput
from broadcaster.errors import OutputError
from broadcaster.ports import Clock, Codec


class FileOutput(WrittenOutput):
    """Mono 16-bit WAV at `rate` Hz; time zero is the instant at which the output was opened."""

    name = "file"

    def __init__(self, clock: Clock, codec: Codec, path: Path, rate: int) -> None:
        super().__init__(clock, codec, rate)
        self._path = path
        self._stack = ExitStack()
        self._file: wave.Wave_write | None = None

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
        super().open()

    def _write(self, samples: bytes) -> None:
        if self._file is not None:
            self._file.writeframes(samples)

    def close(self) -> None:
        """Write the file's end and give it its name."""
        if self._file is None:
            return
        super().close()
        self._silence_until(self._micros())
        self._file = None
        self._stack.close()
