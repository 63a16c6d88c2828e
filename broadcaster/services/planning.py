"""Planning: approved bulletins with their measured lengths become the week's plan, its amendments and its rundowns."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from broadcaster.domain.approval import Action, Status
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.bulletin import Bulletin, Priority
from broadcaster.domain.fields import remark
from broadcaster.domain.planning.amending import keep_begun, with_broken_runs
from broadcaster.domain.planning.candidate import Candidate
from broadcaster.domain.planning.explain import Explanation, explain
from broadcaster.domain.planning.facts import Facts, Place
from broadcaster.domain.planning.forecast import Forecast, forecast
from broadcaster.domain.planning.heard import Heard
from broadcaster.domain.planning.openings import Obstacle, obstacles, refused_pins
from broadcaster.domain.planning.outcome import solution_of
from broadcaster.domain.planning.placements import not_in, placed, with_inputs
from broadcaster.domain.planning.plan import Placement, Plan, Slot
from broadcaster.domain.planning.rules import check
from broadcaster.domain.planning.rules.priorities import clashes
from broadcaster.domain.planning.week import Week, build_week
from broadcaster.domain.rundown import ITEM_GAP, ItemKind, Rundown, StationSound, lay_out, sounds_on
from broadcaster.domain.station import Session, Station, week_days
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.errors import Finding, PlanError
from broadcaster.errors import Place as Spot
from broadcaster.ports import Clock, Store
from broadcaster.services.approving import Approving
from broadcaster.services.solving import Attempt, Solve, best, rundowns_of, sequences_of
from broadcaster.units import Milliseconds

LOOK_BACK = 4
"""Weeks before this one whose airings still matter: runs of days, first airings, silence of a topic."""

_REASONS = {
    Status.DRAFT: "plan.not_submitted",
    Status.SUBMITTED: "plan.not_approved",
    Status.RETURNED: "plan.returned",
    Status.WITHDRAWN: "plan.withdrawn",
    Status.VOID: "plan.void",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A plan explained: `explanations` speak in the indices of `week`; `changed`, when its inputs are others by now."""

    plan: Plan
    changed: bool
    week: Week
    explanations: tuple[Explanation, ...]
    findings: tuple[Finding, ...]
    forecast: Forecast


@dataclass(frozen=True, slots=True)
class Planning:
    """Weekly plans."""

    store: Store
    clock: Clock
    station: Station
    taxonomy: Taxonomy
    approving: Approving

    def week(self, facts: Facts, monday: date) -> Week:
        """The week as the planner sees it now."""
        rest = [bulletin for bulletin in facts.bulletins.values() if bulletin.code not in facts.ready]
        standings = self.approving.standings(rest)
        reasons = {
            code: "plan.no_master" if master is None else _REASONS[status]
            for code, (status, master) in standings.items()
        }
        return build_week(
            self.station,
            monday,
            list(facts.bulletins.values()),
            facts.ready,
            reasons,
            facts.room,
            ITEM_GAP,
            self.taxonomy,
            facts.earlier,
            facts.heard,
        )

    def facts(self, monday: date, sounds: Sequence[StationSound], begun: Collection[Place] | None = None) -> Facts:
        """What the rules look at, as of now.

        Args:
            monday: the week's first day.
            sounds: the station's own sounds.
            begun: sessions that count as begun; told by the clock unless given.
        """
        bulletins = {bulletin.code: bulletin for bulletin in self.store.bulletins()}
        ready = self._candidates(list(bulletins.values()))

        def room(day: date, session: Session) -> Milliseconds:
            return lay_out(session, sounds_on(self.station, day, sounds)).room

        return Facts(
            station=self.station,
            taxonomy=self.taxonomy,
            bulletins=bulletins,
            ready=ready,
            room=room,
            item_gap=ITEM_GAP,
            begun=frozenset(self.begun(monday) if begun is None else begun),
            earlier=self._earlier(monday),
            heard=self._heard(monday),
        )

    def begun(self, monday: date) -> set[Place]:
        """The sessions of a week that have begun."""
        now = self.clock.now()
        return {
            (day, session.code)
            for day in week_days(monday)
            for session in self.station.sessions_on(day)
            if self.station.start_of(session, day) <= now
        }

    def open_priorities(self, monday: date, bulletins: Sequence[Bulletin]) -> Sequence[tuple[str, str]]:
        """The pairs of `uu_tien` bulletins among these, in a week, whose order a person has not put yet."""
        before = self.store.plans(monday)
        order = before[-1].precedence if before else ()
        sunday = monday + timedelta(days=6)
        urgent = [
            bulletin
            for bulletin in bulletins
            if bulletin.priority is Priority.UU_TIEN and bulletin.valid_from <= sunday and bulletin.valid_to >= monday
        ]
        ready = self._candidates(urgent)
        return clashes([one for one in urgent if one.code in ready], self.station, order)

    def make(
        self,
        monday: date,
        sounds: Sequence[StationSound],
        solve: Solve,
        *,
        reason: str = "",
        precedence: Sequence[str] = (),
        placements: Sequence[Placement] | None = None,
        insist: bool = False,
        rehearsal: bool = False,
    ) -> tuple[Plan, tuple[Finding, ...]]:
        """Plan a week, or amend its plan. The same inputs again give the plan that is there.

        Args:
            monday: the week's first day.
            sounds: the station's own sounds.
            solve: the solver.
            reason: why the plan is amended; needed once the week has one.
            precedence: the order in which a person puts `uu_tien` bulletins; remembered from the plan before.
            placements: what a person wants of single airings; None for what the plan before remembers.
            insist: make no plan at all that would not keep a pin which the plan before does not have.
            rehearsal: plan the whole week, the part that is past included, for a virtual clock.

        Returns:
            The plan, and what a person should know of it: duties it leaves undone, airings that found no place.

        Raises:
            PlanError: `plan.priority_clash` when a person must say which `uu_tien` bulletin comes first; `plan.reason`
                for an amendment without a reason; `plan.nothing` when no bulletin can be aired; `plan.refused` for a
                pin that cannot be kept; `plan.broken` if the plan fails the independent check of the solver's instance
                or of the rules.
        """
        before, said = self.store.plans(monday), remark(reason)
        in_force = before[-1] if before else None
        order = tuple(precedence) or (in_force.precedence if in_force else ())
        remembered = in_force.placements if in_force else ()
        wanted = remembered if placements is None else tuple(sorted(set(placements)))
        # A rehearsal that was killed between its plan and its rundowns goes on as it began, whatever the clock says.
        ahead = rehearsal and (in_force is None or in_force.number == 0)
        facts = self.facts(monday, sounds, () if ahead else None)
        week = self._week_now(facts, monday, in_force, wanted)
        open_pairs = clashes([candidate.bulletin for candidate in week.candidates], self.station, order)
        if open_pairs:
            raise PlanError(
                "plan.priority_clash", pairs=open_pairs, codes=sorted({code for pair in open_pairs for code in pair})
            )
        # With a plan in force an empty week is an amendment: the last bulletin may have been withdrawn.
        if not week.candidates and not before:
            why = [Finding(s.code, place=Spot(field=s.bulletin), facts=s.facts) for s in week.shortfalls]
            raise PlanError("plan.nothing", why, week=monday)
        if in_force and in_force.inputs == week.inputs and in_force.precedence == order:
            plan = in_force
        elif in_force and not said:
            raise PlanError("plan.reason", week=monday, number=len(before))
        else:
            pins = [p for p in wanted if p.wanted and p not in remembered] if insist and in_force else []
            against = refused_pins(week, in_force, facts.begun, wanted, pins) if in_force else ()
            if against:
                raise PlanError("plan.refused", against, week=monday)
            if in_force and ahead:
                facts = self.facts(monday, sounds)
                week = self._week_now(facts, monday, in_force, wanted)
            week, _ = placed(keep_begun(week, in_force, facts.begun), wanted, facts.begun)
            attempt = Attempt(week, facts, sounds, len(before), said, order, wanted)
            plan = best(attempt, solve, in_force)
            lost = [one.finding for one in not_in(plan, facts.begun, ()) if one.placement in pins]
            if lost:
                raise PlanError("plan.refused", lost, week=monday)
            self.store.save_plan(plan, self.clock.now())
        rundowns, findings = rundowns_of(plan, facts, sounds)
        self._write(plan, rundowns, rehearsal=rehearsal)
        seen = replace(facts, sequences=sequences_of(rundowns))
        return plan, (*self._unkept(monday, plan, facts), *findings, *check(plan, seen))

    def obstacles(
        self, monday: date, sounds: Sequence[StationSound], code: str, source: Place | None = None
    ) -> tuple[Plan, dict[Place, Obstacle]]:
        """The plan in force, and what stands against putting a bulletin into each session; see `domain`.

        Args:
            monday: the week's first day.
            sounds: the station's own sounds.
            code: the bulletin.
            source: the session that it would be taken from.

        Raises:
            PlanError: `plan.none` when the week has no plan yet.
        """
        plan = self.latest(monday)
        facts = self.facts(monday, sounds)
        others = [p for p in plan.placements if (p.bulletin, p.day, p.session) != (code, *(source or ()))]
        return plan, obstacles(self.week(facts, monday), plan, facts.begun, code, others)

    def waiting(self, plan: Plan, bulletins: Sequence[Bulletin]) -> tuple[Bulletin, ...]:
        """Those among the bulletins that could be aired in the plan's week and have no airing in it."""
        there = {slot.bulletin for slot in plan.slots}
        sunday = plan.week + timedelta(days=6)
        rest = [
            b
            for b in bulletins
            if b.code not in there
            and b.priority is not Priority.KHAN_CAP
            and b.valid_from <= sunday
            and b.valid_to >= plan.week
        ]
        standings = self.approving.standings(rest)
        return tuple(b for b in rest if standings[b.code][0] is Status.APPROVED)

    def _week_now(self, facts: Facts, monday: date, in_force: Plan | None, wanted: Sequence[Placement]) -> Week:
        """The week with all that decides whether the plan in force still answers to it."""
        week, _ = with_broken_runs(self.week(facts, monday), in_force, facts.begun)
        return with_inputs(week, wanted)

    def _unkept(self, monday: date, plan: Plan, facts: Facts) -> tuple[Finding, ...]:
        """The placements that the plan does not keep."""
        if not plan.placements:
            return ()
        week = keep_begun(self.week(facts, monday), plan, facts.begun)
        _, unkept = placed(week, plan.placements, facts.begun)
        return tuple(one.finding for one in (*unkept, *not_in(plan, facts.begun, unkept)))

    def check(self, monday: date, sounds: Sequence[StationSound]) -> tuple[Plan, tuple[Finding, ...]]:
        """The plan in force beside the rules, as things stand now: what was missed, changed or withdrawn since.

        Raises:
            PlanError: `plan.none` when the week has no plan yet.
        """
        plan = self.latest(monday)
        facts = self.facts(monday, sounds)
        rundowns, _ = rundowns_of(plan, facts, sounds)
        found = check(plan, replace(facts, sequences=sequences_of(rundowns)))
        week, broken = with_broken_runs(self.week(facts, monday), plan, facts.begun)
        week = with_inputs(week, plan.placements)
        news = [
            Finding(
                "plan.run_broken",
                place=Spot(field=run.bulletin),
                facts={
                    "bulletin": run.bulletin,
                    "cluster": self.station.cluster_by_code[run.cluster].name,
                    "day": run.day.isoformat(),
                    "week": monday,
                },
            )
            for run in broken
            if week.inputs != plan.inputs
        ]
        return plan, (*news, *self._unkept(monday, plan, facts), *found)

    def explain(self, monday: date, sounds: Sequence[StationSound], solve: Solve) -> Explained:
        """Why bulletins got less than they ask for in the plan in force, and what it would air by topic.

        Args:
            monday: the week's first day.
            sounds: the station's own sounds.
            solve: a solver for sub-instances; a small work limit is enough.

        Raises:
            PlanError: `plan.none` when the week has no plan yet.
        """
        plan = self.latest(monday)
        facts = self.facts(monday, sounds)
        week = self._week_now(facts, monday, plan, plan.placements)
        changed = week.inputs != plan.inputs
        week, _ = placed(keep_begun(week, plan, facts.begun), plan.placements, facts.begun)
        solution = solution_of(week, plan)
        given = Counter(b for b, _ in solution.airings)
        short = [
            b for b, spec in enumerate(week.instance.bulletins) if given[b] < spec.repeats and week.instance.allowed[b]
        ]
        return Explained(
            plan=plan,
            changed=changed,
            week=week,
            explanations=tuple(explain(week.instance, solution, b, solve) for b in short),
            findings=self.check(monday, sounds)[1],
            forecast=forecast(plan, facts.bulletins, self.taxonomy, self.station.target),
        )

    def latest(self, monday: date) -> Plan:
        """The plan in force.

        Raises:
            PlanError: `plan.none` when the week has no plan yet.
        """
        plans = self.store.plans(monday)
        if not plans:
            raise PlanError("plan.none", week=monday)
        return plans[-1]

    def _candidates(self, bulletins: Sequence[Bulletin]) -> dict[str, Candidate]:
        """Those that may be aired now, by code; in a few questions to the store, however many there are."""
        standings, histories = self.approving.standings(bulletins), self.store.histories()
        found = {}
        for bulletin in bulletins:
            status, master = standings[bulletin.code]
            if master is None or status is not Status.APPROVED:
                continue
            consents = [review.at for review in histories.get(bulletin.code, ()) if review.action is Action.APPROVE]
            found[bulletin.code] = Candidate(
                bulletin,
                master.hash,
                master.duration_ms,
                master.content_ms,
                self.station.local(max(consents)).date() if consents else date.max,
                music=bool(self.station.finish.bed),
                voices=master.voices,
            )
        return found

    def _earlier(self, monday: date) -> tuple[Slot, ...]:
        weeks = (monday - timedelta(weeks=back) for back in range(LOOK_BACK, 0, -1))
        return tuple(slot for week in weeks for plan in self.store.plans(week)[-1:] for slot in plan.slots)

    def _heard(self, monday: date) -> Heard:
        """What the ledger knows of sessions that are over."""
        first = self.station.midnight(monday - timedelta(weeks=LOOK_BACK))
        now = self.clock.now()
        over: dict[Place, bool] = {}
        recorded, whole = set(), set()
        for row in self.store.as_run(first, now):
            place = (row.day, row.session)
            if place not in over:
                session = next((s for s in self.station.sessions_on(row.day) if s.code == row.session), None)
                length = timedelta(milliseconds=session.cap) if session else timedelta()
                over[place] = session is None or self.station.start_of(session, row.day) + length <= now
            if over[place]:
                recorded.add(place)
                if row.kind is ItemKind.BULLETIN and row.outcome is Outcome.AIRED:
                    whole.add((*place, row.bulletin, row.node))
        return Heard(frozenset(recorded), frozenset(whole))

    def _write(self, plan: Plan, rundowns: list[Rundown], *, rehearsal: bool) -> None:
        """Keep what may still be played."""
        written = {rundown.code for rundown in rundowns}
        # What the station no longer has must not stay in force: an empty rundown takes its place.
        for old in self.store.rundowns(plan.week, plan.week + timedelta(days=6)):
            ahead = rehearsal or old.start > self.clock.now()
            if old.code not in written and old.items and old.plan != plan.hash and ahead:
                rundowns.append(replace(old, plan=plan.hash, items=()))
        self.store.save_rundowns(rundowns)
