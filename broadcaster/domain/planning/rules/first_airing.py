"""What must be made public is on air for the first time within five working days of its document."""

from collections.abc import Iterator
from datetime import date, timedelta

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.holidays import working_days_after
from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Mend, Rule, undone
from broadcaster.errors import Finding

CODE = "rule.first_airing"
SOURCE = "R02: Luật 10/2022/QH15, Điều 12 khoản 3 (chậm nhất 05 ngày làm việc)"

WORKING_DAYS = 5


def deadline(bulletin: Bulletin) -> date | None:
    """The last date of a first airing; None for a bulletin without a document's date."""
    return working_days_after(bulletin.document_date, WORKING_DAYS) if bulletin.document_date else None


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Bulletins that are on air too late, or would be when this week is over."""
    sunday = plan.week + timedelta(days=6)
    for code in sorted(facts.ready):
        bulletin = facts.ready[code].bulletin
        last = deadline(bulletin)
        if last is None or bulletin.valid_to < plan.week or bulletin.valid_from > sunday:
            continue
        airings = [slot.day for slot in (*facts.earlier, *plan.slots) if slot.bulletin == code]
        first = min(airings, default=None)
        if (first is None and last <= sunday) or (first is not None and first > last and first >= plan.week):
            yield undone(CODE, code, last=last.isoformat(), first=first.isoformat() if first else "–")


def mends(plan: Plan, facts: Facts) -> Iterator[Mend]:
    """One airing up to the deadline; where that has passed, as soon as may be."""
    places = [place for place in facts.places(plan.week) if place not in facts.begun]
    for finding in violations(plan, facts):
        bulletin = facts.bulletins[finding.place.field]
        last = deadline(bulletin) or date.max
        may = [place for place in places if place[0] >= bulletin.valid_from]
        yield Mend(bulletin.code, tuple(place for place in may if place[0] <= last) or tuple(may[:A_DAY]))


A_DAY = 3
"""Sessions of about one day: what is late already should not be later than that."""

RULE = Rule(CODE, SOURCE, violations, mends)
