"""How a cluster's node stands with the station, from what the station knows of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from broadcaster.domain.enrolment import MOST_TRIES, Deed, Invitation, Member

LOST = timedelta(minutes=15)
"""A node asks twice a minute; after so long a silence its line is down, not slow."""


class NodeState(StrEnum):
    """What a person has to know at a glance."""

    NONE = "none"
    INVITED = "invited"
    HEARD = "heard"
    LOST = "lost"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class NodeView:
    """One cluster's node. `events` and `refused` are what it told and what of its rows was not taken, as they came."""

    cluster: str
    state: NodeState
    member: Member | None = None
    code_until: datetime | None = None
    seen: datetime | None = None
    events: tuple[Mapping[str, Any], ...] = ()
    refused: tuple[Mapping[str, Any], ...] = ()
    deeds: tuple[Deed, ...] = ()


def node_state(member: Member | None, code_until: datetime | None, seen: datetime | None, now: datetime) -> NodeState:
    """How a node stands; a code that waits counts where no node is joined."""
    if member is not None and member.revoked is None:
        last = max(seen, member.joined) if seen else member.joined  # it was heard of when it joined
        return NodeState.HEARD if now - last <= LOST else NodeState.LOST
    if code_until is not None:
        return NodeState.INVITED
    return NodeState.NONE if member is None else NodeState.REVOKED


def open_until(invitation: Invitation | None, now: datetime) -> datetime | None:
    """Until when a code may still be typed; None where it is used, dead, over, or was never given."""
    if invitation is None or invitation.used or invitation.tries >= MOST_TRIES or now >= invitation.expires:
        return None
    return invitation.expires
