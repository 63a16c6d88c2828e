"""Between two airings of a feature lie two sessions: again every other day, not morning and evening in a row."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from broadcaster.domain.bulletin import Bulletin, Kind
from broadcaster.domain.planning.facts import Facts, Place
from broadcaster.domain.planning.plan import Plan, airings_of
from broadcaster.domain.planning.rules.rule import Rule, broken
from broadcaster.errors import Finding

CODE = "rule.spacing"
SOURCE = "R19: lệ nghề, tin phát lại buổi kia, bài phát cách ngày"

SESSIONS_BETWEEN = {Kind.TIN: 0, Kind.THONG_BAO: 0, Kind.BAI: 2, Kind.HOI_DAP: 2}
"""Sessions between two airings of a piece at least."""


def between(bulletin: Bulletin, places: Sequence[Place]) -> int:
    """Sessions between two airings; a piece that must be heard day after day may be, whatever its kind.

    Args:
        bulletin: the piece.
        places: the week's sessions; the day with the fewest decides what a run of days leaves free.
    """
    wanted = SESSIONS_BETWEEN[bulletin.kind]
    if not bulletin.min_consecutive_days:
        return wanted
    a_day: dict[date, int] = {}
    for day, _ in places:
        a_day[day] = a_day.get(day, 0) + 1
    return min(wanted, min(a_day.values(), default=1) - 1)


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Airings too close after the one before."""
    places = facts.places(plan.week)
    at = {place: number for number, place in enumerate(places)}
    still = set(facts.open(plan))
    for code in sorted({slot.bulletin for slot in still}):
        bulletin = facts.bulletins.get(code)
        gap = between(bulletin, places) if bulletin else 0
        aired = [slot for slot in airings_of(plan.slots, code) if (slot.day, slot.session) in at]
        for one, other in pairwise(sorted(aired, key=lambda slot: at[slot.day, slot.session])):
            apart = at[other.day, other.session] - at[one.day, one.session]
            if other in still and apart <= gap:
                yield broken(CODE, other, sessions=gap)


RULE = Rule(CODE, SOURCE, violations)
