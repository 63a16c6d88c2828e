"""The increase of airtime that clause IV.3 asks for: this period beside the baseline and the targets."""

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports.table import Cell, Column, Table, Value
from broadcaster.domain.station import Target


def increase(result: AuditResult, target: Target) -> Table:
    """Measured values beside the station's targets, in per cent; no verdict where no target was set."""
    growth = result.growth
    # Nothing on the air yet is no fall of a hundred per cent.
    rate = growth.rate if result.broadcast_days else None

    def percent(share: float | None) -> float | None:
        return None if share is None else share * 100

    def verdict(value: float | None, wanted: float) -> bool | None:
        return None if value is None or wanted <= 0 else value >= wanted

    rows: tuple[tuple[Value, ...], ...] = (
        ("minutes_per_day", growth.minutes_per_day, growth.baseline_minutes_per_day or None, None),
        ("growth", percent(rate), percent(target.growth) or None, verdict(rate, target.growth)),
        (
            "target_share",
            percent(result.target_share),
            percent(target.target_share) or None,
            verdict(result.target_share, target.target_share),
        ),
        (
            "focus_share",
            percent(result.focus_share),
            percent(target.focus_share) or None,
            verdict(result.focus_share, target.focus_share),
        ),
    )
    columns = (
        Column("measure", Cell.MEASURE),
        Column("value", Cell.DECIMAL),
        Column("wanted", Cell.DECIMAL),
        Column("reached", Cell.VERDICT),
    )
    return Table("increase", columns, rows)
