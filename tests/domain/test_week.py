"""From the station to the planner's instance and back: nothing gets lost on either way, and nothing is made up."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.bulletin import Bulletin, Kind, Priority
from broadcaster.domain.planning.candidate import Candidate
from broadcaster.domain.planning.greedy import greedy
from broadcaster.domain.planning.instance import Solution
from broadcaster.domain.planning.outcome import plan_from
from broadcaster.domain.planning.rules.priorities import clashes
from broadcaster.domain.planning.shape import OTHER, TARGET, value_of
from broadcaster.domain.planning.week import Week, build_week
from broadcaster.domain.station import Station, Thon, Zone
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.units import SECOND, Milliseconds, digest
from tests.domain.values import MONDAY, a_bulletin, a_session, a_station, ms

GAP = Milliseconds(2000)
FREE = ms(1500)
DAY = timedelta(days=1)


def a_week(
    bulletins: Sequence[Bulletin],
    station: Station | None = None,
    seconds: float = 60,
    reasons: Mapping[str, str] | None = None,
) -> Week:
    station = station or a_station()
    reasons = reasons or {}
    ready = {b.code: Candidate(b, digest("master", b.code), ms(seconds)) for b in bulletins if b.code not in reasons}
    return build_week(station, MONDAY, bulletins, ready, reasons, lambda *_: FREE, GAP, shipped_taxonomy())


def a_candidate(code: str, **changes: object) -> Candidate:
    return Candidate(a_bulletin(code, **changes), digest(code), ms(60))


@st.composite
def batches(draw: st.DrawFn) -> list[Bulletin]:
    out = []
    for number in range(draw(st.integers(0, 6))):
        first = draw(st.integers(-8, 8))
        out.append(
            a_bulletin(
                f"b{number}",
                kind=draw(st.sampled_from(Kind)),
                topic=draw(st.sampled_from(["mot_cua", "moi_truong"])),
                zones=draw(st.sampled_from([("toan_xa",), ("thon_dong",), ("thon_doai", "thon_dong"), ("thon_ma",)])),
                valid_from=MONDAY + first * DAY,
                valid_to=MONDAY + (first + draw(st.integers(0, 9))) * DAY,
                min_consecutive_days=draw(st.sampled_from([0, 0, 3])),
                repeats=draw(st.sampled_from([0, 1, 4])),
            )
        )
    return out


@settings(max_examples=60, deadline=None)
@given(batches(), st.sets(st.integers(0, 5)), st.sampled_from([20, 61.5, 700, 3000]))
def test_every_bulletin_is_a_candidate_or_a_shortfall(
    batch: list[Bulletin], not_ready: set[int], seconds: float
) -> None:
    reasons = {b.code: "plan.not_approved" for n, b in enumerate(batch) if n in not_ready}
    station = a_station()
    week = a_week(batch, station, seconds, reasons)
    told = [shortfall.bulletin for shortfall in week.shortfalls]
    planned = [c.bulletin.code for c in week.candidates]
    assert sorted([*told, *planned]) == sorted(b.code for b in batch)
    assert len(week.instance.sessions) == len(week.sessions) == 14
    for candidate, spec in zip(week.candidates, week.instance.bulletins, strict=True):
        text = candidate.bulletin
        days = [week.sessions[n][0] for n in range(spec.first, spec.last + 1)]
        assert all(text.valid_from <= day <= text.valid_to for day in days)
        outside = [day for n, (day, _) in enumerate(week.sessions) if not spec.first <= n <= spec.last]
        assert not any(text.valid_from <= day <= text.valid_to for day in outside)
        covered = frozenset().union(*(week.zones[z].clusters for z in spec.zones))
        assert covered == station.clusters_of(text.zones)
        assert spec.zones
        assert (spec.duration - 1) * SECOND < candidate.duration_ms + GAP <= spec.duration * SECOND
        assert spec.repeats >= max(text.airings_wanted, spec.consecutive_days - len(spec.aired_days))
        assert spec.topic == (TARGET if text.topic == "mot_cua" else OTHER)


@settings(max_examples=60, deadline=None)
@given(batches(), st.sampled_from([20, 700, 3000]))
def test_a_plan_says_what_the_solution_says(batch: list[Bulletin], seconds: float) -> None:
    station = a_station()
    week = a_week(batch, station, seconds)
    solution = greedy(week.instance)
    plan = plan_from(week, solution, 2, "vì", ("b1",))
    assert (plan.number, plan.reason, plan.precedence, plan.inputs) == (2, "vì", ("b1",), week.inputs)
    assert len(plan.slots) == len(solution.airings)
    by_code = {c.bulletin.code: c for c in week.candidates}
    for slot in plan.slots:
        text = by_code[slot.bulletin].bulletin
        assert text.valid_from <= slot.day <= text.valid_to
        assert slot.session in station.session_by_code
        assert station.clusters_of(text.zones) == frozenset().union(
            *(zone.clusters for zone in week.zones if zone.code in slot.zones)
        )
        assert slot.master == by_code[slot.bulletin].master
    given_to = {code: sum(slot.bulletin == code for slot in plan.slots) for code in by_code}
    short = {code for code, text in by_code.items() if given_to[code] < text.bulletin.airings_wanted}
    assert short <= {shortfall.bulletin for shortfall in plan.shortfalls}
    # What fits a session as the planner counts it fits in fact.
    for day, session in week.sessions:
        for zone in week.zones:
            there = [s for s in plan.slots if (s.day, s.session) == (day, session.code) and zone.code in s.zones]
            assert sum(slot.duration_ms + GAP for slot in there) <= FREE


@settings(max_examples=30, deadline=None)
@given(batches(), st.randoms(use_true_random=False))
def test_the_week_does_not_depend_on_the_order_of_the_bulletins(batch: list[Bulletin], rng: object) -> None:
    mixed = list(batch)
    rng.shuffle(mixed)  # type: ignore[attr-defined]
    assert a_week(mixed).inputs == a_week(batch).inputs


def test_inputs_move_with_what_decides_the_plan() -> None:
    usual = [a_bulletin("a"), a_bulletin("b")]
    weeks = [
        a_week(usual),
        a_week(usual[:1]),
        a_week([usual[0], a_bulletin("b", title="khác")]),
        a_week(usual, a_station([a_session()])),
        a_week(usual, seconds=61),
    ]
    assert len({week.inputs for week in weeks}) == len(weeks)


def test_a_thon_that_was_merged_away_does_not_hold_back_the_rest() -> None:
    station = a_station()
    last = date(2025, 6, 30)
    merged = replace(
        station, clusters=tuple(replace(c, valid_to=last) if c.thon == "thon_doai" else c for c in station.clusters)
    )
    week = a_week([a_bulletin("a")], merged)
    assert len(week.instance.allowed[0]) == 14
    assert [zone.code for zone in week.zones] == ["thon_dong"]


def test_a_thon_that_begins_in_the_middle_of_the_week_is_reached_from_then_on() -> None:
    station = a_station()
    begins = MONDAY + 3 * DAY
    late = replace(
        station, clusters=tuple(replace(c, valid_from=begins) if c.thon == "thon_doai" else c for c in station.clusters)
    )
    week = a_week([a_bulletin("a")], late)
    assert len(week.instance.allowed[0]) == 14
    assert {zone.code for zone in week.zones} == {"thon_dong", "thon_doai"}


@pytest.mark.parametrize(
    ("bulletin", "code"),
    [
        (a_bulletin("x", valid_to=MONDAY - DAY, valid_from=MONDAY - 3 * DAY), "plan.expired"),
        (a_bulletin("x", valid_from=MONDAY + 7 * DAY, valid_to=MONDAY + 9 * DAY), "plan.not_yet"),
        (a_bulletin("x", zones=("thon_ma",)), "plan.zone_unknown"),
        (a_bulletin("x", zones=("thon_moi",)), "plan.no_cluster"),
    ],
)
def test_why_a_bulletin_is_not_planned(bulletin: Bulletin, code: str) -> None:
    station = a_station()
    station = replace(
        station,
        thons=(*station.thons, Thon("thon_moi", "thôn Mới")),
        zones=(*station.zones, Zone("thon_moi", "thôn Mới", frozenset())),
    )
    week = a_week([bulletin], station)
    assert [shortfall.code for shortfall in week.shortfalls] == [code]
    assert plan_from(week, Solution((), 0.0, 0.0), 0, "", ()).slots == ()


@pytest.mark.parametrize(("seconds", "code"), [(FREE / 1000, "plan.too_long"), (FREE / 1000 - 2, "plan.no_room")])
def test_too_long_is_not_no_room(seconds: float, code: str) -> None:
    station = a_station()
    week = a_week([a_bulletin("a")], station, seconds)
    plan = plan_from(week, Solution((), 0.0, 0.0), 0, "", ())
    assert [shortfall.code for shortfall in plan.shortfalls] == [code]


def test_a_bulletin_that_got_less_than_it_asked_for() -> None:
    station = a_station()
    week = a_week([a_bulletin("a", repeats=4), a_bulletin("b", repeats=2, min_consecutive_days=3)], station)
    plan = plan_from(week, Solution(((0, 0), (1, 0), (1, 2)), 1.0, 2.0, (1,)), 0, "", ())
    assert [(s.bulletin, s.code, s.facts["given"]) for s in plan.shortfalls] == [
        ("a", "plan.fewer", 1),
        ("b", "plan.short_run", 2),
    ]


def test_more_urgent_is_never_worth_less() -> None:
    taxonomy = shipped_taxonomy()
    for topic in taxonomy.topics:
        values = [value_of(a_bulletin("a", topic=topic, priority=p), taxonomy) for p in Priority]
        assert values == sorted(values, reverse=True)
    by_topic = [value_of(a_bulletin("a", topic=topic), taxonomy) for topic in ("mot_cua", "papi", "moi_truong")]
    assert by_topic == sorted(by_topic, reverse=True)
    assert len(set(by_topic)) == 3


URGENT = {"priority": Priority.UU_TIEN}


@pytest.mark.parametrize(
    ("one", "other", "precedence", "clash"),
    [
        (URGENT, URGENT, (), True),
        (URGENT, URGENT, ("a", "b"), False),
        (URGENT, URGENT, ("a",), True),
        (URGENT, {}, (), False),
        ({**URGENT, "zones": ("thon_dong",)}, {**URGENT, "zones": ("thon_doai",)}, (), False),
        ({**URGENT, "zones": ("thon_dong",)}, URGENT, (), True),
        ({**URGENT, "valid_to": MONDAY}, {**URGENT, "valid_from": MONDAY + DAY}, (), False),
        ({**URGENT, "valid_to": MONDAY}, {**URGENT, "valid_from": MONDAY}, (), True),
    ],
)
def test_two_urgent_pieces_wait_for_a_person_s_word(
    one: dict[str, object], other: dict[str, object], precedence: tuple[str, ...], *, clash: bool
) -> None:
    found = clashes([a_bulletin("a", **one), a_bulletin("b", **other)], a_station(), precedence)
    assert found == ([("a", "b")] if clash else [])


def test_a_session_for_one_thon_alone_has_no_room_for_the_others() -> None:
    station = a_station([a_session(zones=frozenset({"thon_dong"})), a_session("chieu", time(17, 30))])
    week = a_week([a_bulletin("a"), a_bulletin("b", zones=("thon_dong",))], station)
    assert [len(allowed) for allowed in week.instance.allowed] == [7, 14]
