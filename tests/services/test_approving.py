"""The way through approval with a real store: roles, the author's own text, edits that void, history that stays."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from broadcaster.adapters.clock import VirtualClock
from broadcaster.adapters.store.memory import MemoryStore
from broadcaster.domain.approval import Action, Status
from broadcaster.domain.bulletin import Bulletin
from broadcaster.errors import BroadcasterError, BulletinError, StoreError
from broadcaster.ports import StoredReading
from broadcaster.services.approving import Approving
from broadcaster.units import digest
from tests.domain.values import START, a_bulletin, a_station
from tests.suites.store_values import a_master


@dataclass
class Desk:
    store: MemoryStore
    clock: VirtualClock
    approving: Approving

    def voiced(self, bulletin: Bulletin, voice: str = "vi") -> Bulletin:
        """Save a bulletin with its reading and its master."""
        self.store.save_bulletin(bulletin, self.clock.now())
        master = a_master(bulletin, voice)
        self.store.save_reading(StoredReading(bulletin.code, bulletin.text_hash, master.reading_hash, "lời đọc"))
        self.store.save_master(master)
        self.agrees()
        return bulletin

    def agrees(self) -> None:
        """What is said of many at once is what is said of each."""
        listed = self.store.bulletins()
        each = {b.code: (self.approving.status(b), self.approving.master_of(b)) for b in listed}
        assert self.approving.standings(listed) == each

    def act(self, bulletin: Bulletin, *steps: tuple[Action, str]) -> Status:
        for action, actor in steps:
            self.clock.step(timedelta(seconds=1))
            self.approving.act(bulletin, action, actor, "vì")
            self.agrees()
        return self.approving.status(bulletin)


SUBMIT, APPROVE = (Action.SUBMIT, "hoa"), (Action.APPROVE, "minh")


@pytest.fixture
def desk() -> Desk:
    store, clock = MemoryStore(), VirtualClock(START)
    return Desk(store, clock, Approving(store, clock, a_station()))


def refused(desk: Desk, bulletin: Bulletin, action: Action, actor: str) -> str:
    before = list(desk.store.reviews(bulletin.code))
    with pytest.raises(BroadcasterError) as caught:
        desk.approving.act(bulletin, action, actor, "vì")
    assert list(desk.store.reviews(bulletin.code)) == before
    return caught.value.code


def test_from_draft_to_approved(desk: Desk) -> None:
    bulletin = desk.voiced(a_bulletin())
    assert desk.approving.status(bulletin) is Status.DRAFT
    assert desk.act(bulletin, SUBMIT) is Status.SUBMITTED
    assert desk.act(bulletin, APPROVE) is Status.APPROVED
    assert [review.actor for review in desk.store.reviews("tin_1")] == ["hoa", "minh"]


def test_what_an_author_does_only_an_author_may(desk: Desk) -> None:
    bulletin = desk.voiced(a_bulletin())
    assert refused(desk, bulletin, Action.SUBMIT, "minh") == "person.role"
    assert refused(desk, bulletin, Action.SUBMIT, "ai_do") == "person.unknown"


def test_its_author_or_a_leader_withdraws_a_text_and_nobody_else(desk: Desk) -> None:
    bulletin = desk.voiced(a_bulletin(author="ca_hai"))
    desk.act(bulletin, (Action.SUBMIT, "ca_hai"))
    assert refused(desk, bulletin, Action.WITHDRAW, "hoa") == "person.role"
    assert refused(desk, bulletin, Action.WITHDRAW, "ai_do") == "person.unknown"
    assert desk.act(bulletin, (Action.WITHDRAW, "minh")) is Status.WITHDRAWN
    assert desk.act(bulletin, (Action.SUBMIT, "ca_hai"), (Action.WITHDRAW, "ca_hai")) is Status.WITHDRAWN


def test_only_the_very_master_that_was_approved_may_be_aired(desk: Desk) -> None:
    bulletin = desk.voiced(a_bulletin())
    master = desk.approving.master_of(bulletin)
    assert master is not None
    assert not desk.approving.may_air("tin_1", master.hash)
    desk.act(bulletin, SUBMIT, APPROVE)
    assert desk.approving.may_air("tin_1", master.hash)
    assert not desk.approving.may_air("tin_1", digest("khác"))
    assert not desk.approving.may_air("khong_co", master.hash)
    desk.voiced(replace(bulletin, body="Khác."))
    assert not desk.approving.may_air("tin_1", master.hash)


@pytest.mark.parametrize("action", [Action.APPROVE, Action.RETURN])
def test_what_a_leader_does_only_a_leader_may(desk: Desk, action: Action) -> None:
    bulletin = desk.voiced(a_bulletin())
    desk.act(bulletin, SUBMIT)
    assert refused(desk, bulletin, action, "hoa") == "person.role"


def test_a_leader_who_wrote_the_text_does_not_approve_it(desk: Desk) -> None:
    bulletin = desk.voiced(a_bulletin(author="ca_hai"))
    desk.act(bulletin, (Action.SUBMIT, "ca_hai"))
    assert refused(desk, bulletin, Action.APPROVE, "ca_hai") == "approval.own"
    assert desk.act(bulletin, APPROVE) is Status.APPROVED


def test_an_author_cannot_hide_behind_another_name(desk: Desk) -> None:
    # The same text handed in by a second person: it was saved under the leader's name first.
    bulletin = desk.voiced(a_bulletin(author="ca_hai"))
    desk.act(bulletin, SUBMIT)
    with pytest.raises(StoreError) as caught:
        desk.approving.act(replace(bulletin, author="hoa"), Action.APPROVE, "ca_hai")
    assert caught.value.code == "store.own_approval"


def test_an_edit_voids_and_the_old_text_is_still_approved(desk: Desk) -> None:
    bulletin = desk.voiced(a_bulletin())
    desk.act(bulletin, SUBMIT, APPROVE)
    edited = desk.voiced(replace(bulletin, body="Khác."))
    assert desk.approving.status(edited) is Status.VOID
    assert refused(desk, edited, Action.APPROVE, "minh") == "approval.status"
    assert desk.act(edited, SUBMIT, APPROVE) is Status.APPROVED


def test_a_new_reading_voids(desk: Desk) -> None:
    bulletin = desk.voiced(a_bulletin())
    desk.act(bulletin, SUBMIT, APPROVE)
    desk.store.save_reading(StoredReading("tin_1", bulletin.text_hash, digest("đọc khác"), "khác"))
    assert desk.approving.master_of(bulletin) is None
    assert desk.approving.status(bulletin) is Status.VOID


def test_a_new_master_voids(desk: Desk) -> None:
    bulletin = desk.voiced(a_bulletin())
    desk.act(bulletin, SUBMIT, APPROVE)
    desk.voiced(bulletin, voice="giọng khác")
    assert desk.approving.status(bulletin) is Status.VOID


def test_without_a_master_nothing_can_be_submitted(desk: Desk) -> None:
    desk.store.save_bulletin(a_bulletin(), START)
    assert refused(desk, a_bulletin(), Action.SUBMIT, "hoa") == "approval.no_master"


def test_an_approved_bulletin_can_be_withdrawn_and_brought_back(desk: Desk) -> None:
    bulletin = desk.voiced(a_bulletin())
    assert desk.act(bulletin, SUBMIT, APPROVE, (Action.WITHDRAW, "hoa")) is Status.WITHDRAWN
    assert refused(desk, bulletin, Action.APPROVE, "minh") == "approval.status"
    assert desk.act(bulletin, SUBMIT) is Status.SUBMITTED
    assert len(desk.store.reviews("tin_1")) == 4


def test_a_return_needs_its_reason(desk: Desk) -> None:
    bulletin = desk.voiced(a_bulletin())
    desk.act(bulletin, SUBMIT)
    with pytest.raises(BulletinError) as caught:
        desk.approving.act(bulletin, Action.RETURN, "minh", "  ")
    assert caught.value.code == "approval.remark"
