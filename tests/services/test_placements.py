"""What a person wants of single airings is kept, remembered, and told where it cannot be."""

from collections.abc import Sequence

import pytest

from broadcaster.domain.planning.plan import Placement, Plan
from broadcaster.errors import PlanError
from broadcaster.units import digest, plain
from tests.domain.values import MONDAY, a_bulletin
from tests.services.test_approving import desk
from tests.services.test_planning import OWN, Office, office, solved

__all__ = ["desk", "office"]


def there(plan: Plan) -> set[tuple[str, str, str]]:
    return {(slot.bulletin, slot.day.isoformat(), slot.session) for slot in plan.slots}


def made(office: Office, placements: Sequence[Placement] | None = None, reason: str = "ghim") -> Plan:
    return office.planning.make(MONDAY, OWN, solved, reason=reason, placements=placements)[0]


def another_session(office: Office, plan: Plan, code: str) -> Placement:
    """A session in which a bulletin could be and is not."""
    taken = there(plan)
    day, session = next(
        (day, session.code)
        for offset in range(6, -1, -1)
        for day in [MONDAY.fromordinal(MONDAY.toordinal() + offset)]
        for session in office.station.sessions_on(day)
        if (code, day.isoformat(), session.code) not in taken
    )
    return Placement(code, day, session, wanted=True)


def test_a_pin_is_kept_and_remembered_by_the_next_amendment(office: Office) -> None:
    office.approved(a_bulletin("a", repeats=1), a_bulletin("b"))
    first, _ = office.make()
    pin = another_session(office, first, "a")
    plan = made(office, [pin])
    assert plan.number == 1
    assert (pin.bulletin, pin.day.isoformat(), pin.session) in there(plan)
    office.approved(a_bulletin("c"))
    later = made(office, reason="thêm c")
    assert later.placements == (pin,)
    assert (pin.bulletin, pin.day.isoformat(), pin.session) in there(later)
    assert office.planning.latest(MONDAY) == later


def test_an_exclusion_is_kept_and_undone_by_an_empty_list(office: Office) -> None:
    office.approved(a_bulletin("a"))
    first, _ = office.make()
    slot = first.slots[0]
    out = Placement(slot.bulletin, slot.day, slot.session, wanted=False)
    plan = made(office, [out])
    assert (slot.bulletin, slot.day.isoformat(), slot.session) not in there(plan)
    assert made(office, []).placements == ()


def test_a_bulletin_left_out_of_the_week_says_so(office: Office) -> None:
    office.approved(a_bulletin("a"), a_bulletin("b"))
    first, _ = office.make()
    days = {slot.day for slot in first.slots} | {MONDAY.fromordinal(MONDAY.toordinal() + n) for n in range(7)}
    out = [Placement("a", day, s.code, wanted=False) for day in days for s in office.station.sessions_on(day)]
    plan = made(office, out)
    assert {slot.bulletin for slot in plan.slots} == {"b"}
    assert [s.code for s in plan.shortfalls if s.bulletin == "a"] == ["plan.left_out"]


def test_what_cannot_be_is_told_and_the_rest_is_planned(office: Office) -> None:
    office.approved(a_bulletin("a"))
    first, _ = office.make()
    slot = first.slots[0]
    both = [Placement("a", slot.day, slot.session, wanted=wanted) for wanted in (True, False)]
    gone = Placement("khong_co", slot.day, slot.session, wanted=True)
    _, findings = office.planning.make(MONDAY, OWN, solved, reason="thử", placements=[*both, gone])
    codes = [finding.code for finding in findings]
    assert codes.count("placement.closed") == codes.count("placement.gone") == 1
    assert "placement.closed" in [f.code for f in office.planning.check(MONDAY, OWN)[1]]


def test_placements_are_a_change_that_needs_a_reason(office: Office) -> None:
    office.approved(a_bulletin("a"))
    first, _ = office.make()
    with pytest.raises(PlanError) as caught:
        made(office, [another_session(office, first, "a")], reason=" ")
    assert caught.value.code == "plan.reason"
    assert office.planning.latest(MONDAY) == first


def test_a_plan_without_placements_keeps_its_hash_of_before(office: Office) -> None:
    office.approved(a_bulletin("a"))
    plan, _ = office.make()

    told = plain(plan)
    told.pop("placements")
    assert plan.hash == digest("plan", told)
