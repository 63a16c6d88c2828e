"""The proof of consecutive days, cluster by cluster and day by day (Luật 10/2022, article 13.3)."""

from datetime import date

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports.table import Cell, Column, Table


def proof(result: AuditResult) -> Table:
    """Each bulletin that needs consecutive days on each cluster that was to air it: the days on which it was whole."""
    columns = (
        Column("bulletin", Cell.BULLETIN),
        Column("node", Cell.NODE),
        Column("required_days", Cell.COUNT),
        Column("longest_run", Cell.COUNT),
        Column("days_heard", Cell.DATES),
        Column("reached", Cell.VERDICT),
    )
    rows = tuple(
        (run.bulletin, run.node, run.required, run.longest, _listed(run.days), run.longest >= run.required)
        for run in result.runs
    )
    return Table("proof", columns, rows)


def _listed(days: tuple[date, ...]) -> str:
    return " ".join(day.isoformat() for day in days)
