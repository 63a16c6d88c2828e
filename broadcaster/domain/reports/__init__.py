"""Reports: each a pure function from the audit to a table, found by name in one registry that every face reads."""

from collections.abc import Callable

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports.increase import increase
from broadcaster.domain.reports.reconcile import consecutive_days, reconcile
from broadcaster.domain.reports.table import Cell, Column, Table, Value
from broadcaster.domain.reports.totals import by_bulletin, by_day, by_thon, by_topic
from broadcaster.domain.station import Target

REPORTS: dict[str, Callable[[AuditResult, Target], Table]] = {
    "increase": increase,
    "topic": lambda result, _: by_topic(result),
    "day": lambda result, _: by_day(result),
    "thon": lambda result, _: by_thon(result),
    "bulletin": lambda result, _: by_bulletin(result),
    "days": lambda result, _: consecutive_days(result),
    "reconcile": lambda result, _: reconcile(result),
}
"""Every report by the name that commands and files use, in the order in which a reader wants them."""

__all__ = ["REPORTS", "Cell", "Column", "Table", "Value"]
