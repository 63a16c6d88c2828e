"""Special days, mutes, changed documents: from the station's file to the sessions of a date."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from broadcaster.domain.asrun import Cause
from broadcaster.domain.changes import Change
from broadcaster.domain.days import Move, Mute, SpecialDay
from broadcaster.domain.goals import Goals
from broadcaster.domain.holidays import holiday, is_working_day, new_year
from broadcaster.domain.limits import limits_of
from broadcaster.domain.station import QuietHours, check_station, within
from broadcaster.domain.station_file import parse_station
from broadcaster.units import MINUTE, Milliseconds
from tests.domain.test_station_file import SAMPLE, wrong
from tests.domain.values import MONDAY, a_relay, a_session, a_station

DAY = timedelta(days=1)

MORE = """
[[session]]
code = "giao_thua"
name = "Giao thừa"
start = "20:00"
minutes = 20
special_only = true

[[special_day]]
name = "Tết"
tet = [-1, 2]
sessions = ["sang", "giao_thua"]
moved = [{ session = "sang", start = "07:00", minutes = 20 }]

[[special_day]]
name = "Quốc tang"
date = 2026-11-25
to = 2026-11-26
without = ["sang"]
mourning = true

[[mute]]
clusters = ["dong_2"]
zones = ["dong"]
date = 2026-11-24
start = "5h"
end = "7h30"
reason = "Đám tang"

[[change]]
what = "Đăng ký tạm trú"
since = 2026-11-20
ended = true

[goals]
fairness = 3
"""


def test_a_file_with_days_is_read_whole() -> None:
    station = parse_station(SAMPLE + MORE)
    tet, mourning = station.special_days
    assert (tet.tet, tet.sessions) == ((-1, 2), ("sang", "giao_thua"))
    assert tet.moves == (Move("sang", time(7), Milliseconds(20 * MINUTE)),)
    assert (mourning.first, mourning.last, mourning.without) == (date(2026, 11, 25), date(2026, 11, 26), ("sang",))
    assert mourning.mourning
    assert station.mutes == (
        Mute(frozenset({"dong_1", "dong_2"}), date(2026, 11, 24), date(2026, 11, 24), time(5), time(7, 30), "Đám tang"),
    )
    assert station.changes == (Change("Đăng ký tạm trú", date(2026, 11, 20), ended=True),)
    assert station.goals == replace(Goals(), fairness=3.0)


def test_every_error_of_the_new_tables_is_told_with_its_line() -> None:
    text = (
        MORE.replace("tet = [-1, 2]", "tet = [2, -1]")
        .replace('session = "sang", start = "07:00"', 'session = "toi", start = "7:99"')
        .replace("to = 2026-11-26", "to = 2026-11-20")
        .replace('end = "7h30"', 'end = "4h"')
        .replace('clusters = ["dong_2"]', 'clusters = ["dong_9"]')
        .replace("since = 2026-11-20\n", "")
        .replace("fairness = 3", "fairness = 30")
        .replace('reason = "Đám tang"\n', "")
    )
    start = len(SAMPLE.splitlines())
    assert sorted((line - start, code, field) for code, line, field in wrong(SAMPLE + text)) == [
        (11, "field.pair", "special_day[1].tet"),
        (13, "field.choice", "special_day[1].moved[1].session"),
        (13, "field.clock", "special_day[1].moved[1].start"),
        (18, "field.order", "special_day[2].to"),
        (22, "field.required", "mute[1].reason"),
        (23, "field.choice", "mute[1].clusters"),
        (27, "field.order", "mute[1].end"),
        (29, "field.required", "change[1].since"),
        (34, "field.number", "goals.fairness"),
    ]


def codes(station: object, day: date) -> Sequence[tuple[str, time]]:
    return [(s.code, s.start) for s in station.sessions_on(day)]  # type: ignore[attr-defined]


STATION = a_station(
    [a_session("sang"), a_session("chieu", time(17, 30)), a_session("them", time(20), 20, special_only=True)]
)
USUAL = [("sang", time(6)), ("chieu", time(17, 30))]


@pytest.mark.parametrize(("special", "found"), [
    ({}, USUAL),
    ({"without": ("sang",)}, USUAL[1:]),
    ({"sessions": ()}, []),
    ({"sessions": ("them", "sang")}, [USUAL[0], ("them", time(20))]),
    ({"moves": (Move("chieu", time(5, 30)),)}, [("chieu", time(5, 30)), ("sang", time(6))]),
    ({"moves": (Move("chieu", time(21)),)}, USUAL[:1]),  # moved into the quiet hours
])  # fmt: skip
def test_the_sessions_of_a_special_day(special: dict[str, object], found: Sequence[tuple[str, time]]) -> None:
    day = SpecialDay("x", MONDAY, MONDAY, **special)  # type: ignore[arg-type]
    station = replace(STATION, special_days=(day,))
    assert codes(station, MONDAY) == found
    assert codes(station, MONDAY + DAY) == USUAL


def test_the_last_word_has_the_later_one_and_both_move() -> None:
    days = (
        SpecialDay("a", MONDAY, MONDAY, moves=(Move("sang", time(7)),)),
        SpecialDay("b", MONDAY, MONDAY, sessions=("sang", "them")),
    )
    assert codes(replace(STATION, special_days=days), MONDAY) == [("sang", time(7)), ("them", time(20))]


@pytest.mark.parametrize(("start", "minutes", "relays"), [
    (time(6), 45, [(10, 15)]),
    (time(6), 20, [(10, 10)]),  # shorter: cut off
    (time(5, 50), 45, [(20, 15)]),
    (time(6, 15), 45, [(0, 10)]),  # begins in the middle of it
    (time(7), 45, []),
])  # fmt: skip
def test_a_relay_does_not_move_with_its_session(start: time, minutes: int, relays: Sequence[tuple[int, int]]) -> None:
    day = SpecialDay("x", MONDAY, MONDAY, moves=(Move("sang", start, Milliseconds(minutes * MINUTE)),))
    station = a_station([a_session("sang", relays=(a_relay(10, 15),))], special_days=(day,))
    (session,) = station.sessions_on(MONDAY)
    assert [(relay.offset / MINUTE, relay.duration / MINUTE) for relay in session.relays] == list(relays)


def test_a_session_that_keeps_holidays_is_left_out_on_them() -> None:
    station = a_station([a_session("sang", holidays=False), a_session("chieu", time(17, 30))])
    assert codes(station, date(2027, 1, 1)) == USUAL[1:]
    assert codes(station, date(2027, 1, 4)) == USUAL


@pytest.mark.parametrize(("year", "first"), [
    (2024, date(2024, 2, 10)),
    (2025, date(2025, 1, 29)),
    (2026, date(2026, 2, 17)),
    (2027, date(2027, 2, 6)),
    (2030, date(2030, 2, 2)),  # a day before China's: the lunar calendars differ by the meridian
])  # fmt: skip
def test_the_first_day_of_the_lunar_year(year: int, first: date) -> None:
    assert new_year(year) == first
    tet = SpecialDay("Tết", tet=(-1, 2))
    assert [tet.covers(first + n * DAY) for n in range(-2, 4)] == [False, True, True, True, True, False]
    assert holiday(first)
    assert not is_working_day(first)


def test_quiet_hours_cut_a_session_and_its_relays() -> None:
    session = a_session("toi", time(20, 30), 60, relays=(a_relay(20, 15), a_relay(40, 5)))
    cut = within(session, QuietHours())
    assert cut is not None
    assert (cut.cap, cut.end) == (30 * MINUTE, time(21))
    assert [(relay.offset, relay.duration) for relay in cut.relays] == [(20 * MINUTE, 10 * MINUTE)]
    assert within(a_session("sang"), QuietHours()) == a_session("sang")
    assert within(a_session("khuya", time(22)), QuietHours()) is None
    # Quiet hours after midnight only: a late session ends with the day.
    late = a_session("toi", time(23), 30)
    assert within(late, QuietHours(time(0, 0), time(5))) == late
    assert "station.quiet" in {f.code for f in check_station(a_station([late, a_session("sang")]))}


def test_a_moved_session_is_checked_like_any_other() -> None:
    day = SpecialDay("x", MONDAY, MONDAY, moves=(Move("sang", time(4), Milliseconds(90 * MINUTE)),))
    assert {f.code for f in check_station(replace(STATION, special_days=(day,)))} >= {"station.quiet", "station.cap"}


def test_who_is_reached() -> None:
    mute = Mute(frozenset({"dong_1"}), MONDAY, MONDAY, time(6, 30), time(8), "thi")
    station = a_station(mutes=(mute,))
    dong = station.zone_by_code["thon_dong"]
    morning, evening = station.sessions
    assert station.reached(dong, MONDAY, morning) == {"dong_2"}
    assert station.reached(dong, MONDAY, evening) == {"dong_1", "dong_2"}
    assert station.reached(dong, MONDAY + DAY, morning) == {"dong_1", "dong_2"}
    here = a_session(zones=frozenset({"thon_doai"}))
    assert station.reached(dong, MONDAY, here) == frozenset()


@pytest.mark.parametrize(("at", "minutes", "mute", "quiet"), [
    ("06:29", 1, False, False),
    ("06:29", 2, True, False),
    ("07:59", 5, True, False),
    ("08:00", 5, False, False),
    ("20:58", 2, False, False),
    ("20:58", 3, False, True),
    ("23:59", 5, False, True),
    ("04:00", 5, False, True),
])  # fmt: skip
def test_what_may_sound_now(at: str, minutes: int, *, mute: bool, quiet: bool) -> None:
    funeral = Mute(frozenset({"dong_1"}), MONDAY, MONDAY, time(6, 30), time(8), "tang")
    station = a_station(mutes=(funeral,))
    first = datetime.fromisoformat(f"{MONDAY}T{at}:00+07:00").astimezone(UTC)
    last = first + timedelta(minutes=minutes)
    wanted = Cause.QUIET_HOURS if quiet else Cause.MUTED if mute else None
    assert limits_of(station, "dong_1").hush(first, last) is wanted
    assert limits_of(station, "dong_2").hush(first, last) is (Cause.QUIET_HOURS if quiet else None)
