"""One line of the search: the best plan it knows, made better part by part on one thread."""

from collections.abc import Callable, Sequence

import numpy as np

from broadcaster.domain.planning.board import Board
from broadcaster.domain.planning.engine import Engine, Limits
from broadcaster.domain.planning.formulation import Formulation
from broadcaster.domain.planning.instance import Instance
from broadcaster.domain.planning.matrix import CUTTING, Floats, Matrix
from broadcaster.domain.planning.parts import Parts


class Stream:
    """The best plan this line knows, as a point of the program with its value, and the work spent on it."""

    NODES = 30
    """Nodes a part may take: one that needs more is too large."""
    EFFORT = 0.05
    """Work a part may take and still let its kind grow; it rises while nothing improves."""

    def __init__(self, instance: Instance, program: Formulation, matrix: Matrix) -> None:
        self._instance = instance
        self._program = program
        self._matrix = matrix
        self.point: Floats = np.zeros(len(matrix.cost))
        self.value = -np.inf
        self.work = 0.0
        self._failed = 0

    def offer(self, airings: Sequence[tuple[int, int]]) -> bool:
        """Take these airings for the best plan if they keep every rule and are worth more; whether they were taken.

        Placed one by one on a fresh board: what the solver's tolerances let slip never becomes a plan.
        """
        board = Board(self._instance)
        for b, s in sorted(airings):
            if (b, s) not in self._program.column or not board.fits(b, s):
                return False
            board.put(b, s)
        if any(board.slack(z) < -1e-6 for z in range(len(self._instance.zones))):
            return False
        point = np.array(self._program.values(self._instance, board.aired))
        value = self._matrix.value(point)
        if value <= self.value + 1e-9:
            return False
        self.point, self.value = point, value
        return True

    def take(self, point: Floats) -> bool:
        """Take the airings of a solver's point, if they are a better plan."""
        return self._matrix.value(point) > self.value + 1e-9 and self.offer(self.airings(point))

    def join(self, other: "Stream", base: Floats) -> None:
        """What the other line found since both had the plan `base`: added to the own plan where that is allowed."""
        changed = np.abs(other.point - base) > 0.5
        both = np.where(changed, other.point, self.point)
        self.offer(self.airings(both))
        if other.value > self.value:
            self.point, self.value = other.point, other.value

    def airings(self, point: Floats) -> list[tuple[int, int]]:
        """The airings of a point."""
        chosen = (self._program.airing[column] for column in np.flatnonzero(point > 0.5))
        return sorted(airing for airing in chosen if airing is not None)

    def run(self, parts: Parts, engine: Engine, until: float, bound: float, go_on: Callable[[], bool]) -> None:
        """Improve part by part until the work is spent, the bound is met or `go_on` says no."""
        limits = Limits(nodes=self.NODES, checks=1_000)
        while self.work < until and bound - self.value > 1e-7 * abs(bound) and go_on():
            kind, free = parts.draw(self.point, bound - self.value)
            part = self._matrix.restrict(free, self.point)
            outcome = engine.improve(part, self.point[free], parts.turn, limits, go_on)
            self.work += outcome.work + CUTTING * len(self._matrix.entry)
            point = self.point.copy()
            point[free] = outcome.point
            self._failed = 0 if self.take(point) else self._failed + 1
            easy = outcome.optimal and outcome.work < self.EFFORT * (1 + self._failed / 20)
            parts.learn(kind, easy=easy)
