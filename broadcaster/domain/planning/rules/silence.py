"""No seven days in a row without a piece of the target group of clause IV.3: a soft goal, told where it is missed."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from broadcaster.domain.planning.facts import Facts, Place
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Mend, Rule
from broadcaster.errors import Finding, Severity
from broadcaster.errors import Place as Spot

CODE = "rule.silence"
SOURCE = "Kế hoạch 07/KH-UBND, mục IV.3: tăng thời lượng trong cả năm"

STRETCH = 7
"""Days without a piece that are too many."""


def _days(plan: Plan, facts: Facts) -> list[date]:
    """The dates with a piece of the target group, this week's and the latest one before it."""
    target = facts.taxonomy.target_group

    def is_target(code: str) -> bool:
        return code in facts.bulletins and facts.bulletins[code].topic in target

    earlier = [slot.day for slot in facts.earlier if is_target(slot.bulletin)]
    return [*([max(earlier)] if earlier else []), *sorted({s.day for s in plan.slots if is_target(s.bulletin)})]


def stretches(plan: Plan, facts: Facts) -> Iterator[tuple[date, date]]:
    """The first and last silent day of every stretch that is too long and reaches into the week."""
    days = _days(plan, facts)
    start = days[0] if days and days[0] < plan.week else plan.week - timedelta(days=1)
    for one, other in pairwise([start, *(day for day in days if day >= plan.week), plan.week + timedelta(days=7)]):
        if (other - one).days > STRETCH:
            yield one + timedelta(days=1), other - timedelta(days=1)


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Stretches of seven days and more without a piece of the target group."""
    for first, last in stretches(plan, facts):
        where = {"first": first.isoformat(), "last": last.isoformat(), "days": (last - first).days + 1}
        yield Finding(CODE, Severity.WARNING, Spot(), where)


def mends(plan: Plan, facts: Facts) -> Iterator[Mend]:
    """Some piece of the target group on the last day that still breaks the silence, or on any before it."""
    for first, last in stretches(plan, facts):
        until = max(plan.week, first + timedelta(days=STRETCH - 1))
        places: list[Place] = [
            place for place in facts.places(plan.week) if place not in facts.begun and first <= place[0] <= until
        ]
        for code in sorted(facts.ready):
            bulletin = facts.ready[code].bulletin
            may = tuple(place for place in places if bulletin.valid_from <= place[0] <= bulletin.valid_to)
            if bulletin.topic in facts.taxonomy.target_group and may and last >= plan.week:
                yield Mend(code, may)
                return


RULE = Rule(CODE, SOURCE, violations, mends)
