"""Why a bulletin got fewer airings than it asks for: a minimal set of demands that stand against it, with the amounts.

A deletion filter over the families of demands: a family stays in the set only if without it, the others of the set
kept, the bulletin would get what it asks for. Where no set of hard demands stands against it, other bulletins are worth
more; then the session is named in which it comes nearest, what it lacks there, and what would have to yield.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from broadcaster.domain.planning.instance import BulletinSpec, Instance, Solution

Solve = Callable[[Instance], Solution]


class Demand(StrEnum):
    """A family of hard demands, in the order in which the filter tries to do without them."""

    ITEMS = "items"
    QUOTA = "quota"
    EXCLUSION = "excluded"
    CAPACITY = "room"
    SPACING = "spacing"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Reason:
    """One demand, by its family, with the facts of its sentence; indices are the instance's."""

    demand: Demand
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why bulletin `b` has `given` airings where it wants `wanted`.

    `reasons` is a minimal conflicting set if `hard`; else the nearest place in the plan as it is, and `yielding` the
    bulletins whose airings there would have to go.
    """

    b: int
    wanted: int
    given: int
    most: int
    hard: bool
    reasons: tuple[Reason, ...]
    yielding: tuple[int, ...] = ()


def explain(instance: Instance, solution: Solution, b: int, solve: Solve) -> Explanation:
    """The explanation for a bulletin that has fewer airings than `repeats`.

    Args:
        instance: the week.
        solution: its plan.
        b: the bulletin.
        solve: a solver for sub-instances; a small work limit is enough.
    """
    spec = instance.bulletins[b]
    given = sum(airing[0] == b for airing in solution.airings)
    most = reach(instance, b, solve)
    if most < spec.repeats:
        kept = list(Demand)
        for demand in Demand:
            without = [one for one in kept if one is not demand]
            if reach(_keeping(instance, b, without), b, solve) < spec.repeats:
                kept = without
        reasons = tuple(_amount(instance, solution, b, demand) for demand in kept)
        return Explanation(b, spec.repeats, given, most, hard=True, reasons=reasons)
    reasons, yielding = _nearest(instance, solution, b)
    return Explanation(b, spec.repeats, given, most, hard=False, reasons=reasons, yielding=yielding)


def reach(instance: Instance, b: int, solve: Solve) -> int:
    """The most airings that a bulletin could get if it were worth more than all the others together."""
    most = sum(spec.value * spec.repeats * len(spec.zones) for spec in instance.bulletins) + 1
    alone = replace(instance.bulletins[b], value=1000.0 * most)
    bulletins = tuple(alone if n == b else other for n, other in _numbered(instance))
    solution = solve(replace(instance, bulletins=bulletins))
    return sum(airing[0] == b for airing in solution.airings)


def _numbered(instance: Instance) -> Iterator[tuple[int, BulletinSpec]]:
    return iter(enumerate(instance.bulletins))


def _keeping(instance: Instance, b: int, demands: Sequence[Demand]) -> Instance:
    """The instance with only these families of demands on bulletin b, and on what it competes for."""
    spec = instance.bulletins[b]
    if Demand.WINDOW not in demands:
        spec = replace(spec, first=0, last=len(instance.sessions) - 1)
    if Demand.EXCLUSION not in demands:
        spec = replace(spec, excluded=())
    if Demand.SPACING not in demands:
        spec = replace(spec, gap=0)
    bulletins = tuple(spec if n == b else other for n, other in _numbered(instance))
    changed = replace(instance, bulletins=bulletins)
    if Demand.ITEMS not in demands:
        changed = replace(changed, max_items=len(bulletins) + 1)
    if Demand.QUOTA not in demands:
        changed = replace(changed, quota=replace(instance.quota, share=0.0))
    if Demand.CAPACITY not in demands:
        endless = sum(other.duration for other in bulletins)
        zones = tuple(replace(zone, capacity=tuple(endless for _ in zone.capacity)) for zone in instance.zones)
        changed = replace(changed, zones=zones)
    return changed


def _amount(instance: Instance, solution: Solution, b: int, demand: Demand) -> Reason:
    """How much of a demand is lacking."""
    spec = instance.bulletins[b]
    if demand is Demand.CAPACITY:
        z, s, seconds = _least_lack(instance, solution, b, list(range(spec.first, spec.last + 1)))
        return Reason(demand, {"zone": z, "session": s, "seconds": seconds})
    if demand is Demand.QUOTA:
        z, seconds = _quota_lack(instance, solution, b)
        return Reason(demand, {"zone": z, "seconds": seconds, "share": instance.quota.share})
    if demand is Demand.SPACING:
        return Reason(demand, {"gap": spec.gap})
    if demand is Demand.ITEMS:
        return Reason(demand, {"most": instance.max_items})
    sessions = spec.last - spec.first + 1
    if demand is Demand.EXCLUSION:
        return Reason(demand, {"sessions": sum(spec.first <= s <= spec.last for s in spec.excluded)})
    return Reason(demand, {"sessions": sessions})


def _free(instance: Instance, solution: Solution, z: int, s: int) -> int:
    used = sum(
        instance.bulletins[other].duration
        for other, at in solution.airings
        if at == s and z in instance.bulletins[other].zones
    )
    return instance.zones[z].capacity[s] - used


def _least_lack(instance: Instance, solution: Solution, b: int, sessions: Sequence[int]) -> tuple[int, int, int]:
    """The zone and session in which one more airing lacks least, and the seconds it lacks there (0: it fits)."""
    spec = instance.bulletins[b]
    aired = {s for other, s in solution.airings if other == b}
    best: tuple[int, int, int] | None = None
    for s in sessions:
        if s in aired:
            continue
        z = min(spec.zones, key=lambda zone: (_free(instance, solution, zone, s), zone))
        lack = max(0, spec.duration - _free(instance, solution, z, s))
        if best is None or lack < best[2]:
            best = (z, s, lack)
    return best or (spec.zones[0], spec.first, spec.duration)


def _quota_lack(instance: Instance, solution: Solution, b: int) -> tuple[int, int]:
    """The zone whose share of the target group suffers most from one more airing, and the seconds it lacks."""
    spec, share = instance.bulletins[b], instance.quota.share
    worst, most = spec.zones[0], 0.0
    for z in spec.zones:
        here = [instance.bulletins[other] for other, _ in solution.airings if z in instance.bulletins[other].zones]
        total = sum(one.duration for one in here) + spec.duration
        topical = sum(one.duration for one in here if one.topic == instance.quota.topic)
        lack = (share * total - topical) / (1 - share) if share < 1 else float(total)
        if lack > most:
            worst, most = z, lack
    return worst, -int(-most // 1)


def _nearest(instance: Instance, solution: Solution, b: int) -> tuple[tuple[Reason, ...], tuple[int, ...]]:
    """What one more airing lacks in the plan as it is, where it lacks least, and who would have to yield."""
    spec = instance.bulletins[b]
    aired = [s for other, s in solution.airings if other == b]
    apart = [s for s in instance.allowed[b] if all(abs(s - other) > spec.gap for other in aired)]
    if not apart:
        return (_amount(instance, solution, b, Demand.SPACING),), ()
    z, s, lack = _least_lack(instance, solution, b, apart)
    reasons = []
    if lack:
        reasons.append(Reason(Demand.CAPACITY, {"zone": z, "session": s, "seconds": lack}))
    there = [
        other for other, at in solution.airings if at == s and set(spec.zones) & set(instance.bulletins[other].zones)
    ]
    if any(
        sum(at == s and zone in instance.bulletins[other].zones for other, at in solution.airings) >= instance.max_items
        for zone in spec.zones
    ):
        reasons.append(_amount(instance, solution, b, Demand.ITEMS))
    if spec.topic != instance.quota.topic and _quota_lack(instance, solution, b)[1] > 0:
        reasons.append(_amount(instance, solution, b, Demand.QUOTA))
    cheap = sorted(there, key=lambda other: (instance.bulletins[other].value * instance.weights[other], other))
    freed = 0
    yielding: list[int] = []
    for other in cheap:
        if (lack and freed < lack) or (not lack and not yielding and Demand.ITEMS in {r.demand for r in reasons}):
            yielding.append(other)
            freed += instance.bulletins[other].duration
    return tuple(reasons), tuple(yielding)
