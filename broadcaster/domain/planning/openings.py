"""Where in a week a person could put a bulletin, and what stands against it elsewhere."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from broadcaster.domain.planning.amending import keep_begun
from broadcaster.domain.planning.plan import Placement, Plan
from broadcaster.domain.planning.week import Week, closed_to
from broadcaster.errors import Finding
from broadcaster.errors import Place as Spot

Place = tuple[date, str]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a bulletin cannot be put into a session: a code for the wording table and its facts.

    One that is not `firm` warns only: the planner takes other bulletins out to make room.
    """

    code: str
    facts: dict[str, Any] = field(default_factory=dict)
    firm: bool = True


def obstacles(
    week: Week, plan: Plan, begun: Collection[Place], code: str, placements: Sequence[Placement]
) -> dict[Place, Obstacle]:
    """What stands against one bulletin in each session of the week; sessions that are free for it are left out.

    Args:
        week: the week as it is now, before `keep_begun`.
        plan: the plan in force.
        begun: sessions that have begun.
        code: the bulletin.
        placements: what a person wants, without the placements that would be put in place of.
    """
    number = {candidate.bulletin.code: b for b, candidate in enumerate(week.candidates)}
    places = [(day, session.code) for day, session in week.sessions]
    if code not in number:
        why = next((short for short in week.shortfalls if short.bulletin == code), None)
        told = Obstacle(why.code, why.facts) if why else Obstacle("opening.unknown")
        return dict.fromkeys(places, told)
    b = number[code]
    spec, bulletin = week.instance.bulletins[b], week.candidates[b].bulletin
    left = keep_begun(week, plan, begun).instance.bulletins[b]
    every = range(len(places))
    dates = {"from": bulletin.valid_from.isoformat(), "to": bulletin.valid_to.isoformat()}
    pins = {(p.bulletin, p.day, p.session) for p in placements if p.wanted}
    there = {(slot.bulletin, slot.day, slot.session) for slot in plan.slots}
    own = [s for s in every if (code, *places[s]) in pins]
    near = [s for s in every if any(0 < abs(s - other) <= spec.gap for other in own)]
    # What stands first is what a person is told.
    listed: list[tuple[Obstacle, Iterable[int]]] = [
        (Obstacle("opening.begun"), [s for s in every if places[s] in begun]),
        (Obstacle("opening.dates", dates), [s for s in every if not spec.first <= s <= spec.last]),
        *((Obstacle(why), [s]) for s, why in closed_to(week, week.candidates[b], spec.zones).items()),
        (Obstacle("opening.there"), [s for s in every if (code, *places[s]) in there]),
        (Obstacle("opening.long"), _too_full(week, b, ())),
        (Obstacle("opening.muted"), spec.excluded),
        (Obstacle("opening.aired"), left.excluded),
        (Obstacle("opening.near"), near),
        (Obstacle("opening.pins"), _too_full(week, b, pins)),
        (Obstacle("opening.full", firm=False), _too_full(week, b, there)),
    ]
    found: dict[Place, Obstacle] = {}
    for obstacle, sessions in listed:
        for s in sessions:
            found.setdefault(places[s], obstacle)
    return found


def refused_pins(
    week: Week, plan: Plan, begun: Collection[Place], wanted: Sequence[Placement], pins: Iterable[Placement]
) -> tuple[Finding, ...]:
    """What stands for certain against pins, for a person; an airing that is there already may be pinned.

    Args:
        week: as for `obstacles`.
        plan: the plan in force.
        begun: sessions that have begun.
        wanted: all that a person wants.
        pins: those of it that are looked at.
    """
    found = []
    for p in pins:
        others = [other for other in wanted if other != p]
        obstacle = obstacles(week, plan, begun, p.bulletin, others).get((p.day, p.session))
        if obstacle is not None and obstacle.firm and obstacle.code != "opening.there":
            found.append(Finding(obstacle.code, place=Spot(field=p.bulletin), facts=obstacle.facts))
    return tuple(found)


def _too_full(week: Week, b: int, airings: Iterable[tuple[str, date, str]]) -> list[int]:
    """The sessions in which these airings of other bulletins leave too little room for candidate b in some zone."""
    number = {candidate.bulletin.code: n for n, candidate in enumerate(week.candidates)}
    index = {(day, session.code): s for s, (day, session) in enumerate(week.sessions)}
    used: Counter[tuple[int, int]] = Counter()
    for code, day, session in airings:
        n, s = number.get(code, b), index.get((day, session))
        if n != b and s is not None:
            airing = week.instance.bulletins[n]
            used.update({(z, s): airing.duration for z in airing.zones})
    spec, zones = week.instance.bulletins[b], week.instance.zones
    return [
        s
        for s in range(len(week.sessions))
        if any(zones[z].capacity[s] - used[z, s] < spec.duration for z in spec.zones)
    ]
