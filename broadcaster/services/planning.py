"""Planning: approved bulletins with their measured lengths become the week's plan, its amendments and its rundowns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from broadcaster.domain.approval import Status
from broadcaster.domain.planning.instance import Instance, Solution
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.verify import violations
from broadcaster.domain.planning.week import Candidate, Week, build_week, clashes, keep_begun, plan_from
from broadcaster.domain.rundown import ITEM_GAP, Rundown, StationSound, compose, lay_out
from broadcaster.domain.station import Session, Station
from broadcaster.domain.taxonomy import Taxonomy
from broadcaster.errors import Finding, Place, PlanError, Severity
from broadcaster.ports import Clock, Store
from broadcaster.services.approving import Approving

Solve = Callable[[Instance], Solution]
"""The solver with its work limit: an instance in, a solution out."""

_REASONS = {
    Status.DRAFT: "plan.not_submitted",
    Status.SUBMITTED: "plan.not_approved",
    Status.RETURNED: "plan.returned",
    Status.WITHDRAWN: "plan.withdrawn",
    Status.VOID: "plan.void",
}


@dataclass(frozen=True, slots=True)
class Planning:
    """Weekly plans."""

    store: Store
    clock: Clock
    station: Station
    taxonomy: Taxonomy
    approving: Approving

    def week(self, monday: date, sounds: Sequence[StationSound]) -> Week:
        """The week as the planner sees it now."""
        bulletins = self.store.bulletins()
        ready: dict[str, Candidate] = {}
        reasons: dict[str, str] = {}
        for bulletin in bulletins:
            master = self.approving.master_of(bulletin)
            status = self.approving.status(bulletin)
            if master is None:
                reasons[bulletin.code] = "plan.no_master"
            elif status is not Status.APPROVED:
                reasons[bulletin.code] = _REASONS[status]
            else:
                ready[bulletin.code] = Candidate(bulletin, master.hash, master.duration_ms)
        free = {session.code: lay_out(session, sounds).room for session in self.station.sessions}
        return build_week(self.station, monday, bulletins, ready, reasons, free, ITEM_GAP, self.taxonomy)

    def make(
        self,
        monday: date,
        sounds: Sequence[StationSound],
        solve: Solve,
        *,
        reason: str = "",
        precedence: Sequence[str] = (),
        rehearsal: bool = False,
    ) -> tuple[Plan, tuple[Finding, ...]]:
        """Plan a week, or amend its plan. The same inputs again give the plan that is there.

        Args:
            monday: the week's first day.
            sounds: the station's own sounds.
            solve: the solver.
            reason: why the plan is amended; needed once the week has one.
            precedence: the order in which a person puts `uu_tien` bulletins; remembered from the plan before.
            rehearsal: plan the whole week, the part that is past included, for a virtual clock.

        Raises:
            PlanError: `plan.priority_clash` when a person must say which `uu_tien` bulletin comes first; `plan.reason`
                for an amendment without a reason; `plan.nothing` when no bulletin can be aired; `plan.broken` if the
                solver's plan fails the independent check.
        """
        before = self.store.plans(monday)
        order = tuple(precedence) or (before[-1].precedence if before else ())
        week = self.week(monday, sounds)
        open_pairs = clashes(week.candidates, self.station, order)
        if open_pairs:
            raise PlanError(
                "plan.priority_clash", pairs=open_pairs, codes=sorted({code for pair in open_pairs for code in pair})
            )
        # With a plan in force an empty week is an amendment: the last bulletin may have been withdrawn.
        if not week.candidates and not before:
            why = [Finding(s.code, place=Place(field=s.bulletin), facts=s.facts) for s in week.shortfalls]
            raise PlanError("plan.nothing", why, week=monday)
        if before and before[-1].inputs == week.inputs and before[-1].precedence == order:
            return before[-1], self._rundowns(before[-1], sounds, rehearsal=rehearsal)
        if before and not reason.strip():
            raise PlanError("plan.reason", week=monday, number=len(before))
        begun = {(d, s.code) for d, s in week.sessions if self._has_begun(s, d, rehearsal=rehearsal and not before)}
        week = keep_begun(week, before[-1] if before else None, begun)
        solution = solve(week.instance)
        broken = [f for f in violations(week.instance, solution) if f.severity is Severity.ERROR]
        if broken:
            raise PlanError("plan.broken", broken, week=monday)
        plan = plan_from(week, solution, self.station, len(before), reason.strip(), order)
        self.store.save_plan(plan, self.clock.now())
        return plan, self._rundowns(plan, sounds, rehearsal=rehearsal)

    def _has_begun(self, session: Session, day: date, *, rehearsal: bool) -> bool:
        return not rehearsal and self.station.start_of(session, day) <= self.clock.now()

    def _rundowns(self, plan: Plan, sounds: Sequence[StationSound], *, rehearsal: bool) -> tuple[Finding, ...]:
        """Write out every session of every zone, and keep what may still be played."""
        bulletins = {bulletin.code: bulletin for bulletin in self.store.bulletins()}
        findings: list[Finding] = []
        rundowns: list[Rundown] = []
        for offset in range(7):
            day = plan.week + timedelta(days=offset)
            for session in self.station.sessions_on(day):
                # What has begun is not written anew: an amendment does not touch it, a late plan does not claim it.
                if self._has_begun(session, day, rehearsal=rehearsal and plan.number == 0):
                    continue
                there = self.station.clusters_of(session.zones)
                for zone in self.station.air_zones():
                    if not (zone.clusters <= there and zone.clusters & self.station.alive_on(day)):
                        continue
                    slots = [
                        s for s in plan.slots if s.day == day and s.session == session.code and zone.code in s.zones
                    ]
                    rundown, found = compose(self.station, plan, zone.code, day, session, slots, bulletins, sounds)
                    rundowns.append(rundown)
                    findings += found
        written = {rundown.code for rundown in rundowns}
        # What the station no longer has must not stay in force: an empty rundown takes its place.
        for old in self.store.rundowns(plan.week, plan.week + timedelta(days=6)):
            ahead = rehearsal or old.start > self.clock.now()
            if old.code not in written and old.items and old.plan != plan.hash and ahead:
                rundowns.append(replace(old, plan=plan.hash, items=()))
        self.store.save_rundowns(rundowns)
        return tuple(findings)

    def latest(self, monday: date) -> Plan:
        """The plan in force.

        Raises:
            PlanError: `plan.none` when the week has no plan yet.
        """
        plans = self.store.plans(monday)
        if not plans:
            raise PlanError("plan.none", week=monday)
        return plans[-1]
