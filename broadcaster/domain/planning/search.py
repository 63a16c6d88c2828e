"""The search above the solver: bounds on one thread, better plans part by part on the other. Knows no solver by name.

The two never exchange anything on the way (who is first would decide), and each stops at a count of its own, so the
result is the same however the threads run.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from broadcaster.domain.planning.board import Board
from broadcaster.domain.planning.formulation import Formulation
from broadcaster.domain.planning.instance import Instance, Solution
from broadcaster.domain.planning.matrix import Flags, Floats, Matrix, matrix_of
from broadcaster.domain.planning.shuffler import Shuffler

CHECK, CHECK_SIZE = 0.006, 1.6e-6
"""Work of one interrupt check of a bounding run: so much, and so much more for each non-zero, in calibration seconds
(measured: 0.013 s on 5 k non-zeros, 0.2 s on 117 k)."""
FULL_CHECK = 0.035
"""The same for a run that also looks for points, as it does up to LARGE airings (measured on 5 k non-zeros)."""
CUTTING = 5e-8
"""Work of cutting a part out of the whole program, in the same seconds for each of its non-zeros."""
LARGE = 1_200
"""Airings from which the reduced costs of the relaxation narrow each part."""
HUGE = 400_000
"""Non-zeros from which even the root of the whole program takes minutes: the relaxation alone bounds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one run of the solver may go, in counts that do not depend on the machine.

    `bounding` spends it all on the bound and none on finding points.
    """

    nodes: int
    checks: int
    bounding: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gave: the point, the proved bound on its program, the work it took, whether the point is best."""

    point: Floats
    bound: float
    work: float
    optimal: bool


class Engine(Protocol):
    """A solver of linear and mixed programs; one engine may be used from two threads at once."""

    def relax(self, program: Matrix, most: float, go_on: Callable[[], bool]) -> tuple[Floats, float]:
        """The row prices of the linear relaxation and the work it took, `most` at most (zeros if it had no time)."""
        ...

    def improve(self, program: Matrix, start: Floats, seed: int, limits: Limits, go_on: Callable[[], bool]) -> Outcome:
        """A point at least as good as the feasible `start`; `go_on` is asked now and then and stops it with False."""
        ...


class Search:
    """The best plan so far and the bound on all plans, for one instance."""

    def __init__(self, instance: Instance, program: Formulation, engine: Engine, seed: int) -> None:
        self.instance = instance
        self.program = program
        self.matrix = matrix_of(program)
        self.engine = engine
        self.seed = seed
        self.bound = program.ceiling
        self.point: Floats = np.zeros(len(program.cost))
        self.value = -np.inf
        self.work = 0.0
        self._stopped = False

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
        for b, s in self._airings(self.point):
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
        large = int(self.matrix.whole.sum()) > LARGE
        checks = max(1, int(budget / (CHECK + CHECK_SIZE * size if large else FULL_CHECK)))
        if size < HUGE and self._at_once(max(1, checks // 10), asked):
            return
        prices = np.zeros(0)
        if large and size < HUGE:
            prices, work = self.engine.relax(self.matrix, budget, asked)
            self.work += work
            self._relaxed(prices)
        with ThreadPoolExecutor(max_workers=1) as pool:
            huge = size >= HUGE
            bounded = (
                pool.submit(self._priced, budget)
                if huge
                else pool.submit(self._bounded, self.point, checks, bounding=large)
            )
            Parts(self, prices).run(budget, asked)
            bound, point = bounded.result()
        self.bound = min(self.bound, bound)
        self.take(point)

    def take(self, point: Floats) -> bool:
        """Take the airings of a solver's point, if they are a better plan."""
        return self.matrix.value(point) > self.value + 1e-9 and self.offer(self._airings(point))

    def _at_once(self, checks: int, go_on: Callable[[], bool]) -> bool:
        """A short look at the whole program; whether that was all it needs."""
        limits = Limits(nodes=1 if len(self.matrix.entry) > 2_000 else 10_000, checks=checks)
        outcome = self.engine.improve(self.matrix, self.point, self.seed, limits, go_on)
        self.work += outcome.work
        self.bound = min(self.bound, outcome.bound)
        self.take(outcome.point)
        return outcome.optimal or not go_on()

    def _relaxed(self, prices: Floats) -> None:
        self.bound = min(self.bound, self.matrix.dual_bound(prices)[0])

    def _bounded(self, start: Floats, checks: int, *, bounding: bool) -> tuple[float, Floats]:
        limits = Limits(nodes=1_000_000, checks=checks, bounding=bounding)
        outcome = self.engine.improve(self.matrix, start, self.seed, limits, lambda: not self._stopped)
        return outcome.bound, outcome.point

    def _priced(self, budget: float) -> tuple[float, Floats]:
        prices, _ = self.engine.relax(self.matrix, budget, lambda: not self._stopped)
        return self.matrix.dual_bound(prices)[0], np.zeros(len(self.matrix.cost))

    def _airings(self, point: Floats) -> list[tuple[int, int]]:
        chosen = (self.program.airing[column] for column in np.flatnonzero(point > 0.5))
        return sorted(airing for airing in chosen if airing is not None)


class Parts:
    """Large-neighbourhood search: free a part of the plan, let the solver place it anew, keep what is better.

    Two kinds of part in turn: some sessions with all their bulletins, and some bulletins of one zone in all their
    sessions. Each kind learns the size that the solver still solves to the end.
    """

    NODES = 30
    """Nodes a part may take: one that needs more is too large."""
    EFFORT = 0.05
    """Work a part may take and still let its kind grow; it rises while nothing improves."""

    def __init__(self, search: Search, prices: Floats) -> None:
        program = search.program
        self._search = search
        self._random = Shuffler(search.seed)
        self._reduced = search.matrix.dual_bound(prices)[1] if len(prices) else np.zeros(0)
        self._session = np.array([-1 if airing is None else airing[1] for airing in program.airing])
        self._owner = np.array(program.owner)
        self._airs = self._session >= 0
        self._size = [110.0, 120.0]
        self._failed = 0
        self._zones: list[list[int]] = [[] for _ in search.instance.zones]
        for b in sorted({airing[0] for airing in program.airing if airing is not None}):
            for z in search.instance.bulletins[b].zones:
                self._zones[z].append(b)
        self._columns = np.bincount(self._owner[self._airs], minlength=len(search.instance.bulletins))

    def run(self, budget: float, go_on: Callable[[], bool]) -> None:
        """Improve part by part until the work budget is spent or `go_on` says no."""
        search, turn, limits = self._search, 0, Limits(nodes=self.NODES, checks=1_000)
        while search.work < budget and search.bound - search.value > 1e-7 * abs(search.bound) and go_on():
            kind = turn % len(self._size)
            turn += 1
            free = self._free(kind)
            part = search.matrix.restrict(free, search.point)
            outcome = search.engine.improve(part, search.point[free], search.seed + turn, limits, go_on)
            search.work += outcome.work + CUTTING * len(search.matrix.entry)
            easy = outcome.optimal and outcome.work < self.EFFORT * (1 + self._failed / 20)
            self._size[kind] *= 1.05 if easy else 0.85
            point = search.point.copy()
            point[free] = outcome.point
            self._failed = 0 if search.take(point) else self._failed + 1

    def _free(self, kind: int) -> Flags:
        usable = self._airs & ~self._settled()
        inside = self._sessions(usable) if kind == 0 else self._bulletins(usable)
        touched = np.zeros(len(self._columns), dtype=np.bool_)
        touched[self._owner[inside]] = True
        free: Flags = inside | (~self._airs & touched[self._owner])
        return free

    def _settled(self) -> Flags:
        """Airings whose reduced cost says so clearly where they belong that a part need not ask again."""
        search = self._search
        if not len(self._reduced):
            return np.zeros(len(self._airs), dtype=np.bool_)
        clear = (search.bound - search.value) / (8 * len(search.instance.sessions))
        settled: Flags = (np.abs(self._reduced) > clear) & ((search.point > 0.5) == (self._reduced > 0))
        return settled

    def _sessions(self, usable: Flags) -> Flags:
        """Whole sessions up to the size; in a district a session alone is too much, so only some zones of it."""
        order = self._random.shuffled(range(len(self._search.instance.sessions)))
        counts = np.bincount(self._session[usable], minlength=len(order))
        chosen, total = [order[0]], float(counts[order[0]])
        if total > self._size[0]:
            near = np.zeros(len(self._columns), dtype=np.bool_)
            near[self._neighbours(self._size[0] * len(order) / 2)] = True
            narrowed: Flags = usable & (self._session == order[0]) & near[self._owner]
            return narrowed
        for s in order[1:]:
            if total + counts[s] > self._size[0]:
                break
            chosen.append(s)
            total += float(counts[s])
        inside: Flags = usable & np.isin(self._session, chosen)
        return inside

    def _bulletins(self, usable: Flags) -> Flags:
        near = np.zeros(len(self._columns), dtype=np.bool_)
        near[self._neighbours(self._size[1])] = True
        inside: Flags = usable & near[self._owner]
        return inside

    def _neighbours(self, size: float) -> list[int]:
        """Bulletins that share a zone drawn at random, in random order, with about `size` airing columns in all.

        Zones are added until there are enough.
        """
        chosen: list[int] = []
        total = 0.0
        for z in self._random.shuffled(range(len(self._zones))):
            for b in self._random.shuffled(self._zones[z]):
                if b not in chosen:
                    chosen.append(b)
                    total += float(self._columns[b])
                    if total >= size:
                        return chosen
        return chosen
