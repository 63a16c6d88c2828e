"""Corrections: what was measured, and what counts instead."""

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports.table import Cell, Column, Table


def corrections(result: AuditResult) -> Table:
    """Every corrected row of the period with both its values, who answers for it and why."""
    columns = (
        Column("day", Cell.DATE),
        Column("node", Cell.NODE),
        Column("seq", Cell.COUNT),
        Column("bulletin", Cell.BULLETIN),
        Column("measured_outcome", Cell.OUTCOME),
        Column("measured", Cell.DURATION),
        Column("outcome", Cell.OUTCOME),
        Column("played", Cell.DURATION),
        Column("reason"),
        Column("person"),
    )
    rows = tuple(
        (
            c.row.day.isoformat(),
            c.row.node,
            c.row.seq,
            c.row.bulletin or c.row.kind.value,
            c.row.outcome.value,
            c.row.played_ms,
            c.correction.outcome.value,
            c.correction.played_ms,
            c.correction.reason,
            c.correction.by,
        )
        for c in result.corrected
    )
    return Table("corrections", columns, rows)
