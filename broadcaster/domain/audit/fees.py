"""Remuneration (nhuận bút): an estimate by unit from the station's own table of rates.

Who is paid, and how much, is the commune's decision: rates are data of the workspace, and a kind without a rate is
counted and has no amount.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from broadcaster.domain.audit.figures import Piece


@dataclass(frozen=True, slots=True)
class Rates:
    """Đồng for a new piece of each kind; `source` says who decided them."""

    by_kind: Mapping[str, int]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Fee:
    """New pieces of one kind by one unit. `rate` and `amount` are đồng; None where the table has no rate."""

    unit: str
    kind: str
    pieces: int
    rate: int | None

    @property
    def amount(self) -> int | None:
        """What they come to."""
        return None if self.rate is None else self.rate * self.pieces


def fees(heard: Collection[str], pieces: Mapping[str, Piece], rates: Rates, first: date, last: date) -> tuple[Fee, ...]:
    """Fees of a period: each piece once, when it was first heard; a repeat earns nothing.

    Args:
        heard: bulletins that were heard in the period.
        pieces: the bulletins by code.
        rates: the station's rates.
        first: the period's first day.
        last: its last day.
    """
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for code in heard:
        piece = pieces[code]
        if piece.first_heard is not None and first <= piece.first_heard <= last:
            counts[piece.unit, piece.kind] += 1
    return tuple(Fee(unit, kind, n, rates.by_kind.get(kind)) for (unit, kind), n in sorted(counts.items()))
