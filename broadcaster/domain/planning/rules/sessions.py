"""What is planned lies in a session of that date: special days have their own, and quiet hours have none."""

from collections.abc import Iterator
from datetime import time

from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Rule, broken
from broadcaster.domain.station import Session, minute_of_day
from broadcaster.errors import Finding

CODE = "rule.session"
SOURCE = "R16: QCVN 26 (giờ yên tĩnh); R20: ngày lễ, Tết, bầu cử, thi; văn bản định khung giờ của xã"


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Airings in a session that the date does not have, or that reaches into the quiet hours."""
    quiet = facts.station.quiet
    for slot in facts.open(plan):
        session = facts.session((slot.day, slot.session))
        if session is None or quiet.covers(session.start) or quiet.covers(_last_moment(session)):
            yield broken(CODE, slot)


def _last_moment(session: Session) -> time:
    end = minute_of_day(session.start) * 60_000 + session.cap - 1
    return time(min(23, end // 3_600_000), end // 60_000 % 60)


RULE = Rule(CODE, SOURCE, violations)
