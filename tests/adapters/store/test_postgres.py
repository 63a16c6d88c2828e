"""The same suite on PostgreSQL, where one is offered: `BROADCASTER_TEST_POSTGRES=postgresql+psycopg://…/empty_database`.

Everything in that database is dropped.
"""

import os
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from broadcaster.adapters.store.schema import downgrade, ready
from broadcaster.adapters.store.sql import SqlStore, open_store
from broadcaster.adapters.store.tables import Row
from broadcaster.domain.approval import Action
from broadcaster.ports import Store
from tests.suites.store import StoreSuite
from tests.suites.store_values import a_bulletin, a_review, an_as_run

URL = os.environ.get("BROADCASTER_TEST_POSTGRES", "")
if not URL:
    pytest.skip("BROADCASTER_TEST_POSTGRES names no database", allow_module_level=True)


@pytest.fixture
def sql() -> Iterator[SqlStore]:
    engine = create_engine(URL)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    store = open_store(URL)
    yield store
    store.close()


class TestSqlStoreOnPostgres(StoreSuite):
    @pytest.fixture
    def store(self, sql: SqlStore) -> Store:
        return sql


def test_the_migrations_make_the_models_and_go_back(sql: SqlStore) -> None:
    with sql._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Row.metadata) == []
    downgrade(sql._engine, "base")
    ready(sql._engine)
    assert sql.append_as_run([an_as_run(1)]) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE as_run SET bulletin = 'x'",
        "DELETE FROM as_run",
        "TRUNCATE as_run",
        "UPDATE review SET bulletin = 'x'",
        "DELETE FROM review",
        "TRUNCATE review",
        "INSERT INTO review SELECT 9, 'h', bulletin, 'duyet', 'x', 'x', at, text, reading, master, remark FROM review",
    ],
)
def test_the_ledgers_only_grow(sql: SqlStore, statement: str) -> None:
    sql.append_as_run([an_as_run(1)])
    sql.add_review(a_review(a_bulletin(), Action.SUBMIT))
    with pytest.raises(DBAPIError), sql._engine.begin() as connection:
        connection.execute(text(statement))
    assert len(sql.chain("thon-1-a")) == len(sql.reviews("tiem-phong")) == 1
