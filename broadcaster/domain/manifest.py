"""The manifest: everything that one node is to hold, by length and hash, numbered, signed, and good until a date."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from broadcaster.domain.envelope import (
    Check,
    Keys,
    Kind,
    Refusal,
    Refused,
    a_text,
    a_whole,
    instant,
    unseal,
    untimely,
)
from broadcaster.units import Sha256

VALID = timedelta(days=10)
"""How long a manifest is good for: a node whose link is cut the day after it was sent still has more than a week."""
MANIFEST_LIMIT = 2_000_000
"""Bytes of a manifest."""
PIECE_LIMIT = 400_000_000
"""Bytes of one file: an hour of FLAC at 24 kHz is a third of it."""
MOST_SEQ = 2**53

_HASH = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"\w[\w+\-]*(?:\.[\w+\-]+)*")
_ENDING = re.compile(r"[a-z0-9]{1,5}")


class PieceKind(StrEnum):
    """What a file is."""

    LIMITS = "limits"
    RUNDOWN = "rundown"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class Piece:
    """One file. `name` is a rundown's code or a sound's ending; `master`, of a sound, what rundowns call it by."""

    kind: PieceKind
    name: str
    length: int
    sha256: Sha256
    master: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a node is to hold, and nothing else. `seq` grows with every manifest of a node."""

    station: str
    node: str
    seq: int
    issued: datetime
    expires: datetime
    pieces: tuple[Piece, ...]

    def of(self, kind: PieceKind) -> tuple[Piece, ...]:
        """Its files of one kind."""
        return tuple(piece for piece in self.pieces if piece.kind is kind)


def is_hash(text: str) -> bool:
    """Whether a text is 64 lower-case hexadecimal digits: what becomes part of a file's name."""
    return _HASH.fullmatch(text) is not None


def _piece(data: Any) -> Piece:
    if not isinstance(data, dict) or set(data) != {"kind", "name", "length", "sha256", "master"}:
        msg = "members of a piece"
        raise ValueError(msg)
    kind, name = PieceKind(data["kind"]), a_text(data["name"])
    sha256, master = a_text(data["sha256"]), a_text(data["master"])
    fits = (_NAME if kind is PieceKind.RUNDOWN else _ENDING).fullmatch(name)
    if not fits or not is_hash(sha256) or (master and not is_hash(master)):
        msg = f"piece {name!r}"
        raise ValueError(msg)
    return Piece(kind, name, a_whole(data["length"], PIECE_LIMIT), Sha256(sha256), master)


def manifest_from(data: dict[str, Any]) -> Manifest:
    """A manifest from its JSON object.

    Raises:
        ValueError: for what is none.
    """
    pieces = data.get("pieces")
    if set(data) != {"station", "node", "seq", "issued", "expires", "pieces"} or not isinstance(pieces, list):
        msg = "members of a manifest"
        raise ValueError(msg)
    return Manifest(
        station=a_text(data["station"]),
        node=a_text(data["node"]),
        seq=a_whole(data["seq"], MOST_SEQ),
        issued=instant(data["issued"]),
        expires=instant(data["expires"]),
        pieces=tuple(_piece(piece) for piece in pieces),
    )


def admit(
    text: bytes, keys: Keys, check: Check, *, station: str, node: str, after: int, now: datetime
) -> Manifest | Refused:
    """The manifest in a signed text, or why a node refuses it.

    Args:
        text: what came.
        keys: whom the node trusts.
        check: says whether a signature is right.
        station: the node's station.
        node: the node.
        after: the number of the manifest that the node has; only a higher one is taken.
        now: the node's clock.
    """
    opened = unseal(text, frozenset({Kind.MANIFEST}), keys, check, MANIFEST_LIMIT)
    if isinstance(opened, Refused):
        return opened
    try:
        manifest = manifest_from(opened.data)
    except (ValueError, OverflowError):
        return Refused(Refusal.MALFORMED, opened.kind.value)
    what = f"manifest {manifest.seq}"
    if manifest.station != station or manifest.node != node:
        return Refused(Refusal.FOREIGN, what)
    if manifest.seq <= after:
        return Refused(Refusal.REPLAYED, what)
    why = untimely(manifest.issued, manifest.expires, now)
    return Refused(why, what) if why else manifest


def fault(piece: Piece, length: int, sha256: Sha256) -> Refused | None:
    """Why a file that came is not the one that the manifest names; None when it is."""
    what = piece.name if piece.kind is PieceKind.RUNDOWN else f"{piece.sha256[:12]}.{piece.name}"
    if length != piece.length:
        return Refused(Refusal.TRUNCATED if length < piece.length else Refusal.OVERSIZED, what)
    return None if sha256 == piece.sha256 else Refused(Refusal.ALTERED, what)


def missing(manifest: Manifest, there: Iterable[Sha256]) -> tuple[Piece, ...]:
    """The files that a node still has to fetch, its limits first, sounds last; each hash once."""
    have = set(there)
    wanted = []
    for piece in (piece for kind in PieceKind for piece in manifest.of(kind)):
        if piece.sha256 not in have:
            have.add(piece.sha256)
            wanted.append(piece)
    return tuple(wanted)
