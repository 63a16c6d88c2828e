"""Planned against aired: what became of planned minutes, and why."""

from collections import defaultdict

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports.table import Cell, Column, Table, Value


def losses(result: AuditResult) -> Table:
    """Planned minutes of bulletins on all clusters by what became of them; `lost` is what nobody heard of them.

    What was aired whole stands together with what was heard beyond the plan of today: a row of it has no cause.
    """
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for d in result.differences:
        total = sums[d.outcome.value, d.cause.value]
        total[0] += len(d.nodes)
        total[1] += d.planned_ms
        total[2] += d.played_ms
    rows: list[tuple[Value, ...]] = [
        (outcome, cause, count, planned, played, max(planned - played, 0))
        for (outcome, cause), (count, planned, played) in sorted(sums.items(), key=lambda e: (e[1][2] - e[1][1], e[0]))
    ]
    bulletins = sum(1 for _, item in result.unrecorded if item.split(".", 4)[3:4] == ["ban_tin"])
    if bulletins:
        rows.append(("unrecorded", "", bulletins, result.unrecorded_ms, 0, result.unrecorded_ms))
    heard_in_part = sum(d.played_ms for d in result.differences)
    whole = result.total.cluster_ms - heard_in_part
    if whole > 0:
        rows.insert(0, ("aired", "", None, None, whole, 0))
    columns = (
        Column("outcome", Cell.OUTCOME),
        Column("cause", Cell.CAUSE),
        Column("rows_count", Cell.COUNT),
        Column("planned", Cell.DURATION),
        Column("played", Cell.DURATION),
        Column("lost", Cell.DURATION),
    )
    return Table("losses", columns, tuple(rows))
