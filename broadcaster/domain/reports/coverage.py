"""Where the programme was heard: coverage by thôn, silences, and thôn that were merged or renamed."""

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports.table import Cell, Column, Table


def coverage(result: AuditResult) -> Table:
    """What each thôn was to hear and what it heard, on all its clusters; the share is heard of planned."""
    columns = (
        Column("thon", Cell.THON),
        Column("pieces", Cell.COUNT),
        Column("planned", Cell.DURATION),
        Column("played", Cell.DURATION),
        Column("target_played", Cell.DURATION),
        Column("heard_percent", Cell.DECIMAL),
    )
    rows = tuple(
        (c.thon, c.pieces, c.planned_ms, c.cluster_ms, c.target_ms, None if c.share is None else c.share * 100)
        for c in result.coverage
    )
    return Table("coverage", columns, rows)


def silences(result: AuditResult) -> Table:
    """Spans of more than seven days without a bulletin of the target group."""
    rows = tuple((a.isoformat(), b.isoformat(), (b - a).days + 1) for a, b in result.gaps)
    columns = (Column("valid_from", Cell.DATE), Column("valid_to", Cell.DATE), Column("days_count", Cell.COUNT))
    return Table("silences", columns, rows)


def tree(result: AuditResult) -> Table:
    """Thôn that were made of others: their clusters' time under the old names and by today's tree, which must agree."""
    columns = (
        Column("thon", Cell.THON),
        Column("former", Cell.SUBJECT),
        Column("cluster_then", Cell.DURATION),
        Column("cluster_now", Cell.DURATION),
        Column("aired", Cell.DURATION),
        Column("reached", Cell.VERDICT),
    )
    rows = tuple(
        (line.thon, " ".join(line.former), line.then_ms, line.now_ms, line.aired_ms, line.then_ms == line.now_ms)
        for line in result.lineages
    )
    return Table("tree", columns, rows)
