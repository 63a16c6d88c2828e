"""How long before a village meeting, an election or the end of an opinion campaign the village has to hear of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from broadcaster.domain.bulletin import Bulletin, Event
from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.rules.rule import Mend, Rule, undone
from broadcaster.errors import Finding

CODE = "rule.notice"
SOURCE = "R04, R05: TT 09/2021/TT-BTP Điều 3; NĐ 59/2023/NĐ-CP Điều 3, Điều 6"


@dataclass(frozen=True, slots=True)
class Duty:
    """First heard `before` days ahead at the latest; `airings` of it, over `span` days from the first to the last."""

    before: int
    airings: int = 1
    span: int = 1


DUTIES = {
    Event.MEETING: Duty(before=2),
    Event.ELECTION: Duty(before=7),
    Event.OPINIONS: Duty(before=4, airings=3, span=5),
}
"""`lay_y_kien`: three airings in at least five days, the last of them on the last day of the campaign at the latest."""


def latest_first(bulletin: Bulletin) -> date | None:
    """The last date of a first airing; None where there is no event."""
    if bulletin.event_date is None or bulletin.event is Event.NONE:
        return None
    return bulletin.event_date - timedelta(days=DUTIES[bulletin.event].before)


def violations(plan: Plan, facts: Facts) -> Iterator[Finding]:
    """Events of which the village hears too late or too little, as far as this week decides it."""
    sunday = plan.week + timedelta(days=6)
    for code in sorted(facts.ready):
        bulletin = facts.ready[code].bulletin
        event, last = bulletin.event_date, latest_first(bulletin)
        if event is None or last is None or event < plan.week or bulletin.valid_from > sunday:
            continue
        duty = DUTIES[bulletin.event]
        days = sorted(slot.day for slot in (*facts.earlier, *plan.slots) if slot.bulletin == code and slot.day <= event)
        late = last <= sunday and not (days and days[0] <= last)
        span = (days[-1] - days[0]).days + 1 if days else 0
        little = event <= sunday and (len(days) < duty.airings or span < duty.span)
        if late or little:
            facts_of = {"event": event.isoformat(), "last": last.isoformat(), "airings": len(days), "days": span}
            yield undone(CODE, code, wanted=duty.airings, over=duty.span, **facts_of)


def mends(plan: Plan, facts: Facts) -> Iterator[Mend]:
    """One airing early enough; for a campaign also one late enough, and one between."""
    places = [place for place in facts.places(plan.week) if place not in facts.begun]
    for finding in violations(plan, facts):
        bulletin = facts.bulletins[finding.place.field]
        last, event = latest_first(bulletin), bulletin.event_date
        if last is None or event is None:
            continue
        may = [place for place in places if bulletin.valid_from <= place[0] <= event]
        aired = [slot.day for slot in (*facts.earlier, *plan.slots) if slot.bulletin == bulletin.code]
        early = [place for place in may if place[0] <= last]
        first = min((day for day in aired if day <= last), default=early[0][0] if early else None)
        if first is None:
            continue
        duty = DUTIES[bulletin.event]
        yield Mend(bulletin.code, tuple(place for place in early if place[0] <= first))
        if duty.airings > 1:
            end = first + timedelta(days=duty.span - 1)
            yield Mend(bulletin.code, tuple(place for place in may if place[0] >= end))
            yield Mend(bulletin.code, tuple(place for place in may if first < place[0] < end))


RULE = Rule(CODE, SOURCE, violations, mends)
