"""Approval: a leader's consent, bound by hash to the text, the reading and the master that were heard.

The history of a bulletin is a list of events that only grows; its status is computed from them, so that an edit voids a
consent without anyone having to remember to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from broadcaster.domain.fields import remark as remark_of
from broadcaster.errors import BulletinError
from broadcaster.units import Sha256, digest


class Action(StrEnum):
    """What a person did with a bulletin."""

    SUBMIT = "trinh"
    APPROVE = "duyet"
    RETURN = "tra_lai"
    WITHDRAW = "rut"


class Status(StrEnum):
    """Where a bulletin stands, given what it is now."""

    DRAFT = "nhap"
    SUBMITTED = "cho_duyet"
    APPROVED = "da_duyet"
    RETURNED = "tra_lai"
    WITHDRAWN = "da_rut"
    VOID = "mat_hieu_luc"


@dataclass(frozen=True, slots=True)
class Subject:
    """What exactly is consented to."""

    text: Sha256
    reading: Sha256
    master: Sha256

    @property
    def hash(self) -> Sha256:
        """One hash of the three."""
        return digest("subject", self)


@dataclass(frozen=True, slots=True)
class Review:
    """One event in a bulletin's history."""

    bulletin: str
    action: Action
    actor: str
    author: str
    at: datetime
    subject: Subject
    remark: str = ""


def status_of(history: Sequence[Review], subject: Subject | None) -> Status:
    """Where a bulletin stands.

    Args:
        history: its events, oldest first.
        subject: what it is now; None while it has no master yet.
    """
    if not history:
        return Status.DRAFT
    last = history[-1]
    if last.action is Action.WITHDRAW:
        return Status.WITHDRAWN
    if last.action is Action.RETURN:
        return Status.RETURNED
    if subject is None or last.subject != subject:
        return Status.VOID
    return Status.APPROVED if last.action is Action.APPROVE else Status.SUBMITTED


_ALLOWED = {
    Action.SUBMIT: {Status.DRAFT, Status.RETURNED, Status.VOID, Status.WITHDRAWN},
    Action.APPROVE: {Status.SUBMITTED},
    Action.RETURN: {Status.SUBMITTED, Status.APPROVED, Status.VOID},
    Action.WITHDRAW: {Status.SUBMITTED, Status.APPROVED, Status.RETURNED, Status.VOID},
}


def review(
    history: Sequence[Review],
    action: Action,
    *,
    bulletin: str,
    author: str,
    actor: str,
    subject: Subject | None,
    at: datetime,
    remark: str = "",
) -> Review:
    """The event that an action makes.

    Raises:
        BulletinError: `approval.no_master` without a master, `approval.own` when an author would approve their own
            text, `approval.remark` for a return or withdrawal without a reason, `approval.status` when the step does
            not follow from the status.
    """
    status, why = status_of(history, subject), remark_of(remark)
    if subject is None and history and action in {Action.RETURN, Action.WITHDRAW}:
        subject = history[-1].subject  # what is taken back is what was handed in, whatever has become of the text
    if subject is None:
        raise BulletinError("approval.no_master", bulletin=bulletin)
    if action is Action.APPROVE and actor == author:
        raise BulletinError("approval.own", bulletin=bulletin, actor=actor)
    if action in {Action.RETURN, Action.WITHDRAW} and not why:
        raise BulletinError("approval.remark", bulletin=bulletin)
    if status not in _ALLOWED[action]:
        raise BulletinError("approval.status", bulletin=bulletin, status=status, action=action)
    return Review(bulletin, action, actor, author, at, subject, why)
