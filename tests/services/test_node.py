"""A node on its own: it plays what it holds, tells the truth of it, and an emergency goes before everything."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.adapters.clock import SystemClock, monotonic, sleep
from broadcaster.adapters.link.identity import keep_identity
from broadcaster.adapters.node_ledger import NodeLedger
from broadcaster.adapters.outputs.null import NullOutput
from broadcaster.adapters.outputs.soundcard import Soundcard
from broadcaster.bootstrap_link import Node
from broadcaster.bootstrap_node import NodeAir
from broadcaster.domain.asrun import AsRun, Cause, Outcome, check_chain
from broadcaster.domain.days import Mute
from broadcaster.domain.limits import Limits
from broadcaster.domain.receipt import as_run_from
from broadcaster.domain.rundown import ItemKind, Rundown
from broadcaster.domain.rundown_file import rundown_from
from broadcaster.domain.station import QuietHours
from broadcaster.errors import OutputError
from broadcaster.ports import Cue, OutputEvent, OutputEventKind
from broadcaster.units import canonical
from tests.domain import values
from tests.services.link_double import MemoryLink
from tests.services.network import NODE, NOW, Office, Village, a_row_chain, a_rundown
from tests.suites import store_values


class Thon:
    """A node with its folder, on the office's clock, and the player over it."""

    def __init__(self, folder: Path) -> None:
        self.office = Office(folder)
        self.village: Village = self.office.enrolled(NODE)
        self.folder = self.village.cache.root
        keep_identity(self.folder, self.village.identity)
        self.going = True

    def follow(self) -> None:
        """One turn of the link."""
        self.village.receiving(MemoryLink(self.office.desk, NODE)).turn(0.0)

    def air(self) -> NodeAir:
        """The player, as a process that has just been started sees its folder."""
        node = Node(self.folder, self.office.clock)
        return NodeAir(node, "null", None, lambda: self.going, timedelta(0), self.office.clock)

    def rows(self) -> list[AsRun]:
        path = self.folder / "ledger.jsonl"
        return [as_run_from(json.loads(line)) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def thon(tmp_path: Path) -> Thon:
    return Thon(tmp_path)


def test_it_plays_what_it_holds_and_the_station_has_every_row_once(thon: Thon) -> None:
    rundown = thon.office.post([thon.office.sound(1000), thon.office.sound(2000)])
    thon.follow()
    air = thon.air()
    day = rundown.day
    assert air.rundowns(day, day) == [rundown]
    air.play(rundown, air.ledger.done(rundown))
    assert [row.outcome for row in thon.rows()] == [Outcome.AIRED, Outcome.AIRED]
    assert check_chain(thon.rows()) == ()
    assert thon.office.ledger(NODE) == []
    for _ in range(3):
        thon.follow()
    assert thon.office.ledger(NODE) == thon.rows()
    again = thon.air()
    again.play(rundown, again.ledger.done(rundown))
    assert len(thon.rows()) == 2


def test_a_sound_that_was_changed_on_the_disk_is_not_played(thon: Thon) -> None:
    rundown = thon.office.post([thon.office.sound(1000), thon.office.sound(2000)])
    thon.follow()
    for path in (thon.folder / "audio").iterdir():
        if path.stat().st_size == 1000:
            path.write_bytes(b"x" + path.read_bytes()[1:])
    thon.air().play(rundown, frozenset())
    assert [(row.outcome, row.cause) for row in thon.rows()] == [
        (Outcome.MISSED, Cause.NO_AUDIO),
        (Outcome.AIRED, Cause.NONE),
    ]


def test_after_ten_days_without_the_station_it_is_silent(thon: Thon) -> None:
    thon.office.post([thon.office.sound(1000)])
    thon.follow()
    assert len(thon.air().rundowns(NOW.date(), NOW.date())) == 1
    thon.office.clock.step(timedelta(days=11))
    assert thon.air().rundowns(NOW.date(), NOW.date()) == []


class LostOutput(NullOutput):
    """A device that is not there."""

    def open(self) -> None:
        raise OutputError("output.open", path="loa", detail="unplugged")

    def play(self, cue: Cue) -> None:
        lost = OutputEvent(OutputEventKind.FAILED, cue.item, self._clock.now(), values.ms(0), Cause.DEVICE_LOST)
        self._events.append(lost)


def test_a_device_that_is_gone_when_a_session_begins_does_not_end_the_player(thon: Thon) -> None:
    rundown = thon.office.post([thon.office.sound(1000), thon.office.sound(2000)])
    thon.follow()
    air = thon.air()
    air.an_output = lambda _name: LostOutput(air.clock)  # type: ignore[method-assign]
    with pytest.raises(OutputError):
        air.play(rundown, frozenset())
    air.device = Soundcard("", {NODE: [0]})
    air.play(rundown, frozenset())
    assert [(row.outcome, row.cause) for row in thon.rows()] == [(Outcome.MISSED, Cause.DEVICE_LOST)] * 2
    assert thon.village.events().count("playout.dead_air") == 2


# Emergencies


class Interrupting(NodeAir):
    """The player, which is sent an order when the clock has come so far."""

    def prepare(
        self, thon: Thon, after: timedelta, *, retract_after: timedelta | None = None, repeats: int = 2
    ) -> None:
        clock, office = thon.office.clock, thon.office
        self.alarm.length = lambda _: values.ms(20)
        at, sent = clock.now() + after, []
        sleep_until = clock.sleep_until

        def watched(instant: object) -> None:
            sleep_until(instant)  # type: ignore[arg-type]
            if not sent and clock.now() >= at:
                sent.append(office.alarm(sound=office.sound(500), repeats=repeats))
                thon.follow()
            if sent and len(sent) == 1 and retract_after is not None and clock.now() >= at + retract_after:
                office.retract(sent[0])
                sent.append(sent[0])
                thon.follow()

        clock.sleep_until = watched  # type: ignore[method-assign]


def interrupting(thon: Thon) -> Interrupting:
    air = thon.air()
    return Interrupting(air.node, "null", None, air.keep_going, air.lead, air.clock)


def test_an_emergency_cuts_what_sounds_is_spoken_as_commanded_and_the_session_goes_on(thon: Thon) -> None:
    rundown = thon.office.post([thon.office.sound(1000 + n) for n in range(4)])
    thon.follow()
    air = interrupting(thon)
    air.prepare(thon, timedelta(seconds=10))
    air.play(rundown, frozenset())
    rows = thon.rows()
    assert check_chain(rows) == ()
    readings = [row for row in rows if row.kind is ItemKind.EMERGENCY]
    assert [(row.outcome, row.played_ms, row.session) for row in readings] == [
        (Outcome.AIRED, 20_000, rundown.session)
    ] * 2
    assert {row.bulletin for row in readings} == {order.id for order in thon.village.held.standing()}
    planned = [row for row in rows if row.kind is ItemKind.BULLETIN]
    assert sorted(row.item for row in planned) == sorted(item.id for item in rundown.items)
    first = planned[0]
    assert (first.outcome, first.played_ms) == (Outcome.AIRED, 30_000)
    assert first.started_at is not None
    assert first.ended_at is not None
    assert 69 <= (first.ended_at - first.started_at).total_seconds() <= 73, "30 s of it and 40 s of the emergency"
    assert [row.outcome for row in planned[1:]] == [Outcome.AIRED] * 3
    assert thon.village.events().count("emergency.node_spoken") == 2
    assert air.alarm.pending() is None
    thon.follow()
    assert thon.office.ledger(NODE) == rows


def test_an_emergency_outside_of_a_session_is_spoken_once_however_often_the_node_starts(thon: Thon) -> None:
    thon.office.alarm(sound=thon.office.sound(500), repeats=1)
    thon.follow()
    for _ in range(3):
        air = thon.air()
        air.alarm.length = lambda _: values.ms(20)
        air.attend()
    assert thon.village.events().count("emergency.node_spoken") == 1


def test_an_emergency_waits_for_a_device_that_is_away_and_is_told_once(thon: Thon) -> None:
    thon.office.alarm(sound=thon.office.sound(500), repeats=2)
    thon.follow()
    air = thon.air()
    air.alarm.length = lambda _: values.ms(20)
    air.device = Soundcard("", {NODE: [0]})
    air.an_output = lambda _name: LostOutput(air.clock)  # type: ignore[method-assign]
    for _ in range(3):
        air.attend()
    assert thon.village.events().count("emergency.node_unheard") == 1
    assert "emergency.node_spoken" not in thon.village.events()
    air.an_output = lambda _name: NullOutput(air.clock)  # type: ignore[method-assign]
    air.attend()
    assert thon.village.events().count("emergency.node_spoken") == 2


def test_a_retraction_ends_it_at_once(thon: Thon) -> None:
    rundown = thon.office.post([thon.office.sound(1000)])
    thon.follow()
    air = interrupting(thon)
    air.prepare(thon, timedelta(seconds=5), retract_after=timedelta(seconds=30), repeats=20)
    began = thon.office.clock.now()
    air.play(rundown, frozenset())
    assert "emergency.node_cut" in thon.village.events()
    assert thon.office.clock.now() - began < timedelta(minutes=2)


# The ledger on disk


def some_rows(count: int) -> list[AsRun]:
    return a_row_chain(NODE, count)


def ledger(path: Path, handed: list[AsRun], sent: int = 0) -> NodeLedger:
    return NodeLedger(path, handed.extend, lambda: sent)


def test_a_torn_line_is_cut_off_and_its_row_is_written_anew(tmp_path: Path) -> None:
    path, rows = tmp_path / "ledger.jsonl", some_rows(3)
    ledger(path, []).record(rows)
    whole = path.read_bytes()
    for cut in (1, 5, 200):
        path.write_bytes(whole[:-cut])
        handed: list[AsRun] = []
        again = ledger(path, handed)
        assert len(handed) == 2
        assert again.damaged == 1
        again.record(rows)
        assert path.read_bytes() == whole
    assert ledger(path, []).damaged == 0


def test_what_was_not_handed_on_before_the_power_went_is_handed_on_at_the_next_start(tmp_path: Path) -> None:
    path, handed = tmp_path / "ledger.jsonl", list[AsRun]()
    ledger(path, []).record(some_rows(5))
    ledger(path, handed, sent=3)
    assert [row.seq for row in handed] == [4, 5]


def test_an_item_has_one_row_whatever_is_recorded(tmp_path: Path) -> None:
    path, handed = tmp_path / "ledger.jsonl", list[AsRun]()
    book = ledger(path, handed)
    for _ in range(3):
        book.record(some_rows(2))
    assert len(handed) == 2
    assert check_chain(handed) == ()


# Rundowns as files


@given(st.lists(store_values.rundowns, min_size=1, max_size=1))
def test_a_rundown_comes_back_equal(rundowns: Sequence[Rundown]) -> None:
    assert rundown_from(canonical(rundowns[0])) == rundowns[0]


@pytest.mark.parametrize("change", [{"items": 3}, {"day": "morgen"}, {"start": 5}, {"more": 1}, {"items": [{}]}])
def test_what_is_no_rundown_is_refused(change: dict[str, object]) -> None:
    data = json.loads(canonical(values.a_rundown([values.an_item("a", 0, 5)]))) | change
    with pytest.raises(ValueError, match=r".+"):
        rundown_from(json.dumps(data))


# A real process that is killed


def test_a_player_that_is_killed_goes_on_and_accounts_for_all_but_a_second(tmp_path: Path) -> None:
    thon = Thon(tmp_path)
    thon.office.clock.sleep_until(SystemClock().now() + timedelta(seconds=4))
    # At whatever hour the test runs.
    thon.office.desk.station = replace(thon.office.desk.station, quiet=QuietHours(time(0), time(0)))
    rundown = thon.office.post([thon.office.sound(1000 + n) for n in range(2)])
    items = tuple(
        replace(item, start=rundown.start + timedelta(seconds=8 * n), duration_ms=values.ms(7))
        for n, item in enumerate(rundown.items)
    )
    rundown = replace(rundown, items=items, end=rundown.start + timedelta(seconds=40))
    thon.office.desk.push(
        [rundown],
        lambda item: next(p for p in tmp_path.glob("am_*.flac") if p.stat().st_size == 1000 + items.index(item)),
        lambda _: [NODE],
        force=True,
    )
    thon.follow()
    command = [sys.executable, "-m", "broadcaster", "node", "run", "--folder", str(thon.folder)]
    command += ["--output", "null", "--no-link", "--once"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    until = monotonic() + 30
    while not (thon.folder / "playing.json").exists() and monotonic() < until:
        sleep(0.05)
    sleep(2.5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed = SystemClock().now()
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
    assert done.returncode == 0, done.stderr
    rows = thon.rows()
    assert check_chain(rows) == ()
    assert [row.item for row in rows] == [item.id for item in items]
    first, second = rows
    assert (first.outcome, first.cause) == (Outcome.PARTIAL, Cause.POWER_CUT)
    assert first.ended_at is not None
    assert killed - first.ended_at <= timedelta(seconds=1.5)
    assert second.outcome in {Outcome.AIRED, Outcome.PARTIAL}
    assert [row.seq for row in thon.village.cache.rows(10)] == [1, 2]


def test_a_sound_that_is_broken_is_replaced_from_what_the_node_holds_and_the_station_is_told(thon: Thon) -> None:
    good, bad, spare = (thon.office.sound(1000 * n) for n in (1, 2, 3))
    morning = a_rundown(masters=[good.piece.master, bad.piece.master], day=thon.office.clock.now())
    later = a_rundown(masters=[spare.piece.master], day=thon.office.clock.now())
    (item,) = later.items
    kept = replace(item, id="chieu.ban_tin.khac", bulletin="khac", start=item.start + timedelta(hours=8))
    evening = replace(
        later,
        session="chieu",
        start=later.start + timedelta(hours=8),
        end=later.end + timedelta(hours=8),
        items=(kept,),
    )
    paths = {sound.piece.master: sound.path for sound in (good, bad, spare)}
    thon.office.desk.push([morning, evening], lambda item: paths[item.master], lambda _: [NODE], force=True)
    thon.follow()
    for path in (thon.folder / "audio").iterdir():
        if path.stat().st_size == 2000:
            path.write_bytes(b"x" + path.read_bytes()[1:])
    thon.air().play(morning, frozenset())
    rows = thon.rows()
    assert check_chain(rows) == ()
    assert [(row.bulletin, row.outcome, row.cause) for row in rows[-2:]] == [
        (morning.items[1].bulletin, Outcome.MISSED, Cause.NO_AUDIO),
        ("khac", Outcome.AIRED, Cause.NONE),
    ]
    assert rows[-1].item == f"{morning.items[1].id}.thay.khac"
    assert "playout.stand_in" in thon.village.events()
    thon.follow()
    assert thon.office.ledger(NODE) == rows


# Limits


def with_limits(thon: Thon, **changes: Any) -> Rundown:
    """A station that has other limits now, and a rundown that knows nothing of them."""
    thon.office.desk.station = replace(thon.office.desk.station, **changes)
    rundown = thon.office.post([thon.office.sound(1000), thon.office.sound(2000)])
    thon.follow()
    return rundown


def test_a_signed_rundown_in_the_quiet_hours_is_not_played(thon: Thon) -> None:
    rundown = with_limits(thon, quiet=QuietHours(time(9), time(11)))
    assert NOW.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).hour == 10
    thon.air().play(rundown, frozenset())
    assert [(row.outcome, row.cause) for row in thon.rows()] == [(Outcome.MISSED, Cause.QUIET_HOURS)] * 2
    assert thon.village.events().count("playout.hushed") == 2
    assert "playout.dead_air" not in thon.village.events()


def test_a_mute_silences_its_own_cluster_and_an_emergency_goes_past_it(thon: Thon) -> None:
    day = NOW.date()
    rundown = with_limits(thon, mutes=(Mute(frozenset({NODE}), day, day), Mute(frozenset({"khac"}), day, day)))
    air = thon.air()
    air.play(rundown, frozenset())
    assert [(row.outcome, row.cause) for row in thon.rows()] == [(Outcome.MISSED, Cause.MUTED)] * 2
    thon.office.alarm(sound=thon.office.sound(500), repeats=1)
    thon.follow()
    air.alarm.length = lambda _: values.ms(20)
    air.attend()
    assert "emergency.node_spoken" in thon.village.events()


def test_a_mute_of_another_cluster_silences_nothing_here(thon: Thon) -> None:
    day = NOW.date()
    rundown = with_limits(thon, mutes=(Mute(frozenset({"khac"}), day, day),))
    thon.air().play(rundown, frozenset())
    assert [row.outcome for row in thon.rows()] == [Outcome.AIRED] * 2


def test_the_volume_cap_softens_what_is_played_and_no_emergency(thon: Thon) -> None:
    clusters = tuple(replace(c, volume_cap_db=-6.0) for c in thon.office.desk.station.clusters)
    rundown = with_limits(thon, clusters=clusters)
    air, cues = thon.air(), []

    class Heard(NullOutput):
        def play(self, cue: Cue) -> None:
            cues.append(cue)
            super().play(cue)

    air.an_output = lambda _name: Heard(air.clock)  # type: ignore[method-assign]
    air.play(rundown, frozenset())
    thon.office.alarm(sound=thon.office.sound(500), repeats=1)
    thon.follow()
    air.alarm.length = lambda _: values.ms(20)
    air.attend()
    assert [cue.gain_db for cue in cues] == [-6.0, -6.0, 0.0]


def test_limits_that_were_changed_on_the_disk_are_the_usual_ones(thon: Thon) -> None:
    with_limits(thon, quiet=QuietHours(time(1), time(2)))
    air = thon.air()
    assert air.node.held.limits().quiet == QuietHours(time(1), time(2))
    for path in (thon.folder / "audio").glob("*.json"):
        path.write_text(path.read_text().replace("01:00", "00:00"))
    assert air.node.held.limits() == Limits()
