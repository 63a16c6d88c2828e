"""The emergency: an order under a key of its own, what a node checks before it obeys, and its countersignature.

R06 of the rules: an emergency is broadcast at once, over quiet hours and mutes, as often as it is commanded, and signed
by a second person afterwards.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from broadcaster.domain.envelope import (
    URGENT_KINDS,
    Check,
    Keys,
    Kind,
    Opened,
    Refusal,
    Refused,
    a_text,
    a_whole,
    instant,
    unseal,
    untimely,
)
from broadcaster.domain.live import LiveOrder, an_id, live_from, order_members
from broadcaster.domain.manifest import MOST_SEQ, PIECE_LIMIT, is_hash
from broadcaster.domain.tone import ToneOrder, tone_from
from broadcaster.units import Sha256

ORDER_LIMIT = 200_000
"""Bytes of an order."""
MOST_REPEATS = 20
LONGEST_TEXT = 5000
VALID = timedelta(minutes=30)
"""How long an order may still begin; a node that comes back later does not shout what is over."""
DRILL_OPENING = "Đây là diễn tập."
DRILL_CLOSING = "Nhắc lại, đây là diễn tập, không phải tình huống thật."


@dataclass(frozen=True, slots=True)
class EmergencyOrder:
    """An order to speak now.

    `nodes` are the clusters of `zones`, empty for all. `audio` is the SHA-256 of a sound file of `audio_length` bytes
    with the ending `audio_ending`; `text` is what it says. `signature` is base64, empty before it is signed.
    """

    id: str
    station: str
    seq: int
    zones: tuple[str, ...]
    nodes: tuple[str, ...]
    text: str
    audio: str
    audio_length: int
    audio_ending: str
    repeats: int
    drill: bool
    issued: datetime
    expires: datetime
    by: str
    signature: str = ""

    def is_for(self, node: str) -> bool:
        """Whether a node is to obey."""
        return not self.nodes or node in self.nodes

    @property
    def body(self) -> dict[str, Any]:
        """What is signed."""
        return {name: value for name, value in asdict(self).items() if name != "signature"}


@dataclass(frozen=True, slots=True)
class Retraction:
    """An order taken back. `order` is its id."""

    order: str
    station: str
    seq: int
    issued: datetime
    expires: datetime
    by: str
    signature: str = ""

    @property
    def body(self) -> dict[str, Any]:
        """What is signed."""
        return {name: value for name, value in asdict(self).items() if name != "signature"}


Urgent = EmergencyOrder | Retraction | LiveOrder | ToneOrder
_ORDER, _RETRACTION = ({field.name for field in fields(kind)} - {"signature"} for kind in (EmergencyOrder, Retraction))


@dataclass(frozen=True, slots=True)
class EmergencyRecord:
    """What the station keeps of an order."""

    order: EmergencyOrder
    retracted_by: str = ""
    retracted_at: datetime | None = None
    countersigned_by: str = ""
    countersigned_at: datetime | None = None


def spoken_text(text: str, *, drill: bool) -> str:
    """What is said: a drill says before and after that it is one."""
    words = " ".join(text.split())
    return f"{DRILL_OPENING} {words} {DRILL_CLOSING}" if drill else words


def order_from(data: Mapping[str, Any], signature: str = "") -> EmergencyOrder:
    """An order from its JSON object.

    Raises:
        ValueError: for what is none.
    """
    if data.keys() != _ORDER or not isinstance(data["drill"], bool):
        msg = "members of an order"
        raise ValueError(msg)
    audio, ending = a_text(data["audio"]), a_text(data["audio_ending"], 5)
    repeats = a_whole(data["repeats"], MOST_REPEATS)
    if (audio and not (is_hash(audio) and ending.isalnum())) or not repeats:
        msg = "sound or repeats of an order"
        raise ValueError(msg)
    return EmergencyOrder(
        **order_members(data),
        text=a_text(data["text"], LONGEST_TEXT),
        audio=Sha256(audio),
        audio_length=a_whole(data["audio_length"], PIECE_LIMIT),
        audio_ending=ending,
        repeats=repeats,
        drill=data["drill"],
        signature=signature,
    )


def retraction_from(data: Mapping[str, Any], signature: str = "") -> Retraction:
    """A retraction from its JSON object.

    Raises:
        ValueError: for what is none.
    """
    if data.keys() != _RETRACTION:
        msg = "members of a retraction"
        raise ValueError(msg)
    return Retraction(
        order=an_id(data["order"]),
        station=a_text(data["station"]),
        seq=a_whole(data["seq"], MOST_SEQ),
        issued=instant(data["issued"]),
        expires=instant(data["expires"]),
        by=a_text(data["by"]),
        signature=signature,
    )


def _urgent(opened: Opened) -> Urgent:
    if opened.kind is Kind.EMERGENCY:
        return order_from(opened.data, opened.signature)
    if opened.kind is Kind.LIVE:
        return live_from(opened.data)
    if opened.kind is Kind.TONE:
        return tone_from(opened.data)
    return retraction_from(opened.data, opened.signature)


def verify(text: bytes, keys: Keys, check: Check, *, station: str, after: int, now: datetime) -> Urgent | Refused:
    """The order, retraction, live broadcast or tone in a signed text, or why a node refuses it.

    An order that is right may still be for other nodes: see `EmergencyOrder.is_for`.

    Args:
        text: what came.
        keys: whom the node trusts.
        check: says whether a signature is right.
        station: the node's station.
        after: the number of the last one that the node has seen; only a higher one is taken.
        now: the node's clock.
    """
    opened = unseal(text, URGENT_KINDS, keys, check, ORDER_LIMIT)
    if isinstance(opened, Refused):
        return opened
    try:
        urgent = _urgent(opened)
    except (ValueError, OverflowError):
        return Refused(Refusal.MALFORMED, opened.kind.value)
    what = f"{opened.kind.value} {urgent.seq}"
    if urgent.station != station:
        return Refused(Refusal.FOREIGN, what)
    if urgent.seq <= after:
        return Refused(Refusal.REPLAYED, what)
    why = untimely(urgent.issued, urgent.expires, now)
    return Refused(why, what) if why else urgent


def countersigned(record: EmergencyRecord, by: str, at: datetime) -> EmergencyRecord | None:
    """The record with a second person's signature; None when the first person, or nobody any more, may give it."""
    if by == record.order.by or record.countersigned_by:
        return None
    return replace(record, countersigned_by=by, countersigned_at=at)
