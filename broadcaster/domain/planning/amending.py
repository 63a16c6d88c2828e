"""Amending in mid-week: what has begun stays, what the ledger says was missed is planned anew."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from broadcaster.domain.planning.candidate import Candidate
from broadcaster.domain.planning.heard import BrokenRun, broken_runs, clusters_of_slot
from broadcaster.domain.planning.instance import BulletinSpec
from broadcaster.domain.planning.plan import Plan, Slot
from broadcaster.domain.planning.runs import run_demand
from broadcaster.domain.planning.shape import max_items
from broadcaster.domain.planning.week import Week, days_ahead, half_heard
from broadcaster.units import digest

Place = tuple[date, str]


def keep_begun(week: Week, before: Plan | None, begun: Collection[Place]) -> Week:
    """The rest of the week to plan: what has begun stays as the plan before had it, to the letter.

    The solver sees the open sessions only, and of each bulletin what is left of its airings. An airing that no cluster
    heard is owed again; a run of days that an outage broke on some cluster begins anew.

    Args:
        week: the week to plan anew.
        before: the plan in force; None when the week has none, so that nothing was aired by plan.
        begun: sessions that have begun, as (date, session code).
    """
    kept = tuple(slot for slot in (before.slots if before else ()) if (slot.day, slot.session) in begun)
    if not begun:
        return week
    week = replace(week, kept=kept)
    specs = tuple(
        _left_of(week, candidate, spec, begun)
        for candidate, spec in zip(week.candidates, week.instance.bulletins, strict=True)
    )
    most = max_items(specs, len(week.zones), len(week.sessions), week.instance.max_items)
    return replace(week, instance=replace(week.instance, bulletins=specs, max_items=most))


def _left_of(week: Week, candidate: Candidate, spec: BulletinSpec, begun: Collection[Place]) -> BulletinSpec:
    index = {(day, session.code): n for n, (day, session) in enumerate(week.sessions)}
    gone = {index[place] for place in begun if place in index}
    mine = [slot for slot in week.kept if slot.bulletin == candidate.bulletin.code]
    aired = [slot for slot in mine if _was_heard(week, slot)]
    places = [index[slot.day, slot.session] for slot in aired if (slot.day, slot.session) in index]
    everything = range(len(week.sessions))
    near = {n for n in everything if any(abs(n - place) <= spec.gap for place in places)}
    closed = gone | near | set(spec.excluded)
    ahead = days_ahead(week, spec.first, spec.last, closed)
    past = (*week.earlier, *mine)
    demand = run_demand(candidate.bulletin, past, week.heard, week.station, ahead, week.sunday)
    left = max(spec.repeats - len(aired), demand.airings if demand.days else 0)
    closed |= half_heard(week, candidate.bulletin, past, demand.clusters, range(spec.first, spec.last + 1), closed)
    return replace(
        spec,
        excluded=tuple(sorted(closed if left > 0 else everything)),
        repeats=max(1, left),
        must=spec.must and (demand.days > 0 or not aired),
        consecutive_days=demand.days,
        aired_days=tuple(day.toordinal() for day in demand.aired),
    )


def _was_heard(week: Week, slot: Slot) -> bool:
    clusters = clusters_of_slot(week.station, slot)
    return not clusters or any(week.heard.was(slot, cluster) for cluster in clusters)


def with_broken_runs(week: Week, before: Plan | None, begun: Collection[Place]) -> tuple[Week, tuple[BrokenRun, ...]]:
    """The week with what the ledger has broken among its inputs: the plan in force no longer answers to them."""
    required = {c.bulletin.code: c.bulletin.min_consecutive_days for c in week.candidates}
    past = [slot for slot in (before.slots if before else ()) if (slot.day, slot.session) in begun]
    broken = broken_runs(week.station, (*week.earlier, *past), week.heard, required)
    mine = tuple(run for run in broken if run.day >= week.monday)
    return (replace(week, inputs=digest("broken", week.inputs, mine)) if mine else week), mine
