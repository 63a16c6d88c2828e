"""Notebooks: files of one JSON value a line, to which processes add and from which nothing is taken away."""

from collections.abc import Sequence
from pathlib import Path

from broadcaster.adapters.clock import monotonic, sleep
from broadcaster.adapters.files import read_text, write_text
from broadcaster.adapters.lock import only_one
from broadcaster.errors import ConfigError, OutputError

_PATIENCE = 10.0
"""Seconds to wait for another process that writes."""


class FileNotebook:
    """One notebook on disk.

    Args:
        path: the file; a lock of its name lies beside it while somebody writes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def mark(self) -> tuple[int, int]:
        """Changes whenever a line is added, also by another process."""
        try:
            stat = self._path.stat()
        except OSError:
            return (0, 0)
        return (stat.st_ino, stat.st_mtime_ns)

    def lines(self) -> Sequence[str]:
        """Every line, the oldest first."""
        try:
            return read_text(self._path).splitlines()
        except FileNotFoundError:
            return ()
        except UnicodeDecodeError as error:
            raise ConfigError("file.not_utf8", file=str(self._path)) from error
        except OSError as error:
            raise ConfigError("file.unreadable", file=str(self._path), detail=error.strerror or "") from error

    def add(self, line: str, after: int | None = None) -> None:
        """Add a line: the whole file appears anew, or stays as it was."""
        until = monotonic() + _PATIENCE
        while True:
            held = only_one(self._path.with_name(f".{self._path.name}.lock"), "")
            try:
                held.__enter__()
            except OutputError as error:
                if monotonic() > until:
                    raise ConfigError("notebook.busy", file=self._path.name) from error
                sleep(0.01)
                continue
            try:
                before = self.lines()
                if after is not None and len(before) != after:
                    raise ConfigError("notebook.changed", file=self._path.name)
                try:
                    write_text(self._path, "\n".join([*before, line]) + "\n")
                except OSError as error:
                    raise ConfigError("file.disk", file=str(self._path), detail=error.strerror or "") from error
            finally:
                held.__exit__(None, None, None)
            return
