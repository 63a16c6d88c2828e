"""Entering the console: accounts, passwords, sessions that the server can end."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from broadcaster.domain.access import LONGEST_PASSWORD, Account, Login, check_account, password_text
from broadcaster.domain.station import Role, Station
from broadcaster.errors import ConfigError
from broadcaster.ports import Clock, Passwords, Store
from broadcaster.units import Sha256, digest


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is in: the account's code, the name to show, the roles of the station file, and whether an administrator."""

    code: str
    name: str
    roles: frozenset[Role]
    admin: bool

    def may(self, *roles: Role) -> bool:
        """Whether they have one of the roles."""
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Entering:
    """The door of the console."""

    store: Store
    clock: Clock
    station: Station
    passwords: Passwords

    def account(self, code: str) -> Account | None:
        """An account by its code."""
        return next((account for account in self.store.accounts() if account.code == code), None)

    def set_up(self, code: str, password: str) -> Account:
        """The first account, an administrator's. It is for the caller to have checked the set-up code.

        Raises:
            ConfigError: see `domain.access`; `account.code` for an empty code.
            StoreError: `store.has_accounts` when somebody was quicker.
        """
        account = self._account(code, password, admin=True)
        self.store.add_first_account(account)
        return account

    def add(self, code: str, password: str, *, admin: bool) -> Account:
        """Another account.

        Raises:
            ConfigError: see `domain.access`; `account.exists` for a code that has one.
        """
        if self.account(code.strip()) is not None:
            raise ConfigError("account.exists", given=code.strip())
        account = self._account(code, password, admin=admin)
        self.store.save_account(account)
        return account

    def set_password(self, code: str, password: str) -> None:
        """Another password; every session of the account ends.

        Raises:
            ConfigError: `account.unknown`, `account.password`.
        """
        account = self._known(code)
        secret = self.passwords.hash(password_text(password))
        self.store.save_account(Account(account.code, secret, account.admin, account.active, account.at))
        self.store.end_logins(code, self.clock.now())

    def set_active(self, code: str, *, active: bool) -> None:
        """Lock an account, its sessions included, or open it again.

        Raises:
            ConfigError: `account.unknown`; `account.last_admin` when nobody could open it again.
        """
        account = self._known(code)
        others = [a for a in self.store.accounts() if a.admin and a.active and a.code != code]
        if account.admin and not active and not others:
            raise ConfigError("account.last_admin")
        self.store.save_account(Account(account.code, account.secret, account.admin, active, account.at))
        if not active:
            self.store.end_logins(code, self.clock.now())

    def enter(self, code: str, password: str, browser: str = "") -> str | None:
        """A token for a new session; None when code and password do not go together.

        As much work is done for a code that nobody has: the time of an answer tells nothing.
        """
        account = self.account(code.strip())
        # Whatever was typed is hashed: a password of another length than allowed is wrong like any other.
        given = unicodedata.normalize("NFC", password)[: LONGEST_PASSWORD + 1]
        if account is None:
            self.passwords.hash(given)
            return None
        if not self.passwords.matches(given, account.secret) or not account.active:
            return None
        token = self.passwords.token()
        now = self.clock.now()
        self.store.open_login(Login(key_of(token), account.code, now, now, browser=browser[:200]))
        return token

    def visitor(self, token: str) -> Visitor | None:
        """Who a token belongs to; None when its session is over or its account locked."""
        login = self.store.login(key_of(token)) if token else None
        now = self.clock.now()
        if login is None or not login.open_at(now):
            return None
        account = self.account(login.account)
        if account is None or not account.active:
            return None
        if (now - login.seen).total_seconds() >= 60:  # not a write for each page
            self.store.see_login(login.token, now)
        person = self.station.person(account.code)
        roles = person.roles if person else frozenset()
        if account.admin:
            # The station file may have changed since: whoever looks after accounts never approves.
            roles -= {Role.APPROVER}
        return Visitor(account.code, person.name if person else account.code, roles, account.admin)

    def leave(self, token: str) -> None:
        """End a session."""
        if token:
            self.store.end_login(key_of(token), self.clock.now())

    def sessions(self, code: str) -> Sequence[Login]:
        """An account's open sessions, oldest first."""
        now = self.clock.now()
        return [login for login in self.store.logins(code) if login.open_at(now)]

    def end(self, code: str, token: Sha256) -> None:
        """End one session of an account, and of no other."""
        if any(login.token == token for login in self.store.logins(code)):
            self.store.end_login(token, self.clock.now())

    def _known(self, code: str) -> Account:
        account = self.account(code)
        if account is None:
            raise ConfigError("account.unknown", given=code)
        return account

    def _account(self, code: str, password: str, *, admin: bool) -> Account:
        code = code.strip()
        if not code or not code.isidentifier() or len(code) > 64:
            raise ConfigError("account.code", given=code[:64])
        check_account(self.station, code, admin=admin)
        secret = self.passwords.hash(password_text(password))
        return Account(code, secret, admin, active=True, at=self.clock.now())


def key_of(token: str) -> Sha256:
    """What the store keeps of a token: whoever reads the database cannot enter with it."""
    return digest("login", token)
