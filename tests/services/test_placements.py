"""What a person wants of single airings is kept, remembered, and told where it cannot be."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from broadcaster.domain.bulletin import Kind
from broadcaster.domain.planning.facts import Place
from broadcaster.domain.planning.plan import Placement, Plan
from broadcaster.errors import PlanError
from broadcaster.units import digest, plain
from tests.domain.values import MONDAY, a_bulletin, ms
from tests.services.test_approving import desk
from tests.services.test_planning import OWN, Office, office, solved

__all__ = ["desk", "office"]
FAR = MONDAY + timedelta(days=40)


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


def against(office: Office, code: str, source: Place | None = None) -> dict[str, tuple[str, bool]]:
    """What stands against a bulletin, by `day session`."""
    found = office.planning.obstacles(MONDAY, OWN, code, source)[1]
    return {f"{day} {session}": (one.code, one.firm) for (day, session), one in found.items()}


def test_what_stands_against_a_session_is_told_before_anything_is_tried(office: Office) -> None:
    tuesday = MONDAY + timedelta(days=1)
    office.approved(
        a_bulletin("a", repeats=1),
        a_bulletin("ngan", valid_from=tuesday, valid_to=tuesday),
        a_bulletin("bai", kind=Kind.BAI, repeats=1),
    )
    office.desk.voiced(a_bulletin("cho"))
    first, _ = office.make()
    slot = next(slot for slot in first.slots if slot.bulletin == "a")
    assert against(office, "a") == {f"{slot.day} {slot.session}": ("opening.there", True)}
    short = against(office, "ngan")
    days = {key.split()[0] for key, (code, _) in short.items() if code == "opening.dates"}
    assert days == {str(MONDAY + timedelta(days=n)) for n in range(7) if n != 1}
    assert {code for code, _ in against(office, "cho").values()} == {"plan.not_submitted"}
    assert len(against(office, "cho")) == 14
    assert {code for code, _ in against(office, "khong_co").values()} == {"opening.unknown"}
    # A feature wants two sessions between its airings; one that is moved away does not stand in its own way.
    pin = Placement("bai", MONDAY, "sang", wanted=True)
    made(office, [pin])
    near = [key for key, (code, _) in against(office, "bai").items() if code == "opening.near"]
    assert near == [f"{MONDAY} chieu", f"{tuesday} sang"]
    moved = against(office, "bai", (MONDAY, "sang"))
    assert "opening.near" not in {code for code, _ in moved.values()}


def test_what_has_begun_is_closed_and_what_was_aired_counts(office: Office) -> None:
    office.approved(a_bulletin("a", repeats=1))
    first, _ = office.make()
    slot = first.slots[0]
    start = next(s for s in office.station.sessions_on(slot.day) if s.code == slot.session)
    office.desk.clock.step(office.station.start_of(start, slot.day) + timedelta(minutes=1) - office.desk.clock.now())
    found = against(office, "a")
    assert found[f"{slot.day} {slot.session}"] == ("opening.begun", True)
    assert {code for code, _ in found.values()} == {"opening.begun", "opening.aired"}


def test_a_full_session_warns_and_one_full_of_pins_is_closed(office: Office) -> None:
    short = tuple(replace(session, cap=ms(200), relays=()) for session in office.station.sessions)
    office.station = replace(office.station, sessions=short)
    office.planning = replace(office.planning, station=office.station)
    office.approved(*(a_bulletin(f"b{n}") for n in range(12)))
    first, _ = office.make()
    by_place: dict[Place, set[str]] = {}
    for slot in first.slots:
        by_place.setdefault((slot.day, slot.session), set()).add(slot.bulletin)
    place, inside = max(by_place.items(), key=lambda entry: len(entry[1]))
    outside = next(f"b{n}" for n in range(12) if f"b{n}" not in inside)
    key = f"{place[0]} {place[1]}"
    assert against(office, outside)[key] == ("opening.full", False)
    plan = made(office, [Placement(code, *place, wanted=True) for code in inside])
    assert inside <= {slot.bulletin for slot in plan.slots if (slot.day, slot.session) == place}
    assert against(office, outside)[key] == ("opening.pins", True)


def test_who_insists_on_a_pin_that_cannot_be_gets_no_plan(office: Office) -> None:
    office.approved(a_bulletin("a", valid_to=MONDAY))
    first, _ = office.make()
    late = Placement("a", MONDAY + timedelta(days=3), "sang", wanted=True)
    with pytest.raises(PlanError) as caught:
        office.planning.make(MONDAY, OWN, solved, reason="thử", placements=[late], insist=True)
    assert caught.value.code == "plan.refused"
    assert [finding.code for finding in caught.value.findings] == ["opening.dates"]
    assert office.planning.latest(MONDAY) == first
    assert made(office, [late]).placements == (late,)  # who does not insist is told afterwards, as before


def test_what_is_approved_and_has_no_airing_waits(office: Office) -> None:
    office.approved(a_bulletin("a"))
    first, _ = office.make()
    office.approved(a_bulletin("b"), a_bulletin("cu", valid_from=FAR, valid_to=FAR))
    office.desk.voiced(a_bulletin("nhap"))
    assert [one.code for one in office.planning.waiting(first, office.desk.store.bulletins())] == ["b"]
