"""Which part of a plan to free next: the neighbourhoods of the search, and what each has brought so far."""

from collections.abc import Sequence

import numpy as np

from broadcaster.domain.planning.engine import Relaxation
from broadcaster.domain.planning.formulation import Formulation
from broadcaster.domain.planning.instance import Instance
from broadcaster.domain.planning.matrix import Flags, Floats, Matrix
from broadcaster.domain.planning.shuffler import Shuffler

LARGE = 1_200
"""Airings from which the reduced costs of the relaxation narrow each part."""
WIDE = 6_000
"""Airings from which a part that follows the relaxation is kept to zones that lie together."""

BIAS = (0.5, 1.0)
"""By how much an airing where plan and relaxation differ goes before others, in each kind that follows them."""


class Parts:
    """Parts of five kinds, each as large as the solver still solves to the end.

    - airings where the plan and the relaxation differ, mixed with others at random (RINS, Danna and others 2005),
      loosely or strictly;
    - whole sessions with all their bulletins;
    - bulletins that share a zone, and bulletins drawn from everywhere, in all their sessions.
    """

    def __init__(
        self, instance: Instance, program: Formulation, matrix: Matrix, relaxed: Relaxation, seed: int, first: int = 0
    ) -> None:
        self.turn = first
        self._random = Shuffler(seed)
        self._relaxed = relaxed.point
        self._reduced = matrix.dual_bound(relaxed.prices)[1]
        self._known = bool(np.any(relaxed.prices))
        self._session = np.array([-1 if airing is None else airing[1] for airing in program.airing])
        self._owner = np.array(program.owner)
        self._airs: Flags = self._session >= 0
        self._large = int(self._airs.sum()) > LARGE
        self._wide = int(self._airs.sum()) > WIDE
        self._sessions = len(instance.sessions)
        self._zones: list[list[int]] = [[] for _ in instance.zones]
        for b in sorted({airing[0] for airing in program.airing if airing is not None}):
            for z in instance.bulletins[b].zones:
                self._zones[z].append(b)
        self._all = sorted({b for zone in self._zones for b in zone})
        self._columns = np.bincount(self._owner[self._airs], minlength=len(instance.bulletins))
        self._size = [110.0] * (len(BIAS) + 3)

    def draw(self, point: Floats, open_gap: float) -> tuple[int, Flags]:
        """The next part: its kind and the columns it frees, helper columns of its bulletins among them."""
        kind = self.turn % len(self._size)
        self.turn += 1
        usable: Flags = self._airs & ~self._settled(point, open_gap)
        differs: Flags = np.abs(point - self._relaxed) > 1e-6
        size = self._size[kind]
        if kind < len(BIAS):
            inside = self._following(usable, differs, size, BIAS[kind])
        elif kind == len(BIAS):
            inside = self._whole_sessions(usable, size)
        else:
            inside = self._bulletins(usable, size, anywhere=kind > len(BIAS) + 1 and not self._wide)
        touched = np.zeros(len(self._columns), dtype=np.bool_)
        touched[self._owner[inside]] = True
        free: Flags = inside | (~self._airs & touched[self._owner])
        return kind, free

    def learn(self, kind: int, *, easy: bool) -> None:
        """Whether the solver had an easy time with the last part of this kind: the next may be larger."""
        self._size[kind] *= 1.05 if easy else 0.85

    def _settled(self, point: Floats, open_gap: float) -> Flags:
        """Airings whose reduced cost says so clearly where they belong that a part need not ask again."""
        if not (self._large and self._known):
            return np.zeros(len(self._airs), dtype=np.bool_)
        clear = open_gap / (8 * self._sessions)
        settled: Flags = (np.abs(self._reduced) > clear) & ((point > 0.5) == (self._reduced > 0))
        return settled

    def _following(self, usable: Flags, differs: Flags, size: float, bias: float) -> Flags:
        if self._wide:
            near = np.zeros(len(self._columns), dtype=np.bool_)
            near[self._neighbours(size * 4, self._zones)] = True
            usable = usable & near[self._owner]
        score = self._random.fractions(len(usable)) - bias * differs
        chosen = np.argsort(np.where(usable, score, np.inf), kind="stable")[: int(size)]
        inside = np.zeros(len(usable), dtype=np.bool_)
        inside[chosen] = True
        return inside & usable

    def _whole_sessions(self, usable: Flags, size: float) -> Flags:
        """Whole sessions up to the size; in a district a session alone is too much, so only some zones of it."""
        order = self._random.shuffled(range(self._sessions))
        counts = np.bincount(self._session[usable], minlength=len(order))
        chosen, total = [order[0]], float(counts[order[0]])
        if total > size:
            near = np.zeros(len(self._columns), dtype=np.bool_)
            near[self._neighbours(size * len(order) / 2, self._zones)] = True
            narrowed: Flags = usable & (self._session == order[0]) & near[self._owner]
            return narrowed
        for s in order[1:]:
            if total + counts[s] > size:
                break
            chosen.append(s)
            total += float(counts[s])
        inside: Flags = usable & np.isin(self._session, chosen)
        return inside

    def _bulletins(self, usable: Flags, size: float, *, anywhere: bool) -> Flags:
        near = np.zeros(len(self._columns), dtype=np.bool_)
        near[self._neighbours(size, (self._all,) if anywhere else self._zones)] = True
        inside: Flags = usable & near[self._owner]
        return inside

    def _neighbours(self, size: float, groups: Sequence[list[int]]) -> list[int]:
        """Bulletins of a group drawn at random, in random order, with about `size` airing columns in all.

        Groups are added until there are enough.
        """
        chosen: dict[int, None] = {}
        total = 0.0
        for z in self._random.shuffled(range(len(groups))):
            for b in self._random.shuffled(groups[z]):
                if b not in chosen:
                    chosen[b] = None
                    total += float(self._columns[b])
                    if total >= size:
                        return list(chosen)
        return list(chosen)
