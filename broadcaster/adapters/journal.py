"""A node's journal: the item that is playing, kept on disk in one small file that is replaced whole."""

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from broadcaster.adapters.files import write_text
from broadcaster.units import Milliseconds, as_utc


class FileJournal:
    """One JSON object in one file; no file, or an empty object, means that nothing plays."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._began: datetime | None = None

    def begin(self, item: str, at: datetime) -> None:
        """An item has begun to sound."""
        self._began = as_utc(at)
        self._write(item, Milliseconds(0), at)

    def progress(self, item: str, played_ms: Milliseconds, at: datetime) -> None:
        """It still sounds."""
        self._write(item, played_ms, at)

    def _write(self, item: str, played_ms: Milliseconds, at: datetime) -> None:
        began = self._began or as_utc(at)
        entry = {"item": item, "began": began.isoformat(), "played_ms": played_ms, "at": as_utc(at).isoformat()}
        self._keep(json.dumps(entry))

    def _keep(self, text: str) -> None:
        # A disk that is full costs the last second's account after a power cut; it must not cost the air.
        with suppress(OSError):
            write_text(self._path, text)

    def finish(self, item: str) -> None:
        """It is over, and its row is in the ledger."""
        del item
        self._began = None
        self._keep("{}")

    def open_item(self) -> tuple[str, datetime, Milliseconds, datetime] | None:
        """The item that was playing when the power went; a file that cannot be read counts as none."""
        try:
            entry = json.loads(self._path.read_text(encoding="utf-8"))
            began, at = datetime.fromisoformat(entry["began"]), datetime.fromisoformat(entry["at"])
            return str(entry["item"]), as_utc(began), Milliseconds(int(entry["played_ms"])), as_utc(at)
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None


class MemoryJournal:
    """The same without a disk, for weeks on a virtual clock."""

    def __init__(self) -> None:
        self._open: tuple[str, datetime, Milliseconds, datetime] | None = None

    def begin(self, item: str, at: datetime) -> None:
        """An item has begun to sound."""
        self._open = (item, at, Milliseconds(0), at)

    def progress(self, item: str, played_ms: Milliseconds, at: datetime) -> None:
        """It still sounds."""
        began = self._open[1] if self._open else at
        self._open = (item, began, played_ms, at)

    def finish(self, item: str) -> None:
        """It is over."""
        del item
        self._open = None

    def open_item(self) -> tuple[str, datetime, Milliseconds, datetime] | None:
        """The item that plays."""
        return self._open
