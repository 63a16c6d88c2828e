"""Soft goals: each pulls where it should, none breaks a rule, and a weight of 0 pulls nowhere."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from broadcaster.domain.goals import Goals
from broadcaster.domain.planning.instance import Solution
from broadcaster.domain.planning.week import Week
from broadcaster.domain.planning.wishes import fresh, satisfaction, second_look, signed, together
from broadcaster.domain.station import Station
from tests.domain.values import MONDAY, a_bulletin, a_plan, a_slot
from tests.planning.office import Office, demo_station, quick
from tests.planning.test_weeks import demo_like

DAY = timedelta(days=1)


def week(*texts: object, station: Station | None = None, **goals: float) -> Week:
    office = Office(replace(station or demo_like(), goals=Goals(**goals)), datetime(2026, 11, 20, 8).astimezone())
    for bulletin in texts:
        office.approve(bulletin, 30)  # type: ignore[arg-type]
    return office.planning.week(office.planning.facts(MONDAY, ()), MONDAY)


def test_news_pulls_towards_its_first_day() -> None:
    rewards = fresh(week(a_bulletin("a", valid_from=MONDAY + 2 * DAY)))
    days = [rewards[0, s] for s in range(4, 14)]
    assert days == sorted(days, reverse=True)
    assert days[0] > days[-1] > 0
    assert fresh(week(a_bulletin("a"), fresh=0)) == {}


def test_what_is_only_heard_in_the_morning_pulls_towards_the_evening() -> None:
    it = week(a_bulletin("a"), fairness=0, variety=0, filled=0)
    rewards = second_look(it, Solution(((0, 0), (0, 2)), 0.0, 0.0))
    assert set(rewards) == {(0, 1)}
    assert second_look(it, Solution(((0, 0), (0, 3)), 0.0, 0.0)) == {}
    quiet = week(a_bulletin("a"), fairness=0, variety=0, filled=0, both_halves=0)
    assert second_look(quiet, Solution(((0, 0), (0, 2)), 0.0, 0.0)) == {}


def test_the_zone_that_hears_least_the_unit_and_the_empty_session() -> None:
    texts = (
        a_bulletin("a", zones=("thon_doai",), lead_unit="Công an"),
        a_bulletin("b", zones=("thon_dong",), lead_unit="Văn phòng"),
    )
    only = {"both_halves": 0.0, "fairness": 0.0, "variety": 0.0, "filled": 0.0}
    sung = Solution(((0, 0), (0, 1)), 0.0, 0.0)
    assert {b for b, _ in second_look(week(*texts, **{**only, "fairness": 1.0}), sung)} == {1}
    assert {b for b, _ in second_look(week(*texts, **{**only, "variety": 1.0}), sung)} == {1}
    # What is aired twice may fill an empty session of its own zone; of the other zone nothing is there to be moved.
    assert set(second_look(week(*texts, **{**only, "filled": 1.0}), sung)) == {(0, s) for s in range(2, 14)}


def test_what_is_signed_pulls_to_its_place_and_nothing_else_does() -> None:
    it = week(a_bulletin("a"))
    before = a_plan([a_slot("a", session="chieu"), a_slot("gone")])
    assert set(signed(it, before)) == {(0, 1)}
    assert signed(it, None) == {}
    assert together({(0, 1): 1.0}, {(0, 1): 2.0, (0, 2): 1.0}) == {(0, 1): 3.0, (0, 2): 1.0}


@pytest.mark.parametrize("better", [
    (Solution(((0, 0), (0, 2)), 0, 0), Solution(((0, 0), (0, 3)), 0, 0)),  # both halves of the day
    (Solution(((0, 12), (0, 13)), 0, 0), Solution(((0, 0), (0, 1)), 0, 0)),  # fresh
    (Solution(((0, 0), (1, 0)), 0, 0), Solution(((0, 0), (1, 1)), 0, 0)),  # filled
])  # fmt: skip
def test_satisfaction_tells_the_better_plan(better: tuple[Solution, Solution]) -> None:
    it = week(a_bulletin("a"), a_bulletin("b", lead_unit="Công an"))
    worse, good = better
    assert satisfaction(it, worse) < satisfaction(it, good)


def test_the_demo_week_is_heard_in_both_halves_and_in_every_session() -> None:
    monday = date(2026, 11, 23)
    office = Office(demo_station(), datetime.fromisoformat("2026-11-20T15:00:00+07:00"))
    office.approve_demo(monday)
    plan, findings = office.make(monday, solver=quick)
    assert findings == ()
    heard = {(slot.day, slot.session) for slot in plan.slots}
    assert len(heard) == 14
    for code in {slot.bulletin for slot in plan.slots}:
        halves = {slot.session for slot in plan.slots if slot.bulletin == code}
        assert len(halves) == 2, code
