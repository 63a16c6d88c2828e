"""Planned against aired: what differs, for which cause, and of what nobody has heard again."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date

from broadcaster.domain.asrun import AsRun, Cause, Outcome
from broadcaster.domain.rundown import ItemKind, Rundown
from broadcaster.units import Milliseconds


@dataclass(frozen=True, slots=True)
class Difference:
    """An item that was not aired as planned, at the nodes that differ in the same way."""

    day: date
    session: str
    bulletin: str
    outcome: Outcome
    cause: Cause
    nodes: tuple[str, ...]
    planned_ms: Milliseconds
    played_ms: Milliseconds


def differences(rows: Iterable[AsRun]) -> tuple[Difference, ...]:
    """Bulletins that were not aired whole, the same difference at several nodes put together."""
    groups: dict[tuple[date, str, str, Outcome, Cause], list[AsRun]] = defaultdict(list)
    for row in rows:
        if row.kind is ItemKind.BULLETIN and row.outcome is not Outcome.AIRED:
            groups[row.day, row.session, row.bulletin, row.outcome, row.cause].append(row)
    return tuple(
        Difference(
            *key,
            nodes=tuple(sorted(row.node for row in group)),
            planned_ms=Milliseconds(sum(row.planned_ms for row in group)),
            played_ms=Milliseconds(sum(row.played_ms for row in group)),
        )
        for key, group in sorted(groups.items())
    )


def unrecorded(
    rundowns: Iterable[Rundown], known: Collection[tuple[str, str]], nodes_of: Callable[[str, date], Iterable[str]]
) -> list[tuple[str, str]]:
    """What was planned and never heard of again: node and item, for every item of a rundown without a row.

    Args:
        rundowns: what was planned.
        known: node and item of every row.
        nodes_of: the nodes of a zone on a day.
    """
    return sorted(
        (node, item.id)
        for rundown in rundowns
        for node in nodes_of(rundown.zone, rundown.day)
        for item in rundown.items
        if (node, item.id) not in known
    )


def planned_by_node(
    rundowns: Iterable[Rundown], nodes_of: Callable[[str, date], Iterable[str]]
) -> dict[tuple[str, date], Milliseconds]:
    """Planned milliseconds of bulletins on every cluster and day."""
    planned: dict[tuple[str, date], int] = defaultdict(int)
    for rundown in rundowns:
        length = sum(item.duration_ms for item in rundown.items if item.kind is ItemKind.BULLETIN)
        for node in nodes_of(rundown.zone, rundown.day):
            planned[node, rundown.day] += length
    return {key: Milliseconds(length) for key, length in planned.items()}
