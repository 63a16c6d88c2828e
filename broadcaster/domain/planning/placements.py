"""What a person wants of single airings: this bulletin in that session, or not in it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from broadcaster.domain.planning.instance import BulletinSpec
from broadcaster.domain.planning.plan import Placement, Plan
from broadcaster.domain.planning.shape import max_items
from broadcaster.domain.planning.week import Week
from broadcaster.errors import Finding, Severity
from broadcaster.errors import Place as Spot
from broadcaster.units import digest

Place = tuple[date, str]


@dataclass(frozen=True, slots=True)
class Unkept:
    """A placement that cannot be: why, as a code for the wording table."""

    placement: Placement
    code: str

    @property
    def finding(self) -> Finding:
        """For a person."""
        p = self.placement
        facts = {"bulletin": p.bulletin, "day": p.day, "session": p.session}
        return Finding(self.code, Severity.WARNING, Spot(field=p.bulletin), facts)


def with_inputs(week: Week, placements: Sequence[Placement]) -> Week:
    """The week with the placements among its inputs; a week without any keeps the inputs that it had."""
    return replace(week, inputs=digest("placed", week.inputs, sorted(placements))) if placements else week


def placed(week: Week, placements: Sequence[Placement], begun: Collection[Place]) -> tuple[Week, tuple[Unkept, ...]]:
    """The week with the placements as pins and exclusions, and those that cannot be.

    A placement in a session that has begun is history. A pin counts as an airing that is asked for: it may be one more
    than the bulletin itself wants.

    Args:
        week: after `keep_begun`.
        placements: a person's.
        begun: sessions that have begun.
    """
    index = {(day, session.code): n for n, (day, session) in enumerate(week.sessions)}
    number = {candidate.bulletin.code: b for b, candidate in enumerate(week.candidates)}
    specs = list(week.instance.bulletins)
    unkept = []
    for p in sorted(placements, key=lambda p: (p.wanted, p)):  # exclusions first: a pin must not stand in one
        b, s = number.get(p.bulletin), index.get((p.day, p.session))
        if (p.day, p.session) in begun:
            continue
        if b is None or s is None:
            unkept.append(Unkept(p, "placement.gone"))
            continue
        spec, code = _one(specs[b], s, wanted=p.wanted, allowed=s in week.instance.allowed[b])
        specs[b] = spec
        if code:
            unkept.append(Unkept(p, code))
    most = max_items(tuple(specs), len(week.zones), len(week.sessions), week.instance.max_items)
    instance = replace(week.instance, bulletins=tuple(specs), max_items=most)
    return replace(week, instance=instance), tuple(unkept)


def _one(spec: BulletinSpec, s: int, *, wanted: bool, allowed: bool) -> tuple[BulletinSpec, str]:
    if not wanted:
        inside = spec.first <= s <= spec.last
        return replace(spec, excluded=tuple(sorted({*spec.excluded, s}))) if inside else spec, ""
    if not allowed or s in spec.excluded:
        return spec, "placement.closed"
    if any(abs(s - other) <= spec.gap for other in spec.pinned if other != s):
        return spec, "placement.near"
    pinned = tuple(sorted({*spec.pinned, s}))
    return replace(spec, pinned=pinned, repeats=max(spec.repeats, len(pinned))), ""


def not_in(plan: Plan, begun: Collection[Place], unkept: Sequence[Unkept]) -> tuple[Unkept, ...]:
    """The pins of a plan that found no room in it, those left out that could not be anyway."""
    there = {(slot.bulletin, slot.day, slot.session) for slot in plan.slots}
    known = {one.placement for one in unkept}
    return tuple(
        Unkept(p, "placement.no_room")
        for p in plan.placements
        if p.wanted
        and p not in known
        and (p.day, p.session) not in begun
        and (p.bulletin, p.day, p.session) not in there
    )
