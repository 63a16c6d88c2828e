"""Accounts and sessions of the console on SQLite or PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from broadcaster.adapters.store.base import SqlBase
from broadcaster.adapters.store.tables import AccountRow, LoginRow
from broadcaster.domain.access import Account, Login
from broadcaster.errors import StoreError
from broadcaster.units import Sha256, as_utc


class SqlAccess(SqlBase):
    """The console's part of the port `Store`."""

    def accounts(self) -> Sequence[Account]:
        """See the port."""
        with self._read() as session:
            found = session.exec(select(AccountRow).order_by(col(AccountRow.code)))
            return [Account(row.code, row.secret, row.admin, row.active, row.at) for row in found]

    def add_first_account(self, account: Account) -> None:
        """See the port."""
        with self._write() as session:
            if session.exec(select(AccountRow.code).limit(1)).first() is not None:
                raise StoreError("store.has_accounts")
            session.add(_row(account))

    def save_account(self, account: Account) -> None:
        """See the port."""
        with self._write() as session:
            session.merge(_row(account))

    def open_login(self, login: Login) -> None:
        """See the port."""
        with self._write() as session:
            session.add(
                LoginRow(
                    token=login.token,
                    account=login.account,
                    began=as_utc(login.began),
                    seen=as_utc(login.seen),
                    ended=None if login.ended is None else as_utc(login.ended),
                    browser=login.browser,
                )
            )

    def login(self, token: Sha256) -> Login | None:
        """See the port."""
        with self._read() as session:
            row = session.get(LoginRow, token)
            return None if row is None else _login(row)

    def logins(self, account: str) -> Sequence[Login]:
        """See the port."""
        with self._read() as session:
            found = session.exec(select(LoginRow).where(LoginRow.account == account).order_by(col(LoginRow.began)))
            return [_login(row) for row in found]

    def see_login(self, token: Sha256, at: datetime) -> None:
        """See the port."""
        with self._write() as session:
            row = session.get(LoginRow, token)
            if row is not None and row.ended is None:
                row.seen = max(row.seen, as_utc(at))

    def end_login(self, token: Sha256, at: datetime) -> None:
        """See the port."""
        with self._write() as session:
            row = session.get(LoginRow, token)
            if row is not None and row.ended is None:
                row.ended = as_utc(at)

    def end_logins(self, account: str, at: datetime) -> int:
        """See the port."""
        with self._write() as session:
            rows = session.exec(
                select(LoginRow).where(LoginRow.account == account, col(LoginRow.ended).is_(None))
            ).all()
            for row in rows:
                row.ended = as_utc(at)
            return len(rows)


def _row(account: Account) -> AccountRow:
    return AccountRow(
        code=account.code, secret=account.secret, admin=account.admin, active=account.active, at=as_utc(account.at)
    )


def _login(row: LoginRow) -> Login:
    return Login(Sha256(row.token), row.account, row.began, row.seen, row.ended, row.browser)
