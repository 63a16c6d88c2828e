"""What takes the air without a rundown: its rows, its journal, and how a session gives way and goes on."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from broadcaster.adapters.audio.live_sound import flac_of, keep, samples_of
from broadcaster.adapters.journal import FileJournal
from broadcaster.adapters.outputs.null import NullOutput
from broadcaster.bootstrap_link import Node
from broadcaster.bootstrap_node import NodeAir
from broadcaster.domain.asrun import AsRun, Cause, Outcome, check_chain
from broadcaster.domain.days import Mute
from broadcaster.domain.envelope import STATION_KINDS, Kind, Refusal, Refused, Trust, seal
from broadcaster.domain.live import LIVE_RATE, LiveOrder, Segment, opened, sealed
from broadcaster.domain.receipt import as_run_from
from broadcaster.domain.rundown import ItemKind
from broadcaster.domain.station import QuietHours
from broadcaster.domain.uncalled import Uncalled
from broadcaster.errors import BulletinError, ConfigError, LinkError, OutputError
from broadcaster.ports import Cue, OutputEvent, OutputEventKind
from broadcaster.services.going_live import SEGMENT_BYTES, GoingLive, Studio
from broadcaster.services.taking import Taking
from broadcaster.services.tuning import Tuning
from tests.domain import values
from tests.services.link_double import MemoryLink
from tests.services.network import NODE, NOW, Office, fresh_key
from tests.services.test_node import LostOutput, Thon

SECOND = bytes(SEGMENT_BYTES)


class Air(NodeAir):
    """The player, with something that happens whenever the clock has come so far."""

    def at(self, moments: dict[float, Callable[[], object]], every: Callable[[], object] = lambda: None) -> None:
        clock = self.clock
        begun, left = clock.now(), dict(sorted(moments.items()))
        sleep_until = clock.sleep_until

        def watched(instant: datetime) -> None:
            sleep_until(instant)
            every()
            for seconds in [one for one in left if clock.now() - begun >= timedelta(seconds=one)]:
                left.pop(seconds)()

        clock.sleep_until = watched  # type: ignore[method-assign]


class Desk:
    """A station that goes live, and a node that tunes in whenever its clock moves."""

    def __init__(self, thon: Thon) -> None:
        self.thon, self.office = thon, thon.office
        self.going = GoingLive(
            self.office.registry, self.office.hubs, self.office.clock, self.office.station, self.office.key
        )
        self.link = MemoryLink(self.office.desk, NODE)
        self.tuning = Tuning(self.link, thon.village.held, samples_of)
        self.studio: Studio | None = None
        self.silent = False
        self._fed = 0.0

    def begin(self, length: timedelta = timedelta(minutes=10), zones: tuple[str, ...] = ("toan_xa",)) -> LiveOrder:
        order = self.going.begin("nam", zones, length, "Chủ tịch xã nói chuyện")
        folder = self.office.registry.live_folder(order.id)
        folder.mkdir(parents=True)
        self.studio = Studio(order, folder, self.office.key, flac_of)
        self._fed = self.office.clock.elapsed()
        self.thon.follow()
        return order

    def live(self) -> None:
        """What has been spoken since the last look is on the node's disk."""
        if self.studio is None:
            return
        while self._fed + 1 <= self.office.clock.elapsed():
            self._fed += 1
            if not self.silent:
                self.studio.feed(SECOND)
        try:
            while self.tuning._last < self.studio.number and self.tuning.turn():
                pass
        except LinkError:
            return

    def end(self) -> None:
        self.going.end("nam")
        self.thon.follow()


@pytest.fixture
def thon(tmp_path: Path) -> Thon:
    return Thon(tmp_path)


def air_of(thon: Thon) -> Air:
    node = Node(thon.folder, thon.office.clock)
    return Air(node, "null", None, lambda: thon.going, timedelta(0), thon.office.clock)


def told(row: AsRun) -> tuple[ItemKind, Outcome, Cause]:
    return row.kind, row.outcome, row.cause


# Rows


def test_an_emergency_has_a_row_for_every_reading_and_a_drill_says_that_it_is_one(thon: Thon) -> None:
    order = thon.office.alarm(sound=thon.office.sound(500), repeats=2)
    drill = thon.office.alarm(sound=thon.office.sound(600), repeats=1, drill=True)
    thon.follow()
    air = thon.air()
    air.alarm.length = lambda _: values.ms(20)
    air.attend()
    rows = thon.rows()
    assert check_chain(rows) == ()
    assert [(*told(row), row.bulletin) for row in rows] == [
        (ItemKind.EMERGENCY, Outcome.AIRED, Cause.NONE, order.id),
        (ItemKind.EMERGENCY, Outcome.AIRED, Cause.NONE, order.id),
        (ItemKind.DRILL, Outcome.AIRED, Cause.NONE, drill.id),
    ]
    assert all(row.played_ms == row.planned_ms == 20_000 and row.session == "" for row in rows)
    thon.follow()
    assert thon.office.ledger(NODE) == rows


def test_a_reading_that_is_taken_back_is_partial(thon: Thon) -> None:
    order = thon.office.alarm(sound=thon.office.sound(500), repeats=3)
    thon.follow()
    air = air_of(thon)
    air.alarm.length = lambda _: values.ms(20)

    def retract() -> None:
        thon.office.retract(order)
        thon.follow()

    air.at({5: retract})
    air.attend()
    (row,) = thon.rows()
    assert told(row) == (ItemKind.EMERGENCY, Outcome.PARTIAL, Cause.STOPPED)
    assert 5000 <= row.played_ms <= 5500


def test_an_order_that_no_device_ever_sounded_is_on_record_as_missed(thon: Thon) -> None:
    order = thon.office.alarm(sound=thon.office.sound(500), repeats=2)
    thon.follow()
    air = thon.air()
    air.an_output = lambda _name: LostOutput(air.clock)  # type: ignore[method-assign]
    with pytest.raises(OutputError):
        air.attend()
    air.device = object()  # type: ignore[assignment]
    air.attend()
    assert not (thon.folder / "ledger.jsonl").exists()
    thon.office.clock.step(timedelta(hours=1))
    air.attend()
    (row,) = thon.rows()
    assert (*told(row), row.bulletin) == (ItemKind.EMERGENCY, Outcome.MISSED, Cause.DEVICE_LOST, order.id)


class HalfOutput(NullOutput):
    """A device that goes away in the middle, once."""

    gone = False

    def poll(self) -> list[OutputEvent]:
        events = list(super().poll())
        far = [e for e in events if e.kind is OutputEventKind.PROGRESSED and e.played_ms >= 4000]
        if far and not HalfOutput.gone:
            HalfOutput.gone = True
            self._cue = None
            return [OutputEvent(OutputEventKind.ENDED, far[0].item, far[0].at, far[0].played_ms, Cause.DEVICE_LOST)]
        return events


def test_a_reading_whose_device_went_away_has_a_row_and_is_tried_again_as_another(thon: Thon) -> None:
    thon.office.alarm(sound=thon.office.sound(500), repeats=1)
    thon.follow()
    air = thon.air()
    air.alarm.length = lambda _: values.ms(20)
    HalfOutput.gone = False
    air.an_output = lambda _name: HalfOutput(air.clock)  # type: ignore[method-assign]
    air.attend()
    air.attend()
    rows = thon.rows()
    assert [told(row) for row in rows] == [
        (ItemKind.EMERGENCY, Outcome.PARTIAL, Cause.DEVICE_LOST),
        (ItemKind.EMERGENCY, Outcome.AIRED, Cause.NONE),
    ]
    assert len({row.item for row in rows}) == 2


def test_what_sounded_when_the_power_went_is_closed_once(tmp_path: Path) -> None:
    office, rows = Office(tmp_path), list[AsRun]()
    what = Uncalled(ItemKind.EMERGENCY, "20261127-010203-abcdef", 2, values.ms(20), "sang")
    item = what.item(NOW)
    journal = FileJournal(tmp_path / "j.json")
    journal.begin(item, NOW)
    journal.progress(item, values.ms(7), NOW + timedelta(seconds=7))
    for _ in range(2):
        again = FileJournal(tmp_path / "j.json")
        Taking(NODE, office.clock, again, rows.extend, lambda at: at).close_after_power_cut()
    (row,) = rows
    assert (*told(row), row.played_ms, row.item) == (
        ItemKind.EMERGENCY,
        Outcome.PARTIAL,
        Cause.POWER_CUT,
        7000,
        item,
    )
    assert row.ended_at == NOW + timedelta(seconds=7)


@pytest.mark.parametrize("item", ["2026-11-27.sang.xa.ban_tin.1", "khan_cap.a.b.c", "khan_cap.a.1", "", "tin.a.1.2"])
def test_an_item_of_a_rundown_is_nobodys_order(item: str) -> None:
    assert Uncalled.of_item(item, values.ms(1)) is None


# Live


def test_a_live_broadcast_takes_the_air_from_a_session_and_gives_it_back(thon: Thon) -> None:
    rundown = thon.office.post([thon.office.sound(1000 + n) for n in range(4)])
    thon.follow()
    desk, air = Desk(thon), air_of(thon)
    air.at({10: desk.begin, 50: desk.end}, desk.live)
    air.play(rundown, frozenset())
    rows = thon.rows()
    assert check_chain(rows) == ()
    (live,) = [row for row in rows if row.kind is ItemKind.LIVE]
    assert (live.outcome, live.cause, live.session) == (Outcome.AIRED, Cause.NONE, rundown.session)
    assert 30_000 <= live.played_ms <= 38_000
    assert {row.item for row in rows} >= {item.id for item in rundown.items}
    assert [row.outcome for row in rows if row.kind is ItemKind.BULLETIN] == [Outcome.AIRED] * 4, "there was room"
    assert "live.node_off" in thon.village.events()


def test_what_a_long_live_broadcast_left_no_room_for_gave_way_to_it(thon: Thon) -> None:
    rundown = thon.office.post([thon.office.sound(1000 + n) for n in range(4)])
    thon.follow()
    desk, air = Desk(thon), air_of(thon)
    air.at({10: lambda: desk.begin(timedelta(hours=1))}, desk.live)
    air.play(rundown, frozenset())
    planned = [row for row in thon.rows() if row.kind is ItemKind.BULLETIN]
    assert told(planned[0]) == (ItemKind.BULLETIN, Outcome.INTERRUPTED, Cause.LIVE)
    assert [told(row) for row in planned[1:]] == [(ItemKind.BULLETIN, Outcome.MISSED, Cause.LIVE)] * 3


def test_an_emergency_goes_before_a_live_broadcast_which_goes_on_behind_it(thon: Thon) -> None:
    desk, air = Desk(thon), air_of(thon)
    air.alarm.length = lambda _: values.ms(5)
    desk.begin(timedelta(seconds=60))

    def flood() -> None:
        thon.office.alarm(sound=thon.office.sound(500), repeats=1)
        thon.follow()

    air.at({20: flood}, desk.live)
    for _ in range(600):
        air.clock.sleep_until(air.clock.now() + timedelta(milliseconds=200))
        air.attend()
    rows = [row for row in thon.rows() if row.played_ms]
    assert [told(row) for row in rows] == [
        (ItemKind.LIVE, Outcome.INTERRUPTED, Cause.EMERGENCY),
        (ItemKind.EMERGENCY, Outcome.AIRED, Cause.NONE),
        (ItemKind.LIVE, Outcome.AIRED, Cause.NONE),
    ]
    assert rows[0].bulletin == rows[2].bulletin
    desk.live()
    assert not list((thon.folder / "live").iterdir()), "nothing stays on the node's disk"


def test_a_source_that_falters_gives_the_air_back_and_gets_it_again(thon: Thon) -> None:
    rundown = thon.office.post([thon.office.sound(1000 + n) for n in range(4)])
    thon.follow()
    desk, air = Desk(thon), air_of(thon)

    def falter() -> None:
        desk.silent = True

    def come_back() -> None:
        desk.silent = False

    air.at({5: desk.begin, 20: falter, 60: come_back, 80: desk.end}, desk.live)
    air.play(rundown, frozenset())
    lives = [row for row in thon.rows() if row.kind is ItemKind.LIVE]
    assert [(row.outcome, row.cause) for row in lives] == [
        (Outcome.PARTIAL, Cause.SOURCE_LOST),
        (Outcome.AIRED, Cause.NONE),
    ]
    first, second = lives
    assert first.ended_at is not None
    assert second.started_at is not None
    assert second.started_at - first.ended_at > timedelta(seconds=25), "the session had the air meanwhile"


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"quiet": QuietHours(time(9), time(11))}, Cause.QUIET_HOURS),
        ({"mutes": (Mute(frozenset({NODE}), NOW.date(), NOW.date()),)}, Cause.MUTED),
    ],
)
def test_quiet_hours_and_mutes_hold_against_a_live_broadcast(
    thon: Thon, changes: dict[str, object], cause: Cause
) -> None:
    del cause
    thon.office.desk.station = replace(thon.office.desk.station, **changes)  # type: ignore[arg-type]
    thon.office.post([thon.office.sound(1000)])
    desk, air = Desk(thon), air_of(thon)
    desk.begin(timedelta(seconds=30))
    air.at({}, desk.live)
    for _ in range(200):
        air.clock.sleep_until(air.clock.now() + timedelta(milliseconds=200))
        air.attend()
    assert not (thon.folder / "ledger.jsonl").exists()


def test_a_broadcast_for_other_zones_is_none_here(thon: Thon) -> None:
    desk, air = Desk(thon), air_of(thon)
    other = next(z.code for z in thon.office.station.zones if NODE not in z.clusters)
    desk.begin(timedelta(seconds=30), (other,))
    air.at({}, desk.live)
    for _ in range(100):
        air.clock.sleep_until(air.clock.now() + timedelta(milliseconds=200))
        air.attend()
    assert not (thon.folder / "ledger.jsonl").exists()
    with pytest.raises(LinkError, match=r"link\.gone"):
        thon.office.desk.segment(NODE, desk.going.on()[0].id, 0)


# Who may, and what the station keeps


def test_who_may_go_live_where_and_for_how_long(thon: Thon) -> None:
    going = Desk(thon).going
    minute = timedelta(minutes=1)
    with pytest.raises(BulletinError):
        going.begin("ai_do", ["toan_xa"], minute, "x")
    for zones, length, title, code in (
        (["khong_co"], minute, "x", "emergency.zone"),
        ([], minute, "x", "emergency.zone"),
        (["toan_xa"], timedelta(seconds=1), "x", "live.length"),
        (["toan_xa"], timedelta(hours=5), "x", "live.length"),
        (["toan_xa"], minute, " ", "live.title"),
        (["toan_xa"], minute, "x" * 201, "live.title"),
    ):
        with pytest.raises(ConfigError) as caught:
            going.begin("nam", zones, length, title)
        assert caught.value.code == code
    order = going.begin("nam", ["toan_xa"], minute, "Họp  xã")
    assert order.title == "Họp xã"
    with pytest.raises(LinkError) as busy:
        going.begin("nam", [thon.office.station.zones[0].code], minute, "x")
    assert busy.value.code == "live.busy"
    assert going.end("nam").id == order.id
    with pytest.raises(LinkError) as none:
        going.end("nam")
    assert none.value.code == "live.none"
    assert [one.id for one in going.records()] == [order.id]


def test_the_whole_sound_is_kept_as_one_file(thon: Thon) -> None:
    desk = Desk(thon)
    desk.begin()
    studio = desk.studio
    assert studio is not None
    sound = bytes(range(256)) * 500
    for at in range(0, len(sound), 1000):
        studio.feed(sound[at : at + 1000])
    assert studio.number == len(sound) // SEGMENT_BYTES
    whole = studio.close(keep)
    assert whole is not None
    assert samples_of(whole.read_bytes()) == sound
    assert not studio.folder.exists()


def test_old_segments_go_and_a_node_that_is_behind_goes_on_with_the_newest(thon: Thon) -> None:
    desk = Desk(thon)
    order = desk.begin()
    assert desk.studio is not None
    desk.studio.feed(SECOND * 130)
    assert len(list(desk.studio.folder.glob("[0-9]*"))) == 120
    with pytest.raises(LinkError, match=r"link\.gone"):
        thon.office.desk.segment(NODE, order.id, 3)
    desk.tuning._live, desk.tuning._last = order.id, 2
    with pytest.raises(LinkError):
        desk.tuning.turn()
    assert desk.tuning.turn()
    assert desk.tuning._last == 127


# Trust

STATION, STRANGER = fresh_key(), fresh_key()
KEYS = {STATION.name: Trust(STATION.public, STATION_KINDS)}


def test_a_segment_comes_back_equal() -> None:
    from broadcaster.adapters.keys import is_signed

    segment = Segment("a-1", 7, flac_of(SECOND))
    text = sealed(segment, STATION.name, STATION.sign)
    assert opened(text, KEYS, is_signed, live="a-1", after=6) == segment
    assert samples_of(segment.sound) == SECOND


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda _: sealed(Segment("a-1", 7, b"x"), STRANGER.name, STRANGER.sign), Refusal.UNKNOWN_KEY),
        (lambda text: text[:-3], Refusal.TRUNCATED),
        (lambda text: text.replace(b'"number":7', b'"number":8'), Refusal.ALTERED),
        (lambda _: sealed(Segment("b-1", 7, b"x"), STATION.name, STATION.sign), Refusal.FOREIGN),
        (lambda _: sealed(Segment("a-1", 6, b"x"), STATION.name, STATION.sign), Refusal.REPLAYED),
        (lambda _: seal(Kind.SEGMENT, {"live": "a-1"}, STATION.name, STATION.sign), Refusal.MALFORMED),
        (
            lambda _: seal(Kind.SEGMENT, {"live": "a-1", "number": 7, "sound": "?"}, STATION.name, STATION.sign),
            Refusal.MALFORMED,
        ),
        (lambda text: text + b"x" * 300_000, Refusal.OVERSIZED),
    ],
)
def test_a_segment_that_is_not_right_is_refused(spoil: Callable[[bytes], bytes], why: Refusal) -> None:
    from broadcaster.adapters.keys import is_signed

    text = spoil(sealed(Segment("a-1", 7, flac_of(SECOND)), STATION.name, STATION.sign))
    found = opened(text, KEYS, is_signed, live="a-1", after=6)
    assert isinstance(found, Refused)
    assert found.why is why


@pytest.mark.parametrize("sound", [b"", b"no flac", flac_of(SECOND)[:100], flac_of(SECOND * 9)])
def test_what_is_no_segments_sound_is_none(sound: bytes) -> None:
    assert samples_of(sound) is None


def test_a_spoiled_segment_sounds_nowhere_and_is_told(thon: Thon) -> None:
    desk = Desk(thon)
    order = desk.begin()
    assert desk.studio is not None
    desk.studio.feed(SECOND * 5)
    desk.link.spoil = lambda text: text[:-1] + bytes([text[-1] ^ 1])
    with pytest.raises(LinkError):
        desk.tuning.turn()
    assert thon.village.cache.spool(order.id).stat().st_size == 0
    assert [e["code"] for e in thon.village.cache.events(9)] == ["refused.altered"]


def test_rows_of_what_takes_the_air_pass_as_receipts() -> None:
    row = Uncalled(ItemKind.LIVE, "a-1", 1, values.ms(3), "chieu").row(
        NODE, "truc_tiep.a-1.1.0", NOW.date(), NOW, Outcome.MISSED, Cause.SOURCE_LOST
    )
    from broadcaster.units import plain

    assert as_run_from(json.loads(json.dumps(plain(row)))) == row
    assert LIVE_RATE == 16_000
    assert NOW.tzinfo is UTC
    assert Cue("a", None, values.ms(0), values.ms(1)).growing is False
