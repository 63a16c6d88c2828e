"""The increase of airtime that clause IV.3 asks for: this period beside the baseline and the targets."""

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports.table import Cell, Column, Table, Value
from broadcaster.domain.station import Target
from broadcaster.units import MINUTE


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


def growth(result: AuditResult) -> Table:
    """Each main topic's minutes a broadcast day: this period, the baseline's, the change, and its share of all.

    Without a baseline of measured days there is nothing to compare with, and those cells are empty.
    """
    days = result.broadcast_days

    def per_day(milliseconds: int) -> float:
        return milliseconds / MINUTE / days if days else 0.0

    def row(name: str, aired_ms: int, before: float | None) -> tuple[Value, ...]:
        now, whole = per_day(aired_ms), result.total.aired_ms
        change = (now / before - 1) * 100 if before and days else None
        return name, round(now, 2), before, change, aired_ms / whole if whole else 0.0

    topics = {name: figures.aired_ms for name, figures in result.by_topic.items()} | dict.fromkeys(
        set(result.before) - set(result.by_topic), 0
    )
    known = bool(result.before)
    rows = [
        row(name, aired, result.before.get(name, 0.0) if known else None)
        for name, aired in sorted(topics.items(), key=lambda entry: (-entry[1], entry[0]))
    ]
    if rows:
        rows.append(row("", result.total.aired_ms, sum(result.before.values()) if known else None))
    columns = (
        Column("topic", Cell.TOPIC),
        Column("now_per_day", Cell.DECIMAL),
        Column("baseline_per_day", Cell.DECIMAL),
        Column("change_percent", Cell.DECIMAL),
        Column("share", Cell.SHARE),
    )
    return Table("growth", columns, tuple(rows), total=bool(rows))
