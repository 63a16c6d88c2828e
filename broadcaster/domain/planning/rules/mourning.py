"""On a day of national mourning there is no music under a voice and no entertainment; the signature is left out."""

from collections.abc import Iterator

from broadcaster.domain.planning.candidate import Candidate
from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Rule, broken
from broadcaster.errors import Finding

CODE = "rule.mourning"
SOURCE = "R20: ngày Quốc tang dừng nhạc hiệu vui, ca nhạc (NĐ 105/2012/NĐ-CP: cần đối chiếu)"


def unfit(candidate: Candidate) -> bool:
    """Whether a bulletin is not for a day of mourning."""
    return candidate.music or candidate.bulletin.entertainment


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Airings with music or of entertainment on a day of mourning."""
    for slot in facts.open(plan):
        candidate = facts.ready.get(slot.bulletin)
        if candidate is not None and unfit(candidate) and facts.station.mourning_on(slot.day):
            yield broken(CODE, slot)


RULE = Rule(CODE, SOURCE, violations)
