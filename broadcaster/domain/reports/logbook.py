"""The inspector's logbook: every airing of a period in the order of time."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from broadcaster.domain.asrun import AsRun
from broadcaster.domain.reports.table import Cell, Column, Table, Value

COLUMNS = (
    Column("day", Cell.DATE),
    Column("start"),
    Column("session", Cell.SESSION),
    Column("item", Cell.ITEM_KIND),
    Column("bulletin", Cell.BULLETIN),
    Column("played", Cell.DURATION),
    Column("outcome", Cell.OUTCOME),
    Column("cause", Cell.CAUSE),
    Column("nodes_count", Cell.COUNT),
    Column("nodes", Cell.NODES),
)

ORDER = (3, 4, 6, 7, 9)
"""Cells by which rows of one instant stand in order: what it was, then what became of it and where."""


def logbook(rows: Iterable[AsRun], local: Callable[[datetime], datetime]) -> Table:
    """One row an airing and outcome, as the ledger's rows count; the clusters that share it together.

    Args:
        rows: the ledger's rows of the period.
        local: an instant in the station's zone.
    """
    together: dict[tuple[datetime, str, str, str, str, str], list[AsRun]] = defaultdict(list)
    for row in rows:
        together[
            row.planned_start, row.session, row.kind.value, row.bulletin, row.outcome.value, row.cause.value
        ].append(row)
    listed: list[tuple[datetime, tuple[Value, ...]]] = []
    for (*_, outcome, cause), mine in together.items():
        first = min(mine, key=lambda row: (row.started_at or row.planned_start, row.node))
        began = first.started_at or first.planned_start
        cells: tuple[Value, ...] = (
            first.day.isoformat(),
            local(began).strftime("%H:%M:%S"),
            first.session,
            first.kind.value,
            first.bulletin,
            max(row.played_ms for row in mine),
            outcome,
            cause,
            len(mine),
            " ".join(sorted(row.node for row in mine)),
        )
        listed.append((began, cells))
    listed.sort(key=lambda entry: (entry[0], *(str(entry[1][at]) for at in ORDER)))
    return Table("logbook", COLUMNS, tuple(cells for _, cells in listed))
