"""What other programs are told of, as they happen: which events there are, who wants them, how a message is signed.

Messages follow the Standard Webhooks specification (version 1.0.0): headers `webhook-id`, `webhook-timestamp` and
`webhook-signature`, the last over `id.timestamp.body` by HMAC-SHA256.
"""

import base64
import binascii
import hashlib
import hmac
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from broadcaster.domain.fields import Fields, nearest, row, shown
from broadcaster.errors import ConfigError, Finding, Place, Severity
from broadcaster.units import Sha256, as_utc, canonical, digest, plain

PREFIX = "whsec_"
SECRET_BYTES = range(24, 65)
"""Lengths of a secret that the specification allows."""
GIVEN_UP = timedelta(days=3)
"""A message that nobody took for so long is dropped, and a person is told."""
FIRST_S, LONGEST_S = 5.0, 1800.0
"""Seconds of the first and of the longest span before a message is sent again."""
MOST_WAITING = 5000
"""Messages that may wait for one receiver; the oldest goes when another comes."""
MOST_HOOKS = 20
LONGEST_URL = 2000


class EventKind(StrEnum):
    """What is told. The values are for programs and never change; people read `event.…` of the wording table."""

    BULLETIN_APPROVED = "bulletin.approved"
    BULLETIN_RETURNED = "bulletin.returned"
    WEEK_PLANNED = "week.planned"
    WEEK_AMENDED = "week.amended"
    EMERGENCY_SENT = "emergency.sent"
    EMERGENCY_RETRACTED = "emergency.retracted"
    NODE_SILENT = "node.silent"
    NODE_BACK = "node.back"
    NODE_DEAD_AIR = "node.dead_air"
    AIRING_MISSED = "airing.missed"
    TEST = "test"

    @property
    def code(self) -> str:
        """Its sentence in the wording table."""
        return f"event.{self.name.lower()}"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. The same happening always has the same id, whoever finds it and however often."""

    id: str
    kind: EventKind
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The message: JSON in UTF-8."""
        told = {"type": self.kind, "timestamp": self.at, "data": self.facts}
        return json.dumps({"id": self.id, **plain(told)}, ensure_ascii=False, separators=(",", ":")).encode()


def event_of(kind: EventKind, at: datetime, facts: Mapping[str, Any], *mark: Any) -> Event:
    """An event; `mark` is what makes it one and no other."""
    return Event(f"msg_{digest(kind, *mark)[:32]}", kind, as_utc(at), facts)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A program that is told. `events` are those that it wants."""

    code: str
    url: str
    events: frozenset[EventKind]

    @property
    def shown(self) -> str:
        """Its address without what may be a password: user, path and query can all be."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


@dataclass(frozen=True, slots=True)
class Message:
    """An event on its way to one receiver.

    Args:
        hook: the receiver's code.
        id: the event's.
        body: what is sent, the same at every try.
        kind: what it tells.
        put_at: when it was laid out to be sent.
        tries: how often it was sent in vain.
        due: not before then.
        why: what the last try failed of.
    """

    hook: str
    id: str
    body: str
    kind: EventKind
    put_at: datetime
    tries: int = 0
    due: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it goes with one receiver: the last message that it took, the last failure, and what was dropped."""

    delivered_at: datetime | None = None
    delivered: str = ""
    failed_at: datetime | None = None
    why: str = ""
    given_up: int = 0
    given_up_at: datetime | None = None


class Why(StrEnum):
    """Why a try came to no answer; people read `webhook.why_…` of the wording table."""

    CONNECTION = "connection"
    TIMEOUT = "timeout"
    CERTIFICATE = "certificate"
    ADDRESS = "address"
    SECRET = "secret"  # noqa: S105 - a name


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try: an HTTP status, 0 for none, and why it is no success: a `Why`, or as in `HTTP 503`."""

    status: int = 0
    why: str = ""

    @property
    def taken(self) -> bool:
        """Whether the message arrived."""
        return 200 <= self.status < 300


def webhooks_from(text: str, file: str) -> tuple[Webhook, ...]:
    """The receivers from their TOML file: tables `[[webhook]]` with `code`, `url` and `events`, all unless given.

    Raises:
        ConfigError: `webhook.invalid` with every finding.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        finding = Finding("webhook.syntax", Severity.ERROR, Place(file), {"detail": shown(error, 100)})
        raise ConfigError("webhook.invalid", [finding], file=file) from error
    top = Fields(data, file)
    top.seen.add("webhook")
    given = data.get("webhook", [])
    rows = [row(one) for one in given] if isinstance(given, list) else [None]
    kinds = [kind.value for kind in EventKind if kind is not EventKind.TEST]
    hooks: list[Webhook] = []
    for number, found in enumerate(rows, 1):
        if found is None:
            top.problem("field.table", "webhook", given=shown(given), allowed=["[[webhook]]"])
            continue
        fields = Fields(found, file, f"webhook[{number}].", findings=top.findings)
        code, url = fields.code("code"), fields.text("url", required=True)
        if url and not _is_address(url):
            fields.problem("webhook.url", "url", given=url[:80])
        if code and code in {hook.code for hook in hooks}:
            fields.problem("field.duplicate", "code", given=code)
        wanted = fields.texts("events", ",") or tuple(kinds)
        for name in wanted:
            if name not in kinds:
                fields.problem("field.choice", "events", given=name, allowed=kinds, suggestion=nearest(name, kinds))
        fields.unknown()
        hooks.append(Webhook(code, url, frozenset(EventKind(name) for name in wanted if name in kinds)))
    if len(hooks) > MOST_HOOKS:
        top.problem("webhook.many", "webhook", most=MOST_HOOKS)
    top.unknown()
    if any(finding.severity is Severity.ERROR for finding in top.findings):
        raise ConfigError("webhook.invalid", top.findings, file=file)
    return tuple(hooks)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    named = parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0
    return named and len(url) <= LONGEST_URL and url.isprintable() and " " not in url


def secret_text(secret: bytes) -> str:
    """A secret as receivers are given it."""
    return PREFIX + base64.b64encode(secret).decode()


def secrets_from(text: str) -> tuple[bytes, ...]:
    """The secrets of one receiver, one a line; with two, both sign, while the receiver changes from one to the other.

    Raises:
        ValueError: for a line that is none, or a text without any.
    """
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            secret = base64.b64decode(line.removeprefix(PREFIX), validate=True)
        except binascii.Error as error:
            raise ValueError from error
        if len(secret) not in SECRET_BYTES:
            raise ValueError
        found.append(secret)
    if not found:
        raise ValueError
    return tuple(found)


def headers_of(message_id: str, body: bytes, secrets: Sequence[bytes], now: datetime) -> dict[str, str]:
    """What goes before a body. The time is that of the try: a receiver refuses what is minutes old."""
    stamp = str(int(now.timestamp()))
    signed = f"{message_id}.{stamp}.".encode() + body
    made = (base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode() for secret in secrets)
    return {
        "content-type": "application/json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in made),
    }


@dataclass(frozen=True, slots=True)
class Marks:
    """How far what happened has been told.

    Args:
        at: when it was last looked; None for never.
        review: the number of the last review.
        rows: the last row of each node's chain.
        events: the number of the last event of each node.
        silent: nodes that are silent, each with its last sign of life.
        told: ids of events that are found by their time, with when they were told.
    """

    at: datetime | None = None
    review: int = 0
    rows: Mapping[str, int] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)


def marks_text(marks: Marks) -> str:
    """The marks as one line."""
    return canonical(marks)


def marks_from(text: str) -> Marks:
    """The marks from their line.

    Raises:
        ValueError: for anything else.
    """
    try:
        data = json.loads(text)
        return Marks(
            as_utc(datetime.fromisoformat(data["at"])) if data["at"] else None,
            int(data["review"]),
            {str(node): int(number) for node, number in data["rows"].items()},
            {str(node): int(number) for node, number in data["events"].items()},
            {str(node): str(since) for node, since in data["silent"].items()},
            {str(one): str(at) for one, at in data["told"].items()},
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError from error


def message_text(message: Message) -> str:
    """A message as one line."""
    return canonical(message)


def message_from(text: str) -> Message:
    """A message from its line.

    Raises:
        ValueError: for anything else.
    """
    try:
        data = json.loads(text)
        return Message(
            hook=str(data["hook"]),
            id=str(data["id"]),
            body=str(data["body"]),
            kind=EventKind(data["kind"]),
            put_at=as_utc(datetime.fromisoformat(data["put_at"])),
            tries=int(data["tries"]),
            due=as_utc(datetime.fromisoformat(data["due"])) if data["due"] else None,
            why=str(data["why"]),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError from error


def standing_from(data: Any) -> Standing:
    """How it goes with a receiver, from JSON data.

    Raises:
        ValueError: for anything else.
    """
    try:
        delivered, failed, dropped = (
            as_utc(datetime.fromisoformat(data[name])) if data[name] else None
            for name in ("delivered_at", "failed_at", "given_up_at")
        )
        return Standing(delivered, str(data["delivered"]), failed, str(data["why"]), int(data["given_up"]), dropped)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError from error


def key_of(message: Message) -> Sha256:
    """One name for an event on its way to a receiver."""
    return digest(message.hook, message.id)
