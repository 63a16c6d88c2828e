"""From a week to its plan: solve, write out, look at it with the rules, mend, solve again; then once for the wishes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from broadcaster.domain.planning.facts import Facts
from broadcaster.domain.planning.instance import Instance, Solution
from broadcaster.domain.planning.mending import mended, unpinned
from broadcaster.domain.planning.outcome import plan_from
from broadcaster.domain.planning.plan import Placement, Plan
from broadcaster.domain.planning.rules import RULES, check
from broadcaster.domain.planning.rules.rule import Mend
from broadcaster.domain.planning.verify import violations
from broadcaster.domain.planning.week import Week
from broadcaster.domain.planning.wishes import Rewards, fresh, satisfaction, second_look, signed, together
from broadcaster.domain.rundown import Rundown, StationSound, compose, sequence
from broadcaster.domain.station import week_days
from broadcaster.errors import Finding, PlanError, Severity

ATTEMPTS = 12
"""Solver runs for one plan at most; nearly always one or two."""

LOOKS = 3
"""Rounds of wishes at most; the first that brings nothing is the last."""

LEAST_KEPT = 0.95
"""Of the value of the plan before: what a plan that does better by the wishes may cost."""


class Solve(Protocol):
    """The solver with its work limit."""

    def __call__(
        self,
        instance: Instance,
        *,
        keep: Mapping[tuple[int, int], float] | None = None,
        start: Solution | None = None,
    ) -> Solution:
        """A solution; `keep` rewards single airings, `start` is a plan that is there already."""
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """A week with what decides whether a solution of it may become a plan."""

    week: Week
    facts: Facts
    sounds: Sequence[StationSound]
    number: int
    reason: str
    precedence: tuple[str, ...]
    placements: tuple[Placement, ...] = ()

    def plan(self, solution: Solution) -> Plan:
        """The plan that a solution means."""
        return plan_from(self.week, solution, self.number, self.reason, self.precedence, self.placements)

    def seen(self, plan: Plan) -> Facts:
        """What the rules look at when the plan is written out."""
        rundowns, _ = rundowns_of(plan, self.facts, self.sounds)
        return replace(self.facts, sequences=sequences_of(rundowns))

    def errors(self, plan: Plan) -> list[Finding]:
        """The rules that the plan breaks, duties left undone apart."""
        return [finding for finding in check(plan, self.seen(plan)) if finding.severity is Severity.ERROR]


def best(attempt: Attempt, solve: Solve, in_force: Plan | None) -> Plan:
    """Solve, look at the plan, pin what the rules still ask for, solve again; then once more for the wishes."""
    solution: Solution | None = None
    tried: set[Mend] = set()
    for _ in range(ATTEMPTS):
        keep = together(fresh(attempt.week), signed(attempt.week, in_force))
        solution = solve(attempt.week.instance, keep=keep, start=solution)
        lost = _lost_pins(attempt.week.instance, solution)
        if lost:
            attempt = replace(attempt, week=unpinned(attempt.week, lost))
            continue
        plan = attempt.plan(solution)
        seen = attempt.seen(plan)
        mends = {mend for rule in RULES for mend in rule.mends(plan, seen)} - tried
        week = mended(attempt.week, solution, sorted(mends, key=lambda m: (m.bulletin, m.places)))
        if week.instance == attempt.week.instance:
            break
        tried |= mends
        attempt = replace(attempt, week=week)
    if solution is None:
        raise PlanError("plan.broken", week=attempt.week.monday)
    solution = _nicer(attempt, solve, solution, in_force)
    broken = [f for f in violations(attempt.week.instance, solution) if f.severity is Severity.ERROR]
    plan = attempt.plan(solution)
    broken += attempt.errors(plan)
    if broken:
        raise PlanError("plan.broken", broken, week=attempt.week.monday)
    return plan


def _nicer(attempt: Attempt, solve: Solve, solution: Solution, in_force: Plan | None) -> Solution:
    """A plan that does better by the wishes for little of the objective, if a few rounds of rewards find one."""
    week, wishes = attempt.week, Rewards()
    for _ in range(LOOKS):
        more = {**wishes, **second_look(week, solution)}
        if more == wishes:
            break
        wishes = more
        rewards = together(fresh(week), signed(week, in_force), wishes)
        other = solve(week.instance, keep=rewards, start=solution)
        if not _is_better(attempt, solution, other):
            break
        solution = other
    return solution


def _is_better(attempt: Attempt, one: Solution, other: Solution) -> bool:
    """Whether the other plan does better by the wishes, and not worse by what is graver."""
    week = attempt.week
    sound = not [f for f in violations(week.instance, other) if f.severity is Severity.ERROR]
    enough = other.value >= LEAST_KEPT * one.value and len(other.short_runs) <= len(one.short_runs)
    if not (sound and enough and satisfaction(week, other) > satisfaction(week, one)):
        return False
    old, new = attempt.plan(one), attempt.plan(other)
    return len(check(new, attempt.seen(new))) <= len(check(old, attempt.seen(old)))


def _lost_pins(instance: Instance, solution: Solution) -> list[tuple[int, int]]:
    aired = set(solution.airings)
    return [(b, s) for b, spec in enumerate(instance.bulletins) for s in spec.pinned if (b, s) not in aired]


def rundowns_of(plan: Plan, facts: Facts, sounds: Sequence[StationSound]) -> tuple[list[Rundown], tuple[Finding, ...]]:
    """Every session of every zone that has not begun, written out, and what found no place in it."""
    findings: list[Finding] = []
    rundowns: list[Rundown] = []
    voices = {code: candidate.voices for code, candidate in facts.ready.items()}
    for day in week_days(plan.week):
        for session in facts.station.sessions_on(day):
            # What has begun is not written anew: an amendment does not touch it, a late plan does not claim it.
            if (day, session.code) in facts.begun:
                continue
            here = [slot for slot in plan.slots if slot.day == day and slot.session == session.code]
            for zone in facts.station.air_zones():
                if not facts.station.reached(zone, day, session):
                    continue
                slots = [slot for slot in here if zone.code in slot.zones and slot.bulletin in facts.bulletins]
                rundown, found = compose(
                    facts.station, plan, zone.code, day, session, slots, facts.bulletins, sounds, voices
                )
                rundowns.append(rundown)
                findings += found
    return rundowns, tuple(findings)


def sequences_of(rundowns: Iterable[Rundown]) -> dict[tuple[date, str, str], tuple[str, ...]]:
    """The order of reading of each rundown, for the rules."""
    return {(rundown.day, rundown.session, rundown.zone): sequence(rundown) for rundown in rundowns}
