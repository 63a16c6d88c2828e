"""Soft goals as rewards for single airings: what the objective of the shared format has no term for.

A reward of 1 is worth as much as one airing of that bulletin in a session of appeal 1. What the solver proves
is how near a plan is to the best one by objective and rewards together; the value that it tells is without them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import time

from broadcaster.domain.planning.instance import Solution
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.week import Week

Rewards = dict[tuple[int, int], float]

FRESH_DAYS = 7
FRESH = 0.05
"""Of one airing's worth: the pull towards a bulletin's first day."""
OTHER_HALF = 0.6
POOREST = 0.3
QUIETEST_UNIT = 0.1
EMPTY = 0.4
MOVABLE = 2
"""Bulletins that are called into an empty session."""
SIGNED = 6.0
"""Beyond the worth of an airing with all its bonuses (1 + 3.0) and of one bulletin in place of another."""

NOON = time(12, 0)


def _worth(week: Week, b: int) -> float:
    return week.instance.bulletins[b].value * week.instance.weights[b]


def fresh(week: Week) -> Rewards:
    """News while it is new: the more, the nearer to the bulletin's first day."""
    weight = week.station.goals.fresh * FRESH
    rewards: Rewards = {}
    for b, candidate in enumerate(week.candidates):
        for s in week.instance.allowed[b] if weight else ():
            age = (week.sessions[s][0] - candidate.bulletin.valid_from).days
            if age < FRESH_DAYS:
                rewards[b, s] = weight * _worth(week, b) * (1 - age / FRESH_DAYS)
    return rewards


def signed(week: Week, before: Plan | None) -> Rewards:
    """What is signed stays where it is, unless a hard rule or a bulletin of much greater worth needs the place."""
    weight = week.station.goals.stability * SIGNED
    index = {(day, session.code): n for n, (day, session) in enumerate(week.sessions)}
    number = {candidate.bulletin.code: b for b, candidate in enumerate(week.candidates)}
    rewards: Rewards = {}
    for slot in before.slots if before else ():
        b, s = number.get(slot.bulletin), index.get((slot.day, slot.session))
        if b is not None and s is not None and s in week.instance.allowed[b]:
            rewards[b, s] = weight * _worth(week, b)
    return rewards


def second_look(week: Week, solution: Solution) -> Rewards:
    """What the first plan leaves to wish: the other half of the day, the thôn with least, the unit heard least.

    Each wish is laid on as few airings as may fulfil it: what pulls on all of a bulletin's airings turns them all over.
    """
    goals, rewards = week.station.goals, Rewards()

    def pull(b: int, s: int, strength: float) -> None:
        if strength:
            rewards[b, s] = rewards.get((b, s), 0.0) + strength * _worth(week, b)

    for b, s in _other_halves(week, solution):
        pull(b, s, goals.both_halves * OTHER_HALF)
    for b, s in _for_empty_sessions(week, solution):
        pull(b, s, goals.filled * EMPTY)
    poorest, quietest = _poorest(week, solution), _quietest_unit(week, solution)
    for b, candidate in enumerate(week.candidates):
        spec = week.instance.bulletins[b]
        for s in week.instance.allowed[b]:
            if poorest in spec.zones and s in week.reached[poorest]:
                pull(b, s, goals.fairness * POOREST / len(spec.zones))
            if candidate.bulletin.lead_unit == quietest:
                pull(b, s, goals.variety * QUIETEST_UNIT)
    return rewards


def _early(week: Week) -> list[bool]:
    return [session.start < NOON for _, session in week.sessions]


def _aired(solution: Solution) -> dict[int, list[int]]:
    aired: dict[int, list[int]] = {}
    for b, s in sorted(solution.airings):
        aired.setdefault(b, []).append(s)
    return aired


def _load(week: Week, solution: Solution) -> list[int]:
    """Airings of each session."""
    load = [0] * len(week.sessions)
    for _, s in solution.airings:
        load[s] += 1
    return load


def _other_halves(week: Week, solution: Solution) -> Iterator[tuple[int, int]]:
    """For each bulletin heard in one half of the day only, the emptiest session of the other that one could move to."""
    early, load = _early(week), _load(week, solution)
    for b, sessions in _aired(solution).items():
        halves = {early[s] for s in sessions}
        if len(sessions) < 2 or len(halves) == 2:
            continue
        gap = week.instance.bulletins[b].gap
        free = [
            s
            for s in week.instance.allowed[b]
            if early[s] not in halves and sum(abs(s - other) <= gap for other in sessions) <= 1
        ]
        if free:
            yield b, min(free, key=lambda s: (load[s], s))


def _for_empty_sessions(week: Week, solution: Solution) -> Iterator[tuple[int, int]]:
    """For each session that some zone hears empty, the bulletins with most airings that may be moved there."""
    aired = _aired(solution)
    empty = _empty(week, solution)
    for z, sessions in enumerate(week.reached):
        for s in sorted(sessions):
            if (z, s) not in empty:
                continue
            may = [
                b
                for b in aired
                if s in week.instance.allowed[b] and z in week.instance.bulletins[b].zones and len(aired[b]) > 1
            ]
            yield from ((b, s) for b in sorted(may, key=lambda b: (-len(aired[b]), b))[:MOVABLE])


def together(*parts: Mapping[tuple[int, int], float]) -> Rewards:
    """The sum of several rewards."""
    total: Rewards = {}
    for part in parts:
        for airing, reward in part.items():
            total[airing] = total.get(airing, 0.0) + reward
    return total


def _poorest(week: Week, solution: Solution) -> int:
    """The zone that hears least; -1 without zones."""
    seconds = [0] * len(week.zones)
    for b, s in solution.airings:
        for z in week.instance.bulletins[b].zones:
            seconds[z] += week.instance.bulletins[b].duration if s in week.reached[z] else 0
    return min(range(len(seconds)), key=lambda z: (seconds[z], z), default=-1)


def _quietest_unit(week: Week, solution: Solution) -> str:
    """The unit that is heard least; empty where one unit alone writes."""
    seconds = {candidate.bulletin.lead_unit: 0 for candidate in week.candidates}
    for b, _ in solution.airings:
        seconds[week.candidates[b].bulletin.lead_unit] += week.instance.bulletins[b].duration
    return min(sorted(seconds), key=lambda unit: seconds[unit]) if len(seconds) > 1 else ""


def _empty(week: Week, solution: Solution) -> set[tuple[int, int]]:
    """Zones and sessions that they hear without a bulletin."""
    filled = {(z, s) for b, s in solution.airings for z in week.instance.bulletins[b].zones}
    return {(z, s) for z, sessions in enumerate(week.reached) for s in sessions} - filled


def satisfaction(week: Week, solution: Solution) -> float:
    """How well a plan does by the wishes, to compare two plans of one week: the higher, the better.

    Each part is between 0 and 1, times its weight: bulletins heard in both halves of the day, the thôn with least
    beside the one with most (max-min fairness), the share of units beside the one heard most, freshness, the share of
    sessions that no zone hears empty.
    """
    goals, early = week.station.goals, _early(week)
    several = [sessions for sessions in _aired(solution).values() if len(sessions) > 1]
    both = sum(len({early[s] for s in sessions}) == 2 for sessions in several) / len(several) if several else 1.0
    seconds = [0] * len(week.zones)
    units = Counter[str]()
    for b, s in solution.airings:
        spec = week.instance.bulletins[b]
        units[week.candidates[b].bulletin.lead_unit] += spec.duration
        for z in spec.zones:
            seconds[z] += spec.duration if s in week.reached[z] else 0
    fair = min(seconds) / max(seconds) if any(seconds) else 1.0
    varied = 1 - max(units.values()) / sum(units.values()) if units else 1.0
    ages = [(week.sessions[s][0] - week.candidates[b].bulletin.valid_from).days for b, s in solution.airings]
    new = sum(max(0.0, 1 - age / FRESH_DAYS) for age in ages) / len(ages) if ages else 1.0
    heard = sum(len(sessions) for sessions in week.reached)
    full = 1 - len(_empty(week, solution)) / heard if heard else 1.0
    return (
        goals.filled * full
        + goals.both_halves * both
        + goals.fairness * fair
        + goals.variety * varied
        + goals.fresh * new
    )
