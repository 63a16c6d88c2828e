"""A plan under construction: what is used where, and whether one more airing still fits. Pure bookkeeping."""

from bisect import bisect_left, insort

from broadcaster.domain.planning.instance import Instance, Solution

TOLERANCE = 1e-7
"""Seconds of quota slack that count as none: the share is a binary fraction."""


class Board:
    """Airings placed so far, with the free seconds, items and quota slack of every zone."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.aired: list[list[int]] = [[] for _ in instance.bulletins]
        self.free = [list(zone.capacity) for zone in instance.zones]
        self.items = [[0] * len(instance.sessions) for _ in instance.zones]
        self.total = [0] * len(instance.zones)
        self.topical = [0] * len(instance.zones)

    def gain(self, b: int, s: int) -> float:
        """What one more airing of bulletin b in session s adds to the value; it falls with each airing placed."""
        bulletin, already = self.instance.bulletins[b], len(self.aired[b])
        bonus = self.instance.repeat_bonus
        worth = bulletin.value * (self.instance.sessions[s].appeal + (bonus[already] if already < len(bonus) else 0.0))
        if bulletin.must and not already:
            worth += self.instance.must_penalty
        return worth * self.instance.weights[b]

    def fits(self, b: int, s: int) -> bool:
        """Whether the airing keeps repeats, gap, capacity and items; the session must be one of the allowed."""
        bulletin, aired = self.instance.bulletins[b], self.aired[b]
        if len(aired) >= bulletin.repeats:
            return False
        at = bisect_left(aired, s)
        if at < len(aired) and aired[at] - s <= bulletin.gap:
            return False
        if at and s - aired[at - 1] <= bulletin.gap:
            return False
        most = self.instance.max_items
        return all(self.free[z][s] >= bulletin.duration and self.items[z][s] < most for z in bulletin.zones)

    def slack(self, z: int) -> float:
        """Seconds of the quota topic in zone z beyond what its quota asks; negative when the quota is broken."""
        return self.topical[z] - self.instance.quota.share * self.total[z]

    def first_broken(self, b: int) -> int | None:
        """The first zone whose quota one more airing of b would break; None if there is none."""
        bulletin, quota = self.instance.bulletins[b], self.instance.quota
        if bulletin.topic == quota.topic:
            return None
        need = quota.share * bulletin.duration - TOLERANCE
        return next((z for z in bulletin.zones if self.slack(z) < need), None)

    def put(self, b: int, s: int) -> None:
        """Place an airing."""
        insort(self.aired[b], s)
        self._count(b, s, 1)

    def take(self, b: int, s: int) -> None:
        """Take an airing away."""
        self.aired[b].remove(s)
        self._count(b, s, -1)

    def solution(self, bound: float) -> Solution:
        """The airings with their value; runs of days that are asked for and not there are listed as short."""
        airings = tuple((b, s) for b, sessions in enumerate(self.aired) for s in sessions)
        value = total_value(self.instance, self.aired)
        short = tuple(b for b in range(len(self.aired)) if self.is_short(b))
        return Solution(airings, value, max(bound, value), short)

    def is_short(self, b: int) -> bool:
        """Whether the bulletin asks for a run of days and has none."""
        if not self.instance.bulletins[b].consecutive_days:
            return False
        days = {self.instance.sessions[s].day for s in self.aired[b]}
        return not any(days.issuperset(run) for run in self.instance.runs[b])

    def _count(self, b: int, s: int, sign: int) -> None:
        bulletin = self.instance.bulletins[b]
        seconds = sign * bulletin.duration
        topical = seconds if bulletin.topic == self.instance.quota.topic else 0
        for z in bulletin.zones:
            self.free[z][s] -= seconds
            self.items[z][s] += sign
            self.total[z] += seconds
            self.topical[z] += topical


def total_value(instance: Instance, aired: list[list[int]]) -> float:
    """The value of the airings listed by bulletin, summed in one fixed order."""
    value = 0.0
    for b, sessions in enumerate(aired):
        bulletin = instance.bulletins[b]
        worth = sum(instance.sessions[s].appeal for s in sessions) + sum(instance.repeat_bonus[: len(sessions)])
        missed = instance.must_penalty if bulletin.must and not sessions else 0.0
        value += (bulletin.value * worth - missed) * instance.weights[b]
    return value


def grim_bound(instance: Instance) -> float:
    """A lower bound on the value of any plan: every `must` bulletin missed, every airing that costs value made."""
    bound, least = 0.0, min((s.appeal for s in instance.sessions), default=0.0)
    for b, bulletin in enumerate(instance.bulletins):
        bonuses = [*instance.repeat_bonus[: bulletin.repeats], 0.0]
        costs = bulletin.repeats * max(0.0, -least - min(bonuses))
        bound -= (bulletin.value * costs + (instance.must_penalty if bulletin.must else 0.0)) * instance.weights[b]
    return bound


def generous_bound(instance: Instance) -> float:
    """An upper bound that needs no solver: every bulletin takes its best sessions, rooms and quotas ignored."""
    bound = 0.0
    for b, bulletin in enumerate(instance.bulletins):
        worth = best = -instance.must_penalty if bulletin.must else 0.0
        appeals = sorted((instance.sessions[s].appeal for s in instance.allowed[b]), reverse=True)
        for n, appeal in enumerate(appeals[: bulletin.repeats]):
            worth += bulletin.value * (appeal + (instance.repeat_bonus[n] if n < len(instance.repeat_bonus) else 0.0))
            worth += instance.must_penalty if bulletin.must and n == 0 else 0.0
            best = max(best, worth)
        bound += best * instance.weights[b]
    return bound
