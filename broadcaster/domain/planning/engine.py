"""What the search asks of a solver of linear and mixed programs; knows none by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from broadcaster.domain.planning.matrix import Floats, Matrix

GoOn = Callable[[], bool]
"""Asked now and then; False ends the run."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one run of the solver may go, in counts that do not depend on the machine.

    `gap` is the relative gap at which it may stop; with `guessing` the solver also looks for points by its own
    heuristics, beside those that its relaxations show.
    """

    nodes: int
    checks: int
    gap: float = 1e-7
    guessing: bool = False


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The linear relaxation: a point, the prices of the rows (both zero if there was no time), the work it took."""

    point: Floats
    prices: Floats
    work: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gave: the point, the proved bound on its program, the work it took, whether the point is best."""

    point: Floats
    bound: float
    work: float
    optimal: bool


class Engine(Protocol):
    """A solver of linear and mixed programs; one engine may be used from two threads at once."""

    def relax(self, program: Matrix, go_on: GoOn) -> Relaxation:
        """The linear relaxation."""
        ...

    def improve(self, program: Matrix, start: Floats | None, seed: int, limits: Limits, go_on: GoOn) -> Outcome:
        """A point at least as good as the feasible `start`; without one the best found, zeros if there is none."""
        ...
