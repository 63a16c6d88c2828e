"""Telling other programs: what is found, and what comes of a receiver that fails, is slow, goes away and comes back."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.adapters.webhooks import FolderOutbox, HttpPostman, SecretFolder
from broadcaster.domain.approval import Action
from broadcaster.domain.asrun import Cause, Outcome
from broadcaster.domain.rundown import ItemKind
from broadcaster.domain.webhook import GIVEN_UP, EventKind, Message, Webhook, Why, secrets_from
from broadcaster.errors import ConfigError, Finding
from broadcaster.services.telling import Noticing, Telling, in_trouble
from tests.services.network import NODE, NOW, Office
from tests.services.receiver import Receiver
from tests.suites.store_values import a_bulletin, a_plan, a_review, an_as_run

EVERY = frozenset(EventKind) - {EventKind.TEST}
PATIENCE = (1.0, 0.3)
MINUTE = timedelta(minutes=1)


class Post:
    """A station that tells; `again` is the same one after a restart."""

    def __init__(self, office: Office, url: str) -> None:
        self.office, self.clock = office, office.clock
        self.outbox = FolderOutbox(office.folder / "tin_bao")
        self.keys = SecretFolder(office.folder / "khoa")
        self.hook = Webhook("cong", url, EVERY)
        self.telling = self._telling()

    def _telling(self) -> Telling:
        return Telling(self.outbox, HttpPostman(self.keys, self.clock, PATIENCE), self.clock, lambda: 1.0)

    @property
    def noticing(self) -> Noticing:
        return Noticing(self.office.store, self.office.registry, self.outbox, self.clock, self.office.station)

    def look(self) -> list[Message]:
        self.noticing.look([self.hook])
        return list(self.outbox.waiting("cong"))

    def turn(self, wait: timedelta = timedelta(0)) -> list[Finding]:
        self.clock.sleep_until(self.clock.now() + wait)
        return self.telling.turn(self.hook)

    def again(self) -> None:
        self.outbox = FolderOutbox(self.office.folder / "tin_bao")
        self.telling = self._telling()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def post(tmp_path: Path, receiver: Receiver) -> Post:
    made = Post(Office(tmp_path), receiver.url)
    made.keys.make("cong")
    made.noticing.look([made.hook])
    return made


def approved(post: Post, code: str = "tiem-phong") -> None:
    piece = a_bulletin(code)
    post.office.store.save_bulletin(piece, NOW)
    post.office.store.add_review(a_review(piece, Action.SUBMIT, at=post.clock.now()))
    post.office.store.add_review(a_review(piece, Action.APPROVE, at=post.clock.now()))


# What is found


def test_everything_that_happens_is_told_once(post: Post) -> None:
    office = post.office
    approved(post)
    back = a_bulletin("khac")
    office.store.add_review(a_review(back, Action.RETURN, remark="Thiếu giờ họp"))
    office.store.save_plan(a_plan(), post.clock.now())
    office.store.save_plan(a_plan(1), post.clock.now())
    missed = an_as_run("0", NODE, outcome=Outcome.MISSED, cause=Cause.DEVICE_LOST, played_ms=0)
    chime = replace(missed, item="1", kind=ItemKind.SIGNATURE, bulletin="")
    office.store.append_as_run([missed, chime, replace(missed, item="2", outcome=Outcome.AIRED)])
    order = office.alarm(drill=True)
    office.retract(order)
    told = post.look()
    assert sorted(one.kind for one in told) == sorted(
        [
            EventKind.BULLETIN_APPROVED,
            EventKind.BULLETIN_RETURNED,
            EventKind.WEEK_PLANNED,
            EventKind.WEEK_AMENDED,
            EventKind.AIRING_MISSED,
            EventKind.EMERGENCY_SENT,
            EventKind.EMERGENCY_RETRACTED,
        ]
    )
    assert len({one.id for one in told}) == 7
    post.again()
    assert len(post.look()) == 7, "a restart tells nothing twice"
    post.clock.step(timedelta(days=2))
    assert len(post.look()) == 7


def test_a_node_that_falls_silent_and_comes_back(post: Post) -> None:
    office = post.office
    office.enrolled(NODE)
    assert post.look() == []
    post.clock.step(timedelta(hours=1))
    assert [one.kind for one in post.look()] == [EventKind.NODE_SILENT]
    post.clock.step(timedelta(hours=1))
    post.again()
    assert len(post.look()) == 1, "one silence, one message"
    office.registry.saw(NODE, post.clock.now())
    assert [one.kind for one in post.look()] == [EventKind.NODE_SILENT, EventKind.NODE_BACK]
    post.clock.step(timedelta(hours=1))
    assert [one.kind for one in post.look()][-1] is EventKind.NODE_SILENT, "another silence is another message"
    office.revoke(NODE)
    assert len(post.look()) == 3


def test_dead_air_is_told_and_nothing_else_that_a_node_says(post: Post) -> None:
    office = post.office
    office.enrolled(NODE)
    facts = {"item": "tin_1", "seconds": "12.5", "cause": "no_audio"}
    event = {"code": "playout.dead_air", "severity": "warning", "facts": facts, "at": NOW.isoformat(), "number": 1}
    office.registry.add_events(NODE, [event, event | {"number": 2, "code": "link.down"}])
    [told] = post.look()
    assert told.kind is EventKind.NODE_DEAD_AIR
    office.registry.add_events(NODE, [event | {"number": 3, "facts": ["x"]}, event | {"number": 4, "at": "hôm qua"}])
    assert len(post.look()) == 2, "what a node says is not believed to be well formed"


def test_what_was_before_the_first_receiver_is_not_told(tmp_path: Path, receiver: Receiver) -> None:
    post = Post(Office(tmp_path), receiver.url)
    approved(post)
    post.office.store.save_plan(a_plan(), post.clock.now())
    post.office.store.append_as_run([an_as_run("0", NODE, outcome=Outcome.MISSED, played_ms=0)])
    post.office.alarm()
    assert post.look() == []
    approved(post, "khac")
    assert [one.kind for one in post.look()] == [EventKind.BULLETIN_APPROVED]
    post.clock.step(GIVEN_UP + MINUTE)
    approved(post, "ve-sinh")
    assert len(post.look()) == 1, "nobody looked for days: too late to tell"


def test_a_receiver_gets_what_it_wants(post: Post) -> None:
    wants = Webhook("so", post.hook.url, frozenset({EventKind.WEEK_PLANNED}))
    approved(post)
    post.office.store.save_plan(a_plan(), post.clock.now())
    post.noticing.look([post.hook, wants])
    assert len(post.outbox.waiting("cong")) == 2
    assert [one.kind for one in post.outbox.waiting("so")] == [EventKind.WEEK_PLANNED]


def test_an_interrupted_look_is_made_up_for(post: Post) -> None:
    approved(post)
    marks = post.outbox.marks()
    first = post.look()
    post.outbox.keep_marks(marks)  # as after a power cut between the message and the mark
    assert post.look() == first


def test_a_damaged_file_of_orders_holds_up_nothing_else(post: Post) -> None:
    approved(post)
    post.office.alarm()
    [path] = (post.office.folder / "mang" / "khan_cap").glob("*.json")
    path.write_text("{", encoding="utf-8")
    assert [one.kind for one in post.look()] == [EventKind.BULLETIN_APPROVED]


# What is sent


def test_a_message_is_signed_and_taken_once(post: Post, receiver: Receiver) -> None:
    approved(post)
    post.look()
    assert post.turn() == []
    [got] = receiver.got
    assert got.told["type"] == "bulletin.approved"
    assert got.told["id"] == got.id
    assert got.told["data"] == {"bulletin": "tiem-phong", "title": a_bulletin().title, "by": "Trần Văn Minh"}
    [secret] = secrets_from((post.office.folder / "khoa" / "cong.key").read_text("ascii"))
    signed = f"{got.id}.{got.headers['webhook-timestamp']}.".encode() + got.body
    made = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-signature"] == f"v1,{made}"
    assert int(got.headers["webhook-timestamp"]) == int(post.clock.now().timestamp())
    assert post.outbox.waiting("cong") == []
    assert post.outbox.standing("cong").delivered == "bulletin.approved"
    post.turn(MINUTE)
    assert len(receiver.got) == 1


def test_a_receiver_that_was_away_gets_everything_after_a_restart(post: Post, receiver: Receiver) -> None:
    receiver.close()
    approved(post)
    [before] = post.look()
    assert post.turn() == []
    [waiting] = post.outbox.waiting("cong")
    assert (waiting.tries, waiting.why) == (1, "connection")
    assert in_trouble(post.outbox.standing("cong"), post.clock.now())
    post.again()  # the station is killed and started again
    back = Receiver(receiver.port)
    try:
        post.turn(MINUTE)
        assert [got.id for got in back.got] == [before.id]
        assert back.got[0].body.decode() == before.body
        assert not in_trouble(post.outbox.standing("cong"), post.clock.now())
    finally:
        back.close()


def test_a_slow_receiver_is_not_waited_for(post: Post, receiver: Receiver) -> None:
    receiver.slow = True
    approved(post)
    post.look()
    assert post.turn() == []
    assert post.outbox.waiting("cong")[0].why == "timeout"


def test_a_receiver_whose_answer_never_ends_is_cut_off(post: Post, receiver: Receiver) -> None:
    receiver.drips = True
    approved(post)
    post.look()
    assert post.turn() == []
    assert post.outbox.waiting("cong")[0].why == "timeout"


@pytest.mark.parametrize("status", [301, 307, 404, 500, 503])
def test_what_is_no_success_is_tried_again(post: Post, receiver: Receiver, status: int) -> None:
    receiver.status = status
    approved(post)
    post.look()
    post.turn()
    assert len(receiver.got) == 1, "a redirect is not followed"
    assert post.outbox.waiting("cong")[0].why == f"HTTP {status}"
    receiver.status = 200
    post.turn(MINUTE)
    assert [got.id for got in receiver.got] == [receiver.got[0].id] * 2
    assert receiver.got[0].headers["webhook-timestamp"] != receiver.got[1].headers["webhook-timestamp"]
    assert post.outbox.waiting("cong") == []


def test_one_message_that_is_refused_holds_up_no_other(post: Post, receiver: Receiver) -> None:
    receiver.status = 400
    approved(post)
    post.look()
    post.turn()
    receiver.status = 200
    approved(post, "khac")
    post.look()
    post.turn()
    assert receiver.got[-1].told["data"]["bulletin"] == "khac"
    assert [one.tries for one in post.outbox.waiting("cong")] == [1]


def test_a_receiver_that_is_down_is_asked_once_not_for_every_message(post: Post, receiver: Receiver) -> None:
    receiver.status = 503
    for n in range(5):
        approved(post, f"tin-{n}")
    post.look()
    post.turn()
    assert len(receiver.got) == 1
    post.turn()
    assert len(receiver.got) == 1, "it rests"
    receiver.status = 200
    post.turn(MINUTE)
    assert len(receiver.got) == 1 + 5
    assert post.outbox.waiting("cong") == []


def test_tries_thin_out_and_end_after_three_days_with_a_finding(post: Post, receiver: Receiver) -> None:
    receiver.status = 500
    approved(post)
    post.look()
    dropped: list[Finding] = []
    begun = post.clock.now()
    for _ in range(3 * 24 * 60 + 60):
        dropped += post.turn(MINUTE)
        if dropped:
            break
    [finding] = dropped
    assert finding.code == "webhook.given_up"
    assert finding.facts["why"] == "HTTP 500"
    assert GIVEN_UP <= post.clock.now() - begun < GIVEN_UP + timedelta(hours=1)
    assert 100 < len(receiver.got) < 200
    assert post.outbox.waiting("cong") == []
    assert post.outbox.standing("cong").given_up == 1
    assert in_trouble(post.outbox.standing("cong"), post.clock.now())


def test_a_receiver_that_says_never_again_gets_it_never_again(post: Post, receiver: Receiver) -> None:
    receiver.status = 410
    approved(post)
    post.look()
    [finding] = post.turn()
    assert finding.facts["why"] == "HTTP 410"
    assert post.outbox.waiting("cong") == []


def test_a_clock_that_was_set_back_keeps_no_message(post: Post, receiver: Receiver) -> None:
    receiver.status = 500
    approved(post)
    post.look()
    post.turn()
    post.clock.step(timedelta(days=-400))
    receiver.status = 200
    post.turn(MINUTE)
    assert post.outbox.waiting("cong") == []


def test_without_a_secret_nothing_is_sent_and_everything_waits(post: Post, receiver: Receiver) -> None:
    path = post.keys.path("cong")
    kept = path.read_text("ascii")
    path.unlink()
    approved(post)
    post.look()
    post.turn()
    assert receiver.got == []
    assert post.outbox.standing("cong").why == "secret"
    path.write_text(kept, encoding="ascii")
    path.chmod(0o644)
    with pytest.raises(ConfigError, match=r"key\.open"):
        post.keys.of("cong")
    path.chmod(0o600)
    post.turn(MINUTE)
    assert len(receiver.got) == 1


def test_a_damaged_message_is_passed_over(post: Post, receiver: Receiver) -> None:
    approved(post)
    post.look()
    (post.office.folder / "tin_bao" / "cho" / "cong" / "0.json").write_text("{", encoding="utf-8")
    (post.office.folder / "tin_bao" / "da_xem.json").write_text("x", encoding="utf-8")
    post.turn()
    assert len(receiver.got) == 1
    assert post.look() == []


@pytest.mark.parametrize("url", ["http://khong-co.invalid/in", "http://127.0.0.1:1/in", "http://xn--\u0300/in"])
def test_an_address_that_leads_nowhere_is_a_failure_as_any_other(post: Post, url: str) -> None:
    post.hook = Webhook("cong", url, EVERY)
    approved(post)
    post.look()
    assert post.turn() == []
    waiting = post.outbox.waiting("cong")[0]
    assert (waiting.tries, waiting.why in set(Why)) == (1, True)
