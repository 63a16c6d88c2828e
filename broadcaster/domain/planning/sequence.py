"""The order within a session, by exact search: ladder of priorities, no row of notices, neighbours that differ.

Emergencies come first, then the priority bulletins in a person's order, then the others; between two priority notices
another piece may stand only where four notices would follow each other. Among the orders that keep this the costs are,
the graver first: a fourth notice in a row; two neighbours of one unit, topic, kind, or voice. The search is branch and
bound over (set, last, row), so that the order it gives is the cheapest there is, unless it ran into its limit of steps;
steps and not seconds, for the same session has to have the same order on every machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from broadcaster.domain.bulletin import Bulletin, Kind, Priority

MOST_NOTICES = 3
"""R19: listeners stop listening at the fourth notice."""

ROW = 10_000
UNIT, TOPIC, KIND, VOICE = 8, 4, 2, 1

STEPS = 40_000
"""Steps of the search for one session: all of it for about ten bulletins even where nothing fits well."""

_LADDER = {Priority.KHAN_CAP: 0, Priority.UU_TIEN: 1, Priority.THONG_THUONG: 2}


@dataclass(frozen=True, slots=True)
class Piece:
    """What the order needs to know of a bulletin. `rung` is its priority, `rank` its place among those of its rung."""

    code: str
    rung: int
    rank: int
    notice: bool
    kind: str
    unit: str
    topic: str
    voices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """An order with its cost; `proved` says that no other is cheaper."""

    codes: tuple[str, ...]
    cost: int
    proved: bool


def pieces_of(
    bulletins: Sequence[Bulletin], precedence: Sequence[str], voices: Mapping[str, tuple[str, ...]]
) -> tuple[Piece, ...]:
    """The bulletins of a session, in the order of the ladder and, among `uu_tien`, in a person's order."""
    rank = {code: number for number, code in enumerate(precedence)}
    pieces = [
        Piece(
            code=b.code,
            rung=_LADDER[b.priority],
            rank=rank.get(b.code, len(rank)),
            notice=b.kind is Kind.THONG_BAO,
            kind=b.kind.value,
            unit=b.lead_unit,
            topic=b.topic,
            voices=voices.get(b.code) or tuple(sorted(b.voices.values())),
        )
        for b in bulletins
    ]
    return tuple(sorted(pieces, key=lambda p: (p.rung, p.rank, p.code)))


@lru_cache(maxsize=512)
def arrange(pieces: tuple[Piece, ...]) -> Arrangement:
    """The cheapest order of the pieces, which come sorted as `pieces_of` gives them."""
    search = _Search(pieces)
    search.descend((), 0, 0)
    return Arrangement(tuple(pieces[n].code for n in search.best), search.cost, proved=search.left > 0)


class _Search:
    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        self.pieces = pieces
        self.best: tuple[int, ...] = tuple(range(len(pieces)))
        self.cost = self._total(self.best)
        self.left = STEPS
        self._seen: dict[tuple[frozenset[int], int, int], int] = {}

    def descend(self, placed: tuple[int, ...], cost: int, row: int) -> None:
        """Try every order that begins like this and may still be cheaper than the best one."""
        self.left -= 1
        if len(placed) == len(self.pieces):
            if cost < self.cost:
                self.best, self.cost = placed, cost
            return
        state = (frozenset(placed), placed[-1] if placed else -1, row)
        if self.left <= 0 or self._seen.get(state, self.cost) <= cost:
            return
        self._seen[state] = cost
        rest = [n for n in range(len(self.pieces)) if n not in placed]
        options = []
        for n in self._may_follow(rest, row):
            new_row = row + 1 if self.pieces[n].notice else 0
            options.append((cost + self._step(placed, n, new_row), n, new_row))
        for total, n, new_row in sorted(options):
            if total + self._sure(rest, n, new_row) < self.cost:
                self.descend((*placed, n), total, new_row)

    def _may_follow(self, rest: Sequence[int], row: int) -> list[int]:
        """The pieces that may be read next; `rest` is sorted, so that its first one has the highest claim."""
        claim = self.pieces[rest[0]]
        if claim.rung == _LADDER[Priority.THONG_THUONG]:
            return list(rest)
        between = claim.rung == _LADDER[Priority.UU_TIEN] and claim.notice and row >= MOST_NOTICES
        usual = (n for n in rest if self.pieces[n].rung == _LADDER[Priority.THONG_THUONG] and not self.pieces[n].notice)
        return [rest[0], *(usual if between else ())]

    def _step(self, placed: Sequence[int], n: int, row: int) -> int:
        """What it costs to read piece n next."""
        piece = self.pieces[n]
        cost = ROW if row > MOST_NOTICES else 0
        if placed:
            last = self.pieces[placed[-1]]
            cost += UNIT * (last.unit == piece.unit) + TOPIC * (last.topic == piece.topic)
            cost += KIND * (last.kind == piece.kind) + VOICE * (last.voices == piece.voices)
        return cost

    def _sure(self, rest: Sequence[int], n: int, row: int) -> int:
        """What the pieces after n cost at least: notices that no other piece can separate."""
        notices = sum(self.pieces[other].notice for other in rest if other != n)
        others = len(rest) - 1 - notices
        free = max(0, MOST_NOTICES - row) + MOST_NOTICES * others
        return ROW * max(0, notices - free)

    def _total(self, order: Sequence[int]) -> int:
        cost, row = 0, 0
        for at, n in enumerate(order):
            row = row + 1 if self.pieces[n].notice else 0
            cost += self._step(order[:at], n, row)
        return cost
