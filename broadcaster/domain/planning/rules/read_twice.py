"""A notice that asks for it is read twice in the same session: the master holds both readings."""

from collections.abc import Iterator

from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Rule, broken
from broadcaster.errors import Finding

CODE = "rule.read_twice"
SOURCE = "R19: lệ nghề, thông báo đọc 2 lần liền trong buổi"


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Airings whose master is shorter than two readings of the text."""
    for slot in facts.open(plan):
        candidate = facts.ready.get(slot.bulletin)
        asked = candidate is not None and candidate.bulletin.read_twice
        if candidate is not None and asked and slot.duration_ms < 2 * candidate.content_ms:
            yield broken(CODE, slot)


RULE = Rule(CODE, SOURCE, violations)
