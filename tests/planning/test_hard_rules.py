"""Each hard rule by itself: a sound plan passes, a plan broken in just that way is named by just that rule."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from broadcaster.domain.bulletin import Bulletin, Event, Kind, Priority
from broadcaster.domain.changes import Change
from broadcaster.domain.days import Mute, SpecialDay
from broadcaster.domain.planning.candidate import Candidate
from broadcaster.domain.planning.facts import RELAY, Facts
from broadcaster.domain.planning.heard import Heard
from broadcaster.domain.planning.plan import Plan, Slot
from broadcaster.domain.planning.rules import RULES, check
from broadcaster.domain.planning.rules.stale import stale_since
from broadcaster.domain.station import Station
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.errors import Severity
from broadcaster.units import Milliseconds, digest
from broadcaster.wording_vi import MESSAGES
from tests.domain.values import MONDAY, a_bulletin, a_plan, a_session, a_station, ms

DAY = timedelta(days=1)
GAP = Milliseconds(2000)
BOTH = ("thon_doai", "thon_dong")


def candidate(bulletin: Bulletin, **changes: object) -> Candidate:
    made = Candidate(bulletin, digest("master", bulletin.code), ms(60), ms(55), MONDAY)
    return replace(made, **changes)  # type: ignore[arg-type]


def facts(*ready: Candidate, station: Station | None = None, **changes: object) -> Facts:
    known = Facts(
        station=station or a_station(),
        taxonomy=shipped_taxonomy(),
        bulletins={c.bulletin.code: c.bulletin for c in ready},
        ready={c.bulletin.code: c for c in ready},
        room=lambda _, session: Milliseconds(session.cap),
        item_gap=GAP,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def slot(code: str = "a", day: int = 0, session: str = "sang", **changes: object) -> Slot:
    made = Slot(MONDAY + day * DAY, session, code, BOTH, digest("master", code), ms(60))
    return replace(made, **changes)  # type: ignore[arg-type]


Case = tuple[Plan, Facts]
PLAIN = a_bulletin("a")


def test_a_sound_plan_breaks_nothing() -> None:
    plan = a_plan([slot(), slot(session="chieu"), slot(day=2)])
    order = {(MONDAY, "sang", "thon_dong"): ("a",)}
    assert check(plan, facts(candidate(PLAIN), sequences=order)) == ()


def cap() -> Case:
    long = candidate(PLAIN, duration_ms=ms(46 * 60))
    return a_plan([slot(duration_ms=ms(46 * 60))]), facts(long)


def session_() -> Case:
    away = a_station(special_days=(SpecialDay("nghỉ", MONDAY, MONDAY, without=("sang",)),))
    return a_plan([slot()]), facts(candidate(PLAIN), station=away)


def begun(plan: Plan, known: Facts) -> Facts:
    places = [*known.places(plan.week), *((s.day, s.session) for s in plan.slots)]
    return replace(known, begun=frozenset(places))


def window() -> Case:
    return a_plan([slot(day=3)]), facts(candidate(replace(PLAIN, valid_to=MONDAY + 2 * DAY)))


def stale() -> Case:
    cites = replace(PLAIN, procedures=("Cấp Giấy xác nhận tình trạng hôn nhân",))
    station = a_station(changes=(Change("giấy xác nhận tình trạng hôn nhân", MONDAY + DAY),))
    return a_plan([slot(day=1)]), facts(candidate(cites), station=station)


def emergency() -> Case:
    return a_plan([slot()]), facts(candidate(replace(PLAIN, priority=Priority.KHAN_CAP)))


def approval() -> Case:
    return a_plan([slot(master=digest("khác"))]), facts(candidate(PLAIN))


def duration() -> Case:
    return a_plan([slot(duration_ms=ms(59))]), facts(candidate(PLAIN))


def zone() -> Case:
    return a_plan([slot()]), facts(candidate(replace(PLAIN, zones=("thon_dong",))))


def mute() -> Case:
    station = a_station(mutes=(Mute(frozenset({"doai_1"}), MONDAY, MONDAY, time(5), time(6, 30), "đám tang"),))
    return a_plan([slot()]), facts(candidate(PLAIN), station=station)


def mourning() -> Case:
    station = a_station(special_days=(SpecialDay("quốc tang", MONDAY, MONDAY, mourning=True),))
    return a_plan([slot()]), facts(candidate(replace(PLAIN, entertainment=True)), station=station)


def spacing() -> Case:
    return a_plan([slot(), slot(day=1)]), facts(candidate(replace(PLAIN, kind=Kind.BAI)))


def read_twice() -> Case:
    return a_plan([slot()]), facts(candidate(replace(PLAIN, read_twice=True)))


def notices() -> Case:
    four = [candidate(a_bulletin(code, kind=Kind.THONG_BAO)) for code in "abcd"]
    return a_plan([slot()]), facts(*four, sequences={(MONDAY, "sang", "thon_dong"): tuple("abcd")})


def priority() -> Case:
    two = [candidate(a_bulletin(code, priority=Priority.UU_TIEN)) for code in "ab"]
    return a_plan([slot()], precedence=("b", "a")), facts(*two, sequences={(MONDAY, "sang", "thon_dong"): ("a", "b")})


def run() -> Case:
    needs = replace(PLAIN, min_consecutive_days=3)
    return a_plan([slot(), slot(day=1), slot(day=3)]), facts(candidate(needs))


def first_airing() -> Case:
    # Published on Monday the 16th: five working days end on the 23rd.
    return a_plan([slot(day=1)]), facts(candidate(replace(PLAIN, document_date=MONDAY - 7 * DAY)))


def notice() -> Case:
    meeting = replace(PLAIN, event=Event.MEETING, event_date=MONDAY + 4 * DAY)
    return a_plan([slot(day=3)]), facts(candidate(meeting))


def silence() -> Case:
    # The last piece of the target group was aired on the Sunday before; this week has none.
    others = replace(PLAIN, topic="moi_truong")
    earlier = (slot("b", day=-1),)
    return a_plan([slot()]), facts(candidate(others), candidate(a_bulletin("b")), earlier=earlier)


BROKEN: dict[str, Callable[[], Case]] = {
    "rule.cap": cap,
    "rule.session": session_,
    "rule.window": window,
    "rule.stale": stale,
    "rule.emergency": emergency,
    "rule.approval": approval,
    "rule.duration": duration,
    "rule.zone": zone,
    "rule.mute": mute,
    "rule.mourning": mourning,
    "rule.spacing": spacing,
    "rule.read_twice": read_twice,
    "rule.notices": notices,
    "rule.priority": priority,
    "rule.run": run,
    "rule.first_airing": first_airing,
    "rule.notice": notice,
    "rule.silence": silence,
}


def test_every_rule_has_its_sentence_its_source_and_its_case() -> None:
    assert sorted(rule.code for rule in RULES) == sorted(BROKEN)
    assert all(rule.source and rule.code in MESSAGES for rule in RULES)


@pytest.mark.parametrize("code", BROKEN)
def test_a_plan_that_breaks_one_rule_is_named_by_that_rule_alone(code: str) -> None:
    plan, known = BROKEN[code]()
    found = check(plan, known)
    assert {finding.code for finding in found} == {code}
    assert all("{" not in MESSAGES[code].format(**finding.facts) for finding in found)


DUTIES = {"rule.silence", "rule.run", "rule.first_airing", "rule.notice"}


@pytest.mark.parametrize("code", BROKEN)
def test_what_has_begun_is_not_blamed_and_a_duty_is_never_more_than_a_warning(code: str) -> None:
    plan, known = BROKEN[code]()
    found = check(plan, begun(plan, known))
    assert all(finding.code in DUTIES for finding in found)
    warning = Severity.WARNING if code in DUTIES else Severity.ERROR
    assert {finding.severity for finding in check(plan, known)} == {warning}


# Edges of single rules


def codes(plan: Plan, known: Facts) -> list[str]:
    """The broken rules; a week without any airing is silent, too, which is not what is asked here."""
    return [f.code for f in check(plan, known) if plan.slots or known.sequences or f.code != "rule.silence"]


def test_the_cap_is_kept_to_the_millisecond() -> None:
    room = 45 * 60_000
    for over, found in ((0, []), (1, ["rule.cap"])):
        length = Milliseconds(room - GAP + over)
        fits = candidate(PLAIN, duration_ms=length)
        assert set(codes(a_plan([slot(duration_ms=length)]), facts(fits))) == set(found)


@pytest.mark.parametrize(("start", "minutes", "found"), [
    (time(20, 30), 30, []),
    (time(20, 30), 31, []),  # cut off at nine
    (time(21, 0), 10, ["rule.session"]),
    (time(4, 59), 10, ["rule.session"]),
])  # fmt: skip
def test_quiet_hours(start: time, minutes: int, found: list[str]) -> None:
    station = a_station([a_session("sang", start, minutes)])
    assert codes(a_plan([slot()]), facts(candidate(PLAIN), station=station)) == found
    for session in station.sessions_on(MONDAY):
        assert session.cap <= 30 * 60_000


def test_a_consent_given_after_the_change_was_given_in_knowledge_of_it() -> None:
    cites = replace(PLAIN, documents=("Nghị định số 123/2015/NĐ-CP",))
    change = Change("nghị định 123/2015", MONDAY)
    assert stale_since([change], cites, MONDAY - DAY) is None
    change = Change("Nghị định số 123/2015/NĐ-CP", MONDAY)
    assert stale_since([change], cites, MONDAY - DAY) == change
    assert stale_since([change], cites, MONDAY) is None
    assert stale_since([replace(change, ended=True)], cites, MONDAY) is not None


@pytest.mark.parametrize(("days", "found"), [
    ([0, 1, 2], []),
    ([4, 5, 6], []),
    ([0, 1, 3, 4], ["rule.run"]),
    ([5, 6], ["rule.run"]),
    ([], ["rule.run"]),
])  # fmt: skip
def test_three_days_in_a_row(days: list[int], found: list[str]) -> None:
    needs = replace(PLAIN, min_consecutive_days=3)
    assert codes(a_plan([slot(day=day) for day in days]), facts(candidate(needs))) == found


def test_a_run_may_begin_in_the_week_before_and_end_in_the_week_after() -> None:
    needs = replace(PLAIN, min_consecutive_days=3, valid_from=MONDAY - 7 * DAY, valid_to=MONDAY + 20 * DAY)
    earlier = tuple(replace(slot(), day=MONDAY - n * DAY) for n in (2, 1))
    assert codes(a_plan([slot()]), facts(candidate(needs), earlier=earlier)) == []
    assert codes(a_plan([slot(day=6)]), facts(candidate(needs))) == []
    # A village that is not for it is not counted, one that has missed it is.
    heard = Heard(
        frozenset({(MONDAY - DAY, "sang")}),
        frozenset((MONDAY - DAY, "sang", "a", cluster) for cluster in ("dong_1", "dong_2")),
    )
    found = check(a_plan([slot()]), facts(candidate(needs), earlier=earlier, heard=heard))
    assert [(f.code, f.facts["clusters"]) for f in found] == [("rule.run", "Cây đa")]


def test_a_relay_breaks_a_row_of_notices() -> None:
    plan, known = notices()
    parted = replace(known, sequences={(MONDAY, "sang", "thon_dong"): ("a", "b", RELAY, "c", "d")})
    assert codes(plan, parted) == []


@pytest.mark.parametrize(("document", "last"), [
    (date(2024, 12, 26), date(2025, 1, 3)),  # over New Year's Day
    (date(2027, 2, 1), date(2027, 2, 15)),  # over Tết: the 4th to the 10th are free
    (date(2026, 4, 24), date(2026, 5, 6)),  # over the kings' day, 30 April and May Day
    (date(2026, 11, 21), date(2026, 11, 30)),  # from a Saturday, over 24 November
])  # fmt: skip
def test_five_working_days_leave_out_weekends_and_holidays(document: date, last: date) -> None:
    from broadcaster.domain.planning.rules.first_airing import deadline

    assert deadline(replace(PLAIN, document_date=document)) == last


@pytest.mark.parametrize(("event", "ahead", "days", "found"), [
    (Event.MEETING, 3, [1], []),
    (Event.MEETING, 3, [2], ["rule.notice"]),
    (Event.MEETING, 9, [], []),  # next week can still give notice
    (Event.ELECTION, 8, [1], []),
    (Event.ELECTION, 8, [2], ["rule.notice"]),
    (Event.OPINIONS, 6, [0, 2, 4], []),
    (Event.OPINIONS, 6, [0, 1, 2], ["rule.notice"]),  # three airings in three days
    (Event.OPINIONS, 6, [0, 6], ["rule.notice"]),  # two airings
    (Event.OPINIONS, 6, [3, 5, 6], ["rule.notice"]),  # begun too late
])  # fmt: skip
def test_notice_days(event: Event, ahead: int, days: list[int], found: list[str]) -> None:
    announces = replace(PLAIN, event=event, event_date=MONDAY + ahead * DAY, valid_to=MONDAY + 20 * DAY)
    assert codes(a_plan([slot(day=day) for day in days]), facts(candidate(announces))) == found


def test_a_change_does_not_reach_back() -> None:
    plan, known = stale()
    moved = replace(known.station, changes=(Change("giấy xác nhận tình trạng hôn nhân", MONDAY + 2 * DAY),))
    assert codes(plan, replace(known, station=moved)) == []
