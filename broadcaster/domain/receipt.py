"""Receipts: sealed rows that a node sends, and sends again until it is told that they arrived.

Exactly once: a row is known by its place in its node's chain. The same row in the same place is a row that was sent
again; another row in a place that is taken is refused and reported, and so is what cannot follow.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from broadcaster.domain.asrun import AsRun, Cause, Outcome
from broadcaster.domain.rundown import ItemKind
from broadcaster.errors import Finding, Severity
from broadcaster.units import Milliseconds, Sha256, as_utc


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a batch: rows new in the ledger, rows that were there, and why the rest was refused.

    `expected` is the place in the chain that the node is asked to go on from.
    """

    new: int
    resent: int
    expected: int
    refused: tuple[Finding, ...] = ()


def sort_out(
    rows: Sequence[AsRun],
    head: tuple[int, Sha256],
    there: Mapping[int, Sha256],
    known: Collection[str] | Callable[[str], bool],
) -> tuple[list[AsRun], Received]:
    """The rows of a batch that are new, and what is to be said of the batch.

    A row that cannot be taken ends the batch: what follows it hangs on it.

    Args:
        rows: sealed rows of one node, by place.
        head: place and hash of the last row in the ledger; 0 and `GENESIS` for a new node.
        there: hashes of the rows that are in the ledger, by place, for the places of the batch.
        known: the items that the node has rows for.
    """
    seq, previous = head
    new: list[AsRun] = []
    items: set[str] = set()
    resent = 0
    finding: Finding | None = None
    is_known = known if callable(known) else known.__contains__
    for row in rows:
        if row.seq in there:
            if there[row.seq] == row.hash == row.content_hash:
                resent += 1
                continue
            finding = _refusal("ledger.differs", row)
        elif row.content_hash != row.hash:
            finding = _refusal("ledger.changed", row)
        elif row.seq != seq + 1:
            # A batch may hold a row twice.
            back = seq - row.seq
            if 0 <= back < len(new) and new[-1 - back].hash == row.hash:
                resent += 1
                continue
            code = "ledger.gap" if row.seq > seq else "ledger.differs"
            finding = _refusal(code, row, expected=seq + 1)
        elif row.previous != previous:
            finding = _refusal("ledger.broken", row)
        elif row.item in items or is_known(row.item):
            finding = _refusal("ledger.item_twice", row)
        if finding is not None:
            break
        new.append(row)
        items.add(row.item)
        seq, previous = row.seq, row.hash
    return new, Received(len(new), resent, seq + 1, (finding,) if finding else ())


def _refusal(code: str, row: AsRun, **more: Any) -> Finding:
    return Finding(code, Severity.ERROR, facts={"node": row.node, "seq": row.seq, "item": row.item, **more})


def as_run_from(data: Mapping[str, Any]) -> AsRun:
    """A row from its JSON object, as `units.plain` writes it; whether its hash is right is for `sort_out` to say.

    Raises:
        ValueError: for what is no such row: a missing or strange member, a value of another kind.
    """
    names = {field.name for field in fields(AsRun)}
    if set(data) != names:
        msg = f"members {sorted(names ^ set(data))}"
        raise ValueError(msg)
    texts = ("node", "item", "rundown", "day", "session", "kind", "bulletin", "topic", "master", "planned_start")
    for name in (*texts, "outcome", "cause", "previous", "hash"):
        if not isinstance(data[name], str):
            msg = f"{name} is no text"
            raise ValueError(msg)  # noqa: TRY004 - a wrong value of a file, not a wrong call
    for name in ("seq", "planned_ms", "played_ms"):
        if type(data[name]) is not int or data[name] < 0:
            msg = f"{name} is no whole number"
            raise ValueError(msg)
    level = data["level"]
    if level is not None and type(level) not in {int, float}:
        msg = "level is no number"
        raise ValueError(msg)
    return AsRun(
        node=data["node"],
        seq=data["seq"],
        item=data["item"],
        rundown=Sha256(data["rundown"]),
        day=date.fromisoformat(data["day"]),
        session=data["session"],
        kind=ItemKind(data["kind"]),
        bulletin=data["bulletin"],
        topic=data["topic"],
        master=data["master"],
        planned_start=as_utc(datetime.fromisoformat(data["planned_start"])),
        planned_ms=Milliseconds(data["planned_ms"]),
        started_at=_when(data["started_at"]),
        ended_at=_when(data["ended_at"]),
        played_ms=Milliseconds(data["played_ms"]),
        outcome=Outcome(data["outcome"]),
        cause=Cause(data["cause"]),
        level=None if level is None else float(level),
        previous=Sha256(data["previous"]),
        hash=Sha256(data["hash"]),
    )


def _when(value: Any) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        msg = f"{value!r} is no instant"
        raise ValueError(msg)  # noqa: TRY004 - a wrong value of a file, not a wrong call
    return as_utc(datetime.fromisoformat(value))
