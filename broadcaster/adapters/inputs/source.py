"""A live source: a microphone or line input of this machine, or a stream from elsewhere, as bare samples.

The source lives in a child process (`source_process.py`): a driver or a decoder that hangs or falls takes nothing else
with it. One that ends is started again, after a growing time.
"""

import json
import random
import subprocess
import sys
import threading
from importlib import util
from pathlib import Path
from queue import Empty, SimpleQueue

from broadcaster.adapters.clock import monotonic
from broadcaster.domain.backoff import delay
from broadcaster.domain.live import LIVE_RATE
from broadcaster.errors import ConfigError

READ = 2 * LIVE_RATE // 10
"""Bytes of a tenth of a second."""
LIVED_S = 10.0
"""A source that has lasted so long and ends is tried again at once."""
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class LiveSource:
    """One source.

    Args:
        setting: `{"kind": "microphone", "device": part of a name}` or `{"kind": "stream", "url": address}`.
    """

    def __init__(self, setting: dict[str, str]) -> None:
        self._setting = {**setting, "rate": LIVE_RATE}
        self._process: subprocess.Popen[bytes] | None = None
        self._samples: SimpleQueue[bytes] = SimpleQueue()
        self._failures, self._again, self._begun = 0, 0.0, 0.0
        self._odd = b""
        self.detail = ""

    @classmethod
    def of(cls, *, device: str = "", url: str = "") -> "LiveSource":
        """A microphone, or a stream where an address is given.

        Raises:
            ConfigError: `live.url` for no address, `live.package` where a stream's decoder is not installed.
        """
        if not url:
            return cls({"kind": "microphone", "device": device})
        if not url.startswith(("http://", "https://")):
            raise ConfigError("live.url", given=url)
        if util.find_spec("av") is None:
            raise ConfigError("live.package")
        return cls({"kind": "stream", "url": url})

    def read(self, wait: float) -> bytes:
        """The samples that have come; nothing if none came in so many seconds."""
        if self._process is None or (self._process.poll() is not None and self._samples.empty()):
            self._start()
        found = []
        try:
            found.append(self._samples.get(timeout=wait))
            while True:
                found.append(self._samples.get_nowait())
        except Empty:
            pass
        data = self._odd + b"".join(found)
        whole = len(data) // 2 * 2
        self._odd = data[whole:]
        if whole:
            self._failures = 0
        return data[:whole]

    def _start(self) -> None:
        now = monotonic()
        if now < self._again:
            return
        if self._process is not None:
            self._end(self._process)
            self._failures = 0 if now - self._begun > LIVED_S else self._failures + 1
        self._again = now + (delay(self._failures, random.random()) if self._failures else 0.0)  # noqa: S311 - no secret
        self._begun = now
        script = str(Path(__file__).with_name("source_process.py"))
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-P", script, json.dumps(self._setting)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=_NO_WINDOW,
        )
        for job in (self._listen, self._hear):
            threading.Thread(target=job, args=(self._process,), daemon=True).start()

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        if process.stdout is not None:
            with process.stdout:
                while piece := process.stdout.read(READ):
                    self._samples.put(piece)

    def _hear(self, process: "subprocess.Popen[bytes]") -> None:
        """The last line that it says is why it ended."""
        if process.stderr is not None:
            with process.stderr:
                for line in process.stderr:
                    self.detail = line.decode("utf-8", "replace").strip() or self.detail

    def close(self) -> None:
        """End the child."""
        process, self._process = self._process, None
        if process is not None:
            self._end(process)

    @staticmethod
    def _end(process: "subprocess.Popen[bytes]") -> None:
        """Let a child end, or make it."""
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
