"""What every link does between a node and its station.

A test module subclasses the suite and gives the fixture `world`: a station with a desk, a hub, and a way to make links.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from broadcaster.adapters.keys import is_signed
from broadcaster.domain.emergency import EmergencyOrder
from broadcaster.domain.envelope import Kind, Refused, seal, unseal
from broadcaster.domain.manifest import Manifest
from broadcaster.errors import LinkError, Severity
from broadcaster.ports import Hub, Link
from broadcaster.services.receiving import Receiving
from broadcaster.units import Sha256, digest_bytes
from tests.services.network import NODE, Office, Village, a_row_chain


@dataclass
class World:
    """A station, and links to it. `cut` takes the way away, `mend` gives it back."""

    office: Office
    hub: Hub
    connect: Callable[[Village], Link]
    cut: Callable[[], None]
    mend: Callable[[], None]
    links: list[Link] = field(default_factory=list)

    def link(self, village: Village) -> Link:
        made = self.connect(village)
        self.links.append(made)
        return made

    def receiving(self, village: Village) -> Receiving:
        return village.receiving(self.link(village))


class LinkSuite:
    """Behaviour of the ports `Link` and `Hub`."""

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    @pytest.fixture
    def village(self, world: World) -> Village:
        return world.office.enrolled(NODE)

    def test_what_is_posted_is_handed_out_once_it_is_asked_for(self, world: World, village: Village) -> None:
        receiving = world.receiving(village)
        world.office.post([])
        receiving.turn(5)
        first = village.held.manifest()
        assert isinstance(first, Manifest)
        world.office.post([])
        receiving.turn(5)
        second = village.held.manifest()
        assert isinstance(second, Manifest)
        assert second.seq > first.seq
        assert village.events() == []

    def test_nothing_waits_when_nothing_was_posted(self, world: World, village: Village) -> None:
        assert list(world.link(village).poll(0, 0, 0.2)) == []

    def test_a_manifest_that_was_posted_before_the_node_came_is_there(self, world: World, village: Village) -> None:
        world.office.post([])
        world.office.post([])
        world.receiving(village).turn(5)
        assert isinstance(village.held.manifest(), Manifest)

    def test_files_arrive_whole_and_are_playable_only_then(self, world: World, village: Village) -> None:
        sound = world.office.sound(200_000)
        world.office.post([sound])
        receiving = world.receiving(village)
        receiving.turn(5)
        piece = sound.piece
        path = village.held.sound(piece.master)
        assert path is not None
        assert digest_bytes(path.read_bytes()) == piece.sha256

    def test_a_file_goes_on_where_it_broke_off(self, world: World, village: Village) -> None:
        sound = world.office.sound(300_000)
        world.office.post([sound])
        link = world.link(village)
        begun = b""
        for block in link.fetch(sound.piece.sha256, 0):
            begun += block
            if len(begun) > 100_000:
                break
        rest = b"".join(link.fetch(sound.piece.sha256, len(begun)))
        assert begun + rest == sound.data
        assert b"".join(link.fetch(sound.piece.sha256, len(sound.data))) == b""

    def test_a_file_that_the_station_has_not(self, world: World, village: Village) -> None:
        with pytest.raises(LinkError, match=r"link\.gone"):
            list(world.link(village).fetch(Sha256("0" * 64), 0))

    def test_an_order_reaches_every_node_and_is_answered(self, world: World, village: Village) -> None:
        other = world.office.enrolled("doai_1")
        ends = [world.receiving(village), world.receiving(other)]
        for end in ends:
            end.turn(0.1)
        order = world.office.alarm(zones=("thon_dong",))
        for end in ends:
            end.turn(5)
        assert [o.id for o in village.held.orders()] == [order.id]
        assert other.held.orders() == ()
        assert list(world.office.alarming.answers(order)) == [NODE]

    def test_an_order_that_was_retracted_is_in_force_no_more(self, world: World, village: Village) -> None:
        end = world.receiving(village)
        end.turn(0.1)
        order = world.office.alarm()
        end.turn(5)
        world.office.retract(order)
        end.turn(5)
        assert village.held.orders() == ()

    def test_an_order_with_a_sound_is_ready_when_the_sound_is(self, world: World, village: Village) -> None:
        end = world.receiving(village)
        end.turn(0.1)
        sound = world.office.sound(50_000)
        order = world.office.alarm(sound=sound)
        end.turn(5)
        [ready] = village.held.orders()
        assert isinstance(ready, EmergencyOrder)
        path = village.held.order_sound(ready)
        assert path is not None
        assert path.read_bytes() == sound.data
        assert ready == order or ready.signature

    def test_rows_are_taken_once_however_often_they_are_sent(self, world: World, village: Village) -> None:
        rows = a_row_chain(NODE, 12)
        link = world.link(village)
        village.cache.put_rows(rows)
        village.receiving(link).hand_in()
        assert village.cache.rows(100) == []
        village.cache.put_rows(rows)
        village.receiving(link).hand_in()
        assert world.office.ledger(NODE) == rows

    def test_an_answer_is_the_stations_and_to_this(self, world: World, village: Village) -> None:
        body = {"node": NODE, "rows": [*a_row_chain(NODE, 1)]}
        text = seal(Kind.RECEIPTS, body, village.key.name, village.key.sign)
        answer = world.link(village).deliver(text)
        opened = unseal(answer, frozenset({Kind.ANSWER}), village.identity.keys, is_signed, 10_000)
        assert not isinstance(opened, Refused)
        assert opened.data["of"] == digest_bytes(text)
        assert opened.data["expected"] == 2

    def test_events_reach_the_operator_once(self, world: World, village: Village) -> None:
        village.refuse("manifest 7")
        end = world.receiving(village)
        end.hand_in()
        end.hand_in()
        [event] = world.office.registry.events(NODE)
        assert (event["code"], event["severity"]) == ("refused.altered", Severity.ERROR.value)
        assert village.cache.events(10) == []

    def test_the_link_is_cut_for_a_week_and_all_rows_arrive_once(self, world: World, village: Village) -> None:
        sound = world.office.sound(5000)
        world.office.post([sound])
        end = world.receiving(village)
        end.turn(5)
        rows = a_row_chain(NODE, 7 * 30)
        world.cut()
        for day in range(7):
            world.office.clock.step(timedelta(days=1))
            village.cache.put_rows(rows[day * 30 : day * 30 + 30])
            with pytest.raises(LinkError):
                end.turn(0)
            # The air goes on: what was signed for these days is still good.
            assert village.held.sound(sound.piece.master) is not None
        assert world.office.ledger(NODE) == []
        world.mend()
        end.turn(1)
        assert world.office.ledger(NODE) == rows
        assert village.cache.rows(1) == []
        again = village.receiving(world.link(village))
        again.turn(0.1)
        assert world.office.ledger(NODE) == rows

    def test_a_node_that_was_thrown_out_hands_nothing_in(self, world: World, village: Village) -> None:
        link = world.link(village)
        world.office.revoke(NODE)
        village.cache.put_rows(a_row_chain(NODE, 2))
        village.receiving(link).hand_in()
        assert world.office.ledger(NODE) == []
        assert len(village.cache.rows(10)) == 2

    def test_a_manifest_for_another_node_is_refused_and_told(self, world: World, village: Village) -> None:
        end = world.receiving(village)
        world.office.post([])
        end.turn(5)
        stolen = village.cache.manifest()
        assert stolen is not None
        world.office.enrolled("dong_2")
        other = world.office.villages["dong_2"]
        world.hub.post("dong_2", stolen, 2**52)
        end = world.receiving(other)
        end.turn(5)
        end.turn(0.1)
        assert other.held.manifest() is None
        assert [event["code"] for event in world.office.registry.events("dong_2")] == ["refused.foreign"]

    def test_close_twice(self, world: World, village: Village) -> None:
        link = world.link(village)
        link.close()
        link.close()
