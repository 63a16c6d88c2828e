"""The planner's solver: HiGHS under the search.

The only module that imports highspy (tens of milliseconds and megabytes): import it where a plan is solved, not before.

Work, not time: a wall clock may not decide what a plan looks like, so every run of HiGHS is limited by counts that are
the same on each machine (nodes, interrupt checks, one thread), and its cost is counted in simplex iterations.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import highspy
import numpy as np

from broadcaster.domain.planning.engine import Limits, Outcome, Relaxation
from broadcaster.domain.planning.formulation import formulate
from broadcaster.domain.planning.greedy import extend, greedy
from broadcaster.domain.planning.instance import Instance, Solution
from broadcaster.domain.planning.matrix import Floats, Matrix
from broadcaster.domain.planning.search import Search

ITERATION, ITERATION_LARGE = 1.2e-4, 2.2e-4
"""Work of one simplex iteration in seconds of the calibration machine, of small and of large programs.

Measured: 0.07 to 0.12 ms on parts of a commune, 0.16 to 0.35 ms on sessions and parts of a big commune.
"""
LARGE = 3_000
"""Non-zeros from which a program is large."""
INTERIOR = 400_000
"""Non-zeros from which interior points relax faster than the simplex method (measured: 20 s against 42 s on 875 k)."""
INTERIOR_STEP = 6e-7
"""Work of one of their steps for each non-zero, in the same seconds."""
STARTING = 0.5
"""Of a work limit, what starting the program and reading the instance take, in the same seconds."""
RUN = 0.013
"""Work of setting up one run, in the same seconds."""

SIMPLEX_CHECKS = 500
"""Simplex iterations between two questions whether to go on."""
PLAIN: dict[str, float | bool] = {
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_detect_symmetry": False,
    "mip_allow_restart": False,
}
"""Options of a run without guessing: a part is small and the search around it is the heuristic.

Measured on 12 communes at the same processor time: a fifth more parts, half the time for the opening.
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the search is: the best plan's value, the proved bound, their relative gap."""

    value: float
    bound: float
    gap: float


def solve(
    instance: Instance,
    *,
    work_limit: float = 10.0,
    seed: int = 0,
    start: Solution | None = None,
    progress: Callable[[Progress], bool] | None = None,
    keep: Mapping[tuple[int, int], float] | None = None,
) -> Solution:
    """The best plan found within the work limit, with a proved upper bound; never worth less than `greedy` or `start`.

    `work_limit` is in seconds of the calibration machine, start of the program included, turned into counts: the same
    instance, seed and limit give the same plan on any machine with the same HiGHS. `keep` rewards single airings (in
    units of value), so that a new plan moves little of a signed one. `progress` is called now and then, False ends the
    search with the best so far (only then does the result depend on time).

    An instance always has a plan, if only the empty one.
    """
    keep = keep or {}
    search = Search(instance, formulate(instance, keep), HighsEngine(), seed)
    search.offer(())
    search.offer(greedy(instance).airings)
    if keep:
        search.offer(extend(instance, tuple(sorted(keep))).airings)
    if start is not None:
        search.offer(extend(instance, start.airings).airings)

    def go_on() -> bool:
        if progress is None:
            return True
        gap = max(0.0, search.bound - search.value) / max(1e-9, abs(search.bound))
        return progress(Progress(search.value, search.bound, gap))

    search.run(max(work_limit / 2, work_limit - STARTING), go_on)
    return search.solution()


class HighsEngine:
    """HiGHS on one thread."""

    def relax(self, program: Matrix, go_on: Callable[[], bool]) -> Relaxation:
        """The linear relaxation: by the simplex method, or where that takes too long by interior points."""
        highs = loaded(program, whole=False)
        huge = len(program.entry) > INTERIOR
        if huge:
            for option, value in (("solver", "ipm"), ("run_crossover", "off"), ("ipm_iteration_limit", 200)):
                highs.setOptionValue(option, value)
            highs.cbIpmInterrupt += _asking(go_on, 1)
        else:
            highs.cbSimplexInterrupt += _asking(go_on, SIMPLEX_CHECKS)
        highs.run()
        info, solution = highs.getInfo(), highs.getSolution()
        point, prices = np.array(solution.col_value), np.array(solution.row_dual)
        if len(prices) != len(program.low) or len(point) != len(program.cost):
            return Relaxation(np.zeros(len(program.cost)), np.zeros(len(program.low)), RUN)
        # Interior points without crossover give the prices of the minimisation they work on: any sign is a true bound.
        if program.dual_bound(-prices)[0] < program.dual_bound(prices)[0]:
            prices = -prices
        work = INTERIOR_STEP * len(program.entry) * info.ipm_iteration_count if huge else 0.0
        work += _iterations(program) * info.simplex_iteration_count
        return Relaxation(np.clip(point, 0.0, 1.0), prices, RUN + work)

    def improve(
        self, program: Matrix, start: Floats | None, seed: int, limits: Limits, go_on: Callable[[], bool]
    ) -> Outcome:
        """The mixed program from a start point, until its limits."""
        highs = loaded(program, whole=True)
        options = {
            "random_seed": seed % 2**31,
            "mip_max_nodes": limits.nodes,
            "mip_rel_gap": limits.gap,
            "mip_abs_gap": 1e-7,
        }
        for option, value in (options | ({} if limits.guessing else PLAIN)).items():
            highs.setOptionValue(option, value)
        if start is not None:
            known = highspy.HighsSolution()
            known.col_value = start.tolist()
            highs.setSolution(known)
        highs.cbMipInterrupt += _asking(go_on, 1, limits.checks)
        highs.run()
        info = highs.getInfo()
        point = np.array(highs.getSolution().col_value)
        found = len(point) == len(program.cost) and np.isfinite(info.objective_function_value)
        return Outcome(
            point=point if found else np.zeros(len(program.cost)) if start is None else start,
            bound=info.mip_dual_bound,
            work=RUN + _iterations(program) * info.simplex_iteration_count,
            optimal=highs.getModelStatus() == highspy.HighsModelStatus.kOptimal,
        )


def _iterations(program: Matrix) -> float:
    """Work of one simplex iteration on a program."""
    return ITERATION_LARGE if len(program.entry) > LARGE else ITERATION


def _asking(go_on: Callable[[], bool], every: int, most: int = 0) -> Callable[[highspy.HighsCallbackEvent], None]:
    """A callback that counts its calls: it asks at each `every`-th and interrupts at a no, or at the call `most`."""
    calls = 0

    def ask(event: highspy.HighsCallbackEvent) -> None:
        nonlocal calls
        calls += 1
        if calls == most or (calls % every == 0 and not go_on()):
            event.interrupt()

    return ask


def loaded(program: Matrix, *, whole: bool) -> highspy.Highs:
    """A silent HiGHS on one thread that holds the program; without `whole` its linear relaxation."""
    lp = highspy.HighsLp()
    columns, rows = len(program.cost), len(program.low)
    lp.num_col_, lp.num_row_ = columns, rows
    lp.sense_, lp.offset_ = highspy.ObjSense.kMaximize, program.offset
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, np.zeros(columns), np.ones(columns)
    lp.row_lower_, lp.row_upper_ = program.low, program.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = columns, rows
    counts = np.bincount(program.row, minlength=rows)
    lp.a_matrix_.start_ = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    lp.a_matrix_.index_ = program.column.astype(np.int32)
    lp.a_matrix_.value_ = program.entry
    if whole:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in program.whole]
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (("output_flag", False), ("threads", 1), ("parallel", "off")):
        highs.setOptionValue(option, value)
    highs.passModel(lp)
    return highs
