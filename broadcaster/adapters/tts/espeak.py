"""espeak-ng: small, offline, on every machine. The last resort: hard to understand, and always there."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib import metadata, util
from pathlib import Path
from typing import IO, Any

from broadcaster.adapters.tts.request import checked
from broadcaster.domain.take import Sound, SpeechRequest, Voice
from broadcaster.errors import SpeechError
from broadcaster.ports import Crew

WORDS_PER_MINUTE = 175
"""espeak-ng's own default; four Vietnamese syllables a second."""
SENTENCE_TIMEOUT = 60.0
"""Seconds after which the process is held to be stuck: a sentence takes some milliseconds."""

_RECIPE = "1"
_VOICES = (
    Voice("espeak", "vi", region="bac", sex="nam"),
    Voice("espeak", "vi-vn-x-central", region="trung", sex="nam"),
    Voice("espeak", "vi-vn-x-south", region="nam", sex="nam"),
)
_DATA_FILES = ("vi_dict", "intonations", "phonindex", "phontab", "phondata")
_TRIES = 2
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class _GoneError(Exception):
    """The process ended or fell silent in the middle of a request."""


class EspeakEngine:
    """Speaks through one child process, started at the first sentence; calls from several threads queue."""

    name = "espeak"
    deterministic = True
    online = False
    crew = Crew(most=8, megabytes=80, fewest=40)

    def __init__(self, command: Sequence[str] | None = None, timeout: float = SENTENCE_TIMEOUT) -> None:
        self._command = list(command) if command else None
        self._timeout = timeout
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def version(self) -> str:
        """The version of the package with the library, and a hash of the data that shapes Vietnamese."""
        return f"{_package_version()}+{_data_identity()}+{_RECIPE}"

    def voices(self) -> Sequence[Voice]:
        """North, centre and south, all of them men.

        Raises:
            SpeechError: `speech.broken` if the package with the library is not there.
        """
        _data_identity()
        return _VOICES

    def speak(self, request: SpeechRequest) -> Sound:
        """Speech at 22,050 Hz. A process that died is started again once.

        Raises:
            SpeechError: see the port.
        """
        voice = checked(request, _VOICES, self.name)
        asked = {
            "text": request.spoken,
            "voice": voice.name,
            "words_per_minute": round(WORDS_PER_MINUTE * request.speed),
        }
        line = json.dumps(asked).encode() + b"\n"
        with self._lock:
            header, samples = self._ask(line)
        if "error" in header:
            raise SpeechError("speech.broken", engine=self.name, detail=header.get("why", header["error"]))
        if not samples:
            raise SpeechError("speech.empty", engine=self.name, spoken=request.spoken)
        return Sound(int(header["rate"]), samples)

    def close(self) -> None:
        """End the process; the next sentence would start another."""
        with self._lock:
            self._end()

    def _ask(self, line: bytes) -> tuple[dict[str, Any], bytes]:
        why = ""
        for _ in range(_TRIES):
            try:
                header, samples = self._exchange(line)
            except (_GoneError, OSError, ValueError) as error:
                why = str(error) or type(error).__name__
                self._end()
                continue
            if not header.get("again"):
                self._end()
            return header, samples
        raise SpeechError("speech.broken", engine=self.name, detail=why)

    def _exchange(self, line: bytes) -> tuple[dict[str, Any], bytes]:
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise _GoneError
        # A pipe has no read timeout that works on Windows; killing the process is what wakes the reader up.
        watchdog = threading.Timer(self._timeout, process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            process.stdin.write(line)
            process.stdin.flush()
            header = json.loads(_line(process.stdout))
            if not isinstance(header, dict):
                raise _GoneError("an answer that is no object")
            samples = process.stdout.read(int(header.get("bytes", 0)))
        finally:
            watchdog.cancel()
        if len(samples) != int(header.get("bytes", 0)):
            raise _GoneError("the process ended in the middle of a sentence")
        return header, samples

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file, no shell
                self._command or _own_command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=_NO_WINDOW,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            _shut(pipe)
        try:
            process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _own_command() -> list[str]:
    # By path, so that it runs from a source tree that is not installed; -P keeps files of the operator's folder from
    # being imported in place of the standard library.
    return [sys.executable, "-P", str(Path(__file__).with_name("espeak_process.py"))]


def _line(pipe: IO[bytes]) -> bytes:
    line = pipe.readline()
    if not line.endswith(b"\n"):
        raise _GoneError("the process ended")
    return line


def _shut(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        try:
            pipe.close()
        except OSError:
            return  # what was not flushed to a dead process is of no use to anyone


@cache
def _package_version() -> str:
    try:
        return metadata.version("espeakng-loader")
    except metadata.PackageNotFoundError as error:
        raise SpeechError("speech.broken", engine="espeak", detail="espeakng-loader is not installed") from error


@cache
def _data_identity() -> str:
    """Eight digits that change when the pronunciation data does: the package's version alone does not bind them."""
    found = util.find_spec("espeakng_loader")
    if found is None or not found.origin:
        raise SpeechError("speech.broken", engine="espeak", detail="espeakng-loader is not installed")
    folder = Path(found.origin).parent / "espeak-ng-data"
    total = sha256()
    try:
        for name in _DATA_FILES:
            total.update((folder / name).read_bytes())
    except OSError as error:
        raise SpeechError("speech.broken", engine="espeak", detail=str(error)) from error
    return total.hexdigest()[:8]
