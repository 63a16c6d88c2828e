import sqlite3

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from broadcaster.adapters.store.errors import code_of, translated
from broadcaster.errors import StoreError


class PostgresError(Exception):
    def __init__(self, sqlstate: str | None, message: str = "") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "message", "code"),
    [
        ("23514", 'new row violates check constraint "ck_review_own_approval"', "store.own_approval"),
        ("23000", "store.append_only: as_run only grows", "store.append_only"),
        ("23000", "ERROR: store.chain: as_run only grows", "store.chain"),
        ("55P03", "canceling statement due to lock timeout", "store.busy"),
        ("40P01", "deadlock detected", "store.busy"),
        ("53100", "could not extend file", "store.disk"),
        ("25006", "read-only transaction", "store.readonly"),
        ("3D000", "no such database", "store.unreadable"),
        (None, "connection refused", "store.unreadable"),
        ("23505", "duplicate key", "store.refused"),
        (None, "PostgreSQL text fields cannot contain NUL (0x00) bytes", "store.text"),
    ],
)
def test_what_postgresql_says(state: str | None, message: str, code: str) -> None:
    assert code_of(PostgresError(state, message)) == code


def test_what_the_driver_and_the_pool_say() -> None:
    with pytest.raises(StoreError) as caught, translated("a.db"):
        sqlite3.connect("file:/no/such/folder/a.db?mode=ro", uri=True)
    assert caught.value.code == "store.unreadable"
    assert not caught.value.retryable
    with pytest.raises(StoreError) as caught, translated("a.db"):
        raise PoolTimeoutError
    assert caught.value.code == "store.busy"
    assert caught.value.retryable
    assert caught.value.facts["file"] == "a.db"
