"""No plan breaks a hard rule, by the product's check and by the shared one; the same work gives the same bytes."""

import json
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.planning.greedy import extend, greedy
from broadcaster.domain.planning.instance import (
    Instance,
    Solution,
    ZoneSpec,
    instance_from_json,
    instance_to_json,
    solution_to_json,
)
from broadcaster.domain.planning.model import Progress, solve
from broadcaster.domain.planning.verify import value_of, violations
from broadcaster.errors import Severity
from broadcaster.units import canonical
from tests.planning.cases import random_instance

SHARED = Path(__file__).resolve().parents[3] / "shared" / "planning"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared planning tools are not beside the repository")


def errors(instance: Instance, solution: Solution) -> list[str]:
    return [finding.code for finding in violations(instance, solution) if finding.severity is Severity.ERROR]


@given(st.integers(0, 10**6), st.integers(1, 8), st.integers(1, 4), st.integers(0, 12))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_no_plan_breaks_a_hard_rule(seed: int, sessions: int, zones: int, bulletins: int) -> None:
    instance = random_instance(seed, sessions=sessions, zones=zones, bulletins=bulletins)
    first, best = greedy(instance), solve(instance, work_limit=0.5)
    for solution in (first, best):
        assert not errors(instance, solution)
        assert solution.value == pytest.approx(value_of(instance, solution.airings), abs=1e-6)
        assert solution.bound >= solution.value
    assert best.value >= first.value - 1e-9
    assert first.bound >= best.value - 1e-9


@given(st.integers(0, 10**6), st.integers(2, 8), st.integers(1, 3), st.integers(1, 8))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_only_pins_that_cannot_all_hold_are_missed(seed: int, sessions: int, zones: int, bulletins: int) -> None:
    instance = random_instance(seed, sessions=sessions, zones=zones, bulletins=bulletins, extras=True)
    for solution in (greedy(instance), solve(instance, work_limit=0.5)):
        assert set(errors(instance, solution)) <= {"plan.pinned"}


@given(st.integers(0, 10**6))
@settings(max_examples=30, derandomize=True, deadline=None)
def test_airings_of_a_plan_can_all_be_pinned(seed: int) -> None:
    instance = random_instance(seed, sessions=6, zones=2, bulletins=6)
    signed = solve(instance, work_limit=0.5)
    pinned = tuple(
        replace(bulletin, pinned=tuple(s for other, s in signed.airings if other == b))
        for b, bulletin in enumerate(instance.bulletins)
    )
    again = solve(replace(instance, bulletins=pinned), work_limit=0.5)
    assert set(signed.airings) <= set(again.airings)
    assert not errors(replace(instance, bulletins=pinned), again)


def test_a_broken_plan_is_named_rule_by_rule() -> None:
    instance = instance_from_json(
        {
            "sessions": [{"appeal": 1, "day": s} for s in range(4)],
            "zones": [{"weight": 1, "capacity": [100, 100, 100, 100]}],
            "bulletins": [
                {"zones": [0], "duration": 60, "value": 1, "first": 1, "last": 3, "repeats": 2, "gap": 1, "topic": 1,
                 "must": False, "consecutive_days": 2, "excluded": [2], "pinned": [3]},
                {"zones": [0], "duration": 60, "value": 1, "first": 0, "last": 3, "repeats": 1, "gap": 0, "topic": 1,
                 "must": True},
            ],
            "max_items": 1,
            "quota": {"topic": 0, "share": 0.5},
            "repeat_bonus": [1.0],
            "must_penalty": 5.0,
        }
    )  # fmt: skip
    broken = Solution(((0, 0), (0, 1), (0, 2), (1, 1), (1, 2)), 0.0, 0.0)
    assert set(errors(instance, broken)) == {
        "plan.window", "plan.excluded", "plan.repeats", "plan.gap", "plan.capacity", "plan.items", "plan.quota",
        "plan.pinned",
    }  # fmt: skip
    short = Solution(((0, 1),), 0.0, 0.0)
    assert "plan.run" in errors(instance, short)
    declared = violations(instance, replace(short, short_runs=(0,)))
    assert [f.severity for f in declared if f.code == "plan.run"] == [Severity.WARNING]
    assert errors(instance, Solution(((7, 0),), 0.0, 0.0)) == ["plan.window"]


def test_a_quota_without_its_topic_leaves_the_zone_silent_and_is_proved() -> None:
    instance = random_instance(5, sessions=6, zones=2, bulletins=5)
    other = tuple(replace(bulletin, topic=3) for bulletin in instance.bulletins)
    share = replace(instance, bulletins=other, quota=replace(instance.quota, topic=9, share=0.3))
    solution = solve(share, work_limit=0.5)
    assert solution.airings == ()
    assert solution.bound == pytest.approx(solution.value)


@pytest.mark.parametrize("instance", [
    Instance((), (), (), 3, random_instance(1, sessions=1, zones=1, bulletins=1).quota, (), 0.0),
    random_instance(1, sessions=3, zones=2, bulletins=0),
])  # fmt: skip
def test_nothing_to_plan_is_a_plan(instance: Instance) -> None:
    assert solve(instance) == Solution((), 0.0, 0.0)


def test_a_run_of_days_is_placed_and_an_impossible_one_is_reported() -> None:
    data = instance_to_json(random_instance(3, sessions=8, zones=1, bulletins=2))
    data["sessions"] = [{"appeal": 1.0, "day": s // 2} for s in range(8)]
    data["zones"] = [{"weight": 1.0, "capacity": [60] * 8}]
    data["quota"]["share"] = 0
    data["max_items"] = 2
    wide = {"zones": [0], "duration": 60, "value": 1, "first": 0, "last": 7, "repeats": 4, "gap": 1, "topic": 0,
            "must": False, "consecutive_days": 3}  # fmt: skip
    data["bulletins"] = [wide, wide | {"first": 2, "last": 3, "consecutive_days": 2}]
    instance = instance_from_json(data)
    for solution in (greedy(instance), solve(instance)):
        days = sorted({s // 2 for b, s in solution.airings if b == 0})
        assert any({day, day + 1, day + 2} <= set(days) for day in days)
        assert solution.short_runs == (1,)
        assert not errors(instance, solution)


def commune(seed: int) -> Instance:
    """Large enough for every stage of the search: the whole program, its bound on a thread, the parts."""
    return random_instance(seed, sessions=14, zones=5, bulletins=45)


def test_the_same_work_gives_the_same_bytes() -> None:
    instance = commune(1)
    first, second = (canonical(solution_to_json(solve(instance, work_limit=0.6, seed=4))) for _ in range(2))
    assert first == second


def test_more_is_kept_when_keeping_is_rewarded() -> None:
    instance = commune(2)
    signed = solve(instance, work_limit=0.3)
    lost = replace(instance, zones=(ZoneSpec(instance.zones[0].weight, (0, *instance.zones[0].capacity[1:])),
                                    *instance.zones[1:]))  # fmt: skip
    untouched = {(b, s) for b, s in signed.airings if s or 0 not in instance.bulletins[b].zones}
    again = solve(lost, work_limit=0.3, keep=dict.fromkeys(signed.airings, 1000.0))
    assert untouched <= set(again.airings)
    assert not errors(lost, again)
    assert again.bound >= again.value


def test_a_start_is_never_worsened() -> None:
    instance = commune(3)
    good = solve(instance, work_limit=0.5)
    again = solve(instance, work_limit=0.01, seed=9, start=good)
    assert again.value >= good.value - 1e-9
    assert set(extend(instance, good.airings).airings) >= set(good.airings)


def test_progress_rises_and_a_no_keeps_the_best_so_far() -> None:
    instance = commune(4)
    seen: list[Progress] = []

    def note(progress: Progress) -> bool:
        seen.append(progress)
        return len(seen) < 12

    stopped = solve(instance, work_limit=1000.0, progress=note)
    assert len(seen) < 200
    assert all(later.value >= earlier.value for earlier, later in pairwise(seen))
    assert all(later.bound <= earlier.bound for earlier, later in pairwise(seen))
    assert stopped.value >= seen[-1].value - 1e-9
    assert not errors(instance, stopped)


@needs_shared
@pytest.mark.parametrize("seed", [11, 12])
def test_the_shared_verifier_agrees(seed: int, tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, SHARED / "make_instance.py", "commune", str(seed)], capture_output=True, text=True, check=True
    )
    instance = instance_from_json(json.loads(made.stdout))
    assert instance_to_json(instance) == json.loads(made.stdout)
    (tmp_path / "instance.json").write_text(made.stdout, encoding="utf-8")
    for name, solution in (("greedy", greedy(instance)), ("solve", solve(instance, work_limit=0.5))):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(solution_to_json(solution)), encoding="utf-8")
        told = subprocess.run(
            [sys.executable, SHARED / "verify.py", tmp_path / "instance.json", path],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert told.stdout.startswith("VALID"), told.stdout


@pytest.mark.parametrize(
    "threshold", ["search.ROOTED", "opening.NARROW", "opening.APART", "parts.LARGE", "parts.WIDE", "model.INTERIOR"]
)
def test_the_ways_for_larger_instances_keep_the_rules_and_a_true_bound(
    threshold: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = commune(6)
    usual = solve(instance, work_limit=0.5)
    monkeypatch.setattr(f"broadcaster.domain.planning.{threshold}", 10)
    first, second = (solve(instance, work_limit=0.5) for _ in range(2))
    assert first == second
    assert not errors(instance, first)
    rounding = 1e-6
    assert first.bound >= usual.value - rounding
    assert usual.bound >= first.value - rounding
