"""Where every cluster of a zone is mute nothing is planned: a funeral, an exam site, a hospital."""

from collections.abc import Iterator

from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Rule, broken
from broadcaster.errors import Finding

CODE = "rule.mute"
SOURCE = "R20: lệ nghề, tắt tạm theo cụm loa"


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Airings in a zone in which no loudspeaker may sound during the session."""
    parts = {zone.code: zone for zone in facts.station.air_zones()}
    for slot in facts.open(plan):
        session = facts.session((slot.day, slot.session))
        if session is None:
            continue
        muted = facts.station.muted_on(slot.day, session.start, session.end)
        silent = [code for code in slot.zones if code in parts and parts[code].clusters <= muted]
        if silent:
            yield broken(CODE, slot, zones=", ".join(silent))


RULE = Rule(CODE, SOURCE, violations)
