"""Soft goals as rewards for single airings: what the objective of the shared format has no term for.

A reward of 1 is worth as much as one airing of that bulletin in a session of appeal 1. What the solver proves
is how near a plan is to the best one by objective and rewards together; the value that it tells is without them.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import time

from broadcaster.domain.planning.instance import Solution
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.week import Week

Rewards = dict[tuple[int, int], float]

FRESH_DAYS = 7
FRESH = 0.05
"""Of one airing's worth: the pull towards a bulletin's first day."""
OTHER_HALF = 0.3
POOREST = 0.3
QUIETEST_UNIT = 0.1
EMPTY = 0.3
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
    """What the first plan leaves to wish: the other half of the day, the thôn with least, the unit heard least."""
    goals, rewards = week.station.goals, Rewards()
    aired: dict[int, list[int]] = {b: [] for b in range(len(week.candidates))}
    for b, s in solution.airings:
        aired[b].append(s)
    early = [session.start < NOON for _, session in week.sessions]
    empty = _empty(week, solution)
    poorest = _poorest(week, solution)
    units = {candidate.bulletin.lead_unit for candidate in week.candidates}
    minutes = Counter[str]()
    for b, _ in solution.airings:
        minutes[week.candidates[b].bulletin.lead_unit] += week.instance.bulletins[b].duration
    quietest = min(sorted(units), key=lambda unit: minutes[unit], default="")
    for b, candidate in enumerate(week.candidates):
        halves = {early[s] for s in aired[b]}
        for s in week.instance.allowed[b]:
            pull = 0.0
            if len(aired[b]) > 1 and len(halves) == 1 and early[s] not in halves:
                pull += goals.both_halves * OTHER_HALF
            if poorest in week.instance.bulletins[b].zones and s in week.reached[poorest]:
                pull += goals.fairness * POOREST / len(week.instance.bulletins[b].zones)
            if s in empty:
                pull += goals.filled * EMPTY
            if candidate.bulletin.lead_unit == quietest:
                pull += goals.variety * QUIETEST_UNIT
            if pull:
                rewards[b, s] = pull * _worth(week, b)
    return rewards


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


def _empty(week: Week, solution: Solution) -> set[int]:
    """Sessions in which some zone that hears them has no bulletin."""
    filled = {(z, s) for b, s in solution.airings for z in week.instance.bulletins[b].zones}
    return {s for z, sessions in enumerate(week.reached) for s in sessions if (z, s) not in filled}


def satisfaction(week: Week, solution: Solution) -> float:
    """How well a plan does by the wishes, to compare two plans of one week: the higher, the better.

    Each part is between 0 and 1, times its weight: bulletins heard in both halves of the day, the thôn with least
    beside the one with most (max-min fairness), the share of units beside the one heard most, freshness, the share of
    sessions that no zone hears empty.
    """
    goals = week.station.goals
    aired: dict[int, list[int]] = {}
    for b, s in solution.airings:
        aired.setdefault(b, []).append(s)
    early = [session.start < NOON for _, session in week.sessions]
    several = [sessions for sessions in aired.values() if len(sessions) > 1]
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
    full = 1 - len(_empty(week, solution)) / len(week.sessions) if week.sessions else 1.0
    return (
        goals.filled * full
        + goals.both_halves * both
        + goals.fairness * fair
        + goals.variety * varied
        + goals.fresh * new
    )
