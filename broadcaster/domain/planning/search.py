"""The search above the solver: a bound on all plans and ever better plans, on two threads. Knows no solver by name.

First one thread bounds all plans while the other builds a plan session by session; then both better it part by part.
They meet only when each has spent a fixed amount of work, so the result is the same however the threads run.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from broadcaster.domain.planning.board import Board
from broadcaster.domain.planning.engine import Engine, Limits, Relaxation
from broadcaster.domain.planning.formulation import Formulation
from broadcaster.domain.planning.instance import Instance, Solution
from broadcaster.domain.planning.matrix import SETTING_UP, matrix_of
from broadcaster.domain.planning.opening import Opening
from broadcaster.domain.planning.parts import Parts
from broadcaster.domain.planning.stream import Stream

TINY = 2_000
"""Non-zeros up to which the whole program is solved at once."""
TINY_CHECK = 0.035
"""Work of one interrupt check of such a run, in calibration seconds."""
ROOTED = 30_000
"""Non-zeros up to which the root of the whole program, with its cuts, is worth its time for the bound.

Measured: 0.6 s and a bound narrower by up to 0.6 % on 4 k, 11 s and 0.07 % on 90 k.
"""
ROOT = 2.5e-4
"""Work of the root of the whole program, cuts included, for each of its non-zeros (measured: 0.9 to 1.3 s on 4 k)."""
GOOD = 2e-5
"""Relative gap at which to stop: nobody hears the difference, and what is left to find is rarely there."""
ROUND = 0.2
"""Work between two meetings of the threads."""


class Search:
    """The best plan so far and the bound on all plans, for one instance."""

    def __init__(self, instance: Instance, program: Formulation, engine: Engine, seed: int) -> None:
        self.instance = instance
        self.program = program
        self.matrix = matrix_of(program)
        self.engine = engine
        self.seed = seed
        self.bound = program.ceiling
        self._own = Stream(instance, program, self.matrix)
        self._own.work = SETTING_UP * len(self.matrix.entry)
        self._stopped = False

    @property
    def value(self) -> float:
        """What the best plan so far is worth, rewards and forfeits counted."""
        return self._own.value

    def offer(self, airings: Sequence[tuple[int, int]]) -> bool:
        """Take these airings for the best plan if they keep every rule and are worth more; whether they were taken."""
        return self._own.offer(airings)

    def solution(self) -> Solution:
        """The best plan with its own value and the bound on all plans that miss no more and keep no less than it."""
        board = Board(self.instance)
        for b, s in self._own.airings(self._own.point):
            board.put(b, s)
        plain = board.solution(-np.inf)
        return replace(plain, bound=max(plain.value, plain.value + self.bound - self.value))

    def run(self, budget: float, go_on: Callable[[], bool]) -> None:
        """Search until the work budget is spent, the plan is proved best, or `go_on` says no."""
        if not self.matrix.whole.any():
            self.bound = self.value
            return

        def asked() -> bool:
            self._stopped = self._stopped or not go_on()
            return not self._stopped

        size = len(self.matrix.entry)
        if size < TINY and self._at_once(max(1, int(budget / 2 / TINY_CHECK)), asked):
            return
        with ThreadPoolExecutor(max_workers=1) as pool:
            relaxed = self.engine.relax(self.matrix, asked)
            self._own.work += relaxed.work
            self._narrow(self.matrix.dual_bound(relaxed.prices)[0])
            other = Stream(self.instance, self.program, self.matrix)
            mine = self._parts(relaxed, 0)
            theirs = self._parts(relaxed, 1)
            # Its work is known only by its end, so the other line works alone for as long as it mostly takes.
            root = pool.submit(self._rooted, budget) if size < ROOTED else None
            if self._own.work < budget:
                opening = Opening(self.instance, self.program, self.matrix, self.engine, relaxed)
                aside = None if root else pool
                airings, work = opening.airings(aside, self.seed, asked, lambda: not self._stopped)
                self._own.work += work
                self._own.offer(airings)
            if root is not None:
                self._own.run(mine, self.engine, min(budget / 2, ROOT * size), self.bound, asked)
                self._narrow(root.result())
            while self._own.work < budget and self.bound - self.value > GOOD * abs(self.bound) and asked():
                base, until = self._own.point, self._own.work + ROUND
                other.point, other.value, other.work = base, self._own.value, self._own.work
                running = pool.submit(other.run, theirs, self.engine, until, self.bound, lambda: not self._stopped)
                self._own.run(mine, self.engine, until, self.bound, asked)
                running.result()
                self._own.join(other, base)
                self._own.work = max(self._own.work, other.work)

    def _narrow(self, bound: float) -> None:
        self.bound = min(self.bound, bound)

    def _parts(self, relaxed: Relaxation, line: int) -> Parts:
        return Parts(self.instance, self.program, self.matrix, relaxed, 2 * self.seed + line, 2 * line)

    def _at_once(self, checks: int, go_on: Callable[[], bool]) -> bool:
        """A short look at the whole program; whether that was all it needs."""
        limits = Limits(nodes=10_000, checks=checks, guessing=True)
        outcome = self.engine.improve(self.matrix, self._own.point, self.seed, limits, go_on)
        self._own.work += outcome.work
        self._narrow(outcome.bound)
        self._own.take(outcome.point)
        return outcome.optimal or not go_on()

    def _rooted(self, budget: float) -> float:
        limits = Limits(nodes=1, checks=max(1, int(400 * budget)))
        start = self._own.point
        return self.engine.improve(self.matrix, start, self.seed, limits, lambda: not self._stopped).bound
