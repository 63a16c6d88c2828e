"""Airtime totals: by topic, kind, unit, time, place and bulletin; what is apart from the station's own production."""

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
    return _totals("totals_by_bulletin", Column("bulletin", Cell.BULLETIN), result.by_bulletin, result.total)


def by_cluster(result: AuditResult) -> Table:
    """The figures of each cluster; the total row counts an airing once for the whole commune."""
    return _totals("totals_by_cluster", Column("node", Cell.NODE), result.by_cluster, result.total)


def by_kind(result: AuditResult) -> Table:
    """The figures of each kind of bulletin."""
    return _totals("totals_by_kind", Column("kind", Cell.KIND), result.by_kind, result.total)


def by_unit(result: AuditResult) -> Table:
    """The figures of each unit that wrote, most new pieces first."""
    ordered = sorted(result.by_unit.items(), key=lambda entry: (-entry[1].new_pieces, entry[0]))
    return _totals("totals_by_unit", Column("unit"), dict(ordered), result.total)


def by_session(result: AuditResult) -> Table:
    """The figures of each session."""
    return _totals("totals_by_session", Column("session", Cell.SESSION), result.by_session, result.total)


def by_week(result: AuditResult) -> Table:
    """The figures of each ISO week, as far as it lies in the period."""
    return _totals("totals_by_week", Column("span"), result.by_week, result.total)


def by_month(result: AuditResult) -> Table:
    """The figures of each month, as far as it lies in the period."""
    return _totals("totals_by_month", Column("span"), result.by_month, result.total)


def by_quarter(result: AuditResult) -> Table:
    """The figures of each quarter, as far as it lies in the period."""
    return _totals("totals_by_quarter", Column("span"), result.by_quarter, result.total)


def apart(result: AuditResult) -> Table:
    """The station's own production beside what is never counted with it, in minutes of all clusters.

    A relay is as long as planned: a separate receiver is not measured.
    """
    rows = [("ban_tin", result.total.cluster_ms), *result.apart_ms.items()]
    return Table("apart", (Column("item_kind", Cell.ITEM_KIND), Column("cluster_time", Cell.DURATION)), tuple(rows))
