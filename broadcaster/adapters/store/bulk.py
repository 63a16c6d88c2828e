"""Many rows at once, below SQLModel: on SQLite `executemany`, on PostgreSQL one statement over arrays.

docs/adr/0016-narrow-ledger.md has the figures. Instants come as microseconds, dates as ISO text.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy import text as sql_text

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
    table: Table = row.__table__  # type: ignore[attr-defined]
    listed = ", ".join(names)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({listed}) VALUES ({marks}) {conflict}", list(rows))  # noqa: S608 - our own names
        return
    types = [table.columns[name].type.compile(connection.dialect) for name in names]
    arrays = ", ".join(f"%s::{kind.partition('(')[0]}[]" for kind in types)
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    query = f"INSERT INTO {table.name} ({listed}) SELECT * FROM unnest({arrays}) {conflict}"  # noqa: S608 - our own names
    connection.exec_driver_sql(query, columns)


def adding(table: str, keys: Sequence[str], sums: Sequence[str]) -> str:
    """The clause that adds to the sums of a row whose key is there."""
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    return f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {added}"


def replacing(keys: Sequence[str], values: Sequence[str]) -> str:
    """The clause that gives new values to a row whose key is there."""
    return f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET " + ", ".join(f"{v} = excluded.{v}" for v in values)


def select(connection: Connection, query: str, **given: Any) -> Sequence[Any]:
    """All rows of a query. `:name` is a value; for a list, `(:name)` stands for its values, however many."""
    statement, values = _prepared(connection, query, given)
    return connection.execute(sql_text(statement), values).fetchall()


def tuples(connection: Connection, query: str, **given: Any) -> Sequence[tuple[Any, ...]]:
    """The same as the driver gives them: for thousands of rows."""
    statement, values = _prepared(connection, query, given)
    cursor = connection.connection.cursor()
    if connection.dialect.name != "sqlite":
        statement = _NAMED.sub(r"%(\1)s", statement.replace("%", "%%"))
    try:
        cursor.execute(statement, values)
        return cursor.fetchall()
    finally:
        cursor.close()


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
                statement = statement.replace(f"(:{name})", f"(SELECT unnest(CAST(:{name} AS {kind}[])))")
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
    driver: Any = connection.connection
    if connection.dialect.name == "sqlite":
        cursor = driver.cursor()
        cursor.execute(query)
    else:
        cursor = driver.driver_connection.cursor(name="portions", binary=True)
        cursor.itersize = PORTION
        cursor.execute(query)
    try:
        while rows := cursor.fetchmany(PORTION):
            yield rows
    finally:
        cursor.close()


def chunks(values: Iterable[Any], size: int = 1000) -> Iterator[list[Any]]:
    """Values in lists of at most `size`."""
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
