"""Planning with a real store and the real solver: the same again is the same, the begun is left alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from broadcaster.domain.approval import Action
from broadcaster.domain.bulletin import Bulletin, Priority
from broadcaster.domain.planning.instance import Instance, Solution
from broadcaster.domain.planning.model import solve
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.rundown import ItemKind, Rundown
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.errors import Finding, PlanError
from broadcaster.services.planning import Planning
from tests.domain.values import MONDAY, a_bulletin, a_station, sounds
from tests.services.test_approving import APPROVE, SUBMIT, Desk, desk

__all__ = ["desk"]

OWN = sounds(12, 5, 4)
LAST = MONDAY + timedelta(days=6)
BEFORE = datetime.fromisoformat("2026-11-20T08:00:00+07:00")


def solved(
    instance: Instance, *, keep: Mapping[tuple[int, int], float] | None = None, start: Solution | None = None
) -> Solution:
    return solve(instance, work_limit=0.2, keep=keep, start=start)


class Office:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.clock.step(BEFORE - desk.clock.now())
        self.station = a_station()
        self.planning = Planning(desk.store, desk.clock, self.station, shipped_taxonomy(), desk.approving)

    def approved(self, *bulletins: Bulletin) -> None:
        for bulletin in bulletins:
            self.desk.voiced(bulletin)
            self.desk.act(bulletin, SUBMIT, APPROVE)

    def make(self, reason: str = "", precedence: Sequence[str] = ()) -> tuple[Plan, tuple[Finding, ...]]:
        return self.planning.make(MONDAY, OWN, solved, reason=reason, precedence=precedence)

    def rundowns(self) -> Sequence[Rundown]:
        return self.desk.store.rundowns(MONDAY, LAST)

    def refused(self, reason: str = "") -> PlanError:
        plans = list(self.desk.store.plans(MONDAY))
        with pytest.raises(PlanError) as caught:
            self.make(reason)
        assert list(self.desk.store.plans(MONDAY)) == plans
        return caught.value


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)


def aired(rundowns: Sequence[Rundown]) -> set[tuple[str, str, str, str]]:
    return {
        (r.day.isoformat(), r.session, r.zone, item.bulletin)
        for r in rundowns
        for item in r.items
        if item.kind is ItemKind.BULLETIN
    }


def test_a_week_is_planned_and_written_out(office: Office) -> None:
    office.approved(a_bulletin("a"), a_bulletin("b", zones=("thon_dong",)))
    plan, findings = office.make()
    assert not findings
    assert plan.number == 0
    rundowns = office.rundowns()
    assert len(rundowns) == 7 * 2 * 2
    planned = {(s.day.isoformat(), s.session, zone, s.bulletin) for s in plan.slots for zone in s.zones}
    assert aired(rundowns) == planned
    assert {zone for _, _, zone, code in planned if code == "b"} == {"thon_dong"}
    assert all(r.plan == plan.hash for r in rundowns)
    masters = {item.master for r in rundowns for item in r.items if item.bulletin}
    assert masters == {slot.master for slot in plan.slots}


def test_the_same_again_is_the_plan_that_is_there(office: Office) -> None:
    office.approved(a_bulletin("a"))
    plan, _ = office.make()
    before = [r.hash for r in office.rundowns()]
    again, _ = office.make()
    assert again == plan
    assert [r.hash for r in office.rundowns()] == before
    assert len(office.desk.store.plans(MONDAY)) == 1


def test_only_what_is_approved_is_planned(office: Office) -> None:
    office.approved(a_bulletin("a"), a_bulletin("rut"), a_bulletin("sua"), a_bulletin("tra"))
    office.desk.act(a_bulletin("rut"), (Action.WITHDRAW, "hoa"))
    office.desk.voiced(a_bulletin("sua", body="Khác."))
    office.desk.act(a_bulletin("tra"), (Action.RETURN, "minh"))
    office.desk.voiced(a_bulletin("nhap"))
    office.desk.voiced(a_bulletin("cho"))
    office.desk.act(a_bulletin("cho"), SUBMIT)
    office.desk.store.save_bulletin(a_bulletin("cam"), BEFORE)
    plan, _ = office.make()
    assert {slot.bulletin for slot in plan.slots} == {"a"}
    why = {s.bulletin: s.code for s in plan.shortfalls if s.bulletin != "a"}
    assert why == {
        "rut": "plan.withdrawn",
        "sua": "plan.void",
        "tra": "plan.returned",
        "nhap": "plan.not_submitted",
        "cho": "plan.not_approved",
        "cam": "plan.no_master",
    }


def test_nothing_to_plan(office: Office) -> None:
    assert office.refused().code == "plan.nothing"
    office.desk.voiced(a_bulletin("a"))
    error = office.refused()
    assert [(finding.code, finding.place.field) for finding in error.findings] == [("plan.not_submitted", "a")]


def test_an_amendment_is_numbered_and_gives_its_reason(office: Office) -> None:
    office.approved(a_bulletin("a"))
    office.make()
    office.approved(a_bulletin("b"))
    assert office.refused().code == "plan.reason"
    assert office.refused("   ").code == "plan.reason"
    plan, _ = office.make("Thêm bản tin b")
    assert (plan.number, plan.reason) == (1, "Thêm bản tin b")
    assert "b" in {code for _, _, _, code in aired(office.rundowns())}
    assert [p.number for p in office.desk.store.plans(MONDAY)] == [0, 1]


def test_an_amendment_leaves_alone_what_has_begun(office: Office) -> None:
    office.approved(a_bulletin("a"))
    office.make()
    old = {r.code: r.hash for r in office.rundowns()}
    begun = [r for r in office.rundowns() if r.day < MONDAY + timedelta(days=2)]
    office.desk.clock.step(begun[-1].start - office.desk.clock.now())
    office.approved(a_bulletin("b"))
    office.make("Thêm")
    new = {r.code: r.hash for r in office.rundowns()}
    for rundown in begun:
        assert new[rundown.code] == old[rundown.code]
    assert not {day for day, _, _, code in aired(office.rundowns()) if code == "b"} & {"2026-11-23", "2026-11-24"}
    assert all(new[code] != old[code] for code in new if code not in {r.code for r in begun})


def test_the_last_bulletin_can_be_taken_off_the_air(office: Office) -> None:
    office.approved(a_bulletin("a"))
    office.make()
    office.desk.act(a_bulletin("a"), (Action.WITHDRAW, "hoa"))
    plan, _ = office.make("Rút bản tin")
    assert (plan.number, plan.slots) == (1, ())
    assert aired(office.rundowns()) == set()


def test_a_person_puts_urgent_pieces_in_order_and_it_is_remembered(office: Office) -> None:
    urgent = [a_bulletin(code, priority=Priority.UU_TIEN) for code in ("a", "b")]
    office.approved(*urgent)
    error = office.refused()
    assert (error.code, error.facts["codes"]) == ("plan.priority_clash", ["a", "b"])
    plan, _ = office.make(precedence=("b", "a"))
    assert plan.precedence == ("b", "a")
    assert office.make()[0] == plan
    for rundown in office.rundowns():
        codes = [item.bulletin for item in rundown.items if item.bulletin]
        assert codes in (["b", "a"], ["b"], ["a"], [])
    assert office.make("Đổi thứ tự", precedence=("a", "b"))[0].number == 1


def test_a_plan_that_breaks_a_rule_is_not_kept(office: Office) -> None:
    office.approved(a_bulletin("a", repeats=1))

    def careless(_: Instance, **__: object) -> Solution:
        return Solution(((0, 0), (0, 1), (0, 2)), 1.0, 1.0)

    with pytest.raises(PlanError) as caught:
        office.planning.make(MONDAY, OWN, careless)
    assert caught.value.code == "plan.broken"
    assert office.desk.store.plans(MONDAY) == []


def test_killed_between_plan_and_rundowns_the_next_run_writes_them(office: Office) -> None:
    office.approved(a_bulletin("a"))
    plan, _ = office.make()
    expected = [r.hash for r in office.rundowns()]
    office.desk.store._rundowns.clear()
    assert office.make()[0] == plan
    assert [r.hash for r in office.rundowns()] == expected


def test_the_plan_in_force(office: Office) -> None:
    with pytest.raises(PlanError) as caught:
        office.planning.latest(MONDAY)
    assert caught.value.code == "plan.none"
    office.approved(a_bulletin("a"))
    plan, _ = office.make()
    assert office.planning.latest(MONDAY) == plan


def test_a_bulletin_for_a_zone_that_is_gone_does_not_stop_the_others(office: Office) -> None:
    office.approved(
        a_bulletin("a"), a_bulletin("cu", zones=("thon_cu",)), replace(a_bulletin("cu2"), zones=("thon_cu",))
    )
    plan, _ = office.make()
    assert {slot.bulletin for slot in plan.slots} == {"a"}
    assert {s.bulletin for s in plan.shortfalls if s.code == "plan.zone_unknown"} == {"cu", "cu2"}
