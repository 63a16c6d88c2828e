"""The station: parts of the network that always play the same, sessions in its own time, an inspector's check."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.station import (
    PRESETS,
    WHOLE_COMMUNE,
    Cluster,
    QuietHours,
    Station,
    Zone,
    check_station,
    week_days,
    week_start,
)
from broadcaster.errors import Severity
from broadcaster.units import MINUTE, Milliseconds
from tests.domain.values import MONDAY, a_relay, a_session, a_station

CODES = ["a", "b", "c", "d", "e", "f"]


@st.composite
def zoned(draw: st.DrawFn) -> Station:
    """Any zones over any clusters; codes of zones and clusters come from one small alphabet, so that they meet."""
    clusters = draw(st.lists(st.sampled_from(CODES), min_size=1, unique=True))
    names = draw(st.lists(st.sampled_from(CODES), max_size=4, unique=True))
    members = st.frozensets(st.sampled_from(clusters))
    zones = [Zone(WHOLE_COMMUNE, "Toàn xã", frozenset(clusters)), *(Zone(code, code, draw(members)) for code in names)]
    return a_station(clusters=tuple(Cluster(code, f"Cụm {code}", "thon_dong") for code in clusters), zones=tuple(zones))


@given(zoned())
def test_air_zones_are_the_coarsest_parts_that_no_zone_cuts(station: Station) -> None:
    parts = station.air_zones()
    codes = [part.code for part in parts]
    assert sorted(code for part in parts for code in part.clusters) == sorted(c.code for c in station.clusters)
    assert len(set(codes)) == len(codes), "two parts of one code would share rundowns"
    for zone in station.zones:
        assert all(part.clusters <= zone.clusters or not part.clusters & zone.clusters for part in parts)
    for one, other in combinations(parts, 2):
        apart = [z for z in station.zones if (one.clusters <= z.clusters) != (other.clusters <= z.clusters)]
        assert apart, "two parts that no zone tells apart should be one"
    for part in parts:
        declared = [zone for zone in station.zones if zone.clusters == part.clusters]
        assert not declared or part in declared
        clash = station.zone_by_code.get(part.code)
        assert clash is None or clash.clusters == part.clusters, "a part must not bear the code of another zone"


def test_air_zones_do_not_depend_on_the_hash_seed() -> None:
    assert [zone.code for zone in a_station().air_zones()] == ["thon_dong", "thon_doai"]


def test_a_part_without_a_zone_of_its_own_says_where_it_is() -> None:
    station = a_station()
    station = replace(station, zones=(*station.zones, Zone("de", "Khu đê", frozenset({"dong_2"}))))
    assert [(part.name, part.clusters) for part in station.air_zones()] == [
        ("thôn Đông (Nhà văn hóa)", {"dong_1"}),
        ("Khu đê", {"dong_2"}),
        ("thôn Đoài", {"doai_1"}),
    ]


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_a_week_has_its_sunday(day: date) -> None:
    days = week_days(week_start(day))
    assert day in days
    assert [d.weekday() for d in days] == [0, 1, 2, 3, 4, 5, 6]


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.times().map(lambda t: t.replace(microsecond=0)))
def test_a_session_starts_at_its_local_time(day: date, start: time) -> None:
    station = a_station()
    instant = station.start_of(a_session(start=start), day)
    assert instant.tzinfo is UTC
    local = station.local(instant)
    assert (local.date(), local.time()) == (day, start)


def test_sessions_of_a_day_are_in_order() -> None:
    sessions = [a_session("b", time(17)), a_session("a", time(6)), a_session("c", time(12), weekdays=(5,))]
    station = a_station(sessions)
    assert [s.code for s in station.sessions_on(MONDAY)] == ["a", "b"]
    assert [s.code for s in station.sessions_on(MONDAY + timedelta(days=5))] == ["a", "c", "b"]


def test_clusters_have_their_time() -> None:
    cluster = Cluster("x", "x", "thon_dong", valid_from=date(2026, 1, 2), valid_to=date(2026, 1, 3))
    station = a_station(clusters=(cluster,))
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(4)]
    assert [bool(station.alive_on(day)) for day in days] == [False, True, True, False]


@given(st.times(), st.times(), st.times())
def test_quiet_hours_cover_what_lies_between_their_ends(start: time, end: time, moment: time) -> None:
    covered = QuietHours(start, end).covers(moment)
    if start <= end:
        assert covered == (start <= moment < end)
    else:
        assert covered == (moment >= start or moment < end)


def test_the_hash_changes_with_what_is_aired() -> None:
    station = a_station()
    assert station.hash == a_station().hash
    assert station.hash != replace(station, sessions=(a_session(minutes=44), *station.sessions[1:])).hash


# What an inspector objects to


def codes(station: Station) -> list[str]:
    return [finding.code for finding in check_station(station)]


def test_a_sound_station_has_no_findings() -> None:
    assert codes(a_station()) == []


@pytest.mark.parametrize(
    ("session", "code", "severity"),
    [
        (a_session(minutes=61), "station.cap", Severity.WARNING),
        (a_session(start=time(5, 30)), "station.night", Severity.WARNING),
        (a_session(start=time(4, 59)), "station.quiet", Severity.ERROR),
        (a_session(start=time(20, 30)), "station.quiet", Severity.ERROR),
        (a_session(relays=(a_relay(40, 6),)), "station.relay", Severity.ERROR),
        (a_session(relays=(a_relay(0, 30), a_relay(10, 5))), "station.relay", Severity.ERROR),
    ],
)
def test_what_an_inspector_objects_to(session: object, code: str, severity: Severity) -> None:
    found = {finding.code: finding.severity for finding in check_station(a_station([session]))}  # type: ignore[list-item]
    assert found == {code: severity}


@pytest.mark.parametrize(
    ("start", "minutes", "found"),
    [(time(20, 15), 45, False), (time(20, 15), 45.5, True), (time(5), 45, False), (time(4, 59), 1, True)],
)
def test_quiet_hours_are_kept_to_the_minute(start: time, minutes: float, *, found: bool) -> None:
    assert ("station.quiet" in codes(a_station([a_session(start=start, minutes=minutes)]))) is found


def test_quiet_hours_inside_a_session_are_found() -> None:
    station = a_station([a_session(start=time(11), minutes=60)], quiet=QuietHours(time(11, 15), time(11, 45), time(6)))
    assert codes(station) == ["station.quiet"]


def test_a_session_does_not_run_over_midnight() -> None:
    quiet = QuietHours(time(2), time(5), time(6))
    assert codes(a_station([a_session(start=time(23, 30), minutes=30)], quiet=quiet)) == []
    assert "station.midnight" in codes(a_station([a_session(start=time(23, 30), minutes=31)], quiet=quiet))


def test_weekdays_that_the_preset_does_not_allow() -> None:
    station = a_station([a_session()], preset=PRESETS["ha_noi"])
    (finding,) = check_station(station)
    assert (finding.code, finding.facts["weekdays"]) == ("station.weekday", [5, 6])


def test_too_many_sessions_a_day() -> None:
    sessions = [a_session(f"s{n}", time(6 + 2 * n), 30) for n in range(3)]
    assert codes(a_station(sessions)) == ["station.sessions"]


@given(
    st.lists(
        st.tuples(
            st.integers(5 * 60, 20 * 60),
            st.integers(1, 180),
            st.sampled_from([WHOLE_COMMUNE, "thon_dong", "thon_doai"]),
        ),
        max_size=4,
    )
)
def test_overlaps_are_found_where_one_cluster_would_play_two_sessions(rows: list[tuple[int, int, str]]) -> None:
    sessions = [
        a_session(f"s{n}", time(at // 60, at % 60), minutes, zones=frozenset({zone}))
        for n, (at, minutes, zone) in enumerate(rows)
    ]
    station = a_station(sessions) if sessions else replace(a_station(), sessions=())
    found = {
        frozenset({str(f.facts["session"]), str(f.facts["other"])})
        for f in check_station(station)
        if f.code == "station.overlap"
    }
    expected = {
        frozenset({f"Buổi s{i}", f"Buổi s{j}"})
        for (i, (at, minutes, zone)), (j, (bt, minutes_b, other)) in combinations(enumerate(rows), 2)
        if at < bt + minutes_b and bt < at + minutes and (zone == other or WHOLE_COMMUNE in {zone, other})
    }
    assert found == expected


@given(st.times(), st.integers(0, 24 * 60 * MINUTE), st.integers(0, 24 * 60), st.integers(0, 24 * 60))
def test_any_session_can_be_checked(start: time, cap: int, offset: int, length: int) -> None:
    session = replace(a_session(start=start), cap=Milliseconds(cap), relays=(a_relay(offset, length),))
    assert isinstance(check_station(a_station([session])), tuple)


def test_the_instant_of_a_session_is_of_its_own_day() -> None:
    assert a_station().start_of(a_session(), MONDAY) == datetime(2026, 11, 22, 23, tzinfo=UTC)
