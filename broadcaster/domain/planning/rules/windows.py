"""A bulletin is aired from its first day to its last, both included; an expired one never."""

from collections.abc import Iterator

from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Rule, broken
from broadcaster.errors import Finding

CODE = "rule.window"
SOURCE = "Thời hạn valid_from–valid_to mà lãnh đạo đã duyệt cùng bản tin"


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Airings outside of their bulletin's days."""
    for slot in facts.open(plan):
        bulletin = facts.bulletins.get(slot.bulletin)
        if bulletin is None or not bulletin.valid_from <= slot.day <= bulletin.valid_to:
            yield broken(CODE, slot)


RULE = Rule(CODE, SOURCE, violations)
