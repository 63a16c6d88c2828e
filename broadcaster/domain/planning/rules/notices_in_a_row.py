"""At most three notices follow each other in a session; a relay or another kind of piece breaks the row."""

from collections.abc import Iterator
from datetime import date

from broadcaster.domain.bulletin import Kind, Priority
from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan, airings_of
from broadcaster.domain.planning.rules.rule import Mend, Rule
from broadcaster.errors import Finding, Place, Severity

CODE = "rule.notices"
SOURCE = "R19: lệ nghề, không quá 3 thông báo liền nhau"

MOST = 3
"""Notices in a row: listeners stop listening at the fourth."""


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Each notice that is one too many, with where it stands."""
    del plan
    for (day, session, zone), codes in sorted(facts.sequences.items()):
        run = 0
        for code in codes:
            bulletin = facts.bulletins.get(code)
            run = run + 1 if bulletin is not None and bulletin.kind is Kind.THONG_BAO else 0
            if run > MOST and (day, session) not in facts.begun:
                where = {"bulletin": code, "day": day.isoformat(), "session": session, "zone": zone, "most": MOST}
                yield Finding(CODE, Severity.ERROR, Place(field=code), where)


def mends(plan: Plan, facts: Facts) -> Iterator[Mend]:
    """Take the notice that is aired most often out of a session that has too many; priority bulletins stay."""
    crowded = sorted({(date.fromisoformat(f.facts["day"]), f.facts["session"]) for f in violations(plan, facts)})
    for place in crowded:
        there = [slot.bulletin for slot in plan.slots if (slot.day, slot.session) == place]
        notices = [code for code in there if facts.bulletins[code].kind is Kind.THONG_BAO]
        usual = [code for code in notices if facts.bulletins[code].priority is Priority.THONG_THUONG] or notices
        if usual:
            yield Mend(max(usual, key=lambda code: (len(airings_of(plan.slots, code)), code)), (place,), leave=True)


RULE = Rule(CODE, SOURCE, violations, mends)
