"""How long an airing takes is measured on its master, and never guessed from its words."""

from collections.abc import Iterator

from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Rule, broken
from broadcaster.errors import Finding

CODE = "rule.duration"
SOURCE = "Luật của kiến trúc: thời lượng lấy từ bản phát"


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Airings of another length than their master's."""
    for slot in facts.open(plan):
        candidate = facts.ready.get(slot.bulletin)
        if candidate is not None and (slot.duration_ms != candidate.duration_ms or slot.duration_ms <= 0):
            yield broken(CODE, slot)


RULE = Rule(CODE, SOURCE, violations)
