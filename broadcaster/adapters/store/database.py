"""Connections and transactions: what SQLite must be told, and how a writer gets its turn."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from broadcaster.errors import StoreError

BUSY_MS = 10_000
"""How long a call waits for another process to finish writing."""
_CACHE_KB = 32 * 1024
"""Pages in memory: a batch of receipts lies scattered among the rows of the other clusters."""
_CHECKPOINT_PAGES = 8000
"""Pages of 4 KB in the write-ahead log before they go into the database: one batch must not fill it."""
_WRITE = "broadcaster_write"
_WRITER_LOCK = 0x62726F61
"""PostgreSQL's advisory lock for "one writer at a time"; any number, always this one."""


def url_of(where: str | Path) -> URL:
    """A database URL as it is; anything else is the path of a SQLite file, whose folder is made.

    Raises:
        StoreError: `store.unreadable` if there is no such folder and none can be made, or the URL is none.
    """
    if isinstance(where, str) and "://" in where:
        try:
            return make_url(where)
        except ArgumentError as error:
            # What stands before the @ may be a password.
            raise StoreError("store.unreadable", file=where.rpartition("@")[2], detail=str(error)) from error
    path = Path(where)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError("store.unreadable", file=str(path), detail=str(error)) from error
    return URL.create("sqlite", database=str(path))


def name_of(url: URL) -> str:
    """How a store is called in messages: a file by its path, a server by its URL without the password."""
    return url.render_as_string(hide_password=True) if url.host else str(url.database)


def engine_for(url: URL, busy_ms: int = BUSY_MS) -> Engine:
    """An engine that begins its own transactions; nothing is connected yet.

    Raises:
        StoreError: `store.driver` if the URL names a database for which no driver is installed.
    """
    try:
        engine = create_engine(url)
    except (ImportError, NoSuchModuleError) as error:
        raise StoreError("store.driver", file=name_of(url), detail=str(error)) from error
    if engine.dialect.name == "sqlite":
        _tune_sqlite(engine, busy_ms)
    elif engine.dialect.name == "postgresql":
        _tune_postgres(engine, busy_ms)
    return engine


def writer(engine: Engine) -> Engine:
    """The same engine, whose transactions take the write lock when they begin.

    One writer at a time on either database: a transaction that reads the head of a chain and then appends to it must
    not meet another one doing the same, and a deferred one that only later asks to write can be turned away in WAL
    mode without waiting.
    """
    return engine.execution_options(**{_WRITE: True})


def _tune_sqlite(engine: Engine, busy_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # the driver's own idea of when to begin breaks DDL and IMMEDIATE
        cursor = dbapi.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(busy_ms)}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA cache_size = {-_CACHE_KB}")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        cursor.execute("PRAGMA synchronous = FULL")  # docs/adr/0004-store.md: what was reported survives a power cut
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(_WRITE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _tune_postgres(engine: Engine, busy_ms: int) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(busy_ms)}")
        if connection.get_execution_options().get(_WRITE):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
