"""From a report's row to the airings behind it."""

from dataclasses import fields

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.audit.behind import FOCUS, NO_CAUSE, TARGET, Narrowing
from broadcaster.domain.reports.table import Table

_OF_COLUMN = {f.name: f.name for f in fields(Narrowing)} | {"node": "nodes"}
_GROUPS = {
    "minutes_per_day": TARGET,
    "growth": TARGET,
    "target_share": TARGET,
    "focus_share": FOCUS,
}
_NONE_BEHIND = {"tree", "silences", "forecast"}
"""Tables of what was not heard, or of other periods."""


def behind(table: Table) -> tuple[Narrowing | None, ...]:
    """For each row what narrows the ledger to it; None where no airings of the period stand behind a row."""
    if table.code in _NONE_BEHIND:
        return (None,) * len(table.rows)
    codes = [column.code for column in table.columns]
    if not ({"measure"} | _OF_COLUMN.keys()) & set(codes):
        return (None,) * len(table.rows)
    made: list[Narrowing | None] = []
    for number, row in enumerate(table.rows):
        if table.total and number == len(table.rows) - 1:
            made.append(Narrowing())
            continue
        cells = dict(zip(codes, row, strict=True))
        if "measure" in cells:
            group = _GROUPS.get(str(cells["measure"]))
            made.append(Narrowing(group=group) if group else None)
            continue
        given = {_OF_COLUMN[code]: str(value) for code, value in cells.items() if code in _OF_COLUMN and value}
        if "cause" in cells and not cells["cause"]:
            given["cause"] = NO_CAUSE
        known = given.get("outcome", Outcome.AIRED.value) in set(Outcome)
        made.append(Narrowing(**given) if known else None)
    return tuple(made)
