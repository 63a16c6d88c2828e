import pytest

from broadcaster.adapters.store.memory import MemoryStore
from broadcaster.ports import Store
from tests.suites.store import StoreSuite


class TestMemoryStore(StoreSuite):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()
