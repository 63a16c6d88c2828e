"""What travels between station and nodes: a text with a signature over it, and why one is refused.

On the wire one line of ASCII, `broadcaster-1 KIND KEY LENGTH SIGNATURE`, then exactly LENGTH bytes of canonical JSON.
The signature (Ed25519, base64) covers the kind and the bytes: a text signed as one thing is never taken for another.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from broadcaster.errors import Finding, Severity
from broadcaster.units import as_utc, canonical, digest_bytes

MAGIC = b"broadcaster-1 "
HEAD_LIMIT = 240
"""Bytes that the first line may have."""
MOST_TEXTS = 10_000
SKEW = timedelta(minutes=10)
"""How far the clocks of station and node may differ."""

Check = Callable[[bytes, bytes, bytes], bool]
"""Public key, message, signature: whether the signature is that key's over that message."""
Sign = Callable[[bytes], bytes]
"""A message's signature."""


class Kind(StrEnum):
    """What a text is; each key may sign some kinds only."""

    MANIFEST = "manifest"
    EMERGENCY = "emergency"
    RETRACTION = "retraction"
    LIVE = "live"
    SEGMENT = "segment"
    TONE = "tone"
    ANSWER = "answer"
    RECEIPTS = "receipts"
    EVENTS = "events"
    ASK = "ask"


STATION_KINDS = frozenset({Kind.MANIFEST, Kind.ANSWER, Kind.LIVE, Kind.SEGMENT, Kind.TONE})
EMERGENCY_KINDS = frozenset({Kind.EMERGENCY, Kind.RETRACTION})
URGENT_KINDS = EMERGENCY_KINDS | {Kind.LIVE, Kind.TONE}
"""What every node is told at once, under one sequence of numbers."""
NODE_KINDS = frozenset({Kind.RECEIPTS, Kind.EVENTS, Kind.ASK})


class Refusal(StrEnum):
    """Why something that came was not taken."""

    UNSIGNED = "unsigned"
    TRUNCATED = "truncated"
    OVERSIZED = "oversized"
    ALTERED = "altered"
    UNKNOWN_KEY = "unknown_key"
    REVOKED = "revoked"
    EXPIRED = "expired"
    EARLY = "early"
    REPLAYED = "replayed"
    FOREIGN = "foreign"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that was not taken. `what` names it for a person."""

    why: Refusal
    what: str = ""

    def finding(self, severity: Severity = Severity.ERROR, **facts: Any) -> Finding:
        """The event that an operator reads."""
        return Finding(f"refused.{self.why.value}", severity, facts={"what": self.what or "–", **facts})


@dataclass(frozen=True, slots=True)
class Trust:
    """A public key (32 bytes), what it may sign, and whether it may still."""

    public: bytes
    kinds: frozenset[Kind]
    revoked: bool = False


Keys = Mapping[str, Trust]
"""Trusted keys by `key_name`."""


def key_name(public: bytes) -> str:
    """A key's short name: the first half of its hash's first half."""
    return digest_bytes(public)[:16]


def message_of(kind: Kind, body: bytes) -> bytes:
    """What is signed."""
    return MAGIC + kind.value.encode() + b"\n" + body


def seal(kind: Kind, value: Any, key: str, sign: Sign) -> bytes:
    """A value as a signed text."""
    body = canonical(value).encode()
    signature = base64.b64encode(sign(message_of(kind, body)))
    head = MAGIC + f"{kind.value} {key} {len(body)} ".encode() + signature
    return head + b"\n" + body


@dataclass(frozen=True, slots=True)
class Opened:
    """A text whose signature is right: its kind, the key that signed it, and its JSON object."""

    kind: Kind
    key: str
    data: dict[str, Any]
    signature: str


def unseal(text: bytes, kinds: frozenset[Kind], keys: Keys, check: Check, limit: int) -> Opened | Refused:
    """A signed text opened, or why it is refused. Nothing in the body is looked at before the signature is right.

    Args:
        text: what came.
        kinds: the kinds that are expected here.
        keys: whom to trust.
        check: says whether a signature is right.
        limit: bytes that the body may have.
    """
    what = "/".join(sorted(kinds))
    if len(text) > limit + HEAD_LIMIT:
        return Refused(Refusal.OVERSIZED, what)
    head, newline, body = text.partition(b"\n")
    parts = _head(head)
    if isinstance(parts, Refusal):
        cut = not newline and (head.startswith(MAGIC) or MAGIC.startswith(head))
        return Refused(Refusal.TRUNCATED if cut else parts, what)
    kind, name, length, signature = parts
    if kind not in kinds:
        return Refused(Refusal.FOREIGN, what)
    if len(body) != length:
        return Refused(Refusal.TRUNCATED if len(body) < length else Refusal.OVERSIZED, what)
    why = _distrust(keys.get(name), kind, message_of(kind, body), signature, check)
    if why is not None:
        return Refused(why, what)
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        return Refused(Refusal.MALFORMED, what)
    return Opened(kind, name, data, base64.b64encode(signature).decode())


def _distrust(trust: Trust | None, kind: Kind, message: bytes, signature: bytes, check: Check) -> Refusal | None:
    if trust is None or kind not in trust.kinds:
        return Refusal.UNKNOWN_KEY
    if not check(trust.public, message, signature):
        return Refusal.ALTERED
    return Refusal.REVOKED if trust.revoked else None


def _head(head: bytes) -> tuple[Kind, str, int, bytes] | Refusal:
    if not head.startswith(MAGIC):
        whole = len(head) >= len(MAGIC) or not MAGIC.startswith(head)
        return Refusal.UNSIGNED if whole else Refusal.ALTERED
    words = head.split(b" ")
    if len(words) != 5:
        return Refusal.ALTERED if len(words) > 5 or words[-1] else Refusal.UNSIGNED
    try:
        signature = base64.b64decode(words[4], validate=True)
        kind, name, length = Kind(words[1].decode()), words[2].decode(), int(words[3])
    except (ValueError, binascii.Error):
        return Refusal.ALTERED
    if not words[4]:
        return Refusal.UNSIGNED
    # The last character of base64 has bits that decode to nothing: only one way to write a signature is right.
    if base64.b64encode(signature) != words[4]:
        return Refusal.ALTERED
    return (kind, name, length, signature) if len(signature) == 64 and length >= 0 else Refusal.ALTERED


def untimely(issued: datetime, expires: datetime, now: datetime) -> Refusal | None:
    """Why something with these times cannot be taken now; None when it can."""
    if issued > now + SKEW:
        return Refusal.EARLY
    return Refusal.EXPIRED if expires <= now or expires <= issued else None


def instant(value: Any) -> datetime:
    """An instant from JSON.

    Raises:
        ValueError: for what is none.
    """
    if not isinstance(value, str):
        msg = f"{value!r} is no instant"
        raise ValueError(msg)  # noqa: TRY004 - a wrong value of a text, not a wrong call
    return as_utc(datetime.fromisoformat(value))


def a_text(value: Any, longest: int = 200) -> str:
    """A text from JSON.

    Raises:
        ValueError: for what is none, or longer.
    """
    if not isinstance(value, str) or len(value) > longest:
        msg = f"{str(value)[:40]!r} is no text of at most {longest} letters"
        raise ValueError(msg)
    return value


def a_whole(value: Any, most: int) -> int:
    """A whole number from JSON, 0 to `most`.

    Raises:
        ValueError: for what is none.
    """
    if type(value) is not int or not 0 <= value <= most:
        msg = f"{str(value)[:40]!r} is no whole number up to {most}"
        raise ValueError(msg)
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts from JSON.

    Raises:
        ValueError: for what is none.
    """
    if not isinstance(value, list) or len(value) > MOST_TEXTS:
        msg = "no list of texts"
        raise ValueError(msg)
    return tuple(a_text(one) for one in value)
