"""Every link through one suite: by HTTP, over Mosquitto, and the double of the tests."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.adapters.audio.live_sound import flac_of, samples_of
from broadcaster.adapters.keys import is_signed
from broadcaster.adapters.link.http import HttpLink
from broadcaster.adapters.link.mqtt import MqttHub, MqttLink
from broadcaster.domain.envelope import Kind, seal
from broadcaster.domain.live import Segment, opened
from broadcaster.errors import LinkError
from broadcaster.ports import Link
from broadcaster.services.going_live import SEGMENT_BYTES, GoingLive
from tests.adapters.link.servers import Door, Mosquitto
from tests.services.link_double import MemoryLink
from tests.services.network import NODE, Office, Village
from tests.suites.link import LinkSuite, World


class TestMemory(LinkSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> World:
        office = Office(tmp_path)
        up = threading.Event()
        up.set()

        def connect(village: Village) -> Link:
            return MemoryLink(office.desk, village.identity.node, up.is_set)

        return World(office, office.mailbox, connect, up.clear, up.set)


def http_link(village: Village, address: str) -> HttpLink:
    def ask(_: str) -> bytes:
        body = {"node": village.identity.node, "at": village.clock.now()}
        return seal(Kind.ASK, body, village.key.name, village.key.sign)

    return HttpLink(address, ask)


class TestHttp(LinkSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[World]:
        office = Office(tmp_path)
        door = Door(office.desk)
        made = World(office, office.mailbox, lambda v: http_link(v, door.address), door.shut, door.open)
        yield made
        for link in made.links:
            link.close()
        door.shut()

    def test_a_node_that_was_thrown_out_is_told_nothing(self, world: World, village: Village) -> None:
        link = world.link(village)
        world.office.post([])
        world.office.revoke(village.identity.node)
        with pytest.raises(LinkError, match=r"link\.refused.*revoked"):
            link.poll(0, 0, 0)

    def test_whoever_does_not_say_who_he_is_gets_nothing(self, world: World, village: Village) -> None:
        del village
        link = HttpLink(world.connect(world.office.villages["dong_1"])._address, lambda _: b"")  # type: ignore[attr-defined]
        world.links.append(link)
        for call in (lambda: link.poll(0, 0, 0), lambda: list(link.fetch(world.office.sound(10).piece.sha256, 0))):
            with pytest.raises(LinkError, match=r"link\.refused.*unsigned"):
                call()

    def test_a_clock_that_is_wrong_is_named(self, world: World, village: Village) -> None:
        address = world.link(village)._address  # type: ignore[attr-defined]
        body = {"node": "dong_1", "at": "1970-01-01T00:00:00Z"}
        link = HttpLink(address, lambda _: seal(Kind.ASK, body, village.key.name, village.key.sign))
        world.links.append(link)
        with pytest.raises(LinkError, match=r"link\.refused.*expired"):
            link.poll(0, 0, 0)

    def test_who_waits_is_called_at_once(self, world: World, village: Village) -> None:
        link = world.link(village)
        threading.Timer(0.3, lambda: world.office.post([])).start()
        assert len(link.poll(0, 0, 20)) == 1


class TestMqtt(LinkSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[World]:
        broker = Mosquitto(tmp_path / "moi_gioi")
        office = Office(tmp_path, mqtt=broker.address)
        hub = MqttHub(broker.address, office.station.code, office.clock)
        office.hubs = [hub]
        door = Door(office.desk)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                with suppress(LinkError):
                    hub.serve(office.desk.take, 0.1)
                stop.wait(0.02)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()

        def connect(village: Village) -> Link:
            files = http_link(village, door.address)
            return MqttLink(broker.address, "minh_tien", village.identity.node, files.fetch)

        made = World(office, hub, connect, broker.shut, broker.open)
        yield made
        stop.set()
        for link in made.links:
            link.close()
        thread.join(10)
        hub.close()
        door.shut()
        broker.shut()

    def test_a_node_that_was_away_hears_the_order_when_it_is_back(self, world: World, village: Village) -> None:
        link = world.link(village)
        link.poll(0, 0, 0.1)
        link.close()
        order = world.office.alarm()
        world.receiving(village).turn(5)
        assert [o.id for o in village.held.orders()] == [order.id]


# Live broadcasts over a real door


def test_segments_wait_for_their_time_and_belong_to_their_nodes(tmp_path: Path) -> None:
    office = Office(tmp_path)
    village = office.enrolled(NODE)
    going = GoingLive(office.registry, office.hubs, office.clock, office.station, office.key)
    order = going.begin("nam", ["toan_xa"], timedelta(minutes=5), "Họp xã")
    studio = going.studio(order, flac_of)
    door = Door(office.desk)
    link = http_link(village, door.address)
    try:
        studio.feed(bytes(SEGMENT_BYTES) * 2)
        first = link.segment(order.id, 0)
        assert first is not None
        found = opened(first, village.identity.keys, is_signed, live=order.id, after=0)
        assert isinstance(found, Segment)
        assert found.number == 1
        later = threading.Timer(0.5, lambda: studio.feed(bytes(SEGMENT_BYTES)))
        later.start()
        third = link.segment(order.id, 3)
        later.join()
        assert third is not None
        found = opened(third, village.identity.keys, is_signed, live=order.id, after=2)
        assert isinstance(found, Segment)
        assert samples_of(found.sound) == bytes(SEGMENT_BYTES)
        for live, number in ((order.id, -1), ("khong-co", 1), ("..%2F..", 1)):
            with pytest.raises(LinkError):
                link.segment(live, number)
        going.end("nam")
        with pytest.raises(LinkError, match=r"link\.gone"):
            link.segment(order.id, 1)
        office.revoke(NODE)
        with pytest.raises(LinkError, match=r"link\.refused"):
            link.segment(order.id, 1)
    finally:
        link.close()
        door.shut()
