"""A week on a virtual clock: every item once, outages where they were, and the same again after a kill."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.adapters.clock import VirtualClock
from broadcaster.adapters.journal import MemoryJournal
from broadcaster.adapters.outputs.null import NullOutput
from broadcaster.adapters.store.memory import MemoryStore
from broadcaster.domain.asrun import AsRun, Cause, Outcome, check_chain
from broadcaster.domain.rundown import ItemKind, Rundown
from broadcaster.services.rehearsing import Outage, Rehearsing
from tests.domain.values import START, a_rundown, an_item

FILE = Path(__file__)
ITEMS = [
    an_item("m", 0, 12, ItemKind.SIGNATURE),
    an_item("a", 14, 60),
    an_item("b", 76, 60),
    an_item("r", 600, 300, ItemKind.RELAY),
    an_item("c", 902, 120),
]
RUNDOWN = a_rundown(ITEMS, minutes=20)
NODES = ("dong_1", "dong_2")


def nodes_of(zone: str, day: date) -> Sequence[str]:
    assert (zone, day) == (RUNDOWN.zone, RUNDOWN.day)
    return NODES


def rehearsing(store: MemoryStore, outages: Sequence[Outage] = ()) -> Rehearsing:
    return Rehearsing(
        store, VirtualClock, MemoryJournal, lambda clock, _node, _rundown: NullOutput(clock), lambda _: FILE, outages
    )


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def outcomes(store: MemoryStore, node: str = "dong_1") -> dict[str, tuple[Outcome, Cause, int]]:
    names = {item.id: item.bulletin or item.kind.value for item in ITEMS}
    return {names[row.item]: (row.outcome, row.cause, row.played_ms) for row in store.chain(node)}


AS_PLANNED = {
    "nhac_hieu": (Outcome.AIRED, Cause.NONE, 12_000),
    "a": (Outcome.AIRED, Cause.NONE, 60_000),
    "b": (Outcome.AIRED, Cause.NONE, 60_000),
    "tiep_song": (Outcome.SKIPPED, Cause.RELAY_EXTERNAL, 0),
    "c": (Outcome.AIRED, Cause.NONE, 120_000),
}


def test_a_session_is_played_by_every_node_as_planned() -> None:
    store = MemoryStore()
    assert rehearsing(store).play_week([RUNDOWN], nodes_of) == 10
    for node in NODES:
        assert outcomes(store, node) == AS_PLANNED
        assert all(row.started_at in {row.planned_start, None} for row in store.chain(node))


def test_the_same_again_adds_nothing() -> None:
    store = MemoryStore()
    rehearsing(store).play_week([RUNDOWN], nodes_of)
    assert rehearsing(store).play_week([RUNDOWN], nodes_of) == 0


def test_two_rehearsals_write_the_same_ledger() -> None:
    chains: list[Sequence[AsRun]] = []
    for _ in range(2):
        store = MemoryStore()
        rehearsing(store, [Outage("dong_1", after(30), after(100))]).play_week([RUNDOWN], nodes_of)
        chains.append([*store.chain("dong_1"), *store.chain("dong_2")])
    assert chains[0] == chains[1]


def test_an_outage_in_the_middle_of_an_item() -> None:
    store = MemoryStore()
    rehearsing(store, [Outage("dong_1", after(40), after(130))]).play_week([RUNDOWN], nodes_of)
    found = outcomes(store)
    outcome, cause, played = found["a"]
    assert (outcome, cause) == (Outcome.PARTIAL, Cause.POWER_CUT)
    assert 25_000 <= played <= 26_000
    # It came back near the end of b, which is still heard whole before the relay.
    assert found["b"] == (Outcome.AIRED, Cause.NONE, 60_000)
    assert found["c"] == AS_PLANNED["c"]
    assert outcomes(store, "dong_2") == AS_PLANNED


def test_an_outage_of_the_whole_session() -> None:
    store = MemoryStore()
    rehearsing(store, [Outage("dong_1", after(-3600), after(7200))]).play_week([RUNDOWN], nodes_of)
    found = outcomes(store)
    assert {played for _, _, played in found.values()} == {0}
    assert found["a"] == (Outcome.MISSED, Cause.OFF_AIR, 0)
    assert found["tiep_song"] == AS_PLANNED["tiep_song"]


def test_an_outage_of_another_day_or_node_changes_nothing() -> None:
    store = MemoryStore()
    outages = [Outage("dong_2", after(0), after(60)), Outage("dong_1", after(7200), after(9000))]
    rehearsing(store, outages).play_week([RUNDOWN], nodes_of)
    assert outcomes(store) == AS_PLANNED


cuts = st.lists(
    st.tuples(st.integers(-60, 1260), st.integers(0, 900)).map(
        lambda pair: Outage("dong_1", after(pair[0]), after(pair[0] + pair[1]))
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(cuts)
def test_whatever_the_outages_nothing_is_heard_in_the_dark(outages: list[Outage]) -> None:
    store = MemoryStore()
    assert rehearsing(store, outages).play_week([RUNDOWN], nodes_of) == 10
    chain = store.chain("dong_1")
    assert check_chain(chain) == ()
    assert {row.item for row in chain} == {item.id for item in ITEMS}
    spans = [(row.started_at, row.ended_at) for row in chain if row.started_at and row.ended_at]
    for start, end in spans:
        assert RUNDOWN.start <= start <= end <= RUNDOWN.end
        assert not any(start < outage.end and outage.start < end for outage in outages if outage.start < outage.end)
    ordered = sorted(spans)
    assert all(one[1] <= other[0] for one, other in pairwise(ordered))
    for row in chain:
        if row.started_at and row.ended_at:
            assert row.played_ms <= (row.ended_at - row.started_at) / timedelta(milliseconds=1) + 1


class KilledError(BaseException):
    pass


@pytest.mark.parametrize("at", [1, 2, 3])
def test_killed_between_two_sessions_it_goes_on(at: int) -> None:
    store = MemoryStore()

    def kill(done: int, total: int, label: str) -> None:
        assert total == 2
        assert RUNDOWN.session in label
        if done == at:
            raise KilledError

    first = 0
    try:
        rehearsing(store).play_week([RUNDOWN], nodes_of, kill)
    except KilledError:
        first = sum(len(store.chain(node)) for node in NODES)
    assert first in {0, 5}
    rehearsing(store).play_week([RUNDOWN], nodes_of)
    assert all(outcomes(store, node) == AS_PLANNED for node in NODES)


def test_two_sessions_of_one_start_are_both_played() -> None:
    other = a_rundown([an_item("x", 0, 30, id="2026-11-24.khac.thon_dong.ban_tin.x")], minutes=20, session="khac")
    store = MemoryStore()
    assert rehearsing(store).play_week([RUNDOWN, other], nodes_of) == 12


def test_nothing_to_play() -> None:
    empty: list[Rundown] = []
    assert rehearsing(MemoryStore()).play_week(empty, nodes_of) == 0
