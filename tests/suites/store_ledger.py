"""The part of the store's suite that is about the as-run ledger."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.domain.asrun import GENESIS, AsRun, Cause, Outcome, check_chain
from broadcaster.errors import StoreError
from broadcaster.ports import Store
from tests.suites import store_values as values
from tests.suites.store_values import (
    HANOI,
    NOW,
    SECOND,
    an_as_run,
)

ROUND_TRIP = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors, HealthCheck.too_slow],
)
"""One store for all examples of a property: each example's values stand beside the earlier ones, as in life."""
DAY = timedelta(days=1)


class LedgerSuite:
    """Behaviour of the ledger's methods of the port `Store`."""

    @pytest.fixture
    def store(self) -> Store:
        raise NotImplementedError

    def test_rows_are_sealed_into_a_chain(self, store: Store) -> None:
        rows = [an_as_run(n) for n in range(5)]
        assert store.append_as_run(rows[:3]) == 3
        assert store.append_as_run(rows[3:]) == 2
        chain = store.chain("thon-1-a")
        assert [row.seq for row in chain] == [1, 2, 3, 4, 5]
        assert [row.item for row in chain] == ["0", "1", "2", "3", "4"]
        assert chain[0].previous == GENESIS
        assert check_chain(chain) == ()

    def test_rows_are_found_by_what_came_after_a_place(self, store: Store) -> None:
        assert store.heads() == {}
        store.append_as_run([an_as_run(n) for n in range(4)])
        store.append_as_run([an_as_run("khác", node="thon-2-a")])
        assert store.heads() == {"thon-1-a": 4, "thon-2-a": 1}
        assert list(store.rows_after("thon-1-a", 2)) == list(store.chain("thon-1-a"))[2:]
        assert not store.rows_after("thon-1-a", 4)
        assert not store.rows_after("thon-9-a", 0)

    @given(data=st.data())
    @ROUND_TRIP
    def test_rows_come_back_equal_and_their_chain_holds(self, store: Store, data: st.DataObject) -> None:
        node = str(uuid4())
        batches = data.draw(st.lists(st.lists(values.as_runs(node), max_size=5), max_size=3))
        wanted: dict[str, AsRun] = {}
        for batch in batches:
            before = len(wanted)
            for row in batch:
                wanted.setdefault(row.item, row)
            assert store.append_as_run(batch) == len(wanted) - before
        chain = store.chain(node)
        assert [unsealed(row) for row in chain] == [unsealed(row) for row in wanted.values()]
        assert check_chain(chain) == ()

    def test_an_item_is_in_the_ledger_once(self, store: Store) -> None:
        rows = [an_as_run(n) for n in range(3)]
        assert store.append_as_run([rows[0], rows[1], rows[1]]) == 2
        assert store.append_as_run(rows) == 1
        assert store.append_as_run(rows) == 0
        assert store.append_as_run([]) == 0
        chain = store.chain("thon-1-a")
        assert [row.item for row in chain] == ["0", "1", "2"]
        assert check_chain(chain) == ()

    def test_the_first_row_about_an_item_stays(self, store: Store) -> None:
        store.append_as_run([an_as_run("tin", outcome=Outcome.PARTIAL, cause=Cause.POWER_CUT)])
        store.append_as_run([an_as_run("tin", outcome=Outcome.AIRED)])
        assert store.chain("thon-1-a")[0].outcome is Outcome.PARTIAL

    def test_each_node_has_a_chain_of_its_own(self, store: Store) -> None:
        for node in ("thon-2-a", "Thôn Đồng Ké", "thon-1-a"):
            assert store.append_as_run([an_as_run(n, node) for n in range(2)]) == 2
        assert list(store.nodes()) == sorted(["thon-2-a", "Thôn Đồng Ké", "thon-1-a"])
        for node in store.nodes():
            assert check_chain(store.chain(node)) == ()

    def test_rows_of_several_nodes_are_refused_whole(self, store: Store) -> None:
        with pytest.raises(StoreError) as caught:
            store.append_as_run([an_as_run(1, "a"), an_as_run(2, "b")])
        assert caught.value.code == "store.one_node"
        assert not store.nodes()

    def test_rows_of_a_span_by_node_and_seq(self, store: Store) -> None:
        for node in ("b", "a"):
            store.append_as_run([an_as_run(n, node) for n in (3, 1, 0, 2)])
        found = store.as_run(NOW + SECOND, NOW + 3 * SECOND)
        assert [(row.node, row.item) for row in found] == [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")]
        assert [row.node for row in store.as_run(NOW, NOW + DAY, "b")] == ["b"] * 4
        assert not store.as_run(NOW, NOW + DAY, "c")
        assert not store.as_run(NOW + SECOND, NOW + SECOND)

    def test_a_span_may_be_given_in_any_zone(self, store: Store) -> None:
        store.append_as_run([an_as_run(0)])
        assert store.as_run(NOW.astimezone(HANOI), (NOW + SECOND).astimezone(HANOI))

    def test_aired_items_of_a_span(self, store: Store) -> None:
        store.append_as_run([an_as_run(n) for n in range(4)])
        store.append_as_run([an_as_run(9, "other")])
        assert store.aired_items("thon-1-a", NOW + SECOND, NOW + 3 * SECOND) == {"1", "2"}
        assert store.aired_items("thon-1-a", NOW, NOW + DAY) == {"0", "1", "2", "3"}

    def test_a_large_batch_is_one_batch(self, store: Store) -> None:
        rows = [an_as_run(n) for n in range(2500)]
        assert store.append_as_run(rows) == 2500
        assert store.append_as_run(rows) == 0
        assert len(store.chain("thon-1-a")) == 2500

    def test_threads_that_send_the_same_rows_leave_each_item_once(self, store: Store) -> None:
        rows = [an_as_run(n) for n in range(60)]

        def send(offset: int) -> int:
            turned = rows[offset:] + rows[:offset]
            return sum(store.append_as_run(turned[n : n + 7]) for n in range(0, len(turned), 7))

        with ThreadPoolExecutor(4) as pool:
            new = sum(pool.map(send, (0, 15, 30, 45)))
        chain = store.chain("thon-1-a")
        assert new == len(chain) == 60
        assert {row.item for row in chain} == {row.item for row in rows}
        assert check_chain(chain) == ()


def unsealed(row: AsRun) -> AsRun:
    """What was measured, without its place in the chain. The level as a float: -16 and -16.0 are one measurement."""
    return replace(row, seq=0, previous=GENESIS, hash=GENESIS, level=None if row.level is None else float(row.level))
