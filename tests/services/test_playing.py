"""The player's loop on clocks that misbehave: it never spins, and never plays where it must not."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.adapters.journal import FileJournal, MemoryJournal
from broadcaster.adapters.outputs.null import NullOutput
from broadcaster.adapters.store.memory import MemoryStore
from broadcaster.domain.asrun import AsRun, Cause, Outcome, check_chain
from broadcaster.domain.rundown import ItemKind, Rundown, RundownItem
from broadcaster.errors import Finding
from broadcaster.ports import Cue, Journal, Output
from broadcaster.services.playing import HEARTBEAT, Player, StandIns, close_after_power_cut
from broadcaster.units import Milliseconds
from tests.domain.values import START, a_rundown, an_item, ms
from tests.services.doubles import HungOutput, RoughClock

NEW_YEAR = datetime(2026, 12, 31, 16, 50, tzinfo=UTC)
LAST_OF_FEBRUARY = datetime(2027, 2, 28, 16, 50, tzinfo=UTC)
FILE = Path(__file__)
"""Any file that is there: the null output does not listen to it."""


@st.composite
def rundowns(draw: st.DrawFn) -> Rundown:
    at, items = 0.0, []
    for number in range(draw(st.integers(0, 6))):
        at += draw(st.sampled_from([0, 2, 2, 60]))
        kind = draw(st.sampled_from([ItemKind.BULLETIN, ItemKind.BULLETIN, ItemKind.RELAY, ItemKind.SIGNATURE]))
        length = draw(st.sampled_from([3, 20, 61.234, 300]))
        items.append(an_item(f"i{number}", at, length, kind))
        at += length
    return a_rundown(items, minutes=(at + draw(st.sampled_from([0, 1, 90]))) / 60)


class Watched(NullOutput):
    """The null output, which writes down what it was asked for and for how long it sounded."""

    def __init__(self, clock: RoughClock) -> None:
        super().__init__(clock)
        self.cues: list[tuple[Cue, datetime]] = []

    def play(self, cue: Cue) -> None:
        self.cues.append((cue, self._clock.now()))
        super().play(cue)


class Node:
    """One node with its ledger in the memory store; it can be started again and again."""

    def __init__(self, rundown: Rundown, clock: RoughClock, journal: Journal | None = None) -> None:
        self.rundown, self.clock = rundown, clock
        self.journal = journal or MemoryJournal()
        self.store = MemoryStore()
        self.sounded: list[tuple[str, datetime, datetime]] = []

    def _record(self, rows: Sequence[AsRun]) -> None:
        assert self.store.append_as_run(rows) == len(rows), "no item is recorded twice"

    def run(
        self,
        *,
        output: Output | None = None,
        files: Callable[[RundownItem], Path | Cause] = lambda _: FILE,
        heartbeat: timedelta | None = HEARTBEAT,
        keep_going: Callable[[], bool] = lambda: True,
    ) -> None:
        used = output or Watched(self.clock)
        used.open()
        player = Player(
            "dong_1", used, self.clock, self.journal, files, self._record, heartbeat=heartbeat, keep_going=keep_going
        )
        player.play(self.rundown, self.store.aired_items("dong_1", self.rundown.start, self.rundown.end))
        used.close()
        if isinstance(used, Watched):
            self.sounded += [(cue.item, at, at + timedelta(milliseconds=cue.length_ms)) for cue, at in used.cues]

    def rows(self) -> dict[str, AsRun]:
        return {row.item: row for row in self.store.chain("dong_1")}


naps = st.lists(st.sampled_from([0, 0, 0, 0.3, 1, 5, 45, 400, 3600]).map(lambda s: timedelta(seconds=s)), max_size=40)
steps = st.dictionaries(
    st.integers(1, 300), st.sampled_from([-3600, -30, 30, 3600]).map(lambda s: timedelta(seconds=s)), max_size=3
)


def check(node: Node) -> None:
    rows = node.rows()
    assert set(rows) == {item.id for item in node.rundown.items}
    assert check_chain(node.store.chain("dong_1")) == ()
    for item in node.rundown.items:
        row = rows[item.id]
        assert row.played_ms <= row.planned_ms
        assert (row.outcome is Outcome.AIRED) == (row.cause is Cause.NONE)
    for item, start, end in node.sounded:
        assert start >= next(i.start for i in node.rundown.items if i.id == item)
        assert end <= node.rundown.end, f"{item} from {start} would sound past {node.rundown.end}"


@settings(max_examples=60, deadline=None)
@given(rundowns(), naps)
def test_late_wake_ups_neither_double_nor_drop_nor_overrun(rundown: Rundown, late: list[timedelta]) -> None:
    node = Node(rundown, RoughClock(START - timedelta(seconds=1), late))
    node.run()
    check(node)
    started = sorted(node.sounded, key=lambda sound: sound[1])
    assert all(one[2] <= other[1] for one, other in pairwise(started)), "one thing at a time"


@settings(max_examples=60, deadline=None)
@given(rundowns(), naps, steps)
def test_a_clock_that_is_set_forward_and_back(
    rundown: Rundown, late: list[timedelta], changes: dict[int, timedelta]
) -> None:
    node = Node(rundown, RoughClock(START - timedelta(seconds=1), late, changes))
    node.run()
    check(node)


@settings(max_examples=60, deadline=None)
@given(rundowns(), st.lists(st.tuples(st.integers(1, 200), st.sampled_from([0.0, 1, 30, 600])), max_size=4))
def test_a_node_that_is_stopped_and_started_again_goes_on(rundown: Rundown, stops: list[tuple[int, float]]) -> None:
    node = Node(rundown, RoughClock(START - timedelta(seconds=1)))
    for turns, pause in stops:
        left = [turns]

        def keep_going(left: list[int] = left) -> bool:
            left[0] -= 1
            return left[0] >= 0

        node.run(keep_going=keep_going)
        node.clock.step(timedelta(seconds=pause))
    node.run()
    check(node)


class PowerCutError(Exception):
    """Raised by the clock: what follows does not happen any more."""


class CutClock(RoughClock):
    """The power goes at the n-th wait."""

    def __init__(self, start: datetime, cut: int) -> None:
        super().__init__(start)
        self._cut = cut

    def sleep_until(self, instant: datetime) -> None:
        if self._cut == 0:
            raise PowerCutError
        self._cut -= 1
        super().sleep_until(instant)

    def cut_again(self, cut: int) -> None:
        self._cut = cut


@settings(max_examples=60, deadline=None)
@given(
    rundowns(), st.lists(st.tuples(st.integers(0, 150), st.sampled_from([0.0, 2, 30, 600])), max_size=4), st.booleans()
)
def test_power_cuts_at_any_moment(
    rundown: Rundown,
    cuts: list[tuple[int, float]],
    beating: bool,  # noqa: FBT001 - Hypothesis gives it
) -> None:
    clock = CutClock(START - timedelta(seconds=1), 0)
    node = Node(rundown, clock)
    heartbeat = HEARTBEAT if beating else None
    for turns, dark in cuts:
        clock.cut_again(turns)
        try:
            node.run(heartbeat=heartbeat)
        except PowerCutError:
            clock.step(timedelta(seconds=dark))
    clock.cut_again(10**6)
    node.run(heartbeat=heartbeat)
    check(node)
    # No minute is claimed that did not sound.
    assert sum(row.played_ms for row in node.rows().values()) <= max(
        0, (clock.now() - START) / timedelta(milliseconds=1)
    )


def test_a_power_cut_loses_no_more_than_a_heartbeat(tmp_path: Path) -> None:
    rundown = a_rundown([an_item("a", 0, 60), an_item("b", 62, 60)], minutes=5)
    clock = CutClock(START, 20)
    node = Node(rundown, clock, FileJournal(tmp_path / "dong_1.json"))
    with pytest.raises(PowerCutError):
        node.run()
    went_at = clock.now()
    clock.cut_again(10**6)
    clock.step(timedelta(seconds=30))
    # A new process knows only what is on the disk.
    node.journal = FileJournal(tmp_path / "dong_1.json")
    node.run()
    row = node.rows()[rundown.items[0].id]
    assert (row.outcome, row.cause) == (Outcome.PARTIAL, Cause.POWER_CUT)
    assert row.started_at == START
    assert row.ended_at is not None
    assert went_at - timedelta(seconds=1) <= row.ended_at <= went_at
    assert node.rows()[rundown.items[1].id].outcome is Outcome.AIRED
    assert node.journal.open_item() is None


def test_a_whole_session_without_a_heartbeat_takes_few_turns() -> None:
    items = [an_item(f"i{n}", 62 * n, 60) for n in range(20)]
    node = Node(a_rundown(items, minutes=30), RoughClock(START - timedelta(seconds=1)))
    node.run(heartbeat=None)
    check(node)
    assert {row.outcome for row in node.rows().values()} == {Outcome.AIRED}
    # Two wake-ups an item: when it begins, when it ends.
    assert node.clock.waits <= 2 * len(items) + 2


def test_a_heartbeat_is_one_look_a_second() -> None:
    node = Node(a_rundown([an_item("a", 0, 60)], minutes=2), RoughClock(START))
    node.run()
    assert 59 <= node.clock.waits <= 63


def test_missing_sound_is_missed_and_the_next_item_comes_on_time() -> None:
    items = [an_item("a", 0, 60), an_item("b", 62, 60), an_item("c", 124, 60)]
    node = Node(a_rundown(items, minutes=5), RoughClock(START))
    node.run(files=lambda item: Cause.NO_AUDIO if item.master == items[1].master else FILE)
    rows = node.rows()
    assert [(rows[item.id].outcome, rows[item.id].cause) for item in items] == [
        (Outcome.AIRED, Cause.NONE),
        (Outcome.MISSED, Cause.NO_AUDIO),
        (Outcome.AIRED, Cause.NONE),
    ]
    assert rows[items[2].id].started_at == items[2].start


@pytest.mark.parametrize(
    ("found", "cause"),
    [
        (Cause.NO_AUDIO, Cause.NO_AUDIO),
        (Cause.NOT_APPROVED, Cause.NOT_APPROVED),
        (Path("/khong/co/tep.flac"), Cause.NO_AUDIO),
    ],
)
def test_a_hundred_items_that_cannot_be_played_are_told_one_by_one(found: Path | Cause, cause: Cause) -> None:
    items = [an_item(f"i{n}", 6 * n, 6) for n in range(100)]
    node = Node(a_rundown(items, minutes=11), RoughClock(START + timedelta(seconds=1)))
    node.run(files=lambda _: found)
    assert {(row.outcome, row.cause) for row in node.rows().values()} == {(Outcome.MISSED, cause)}
    check(node)


def test_a_device_that_hangs_does_not_hold_the_node_for_ever() -> None:
    rundown = a_rundown([an_item("a", 0, 60), an_item("b", 62, 60)], minutes=5)
    node = Node(rundown, RoughClock(START, most=20_000))
    output = HungOutput(node.clock)
    node.run(output=output)
    assert output.stops
    assert set(node.rows()) == {item.id for item in rundown.items}
    assert node.clock.now() <= rundown.end + timedelta(minutes=1)


def test_an_item_left_open_by_another_session_does_not_disturb_this_one() -> None:
    rundown = a_rundown([an_item("a", 0, 60)], minutes=2)
    node = Node(rundown, RoughClock(START))
    node.journal.begin("2026-11-20.chieu.thon_dong.ban_tin.x", START - timedelta(days=3))
    node.run()
    check(node)
    assert node.journal.open_item() is None


def test_an_empty_rundown_is_over_at_once() -> None:
    node = Node(a_rundown([]), RoughClock(START, most=20))
    node.run()
    assert node.rows() == {}


def test_what_the_ledger_has_is_not_played_again() -> None:
    rundown = a_rundown([an_item("a", 0, 60), an_item("b", 62, 60)], minutes=5)
    node = Node(rundown, RoughClock(START))
    node.run()
    played = len(node.sounded)
    node.run()
    assert len(node.sounded) == played
    check(node)


def test_a_stop_cuts_off_records_and_returns() -> None:
    rundown = a_rundown([an_item("a", 0, 60), an_item("b", 62, 60)], minutes=5)
    node = Node(rundown, RoughClock(START))
    node.run(keep_going=lambda: node.clock.now() < START + timedelta(seconds=10))
    (row,) = node.rows().values()
    assert (row.outcome, row.cause) == (Outcome.PARTIAL, Cause.STOPPED)
    assert ms(9) <= row.played_ms <= ms(12)
    assert node.journal.open_item() is None
    assert Milliseconds(0) < row.played_ms


def test_what_must_be_silent_is_not_played_and_the_ledger_says_why() -> None:
    """A mute in the middle of a session: the item in it is missed, what comes after is on time."""
    relay = an_item("1", 100, 120, ItemKind.RELAY)
    rundown = a_rundown([an_item("a", 0, 90), relay, an_item("b", 230, 60)], minutes=10)
    node = Node(rundown, RoughClock(START - timedelta(seconds=1)))
    used = Watched(node.clock)
    used.open()

    def silent(_: RundownItem, now: datetime) -> Cause | None:
        return Cause.MUTED if START <= now < START + timedelta(seconds=200) else None

    player = Player("dong_1", used, node.clock, node.journal, lambda _: FILE, node._record, silent=silent)
    player.play(rundown, frozenset())
    found = [(row.outcome, row.cause, row.played_ms) for row in node.rows().values()]
    assert found == [
        (Outcome.MISSED, Cause.MUTED, 0),
        (Outcome.SKIPPED, Cause.RELAY_EXTERNAL, 0),
        (Outcome.AIRED, Cause.NONE, 60_000),
    ]
    assert [cue.item for cue, _ in used.cues] == [rundown.items[2].id]


@pytest.mark.parametrize("start", [START, NEW_YEAR, LAST_OF_FEBRUARY])
@pytest.mark.parametrize("step", [-3600, -30, 30, 600, 3600])
def test_a_clock_set_in_the_middle_of_an_item_changes_none_of_its_minutes(start: datetime, step: float) -> None:
    """Midnight at the station, New Year and the end of February lie in these sessions.

    An hour forward is past the session's end: what sounds is cut there, and the ledger has the seconds that sounded.
    """
    items = [replace(an_item(f"i{n}", 0, 300), start=start + timedelta(seconds=302 * n)) for n in range(4)]
    rundown = replace(a_rundown(items, minutes=30), start=start, end=start + timedelta(minutes=30))
    node = Node(rundown, RoughClock(start - timedelta(seconds=1), steps={100: timedelta(seconds=step)}))
    node.run()
    check(node)
    first, second = (node.rows()[item.id] for item in items[:2])
    if step == 3600:
        assert (first.outcome, first.cause, first.played_ms) == (Outcome.PARTIAL, Cause.SESSION_END, 99_000)
    else:
        assert (first.outcome, first.played_ms) == (Outcome.AIRED, 300_000)
        assert second.outcome in {Outcome.AIRED, Outcome.PARTIAL}


# What sounds instead


def instead_of(*others: RundownItem) -> StandIns:
    """These, whatever is missing; as `standby` names them."""
    return lambda item, _rundown: [
        replace(other, id=f"{item.id}.thay.{other.bulletin or other.kind.value}", start=item.start) for other in others
    ]


def broken(*names: str) -> Callable[[RundownItem], Path | Cause]:
    return lambda item: Cause.NO_AUDIO if item.id.split(".")[-1] in names else FILE


def play(
    rundown: Rundown, others: StandIns, files: Callable[[RundownItem], Path | Cause]
) -> tuple[list[tuple[str, Outcome, Cause, float]], list[Finding]]:
    """What the ledger says: item, outcome, cause, seconds into the session; and what was told."""
    clock = RoughClock(START - timedelta(seconds=1), [])
    rows: list[AsRun] = []
    told: list[Finding] = []
    output = Watched(clock)
    player = Player("dong_1", output, clock, MemoryJournal(), files, rows.extend, stand_ins=others, report=told.append)
    player.play(rundown, frozenset())
    return [
        (
            row.item.split(".bulletin.")[-1].split(".ban_tin.")[-1],
            row.outcome,
            row.cause,
            round((row.started_at - START).total_seconds()) if row.started_at else -1,
        )
        for row in rows
    ], told


GAP = a_rundown([an_item("a", 0, 30), an_item("b", 32, 60), an_item("c", 94, 30)])


def test_a_missing_sound_is_replaced_and_the_next_item_keeps_its_time() -> None:
    rows, told = play(GAP, instead_of(an_item("d", 0, 50)), broken("b"))
    assert rows == [
        ("a", Outcome.AIRED, Cause.NONE, 0),
        ("b", Outcome.MISSED, Cause.NO_AUDIO, -1),
        ("b.thay.d", Outcome.AIRED, Cause.NONE, 32),
        ("c", Outcome.AIRED, Cause.NONE, 94),
    ]
    assert [finding.code for finding in told] == ["playout.stand_in", "playout.dead_air"]
    assert float(told[1].facts["seconds"]) == pytest.approx(10, abs=1), "what the replacement leaves"


def test_one_after_another_until_the_gap_is_full() -> None:
    others = instead_of(an_item("d", 0, 30), an_item("e", 0, 40), an_item("f", 0, 28))
    rows, told = play(GAP, others, broken("b"))
    assert [row[0] for row in rows] == ["a", "b", "b.thay.d", "b.thay.f", "c"]
    assert [row[3] for row in rows] == [0, -1, 32, 62, 94]
    assert [finding.code for finding in told] == ["playout.stand_in"] * 2


def test_a_replacement_that_is_missing_too_is_passed_over() -> None:
    rows, _ = play(GAP, instead_of(an_item("d", 0, 30), an_item("e", 0, 58)), broken("b", "d"))
    assert [row[0] for row in rows] == ["a", "b", "b.thay.e", "c"]


def test_with_nothing_left_the_silence_is_told_with_its_cause() -> None:
    rows, told = play(GAP, instead_of(an_item("lau", 0, 70)), broken("b"))
    assert [row[0] for row in rows] == ["a", "b", "c"]
    (finding,) = told
    assert (finding.code, finding.facts["cause"]) == ("playout.dead_air", "no_audio")
    assert float(finding.facts["seconds"]) == pytest.approx(60, abs=1)


def test_the_last_item_is_replaced_before_the_session_is_over() -> None:
    rows, _ = play(GAP, instead_of(an_item("d", 0, 29)), broken("c"))
    assert rows[-1] == ("c.thay.d", Outcome.AIRED, Cause.NONE, 94)


def test_a_power_cut_in_a_replacement_is_accounted_for() -> None:
    journal = MemoryJournal()
    others = instead_of(an_item("d", 0, 50))
    item = others(GAP.items[1], GAP)[0]
    journal.begin(item.id, START + timedelta(seconds=32))
    journal.progress(item.id, ms(7), START + timedelta(seconds=39))
    rows: list[AsRun] = []
    done = close_after_power_cut("dong_1", journal, [GAP], lambda _: frozenset(), rows.extend, others)
    assert done == {item.id}
    (row,) = rows
    assert (row.item, row.bulletin, row.outcome, row.cause) == (item.id, "d", Outcome.PARTIAL, Cause.POWER_CUT)
    assert row.played_ms == 7000
    assert journal.open_item() is None
