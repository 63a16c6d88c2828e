"""Putting a restored state in the place of the present one: all of it or nothing, whenever the power goes.

What is to be done is one small file, the order. While it waits, nothing has moved, and it may be taken back. Once it is
under way every start of the program goes on with it until it is done: each step can be taken twice.
"""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from broadcaster.adapters.files import read_text, sync_folder, write_text
from broadcaster.errors import StoreError

_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database; of the old one, it must not meet the new one."""


class Stage(StrEnum):
    """How far an order is."""

    WAITING = "cho"
    MOVING = "dang_chuyen"


@dataclass(frozen=True, slots=True)
class Order:
    """A state to be put in place: files by their names below `folder`, and those of the present state that go."""

    stage: Stage
    by: str
    title: str
    files: tuple[str, ...]
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """The folder in which a restoration is prepared and carried out.

    Args:
        root: it; on the same disk as the workspace.
        workspace: the workspace's root, below which every file belongs.
    """

    root: Path
    workspace: Path

    @property
    def staged(self) -> Path:
        """Where the new state waits, laid out as a workspace."""
        return self.root / "moi"

    @property
    def _order(self) -> Path:
        return self.root / "lenh.json"

    @property
    def _outcome(self) -> Path:
        return self.root / "ket_qua.json"

    def order(self) -> Order | None:
        """The order that is there; one that cannot be read was never whole, and is none."""
        try:
            data = json.loads(read_text(self._order))
            return Order(Stage(data["stage"]), data["by"], data["title"], tuple(data["files"]), tuple(data["gone"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, order: Order) -> None:
        """Put an order in the place of the one that was.

        Raises:
            StoreError: `file.disk`.
        """
        _written(self._order, asdict(order))

    def take_back(self) -> None:
        """Forget an order of which nothing has moved, and what was prepared for it."""
        self._order.unlink(missing_ok=True)
        self.sweep()

    def sweep(self) -> None:
        """Take away what was prepared."""
        shutil.rmtree(self.staged, ignore_errors=True)

    def carry_out(self, order: Order, database: str) -> None:
        """Move everything; called again after a power cut it goes on where it was.

        Args:
            order: what to do.
            database: the database's name below the workspace.

        Raises:
            StoreError: `file.disk`; the order stays, and is gone on with at the next start.
        """
        if order.stage is Stage.WAITING:
            self.put(replace(order, stage=Stage.MOVING))
        try:
            for name in (*order.gone, *(database + end for end in _BESIDE)):
                (self.workspace / name).unlink(missing_ok=True)
            for name in order.files:
                source, target = self.staged / name, self.workspace / name
                if source.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    source.replace(target)
                    sync_folder(target.parent)
            self.tell({"done": True, "title": order.title, "by": order.by})
            self._order.unlink(missing_ok=True)
            sync_folder(self.root)
        except OSError as error:
            raise StoreError("file.disk", file=str(error.filename or self.root), detail=error.strerror or "") from error
        self.sweep()

    def flush(self, names: Iterable[str]) -> None:
        """Put what was prepared on the disk, before an order says that it is there."""
        for name in names:
            with (self.staged / name).open("rb+") as file:
                os.fsync(file.fileno())

    def tell(self, outcome: Mapping[str, Any]) -> None:
        """Keep what came of the last order, for the page.

        Raises:
            StoreError: `file.disk`.
        """
        _written(self._outcome, outcome)

    def outcome(self) -> Mapping[str, Any]:
        """What came of the last order; empty for nothing."""
        try:
            data = json.loads(read_text(self._outcome))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}


def _written(path: Path, data: Mapping[str, Any]) -> None:
    try:
        write_text(path, json.dumps(data, ensure_ascii=False) + "\n")
    except OSError as error:
        raise StoreError("file.disk", file=str(path), detail=error.strerror or "") from error
