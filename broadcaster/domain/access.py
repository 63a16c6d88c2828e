"""Who may come in: accounts of the console, and their sessions, each of which can be ended from the server.

What a person may do in the product comes from the station file, by the account's code. Looking after accounts is a
duty of its own: whoever has it has no right to approve, so that nobody can make themselves an approver and approve.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.station import Role, Station
from broadcaster.errors import ConfigError
from broadcaster.units import Sha256

IDLE = timedelta(hours=2)
"""A session that nobody used for so long is over: an office PC stands open."""
LONGEST = timedelta(hours=12)
"""A session's longest life, however busy it is."""
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256
"""NIST SP 800-63B-4: length, no rules of composition; a bound, so that hashing cannot be made slow."""


@dataclass(frozen=True, slots=True)
class Account:
    """A way into the console. `code` is a person of the station or an administrator; `secret`, the password's hash."""

    code: str
    secret: str
    admin: bool
    active: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Login:
    """A session: the hash of its token (the token itself is in the browser only), whose it is, and until when."""

    token: Sha256
    account: str
    began: datetime
    seen: datetime
    ended: datetime | None = None
    browser: str = ""

    def open_at(self, now: datetime) -> bool:
        """Whether it still counts."""
        return self.ended is None and now - self.seen <= IDLE and now - self.began <= LONGEST


def password_text(given: str) -> str:
    """A password in NFC, so that the same letters typed on another keyboard are the same password.

    Raises:
        ConfigError: `account.password` when it is too short or too long.
    """
    text = unicodedata.normalize("NFC", given)
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        raise ConfigError("account.password", shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)
    return text


def check_account(station: Station, code: str, *, admin: bool) -> None:
    """Whether such an account may be.

    Raises:
        ConfigError: `account.person` for a code that is neither a person of the station nor an administrator's;
            `account.admin_approver` for an administrator who may approve.
    """
    person = station.person(code)
    if person is None and not admin:
        raise ConfigError("account.person", given=code, known=[p.code for p in station.people])
    if admin and person is not None and Role.APPROVER in person.roles:
        raise ConfigError("account.admin_approver", person=person.name)
