"""What each cluster should sound at an instant, what comes next, and what of it has been measured today."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.asrun import AsRun
from broadcaster.domain.rundown import Rundown, RundownItem


@dataclass(frozen=True, slots=True)
class OnAir:
    """One cluster: the item of its rundown that it is time for, the one after it, and the last row that it has sent."""

    node: str
    now: RundownItem | None = None
    next: RundownItem | None = None
    last: AsRun | None = None


def on_air(
    nodes: Iterable[str],
    rundowns: Iterable[Rundown],
    nodes_of: Callable[[Rundown], Iterable[str]],
    rows: Iterable[AsRun],
    at: datetime,
) -> Mapping[str, OnAir]:
    """What clusters are at, by their codes.

    Args:
        nodes: the clusters that exist.
        rundowns: those of the day.
        nodes_of: the clusters of a rundown.
        rows: the ledger's rows of the day.
        at: the instant.
    """
    items: dict[str, list[RundownItem]] = {node: [] for node in nodes}
    for rundown in rundowns:
        for node in nodes_of(rundown):
            items.setdefault(node, []).extend(rundown.items)
    last: dict[str, AsRun] = {}
    for row in rows:
        if row.node not in last or (row.started_at or row.planned_start) >= _when(last[row.node]):
            last[row.node] = row
    made = {}
    for node, mine in items.items():
        now = next((item for item in mine if item.start <= at < item.end), None)
        ahead = min((item for item in mine if item.start > at), key=lambda item: item.start, default=None)
        made[node] = OnAir(node, now, ahead, last.get(node))
    return made


def _when(row: AsRun) -> datetime:
    return row.started_at or row.planned_start
