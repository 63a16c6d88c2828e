"""A test tone: who may order one when, and that a node keeps its limits against a signed order."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from broadcaster.adapters.audio.loudness import Bs1770Meter
from broadcaster.adapters.keys import fresh_key
from broadcaster.adapters.link.identity import keep_identity
from broadcaster.adapters.outputs.null import NullOutput
from broadcaster.bootstrap_link import Node
from broadcaster.bootstrap_node import NodeAir
from broadcaster.domain.days import Mute
from broadcaster.domain.emergency import verify
from broadcaster.domain.envelope import Kind, Refusal, Refused, seal
from broadcaster.domain.live import LiveOrder
from broadcaster.domain.master import MASTER_RATE
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.station import QuietHours
from broadcaster.domain.tone import LEVEL_DB, PITCH, VALID, ToneOrder, tone, tone_from
from broadcaster.errors import BroadcasterError, BulletinError, ConfigError
from broadcaster.ports import Cue
from broadcaster.services.toning import Toning
from broadcaster.units import canonical, digest
from tests.domain import values
from tests.services.link_double import MemoryLink
from tests.services.network import NODE, NOW, Office, Village, a_rundown

MASTER = digest("m")


class Thon:
    """A station with one node of two clusters, on a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.office = Office(folder)
        self.village: Village = self.office.enrolled(NODE)
        keep_identity(self.village.cache.root, self.village.identity)
        self.rundowns: list[Rundown] = []
        self.cues: list[Cue] = []

    @property
    def toning(self) -> Toning:
        office = self.office
        return Toning(
            office.registry,
            office.hubs,
            office.clock,
            office.desk.station,
            lambda: office.key,
            lambda _first, _last: self.rundowns,
            lambda rundown: rundown.zone.split("+"),
        )

    def order(self, seconds: int = 10, *zones: str, clusters: tuple[str, ...] = (NODE,)) -> ToneOrder:
        self.office.clock.step(timedelta(milliseconds=10))
        return self.toning.order("nam", zones, clusters, seconds).order

    def follow(self) -> None:
        self.village.receiving(MemoryLink(self.office.desk, NODE)).turn(0.0)

    def air(self, output: str = "null") -> NodeAir:
        node = Node(self.village.cache.root, self.office.clock)
        made = NodeAir(node, output, None, lambda: True, timedelta(0), self.office.clock)
        cues, clock = self.cues, self.office.clock

        class Heard(NullOutput):
            def play(self, cue: Cue) -> None:
                cues.append(cue)
                super().play(cue)

        if output == "null":
            made.an_output = lambda _name: Heard(clock)  # type: ignore[method-assign]
        return made

    def told(self) -> dict[str, Any]:
        """What the node said of the tone, by its code: the facts."""
        return {str(event["code"]): event["facts"] for event in self.village.cache.events(100)}


@pytest.fixture
def thon(tmp_path: Path) -> Thon:
    return Thon(tmp_path)


def test_the_tone_is_as_loud_as_a_master_and_ends_without_a_click() -> None:
    sound = tone(10, MASTER_RATE)
    measured = Bs1770Meter().measure(sound)
    assert measured.loudness == pytest.approx(LEVEL_DB, abs=0.1)
    samples = np.frombuffer(sound.samples, "<i2").astype(float) / 32768
    assert len(samples) == 10 * MASTER_RATE
    assert abs(samples[0]) + abs(samples[-1]) < 0.001
    assert np.abs(np.diff(samples)).max() < 0.07, "no step is larger than the sine's own"
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() * MASTER_RATE / len(samples) == pytest.approx(PITCH, abs=0.1)


def test_a_node_sounds_it_once_and_says_how_loud_it_was(thon: Thon) -> None:
    order = thon.order(10)
    thon.follow()
    for _ in range(3):
        thon.air("file").attend()
        thon.follow()
    (heard,) = (thon.village.cache.root / "heard").iterdir()
    samples, rate = soundfile.read(heard)
    assert len(samples) == pytest.approx(10 * rate, abs=rate)
    [answer] = thon.toning.answers()[order.id].values()
    assert answer["code"] == "tone.node_played"
    assert answer["facts"] == {"tone": order.id, "seconds": 10, "level": "-16.0"}
    assert not (thon.village.cache.root / "ledger.jsonl").exists()


def test_the_volume_cap_holds(thon: Thon) -> None:
    clusters = tuple(replace(c, volume_cap_db=-9.0) for c in thon.office.desk.station.clusters)
    thon.office.desk.station = replace(thon.office.desk.station, clusters=clusters)
    thon.office.post([])
    thon.order()
    thon.follow()
    thon.air().attend()
    assert [cue.gain_db for cue in thon.cues] == [-9.0]


def test_a_node_does_not_sound_it_for_another_cluster_nor_when_it_is_late(thon: Thon) -> None:
    thon.order(clusters=("dong_2",))
    thon.follow()
    thon.air().attend()
    thon.order()
    thon.follow()
    thon.office.clock.step(VALID)
    thon.air().attend()
    assert thon.cues == []
    assert thon.told() == {}


def limited(thon: Thon, **changes: Any) -> None:
    """Limits that only the node has: the station is asked by somebody who does not know of them."""
    station = thon.office.desk.station
    thon.office.desk.station = replace(station, **changes)
    thon.office.post([])
    thon.follow()
    thon.office.desk.station = station


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"quiet": QuietHours(time(9), time(11))}, "quiet_hours"),
        ({"quiet": QuietHours(time(10, 0, 20), time(11))}, "quiet_hours"),
        ({"mutes": (Mute(frozenset({NODE}), NOW.date(), NOW.date()),)}, "muted"),
    ],
)
def test_a_node_keeps_its_quiet_against_a_signed_order(thon: Thon, changes: dict[str, Any], cause: str) -> None:
    limited(thon, **changes)
    order = thon.order(30)
    thon.follow()
    thon.air().attend()
    thon.air().attend()
    assert thon.cues == []
    assert thon.told() == {"tone.node_kept": {"tone": order.id, "cause": cause}}


@pytest.mark.parametrize("ahead", [timedelta(seconds=-20), timedelta(seconds=5), timedelta(seconds=60)])
def test_a_session_that_the_node_holds_goes_before_it(thon: Thon, ahead: timedelta) -> None:
    rundown = a_rundown(masters=[MASTER], day=thon.office.clock.now() + ahead)
    order = thon.order(10)
    thon.follow()
    air = thon.air()
    air.rundowns = lambda _first, _last: [rundown]  # type: ignore[method-assign]
    air.attend()
    assert thon.cues == []
    assert thon.told() == {"tone.node_session": {"tone": order.id}}


def test_a_session_that_is_far_enough_does_not(thon: Thon) -> None:
    rundown = a_rundown(masters=[MASTER], day=thon.office.clock.now() + timedelta(minutes=2))
    thon.order(10)
    thon.follow()
    air = thon.air()
    air.rundowns = lambda _first, _last: [rundown]  # type: ignore[method-assign]
    air.attend()
    assert list(thon.told()) == ["tone.node_played"]


def test_an_emergency_cuts_it_off_and_is_spoken(thon: Thon) -> None:
    order = thon.order(30)
    thon.follow()
    air, clock = thon.air(), thon.office.clock
    air.alarm.length = lambda _: values.ms(20)
    sleep_until, sent = clock.sleep_until, []

    def watched(instant: Any) -> None:
        sleep_until(instant)
        if thon.cues and not sent and clock.now() - order.issued > timedelta(seconds=8):
            sent.append(thon.office.alarm(sound=thon.office.sound(500), repeats=1))
            thon.follow()

    clock.sleep_until = watched  # type: ignore[method-assign]
    air.attend()
    air.attend()
    air.attend()
    told = thon.told()
    thon.follow()
    answer = thon.toning.answers()[order.id][NODE]
    assert answer["code"] == "tone.node_cut"
    assert answer["facts"]["cause"] == "emergency"
    assert 7 <= answer["facts"]["seconds"] <= 9
    assert "emergency.node_spoken" in told
    assert len(thon.cues) == 2, "it does not begin again"


def test_what_waits_for_the_air_goes_before_it(thon: Thon) -> None:
    order = thon.order()
    thon.follow()
    thon.office.alarm(sound=thon.office.sound(500), repeats=1)
    thon.follow()
    air = thon.air()
    air.alarm.length = lambda _: values.ms(20)
    air.attend()
    assert "emergency.node_spoken" in thon.told()
    air.attend()
    assert thon.told()["tone.node_played"]["tone"] == order.id


# What the station refuses


def muted(thon: Thon) -> None:
    day = NOW.date()
    thon.office.desk.station = replace(thon.office.desk.station, mutes=(Mute(frozenset({NODE}), day, day),))


def in_the_night(thon: Thon) -> None:
    thon.office.desk.station = replace(thon.office.desk.station, quiet=QuietHours(time(9), time(11)))


def with_an_emergency(thon: Thon) -> None:
    thon.office.alarm(sound=thon.office.sound(500))


def with_a_live(thon: Thon) -> None:
    now = thon.office.clock.now()
    day = timedelta(hours=1)
    thon.office.registry.keep_live(
        LiveOrder("a-1", "minh_tien", 1, ("toan_xa",), (), "Nói chuyện", now, now + day, now + day, "nam")
    )


def with_a_session(thon: Thon) -> None:
    thon.rundowns.append(a_rundown(masters=[MASTER], day=thon.office.clock.now() + timedelta(seconds=65)))


def with_a_tone(thon: Thon) -> None:
    thon.order(10)
    thon.office.clock.step(timedelta(seconds=5))


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (muted, "tone.muted"),
        (in_the_night, "tone.quiet"),
        (with_an_emergency, "tone.urgent"),
        (with_a_live, "tone.live"),
        (with_a_session, "tone.session"),
        (with_a_tone, "tone.busy"),
    ],
)
def test_the_station_sends_nothing_that_may_not_be_heard(
    thon: Thon, prepare: Callable[[Thon], None], code: str
) -> None:
    prepare(thon)
    before = len(thon.toning.records())
    with pytest.raises(ConfigError) as caught:
        thon.order(10)
    assert caught.value.code == code
    assert len(thon.toning.records()) == before


@pytest.mark.parametrize(
    ("actor", "zones", "clusters", "seconds", "code"),
    [
        ("hoa", (), (NODE,), 10, "person.role"),
        ("ai_do", (), (NODE,), 10, "person.unknown"),
        ("nam", ("khong",), (), 10, "emergency.zone"),
        ("nam", (), ("khong",), 10, "run.node"),
        ("nam", (), (), 10, "tone.nobody"),
        ("nam", (), (NODE,), 4, "tone.length"),
        ("nam", (), (NODE,), 31, "tone.length"),
    ],
)
def test_a_wrong_order_is_one_message(
    thon: Thon, actor: str, zones: tuple[str, ...], clusters: tuple[str, ...], seconds: int, code: str
) -> None:
    with pytest.raises((ConfigError, BulletinError)) as caught:
        thon.toning.order(actor, zones, clusters, seconds)
    assert caught.value.code == code
    assert isinstance(caught.value, BroadcasterError)
    assert thon.toning.records() == []


def test_muted_clusters_are_left_out_of_a_zone(thon: Thon) -> None:
    muted(thon)
    tried = thon.toning.order("nam", ("toan_xa",), (), 10)
    assert tried.muted == (NODE,)
    assert NODE not in thon.toning.clusters(tried.order)
    assert thon.toning.clusters(tried.order)


def test_a_session_elsewhere_and_one_that_was_taken_off_are_not_in_the_way(thon: Thon) -> None:
    now = thon.office.clock.now()
    thon.rundowns += [a_rundown(masters=[MASTER], day=now, zone="khac"), a_rundown(masters=[], day=now)]
    assert thon.order(10).is_for(NODE)


# What is signed


def facts_of(thon: Thon, **changed: Any) -> dict[str, Any]:
    now = thon.office.clock.now()
    order = ToneOrder("a-1", "minh_tien", 10**6, (), (NODE,), 10, now, now + VALID, "nam")
    return {**order.body, **changed}


@pytest.mark.parametrize(
    "changed",
    [{"seconds": 4}, {"seconds": 31}, {"seconds": True}, {"nodes": "dong_1"}, {"id": "../x"}, {"more": 1}],
)
def test_what_is_no_order_for_a_tone_is_refused(thon: Thon, changed: dict[str, Any]) -> None:
    key = thon.office.key
    text = seal(Kind.TONE, facts_of(thon, **changed), key.name, key.sign)
    held = thon.village.held
    refused = verify(text, held.keys, held.check, station="minh_tien", after=0, now=thon.office.clock.now())
    assert isinstance(refused, Refused)
    assert refused.why is Refusal.MALFORMED


def test_an_order_is_good_for_two_minutes_and_no_longer(thon: Thon) -> None:
    now = thon.office.clock.now()
    data = json.loads(canonical(facts_of(thon, expires=now + VALID + timedelta(seconds=1))))
    with pytest.raises(ValueError, match="too long"):
        tone_from(data)


@pytest.mark.parametrize("whose", ["emergency", "stranger"])
def test_only_the_stations_key_orders_a_tone(thon: Thon, whose: str) -> None:
    key = thon.office.emergency if whose == "emergency" else fresh_key()
    text = seal(Kind.TONE, facts_of(thon), key.name, key.sign)
    thon.village.receiving(MemoryLink(thon.office.desk, NODE)).take(text)
    assert list(thon.told()) == ["refused.unknown_key"]
    assert thon.village.held.tone() is None


def test_a_replayed_order_is_refused(thon: Thon) -> None:
    thon.order()
    letters = thon.office.desk.letters(NODE, 0, 0)
    receiving = thon.village.receiving(MemoryLink(thon.office.desk, NODE))
    for letter in letters:
        receiving.take(letter)
    (text,) = [letter for letter in letters if b" tone " in letter[:40]]
    receiving.take(text)
    assert "refused.replayed" in thon.told()


def test_a_kind_that_a_node_does_not_know_is_refused_loudly_and_changes_nothing(thon: Thon) -> None:
    """What a node of a release before tones does with one, and this one with whatever comes after it."""
    key = thon.office.key
    known = seal(Kind.TONE, facts_of(thon), key.name, key.sign)
    strange = known.replace(b"broadcaster-1 tone ", b"broadcaster-1 khac ", 1)
    thon.village.receiving(MemoryLink(thon.office.desk, NODE)).take(strange)
    assert list(thon.told()) == ["refused.altered"]
    assert thon.village.held.tone() is None
    assert thon.village.cache.seen("urgent") == 0
    thon.air().attend()
    assert thon.cues == []
