"""The instance format: a round trip changes nothing, and bad data names every error at once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.planning.instance import (
    Solution,
    instance_from_json,
    instance_to_json,
    solution_from_json,
    solution_to_json,
)
from broadcaster.errors import PlanError
from broadcaster.units import canonical
from tests.planning.cases import random_instance


def plain() -> dict[str, Any]:
    return instance_to_json(random_instance(1, sessions=4, zones=2, bulletins=2))


@given(st.integers(0, 10_000), st.booleans())
@settings(derandomize=True, deadline=None)
def test_an_instance_survives_the_round_trip(seed: int, extras: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    instance = random_instance(seed, sessions=6, zones=3, bulletins=5, extras=extras)
    again = instance_from_json(instance_to_json(instance))
    assert again == instance
    assert canonical(instance_to_json(again)) == canonical(instance_to_json(instance))


def test_a_solution_survives_the_round_trip() -> None:
    solution = Solution(((0, 1), (2, 3)), 12.5, 13.0, (2,))
    assert solution_from_json(solution_to_json(solution)) == solution


def test_optional_members_stay_out_of_a_plain_instance() -> None:
    data = plain()
    assert all("pinned" not in bulletin for bulletin in data["bulletins"])
    assert all("day" not in session for session in data["sessions"])


def test_every_error_is_named_at_once() -> None:
    data = plain()
    data["sessions"][1] = {"appeal": "high"}
    data["zones"][0]["capacity"] = [1, 2, 3.5]
    data["bulletins"][0] |= {"zones": [0, 7], "duration": 0, "pined": [1], "must": "yes"}
    data["bulletins"][1] |= {"first": 3, "last": 1, "excluded": [2, 2]}
    data["quota"] = {"topic": 0, "share": 1.5}
    data["repeat_bonus"] = [1, 2]
    del data["max_items"]
    with pytest.raises(PlanError) as caught:
        instance_from_json(data)
    assert caught.value.code == "plan.instance"
    found = {(finding.place.field, finding.code) for finding in caught.value.findings}
    assert found == {
        ("sessions[1].appeal", "plan.instance_type"),
        ("zones[0].capacity[2]", "plan.instance_type"),
        ("zones[0].capacity", "plan.instance_length"),
        ("bulletins[0].zones[1]", "plan.instance_range"),
        ("bulletins[0].duration", "plan.instance_range"),
        ("bulletins[0].must", "plan.instance_type"),
        ("bulletins[0].pined", "plan.instance_unknown"),
        ("bulletins[1].last", "plan.instance_range"),
        ("bulletins[1].excluded", "plan.instance_double"),
        ("quota.share", "plan.instance_range"),
        ("repeat_bonus", "plan.instance_order"),
        ("max_items", "plan.instance_missing"),
    }
    misspelt = next(f for f in caught.value.findings if f.code == "plan.instance_unknown")
    assert misspelt.facts["did_you_mean"] == "pinned"


@pytest.mark.parametrize("data", [None, 3, "x", [], {}, {"sessions": 3}, {"bulletins": [None]}])
def test_anything_else_is_refused_and_never_crashes(data: Any) -> None:
    with pytest.raises(PlanError):
        instance_from_json(data)


def test_contradicting_pins_and_runs_are_refused() -> None:
    data = plain()
    data["bulletins"][0] |= {"first": 0, "last": 2, "repeats": 1, "gap": 1, "pinned": [1, 2, 3], "consecutive_days": 2}
    with pytest.raises(PlanError) as caught:
        instance_from_json(data)
    codes = [finding.code for finding in caught.value.findings]
    assert codes.count("plan.instance_pins") == 3
    assert codes.count("plan.instance_missing") == len(data["sessions"])
    assert "plan.instance_range" in codes
