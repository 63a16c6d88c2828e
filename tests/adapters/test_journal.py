"""A node's journal: after a power cut it says what was playing, or nothing; never nonsense, never an exception."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.adapters.journal import FileJournal, MemoryJournal
from broadcaster.ports import Journal
from broadcaster.units import Milliseconds

START = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
LATER = START + timedelta(seconds=7)
SEVEN = Milliseconds(7000)


@pytest.fixture(params=["file", "memory"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Journal]:
    """The journal as it is after a power cut; memory, which loses everything, stays the same object."""
    if request.param == "file":
        return lambda: FileJournal(tmp_path / "nhat_ky" / "dong_1.json")
    memory = MemoryJournal()
    return lambda: memory


def test_nothing_plays_at_first(reopen: Callable[[], Journal]) -> None:
    assert reopen().open_item() is None


def test_what_began_is_open(reopen: Callable[[], Journal]) -> None:
    reopen().begin("a.b", START)
    assert reopen().open_item() == ("a.b", START, 0, START)


def test_its_last_sign_of_life_is_kept(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    journal.begin("a", START)
    journal.progress("a", SEVEN, LATER)
    assert reopen().open_item() == ("a", START, SEVEN, LATER)


def test_what_is_finished_is_closed(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    journal.begin("a", START)
    journal.finish("a")
    assert reopen().open_item() is None


def test_another_item_takes_its_place(reopen: Callable[[], Journal]) -> None:
    journal = reopen()
    journal.begin("a", START)
    journal.progress("a", SEVEN, LATER)
    journal.begin("b", LATER)
    assert reopen().open_item() == ("b", LATER, 0, LATER)


def test_finishing_what_is_not_open_is_no_error(reopen: Callable[[], Journal]) -> None:
    reopen().finish("a")
    assert reopen().open_item() is None


def test_a_journal_opened_anew_goes_on(reopen: Callable[[], Journal]) -> None:
    reopen().begin("a", START)
    reopen().progress("a", SEVEN, LATER)
    found = reopen().open_item()
    assert found is not None
    assert (found[0], found[2], found[3]) == ("a", SEVEN, LATER)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["item", "began", "played_ms", "at"]), inner)
    ),
)
GOOD = {"item": "a", "began": START.isoformat(), "played_ms": 7, "at": LATER.isoformat()}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=80) | json_values.map(lambda value: json.dumps(value).encode()))
def test_a_file_that_cannot_be_read_counts_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "nhat_ky.json"
    path.write_bytes(content)
    found = FileJournal(path).open_item()
    assert found is None or isinstance(found[2], int)


@pytest.mark.parametrize(
    "change",
    [
        {"played_ms": "x"},
        {"played_ms": None},
        {"began": "2026-11-23T22:30:00"},
        {"at": "hôm qua"},
        {"played_ms": float("inf")},
        {"played_ms": float("nan")},
    ],
)
def test_a_damaged_entry_counts_as_none(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "nhat_ky.json"
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    assert FileJournal(path).open_item() == ("a", START, 7, LATER)
    path.write_text(json.dumps({**GOOD, **change}), encoding="utf-8")
    assert FileJournal(path).open_item() is None


def test_a_file_deeper_than_any_journal_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "nhat_ky.json").write_text("[" * 100_000, encoding="utf-8")
    assert FileJournal(tmp_path / "nhat_ky.json").open_item() is None
