from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.adapters.store.sql import SqlStore, open_store
from broadcaster.ports import Store
from tests.suites.store import StoreSuite


@pytest.fixture
def sql(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(tmp_path / "station.db")
    yield store
    store.close()


class TestSqlStore(StoreSuite):
    @pytest.fixture
    def store(self, sql: SqlStore) -> Store:
        return sql
