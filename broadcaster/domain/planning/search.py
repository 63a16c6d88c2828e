"""The search above the solver: a proved bound first, then the best plan part by part. Knows no solver by name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from broadcaster.domain.planning.board import Board
from broadcaster.domain.planning.formulation import Formulation
from broadcaster.domain.planning.instance import Instance, Solution
from broadcaster.domain.planning.matrix import Flags, Floats, Matrix, matrix_of

SMALL = 1200
"""Airing columns up to which the whole program is searched at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one run of the solver may go, in counts that do not depend on the machine."""

    nodes: int
    checks: int
    gap: float = 1e-7


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gave: the point, the proved bound on its program, and the work it took."""

    point: Floats
    bound: float
    work: float
    optimal: bool


class Engine(Protocol):
    """A solver of linear and mixed programs."""

    def relax(self, program: Matrix) -> tuple[Floats, Floats, float]:
        """The best point with fractions allowed, the row prices there (≥ 0 on upper limits), and the work it took."""
        ...

    def improve(
        self, program: Matrix, start: Floats, seed: int, limits: Limits, watch: Callable[[float, float], bool]
    ) -> Outcome:
        """A point at least as good as `start`; `watch(value, bound)` is asked now and then and stops it with False."""
        ...


class Search:
    """The best plan so far and the bound on all plans, for one instance."""

    def __init__(self, instance: Instance, program: Formulation, engine: Engine, seed: int) -> None:
        self.instance = instance
        self.program = program
        self.matrix = matrix_of(program)
        self.engine = engine
        self.seed = seed
        self.bound = program.forfeit  # more than any plan can be worth
        self.point: Floats = np.zeros(len(program.cost))
        self.value = -np.inf
        self.work = 0.0
        self._random = Shuffler(seed)

    @property
    def airings(self) -> tuple[tuple[int, int], ...]:
        """The airings of the best plan, in ascending order."""
        return tuple(sorted(a for a, x in zip(self.program.airing, self.point, strict=True) if a and x > 0.5))

    def offer(self, airings: Sequence[tuple[int, int]]) -> bool:
        """Take these airings for the best plan if they keep every rule and are worth more; whether they were taken.

        Placed one by one on a fresh board: what the solver's tolerances let slip never becomes a plan.
        """
        board = Board(self.instance)
        for b, s in sorted(airings):
            if (b, s) not in self.program.column or not board.fits(b, s):
                return False
            board.put(b, s)
        if any(board.slack(z) < -1e-6 for z in range(len(self.instance.zones))):
            return False
        point = np.array(self.program.values(self.instance, board.aired))
        value = self.matrix.value(point)
        if value <= self.value + 1e-9:
            return False
        self.point, self.value = point, value
        return True

    def solution(self) -> Solution:
        """The best plan with its own value and the bound on all plans that miss no more and keep no less than it."""
        board = Board(self.instance)
        for b, s in self.airings:
            board.put(b, s)
        plain = board.solution(-np.inf)
        return replace(plain, bound=max(plain.value, plain.value + self.bound - self.value))

    def run(self, budget: float, go_on: Callable[[], bool]) -> None:
        """Search until the work budget is spent, the plan is proved best, or `go_on` says no."""
        if not self.program.airing or not self.matrix.whole.any():
            self.bound = self.value
            return
        relaxed, prices, work = self.engine.relax(self.matrix)
        self.work += work
        proved, reduced = self.matrix.dual_bound(prices)
        self.bound = min(self.bound, proved)
        if not go_on():
            return
        if int(self.matrix.whole.sum()) <= SMALL:
            self._whole(budget, go_on)
        else:
            self._parts(budget, go_on, relaxed, reduced)

    def _whole(self, budget: float, go_on: Callable[[], bool]) -> None:
        def watch(_value: float, bound: float) -> bool:
            self.bound = min(self.bound, bound)
            return go_on()

        limits = Limits(nodes=1_000_000, checks=max(1, int(budget * 100)))
        outcome = self.engine.improve(self.matrix, self.point, self.seed, limits, watch)
        self.bound = min(self.bound, outcome.bound)
        self._take(outcome.point)

    def _take(self, point: Floats) -> bool:
        return self.offer([a for a, x in zip(self.program.airing, point, strict=True) if a and x > 0.5])

    def _parts(self, budget: float, go_on: Callable[[], bool], relaxed: Floats, reduced: Floats) -> None:
        limits = Limits(nodes=20, checks=10_000)
        for sessions in self._neighbourhoods():
            if self.work >= budget or self.bound - self.value <= 1e-7 * abs(self.bound) or not go_on():
                return
            free = self._free(sessions, reduced)
            part = self.matrix.restrict(free, self.point)
            outcome = self.engine.improve(part, self.point[free], self.seed, limits, lambda _value, _bound: go_on())
            self.work += outcome.work
            point = self.point.copy()
            point[free] = outcome.point
            self._take(point)

    def _neighbourhoods(self) -> Iterator[tuple[int, ...]]:
        sessions = list(range(len(self.instance.sessions)))
        size = 1
        while True:
            order = self._random.shuffled(sessions)
            for at in range(0, len(order), size):
                yield tuple(order[at : at + size])
            size = 2

    def _free(self, sessions: Sequence[int], reduced: Floats) -> Flags:
        inside = np.array([a is not None and a[1] in sessions for a in self.program.airing])
        settled = (np.abs(reduced) > 10.0) & ((self.point > 0.5) == (reduced > 0))
        free: Flags = inside & ~settled
        touched = {a[0] for a, f in zip(self.program.airing, free, strict=True) if a and f}
        for b in touched:
            free[self.program.increments[b]] = True
            free[[column for column, _ in self.program.runs.get(b, [])]] = True
            if b in self.program.shorts:
                free[self.program.shorts[b]] = True
        for (b, _), column in self.program.pins.items():
            if b in touched:
                free[column] = True
        return free


class Shuffler:
    """A fixed stream of pseudo-random orders from a seed (SplitMix64, Steele, Lea and Flood 2014).

    Written out because `random` is banned from the domain and NumPy may change its streams between versions.
    """

    def __init__(self, seed: int) -> None:
        self._state = seed & 0xFFFFFFFFFFFFFFFF

    def below(self, limit: int) -> int:
        """A whole number from 0 to limit − 1."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        return (mixed ^ (mixed >> 31)) % limit

    def shuffled(self, items: Sequence[int]) -> list[int]:
        """The items in a new order."""
        out = list(items)
        for at in range(len(out) - 1, 0, -1):
            other = self.below(at + 1)
            out[at], out[other] = out[other], out[at]
        return out
