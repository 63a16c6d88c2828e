"""What a chart shows, before any wording or format."""

from dataclasses import dataclass

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports.table import Cell
from broadcaster.units import MINUTE

MOST_DAYS = 35
"""Days up to which time is drawn day by day; longer periods go by week, and above as many weeks by month."""
MOST_BARS = 20


@dataclass(frozen=True, slots=True)
class Chart:
    """Values by name, in minutes: bars of equal standing, or columns along time. `names` are shown as `cell` says."""

    code: str
    cell: Cell
    names: tuple[str, ...]
    values: tuple[float, ...]
    over_time: bool = False


def minutes_by_topic(result: AuditResult) -> Chart:
    """Aired minutes of each main topic, most first."""
    ordered = sorted(result.by_topic.items(), key=lambda entry: (-entry[1].aired_ms, entry[0]))[:MOST_BARS]
    return Chart("topic", Cell.TOPIC, tuple(n for n, _ in ordered), tuple(f.aired_ms / MINUTE for _, f in ordered))


def minutes_by_thon(result: AuditResult) -> Chart:
    """Aired minutes of each thôn, most first."""
    ordered = sorted(result.by_thon.items(), key=lambda entry: (-entry[1].aired_ms, entry[0]))[:MOST_BARS]
    return Chart("thon", Cell.THON, tuple(n for n, _ in ordered), tuple(f.aired_ms / MINUTE for _, f in ordered))


def minutes_over_time(result: AuditResult) -> Chart:
    """Aired minutes along the period, by day, week or month as its length asks."""
    length = (result.last - result.first).days + 1
    if length <= MOST_DAYS:
        groups, cell = result.by_day, Cell.DATE
    else:
        groups, cell = (result.by_week if length <= 7 * MOST_DAYS else result.by_month), Cell.TEXT
    names, values = tuple(groups), tuple(f.aired_ms / MINUTE for f in groups.values())
    return Chart("time", cell, names, values, over_time=True)


def minutes_against_baseline(result: AuditResult) -> Chart:
    """The target group's minutes a broadcast day: the baseline, this period, what the target asks."""
    growth = result.growth
    bars = [("baseline", growth.baseline_minutes_per_day), ("now", growth.minutes_per_day)]
    if growth.baseline_minutes_per_day > 0 and growth.target > 0:
        bars.append(("wanted", growth.baseline_minutes_per_day * (1 + growth.target)))
    return Chart("growth", Cell.MEASURE, tuple(f"bar_{n}" for n, _ in bars), tuple(value for _, value in bars))


CHARTS = {
    "growth": minutes_against_baseline,
    "topic": minutes_by_topic,
    "time": minutes_over_time,
    "thon": minutes_by_thon,
}
"""Every chart by the name that papers and commands use."""
