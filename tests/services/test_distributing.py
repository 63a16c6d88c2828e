"""The station's desk: who joins, what is sent and when, what a code is good for."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.adapters.keys import fresh_key
from broadcaster.adapters.link.registry import FolderRegistry
from broadcaster.bootstrap_link import without_login
from broadcaster.domain.asrun import Cause
from broadcaster.domain.cap import CapAlert, CapArea, CapKind, CapStatus
from broadcaster.domain.enrolment import JOINS_A_MINUTE, MOST_TRIES
from broadcaster.domain.envelope import Kind, Refused, seal
from broadcaster.domain.manifest import Manifest
from broadcaster.errors import BroadcasterError, LinkError
from broadcaster.ports import Hub
from broadcaster.services.distributing import request_to_join, welcome
from tests.services.link_double import MemoryLink
from tests.services.network import CODE, NODE, NOW, Office, a_rundown


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def tried(office: Office, code: str, node: str = NODE, address: str = "10.0.0.1") -> str:
    """What becomes of a try to join: the refusal's code, or the station's."""
    key = fresh_key()
    answer = office.desk.join(request_to_join(code, node, key.public), address)
    try:
        return welcome(answer, code, node, key.public)["station"]
    except LinkError as error:
        return error.code


def test_a_code_is_good_once(office: Office) -> None:
    office.desk.invite("nam", NODE, CODE)
    assert tried(office, CODE.lower().replace("-", " ")) == "minh_tien"
    assert tried(office, CODE) == "join.used"
    assert [m.node for m in office.desk.members()] == [NODE]


def test_an_answer_that_was_lost_is_given_again_to_the_same_key(office: Office) -> None:
    office.desk.invite("nam", NODE, CODE)
    key = fresh_key()
    request = request_to_join(CODE, NODE, key.public)
    assert office.desk.join(request, "a") == office.desk.join(request, "a")


def test_a_code_that_nobody_gave_out_or_that_is_old(office: Office) -> None:
    assert tried(office, CODE) == "join.no_code"
    assert tried(office, CODE, "khong_co") == "join.no_code"
    office.desk.invite("nam", NODE, CODE)
    office.clock.step(timedelta(hours=24))
    assert tried(office, CODE) == "join.expired"


def test_wrong_codes_kill_the_right_one(office: Office) -> None:
    office.desk.invite("nam", NODE, CODE)
    for n in range(MOST_TRIES):
        assert tried(office, "00000-00000", address=str(n)) == "join.wrong"
    assert tried(office, CODE) == "join.too_many"
    office.desk.invite("nam", NODE, CODE)
    assert tried(office, CODE) == "minh_tien"


def test_an_address_that_tries_too_often_waits(office: Office) -> None:
    for _ in range(JOINS_A_MINUTE):
        assert tried(office, CODE) == "join.no_code"
    office.desk.invite("nam", NODE, CODE)
    assert tried(office, CODE) == "join.too_many"
    assert tried(office, "00000-00000", address="other") == "join.wrong"
    office.clock.step(timedelta(minutes=1))
    assert tried(office, CODE) == "minh_tien"


STRANGE = [b"", b"{}", b"[]", b"\xff", b'{"node": 1, "public": "zz", "proof": ""}', b"[" * 9999]


@pytest.mark.parametrize("request_", STRANGE, ids=range(6))
def test_what_is_no_request(office: Office, request_: bytes) -> None:
    assert json.loads(office.desk.join(request_, "a")) == {"refused": "wrong"}


def test_a_station_in_between_is_found_out(office: Office) -> None:
    office.desk.invite("nam", NODE, CODE)
    key, other = fresh_key(), fresh_key()
    answer = json.loads(office.desk.join(request_to_join(CODE, NODE, key.public), "a"))
    forged = json.dumps({**answer, "station_key": other.public.hex()}).encode()
    for text in (forged, b"", b"[]", b'{"refused": "x"}'):
        with pytest.raises(LinkError, match=r"join\.station"):
            welcome(text, CODE, NODE, key.public)


def test_neither_code_nor_private_keys_are_on_the_stations_disk(office: Office, tmp_path: Path) -> None:
    office.desk.invite("nam", NODE, CODE)
    tried(office, CODE)
    found = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert CODE.encode() not in found
    assert CODE.replace("-", "").encode() not in found


@pytest.mark.parametrize("who", ["hoa", "khong_ai"])
def test_who_may_invite_and_revoke(office: Office, who: str) -> None:
    with pytest.raises(BroadcasterError, match=r"person\."):
        office.desk.invite(who, NODE, CODE)
    with pytest.raises(BroadcasterError, match=r"person\."):
        office.desk.revoke(who, NODE)
    with pytest.raises(LinkError, match=r"link\.no_member"):
        office.desk.revoke("nam", NODE)


def test_a_node_that_was_thrown_out_may_come_back_with_a_new_code_and_key(office: Office) -> None:
    old = office.enrolled(NODE)
    assert office.desk.knows(NODE)
    office.revoke(NODE)
    assert not office.desk.knows(NODE)
    new = office.enrolled(NODE)
    assert office.desk.node_of(_ask(new.key, NODE)) == NODE
    gone = office.desk.node_of(_ask(old.key, NODE))
    assert isinstance(gone, Refused)


def _ask(key: object, node: str) -> bytes:
    return seal(Kind.ASK, {"node": node, "at": NOW}, key.name, key.sign)  # type: ignore[attr-defined]


def test_a_node_that_says_it_is_another(office: Office) -> None:
    village = office.enrolled(NODE)
    assert isinstance(office.desk.node_of(_ask(village.key, "dong_2")), Refused)


def test_nothing_is_sent_where_nothing_changed_until_it_has_to_be_renewed(office: Office) -> None:
    office.enrolled(NODE)
    sound = office.sound(100)
    rundown = a_rundown(masters=[sound.piece.master])

    def push() -> dict[str, int]:
        return office.desk.push([rundown], lambda _: sound.path, lambda _: [NODE])

    assert push() == {NODE: 3}  # limits, rundown, sound
    assert push() == {}
    office.clock.step(timedelta(hours=13))
    assert push() == {NODE: 3}  # limits, rundown, sound


def test_what_may_not_be_aired_is_not_sent(office: Office) -> None:
    village = office.enrolled(NODE)
    sound = office.sound(100)
    rundown = a_rundown(masters=[sound.piece.master])
    office.desk.push([rundown], lambda _: Cause.NOT_APPROVED, lambda _: [NODE])
    village.receiving(MemoryLink(office.desk, NODE)).turn(0)
    manifest = village.held.manifest()
    assert isinstance(manifest, Manifest)
    assert [piece.kind.value for piece in manifest.pieces] == ["limits", "rundown"]


def test_files_that_nobody_wants_are_let_go(office: Office) -> None:
    office.enrolled(NODE)
    first, second = office.sound(100), office.sound(100)
    office.post([first])
    order = office.alarm(sound=second)
    assert office.desk.file(first.piece.sha256)
    office.post([])
    assert office.desk.file(first.piece.sha256) is None
    assert office.desk.file(order.audio)
    assert first.path.exists()
    for name in ("../bo_phat.json", "", "x" * 64, first.piece.sha256.upper()):
        assert office.desk.file(name) is None


def test_numbers_grow_even_when_the_clock_is_set_back(tmp_path: Path) -> None:
    one, other = FolderRegistry(tmp_path), FolderRegistry(tmp_path)
    numbers = [r.next_number("a", NOW - timedelta(days=n)) for n in range(5) for r in (one, other)]
    assert numbers == sorted(set(numbers))


def test_a_file_stays_for_a_while_that_an_order_may_be_about_to_name(tmp_path: Path) -> None:
    registry = FolderRegistry(tmp_path)
    sha256, _ = registry.keep_file(b"x")
    registry.forget_files([])
    assert registry.file(sha256)


def test_the_stations_login_at_the_broker_is_not_handed_out() -> None:
    assert without_login("mqtts://dai:b%40m@mq.example:8883") == "mqtts://mq.example:8883"
    assert without_login("mqtt://mq.example") == "mqtt://mq.example"
    assert without_login("") == ""


class DeadHub:
    """A broker that is away."""

    def post(self, node: str, text: bytes, seq: int) -> None:
        raise LinkError("link.down", address=node, detail=str(seq) + str(len(text)))

    def announce(self, text: bytes, seq: int, expires: object) -> None:
        raise LinkError("link.down", address=str(expires), detail=str(seq) + str(len(text)))

    def close(self) -> None:
        pass


def test_one_way_that_works_is_enough_for_an_order(office: Office) -> None:
    dead: Hub = DeadHub()
    office.hubs = [dead, office.mailbox]
    sent = office.alarming.order(
        "nam", office.emergency, zones=["toan_xa"], text="Lũ", sound=None, repeats=1, drill=False
    )
    assert [error.code for error in sent.failed] == ["link.down"]
    assert len(office.registry.emergencies()) == 1
    office.hubs = [dead]
    with pytest.raises(LinkError, match=r"link\.down"):
        office.alarm()
    assert len(office.registry.emergencies()) == 1


def a_warning(**changes: object) -> CapAlert:
    facts = {
        "id": "1",
        "sender": "tinh",
        "sent": NOW,
        "status": CapStatus.ACTUAL,
        "kind": CapKind.ALERT,
        "text": "Lũ.",
        "expires": None,
        "areas": (CapArea("thôn Đông"),),
    }
    return CapAlert(**{**facts, **changes})  # type: ignore[arg-type]


def test_a_warning_becomes_zones_and_an_exercise_a_drill(office: Office) -> None:
    alarming = office.alarming
    assert alarming.of_cap(a_warning(), ()) == (("thon_dong",), False)
    assert alarming.of_cap(a_warning(), ("toan_xa",)) == (("toan_xa",), False)
    assert alarming.of_cap(a_warning(status=CapStatus.EXERCISE), ()) == (("thon_dong",), True)
    for wrong, code in (
        ({"status": CapStatus.TEST}, "cap.status"),
        ({"kind": CapKind.CANCEL}, "cap.status"),
        ({"expires": NOW}, "cap.old"),
        ({"areas": (CapArea("Hà Giang"),)}, "cap.area"),
    ):
        with pytest.raises(LinkError, match=code):
            alarming.of_cap(a_warning(**wrong), ())
