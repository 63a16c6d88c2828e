"""Between two attempts: what the first plan left undone and the model cannot express becomes pins and exclusions."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from broadcaster.domain.planning.instance import BulletinSpec, Solution
from broadcaster.domain.planning.rules.rule import Mend
from broadcaster.domain.planning.week import Week


def mended(week: Week, solution: Solution, mends: Iterable[Mend]) -> Week:
    """The week with the next attempt's pins and exclusions; the week itself where nothing more can be done."""
    index = {(day, session.code): n for n, (day, session) in enumerate(week.sessions)}
    number = {candidate.bulletin.code: b for b, candidate in enumerate(week.candidates)}
    specs = list(week.instance.bulletins)
    for mend in mends:
        b = number.get(mend.bulletin)
        if b is None:
            continue
        places = [index[place] for place in mend.places if place in index]
        specs[b] = _without(specs[b], places) if mend.leave else _with_one_of(week, solution, b, specs[b], places)
    return replace(week, instance=replace(week.instance, bulletins=tuple(specs)))


def unpinned(week: Week, airings: Iterable[tuple[int, int]]) -> Week:
    """The week without the pins that the solver could not keep, and without that place for them."""
    specs = list(week.instance.bulletins)
    for b, s in airings:
        specs[b] = _without(replace(specs[b], pinned=tuple(p for p in specs[b].pinned if p != s)), [s])
    return replace(week, instance=replace(week.instance, bulletins=tuple(specs)))


def _without(spec: BulletinSpec, sessions: Iterable[int]) -> BulletinSpec:
    away = set(sessions) - set(spec.pinned)
    return replace(spec, excluded=tuple(sorted({*spec.excluded, *away})))


def _with_one_of(week: Week, solution: Solution, b: int, spec: BulletinSpec, sessions: Sequence[int]) -> BulletinSpec:
    """Pin the session that loses least: one that the bulletin has already, else the one with most room left."""
    if set(sessions) & set(spec.pinned) or len(spec.pinned) >= spec.repeats:
        return spec
    allowed = set(week.instance.allowed[b]) - set(spec.excluded)
    may = [
        s for s in sessions if s in allowed and all(abs(s - other) > spec.gap for other in spec.pinned if other != s)
    ]
    if not may:
        return spec
    aired = set(solution.airings)

    def room(s: int) -> int:
        return min(
            week.instance.zones[z].capacity[s]
            - sum(
                week.instance.bulletins[other].duration
                for other, at in aired
                if at == s and z in week.instance.bulletins[other].zones
            )
            for z in spec.zones
        )

    best = max(may, key=lambda s: ((b, s) in aired, room(s) >= spec.duration, week.instance.sessions[s].appeal, -s))
    return replace(spec, pinned=tuple(sorted({*spec.pinned, best})))
