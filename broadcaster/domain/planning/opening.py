"""The first good plan, from the linear relaxation: made whole piece by piece, session by session."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from itertools import zip_longest

import numpy as np

from broadcaster.domain.planning.board import Board
from broadcaster.domain.planning.engine import Engine, GoOn, Limits, Relaxation
from broadcaster.domain.planning.formulation import Formulation
from broadcaster.domain.planning.greedy import extend
from broadcaster.domain.planning.instance import Instance
from broadcaster.domain.planning.matrix import CUTTING, Flags, Floats, Matrix

NARROW = 1_200
"""Airings from which only those that the relaxation uses are looked at."""
USED = 1e-3
"""Share of an airing that counts as used: interior points leave a little everywhere."""
APART = 10_000
"""Airings from which the widest bulletins are rounded, so that the rest falls into pieces."""
LIMITS = Limits(nodes=2, checks=1_000, gap=2e-3)
"""Of one session. The gap is that of the whole piece: a tenth takes five times as long for half the loss.

More nodes make a better opening and a worse plan (measured on six big communes: 20 nodes leave one with no time for
anything else, 5 give 1.71 % in the mean and 2 give 1.66 %).
"""


class Opening:
    """Makes a relaxation's point whole, with the work that took in calibration seconds of the slower thread."""

    def __init__(
        self, instance: Instance, program: Formulation, matrix: Matrix, engine: Engine, relaxed: Relaxation
    ) -> None:
        self._instance = instance
        self._program = program
        self._matrix = matrix
        self._engine = engine
        self._relaxed = relaxed
        self._session = np.array([-1 if airing is None else airing[1] for airing in program.airing])
        self._owner = np.array(program.owner)
        airings = int((self._session >= 0).sum())
        self._looked: Flags = np.ones(len(self._session), dtype=np.bool_)
        if airings > NARROW:
            self._looked = (self._session < 0) | (relaxed.point > USED)
        self._apart = airings > APART

    def airings(
        self, pool: Executor | None, seed: int, go_on: GoOn, waits: GoOn
    ) -> tuple[Sequence[tuple[int, int]], float]:
        """The airings of a plan that keeps every rule, and the work.

        `pool` is another thread that has nothing to do, if there is one; `waits` is asked there.
        """
        point: Floats = np.zeros(len(self._session))
        if pool is None:
            work = self._whole(point, [self._looked], seed, go_on)
        elif not self._apart:
            work = self._two_by_two(point, pool, seed, go_on, waits)
        else:
            pieces = self._pieces(point)
            theirs = point.copy()
            running = pool.submit(self._whole, theirs, pieces[1::2], seed, waits)
            work = self._whole(point, pieces[::2], seed, go_on)
            work = max(work, running.result())
            for piece in pieces[1::2]:
                point[piece] = theirs[piece]
        chosen = [a for a, x in zip(self._program.airing, point, strict=True) if a is not None and x > 0.5]
        return extend(self._instance, tuple(chosen)).airings, work

    def _whole(self, point: Floats, pieces: Sequence[Flags], seed: int, go_on: GoOn) -> float:
        """Decide the columns of each piece, the others staying as they are in the point; the work."""
        return sum(self._session_by_session(point, piece.copy(), seed, go_on) for piece in pieces)

    def _session_by_session(self, point: Floats, free: Flags, seed: int, go_on: GoOn) -> float:
        """One session after the other made whole and fixed; the rest stays relaxed."""
        work = 0.0
        for here in self._by_doubt(free):
            if go_on():
                point[free] = 0.0
                point[free], spent = self._session_whole(point, free, here, seed, go_on)
                work += spent
                free &= ~here
        return work

    def _two_by_two(self, point: Floats, pool: Executor, seed: int, go_on: GoOn, waits: GoOn) -> float:
        """Two sessions at a time made whole, one on each thread, and fixed; the second gives way to the first."""
        work, free, board = 0.0, self._looked.copy(), Board(self._instance)
        sessions = self._by_doubt(free)
        for first, second in zip_longest(sessions[::2], sessions[1::2]):
            if not go_on():
                break
            point[free] = 0.0
            given = point.copy(), free.copy()
            running = None if second is None else pool.submit(self._session_whole, *given, second, seed, waits)
            point[free], spent = self._session_whole(point, free, first, seed, go_on)
            self._settle(board, point, first)
            if running is not None:
                theirs, other = running.result()
                point[second] = theirs[second[free]]
                self._settle(board, point, second)
                free &= ~second
                spent = max(spent, other)
            free &= ~first
            work += spent
        return work

    def _settle(self, board: Board, point: Floats, here: Flags) -> None:
        """Put a session's airings on the board; those that have no place there beside the others leave the point."""
        for column in np.flatnonzero(here & (point > 0.5)):
            b, s = int(self._owner[column]), int(self._session[column])
            if board.fits(b, s):
                board.put(b, s)
            else:
                point[column] = 0.0

    def _by_doubt(self, free: Flags) -> list[Flags]:
        """The free airings of each session that has any, the most undecided session first."""
        relaxed = self._relaxed.point
        doubt = np.where(free, np.minimum(relaxed, 1 - relaxed), 0.0)
        sessions = [free & (self._session == s) for s in range(len(self._instance.sessions))]
        return sorted((here for here in sessions if here.any()), key=lambda here: -float(doubt[here].sum()))

    def _session_whole(self, point: Floats, free: Flags, here: Flags, seed: int, go_on: GoOn) -> tuple[Floats, float]:
        """The free columns with those of one session made whole, and the work."""
        part = replace(self._matrix.restrict(free, point), whole=here[free])
        outcome = self._engine.improve(part, None, seed, LIMITS, go_on)
        decided = np.where(here[free], np.round(outcome.point), outcome.point)
        return decided, outcome.work + CUTTING * len(self._matrix.entry)

    def _pieces(self, point: Floats) -> list[Flags]:
        """Round the widest bulletins into the point until the rest shares no zone across pieces; the pieces."""
        bulletins = self._instance.bulletins
        reaches = sorted({len(bulletin.zones) for bulletin in bulletins}, reverse=True)
        for widest in reaches[1:]:
            group = self._groups(widest)
            if len(set(group.values())) > 1:
                break
        else:
            return [self._looked]
        board = Board(self._instance)
        wide = np.array([len(bulletin.zones) > widest for bulletin in bulletins])
        candidates = np.flatnonzero((self._session >= 0) & wide[self._owner] & (self._relaxed.point >= 0.5))
        for column in candidates[np.argsort(-self._relaxed.point[candidates], kind="stable")]:
            b, s = int(self._owner[column]), int(self._session[column])
            if board.fits(b, s):
                board.put(b, s)
        point[:] = self._program.values(self._instance, board.aired)
        members = np.array([group.get(b, -1) for b in range(len(bulletins))])
        return [self._looked & (members[self._owner] == at) for at in sorted(set(group.values()))]

    def _groups(self, widest: int) -> dict[int, int]:
        """The bulletins that reach no more zones than that, each with the least zone it is joined to."""
        root = list(range(len(self._instance.zones)))

        def top(z: int) -> int:
            while root[z] != z:
                z = root[z]
            return z

        narrow = {b: u.zones for b, u in enumerate(self._instance.bulletins) if 0 < len(u.zones) <= widest}
        for zones in narrow.values():
            for z in zones:
                one, two = sorted((top(zones[0]), top(z)))
                root[two] = one
        return {b: top(zones[0]) for b, zones in narrow.items()}
