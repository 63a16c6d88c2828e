"""The open list of what went wrong, in the order of time."""

from collections import defaultdict

from broadcaster.domain.audit import AuditResult
from broadcaster.domain.reports.table import Cell, Column, Table, Value


def incidents(result: AuditResult) -> Table:
    """What a person should know of the period and what no correction has settled.

    Bulletins that were not aired whole, planned ones without a row, broken proofs, silences, thôn that heard nothing.
    What happened is in the words of outcomes; `lost` is the time that clusters did not hear.
    """
    rows: list[tuple[Value, ...]] = [
        (
            d.day.isoformat(),
            d.session,
            d.outcome.value,
            d.cause.value,
            d.bulletin,
            " ".join(d.nodes),
            max(d.planned_ms - d.played_ms, 0),
        )
        for d in result.differences
    ]
    silent: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for node, item in result.unrecorded:
        day, session, _, kind, name = item.split(".", 4)
        silent[day, session, kind if name.isdigit() else name].append(node)
    rows += [(*key[:2], "unrecorded", "", key[2], " ".join(sorted(nodes)), None) for key, nodes in silent.items()]
    broken: dict[str, list[str]] = defaultdict(list)
    for run in result.runs:
        if run.longest < run.required:
            broken[run.bulletin].append(run.node)
    last = result.last.isoformat()
    rows += [(last, "", "broken_run", "", code, " ".join(sorted(nodes)), None) for code, nodes in broken.items()]
    rows += [(a.isoformat(), "", "silence", "", "", "", None) for a, _ in result.gaps]
    rows += [(last, "", "silent_thon", "", thon, "", None) for thon in result.silent_thons]
    columns = (
        Column("day", Cell.DATE),
        Column("session", Cell.SESSION),
        Column("outcome", Cell.OUTCOME),
        Column("cause", Cell.CAUSE),
        Column("subject", Cell.SUBJECT),
        Column("nodes", Cell.NODES),
        Column("lost", Cell.DURATION),
    )
    return Table("incidents", columns, tuple(sorted(rows, key=lambda row: tuple(str(value) for value in row))))
