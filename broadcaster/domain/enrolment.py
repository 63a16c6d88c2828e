"""How a node joins: a code that is read over the telephone once, and keys that never leave their machines.

The code itself never goes over the wire. From it both ends make the same secret (scrypt); the node proves with it that
it was invited, the station proves with it that it is the one that invited, so that a listener in between can neither
enrol a node of its own nor give the node other keys.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broadcaster.domain.envelope import EMERGENCY_KINDS, STATION_KINDS, Trust, key_name
from broadcaster.units import Sha256, canonical

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letters that look or sound like another."""
CODE_LENGTH = 10
"""Letters of a code: 50 bits."""
CODE_VALID = timedelta(hours=24)
MOST_TRIES = 5
"""Wrong proofs after which a code is dead."""
JOINS_A_MINUTE = 10
"""Tries to join from one address in a minute."""


class JoinRefusal(StrEnum):
    """Why a node may not join."""

    NO_CODE = "no_code"
    WRONG = "wrong"
    EXPIRED = "expired"
    USED = "used"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code that was given out for a node; only the secret made from it is kept."""

    node: str
    secret: str
    expires: datetime
    used: bool = False
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Identity:
    """What a node knows of itself and its station: whose node, where to call, whom to believe. Keys in hexadecimal."""

    station: str
    node: str
    address: str
    mqtt: str
    station_key: str
    emergency_key: str

    @property
    def keys(self) -> dict[str, Trust]:
        """The keys that the node trusts, each for its own kinds."""
        pairs = ((self.station_key, STATION_KINDS), (self.emergency_key, EMERGENCY_KINDS))
        publics = [(bytes.fromhex(public), kinds) for public, kinds in pairs]
        return {key_name(public): Trust(public, kinds) for public, kinds in publics}


@dataclass(frozen=True, slots=True)
class Member:
    """A node that joined: its public key in hexadecimal, since when, and whether it was thrown out."""

    node: str
    public: str
    joined: datetime
    revoked: datetime | None = None
    by: str = ""


class DeedKind(StrEnum):
    """What was done with a node."""

    CODE = "code"
    JOINED = "joined"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what with a node, and when; nobody where the node did it by itself."""

    node: str
    what: DeedKind
    at: datetime
    by: str = ""


def code_from(random_bytes: bytes) -> str:
    """A code in two groups of letters.

    Args:
        random_bytes: at least `CODE_LENGTH` random bytes.
    """
    letters = "".join(LETTERS[byte % len(LETTERS)] for byte in random_bytes[:CODE_LENGTH])
    return f"{letters[:5]}-{letters[5:]}"


def as_typed(code: str) -> str:
    """A code as somebody typed it: case, dashes and spaces make no difference, nor O for 0, I and L for 1."""
    kept = "".join(code.upper().split()).replace("-", "")
    return kept.translate(str.maketrans("OIL", "011"))


def secret_of(code: str, node: str) -> bytes:
    """The secret that both ends make from a code; 16 MB and some 50 ms, so that guessing is dear."""
    salt = f"broadcaster join {node}".encode()
    return hashlib.scrypt(as_typed(code).encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def proof(secret: bytes, what: str, *facts: str) -> str:
    """That the sender has the secret, bound to what is said with it."""
    return hmac.new(secret, canonical([what, *facts]).encode(), hashlib.sha256).hexdigest()


def is_proof(given: str, secret: bytes, what: str, *facts: str) -> bool:
    """Whether a proof is right, in the same time whatever it is."""
    return hmac.compare_digest(given.encode(), proof(secret, what, *facts).encode())


def judge(invitation: Invitation | None, given: str, facts: Sequence[str], now: datetime) -> JoinRefusal | None:
    """Why a node with this proof may not join; None when it may."""
    # A proof is worked out whatever the answer, so that the time taken does not tell who was invited.
    secret = bytes.fromhex(invitation.secret) if invitation else bytes(32)
    right = is_proof(given, secret, "join", *facts)
    if invitation is None:
        return JoinRefusal.NO_CODE
    if invitation.tries >= MOST_TRIES:
        return JoinRefusal.TOO_MANY
    if not right:
        return JoinRefusal.WRONG
    if invitation.used:
        return JoinRefusal.USED
    return JoinRefusal.EXPIRED if now >= invitation.expires else None


def too_often(tries: Sequence[datetime], now: datetime) -> bool:
    """Whether an address has tried as often in the last minute as it may."""
    return sum(now - at < timedelta(minutes=1) for at in tries) >= JOINS_A_MINUTE


def fingerprint(public: bytes) -> Sha256:
    """A key's hash, for people who compare it over the telephone."""
    return Sha256(hashlib.sha256(public).hexdigest())
