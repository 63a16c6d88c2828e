"""A bulletin that cites a procedure or a document is not aired once that has changed, until it is approved anew."""

from collections.abc import Iterable, Iterator
from datetime import date

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.changes import Change
from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Rule, broken
from broadcaster.errors import Finding

CODE = "rule.stale"
SOURCE = "Luật 10/2022/QH15, Điều 13 khoản 2: thủ tục niêm yết được cập nhật khi có sự thay đổi"


def stale_since(changes: Iterable[Change], bulletin: Bulletin, approved_on: date) -> Change | None:
    """The earliest change because of which a bulletin must not be aired from its date on; None when it still holds.

    A consent given on the day of the change or later was given in knowledge of it; what has ceased stays ceased.
    """
    cited = (*bulletin.procedures, *bulletin.documents)
    concerned = [c for c in changes if (c.ended or approved_on < c.since) and c.concerns(cited)]
    return min(concerned, key=lambda change: (change.since, change.what), default=None)


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Airings of what no longer holds on their date."""
    for slot in facts.open(plan):
        candidate = facts.ready.get(slot.bulletin)
        if candidate is None:
            continue
        change = stale_since(facts.station.changes, candidate.bulletin, candidate.approved_on)
        if change is not None and slot.day >= change.since:
            yield broken(CODE, slot, what=change.what, since=change.since.isoformat())


RULE = Rule(CODE, SOURCE, violations)
