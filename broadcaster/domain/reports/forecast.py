"""The year's end, should it go on like this, and what is still needed for the target."""

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports.table import Cell, Column, Table, Value


def forecast(result: AuditResult) -> Table:
    """Minutes of the target group so far this year, forecast, wanted, and a week still needed."""
    f = result.forecast
    rows: tuple[tuple[Value, ...], ...] = (
        ("year_minutes", f.minutes),
        ("year_broadcast_days", float(f.broadcast_days)),
        ("year_end_minutes", f.minutes_at_year_end),
        ("year_end_growth", None if f.growth is None else f.growth * 100),
        ("year_wanted_minutes", f.wanted_minutes),
        ("needed_a_week", f.needed_a_week),
    )
    return Table("forecast", (Column("measure", Cell.MEASURE), Column("value", Cell.DECIMAL)), rows)
