"""A session's cap includes relay, signature, opening and closing words and the spoken notice; nothing may exceed it."""

from collections.abc import Iterator

from broadcaster.domain.planning.facts import Facts, by_place
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Rule, broken
from broadcaster.errors import Finding
from broadcaster.units import SECOND

CODE = "rule.cap"
SOURCE = "R11–R13: quy định khung giờ của địa phương (Hà Nội 2021, Vĩnh Phúc 2022, Đà Nẵng 2025)"


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Sessions in which some zone has more to air than is free."""
    for place, slots in by_place(facts.open(plan)).items():
        session = facts.session(place)
        if session is None:
            continue
        room = facts.room(place[0], session)
        for zone in sorted({code for slot in slots for code in slot.zones}):
            mine = [slot for slot in slots if zone in slot.zones]
            used = sum(slot.duration_ms + facts.item_gap for slot in mine)
            if used > room:
                yield broken(CODE, mine[-1], zone=zone, seconds=-(-(used - room) // SECOND))


RULE = Rule(CODE, SOURCE, violations)
