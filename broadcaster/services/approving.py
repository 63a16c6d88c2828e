"""Approving: a bulletin goes to the leader and comes back with a consent bound to what was heard, or with a remark."""

from collections.abc import Sequence
from dataclasses import dataclass

from broadcaster.domain.approval import Action, Review, Status, Subject, review, status_of
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.master import Master
from broadcaster.domain.station import Role, Station
from broadcaster.ports import Clock, Store
from broadcaster.services.writing import require

_ROLE_OF = {
    Action.SUBMIT: Role.AUTHOR,
    Action.APPROVE: Role.APPROVER,
    Action.RETURN: Role.APPROVER,
}


@dataclass(frozen=True, slots=True)
class Approving:
    """The way of a bulletin through approval."""

    store: Store
    clock: Clock
    station: Station

    def master_of(self, bulletin: Bulletin) -> Master | None:
        """The master that belongs to a bulletin's present text and reading; None when it must be made (again)."""
        master = self.store.master_of(bulletin.text_hash)
        reading = self.store.reading(bulletin.text_hash)
        if master is None or reading is None or master.reading_hash != reading.reading_hash:
            return None
        return master

    def subject_of(self, bulletin: Bulletin) -> Subject | None:
        """What would be consented to now."""
        master = self.master_of(bulletin)
        return None if master is None else Subject(bulletin.text_hash, master.reading_hash, master.hash)

    def handed_in(self, bulletin: Bulletin) -> dict[str, bool]:
        """Of "text", "reading" and "master", as they were last handed in or consented to: whether each is the same now.

        Empty for a bulletin without a history.
        """
        history = self.store.reviews(bulletin.code)
        if not history:
            return {}
        last, reading = history[-1].subject, self.store.reading(bulletin.text_hash)
        master = self.store.master_of(bulletin.text_hash)
        return {
            "text": last.text == bulletin.text_hash,
            "reading": reading is not None and last.reading == reading.reading_hash,
            "master": master is not None and last.master == master.hash,
        }

    def status(self, bulletin: Bulletin) -> Status:
        """Where a bulletin stands."""
        return status_of(self.store.reviews(bulletin.code), self.subject_of(bulletin))

    def standings(self, bulletins: Sequence[Bulletin]) -> dict[str, tuple[Status, Master | None]]:
        """Where many bulletins stand, and the master of each, by code; in a few questions to the store."""
        texts = {bulletin.text_hash for bulletin in bulletins}
        masters, readings, histories = (
            self.store.last_masters(texts),
            self.store.last_readings(texts),
            self.store.histories(),
        )
        found: dict[str, tuple[Status, Master | None]] = {}
        for bulletin in bulletins:
            master = masters.get(bulletin.text_hash)
            if master is not None and readings.get(bulletin.text_hash) != master.reading_hash:
                master = None
            subject = None if master is None else Subject(bulletin.text_hash, master.reading_hash, master.hash)
            found[bulletin.code] = status_of(histories.get(bulletin.code, ()), subject), master
        return found

    def may_air(self, code: str, master: str) -> bool:
        """Whether a bulletin's consent stands now, and stands for this very master."""
        bulletin = self.store.bulletin(code)
        if bulletin is None or self.status(bulletin) is not Status.APPROVED:
            return False
        subject = self.subject_of(bulletin)
        return subject is not None and subject.master == master

    def act(self, bulletin: Bulletin, action: Action, actor: str, remark: str = "") -> Review:
        """Submit, approve, return or withdraw.

        Raises:
            BulletinError: see `domain.approval.review`; `person.unknown` and `person.role` for the one who acts.
            StoreError: `store.own_approval` from the store itself.
        """
        if action is Action.WITHDRAW:
            # Its author may take a text back; anyone else must be one who could have refused it.
            require(self.station, actor, Role.AUTHOR if actor == bulletin.author else Role.APPROVER)
        else:
            require(self.station, actor, _ROLE_OF[action])
        event = review(
            self.store.reviews(bulletin.code),
            action,
            bulletin=bulletin.code,
            author=bulletin.author,
            actor=actor,
            subject=self.subject_of(bulletin),
            at=self.clock.now(),
            remark=remark,
        )
        self.store.add_review(event)
        return event
