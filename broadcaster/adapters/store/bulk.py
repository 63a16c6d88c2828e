"""Many rows at once, below SQLModel: on SQLite `executemany`, on PostgreSQL `COPY`.

docs/adr/0016-narrow-ledger.md has the figures. Instants come as microseconds, dates as ISO text.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import text as sql_text
from sqlalchemy.exc import DBAPIError

from broadcaster.adapters.store.tables import Row

PORTION = 20_000
"""Rows in one fetch."""


def insert(
    connection: Connection, row: type[Row], names: Sequence[str], rows: Sequence[Sequence[Any]], conflict: str = ""
) -> None:
    """Insert rows, each with values for `names`.

    Args:
        connection: in a transaction.
        row: the table's class.
        names: its columns.
        rows: their values.
        conflict: an `ON CONFLICT` clause.
    """
    if not rows:
        return
    table, listed = str(row.__tablename__), ", ".join(names)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        query = f"INSERT INTO {table} ({listed}) VALUES ({marks}) {conflict}"  # noqa: S608 - our own names
        connection.exec_driver_sql(query, list(rows))
        return
    if not conflict:
        _copy(connection, table, listed, rows)
        return
    incoming = f"incoming_{table}"
    connection.exec_driver_sql(f"CREATE TEMP TABLE IF NOT EXISTS {incoming} (LIKE {table}) ON COMMIT DELETE ROWS")
    _copy(connection, incoming, listed, rows)
    query = f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {incoming} {conflict}"  # noqa: S608 - our own names
    connection.exec_driver_sql(query)
    connection.exec_driver_sql(f"DELETE FROM {incoming}")  # noqa: S608 - our own names


def _copy(connection: Connection, table: str, listed: str, rows: Sequence[Sequence[Any]]) -> None:
    """PostgreSQL's COPY: a ninth of the time of arrays or parameters."""
    query = f"COPY {table} ({listed}) FROM STDIN"
    with _driver(connection, query) as cursor, cursor.copy(query) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def _driver(connection: Connection, query: str, **options: Any) -> Iterator[Any]:
    """The driver's own cursor; what it raises is what SQLAlchemy would have raised."""
    raw: Any = connection.connection.driver_connection
    cursor = raw.cursor(**options)
    dbapi: Any = connection.dialect.loaded_dbapi
    try:
        yield cursor
    except dbapi.Error as error:
        raise DBAPIError(query, None, error) from error
    finally:
        cursor.close()


def adding(table: str, keys: Sequence[str], sums: Sequence[str], highest: Sequence[str] = (), dialect: str = "") -> str:
    """The clause that adds to the sums of a row whose key is there, and raises its highest values."""
    greater = "max" if dialect == "sqlite" else "greatest"
    moved = [f"{name} = {table}.{name} + excluded.{name}" for name in sums]
    moved += [f"{name} = {greater}({table}.{name}, excluded.{name})" for name in highest]
    return f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(moved)}"


def replacing(keys: Sequence[str], values: Sequence[str]) -> str:
    """The clause that gives new values to a row whose key is there."""
    return f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET " + ", ".join(f"{v} = excluded.{v}" for v in values)


def select(connection: Connection, query: str, **given: Any) -> Sequence[Any]:
    """All rows of a query. `:name` is a value; `IN (:name)` takes a list, however long."""
    statement, values = _prepared(connection, query, given)
    return connection.execute(sql_text(statement), values).fetchall()


def tuples(connection: Connection, query: str, **given: Any) -> Sequence[tuple[Any, ...]]:
    """The same as the driver gives them: for thousands of rows."""
    statement, values = _prepared(connection, query, given)
    if connection.dialect.name != "sqlite":
        statement = _NAMED.sub(r"%(\1)s", statement.replace("%", "%%"))
    with _driver(connection, statement) as cursor:
        cursor.execute(statement, values)
        found: Sequence[tuple[Any, ...]] = cursor.fetchall()
        return found


_NAMED = re.compile(r"(?<!:):([a-z_]+)")


def _prepared(connection: Connection, query: str, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    statement, values = query, dict[str, Any]()
    for name, value in given.items():
        if isinstance(value, (list, tuple, set, frozenset)):
            listed = list(value)
            kind = _array_kind(listed)
            if connection.dialect.name == "sqlite":
                statement = statement.replace(f"(:{name})", f"(SELECT value FROM json_each(:{name}))")  # noqa: S608 - our own names
                values[name] = json.dumps(listed, default=str)
            else:
                statement = statement.replace(f"IN (:{name})", f"= ANY(CAST(:{name} AS {kind}[]))")
                values[name] = listed
        else:
            values[name] = value.isoformat() if isinstance(value, date) else value
    return statement, values


def _array_kind(values: Sequence[Any]) -> str:
    first = values[0] if values else 0
    return "date" if isinstance(first, date) else "bigint" if isinstance(first, int) else "text"


def day_of(value: Any) -> date:
    """A day as either database gives it."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def stream(connection: Connection, query: str) -> Iterator[Sequence[Any]]:
    """The rows of a query without parameters as the driver gives them, in portions."""
    options: dict[str, Any] = {}
    if connection.dialect.name != "sqlite":
        options = {"name": "portions", "binary": True}
        # Left alone the planner reads the whole ledger for every month. The settings end with the transaction.
        for join in ("hashjoin", "mergejoin"):
            connection.exec_driver_sql(f"SET LOCAL enable_{join} = off")
    with _driver(connection, query, **options) as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(PORTION):
            yield rows


def chunks(values: Iterable[Any], size: int = 1000) -> Iterator[list[Any]]:
    """Values in lists of at most `size`."""
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
