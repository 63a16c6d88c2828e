"""The database's revision: read at every open, brought up to date when it is old, refused when it is too new."""

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from broadcaster.adapters.store.database import name_of, writer
from broadcaster.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every migration, oldest first. Kept here so that opening a store need not import Alembic; a test proves it true."""
HEAD = REVISIONS[-1]

_VERSIONS = "alembic_version"
MIGRATIONS = Path(__file__).parent / "migrations"


def stamped(connection: Connection) -> str:
    """The revision that a database stands at; empty for an empty database.

    Raises:
        StoreError: `store.foreign` for a database with tables that are not ours.
    """
    tables = inspect(connection)
    if tables.has_table(_VERSIONS):
        return str(connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar() or "")  # noqa: S608 - ours
    if tables.get_table_names():
        raise StoreError("store.foreign", file=name_of(connection.engine.url), tables=sorted(tables.get_table_names()))
    return ""


def ready(engine: Engine) -> None:
    """Bring a database to `HEAD`: at once when it is there.

    Raises:
        StoreError: `store.newer` if a later release made it, `store.foreign` if it is another program's.
    """
    if engine.dialect.name == "sqlite":
        _use_wal(engine)
    with engine.connect() as connection:
        version = stamped(connection)
    if version != HEAD:
        upgrade(engine)


def upgrade(engine: Engine, to: str = HEAD) -> None:
    """Run the migrations up to a revision, in one transaction: all of them or none."""
    _move(engine, to, up=True)


def downgrade(engine: Engine, to: str) -> None:
    """Undo migrations down to a revision, or to `base`. Data in what is dropped is gone."""
    _move(engine, to, up=False)


def config(connection: Connection | None = None, folder: Path = MIGRATIONS) -> "Config":
    """Alembic's settings for a folder of migrations, without an ini file."""
    from alembic.config import Config

    settings = Config()
    # ConfigParser reads % as the beginning of a reference; a folder may have one in its name.
    settings.set_main_option("script_location", str(folder).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def _move(engine: Engine, to: str, *, up: bool) -> None:
    from alembic import command

    sqlite = engine.dialect.name == "sqlite"
    with writer(engine).connect() as connection:
        if sqlite:
            # A batch operation drops and renames tables: with foreign keys on it would take referring rows along.
            # The setting cannot change within a transaction.
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                version = stamped(connection)  # once more, with the lock: another process may just have done it
                if version and version not in REVISIONS:
                    file = name_of(engine.url)
                    raise StoreError("store.newer", file=file, version=version, known=HEAD)
                if up and version != to:
                    command.upgrade(config(connection), to)
                elif not up:
                    command.downgrade(config(connection), to)
                if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise StoreError("store.damaged", file=name_of(engine.url), detail="foreign keys")
        finally:
            if sqlite:
                connection.connection.cursor().execute("PRAGMA foreign_keys = ON")


def _use_wal(engine: Engine) -> None:
    """Write-ahead log: readers and the one writer do not wait for one another. The file remembers it.

    Where it cannot be had, as on a network drive, SQLite keeps its rollback journal, which is slower and as safe.
    """
    with engine.connect() as connection:
        cursor = connection.connection.cursor()  # not through SQLAlchemy: no transaction may be open
        try:
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # Two processes at a new file: one of them switches, and the other is turned away without waiting.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        finally:
            cursor.close()
