"""The player's mind under hostile events: every item gets one row and one only, and nothing runs where it must not."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.asrun import AsRun, Cause, Outcome
from broadcaster.domain.playout import (
    GRACE,
    MIN_WORTH,
    ClockStepped,
    Command,
    Event,
    Interrupt,
    Play,
    PlayEnded,
    PlayFailed,
    PlayProgressed,
    PlayStarted,
    PowerUp,
    Record,
    Resume,
    RundownArrived,
    State,
    Stop,
    StopPlaying,
    Tick,
    WakeAt,
    finished,
    step,
)
from broadcaster.domain.rundown import ItemKind, LatePolicy, Rundown, RundownItem
from broadcaster.units import Milliseconds
from tests.domain.values import START, a_rundown, an_item, ms

MOMENT = timedelta(milliseconds=1)


@st.composite
def rundowns(draw: st.DrawFn) -> Rundown:
    """Any session whose items do not overlap: bulletins and relays, tight or with room between them."""
    at, items = 0.0, []
    for number in range(draw(st.integers(0, 7))):
        at += draw(st.sampled_from([0, 0, 2, 2, 30, 120]))
        kind = draw(st.sampled_from([ItemKind.BULLETIN, ItemKind.BULLETIN, ItemKind.RELAY, ItemKind.SIGNATURE]))
        length = draw(st.sampled_from([0.5, 3, 20, 61.234, 300]))
        items.append(an_item(f"i{number}", at, length, kind))
        at += length
    spare = draw(st.sampled_from([0, 1, 90]))
    return a_rundown(items, minutes=(at + spare) / 60)


def relay_starts(rundown: Rundown, *, external: bool) -> list[RundownItem]:
    return [] if external else [item for item in rundown.items if item.kind is ItemKind.RELAY]


class Air:
    """A node with an output whose sound runs by the sample, and a ledger: it checks every command as it comes."""

    def __init__(self, rundown: Rundown, *, external: bool, lead: timedelta = timedelta(0)) -> None:
        self.rundown, self.external, self.lead = rundown, external, lead
        self.state = State("dong_1", relays_external=external, lead=lead)
        self.rows: list[AsRun] = []
        self.now = START
        self.sounding: tuple[str, datetime, Milliseconds] | None = None

    def tell(self, event: Event) -> None:
        self.state, commands = step(self.state, event, self.now)
        for command in commands:
            self._obey(command)

    def _obey(self, command: Command) -> None:
        match command:
            case Record(row):
                self.rows.append(row)
            case WakeAt(instant):
                assert instant > self.now
            case Play(item, offset, length, at):
                assert at is None or self.now < at <= self.now + self.state.lead
                self._check_play(item, offset, length, at or self.now)
                self.sounding = (item.id, at or self.now, length)
            case StopPlaying():
                self._end(self._played())

    def _check_play(self, item: RundownItem, offset: Milliseconds, length: Milliseconds, begins: datetime) -> None:
        assert self.sounding is None, "one thing at a time"
        assert item.id not in {row.item for row in self.rows}, "what has its row is not played again"
        assert offset >= 0
        assert length >= 0
        assert offset + length <= item.duration_ms
        assert length >= min(MIN_WORTH, item.duration_ms)
        assert begins >= item.start, "nothing starts before its time"
        assert not (item.kind is ItemKind.RELAY and self.external)
        end = begins + length * MOMENT
        assert end <= self.rundown.end, "nothing plays past the session's end"
        for relay in relay_starts(self.rundown, external=self.external):
            assert relay.id == item.id or relay.start >= end or relay.end <= begins or relay.start < item.start
        if item.late is LatePolicy.CUE_IN:
            # A relay is joined where it is now; it never starts later for our being late.
            late = (begins - item.start) // MOMENT
            assert offset == (late if late > GRACE else 0)

    def _played(self) -> Milliseconds:
        assert self.sounding is not None
        _, began, length = self.sounding
        return Milliseconds(min(length, max(0, (self.now - began) // MOMENT)))

    def _end(self, played: Milliseconds) -> None:
        assert self.sounding is not None
        item, self.sounding = self.sounding[0], None
        self.tell(PlayEnded(item, played))

    def advance(self, span: timedelta) -> None:
        """Time passes; a sound that ends in it is reported when it is over, or when the machine is awake again."""
        target = self.now + span
        for _ in range(3 * len(self.rundown.items) + 3):
            due = None if self.sounding is None else self.sounding[1] + self.sounding[2] * MOMENT
            if due is None or due > target:
                break
            self.now = max(self.now, due)
            self._end(self.sounding[2])  # type: ignore[index]
        self.now = max(self.now, target)
        self.tell(Tick())


def check_rows(air: Air) -> None:
    by_id = {item.id: item for item in air.rundown.items}
    assert len({row.item for row in air.rows}) == len(air.rows), "no item gets two rows"
    for row in air.rows:
        item = by_id[row.item]
        assert 0 <= row.played_ms <= item.duration_ms == row.planned_ms
        assert (row.played_ms > 0) == (row.started_at is not None) == (row.ended_at is not None) or not item.duration_ms
        if row.outcome is Outcome.AIRED:
            assert (row.cause, row.played_ms) == (Cause.NONE, item.duration_ms)
        else:
            assert row.cause is not Cause.NONE
        if row.outcome in {Outcome.MISSED, Outcome.SKIPPED}:
            assert row.played_ms == 0
        if row.outcome in {Outcome.PARTIAL, Outcome.INTERRUPTED}:
            assert row.played_ms > 0
        if row.outcome is Outcome.SKIPPED:
            assert row.cause in {Cause.LATE, Cause.RELAY_EXTERNAL}
        if row.cause is Cause.RELAY_EXTERNAL:
            assert item.kind is ItemKind.RELAY


spans = st.sampled_from([0.001, 0.5, 1, 1.9, 2.1, 5, 20, 61, 300, 3600]).map(lambda s: timedelta(seconds=s))
happenings = st.one_of(
    st.tuples(st.just("pass"), spans),
    st.tuples(st.just("step"), st.sampled_from([-3600, -30, 30, 3600]).map(lambda s: timedelta(seconds=s))),
    st.tuples(st.just("fail"), st.none()),
    st.tuples(st.just("restart"), spans),
    st.tuples(st.just("emergency"), spans),
    st.tuples(st.just("again"), st.none()),
    st.tuples(st.just("noise"), st.sampled_from([0, 1, 999_999_999])),
)


def happen(air: Air, what: str, value: Any) -> None:
    if what == "pass":
        air.advance(value)
    elif what == "step":
        # The clock is set while the machine is awake: the sound runs on by its samples.
        if air.sounding is not None:
            air.sounding = (air.sounding[0], air.sounding[1] + value, air.sounding[2])
        air.now += value
        air.tell(ClockStepped(value))
    elif what == "fail" and air.sounding is not None:
        item, air.sounding = air.sounding[0], None
        air.tell(PlayFailed(item))
    elif what == "restart":
        restart(air, value)
    elif what == "emergency":
        air.tell(Interrupt())
        assert air.sounding is None
        air.advance(value)
        assert air.sounding is None, "nothing sounds beside an emergency"
        air.tell(Resume())
    elif what == "again":
        air.tell(RundownArrived(air.rundown, frozenset(row.item for row in air.rows)))
    elif what == "noise":
        for item in (*(i.id for i in air.rundown.items if not air.sounding or i.id != air.sounding[0]), "ai"):
            for event in (
                PlayStarted(item),
                PlayProgressed(item, ms(1)),
                PlayEnded(item, Milliseconds(value)),
                PlayFailed(item),
            ):
                air.tell(event)


def restart(air: Air, dark: timedelta) -> None:
    """Power is lost and comes back: the journal knows of the sounding item, the ledger of the rest."""
    open_item = air.sounding
    last_sign, played = air.now, Milliseconds(0)
    if open_item is not None:
        before = air.state.playing.before_ms if air.state.playing else 0
        played = Milliseconds(before + air._played())
    air.sounding = None
    air.now += dark
    done = frozenset(row.item for row in air.rows)
    air.state = State("dong_1", relays_external=air.external, lead=air.lead)
    if open_item is not None:
        held, _ = step(State("dong_1", air.rundown, done), Stop(), last_sign)
        _, commands = step(held, PowerUp(open_item[0], open_item[1], played, last_sign), last_sign)
        assert [type(command) for command in commands] == [Record]
        air.rows += [command.row for command in commands if isinstance(command, Record)]
        done |= {open_item[0]}
    air.tell(RundownArrived(air.rundown, done))


@settings(max_examples=250)
@given(rundowns(), st.booleans(), st.sampled_from([0, 0.3, 2]), st.lists(happenings, max_size=25))
def test_whatever_happens_every_item_has_one_row_in_the_end(
    rundown: Rundown,
    external: Any,
    lead: float,
    story: list[tuple[str, Any]],
) -> None:
    air = Air(rundown, external=external, lead=timedelta(seconds=lead))
    air.now = START - timedelta(seconds=1)
    air.tell(RundownArrived(rundown))
    for what, value in story:
        happen(air, what, value)
        check_rows(air)
    air.advance(max(timedelta(0), rundown.end - air.now) + timedelta(hours=2))
    check_rows(air)
    assert {row.item for row in air.rows} == {item.id for item in rundown.items}
    assert finished(air.state)


@given(rundowns(), st.sampled_from([0, 0.3, 1.9]))
def test_an_undisturbed_session_is_aired_as_planned(rundown: Rundown, lead: float) -> None:
    air = Air(rundown, external=True, lead=timedelta(seconds=lead))
    air.now = START - timedelta(seconds=1)
    air.tell(RundownArrived(rundown))
    for _ in range(2 * len(rundown.items) + 2):
        upcoming = [item.start for item in rundown.items if item.start > air.now]
        air.advance(min(upcoming, default=rundown.end) - air.now)
    air.advance(timedelta(hours=1))
    assert [row.outcome for row in sorted(air.rows, key=lambda row: row.planned_start)] == [
        Outcome.SKIPPED if item.kind is ItemKind.RELAY else Outcome.AIRED for item in rundown.items
    ]
    assert all(row.started_at == row.planned_start for row in air.rows if row.outcome is Outcome.AIRED)


@given(rundowns(), st.booleans(), st.integers(0, 10**6), st.lists(st.integers(0, 8), max_size=20), st.data())
def test_any_events_in_any_order_never_write_a_second_row(
    rundown: Rundown,
    external: Any,
    late: int,
    choices: list[int],
    data: st.DataObject,
) -> None:
    """Nothing here comes from a sane output; the ledger holds all the same."""
    state = State("dong_1", relays_external=external)
    ids = [item.id for item in rundown.items] or ["x"]
    now, rows = START + timedelta(milliseconds=late), []
    for choice in choices:
        item, played = data.draw(st.sampled_from(ids)), Milliseconds(data.draw(st.sampled_from([0, 1, 700_000])))
        events: list[Event] = [
            Tick(),
            RundownArrived(rundown),
            PlayStarted(item),
            PlayProgressed(item, played),
            PlayEnded(item, played),
            PlayFailed(item),
            PowerUp(item, now, played, now),
            Stop(),
            Tick(),
        ]
        now += data.draw(spans)
        state, commands = step(state, events[choice], now)
        rows += [command.row for command in commands if isinstance(command, Record)]
    assert len({row.item for row in rows}) == len(rows)
    assert all(row.played_ms <= row.planned_ms for row in rows)


# Single steps


def told(
    rundown: Rundown, now: datetime, done: frozenset[str] = frozenset(), **state: Any
) -> tuple[State, list[Command]]:
    after, commands = step(State("dong_1", **state), RundownArrived(rundown, done), now)
    return after, list(commands)


def rows_of(commands: list[Command]) -> list[tuple[Outcome, Cause]]:
    return [(command.row.outcome, command.row.cause) for command in commands if isinstance(command, Record)]


def test_before_the_session_it_waits_for_the_first_item() -> None:
    rundown = a_rundown([an_item("a", 5, 60)])
    assert told(rundown, START)[1] == [WakeAt(rundown.items[0].start)]


@pytest.mark.parametrize("late", [0, 1, 2])
def test_an_item_within_the_grace_is_played_whole(late: float) -> None:
    rundown = a_rundown([an_item("a", 0, 60)])
    _, commands = told(rundown, START + timedelta(seconds=late))
    assert commands == [Play(rundown.items[0], ms(0), ms(60))]


def test_a_late_bulletin_is_shifted_when_all_that_follows_still_fits() -> None:
    rundown = a_rundown([an_item("a", 0, 60), an_item("b", 62, 60)], minutes=5)
    _, commands = told(rundown, START + timedelta(seconds=100))
    assert commands == [Play(rundown.items[0], ms(0), ms(60))]


def test_a_late_bulletin_is_joined_in_the_middle_when_there_is_no_room_to_shift_it() -> None:
    rundown = a_rundown([an_item("a", 0, 60)], minutes=1)
    _, commands = told(rundown, START + timedelta(seconds=20))
    assert commands == [Play(rundown.items[0], ms(20), ms(40))]


def test_a_bulletin_is_cut_before_a_relay() -> None:
    rundown = a_rundown([an_item("a", 0, 60), an_item("r", 60, 60, ItemKind.RELAY)], minutes=4)
    _, commands = told(rundown, START + timedelta(seconds=1.5), relays_external=False)
    assert commands == [Play(rundown.items[0], ms(0), ms(58.5))]


def test_a_relay_is_joined_late_and_never_shifted() -> None:
    rundown = a_rundown([an_item("r", 0, 60, ItemKind.RELAY)], minutes=5)
    _, commands = told(rundown, START + timedelta(seconds=30), relays_external=False)
    assert commands == [Play(rundown.items[0], ms(30), ms(30))]


def test_an_opening_that_is_late_is_left_out() -> None:
    rundown = a_rundown([an_item("m", 0, 60, ItemKind.SIGNATURE)], minutes=5)
    _, commands = told(rundown, START + timedelta(seconds=30))
    assert rows_of(commands) == [(Outcome.SKIPPED, Cause.LATE)]


def test_too_little_left_of_an_item_is_not_begun() -> None:
    rundown = a_rundown([an_item("a", 0, 60)], minutes=1)
    _, commands = told(rundown, START + timedelta(seconds=56))
    assert rows_of(commands) == [(Outcome.MISSED, Cause.SESSION_END)]


def test_after_the_session_everything_is_missed() -> None:
    rundown = a_rundown([an_item("a", 0, 60), an_item("r", 62, 60, ItemKind.RELAY)], minutes=3)
    state, commands = told(rundown, rundown.end)
    assert rows_of(commands) == [(Outcome.MISSED, Cause.OFF_AIR), (Outcome.SKIPPED, Cause.RELAY_EXTERNAL)]
    assert finished(state)


def test_a_power_cut_closes_the_open_item_once() -> None:
    item = an_item("a", 0, 60)
    state = State("dong_1", a_rundown([item]), stopped=True)
    event = PowerUp(item.id, START, ms(17), START + timedelta(seconds=17))
    state, commands = step(state, event, START + timedelta(minutes=3))
    (row,) = [command.row for command in commands if isinstance(command, Record)]
    assert (row.outcome, row.cause, row.played_ms) == (Outcome.PARTIAL, Cause.POWER_CUT, ms(17))
    assert row.ended_at == START + timedelta(seconds=17)
    assert step(state, event, START + timedelta(minutes=4))[1] == ()


@pytest.mark.parametrize(
    ("cause", "outcome"), [(Cause.STOPPED, Outcome.PARTIAL), (Cause.EMERGENCY, Outcome.INTERRUPTED)]
)
def test_a_stop_cuts_off_and_says_why(cause: Cause, outcome: Outcome) -> None:
    rundown = a_rundown([an_item("a", 0, 60), an_item("b", 62, 60)])
    state, _ = told(rundown, START)
    state, commands = step(state, Stop(cause), START + timedelta(seconds=10))
    assert commands == (StopPlaying(),)
    state, commands = step(state, PlayEnded(rundown.items[0].id, ms(10), -16.5), START + timedelta(seconds=10))
    (row,) = [command.row for command in commands if isinstance(command, Record)]
    assert (row.outcome, row.cause, row.played_ms, row.level) == (outcome, cause, ms(10), -16.5)
    # What is still to come may be played after a restart.
    assert step(state, Tick(), rundown.end + timedelta(hours=1))[1] == ()
    assert not finished(state)


def test_an_output_that_never_reports_an_end_is_cut_off_at_the_end_of_the_session() -> None:
    rundown = a_rundown([an_item("a", 0, 60), an_item("b", 62, 60)], minutes=3)
    state, _ = told(rundown, START)
    commands: list[Command] = []
    for second in range(1, 15 * 60):
        state, more = step(state, Tick(), START + timedelta(seconds=second))
        commands += more
    assert StopPlaying() in commands
    assert finished(state)


def test_an_amended_rundown_of_the_same_session_takes_over() -> None:
    first, second = an_item("a", 0, 60), an_item("b", 62, 60)
    state, _ = told(a_rundown([first, second]), START)
    state, commands = step(state, RundownArrived(a_rundown([first])), START + timedelta(seconds=5))
    assert commands == ()
    state, commands = step(state, PlayEnded(first.id, ms(60)), START + timedelta(seconds=60))
    assert rows_of(list(commands)) == [(Outcome.AIRED, Cause.NONE)]
    assert finished(state)


def test_no_rundown_nothing_to_do() -> None:
    state, commands = step(State("dong_1"), Tick(), START)
    assert commands == ()
    assert finished(state)


# Emergencies


def interrupted(air: Air, seconds: float) -> None:
    happen(air, "emergency", timedelta(seconds=seconds))


def test_what_an_emergency_cut_off_goes_on_where_it_was_and_is_aired_whole() -> None:
    air = sounding(60, 60)
    interrupted(air, 40)
    assert air.rows == []
    assert air.state.playing is not None
    assert (air.state.playing.offset_ms, air.state.playing.length_ms) == (10_000, 50_000)
    interrupted(air, 5)
    air.advance(timedelta(minutes=5))
    first, second = air.rows
    assert (first.outcome, first.played_ms) == (Outcome.AIRED, 60_000)
    assert first.ended_at is not None
    assert (first.ended_at - START).total_seconds() == 105
    assert (second.outcome, second.played_ms) == (Outcome.AIRED, 60_000)


def test_it_does_not_go_on_at_the_cost_of_what_follows() -> None:
    items = [an_item("a", 0, 60), an_item("b", 62, 60)]
    air = Air(a_rundown(items, minutes=123 / 60), external=True)
    air.tell(RundownArrived(air.rundown))
    air.advance(timedelta(seconds=10))
    interrupted(air, 40)
    (row,) = air.rows
    assert (row.outcome, row.cause, row.played_ms) == (Outcome.INTERRUPTED, Cause.EMERGENCY, 10_000)
    assert row.ended_at is not None
    assert (row.ended_at - START).total_seconds() == 10
    air.advance(timedelta(seconds=12))
    air.advance(timedelta(minutes=5))
    assert air.rows[1].outcome is Outcome.AIRED


def test_an_item_waits_for_what_runs_over_its_time_only_so_long() -> None:
    """Hard, soft, wait up to: with no wait an item is joined where it would be by now, however much room there is."""
    for wait, played in ((ms(3600), 60_000), (ms(41), 60_000), (ms(39), 20_000), (ms(0), 20_000)):
        items = [an_item("a", 0, 60), an_item("b", 62, 60)]
        air = Air(a_rundown(items, minutes=30), external=True)
        air.state = replace(air.state, longest_wait=wait)
        air.tell(RundownArrived(air.rundown))
        air.advance(timedelta(seconds=10))
        interrupted(air, 42)  # what is left of the first sounds until 102, 40 s after the second's time
        air.advance(timedelta(minutes=5))
        assert air.rows[0].played_ms == 60_000
        assert air.rows[1].played_ms == played, wait
        assert air.rows[1].cause is (Cause.NONE if played == 60_000 else Cause.LATE)


def test_what_its_time_passed_altogether_while_it_waited_is_missed() -> None:
    items = [an_item("a", 0, 60), an_item("b", 62, 30)]
    air = Air(a_rundown(items, minutes=30), external=True)
    air.state = replace(air.state, longest_wait=ms(20))
    air.tell(RundownArrived(air.rundown))
    air.advance(timedelta(seconds=10))
    interrupted(air, 42)
    air.advance(timedelta(minutes=5))
    assert [(row.outcome, row.cause) for row in air.rows[1:]] == [(Outcome.MISSED, Cause.OFF_AIR)]


def test_a_stop_while_it_waits_closes_it_once() -> None:
    air = sounding(60)
    air.tell(Interrupt())
    air.tell(Stop())
    air.tell(Stop())
    assert rows_of([Record(row) for row in air.rows]) == [(Outcome.INTERRUPTED, Cause.EMERGENCY)]
    assert air.rows[0].played_ms == 10_000


def test_a_clock_that_is_set_while_it_waits_moves_its_times() -> None:
    air = sounding(60)
    air.tell(Interrupt())
    happen(air, "step", timedelta(hours=1))
    air.tell(Resume())
    air.advance(timedelta(minutes=2))
    (row,) = air.rows
    assert (row.outcome, row.played_ms) == (Outcome.AIRED, 60_000)
    assert row.started_at is not None
    assert (row.started_at - START).total_seconds() == 3600


# Clocks that are set


def sounding(*lengths: float, relay_at: float = 0) -> Air:
    """A session in which the first item has sounded for ten seconds."""
    items, at = [], 0.0
    for number, length in enumerate(lengths):
        items.append(an_item(f"i{number}", at, length))
        at += length + 2
    if relay_at:
        items.append(an_item("r", relay_at, 600, ItemKind.RELAY))
    air = Air(a_rundown(items, minutes=120), external=True)
    air.tell(RundownArrived(air.rundown))
    air.advance(timedelta(seconds=10))
    return air


@pytest.mark.parametrize("seconds", [-3600, -30, 30, 600, 3600])
def test_what_sounds_when_the_clock_is_set_is_aired_whole(seconds: float) -> None:
    air = sounding(60, 60)
    happen(air, "step", timedelta(seconds=seconds))
    assert air.sounding is not None
    air.advance(timedelta(seconds=50))
    assert (air.rows[0].outcome, air.rows[0].played_ms) == (Outcome.AIRED, 60_000)
    air.advance(timedelta(hours=3))
    assert [row.item for row in air.rows] == [item.id for item in air.rundown.items]


def test_a_clock_set_forward_into_a_relay_ends_what_sounds_there() -> None:
    air = sounding(60, relay_at=300)
    happen(air, "step", timedelta(minutes=6))
    assert air.sounding is None
    row = air.rows[0]
    assert (row.outcome, row.cause, row.played_ms) == (Outcome.PARTIAL, Cause.SESSION_END, 10_000)


def test_a_clock_set_forward_to_shortly_before_a_relay_ends_what_sounds_when_that_begins() -> None:
    air = sounding(60, relay_at=300)
    happen(air, "step", timedelta(seconds=270))
    assert air.sounding is not None
    air.advance(timedelta(seconds=20))
    assert (air.rows[0].cause, air.rows[0].played_ms) == (Cause.SESSION_END, 30_000)


def test_a_clock_set_back_plays_nothing_twice() -> None:
    air = sounding(20, 20)
    air.advance(timedelta(seconds=15))
    assert len(air.rows) == 1
    happen(air, "step", timedelta(hours=-1))
    air.advance(timedelta(hours=2))
    assert [row.outcome for row in air.rows] == [Outcome.AIRED, Outcome.AIRED]
    check_rows(air)
