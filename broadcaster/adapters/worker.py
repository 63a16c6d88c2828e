"""A library in a child process of its own: asked over a pipe, started when needed, replaced once if it dies.

`worker_process.py` is the other end and says what goes over the pipe.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_TRIES = 2
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class WorkerError(Exception):
    """The process ended, fell silent or spoke nonsense, and so did its successor."""


class _GoneError(Exception):
    """The process ended or fell silent in the middle of a request."""


class Worker:
    """One child process at a time; requests from several threads queue.

    Args:
        script: the file whose `answer` does the work.
        timeout: seconds after which a request is held to be stuck, and the process killed.
        command: another program that speaks over the pipe in the same way.
    """

    def __init__(self, script: Path, timeout: float, command: Sequence[str] | None = None) -> None:
        # By path, so that it runs from a source tree that is not installed; -P keeps files of the operator's folder
        # from being imported in place of the standard library.
        other_end = str(Path(__file__).with_name("worker_process.py"))
        self._command = list(command) if command else [sys.executable, "-P", other_end, str(script)]
        self._timeout = timeout
        self._lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, request: Mapping[str, Any], payload: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """The answer to a request, and the bytes that came with it. A process that died is started again once.

        Raises:
            WorkerError: if the second one failed too.
        """
        line = json.dumps({**request, "bytes": len(payload)}).encode() + b"\n"
        why = ""
        with self._lock:
            for _ in range(_TRIES):
                try:
                    header, body = self._exchange(line + payload)
                except (_GoneError, OSError, ValueError) as error:
                    why = str(error) or type(error).__name__
                    self._end()
                    continue
                if not header.get("again"):
                    self._end()
                return header, body
        raise WorkerError(why)

    @property
    def process_id(self) -> int | None:
        """The child that is running, for who measures it."""
        return self.process.pid if self.process else None

    def close(self) -> None:
        """End the process; the next request would start another."""
        with self._lock:
            self._end()

    def _exchange(self, request: bytes) -> tuple[dict[str, Any], bytes]:
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise _GoneError
        # A pipe has no read timeout that works on Windows; killing the process is what wakes the reader up.
        watchdog = threading.Timer(self._timeout, process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            process.stdin.write(request)
            process.stdin.flush()
            header = json.loads(_line(process.stdout))
            if not isinstance(header, dict):
                raise _GoneError("an answer that is no object")
            body = process.stdout.read(int(header.get("bytes", 0)))
        finally:
            watchdog.cancel()
        if len(body) != int(header.get("bytes", 0)):
            raise _GoneError("the process ended in the middle of an answer")
        return header, body

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
