"""Amending in mid-week: what has begun stays to the letter, and whatever is taken out, a plan comes of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.bulletin import Kind
from broadcaster.domain.planning.amending import keep_begun
from broadcaster.domain.planning.candidate import Candidate
from broadcaster.domain.planning.model import solve
from broadcaster.domain.planning.outcome import plan_from
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.planning.verify import violations
from broadcaster.domain.planning.week import Week, build_week
from broadcaster.domain.rundown import ITEM_GAP
from broadcaster.domain.station import Session, Station
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.errors import Severity
from broadcaster.units import Milliseconds, digest
from tests.domain.values import a_bulletin, a_session, a_station

MONDAY = date(2026, 11, 23)
KINDS = (Kind.TIN, Kind.THONG_BAO, Kind.BAI, Kind.HOI_DAP)
STATION = a_station(sessions=(a_session("sang"), a_session("chieu", start=time(17, 30))))


def candidates(count: int, version: str = "") -> list[Candidate]:
    return [
        Candidate(
            replace(
                a_bulletin(code=f"b{n}"),
                kind=KINDS[n % 4],
                valid_from=MONDAY,
                valid_to=MONDAY + timedelta(days=6),
                min_consecutive_days=3 if n % 3 == 0 else 0,
            ),
            digest("master", n, version),
            Milliseconds(60_000),
        )
        for n in range(count)
    ]


def a_week(station: Station, ready: Sequence[Candidate]) -> Week:
    bulletins = [candidate.bulletin for candidate in ready]
    by_code = {candidate.bulletin.code: candidate for candidate in ready}

    def room(_: date, session: Session) -> Milliseconds:
        return session.cap

    return build_week(station, MONDAY, bulletins, by_code, {}, room, ITEM_GAP, shipped_taxonomy())


def planned(week: Week, number: int) -> Plan:
    solution = solve(week.instance, work_limit=0.1)
    errors = [finding for finding in violations(week.instance, solution) if finding.severity is Severity.ERROR]
    assert errors == []
    return plan_from(week, solution, number, "", ())


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 7), st.sets(st.integers(0, 6), max_size=5), st.integers(0, 13))
def test_whatever_is_withdrawn_the_rest_is_planned_and_the_past_stays(count: int, gone: set[int], begun: int) -> None:
    everything = candidates(count)
    before = planned(a_week(STATION, everything), 0)
    # What is left has been voiced anew: the past must not bear the new masters.
    left = [c for n, c in enumerate(candidates(count, "new")) if n not in gone]
    week = a_week(STATION, left)
    past = {(day, session.code) for day, session in week.sessions[:begun]}
    after = planned(keep_begun(week, before, past), 1)
    assert [s for s in after.slots if (s.day, s.session) in past] == [
        s for s in before.slots if (s.day, s.session) in past
    ]
    fresh = [s for s in after.slots if (s.day, s.session) not in past]
    assert {s.bulletin for s in fresh} <= {c.bulletin.code for c in left}
    assert {s.master for s in fresh} <= {c.master for c in left}


def test_taking_one_out_costs_the_others_nothing() -> None:
    everything = candidates(6)
    before = planned(a_week(STATION, everything), 0)
    week = a_week(STATION, everything[:-1])
    past = {(day, session.code) for day, session in week.sessions[:5]}
    after = planned(keep_begun(week, before, past), 1)
    for candidate in everything[:-1]:
        code = candidate.bulletin.code
        aired = [sum(slot.bulletin == code for slot in plan.slots) for plan in (before, after)]
        assert aired[1] >= aired[0], code


def test_another_hour_is_another_plan() -> None:
    ready = candidates(2)
    early, late = a_station(sessions=(a_session("sang"),)), a_station(sessions=(a_session("sang", start=time(6, 30)),))
    assert a_week(early, ready).inputs != a_week(late, ready).inputs
    renamed = a_station(sessions=(a_session("buoi_sang"),))
    assert a_week(early, ready).inputs != a_week(renamed, ready).inputs
