"""The planner's one input and one output: the weekly airtime *instance* and its *solution*.

The plain format (sessions, zones, bulletins, quota) is shared with tools outside the product; the product grows it by
optional members whose default changes nothing: `day` of a session, `consecutive_days`, `aired_days`, `excluded` and
`pinned` of a bulletin. Durations and capacities are whole numbers of one unit (seconds in the shared format), so sums
are exact.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from broadcaster.domain.planning.reader import Node, read

NO_DAY = -1
"""The day of a session that has no calendar: an instance without runs needs none."""


@dataclass(frozen=True, slots=True)
class SessionSpec:
    """A session of the week: how much an airing in it is worth, and its calendar day as a running number."""

    appeal: float
    day: int = NO_DAY


@dataclass(frozen=True, slots=True)
class ZoneSpec:
    """A zone: its weight (people, mean 1) and the free seconds of each session, relay and notices taken off."""

    weight: float
    capacity: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BulletinSpec:
    """A bulletin to place.

    An airing puts it on air in all its `zones` at once, in a session from `first` to `last` (both included) that is
    not `excluded`; at most `repeats` airings, any two more than `gap` sessions apart; every session in `pinned` must
    be an airing; `consecutive_days = n` asks for airings on at least n days in a row, among which `aired_days` count as
    they are: days of the past, or of another week.
    """

    zones: tuple[int, ...]
    duration: int
    value: float
    first: int
    last: int
    repeats: int
    gap: int
    topic: int
    must: bool
    consecutive_days: int = 0
    excluded: tuple[int, ...] = ()
    pinned: tuple[int, ...] = ()
    aired_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class QuotaSpec:
    """In each zone the seconds of `topic` are at least `share` (0 to 1) of all seconds."""

    topic: int
    share: float


@dataclass(frozen=True)
class Instance:
    """A week to plan. `repeat_bonus` falls (β₁ ≥ β₂ ≥ …); airings beyond its length earn no bonus."""

    sessions: tuple[SessionSpec, ...]
    zones: tuple[ZoneSpec, ...]
    bulletins: tuple[BulletinSpec, ...]
    max_items: int
    quota: QuotaSpec
    repeat_bonus: tuple[float, ...]
    must_penalty: float

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """W_b: the sum of the weights of each bulletin's zones."""
        return tuple(sum(self.zones[z].weight for z in bulletin.zones) for bulletin in self.bulletins)

    @cached_property
    def allowed(self) -> tuple[tuple[int, ...], ...]:
        """The sessions in which each bulletin may go on air, by window, exclusion and its own length."""
        return tuple(tuple(self._allowed(bulletin)) for bulletin in self.bulletins)

    @cached_property
    def runs(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """For each bulletin the runs of `consecutive_days` days, each the days that still need an airing."""
        return tuple(tuple(self._runs(b)) for b in range(len(self.bulletins)))

    def _allowed(self, bulletin: BulletinSpec) -> Iterable[int]:
        for session in range(max(0, bulletin.first), min(bulletin.last, len(self.sessions) - 1) + 1):
            fits = all(self.zones[z].capacity[session] >= bulletin.duration for z in bulletin.zones)
            if fits and session not in bulletin.excluded and self.max_items > 0:
                yield session

    def _runs(self, b: int) -> Iterable[tuple[int, ...]]:
        bulletin = self.bulletins[b]
        if not bulletin.consecutive_days:
            return
        days = {self.sessions[s].day for s in self.allowed[b]} - {NO_DAY}
        aired = set(bulletin.aired_days)
        for start in sorted(days | aired):
            run = range(start, start + bulletin.consecutive_days)
            wanting = tuple(day for day in run if day not in aired)
            if len(wanting) <= bulletin.repeats and days.issuperset(wanting):
                yield wanting


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan: airings as (bulletin, session) in ascending order, their value, and a proved upper bound on any value.

    `bound` holds for every plan that keeps all hard rules and, where the instance has pins, runs or the caller a
    `keep` bonus, misses or moves no more of them than this one. `short_runs` names the bulletins whose run of days
    was not placed.
    """

    airings: tuple[tuple[int, int], ...]
    value: float
    bound: float
    short_runs: tuple[int, ...] = field(default=())

    @property
    def gap(self) -> float:
        """The proved relative gap: (bound − value) / |bound|, 0 when proved optimal."""
        return max(0.0, self.bound - self.value) / max(1e-9, abs(self.bound))


def instance_from_json(data: Any) -> Instance:
    """An instance from parsed JSON.

    Raises:
        PlanError: `plan.instance`, with one finding for every error in the data (place.field is its path).
    """
    return read(data, _instance)


def solution_from_json(data: Any) -> Solution:
    """A solution from parsed JSON; `value`, `bound` and `short_runs` may be missing.

    Raises:
        PlanError: `plan.instance`, with one finding for every error in the data.
    """
    return read(data, _solution)


def instance_to_json(instance: Instance) -> dict[str, Any]:
    """The instance as JSON data; members at their default are left out, so a plain instance stays plain."""
    return {
        "sessions": [
            {"appeal": s.appeal} if s.day == NO_DAY else {"appeal": s.appeal, "day": s.day} for s in instance.sessions
        ],
        "zones": [{"weight": z.weight, "capacity": list(z.capacity)} for z in instance.zones],
        "bulletins": [_bulletin_to_json(b) for b in instance.bulletins],
        "max_items": instance.max_items,
        "quota": {"topic": instance.quota.topic, "share": instance.quota.share},
        "repeat_bonus": list(instance.repeat_bonus),
        "must_penalty": instance.must_penalty,
    }


def solution_to_json(solution: Solution) -> dict[str, Any]:
    """The solution as JSON data in the shared format; `short_runs` only when there are any."""
    out: dict[str, Any] = {
        "airings": [list(airing) for airing in solution.airings],
        "value": solution.value,
        "bound": solution.bound,
    }
    if solution.short_runs:
        out["short_runs"] = list(solution.short_runs)
    return out


def _bulletin_to_json(b: BulletinSpec) -> dict[str, Any]:
    out: dict[str, Any] = {
        "zones": list(b.zones),
        "duration": b.duration,
        "value": b.value,
        "first": b.first,
        "last": b.last,
        "repeats": b.repeats,
        "gap": b.gap,
        "topic": b.topic,
        "must": b.must,
    }
    if b.consecutive_days:
        out["consecutive_days"] = b.consecutive_days
    if b.excluded:
        out["excluded"] = list(b.excluded)
    if b.pinned:
        out["pinned"] = list(b.pinned)
    if b.aired_days:
        out["aired_days"] = list(b.aired_days)
    return out


def _instance(node: Node) -> Instance:
    sessions = tuple(
        SessionSpec(s.number("appeal"), s.whole("day", NO_DAY, default=NO_DAY)) for s in node.items("sessions")
    )
    zones = tuple(ZoneSpec(z.number("weight", 0), z.wholes("capacity", 0)) for z in node.items("zones"))
    for at, zone in enumerate(zones):
        if len(zone.capacity) != len(sessions):
            node.reject(f"zones[{at}].capacity", "plan.instance_length", got=len(zone.capacity), allowed=len(sessions))
    bulletins = tuple(_bulletin(b, len(sessions), len(zones)) for b in node.items("bulletins"))
    _check_days(node, sessions, bulletins)
    quota = node.child("quota")
    bonus = node.numbers("repeat_bonus")
    if any(later > earlier for earlier, later in pairwise(bonus)):
        node.reject("repeat_bonus", "plan.instance_order", got=list(bonus), allowed="β₁ ≥ β₂ ≥ …")
    return Instance(
        sessions=sessions,
        zones=zones,
        bulletins=bulletins,
        max_items=node.whole("max_items", 0),
        quota=QuotaSpec(quota.whole("topic"), quota.number("share", 0, 1)),
        repeat_bonus=bonus,
        must_penalty=node.number("must_penalty", 0),
    )


def _bulletin(node: Node, sessions: int, zones: int) -> BulletinSpec:
    b = BulletinSpec(
        zones=node.wholes("zones", 0, zones - 1, unique=True),
        duration=node.whole("duration", 1),
        value=node.number("value", 0),
        first=node.whole("first", 0, sessions - 1),
        last=node.whole("last", 0, sessions - 1),
        repeats=node.whole("repeats", 0),
        gap=node.whole("gap", 0),
        topic=node.whole("topic"),
        must=node.flag("must"),
        consecutive_days=node.whole("consecutive_days", 0, default=0),
        excluded=node.wholes("excluded", 0, sessions - 1, unique=True, default=()),
        pinned=node.wholes("pinned", 0, sessions - 1, unique=True, default=()),
        aired_days=node.wholes("aired_days", 0, unique=True, default=()),
    )
    if b.first > b.last:
        node.reject("last", "plan.instance_range", got=b.last, allowed=f"≥ first ({b.first})")
    if b.consecutive_days > b.repeats + len(b.aired_days):
        node.reject(
            "consecutive_days", "plan.instance_range", got=b.consecutive_days, allowed=f"≤ repeats ({b.repeats})"
        )
    pins = sorted(b.pinned)
    if len(pins) > b.repeats:
        node.reject("pinned", "plan.instance_pins", got=pins, allowed=f"≤ repeats ({b.repeats})")
    if any(not b.first <= s <= b.last or s in b.excluded for s in pins):
        node.reject("pinned", "plan.instance_pins", got=pins, allowed=f"{b.first}–{b.last}, not excluded")
    if any(later - earlier <= b.gap for earlier, later in pairwise(pins)):
        node.reject("pinned", "plan.instance_pins", got=pins, allowed=f"more than gap ({b.gap}) apart")
    return b


def _check_days(node: Node, sessions: tuple[SessionSpec, ...], bulletins: tuple[BulletinSpec, ...]) -> None:
    days = [s.day for s in sessions]
    if any(b.consecutive_days for b in bulletins):
        for at, day in enumerate(days):
            if day == NO_DAY:
                node.reject(
                    f"sessions[{at}].day", "plan.instance_missing", allowed="a day number: a bulletin asks for a run"
                )
    known = [day for day in days if day != NO_DAY]
    if known != sorted(known):
        node.reject("sessions", "plan.instance_order", got=days, allowed="days in order of time")


def _solution(node: Node) -> Solution:
    airings = sorted((a[0], a[1]) for a in node.pairs("airings"))
    return Solution(
        airings=tuple(airings),
        value=node.number("value", default=0.0),
        bound=node.number("bound", default=0.0),
        short_runs=node.wholes("short_runs", 0, unique=True, default=()),
    )
