"""A node's own ledger: its chain as JSON lines on its disk, one after the other, and never written over."""

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from broadcaster.domain.asrun import GENESIS, AsRun
from broadcaster.domain.receipt import as_run_from
from broadcaster.domain.rundown import Rundown
from broadcaster.units import Sha256, canonical


class NodeLedger:
    """The rows of one node in `ledger.jsonl`.

    Args:
        path: the file.
        hand_on: takes every sealed row that is on disk, to be sent to the station; a row that it was not given before
            a power cut is given to it at the next start.
        sent: the place of the last row that was handed on.
    """

    def __init__(self, path: Path, hand_on: Callable[[Sequence[AsRun]], None], sent: Callable[[], int]) -> None:
        self._path, self._hand_on = path, hand_on
        self._items: set[str] = set()
        self._seq, self._head = 0, GENESIS
        self._whole = 0
        self.damaged = 0
        rows = self._read()
        self._hand_on([row for row in rows if row.seq > sent()])

    def _read(self) -> list[AsRun]:
        """The rows on disk up to the first that does not hang on the one before it; a torn last line is cut off."""
        rows: list[AsRun] = []
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return rows
        for line in data.splitlines(keepends=True):
            try:
                row = as_run_from(json.loads(line))
                right = line.endswith(b"\n") and row.seq == self._seq + 1 and row.previous == self._head
                right = right and row.content_hash == row.hash
            except (ValueError, RecursionError, OverflowError):
                right = False
            if not right:
                self.damaged += 1
                break
            rows.append(row)
            self._take(row)
            self._whole += len(line)
        return rows

    def _take(self, row: AsRun) -> None:
        self._seq, self._head = row.seq, Sha256(row.hash)
        self._items.add(row.item)

    def record(self, rows: Sequence[AsRun]) -> None:
        """Seal rows and put them on disk before this returns; what the node has a row for is left out."""
        sealed = []
        for row in rows:
            if row.item in self._items:
                continue
            made = row.sealed(self._seq + 1, self._head)
            sealed.append(made)
            self._take(made)
        if not sealed:
            return
        text = "".join(canonical(row) + "\n" for row in sealed).encode()
        # A full disk costs the account, never the air: the rows are handed on all the same.
        with suppress(OSError):
            mode = "r+b" if self._path.exists() else "wb"
            with self._path.open(mode) as file:
                file.truncate(self._whole)
                file.seek(self._whole)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            self._whole += len(text)
        self._hand_on(sealed)

    def done(self, rundown: Rundown) -> frozenset[str]:
        """The items of a rundown that have a row."""
        return frozenset(item.id for item in rundown.items if item.id in self._items)
