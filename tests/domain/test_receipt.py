"""Rows as JSON, and hashes that the fast way makes as the general one does."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given

from broadcaster.domain.asrun import AsRun
from broadcaster.domain.receipt import as_run_from
from broadcaster.units import canonical, digest
from tests.suites import store_values as values
from tests.suites.store_values import an_as_run

ROW = an_as_run(3).sealed(1, digest("before"))


@given(values.as_runs("Thôn Đồng Ké"))
def test_a_row_comes_back_from_its_json(row: AsRun) -> None:
    row = row.sealed(1, digest("before"))
    assert as_run_from(json.loads(canonical(row))) == row


@given(values.as_runs('"é\n\u2028'))
def test_the_hash_is_the_digest_of_the_fields_in_order(row: AsRun) -> None:
    row = row.sealed(7, digest("before"))
    parts = [getattr(row, field.name) for field in fields(AsRun) if field.name != "hash"]
    assert row.content_hash == row.hash == digest("asrun-1", *parts)


def test_every_field_is_under_the_hash() -> None:
    others: dict[str, Any] = {
        **dict.fromkeys(("node", "item", "rundown", "session", "bulletin", "topic", "master", "previous"), "x"),
        **dict.fromkeys(("seq", "planned_ms", "played_ms"), 77),
        "day": values.MONDAY,
        "kind": next(iter(type(ROW.kind))),
        "planned_start": values.NOW,
        "started_at": None,
        "ended_at": None,
        "outcome": list(type(ROW.outcome))[3],
        "cause": list(type(ROW.cause))[3],
        "level": None,
    }
    hashes = {replace(ROW, **{name: value}).content_hash for name, value in others.items()}
    assert len(hashes | {ROW.hash}) == len(others) + 1
    assert set(others) == set(AsRun.__dataclass_fields__) - {"hash"}


@pytest.mark.parametrize("level", [float("nan"), float("inf")])
def test_a_level_that_is_no_number_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="no measurement"):
        an_as_run(1, level=level).sealed(1, digest("x"))


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": "1"},
        {"seq": True},
        {"played_ms": -1},
        {"node": 5},
        {"kind": "tin"},
        {"outcome": "ok"},
        {"day": "2026-13-01"},
        {"planned_start": "2026-11-23T00:00:00"},
        {"started_at": 5},
        {"level": "loud"},
        {"more": 1},
    ],
)
def test_what_is_no_row_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        as_run_from({**json.loads(canonical(ROW)), **changes})


def test_a_row_without_a_member_is_refused() -> None:
    data = json.loads(canonical(ROW))
    del data["cause"]
    with pytest.raises(ValueError, match="cause"):
        as_run_from(data)
