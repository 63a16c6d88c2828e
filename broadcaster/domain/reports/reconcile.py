"""What was not aired as planned, and the proof of consecutive days."""

from collections import defaultdict

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports.table import Cell, Column, Table, Value


def reconcile(result: AuditResult) -> Table:
    """Each difference between plan and ledger, the nodes that share it together, and what no row tells of at all."""
    rows: list[tuple[Value, ...]] = [
        (
            d.day.isoformat(),
            d.session,
            d.bulletin,
            " ".join(d.nodes),
            d.outcome.value,
            d.cause.value,
            d.planned_ms,
            d.played_ms,
        )
        for d in result.differences
    ]
    silent: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for node, item in result.unrecorded:
        day, session, _, kind, name = item.split(".", 4)
        # A bulletin goes by its code; the station's own parts are numbered, and go by their kind.
        silent[day, session, kind if name.isdigit() else name].append(node)
    for (day, session, name), nodes in sorted(silent.items()):
        rows.append((day, session, name, " ".join(sorted(nodes)), "unrecorded", "", None, None))
    columns = (
        Column("day", Cell.DATE),
        Column("session", Cell.SESSION),
        Column("bulletin", Cell.BULLETIN),
        Column("nodes", Cell.NODES),
        Column("outcome", Cell.OUTCOME),
        Column("cause", Cell.CAUSE),
        Column("planned", Cell.DURATION),
        Column("played", Cell.DURATION),
    )
    return Table("reconcile", columns, tuple(rows))


def consecutive_days(result: AuditResult) -> Table:
    """Bulletins that must be aired on consecutive days: on how many clusters they were (Luật 10/2022, 13.3)."""
    codes = sorted({run.bulletin for run in result.runs})
    rows = []
    for code in codes:
        mine = [run for run in result.runs if run.bulletin == code]
        short = [run.node for run in mine if run.longest < run.required]
        rows.append((code, mine[0].required, min(run.longest for run in mine), len(mine), " ".join(short), not short))
    columns = (
        Column("bulletin", Cell.BULLETIN),
        Column("required_days", Cell.COUNT),
        Column("shortest_run", Cell.COUNT),
        Column("nodes_count", Cell.COUNT),
        Column("broken_at", Cell.NODES),
        Column("reached", Cell.VERDICT),
    )
    return Table("consecutive_days", columns, tuple(rows))
