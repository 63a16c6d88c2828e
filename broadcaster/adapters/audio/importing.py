"""Files that people bring: whatever a telephone or a recorder writes, decoded to the end once, or refused."""

import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import IO, NoReturn

from broadcaster.adapters.audio import import_process as process
from broadcaster.adapters.audio.codec import SoundfileCodec
from broadcaster.adapters.audio.mpeg import counted
from broadcaster.adapters.audio.spool import BLOCK_FRAMES, Spool, spooled
from broadcaster.adapters.audio.wholeness import is_cut_short
from broadcaster.domain.take import Tape
from broadcaster.errors import MasterError
from broadcaster.units import MINUTE, Milliseconds

PATIENCE = 900.0
"""Seconds after which the decoder is held to be stuck: it needs about one for ten minutes of sound."""

_MISSING_SECONDS = 0.05
_MP3_PADDING = 0.3
"""Seconds that an encoder puts around the sound and a decoder takes away: at most some frames."""
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class FileImporter:
    """The port `Importer`: libsndfile for what it knows, FFmpeg in a process of its own for the rest.

    Args:
        command: the decoder, in tests; it is given the path and the rate.
        patience: seconds for one file.
    """

    def __init__(self, command: list[str] | None = None, patience: float = PATIENCE) -> None:
        self._command = command
        self._patience = patience

    def open(self, path: Path, rate: int, longest: Milliseconds | None = None) -> Tape:
        """The file as mono sound that waits on the disk."""
        tape = SoundfileCodec().open(path, rate)
        announced = _announced(path)
        most = _Most(path, rate, longest)
        if announced is None:
            return self._converted(path, rate, most)
        try:
            mp3 = counted(path) if announced.mp3 else None
            if mp3.cut_short if mp3 else is_cut_short(path):
                raise MasterError("audio.cut_short", path=str(path))
        except OSError as error:
            raise MasterError("audio.unreadable", path=str(path), detail=str(error)) from error
        spool = spooled(rate, most.of(tape.blocks()))
        if mp3 and spool.frames < (mp3.seconds - _MP3_PADDING) * rate:
            return self._converted(path, rate, most)
        if not mp3 and spool.frames < (announced.seconds - _MISSING_SECONDS) * rate:
            raise MasterError("audio.cut_short", path=str(path))
        return spool

    def _converted(self, path: Path, rate: int, most: "_Most") -> Tape:
        command = self._command
        if command is None:
            if util.find_spec("av") is None:
                raise MasterError("audio.decoder", path=str(path))
            command = [sys.executable, "-P", str(Path(process.__file__))]
        spool = Spool(rate)
        with subprocess.Popen(  # noqa: S603 - our own interpreter and file, no shell
            [*command, str(path.absolute()), str(rate)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=_NO_WINDOW,
        ) as decoder:
            watchdog = threading.Timer(self._patience, decoder.kill)
            watchdog.daemon = True
            watchdog.start()
            said: list[bytes] = []
            reader = threading.Thread(target=_listen, args=(decoder.stderr, said), daemon=True)
            reader.start()
            try:
                for block in most.of(_blocks(decoder.stdout)):
                    spool.append(block)
            except BaseException:
                decoder.kill()
                raise
            finally:
                watchdog.cancel()
            code = decoder.wait()
            reader.join()
        if code != process.DONE:
            _refuse(path, code, b"".join(said).decode("utf-8", "replace"))
        if not spool.frames:
            raise MasterError("audio.empty", path=str(path))
        return spool


@dataclass(frozen=True, slots=True)
class _Most:
    """How much of a file is taken: a few kilobytes may unfold to a day of sound."""

    path: Path
    rate: int
    longest: Milliseconds | None

    def of(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The blocks, as long as there are not too many."""
        taken = 0
        for block in blocks:
            taken += len(block) // 2
            if self.longest is not None and taken * 1000 > self.longest * self.rate:
                raise MasterError("audio.long", path=str(self.path), most=self.longest // MINUTE)
            yield block


def _blocks(pipe: IO[bytes] | None) -> Iterator[bytes]:
    while pipe and (block := pipe.read(2 * BLOCK_FRAMES)):
        yield block[: len(block) // 2 * 2]


@dataclass(frozen=True, slots=True)
class _Announced:
    seconds: float
    mp3: bool


def _announced(path: Path) -> _Announced | None:
    """What libsndfile says of a file; None for one that it does not know."""
    import soundfile

    try:
        info = soundfile.info(str(path))
    except (soundfile.LibsndfileError, RuntimeError):
        return None
    return _Announced(info.frames / info.samplerate, info.format == "MP3")


def _listen(pipe: IO[bytes] | None, said: list[bytes]) -> None:
    """Keep what a process complains of, so that it never waits for a full pipe."""
    if pipe is not None:
        said.extend(pipe)


def _refuse(path: Path, code: int, said: str) -> NoReturn:
    if code == process.CUT_SHORT:
        raise MasterError("audio.cut_short", path=str(path))
    if code == process.NO_SOUND:
        raise MasterError("audio.empty", path=str(path))
    lines = said.strip().splitlines()
    raise MasterError("audio.unreadable", path=str(path), detail=lines[-1] if lines else f"exit code {code}")
