"""The documents an office has to write, each a choice of reports and charts under one title."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A document by its code.

    Args:
        code: its name in commands and in the wording table.
        symbol: the kind's abbreviation in its symbol after NĐ 30/2020, Annex III: BC for báo cáo.
        reports: the reports it contains, in order, by their names in the registry; `log` is the logbook.
        charts: the chart that stands above a report, by the report's name.
        landscape: whether its tables need the page's long side.
        told: whether the period's figures are told in sentences first.
        most: rows from which a table is cut, and says so; 0 for whole tables.
    """

    code: str
    reports: tuple[str, ...]
    charts: tuple[tuple[str, str], ...] = ()
    symbol: str = "BC"
    landscape: bool = False
    told: bool = False
    most: int = 0


LOG = "log"
RESULTS = (
    "increase",
    "growth",
    "topic",
    "month",
    "thon",
    "unit",
    "apart",
    "losses",
    "coverage",
    "silences",
    "forecast",
    "incidents",
)

PAPERS = {
    kind.code: kind
    for kind in (
        PaperKind("logbook", (LOG,), symbol="NK", landscape=True),
        PaperKind(
            "results",
            RESULTS,
            (("increase", "growth"), ("topic", "topic"), ("month", "time"), ("thon", "thon")),
            told=True,
            most=40,
        ),
        PaperKind("one_stop", ("increase", "growth", "forecast", "silences"), (("increase", "growth"),), told=True),
        PaperKind("published", ("bulletin", "days"), symbol="DS"),
        PaperKind("consecutive", ("days", "proof")),
        PaperKind("reconciliation", ("losses", "reconcile", "corrections"), landscape=True),
        PaperKind("by_thon", ("thon", "coverage", "tree"), (("thon", "thon"),)),
        PaperKind("by_unit", ("unit", "kind")),
        PaperKind("remuneration", ("fees",), symbol="BK"),
        PaperKind("incident_book", ("incidents",), symbol="NK", landscape=True),
    )
}
"""Every document by its code, in the order in which an office meets them."""
