"""From the solver's solution back to a plan, with every bulletin that got less than it asked for."""

from collections.abc import Sequence

from broadcaster.domain.planning.instance import Solution
from broadcaster.domain.planning.plan import Placement, Plan, Shortfall
from broadcaster.domain.planning.week import Week


def solution_of(week: Week, plan: Plan) -> Solution:
    """The airings of a plan that are still open, in the week's indices."""
    index = {(day, session.code): n for n, (day, session) in enumerate(week.sessions)}
    number = {candidate.bulletin.code: b for b, candidate in enumerate(week.candidates)}
    kept = set(week.kept)
    airings = (
        (number[slot.bulletin], index[slot.day, slot.session])
        for slot in plan.slots
        if slot not in kept and slot.bulletin in number and (slot.day, slot.session) in index
    )
    return Solution(tuple(sorted(airings)), plan.value, plan.bound)


def plan_from(
    week: Week,
    solution: Solution,
    number: int,
    reason: str,
    precedence: Sequence[str],
    placements: Sequence[Placement] = (),
) -> Plan:
    """The plan that a solution means, with every bulletin that got less than it asked for."""
    slots = [*week.kept, *(week.slot(b, s) for b, s in solution.airings)]
    shortfalls = list(week.shortfalls)
    for index, candidate in enumerate(week.candidates):
        spec, bulletin = week.instance.bulletins[index], candidate.bulletin
        mine = [slot for slot in slots if slot.bulletin == bulletin.code]
        facts = {"wanted": bulletin.airings_wanted, "given": len(mine)}
        if not mine:
            rooms = (min(week.instance.zones[z].capacity[s] for z in spec.zones) for s in week.instance.allowed[index])
            widest = max(rooms, default=0)
            longest = max(
                (min(week.instance.zones[z].capacity[s] for z in spec.zones) for s in range(spec.first, spec.last + 1)),
                default=0,
            )
            left_out = not widest and any(p.bulletin == bulletin.code and not p.wanted for p in placements)
            code = (
                "plan.left_out"
                if left_out
                else "plan.no_room"
                if widest
                else "plan.too_long"
                if spec.duration > longest
                else "plan.no_session"
            )
            shortfalls.append(Shortfall(bulletin.code, code, {**facts, "seconds": spec.duration, "room": longest}))
        elif index in solution.short_runs:
            days = {"days": bulletin.min_consecutive_days}
            shortfalls.append(Shortfall(bulletin.code, "plan.short_run", {**facts, **days}))
        elif len(mine) < bulletin.airings_wanted:
            shortfalls.append(Shortfall(bulletin.code, "plan.fewer", facts))
    return Plan(
        station=week.station.code,
        week=week.monday,
        number=number,
        slots=tuple(sorted(slots)),
        shortfalls=tuple(sorted(shortfalls, key=lambda s: (s.bulletin, s.code))),
        value=round(solution.value, 6),
        bound=round(solution.bound, 6),
        inputs=week.inputs,
        reason=reason,
        precedence=tuple(precedence),
        placements=tuple(placements),
    )
