"""A bulletin goes to its zones and to no other, once a session; every zone that hears it hears it at once."""

from collections.abc import Iterator

from broadcaster.domain.planning.facts import Facts, by_place
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Rule, broken
from broadcaster.errors import Finding

CODE = "rule.zone"
SOURCE = "Vùng phát ghi trong bản tin đã duyệt"


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Airings in a zone that is not the bulletin's, or that the session does not have, or twice in a session."""
    parts = {zone.code: zone.clusters for zone in facts.station.air_zones()}
    for place, slots in by_place(facts.open(plan)).items():
        session = facts.session(place)
        if session is None:
            continue
        on_air = facts.station.clusters_of(session.zones)
        seen = set()
        for slot in slots:
            bulletin = facts.bulletins.get(slot.bulletin)
            meant = facts.station.clusters_of(bulletin.zones) if bulletin else frozenset()
            astray = [code for code in slot.zones if not parts.get(code, frozenset("?")) <= meant & on_air]
            if astray or slot.bulletin in seen or not slot.zones:
                yield broken(CODE, slot, zones=", ".join(astray))
            seen.add(slot.bulletin)


RULE = Rule(CODE, SOURCE, violations)
