"""Only what a leader has approved, as the very sound that was heard, is planned."""

from collections.abc import Iterator

from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Rule, broken
from broadcaster.errors import Finding

CODE = "rule.approval"
SOURCE = "R13, R14: chương trình do lãnh đạo UBND xã phê duyệt trước khi phát"


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Airings of a bulletin that is not approved, or of another master than the approved one."""
    for slot in facts.open(plan):
        candidate = facts.ready.get(slot.bulletin)
        if candidate is None or candidate.master != slot.master:
            yield broken(CODE, slot)


RULE = Rule(CODE, SOURCE, violations)
