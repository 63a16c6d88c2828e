"""An emergency is aired at once and outside the plan: what the plan could give it would come too late."""

from collections.abc import Iterator

from broadcaster.domain.bulletin import Priority
from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Rule, broken
from broadcaster.errors import Finding

CODE = "rule.emergency"
SOURCE = "R06, R07: QĐ 18/2021/QĐ-TTg Điều 60 khoản 3; TT 39/2020/TT-BTTTT"


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Airings of `khan_cap` bulletins."""
    for slot in facts.open(plan):
        bulletin = facts.bulletins.get(slot.bulletin)
        if bulletin is not None and bulletin.priority is Priority.KHAN_CAP:
            yield broken(CODE, slot)


RULE = Rule(CODE, SOURCE, violations)
