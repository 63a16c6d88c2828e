"""Airtime totals: by topic, day, thôn and bulletin."""

from collections.abc import Mapping

from broadcaster.domain.audit import AuditResult, Figures
from broadcaster.domain.reports.table import FIGURE_COLUMNS, Cell, Column, Table, figure_cells


def _totals(code: str, first: Column, groups: Mapping[str, Figures], total: Figures) -> Table:
    rows = [(name, *figure_cells(figures)) for name, figures in groups.items()]
    return Table(code, (first, *FIGURE_COLUMNS), (*rows, ("", *figure_cells(total))), total=True)


def by_topic(result: AuditResult) -> Table:
    """The figures of each main topic, most airtime first, with its share of the station's own production."""
    ordered = sorted(result.by_topic.items(), key=lambda entry: (-entry[1].aired_ms, entry[0]))
    whole = result.total.aired_ms
    rows = [(name, *figure_cells(f), f.aired_ms / whole if whole else 0.0) for name, f in ordered]
    columns = (Column("topic", Cell.TOPIC), *FIGURE_COLUMNS, Column("share", Cell.SHARE))
    last = ("", *figure_cells(result.total), 1.0 if whole else 0.0)
    return Table("totals_by_topic", columns, (*rows, last), total=True)


def by_day(result: AuditResult) -> Table:
    """The figures of each broadcast day."""
    return _totals("totals_by_day", Column("day", Cell.DATE), result.by_day, result.total)


def by_thon(result: AuditResult) -> Table:
    """The figures of each thôn: an airing counts as long as the cluster there that heard most of it heard it."""
    return _totals("totals_by_thon", Column("thon", Cell.THON), result.by_thon, result.total)


def by_bulletin(result: AuditResult) -> Table:
    """The figures of each bulletin."""
    return _totals("totals_by_bulletin", Column("bulletin"), result.by_bulletin, result.total)
