"""Explanations: the set of demands is minimal, the amounts are exact, and who would have to yield is named."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.planning.explain import Demand, explain, reach
from broadcaster.domain.planning.explain import _keeping as keeping
from broadcaster.domain.planning.forecast import forecast
from broadcaster.domain.planning.instance import (
    BulletinSpec,
    Instance,
    QuotaSpec,
    SessionSpec,
    Solution,
    ZoneSpec,
)
from broadcaster.domain.planning.model import solve
from broadcaster.domain.station import Target
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.units import MINUTE
from tests.domain.values import MONDAY, a_bulletin, a_plan, a_slot
from tests.planning.cases import random_instance


def solved(instance: Instance) -> Solution:
    return solve(instance, work_limit=2)


PLAIN = BulletinSpec((0,), 60, 1.0, 0, 3, 2, 0, 1, must=False)


def week(*bulletins: BulletinSpec, capacity: tuple[int, ...] = (300, 300, 300, 300), **changes: object) -> Instance:
    made = Instance(
        sessions=tuple(SessionSpec(1.0, day) for day in range(len(capacity))),
        zones=(ZoneSpec(1.0, capacity),),
        bulletins=bulletins,
        max_items=9,
        quota=QuotaSpec(0, 0.0),
        repeat_bonus=(1.0, 0.5),
        must_penalty=20.0,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def why(instance: Instance, b: int = 0) -> dict[Demand, dict[str, object]]:
    told = explain(instance, solved(instance), b, solved)
    assert told.hard
    return {reason.demand: reason.facts for reason in told.reasons}


def test_too_long_for_every_session_by_four_minutes_and_ten_seconds() -> None:
    assert why(week(replace(PLAIN, duration=550))) == {Demand.CAPACITY: {"zone": 0, "session": 0, "seconds": 250}}


def test_more_airings_than_its_dates_have_sessions() -> None:
    assert why(week(replace(PLAIN, first=1, last=1))) == {Demand.WINDOW: {"sessions": 1}}


def test_the_dates_would_do_if_the_airings_could_be_nearer() -> None:
    assert why(week(replace(PLAIN, last=1, gap=1))) in (
        {Demand.WINDOW: {"sessions": 2}, Demand.SPACING: {"gap": 1}},
        {Demand.SPACING: {"gap": 1}, Demand.WINDOW: {"sessions": 2}},
    )


def test_sessions_that_cannot_be_used() -> None:
    found = why(week(replace(PLAIN, last=1, excluded=(0, 1))))
    assert found == {Demand.EXCLUSION: {"sessions": 2}, Demand.WINDOW: {"sessions": 2}}


def test_the_quota_asks_for_so_many_seconds_of_its_topic() -> None:
    # 60 s of another topic under a share of 40 % need 40 s of the target group; there are none at all.
    found = why(week(PLAIN, quota=QuotaSpec(0, 0.4)))
    assert found == {Demand.QUOTA: {"zone": 0, "seconds": 40, "share": 0.4}}


def test_what_is_worth_more_stands_in_the_way_and_is_named() -> None:
    dear = [replace(PLAIN, duration=200, value=5.0, first=s, last=s, repeats=1) for s in range(2)]
    instance = week(replace(PLAIN, duration=120, last=1, repeats=1), *dear, capacity=(300, 290))
    told = explain(instance, solved(instance), 0, solved)
    assert (told.hard, told.given, told.wanted) == (False, 0, 1)
    assert [(r.demand, r.facts) for r in told.reasons] == [(Demand.CAPACITY, {"zone": 0, "session": 0, "seconds": 20})]
    assert told.yielding == (1,)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_the_set_is_a_conflict_and_each_demand_of_it_is_needed(seed: int) -> None:
    instance = random_instance(seed, sessions=5, zones=2, bulletins=4)
    solution = solved(instance)
    for b, spec in enumerate(instance.bulletins):
        if sum(other == b for other, _ in solution.airings) >= spec.repeats:
            continue
        told = explain(instance, solution, b, solved)
        assert told.given <= told.most <= spec.repeats
        if told.hard:
            kept = [reason.demand for reason in told.reasons]
            assert reach(keeping(instance, b, kept), b, solved) < spec.repeats
            for demand in kept:
                rest = [one for one in kept if one is not demand]
                assert reach(keeping(instance, b, rest), b, solved) >= spec.repeats, (b, kept, demand)


def test_the_forecast_counts_as_the_audit_does() -> None:
    bulletins = {
        code: a_bulletin(code, topic=topic) for code, topic in (("a", "mot_cua"), ("b", "papi"), ("c", "moi_truong"))
    }
    plan = a_plan([a_slot("a", 120), a_slot("b", 60), a_slot("c", 60, day=MONDAY.replace(day=24))])
    told = forecast(plan, bulletins, shipped_taxonomy(), Target(growth=0.2, baseline_minutes_per_day=2.0))
    assert told.by_topic == {"moi_truong": 60_000, "mot_cua": 120_000, "papi": 60_000}
    assert (told.days, told.total_ms, told.target_ms, told.focus_ms) == (2, 240_000, 180_000, 120_000)
    assert (told.target_share, told.focus_share) == (0.75, pytest.approx(2 / 3))
    assert told.growth == pytest.approx(-0.25)
    assert told.missing_ms == 4.8 * MINUTE - 180_000
    nothing = forecast(a_plan(), bulletins, shipped_taxonomy(), Target())
    assert (nothing.growth, nothing.target_share, nothing.minutes_per_day, nothing.missing_ms) == (None, 0.0, 0.0, 0)
