"""The product's own check of a plan against its instance; shares no code with the model or the greedy planner.

It works from the raw members of the instance only (none of its derived properties), so that an error there shows here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from broadcaster.domain.planning.instance import Instance, Solution
from broadcaster.errors import Finding, Place, Severity

SHARE_TOLERANCE = 1e-6
"""Seconds by which a quota may be missed: the share is a binary fraction, the seconds are whole."""


def violations(instance: Instance, solution: Solution) -> tuple[Finding, ...]:
    """Every hard rule the plan breaks, in the order of the rules; empty for a sound plan.

    A missing run of days that the solution itself declares in `short_runs` is a warning; all else is an error.
    """
    strays = tuple(_strays(instance, solution))
    if strays:
        return strays
    return (
        *_windows(instance, solution),
        *_repeats(instance, solution),
        *_rooms(instance, solution),
        *_quotas(instance, solution),
        *_pins(instance, solution),
        *_runs(instance, solution),
    )


def value_of(instance: Instance, airings: Iterable[tuple[int, int]]) -> float:
    """The value of the airings by the definition of the shared format (no pins, runs or keep bonus in it)."""
    value = 0.0
    count: Counter[int] = Counter()
    for b, s in sorted(airings):
        count[b] += 1
        value += instance.bulletins[b].value * _people(instance, b) * instance.sessions[s].appeal
    for b, bulletin in enumerate(instance.bulletins):
        value += bulletin.value * _people(instance, b) * sum(instance.repeat_bonus[: count[b]])
        if bulletin.must and not count[b]:
            value -= instance.must_penalty * _people(instance, b)
    return value


def _people(instance: Instance, b: int) -> float:
    return sum(instance.zones[z].weight for z in instance.bulletins[b].zones)


def _sessions_of(solution: Solution) -> defaultdict[int, list[int]]:
    sessions = defaultdict(list)
    for b, s in solution.airings:
        sessions[b].append(s)
    return sessions


def _broken(code: str, severity: Severity = Severity.ERROR, **facts: object) -> Finding:
    return Finding(code, severity, Place(), facts)


def _strays(instance: Instance, solution: Solution) -> Iterator[Finding]:
    for b, s in solution.airings:
        if not (0 <= b < len(instance.bulletins) and 0 <= s < len(instance.sessions)):
            yield _broken("plan.window", bulletin=b, session=s, first=0, last=len(instance.sessions) - 1)


def _windows(instance: Instance, solution: Solution) -> Iterator[Finding]:
    for b, s in solution.airings:
        bulletin = instance.bulletins[b]
        if s < bulletin.first or s > bulletin.last:
            yield _broken("plan.window", bulletin=b, session=s, first=bulletin.first, last=bulletin.last)
        if s in bulletin.excluded:
            yield _broken("plan.excluded", bulletin=b, session=s)


def _repeats(instance: Instance, solution: Solution) -> Iterator[Finding]:
    sessions = _sessions_of(solution)
    for b, bulletin in enumerate(instance.bulletins):
        aired = sorted(sessions[b])
        if len(aired) > bulletin.repeats:
            yield _broken("plan.repeats", bulletin=b, airings=len(aired), repeats=bulletin.repeats)
        for i in range(1, len(aired)):
            if aired[i] - aired[i - 1] <= bulletin.gap:
                yield _broken("plan.gap", bulletin=b, session=aired[i], previous=aired[i - 1], gap=bulletin.gap)


def _rooms(instance: Instance, solution: Solution) -> Iterator[Finding]:
    seconds: Counter[tuple[int, int]] = Counter()
    items: Counter[tuple[int, int]] = Counter()
    for b, s in solution.airings:
        for z in instance.bulletins[b].zones:
            seconds[z, s] += instance.bulletins[b].duration
            items[z, s] += 1
    for (z, s), used in sorted(seconds.items()):
        capacity = instance.zones[z].capacity[s]
        if used > capacity:
            yield _broken("plan.capacity", zone=z, session=s, seconds=used, capacity=capacity)
    for (z, s), number in sorted(items.items()):
        if number > instance.max_items:
            yield _broken("plan.items", zone=z, session=s, items=number, max_items=instance.max_items)


def _quotas(instance: Instance, solution: Solution) -> Iterator[Finding]:
    total: Counter[int] = Counter()
    topical: Counter[int] = Counter()
    for b, _ in solution.airings:
        bulletin = instance.bulletins[b]
        for z in bulletin.zones:
            total[z] += bulletin.duration
            topical[z] += bulletin.duration if bulletin.topic == instance.quota.topic else 0
    for z, seconds in sorted(total.items()):
        if topical[z] < instance.quota.share * seconds - SHARE_TOLERANCE:
            yield _broken("plan.quota", zone=z, seconds=topical[z], total=seconds, share=instance.quota.share)


def _pins(instance: Instance, solution: Solution) -> Iterator[Finding]:
    aired = set(solution.airings)
    for b, bulletin in enumerate(instance.bulletins):
        for s in bulletin.pinned:
            if (b, s) not in aired:
                yield _broken("plan.pinned", bulletin=b, session=s)


def _runs(instance: Instance, solution: Solution) -> Iterator[Finding]:
    sessions = _sessions_of(solution)
    for b, bulletin in enumerate(instance.bulletins):
        wanted = bulletin.consecutive_days
        if not wanted:
            continue
        days = ({instance.sessions[s].day for s in sessions[b]} - {-1}) | set(bulletin.aired_days)
        longest = 0
        for day in sorted(days):
            length = 1
            while day + length in days:
                length += 1
            longest = max(longest, length)
        declared = b in solution.short_runs
        if longest < wanted:
            severity = Severity.WARNING if declared else Severity.ERROR
            yield _broken("plan.run", severity, bulletin=b, days=longest, wanted=wanted, declared=declared)
