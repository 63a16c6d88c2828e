"""The proof of consecutive days, and silences."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from broadcaster.domain.audit.facts import Aired
from broadcaster.domain.audit.figures import Piece
from broadcaster.domain.planning.plan import longest_run
from broadcaster.domain.rundown import Rundown


@dataclass(frozen=True, slots=True)
class Run:
    """A bulletin's longest run of days on one cluster, beside the days required (Luật 10/2022, article 13.3)."""

    bulletin: str
    node: str
    required: int
    longest: int
    days: tuple[date, ...]


def runs(
    whole: Iterable[tuple[str, str, date]],
    recorded: Iterable[tuple[str, str]],
    rundowns: Iterable[Rundown],
    nodes_of: Callable[[str, date], Iterable[str]],
    pieces: Mapping[str, Piece],
) -> tuple[Run, ...]:
    """The proof of consecutive days, for each bulletin that needs it, on each cluster that was to air it.

    Only whole airings count: an outage breaks the run, and a cluster that was dead all week has a run of none.

    Args:
        whole: bulletin, cluster and day of whole airings.
        recorded: bulletin and cluster of which any row tells.
        rundowns: what was planned.
        nodes_of: the clusters of a zone on a day.
        pieces: the bulletins by code.
    """

    def needs(code: str) -> bool:
        return code in pieces and pieces[code].min_consecutive_days > 0

    found: dict[tuple[str, str], set[date]] = {
        (item.bulletin, node): set()
        for rundown in rundowns
        for item in rundown.items
        if needs(item.bulletin)
        for node in nodes_of(rundown.zone, rundown.day)
    }
    for code, node in recorded:
        if needs(code):
            found.setdefault((code, node), set())
    for code, node, day in whole:
        if needs(code):
            found.setdefault((code, node), set()).add(day)
    return tuple(
        Run(code, node, pieces[code].min_consecutive_days, longest_run(days), tuple(sorted(days)))
        for (code, node), days in sorted(found.items())
    )


def gaps(
    aired: Iterable[Aired], first: date, last: date, group: Collection[str], limit: int = 7
) -> tuple[tuple[date, date], ...]:
    """Spans of more than `limit` days in which no bulletin of the group was heard, as first and last silent day."""
    days = sorted({row.day.toordinal() for row in aired if row.topic in group})
    marks = [first.toordinal() - 1, *days, last.toordinal() + 1]
    return tuple((date.fromordinal(a + 1), date.fromordinal(b - 1)) for a, b in pairwise(marks) if b - a - 1 > limit)
