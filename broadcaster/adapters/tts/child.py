"""A child process that speaks: one JSON line in, one JSON line and raw samples out.

    -> {"text": "Kính mời bà con", …}
    <- {"rate": 22050, "bytes": 40536, "again": true}    and 40536 bytes of signed 16-bit little-endian samples
    <- {"error": "…", "why": "…", "again": true}

`again` false says that the process is spent and the next request needs a new one. The end of the input ends it.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from broadcaster.domain.take import Sound
from broadcaster.errors import SpeechError

_TRIES = 2
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class _GoneError(Exception):
    """The process ended or fell silent in the middle of a request."""


def script(name: str) -> list[str]:
    """The command that runs a file beside this one in our own Python.

    By path, so that it runs from a source tree that is not installed; -P keeps files of the operator's folder from
    being imported in place of the standard library.
    """
    return [sys.executable, "-P", str(Path(__file__).with_name(name))]


class Child:
    """Started at the first request, and again once when it died; calls from several threads queue.

    Args:
        engine: the name of the engine, for errors.
        command: the program and its arguments.
        timeout: seconds without an answer after which the process is held to be stuck, and killed.
    """

    def __init__(self, engine: str, command: Sequence[str], timeout: float) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._engine = engine
        self._command = list(command)
        self._timeout = timeout
        self._lock = threading.Lock()

    def speak(self, asked: Mapping[str, Any]) -> Sound:
        """The sound of a request, empty if nothing in it could be said.

        Raises:
            SpeechError: `speech.broken` with the child's own reason, or when it died twice.
        """
        line = json.dumps(asked).encode() + b"\n"
        with self._lock:
            header, samples = self._ask(line)
        if "error" in header:
            raise SpeechError("speech.broken", engine=self._engine, detail=header.get("why", header["error"]))
        return Sound(int(header["rate"]), samples)

    def close(self) -> None:
        """End the process; the next request would start another."""
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
        raise SpeechError("speech.broken", engine=self._engine, detail=why)

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
        if self.process is None:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and file, no shell
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=_NO_WINDOW,
            )
        return self.process

    def _end(self) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            _shut(pipe)
        try:
            process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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
