"""Reports: each a pure function from the audit to a table, found by name in one registry that every face reads."""

from collections.abc import Callable

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports import totals
from broadcaster.domain.reports.corrections import corrections
from broadcaster.domain.reports.coverage import coverage, silences, tree
from broadcaster.domain.reports.fees import fees
from broadcaster.domain.reports.forecast import forecast
from broadcaster.domain.reports.incidents import incidents
from broadcaster.domain.reports.increase import growth, increase
from broadcaster.domain.reports.losses import losses
from broadcaster.domain.reports.proof import proof
from broadcaster.domain.reports.reconcile import consecutive_days, reconcile
from broadcaster.domain.reports.table import Cell, Column, Table, Value
from broadcaster.domain.station import Target

REPORTS: dict[str, Callable[[AuditResult, Target], Table]] = {
    "increase": increase,
    "growth": lambda result, _: growth(result),
    "topic": lambda result, _: totals.by_topic(result),
    "day": lambda result, _: totals.by_day(result),
    "thon": lambda result, _: totals.by_thon(result),
    "bulletin": lambda result, _: totals.by_bulletin(result),
    "days": lambda result, _: consecutive_days(result),
    "reconcile": lambda result, _: reconcile(result),
    "forecast": lambda result, _: forecast(result),
    "kind": lambda result, _: totals.by_kind(result),
    "unit": lambda result, _: totals.by_unit(result),
    "session": lambda result, _: totals.by_session(result),
    "week": lambda result, _: totals.by_week(result),
    "month": lambda result, _: totals.by_month(result),
    "quarter": lambda result, _: totals.by_quarter(result),
    "cluster": lambda result, _: totals.by_cluster(result),
    "apart": lambda result, _: totals.apart(result),
    "coverage": lambda result, _: coverage(result),
    "proof": lambda result, _: proof(result),
    "silences": lambda result, _: silences(result),
    "losses": lambda result, _: losses(result),
    "corrections": lambda result, _: corrections(result),
    "tree": lambda result, _: tree(result),
    "fees": lambda result, _: fees(result),
    "incidents": lambda result, _: incidents(result),
}
"""Every report by the name that commands and files use, in the order in which a reader wants them."""

__all__ = ["REPORTS", "Cell", "Column", "Table", "Value"]
