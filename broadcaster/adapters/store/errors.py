"""What the databases say, in the product's own codes."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from broadcaster.errors import StoreError

_SQLITE = {
    5: "store.busy",  # SQLITE_BUSY
    6: "store.busy",  # SQLITE_LOCKED
    8: "store.readonly",  # SQLITE_READONLY
    10: "store.disk",  # SQLITE_IOERR
    11: "store.unreadable",  # SQLITE_CORRUPT
    13: "store.disk",  # SQLITE_FULL
    14: "store.unreadable",  # SQLITE_CANTOPEN
    26: "store.unreadable",  # SQLITE_NOTADB
}
_POSTGRES = {
    "08": "store.unreadable",  # connection exceptions
    "25006": "store.readonly",
    "28": "store.unreadable",  # who are you
    "3D": "store.unreadable",  # no such database
    "40": "store.busy",  # deadlock, serialization
    "53100": "store.disk",
    "55P03": "store.busy",  # lock not available
    "57014": "store.busy",  # cancelled by a timeout
}
_OWN_CODES = ("store.own_approval", "store.append_only", "store.chain", "store.two_persons")
"""Codes with which our triggers begin their messages."""


def code_of(origin: Any) -> str:
    """The product's code for what a database driver raised."""
    said = str(origin)
    if "ck_review_own_approval" in said:
        return "store.own_approval"
    for code in _OWN_CODES:
        if said.startswith(code) or f": {code}" in said:
            return code
    if "NUL (0x00)" in said:  # psycopg's own words: PostgreSQL has no such letter, SQLite has
        return "store.text"
    number = getattr(origin, "sqlite_errorcode", None)
    if isinstance(number, int):
        return _SQLITE.get(number & 0xFF, "store.refused")  # the low byte; above it stands the kind
    state = str(getattr(origin, "sqlstate", None) or "")
    for start, code in _POSTGRES.items():
        if state.startswith(start):
            return code
    # psycopg gives no state when it could not connect at all.
    return "store.refused" if state else "store.unreadable"


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Errors of the database as `StoreError`: what it said stands in `detail`, which store in `file`.

    Raises:
        StoreError: `store.busy`, `store.disk`, `store.readonly`, `store.unreadable`, `store.refused`,
            `store.text`, `store.own_approval`, `store.append_only`, `store.chain`.
    """
    try:
        yield
    except DBAPIError as error:
        raise _translation(error.orig, where) from error
    except sqlite3.Error as error:
        raise _translation(error, where) from error
    except PoolTimeoutError as error:
        raise _error("store.busy", where, str(error)) from error
    except StoreError as error:
        if error.code == "store.damaged":
            error.facts.setdefault("file", where)  # who read the row knew its table and key only
        raise


def _translation(origin: Any, where: str) -> StoreError:
    return _error(code_of(origin), where, str(origin))


def _error(code: str, where: str, reason: str) -> StoreError:
    error = StoreError(code, file=where, detail=reason)
    error.retryable = code == "store.busy"
    return error
