"""A process that is kept: started again whenever it ends, after a growing time, until it is let go."""

import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from broadcaster.adapters.clock import monotonic
from broadcaster.domain.backoff import delay

LIVED_S = 60.0
"""A process that has lasted so long and ends is started again soon."""
SOON_S = 1.0
LOOK_S = 0.5
PATIENCE_S = 10.0
"""For a process that was asked to end."""


class KeptProcess:
    """One command, kept running by a thread.

    Args:
        command: program and words.
        log: where what it says goes, in the place of the last run's; nowhere unless given.
        ended: told the exit code of each run that ended by itself.
    """

    def __init__(
        self, command: Sequence[str], log: Path | None = None, ended: Callable[[int], object] = lambda _: None
    ) -> None:
        self._command, self._log, self._ended = list(command), log, ended
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self.starts = 0

    @property
    def process_id(self) -> int | None:
        """The running process; None between two runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Begin to keep it."""
        self._thread.start()

    def stop(self) -> None:
        """Let it go: it is asked to end, and made to if it does not."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2 * PATIENCE_S)

    def _keep(self) -> None:
        failures = 0
        while not self._stop.is_set():
            begun = monotonic()
            code = self._run()
            if self._stop.is_set():
                return
            self._ended(code)
            failures = 0 if monotonic() - begun > LIVED_S else failures + 1
            self._stop.wait(delay(failures, 1.0) if failures else SOON_S)

    def _run(self) -> int:
        """One run; its exit code."""
        self.starts += 1
        if self._log is not None:
            self._log.parent.mkdir(parents=True, exist_ok=True)
        with (self._log or Path(os.devnull)).open("wb") as said:
            self._process = process = subprocess.Popen(  # noqa: S603 - our own program
                self._command, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
            while process.poll() is None and not self._stop.wait(LOOK_S):
                pass
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(timeout=PATIENCE_S)
                except subprocess.TimeoutExpired:
                    process.kill()
            return process.wait()
