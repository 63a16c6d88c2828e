"""The formulation as arrays, cut down to the columns a sub-problem leaves free."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broadcaster.domain.planning.formulation import Formulation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

CUTTING = 1e-7
"""Work of cutting a part out of the whole program, in calibration seconds for each of its non-zeros."""
SETTING_UP = 4e-6
"""Work of making the formulation and its arrays, for each non-zero."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Maximise cost·x + offset, low ≤ A x ≤ high, 0 ≤ x ≤ 1, x whole where `whole`; A row by row (row, column, entry).

    Shapes: cost, whole [columns]; low, high [rows]; row, column, entry [non-zeros], ordered by row.
    """

    cost: Floats
    whole: Flags
    low: Floats
    high: Floats
    row: Ints
    column: Ints
    entry: Floats
    offset: float

    def restrict(self, free: Flags, point: Floats) -> "Matrix":
        """The program over the free columns, the others fixed at the point; rows that cannot bind are left out."""
        inside = free[self.column]
        fixed = np.bincount(
            self.row[~inside], self.entry[~inside] * point[self.column[~inside]], minlength=len(self.low)
        )
        low, high = self.low - fixed, self.high - fixed
        row, column, entry = self.row[inside], self.column[inside], self.entry[inside]
        most = np.bincount(row, np.maximum(entry, 0.0), minlength=len(low))
        least = np.bincount(row, np.minimum(entry, 0.0), minlength=len(low))
        binds = (most > high + 1e-9) | (least < low - 1e-9)
        kept = binds[row]
        number_row, number_column = np.cumsum(binds) - 1, np.cumsum(free) - 1
        return Matrix(
            cost=self.cost[free],
            whole=self.whole[free],
            low=low[binds],
            high=high[binds],
            row=number_row[row[kept]],
            column=number_column[column[kept]],
            entry=entry[kept],
            offset=self.offset + float(self.cost[~free] @ point[~free]),
        )

    def value(self, point: Floats) -> float:
        """The objective at a point."""
        return float(self.cost @ point) + self.offset

    def dual_bound(self, prices: Floats) -> tuple[float, Floats]:
        """A bound on the objective proved by row prices, and the reduced costs that go with them.

        Weak duality: for any prices y, cost·x ≤ max of y·(A x) over the row limits + Σ max(0, cost − Aᵀy) over
        0 ≤ x ≤ 1. A price with the wrong sign for a one-sided row is taken as 0, so any y gives a true bound.
        """
        usable = np.where((prices > 0) & ~np.isfinite(self.high), 0.0, prices)
        usable = np.where((usable < 0) & ~np.isfinite(self.low), 0.0, usable)
        limit = np.where(usable > 0, np.where(np.isfinite(self.high), self.high, 0.0), 0.0)
        limit = np.where(usable < 0, np.where(np.isfinite(self.low), self.low, 0.0), limit)
        reduced = self.cost - np.bincount(self.column, self.entry * usable[self.row], minlength=len(self.cost))
        return self.offset + float(usable @ limit) + float(np.maximum(reduced, 0.0).sum()), reduced


def matrix_of(program: Formulation) -> Matrix:
    """The arrays of a formulation."""
    lengths = [len(columns) for columns, *_ in program.rows]
    return Matrix(
        cost=np.array(program.cost, dtype=np.float64),
        whole=np.array(program.whole, dtype=np.bool_),
        low=np.array([row[2] for row in program.rows], dtype=np.float64),
        high=np.array([row[3] for row in program.rows], dtype=np.float64),
        row=np.repeat(np.arange(len(lengths)), lengths),
        column=np.array([c for row in program.rows for c in row[0]], dtype=np.int64),
        entry=np.array([a for row in program.rows for a in row[1]], dtype=np.float64),
        offset=program.offset,
    )
