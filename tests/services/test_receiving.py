"""What a node refuses: all of it, each with its event, and nothing of it can be played."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.adapters.keys import fresh_key, is_signed
from broadcaster.domain.emergency import EmergencyOrder, Retraction, verify
from broadcaster.domain.envelope import (
    EMERGENCY_KINDS,
    NODE_KINDS,
    STATION_KINDS,
    Kind,
    Refusal,
    Refused,
    Trust,
    seal,
)
from broadcaster.domain.manifest import MANIFEST_LIMIT, VALID, Manifest, admit
from broadcaster.errors import LinkError
from broadcaster.units import Sha256, plain
from tests.services.link_double import MemoryLink
from tests.services.network import NODE, NOW, Office, Village, a_row_chain

STATION_KEY, EMERGENCY_KEY, NODE_KEY, STRANGER, OLD = (fresh_key() for _ in range(5))
KEYS = {
    STATION_KEY.name: Trust(STATION_KEY.public, STATION_KINDS),
    EMERGENCY_KEY.name: Trust(EMERGENCY_KEY.public, EMERGENCY_KINDS),
    NODE_KEY.name: Trust(NODE_KEY.public, NODE_KINDS),
    OLD.name: Trust(OLD.public, STATION_KINDS | EMERGENCY_KINDS, revoked=True),
}
MANIFEST = Manifest("minh_tien", NODE, 7, NOW, NOW + VALID, ())
ORDER = EmergencyOrder(
    id="a-1",
    station="minh_tien",
    seq=7,
    zones=("toan_xa",),
    nodes=(),
    text="Lũ về",
    audio="",
    audio_length=0,
    audio_ending="",
    repeats=3,
    drill=False,
    issued=NOW,
    expires=NOW + timedelta(minutes=30),
    by="nam",
)
Spoil = Callable[[bytes], bytes]


def a_manifest(key: object = STATION_KEY, **changes: object) -> bytes:
    value = replace(MANIFEST, **changes)  # type: ignore[arg-type]
    return seal(Kind.MANIFEST, value, key.name, key.sign)  # type: ignore[attr-defined]


def an_order(key: object = EMERGENCY_KEY, **changes: object) -> bytes:
    value = replace(ORDER, **changes)  # type: ignore[arg-type]
    return seal(Kind.EMERGENCY, value.body, key.name, key.sign)  # type: ignore[attr-defined]


def changed(text: bytes, **more: object) -> bytes:
    """The body changed and its length made to fit: what a clever forger does."""
    head, _, body = text.partition(b"\n")
    data = json.dumps({**json.loads(body), **more}, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    words = head.split(b" ")
    words[3] = str(len(data)).encode()
    return b" ".join(words) + b"\n" + data


def unsigned(text: bytes) -> bytes:
    head, _, body = text.partition(b"\n")
    return head.rpartition(b" ")[0] + b" \n" + body


SEALED_WRONG = [
    ("nothing", lambda _: b"", Refusal.TRUNCATED),
    ("plain JSON", lambda t: t.partition(b"\n")[2], Refusal.UNSIGNED),
    ("no signature", unsigned, Refusal.UNSIGNED),
    ("a web page", lambda _: b"<html>502</html>", Refusal.UNSIGNED),
    ("cut in the body", lambda t: t[:-1], Refusal.TRUNCATED),
    ("cut in the head", lambda t: t[:40], Refusal.TRUNCATED),
    ("longer", lambda t: t + b" ", Refusal.OVERSIZED),
    ("far too long", lambda t: t + b" " * (MANIFEST_LIMIT + 1000), Refusal.OVERSIZED),
    ("a number changed", lambda t: changed(t, seq=9), Refusal.ALTERED),
    ("another station's name", lambda t: changed(t, station="khac"), Refusal.ALTERED),
]  # fmt: skip


@pytest.mark.parametrize(("what", "spoil", "why"), SEALED_WRONG, ids=[row[0] for row in SEALED_WRONG])
@pytest.mark.parametrize("kind", ["manifest", "order"])
def test_what_was_tampered_with_on_its_way(kind: str, what: str, spoil: Spoil, why: Refusal) -> None:
    del what
    found = judged(kind, spoil(a_manifest() if kind == "manifest" else an_order()))
    assert isinstance(found, Refused)
    assert found.why is why


def judged(kind: str, text: bytes, after: int = 6) -> object:
    if kind == "manifest":
        return admit(text, KEYS, is_signed, station="minh_tien", node=NODE, after=after, now=NOW)
    return verify(text, KEYS, is_signed, station="minh_tien", after=after, now=NOW)


PAST, FUTURE = NOW - timedelta(days=20), NOW + timedelta(hours=1)
RIGHTLY_SIGNED = [
    ("expired", {"issued": PAST, "expires": NOW}, Refusal.EXPIRED),
    ("expires before it begins", {"issued": NOW, "expires": NOW - timedelta(seconds=1)}, Refusal.EXPIRED),
    ("of the future", {"issued": FUTURE, "expires": FUTURE + VALID}, Refusal.EARLY),
    ("the same number", {"seq": 6}, Refusal.REPLAYED),
    ("an old number", {"seq": 1}, Refusal.REPLAYED),
    ("another station", {"station": "khac"}, Refusal.FOREIGN),
]


@pytest.mark.parametrize(("what", "facts", "why"), RIGHTLY_SIGNED, ids=[row[0] for row in RIGHTLY_SIGNED])
@pytest.mark.parametrize("kind", ["manifest", "order"])
def test_what_is_rightly_signed_and_still_not_for_now(
    kind: str, what: str, facts: dict[str, object], why: Refusal
) -> None:
    del what
    found = judged(kind, a_manifest(**facts) if kind == "manifest" else an_order(**facts))
    assert isinstance(found, Refused)
    assert found.why is why


def test_a_manifest_for_another_node() -> None:
    found = judged("manifest", a_manifest(node="dong_2"))
    assert isinstance(found, Refused)
    assert found.why is Refusal.FOREIGN


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (STRANGER, Refusal.UNKNOWN_KEY),
        (NODE_KEY, Refusal.UNKNOWN_KEY),
        (EMERGENCY_KEY, Refusal.UNKNOWN_KEY),
        (OLD, Refusal.REVOKED),
    ],
    ids=["stranger", "a node", "the emergency's", "revoked"],
)
def test_a_manifest_by_another_key(key: object, why: Refusal) -> None:
    found = judged("manifest", a_manifest(key))
    assert isinstance(found, Refused)
    assert found.why is why


def test_the_stations_key_cannot_cry_flood() -> None:
    found = judged("order", an_order(STATION_KEY))
    assert isinstance(found, Refused)
    assert found.why is Refusal.UNKNOWN_KEY


def test_a_text_that_was_signed_as_one_thing_is_no_other() -> None:
    text = an_order().replace(b" emergency ", b" retraction ", 1)
    assert judged("order", text) == Refused(Refusal.ALTERED, "emergency/live/retraction/tone")
    assert isinstance(judged("manifest", an_order()), Refused)


@pytest.mark.parametrize(
    "more",
    [
        {"pieces": "x"},
        {"seq": "7"},
        {"seq": True},
        {"issued": "hôm nay"},
        {"issued": "2026-11-24T03:00:00"},
        {"extra": 1},
        {"pieces": [{"kind": "audio", "name": "../x", "length": 1, "sha256": "0" * 64, "master": ""}]},
        {"pieces": [{"kind": "rundown", "name": "../../x", "length": 1, "sha256": "0" * 64, "master": ""}]},
        {"pieces": [{"kind": "audio", "name": "flac", "length": 1, "sha256": "../" + "0" * 61, "master": ""}]},
        {"pieces": [{"kind": "audio", "name": "flac", "length": -1, "sha256": "0" * 64, "master": ""}]},
        {"pieces": [{"kind": "audio", "name": "flac", "length": 10**12, "sha256": "0" * 64, "master": ""}]},
    ],
    ids=str,
)
def test_a_station_that_signs_nonsense(more: dict[str, object]) -> None:
    body = {**plain(MANIFEST), **more}
    text = seal(Kind.MANIFEST, body, STATION_KEY.name, STATION_KEY.sign)
    assert judged("manifest", text) == Refused(Refusal.MALFORMED, "manifest")


@given(data=st.data())
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("kind", ["manifest", "order"])
def test_no_flipped_bit_goes_through(kind: str, data: st.DataObject) -> None:
    text = bytearray(a_manifest() if kind == "manifest" else an_order())
    place = data.draw(st.integers(0, len(text) * 8 - 1))
    text[place // 8] ^= 1 << (place % 8)
    assert isinstance(judged(kind, bytes(text)), Refused)


@pytest.mark.parametrize("kind", ["manifest", "order"])
def test_no_flipped_bit_of_a_signature_goes_through(kind: str) -> None:
    text = a_manifest() if kind == "manifest" else an_order()
    end = text.index(b"\n")
    for place in range((end - 88) * 8, end * 8):
        spoiled = bytearray(text)
        spoiled[place // 8] ^= 1 << (place % 8)
        assert isinstance(judged(kind, bytes(spoiled)), Refused), place


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_cut_and_no_noise_goes_through(data: st.DataObject) -> None:
    text = a_manifest()
    at = data.draw(st.integers(0, len(text) - 1))
    noise = data.draw(st.binary(max_size=30))
    for spoiled in (text[:at], text[:at] + noise, noise, noise + text):
        if spoiled != text:
            assert isinstance(judged("manifest", spoiled), Refused)


def test_what_is_right_is_taken() -> None:
    assert judged("manifest", a_manifest()) == MANIFEST
    found = judged("order", an_order())
    assert isinstance(found, EmergencyOrder)
    assert found.signature
    assert replace(found, signature="") == ORDER


# The node as a whole: an event for each, and nothing on the air


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def village(office: Office) -> Village:
    return office.enrolled(NODE)


def link_of(office: Office) -> MemoryLink:
    return MemoryLink(office.desk, NODE)


def told(office: Office) -> list[str]:
    return [str(event["code"]) for event in office.registry.events(NODE)]


LETTERS_WRONG = [(what, spoil, why) for what, spoil, why in SEALED_WRONG if what != "another station's name"]


@pytest.mark.parametrize(("what", "spoil", "why"), LETTERS_WRONG, ids=[row[0] for row in LETTERS_WRONG])
def test_a_refused_letter_is_told_once_and_what_was_held_stays(
    office: Office, village: Village, what: str, spoil: Spoil, why: Refusal
) -> None:
    del what
    sound = office.sound(3000)
    office.post([sound])
    link = link_of(office)
    end = village.receiving(link)
    end.turn(0)
    before = village.held.manifest()
    office.post([])
    link.spoil = spoil
    for _ in range(3):
        end.turn(0)
    assert told(office) == [f"refused.{why.value}"]
    assert village.held.manifest() == before
    assert village.held.sound(sound.piece.master) is not None


SOUNDS_WRONG = [
    ("truncated", lambda d: d[:-1], Refusal.TRUNCATED),
    ("empty", lambda _: b"", Refusal.TRUNCATED),
    ("oversized", lambda d: d + b"x", Refusal.OVERSIZED),
    ("endless", lambda d: d * 50, Refusal.OVERSIZED),
    ("flipped bit", lambda d: d[:1000] + bytes([d[1000] ^ 4]) + d[1001:], Refusal.ALTERED),
    ("another sound", lambda d: bytes(len(d)), Refusal.ALTERED),
]


@pytest.mark.parametrize(("what", "spoil", "why"), SOUNDS_WRONG, ids=[row[0] for row in SOUNDS_WRONG])
def test_a_sound_that_is_not_what_was_signed(
    office: Office, village: Village, what: str, spoil: Spoil, why: Refusal
) -> None:
    del what
    link = link_of(office)
    end = village.receiving(link)
    sound = office.sound(5000)
    office.post([])
    end.turn(0)
    office.post([sound])
    manifest_first(end, link, spoil)
    assert village.held.sound(sound.piece.master) is None
    assert set(told(office)) == {f"refused.{why.value}"}
    link.spoil = lambda data: data
    end.turn(0)
    path = village.held.sound(sound.piece.master)
    assert path is not None
    assert path.read_bytes() == sound.data


def manifest_first(end: object, link: MemoryLink, spoil: Spoil) -> None:
    """Spoil files and leave letters alone."""
    link.spoil = lambda data: data if data.startswith((b"broadcaster-1 ", b"{")) else spoil(data)
    end.turn(0)  # type: ignore[attr-defined]


def test_a_disk_that_rots_is_noticed_before_the_air_and_mended(office: Office, village: Village) -> None:
    end = village.receiving(link_of(office))
    sound = office.sound(5000)
    office.post([sound])
    end.turn(0)
    path = village.held.sound(sound.piece.master)
    assert path is not None
    path.write_bytes(bytes(5000))
    assert village.held.sound(sound.piece.master) is None
    [rundown] = village.held.rundowns()
    rundown.write_bytes(b"{}")
    assert village.held.rundowns() == ()
    end.turn(0)
    assert len(village.held.rundowns()) == 1


def test_a_manifest_that_has_expired_is_silence(office: Office, village: Village) -> None:
    end = village.receiving(link_of(office))
    sound = office.sound(5000)
    office.post([sound])
    end.turn(0)
    office.clock.step(timedelta(days=7, hours=23))
    assert village.held.sound(sound.piece.master) is not None
    office.clock.step(timedelta(days=3))
    assert village.held.sound(sound.piece.master) is None
    assert village.held.rundowns() == ()
    found = village.held.manifest()
    assert isinstance(found, Refused)
    assert found.why is Refusal.EXPIRED


def test_a_restored_folder_does_not_make_an_old_manifest_new(office: Office, village: Village) -> None:
    link = link_of(office)
    end = village.receiving(link)
    office.post([])
    end.turn(0)
    old = village.cache.manifest()
    assert old is not None
    office.post([])
    end.turn(0)
    end.take(old)
    end.hand_in()
    assert told(office) == ["refused.replayed"]


def test_an_amendment_takes_the_old_rundown_away(office: Office, village: Village) -> None:
    end = village.receiving(link_of(office))
    office.post([])
    end.turn(0)
    assert len(village.held.rundowns()) == 1
    office.desk.push([], lambda _: pytest.fail("no sound"), lambda _: [], force=True)
    office.clock.step(timedelta(seconds=1))
    end.turn(0)
    assert village.held.rundowns() == ()
    assert list((village.cache.root / "rundowns").iterdir()) == []


def test_a_file_that_breaks_off_goes_on_where_it_broke(office: Office, village: Village) -> None:
    up = [True]
    starts: list[int] = []

    class Breaking(MemoryLink):
        def fetch(self, sha256: Sha256, start: int) -> object:  # type: ignore[override]
            starts.append(start)
            for number, block in enumerate(super().fetch(sha256, start)):
                if number == 3 and up[0]:
                    up[0] = False
                    raise LinkError("link.down", address="memory", detail="cut")
                yield block

    link = Breaking(office.desk, NODE)
    link.block = 1000
    end = village.receiving(link)
    sound = office.sound(8000)
    office.post([sound])
    with pytest.raises(LinkError):
        end.turn(0)
    assert village.held.sound(sound.piece.master) is None
    end.turn(0)
    assert village.held.sound(sound.piece.master) is not None
    assert 3000 in starts


def test_a_part_that_rotted_is_thrown_away_and_fetched_anew(office: Office, village: Village) -> None:
    end = village.receiving(link_of(office))
    sound = office.sound(8000)
    office.post([sound])
    (village.cache.root / ".part" / sound.piece.sha256).write_bytes(bytes(4000))
    end.turn(0)
    assert village.held.sound(sound.piece.master) is not None


def test_a_file_that_the_station_let_go_is_trouble_only_if_it_stays_away(office: Office, village: Village) -> None:
    end = village.receiving(link_of(office))
    sound, other = office.sound(100), office.sound(100)
    office.post([sound])
    office.registry.forget_files([])
    assert end.turn(0) == ()
    assert told(office) == []
    for _ in range(3):
        end.turn(0)
    assert told(office) == ["link.gone"] * 3  # the limits, the rundown and the sound, once each
    office.post([other])
    end.turn(0)
    assert village.held.sound(other.piece.master) is not None


# Emergencies at the node


def test_an_order_is_retracted_even_before_it_is_heard(office: Office, village: Village) -> None:
    heard: list[object] = []
    end = village.receiving(link_of(office))
    end.heard = heard.append
    order = office.alarm()
    office.retract(order)
    end.turn(0)
    assert [type(one) for one in heard] == [EmergencyOrder, Retraction]
    assert village.held.orders() == ()


def test_an_order_is_over_after_half_an_hour(office: Office, village: Village) -> None:
    end = village.receiving(link_of(office))
    office.alarm()
    end.turn(0)
    assert len(village.held.orders()) == 1
    office.clock.step(timedelta(minutes=31))
    assert village.held.orders() == ()


def test_an_order_again_is_a_replay(office: Office, village: Village) -> None:
    end = village.receiving(link_of(office))
    office.alarm()
    end.turn(0)
    [text] = village.cache.orders()
    end.take(text)
    end.hand_in()
    assert told(office) == ["emergency.node_verified", "refused.replayed"]


def test_a_second_person_signs_and_only_once(office: Office, village: Village) -> None:
    del village
    order = office.alarm()
    office.retract(order)
    with pytest.raises(LinkError, match=r"emergency\.retracted"):
        office.retract(order)
    done = office.alarming.countersign("minh", order.id[:8])
    assert done.countersigned_by == "minh"
    with pytest.raises(LinkError, match=r"emergency\.second"):
        office.alarming.countersign("minh", "")
    assert [r.countersigned_by for r in office.registry.emergencies()] == ["minh"]


# Rows


def test_rows_under_another_nodes_name_are_not_taken(office: Office, village: Village) -> None:
    office.enrolled("dong_2")
    village.cache.put_rows(a_row_chain("dong_2", 2))
    village.receiving(link_of(office)).hand_in()
    assert office.ledger("dong_2") == []
    assert len(village.cache.rows(9)) == 2


def test_an_answer_that_is_not_the_stations_empties_nothing(office: Office, village: Village) -> None:
    village.cache.put_rows(a_row_chain(NODE, 2))

    class Liar(MemoryLink):
        def deliver(self, text: bytes) -> bytes:
            answer = bytearray(super().deliver(text))
            answer[-3] ^= 1
            return bytes(answer)

    village.receiving(Liar(office.desk, NODE)).hand_in()
    assert len(village.cache.rows(9)) == 2


def test_a_row_that_differs_is_the_operators_to_see(office: Office, village: Village) -> None:
    rows = a_row_chain(NODE, 3)
    village.cache.put_rows(rows)
    village.receiving(link_of(office)).hand_in()
    other = a_row_chain(NODE, 4)[3:]
    village.cache.put_rows([replace(row, bulletin="khac") for row in other])
    village.receiving(link_of(office)).hand_in()
    assert office.ledger(NODE) == rows
    [event] = office.registry.refused(NODE)
    assert event["code"] == "ledger.changed"


@given(place=st.integers(0, 5000 * 8 - 1))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_flipped_bit_of_a_sound_becomes_ready(place: int) -> None:
    from broadcaster.adapters.link.cache import FolderCache

    with TemporaryDirectory() as folder:
        cache = FolderCache(Path(folder))
        data = bytes(n % 251 for n in range(5000))
        from broadcaster.domain.manifest import Piece, PieceKind
        from broadcaster.units import digest_bytes

        piece = Piece(PieceKind.AUDIO, "flac", 5000, digest_bytes(data))
        spoiled = bytearray(data)
        spoiled[place // 8] ^= 1 << (place % 8)
        assert cache.take(piece, 0, [bytes(spoiled)]) == Refused(Refusal.ALTERED, f"{piece.sha256[:12]}.flac")
        assert cache.sound(piece) is None
        assert cache.take(piece, 0, [data]) is None
        assert cache.sound(piece) is not None
