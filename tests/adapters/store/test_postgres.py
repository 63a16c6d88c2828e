"""The same suite on PostgreSQL; see `tests/postgres.py`."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from broadcaster.adapters.store.schema import downgrade, ready
from broadcaster.adapters.store.sql import SqlStore, open_store
from broadcaster.adapters.store.tables import Row
from broadcaster.domain.approval import Action
from broadcaster.ports import Store
from tests.suites.store import StoreSuite
from tests.suites.store_values import a_baseline, a_bulletin, a_correction, a_review, an_as_run


@pytest.fixture
def sql(postgres_url: str) -> Iterator[SqlStore]:
    store = open_store(postgres_url)
    yield store
    store.close()


class TestSqlStoreOnPostgres(StoreSuite):
    @pytest.fixture
    def store(self, sql: SqlStore) -> Store:
        return sql


def is_compared(thing: Any, _name: str | None, kind: str, *_: object) -> bool:
    """Everything but the references of `as_run`, which a trigger keeps here: the test below."""
    return kind != "foreign_key_constraint" or thing.table.name != "as_run"


def test_the_migrations_make_the_models_and_go_back(sql: SqlStore) -> None:
    with sql._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_compared})
        assert compare_metadata(context, Row.metadata) == []
    rows = [an_as_run(n) for n in range(10)]
    sql.append_as_run(rows)
    chain = sql.chain("thon-1-a")
    downgrade(sql._engine, "0003")
    ready(sql._engine)
    again = SqlStore(sql._engine, "again")
    assert again.chain("thon-1-a") == chain
    assert again.append_as_run([*rows, an_as_run(11)]) == 1
    downgrade(sql._engine, "base")
    ready(sql._engine)
    assert SqlStore(sql._engine, "again").append_as_run([an_as_run(1)]) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE as_run SET played_ms = 1",
        "DELETE FROM as_run",
        "TRUNCATE as_run",
        "INSERT INTO as_run SELECT airing, node, 2, entry, NULL, NULL, 0, 'missed', '', NULL, hash FROM as_run",
        "INSERT INTO as_run SELECT airing, node, 9, entry, NULL, NULL, 0, 'missed', '', NULL, hash FROM as_run",
        "UPDATE ledger_term SET text = 'x'",
        "DELETE FROM ledger_entry",
        "TRUNCATE airing CASCADE",
        "UPDATE correction SET reason = 'x'",
        "TRUNCATE correction",
        "INSERT INTO correction SELECT 1, airing, node, 1, '', 1, outcome, cause, 'x', 'y', 0, '', '' FROM correction",
        "DELETE FROM baseline",
        "INSERT INTO baseline_signature SELECT version, person, at FROM baseline",
        "UPDATE review SET bulletin = 'x'",
        "DELETE FROM review",
        "TRUNCATE review",
        "INSERT INTO review SELECT 9, 'h', bulletin, 'duyet', 'x', 'x', at, text, reading, master, remark FROM review",
    ],
)
def test_the_ledgers_only_grow(sql: SqlStore, statement: str) -> None:
    sql.append_as_run([an_as_run(1)])
    sql.add_review(a_review(a_bulletin(), Action.SUBMIT))
    sql.correct(a_correction(sql.chain("thon-1-a")[0]))
    sql.add_baseline(a_baseline())
    with pytest.raises(DBAPIError), sql._engine.begin() as connection:
        connection.execute(text(statement))
    assert len(sql.chain("thon-1-a")) == len(sql.reviews("tiem-phong")) == 1


@pytest.mark.parametrize("column", ["airing", "node", "entry"])
def test_a_row_refers_to_what_is_there(sql: SqlStore, column: str) -> None:
    sql.append_as_run([an_as_run(1)])
    copied = {name: name for name in ("airing", "node", "entry")} | {column: "9999"}
    statement = f"INSERT INTO as_run SELECT {copied['airing']}, {copied['node']}, 1 + (node = {copied['node']})::int, "
    statement += f"{copied['entry']}, NULL, NULL, 0, 'missed', '', NULL, hash FROM as_run"
    with sql._engine.begin() as connection:
        connection.execute(text("ALTER TABLE as_run DISABLE TRIGGER as_run_once"))
    with pytest.raises(DBAPIError, match="refers to what is not there"), sql._engine.begin() as connection:
        connection.execute(text(statement))
    assert len(sql.chain("thon-1-a")) == 1
