"""The station's side of the link: who may join, what each node is to hold, and what nodes hand in."""

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from broadcaster.domain.asrun import AsRun, Cause
from broadcaster.domain.enrolment import (
    CODE_VALID,
    Deed,
    DeedKind,
    Invitation,
    JoinRefusal,
    Member,
    is_proof,
    judge,
    proof,
    secret_of,
    too_often,
)
from broadcaster.domain.envelope import (
    NODE_KINDS,
    SKEW,
    Check,
    Kind,
    Refusal,
    Refused,
    Trust,
    instant,
    key_name,
    seal,
    unseal,
)
from broadcaster.domain.limits import limits_of, limits_text
from broadcaster.domain.manifest import VALID, Manifest, Piece, PieceKind
from broadcaster.domain.receipt import Received, as_run_from
from broadcaster.domain.rundown import Rundown, RundownItem
from broadcaster.domain.station import Role, Station
from broadcaster.errors import ConfigError, LinkError, StoreError
from broadcaster.ports import Clock, Hub, Mailbox, Registry, Signer
from broadcaster.services.writing import require
from broadcaster.units import Sha256, canonical, digest_bytes, plain

AHEAD = 8
"""Days of rundowns that a node holds, today included."""
RENEW = timedelta(hours=12)
"""A manifest is sent anew after this long, even if nothing changed: its expiry moves on."""
TEXT_LIMIT = 3_000_000
BACK = 3
"""Segments of a live broadcast before the newest at which a node begins that comes to it."""


@dataclass(slots=True)
class Distributing:
    """One station's nodes. It is also the desk that answers them.

    Args:
        registry: what is known of the nodes.
        mailbox: what waits for nodes that ask by HTTP.
        hubs: every way on which something is posted, the mailbox among them.
        clock: the only source of time.
        station: for names and air zones.
        key: the station's key.
        emergency_public: the public half of the emergency's key.
        check: says whether a signature is right.
        receive: puts sealed rows into the ledger.
        mqtt: the broker that nodes are told of; empty for none.
    """

    registry: Registry
    mailbox: Mailbox
    hubs: Sequence[Hub]
    clock: Clock
    station: Station
    key: Signer
    emergency_public: bytes
    check: Check
    receive: Callable[[Sequence[AsRun]], Received]
    mqtt: str = ""
    _tries: dict[str, list[datetime]] = field(default_factory=dict)
    _known: tuple[object, dict[str, tuple[str, Trust]]] = (None, {})
    _live: frozenset[str] = frozenset()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # Joining

    def invite(self, actor: str, node: str, code: str) -> Invitation:
        """Give out a code for a node; the one before is void.

        Raises:
            ConfigError: `run.node` for a cluster that the station does not have.
            BulletinError: `person.unknown`, `person.role`.
        """
        require(self.station, actor, Role.OPERATOR, Role.APPROVER)
        if node not in self.station.cluster_by_code:
            raise ConfigError("run.node", given=node, allowed=sorted(self.station.cluster_by_code))
        made = Invitation(node, secret_of(code, node).hex(), self.clock.now() + CODE_VALID)
        self.registry.keep_invitation(made)
        self.registry.note(Deed(node, DeedKind.CODE, self.clock.now(), actor))
        return made

    def join(self, request: bytes, address: str) -> bytes:
        """The answer to a node that wants to join."""
        now = self.clock.now()
        with self._lock:
            tries = [at for at in self._tries.get(address, []) if now - at < timedelta(minutes=1)]
            self._tries = {name: kept for name, kept in self._tries.items() if kept and now - kept[-1] < RENEW}
            self._tries[address] = [*tries, now]
            if too_often(tries, now):
                return _json({"refused": JoinRefusal.TOO_MANY.value})
            return self._join(request, now)

    def _join(self, request: bytes, now: datetime) -> bytes:
        try:
            data = json.loads(request)
            node, public, given = (str(data[name]) for name in ("node", "public", "proof"))
            if len(bytes.fromhex(public)) != 32:
                return _json({"refused": JoinRefusal.WRONG.value})
        except (ValueError, KeyError, TypeError, RecursionError):
            return _json({"refused": JoinRefusal.WRONG.value})
        invitation = self.registry.invitation(node) if node in self.station.cluster_by_code else None
        why = judge(invitation, given, (node, public), now)
        if invitation is None or (why is not None and why is not JoinRefusal.USED):
            if invitation is not None and why is JoinRefusal.WRONG:
                self.registry.keep_invitation(replace(invitation, tries=invitation.tries + 1))
            return _json({"refused": (why or JoinRefusal.NO_CODE).value})
        # An answer that was lost is given again to the same key, to no other.
        same = any(m.node == node and m.public == public and m.revoked is None for m in self.registry.members())
        if why is JoinRefusal.USED and not same:
            return _json({"refused": why.value})
        if why is None:
            self.registry.keep_invitation(replace(invitation, used=True))
            self.registry.keep_member(Member(node, public, now))
            self.registry.note(Deed(node, DeedKind.JOINED, now))
        keys = (self.key.public.hex(), self.emergency_public.hex())
        mark = proof(bytes.fromhex(invitation.secret), "welcome", node, public, self.station.code, *keys, self.mqtt)
        welcome = {"station": self.station.code, "station_key": keys[0], "emergency_key": keys[1], "mqtt": self.mqtt}
        return _json({**welcome, "proof": mark})

    def revoke(self, actor: str, node: str) -> Member:
        """Throw a node out: it is told nothing more, and nothing that it signs is taken.

        Raises:
            LinkError: `link.no_member` if no such node joined.
            BulletinError: `person.unknown`, `person.role`.
        """
        require(self.station, actor, Role.OPERATOR, Role.APPROVER)
        member = next((m for m in self.registry.members() if m.node == node and m.revoked is None), None)
        if member is None:
            raise LinkError("link.no_member", node=node)
        gone = replace(member, revoked=self.clock.now(), by=actor)
        self.registry.keep_member(gone)
        self.registry.note(Deed(node, DeedKind.REVOKED, self.clock.now(), actor))
        return gone

    def members(self) -> Sequence[Member]:
        """The nodes that joined."""
        return self.registry.members()

    # What nodes are to hold

    def push(
        self,
        rundowns: Sequence[Rundown],
        sound: Callable[[RundownItem], Path | Cause],
        nodes_of: Callable[[Rundown], Iterable[str]],
        *,
        force: bool = False,
    ) -> dict[str, int]:
        """Post a manifest to every node whose files changed or whose last manifest is old; nodes and counts of files.

        Args:
            rundowns: what is planned.
            sound: the sound of an item, or why it must not be sent.
            nodes_of: the nodes of a rundown.
            force: post to every node.

        Raises:
            LinkError: `link.down`.
        """
        mine: dict[str, list[Rundown]] = {}
        for rundown in rundowns:
            for node in nodes_of(rundown):
                mine.setdefault(node, []).append(rundown)
        kept: dict[str, Piece | None] = {}
        before, posted = self.registry.pieces(), {}
        for member in self.registry.members():
            if member.revoked is not None:
                continue
            pieces = [self._limits(member.node), *self._pieces(mine.get(member.node, []), sound, kept)]
            hashes = sorted({piece.sha256 for piece in pieces})
            last = before.get(member.node)
            if force or last is None or list(last) != hashes or self._old(member.node):
                self._post(member.node, pieces)
                self.registry.keep_pieces(member.node, hashes)
                posted[member.node] = len(pieces)
        wanted = {sha256 for hashes in self.registry.pieces().values() for sha256 in hashes}
        orders = {Sha256(record.order.audio) for record in self.registry.emergencies() if record.order.audio}
        self.registry.forget_files(wanted | orders)
        return posted

    def _old(self, node: str) -> bool:
        issued = self.registry.issued(node)
        return issued is None or self.clock.now() - issued > RENEW

    def _pieces(
        self,
        rundowns: Sequence[Rundown],
        sound: Callable[[RundownItem], Path | Cause],
        kept: dict[str, Piece | None],
    ) -> list[Piece]:
        pieces: dict[str, Piece] = {}
        for rundown in rundowns:
            if rundown.code not in kept:
                sha256, length = self.registry.keep_file(canonical(rundown).encode())
                kept[rundown.code] = Piece(PieceKind.RUNDOWN, rundown.code, length, sha256)
            for item in rundown.items:
                if item.master and item.master not in kept:
                    path = sound(item)
                    kept[item.master] = self._audio(path, item.master) if isinstance(path, Path) else None
            for name in (rundown.code, *(item.master for item in rundown.items if item.master)):
                piece = kept[name]
                if piece is not None:
                    pieces[name] = piece
        return list(pieces.values())

    def _limits(self, node: str) -> Piece:
        sha256, length = self.registry.keep_file(limits_text(limits_of(self.station, node)).encode())
        return Piece(PieceKind.LIMITS, "json", length, sha256)

    def _audio(self, path: Path, master: str) -> Piece:
        sha256, length = self.registry.keep_file(path)
        return Piece(PieceKind.AUDIO, path.suffix.lstrip(".").lower(), length, sha256, master)

    def _post(self, node: str, pieces: Sequence[Piece]) -> None:
        now = self.clock.now()
        seq = self.registry.next_number(f"ban_ke.{node}", now)
        manifest = Manifest(self.station.code, node, seq, now, now + VALID, tuple(pieces))
        text = seal(Kind.MANIFEST, manifest, self.key.name, self.key.sign)
        for hub in self.hubs:
            hub.post(node, text, seq)

    # The desk

    def _keys(self) -> dict[str, tuple[str, Trust]]:
        """Every node's key with its node's name; made anew only when a node joined or was thrown out."""
        members = self.registry.members()
        if self._known[0] is not members:
            made = {}
            for m in members:
                public = bytes.fromhex(m.public)
                made[key_name(public)] = (m.node, Trust(public, NODE_KINDS, revoked=m.revoked is not None))
            self._known = (members, made)
            self._live = frozenset(m.node for m in members if m.revoked is None)
        return self._known[1]

    def node_of(self, ask: bytes) -> str | Refused:
        """Which node a signed request is from."""
        keys = self._keys()
        name = _key_of(ask)
        node, trust = keys.get(name, ("", None))
        opened = unseal(ask, frozenset({Kind.ASK}), {name: trust} if trust else {}, self.check, 1000)
        if isinstance(opened, Refused):
            return opened
        try:
            at = instant(opened.data.get("at"))
        except ValueError:
            return Refused(Refusal.MALFORMED, "ask")
        now = self.clock.now()
        if abs(now - at) > SKEW:
            return Refused(Refusal.EXPIRED if at < now else Refusal.EARLY, "ask")
        if opened.data.get("node") != node:
            return Refused(Refusal.FOREIGN, "ask")
        self.registry.saw(node, now)
        return node

    def knows(self, node: str) -> bool:
        """Whether a node has joined and was not thrown out since."""
        self._keys()
        return node in self._live

    def letters(self, node: str, manifest: int, urgent: int) -> Sequence[bytes]:
        """What waits for a node."""
        return self.mailbox.letters(node, manifest, urgent, self.clock.now())

    def version(self) -> int:
        """Changes whenever something new may wait."""
        return self.mailbox.version()

    def file(self, sha256: str) -> Path | None:
        """A file that some node is to hold."""
        return self.registry.file(sha256)

    def segment(self, node: str, live: str, number: int) -> bytes | None:
        """A signed segment of a live broadcast for a node, the newest for number 0; None as long as it is not there.

        Raises:
            LinkError: `link.gone` for a broadcast that is over or not the node's, or a segment that is too old.
        """
        now = self.clock.now()
        mine = [order for order in self.registry.lives() if order.id == live and order.is_for(node)]
        if not mine or now >= mine[-1].until:
            raise LinkError("link.gone", file=live)
        folder = self.registry.live_folder(live)
        # Thousands ask for the same number as soon as it is there: the folder is read only where it is not.
        found = _bytes(folder / str(number)) if number else None
        if found is not None:
            return found
        newest = max((int(path.name) for path in folder.glob("[0-9]*") if path.name.isdecimal()), default=0)
        wanted = number or max(1, newest - BACK)
        if wanted > newest:
            return None
        found = _bytes(folder / str(wanted))
        if found is None:
            raise LinkError("link.gone", file=f"{live}/{wanted}")
        return found

    def live_version(self) -> int:
        """Changes whenever a live broadcast has a new segment, or one begins or ends."""
        now = self.clock.now()
        on = [order for order in self.registry.lives() if order.issued <= now < order.until]
        return sum(_touched(self.registry.live_folder(order.id)) for order in on)

    def take(self, text: bytes) -> bytes:
        """The signed answer to rows or events that a node hands in.

        Raises:
            LinkError: `link.later` if the ledger cannot take them now; the node keeps them and comes again.
        """
        try:
            with self._lock:
                answer = self._taken(text)
        except StoreError as error:
            raise LinkError("link.later", detail=error.code) from error
        return seal(Kind.ANSWER, {"of": digest_bytes(text), **answer}, self.key.name, self.key.sign)

    def _taken(self, text: bytes) -> dict[str, Any]:
        keys = self._keys()
        trusts = {name: trust for name, (_, trust) in keys.items() if name == _key_of(text)}
        opened = unseal(text, frozenset({Kind.RECEIPTS, Kind.EVENTS}), trusts, self.check, TEXT_LIMIT)
        if isinstance(opened, Refused):
            return _no(opened.why)
        node = keys[opened.key][0]
        if opened.data.get("node") != node:
            return _no(Refusal.FOREIGN)
        self.registry.saw(node, self.clock.now())
        try:
            if opened.kind is Kind.RECEIPTS:
                return self._rows(node, opened.data["rows"])
            events = [dict(event) for event in opened.data["events"]]
            return {"expected": self.registry.add_events(node, events) + 1}
        except (ValueError, KeyError, TypeError, OverflowError):
            return _no(Refusal.MALFORMED)

    def _rows(self, node: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        sealed = sorted((as_run_from(row) for row in rows), key=lambda row: row.seq)
        if not sealed:
            return _no(Refusal.MALFORMED)
        if any(row.node != node for row in sealed):
            return _no(Refusal.FOREIGN)
        done = self.receive(sealed)
        self.registry.keep_refused(node, [{"at": self.clock.now(), **plain(finding)} for finding in done.refused])
        return {"expected": done.expected, "new": done.new, "resent": done.resent}


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _touched(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 1


def _no(why: Refusal) -> dict[str, Any]:
    return {"refused": why.value, "expected": 0}


def _key_of(text: bytes) -> str:
    words = text[:200].split(b" ", 3)
    return words[2].decode("ascii", "replace") if len(words) == 4 else ""


def _json(value: Mapping[str, Any]) -> bytes:
    return canonical(value).encode()


def request_to_join(code: str, node: str, public: bytes) -> bytes:
    """What a node says that was given a code."""
    key = public.hex()
    return _json({"node": node, "public": key, "proof": proof(secret_of(code, node), "join", node, key)})


def welcome(answer: bytes, code: str, node: str, public: bytes) -> dict[str, str]:
    """The station's code, its keys and its broker, once the answer was found to come from who gave the code.

    Raises:
        LinkError: `join.refused` with the reason, `join.station` if the answer is not from who gave the code.
    """
    try:
        data = {str(name): str(value) for name, value in json.loads(answer).items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise LinkError("join.station") from error
    if "refused" in data:
        known = data["refused"] in set(JoinRefusal)
        raise LinkError(f"join.{data['refused']}" if known else "join.station", node=node)
    names = ("station", "station_key", "emergency_key", "mqtt")
    given = tuple(data.get(name, "") for name in names)
    if not is_proof(data.get("proof", ""), secret_of(code, node), "welcome", node, public.hex(), *given):
        raise LinkError("join.station")
    return dict(zip(names, given, strict=True))
