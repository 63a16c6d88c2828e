"""The ledger's chain: no row can be changed, dropped, moved or put in without being noticed."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.asrun import GENESIS, AsRun, Cause, Outcome, check_chain, row_for, seal
from broadcaster.domain.rundown import ItemKind
from broadcaster.units import digest
from tests.domain.values import START, a_rundown, an_item, ms


def rows(count: int) -> tuple[AsRun, ...]:
    items = [an_item(f"tin_{n}", 60 * n, 30) for n in range(count)]
    rundown = a_rundown(items)
    played = [
        row_for("dong_1", rundown, item, Outcome.AIRED, started_at=item.start, played_ms=ms(30)) for item in items
    ]
    return seal(played, 0, GENESIS)


def test_a_row_is_about_its_item() -> None:
    item = an_item("tin_1", 60, 30)
    rundown = a_rundown([item])
    row = row_for("dong_1", rundown, item, Outcome.MISSED, Cause.OFF_AIR)
    assert (row.node, row.item, row.rundown) == ("dong_1", item.id, rundown.hash)
    assert (row.day, row.session) == (rundown.day, rundown.session)
    assert (row.planned_start, row.planned_ms, row.played_ms) == (item.start, item.duration_ms, 0)
    assert (row.started_at, row.ended_at, row.level) == (None, None, None)


@given(st.integers(0, 6))
def test_a_chain_as_it_was_written_is_sound(count: int) -> None:
    chain = rows(count)
    assert check_chain(chain) == ()
    assert [row.seq for row in chain] == list(range(1, count + 1))


@given(st.integers(1, 5), st.integers(0, 5))
def test_a_chain_goes_on_where_it_was_left(first: int, more: int) -> None:
    chain = rows(first + more)
    head = seal(chain[:first], 0, GENESIS)
    assert (*head, *seal(chain[first:], head[-1].seq, head[-1].hash)) == chain


CHANGES: dict[str, Any] = {
    "node": "dong_2",
    "item": "x",
    "rundown": digest("khác"),
    "day": START.date(),
    "session": "chieu",
    "kind": ItemKind.RELAY,
    "bulletin": "khac",
    "topic": "papi",
    "master": digest("khác"),
    "planned_start": START + timedelta(seconds=1),
    "planned_ms": ms(31),
    "started_at": None,
    "ended_at": START,
    "played_ms": ms(29),
    "outcome": Outcome.PARTIAL,
    "cause": Cause.LATE,
    "level": -16.0,
    "seq": 9,
    "previous": digest("khác"),
    "hash": digest("khác"),
}


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(AsRun)])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_no_field_can_be_changed_unnoticed(field: str, place: int) -> None:
    chain = list(rows(3))
    assert getattr(chain[place], field) != CHANGES[field]
    chain[place] = dataclasses.replace(chain[place], **{field: CHANGES[field]})
    assert check_chain(chain)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_row_sealed_anew_still_breaks_the_chain_behind_it(place: int) -> None:
    chain = list(rows(4))
    forged = dataclasses.replace(chain[place], played_ms=ms(1))
    chain[place] = forged.sealed(forged.seq, forged.previous)
    assert "ledger.broken" in {finding.code for finding in check_chain(chain)}


@given(st.permutations(range(4)), st.integers(0, 4))
def test_rows_dropped_or_moved_are_noticed(places: list[int], keep: int) -> None:
    chain = rows(4)
    kept = [chain[n] for n in places[:keep]]
    assert (check_chain(kept) == ()) == (places[:keep] == list(range(keep)))


def test_a_gap_is_told_with_the_number_that_was_expected() -> None:
    chain = rows(4)
    (finding,) = check_chain([chain[0], chain[2], chain[3]])
    assert (finding.code, finding.facts["expected"], finding.facts["seq"]) == ("ledger.gap", 2, 3)
