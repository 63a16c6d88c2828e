"""The plan of a tiny instance is the best there is: compared with trying every plan."""

import pytest

from broadcaster.domain.planning.instance import Instance
from broadcaster.domain.planning.model import solve
from broadcaster.domain.planning.verify import value_of, violations
from broadcaster.errors import Severity
from tests.planning.cases import best_by_trying, random_instance

TOLERANCE = 1e-6


def check(instance: Instance) -> None:
    solution = solve(instance, work_limit=10)
    missed, best = best_by_trying(instance)
    found = violations(instance, solution)
    pins = [finding for finding in found if finding.code == "plan.pinned"]
    assert [finding for finding in found if finding.severity is Severity.ERROR] == pins
    assert len(pins) + len(solution.short_runs) == missed
    assert solution.value == pytest.approx(best, rel=TOLERANCE, abs=TOLERANCE)
    assert solution.value == pytest.approx(value_of(instance, solution.airings), rel=1e-9, abs=1e-9)
    assert solution.bound >= best - TOLERANCE
    assert solution.bound == pytest.approx(best, rel=TOLERANCE, abs=TOLERANCE)


@pytest.mark.parametrize("block", range(12))
def test_a_plain_instance_is_solved_to_its_optimum(block: int) -> None:
    for seed in range(block * 20, block * 20 + 20):
        check(random_instance(seed, sessions=6, zones=3, bulletins=5))


@pytest.mark.parametrize("block", range(12))
def test_an_instance_with_days_runs_and_pins_is_solved_to_its_optimum(block: int) -> None:
    for seed in range(1000 + block * 20, 1000 + block * 20 + 20):
        check(random_instance(seed, sessions=6, zones=2, bulletins=4, extras=True))
