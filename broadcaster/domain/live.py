"""A live broadcast: who may hear it for how long, and its sound in signed pieces.

The order goes out as an emergency's does, under the station's own key: a node keeps its quiet hours, mutes and volume
cap. The sound comes second by second, each with a signature over what it is and where it belongs: what somebody on the
line puts in between is not played.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from broadcaster.domain.envelope import (
    Check,
    Keys,
    Kind,
    Refusal,
    Refused,
    Sign,
    a_text,
    a_whole,
    instant,
    seal,
    texts,
    unseal,
)
from broadcaster.domain.manifest import MOST_SEQ
from broadcaster.units import Milliseconds

LIVE_RATE = 16_000
"""Samples a second: a horn gives nothing above 6 kHz, and a thôn's line may be narrow."""
SEGMENT = Milliseconds(1000)
LONGEST = timedelta(hours=4)
"""No live broadcast is longer."""
BUFFER = Milliseconds(3000)
"""Sound that a node has before it begins, so that a line that falters is not heard."""
STALL = timedelta(seconds=5)
"""A source that gave nothing for so long is lost; the session goes on until it is back."""
SPOOL = "spool.pcm"
"""The station's own copy of the sound, beside its segments: bare samples."""
MOST_SEGMENTS = 100_000
SEGMENT_LIMIT = 200_000
"""Bytes of a signed segment."""


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """A live broadcast from `issued` until `until`. `nodes` are the clusters of `zones`, empty for all.

    The last text about an `id` is the one that counts: one whose `until` is over ends it.
    """

    id: str
    station: str
    seq: int
    zones: tuple[str, ...]
    nodes: tuple[str, ...]
    title: str
    issued: datetime
    until: datetime
    expires: datetime
    by: str

    def is_for(self, node: str) -> bool:
        """Whether a node is to play it."""
        return not self.nodes or node in self.nodes

    @property
    def body(self) -> dict[str, Any]:
        """What is signed."""
        return asdict(self)


_MEMBERS = {field.name for field in fields(LiveOrder)}


def live_from(data: Mapping[str, Any]) -> LiveOrder:
    """A live broadcast from its JSON object.

    Raises:
        ValueError: for what is none.
    """
    if data.keys() != _MEMBERS:
        msg = "members of a live broadcast"
        raise ValueError(msg)
    order = LiveOrder(**order_members(data), title=a_text(data["title"]), until=instant(data["until"]))
    if order.until - order.issued > LONGEST:
        msg = "longer than any live broadcast"
        raise ValueError(msg)
    return order


def order_members(data: Mapping[str, Any]) -> dict[str, Any]:
    """What every order to nodes has: id, place in the station's numbers, for whom, by whom, from when until when.

    Raises:
        ValueError: for what is none of them.
    """
    return {
        "id": an_id(data["id"]),
        "station": a_text(data["station"]),
        "seq": a_whole(data["seq"], MOST_SEQ),
        "zones": texts(data["zones"]),
        "nodes": texts(data["nodes"]),
        "issued": instant(data["issued"]),
        "expires": instant(data["expires"]),
        "by": a_text(data["by"]),
    }


def an_id(value: Any) -> str:
    """The id of an order from JSON: letters, digits and dashes.

    Raises:
        ValueError: for what is none.
    """
    text = a_text(value, 64)
    if not text or not text.replace("-", "").isalnum() or not text.isascii():
        msg = f"{text!r} is no id"
        raise ValueError(msg)
    return text


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a live broadcast: FLAC, one channel, `LIVE_RATE`. `number` counts from 1."""

    live: str
    number: int
    sound: bytes


def sealed(segment: Segment, key: str, sign: Sign) -> bytes:
    """A segment as nodes get it."""
    sound = base64.b64encode(segment.sound).decode()
    return seal(Kind.SEGMENT, {"live": segment.live, "number": segment.number, "sound": sound}, key, sign)


def opened(text: bytes, keys: Keys, check: Check, *, live: str, after: int) -> Segment | Refused:
    """The segment in a signed text, or why a node refuses it.

    Args:
        text: what came.
        keys: whom the node trusts.
        check: says whether a signature is right.
        live: the broadcast it has to belong to.
        after: the number of the last one that was taken; only a higher one is.
    """
    found = unseal(text, frozenset({Kind.SEGMENT}), keys, check, SEGMENT_LIMIT)
    if isinstance(found, Refused):
        return found
    try:
        if set(found.data) != {"live", "number", "sound"}:
            return Refused(Refusal.MALFORMED, found.kind.value)
        number = a_whole(found.data["number"], MOST_SEGMENTS)
        segment = Segment(an_id(found.data["live"]), number, base64.b64decode(found.data["sound"], validate=True))
    except (ValueError, TypeError, binascii.Error):
        return Refused(Refusal.MALFORMED, found.kind.value)
    what = f"{found.kind.value} {number}"
    if segment.live != live:
        return Refused(Refusal.FOREIGN, what)
    return Refused(Refusal.REPLAYED, what) if number <= after else segment
