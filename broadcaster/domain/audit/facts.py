"""What the audit is made of: measured rows put together as far as the counting rule allows.

A store keeps these sums beside its rows; `facts_of` makes the same ones of rows alone.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from broadcaster.domain.asrun import AsRun, Outcome
from broadcaster.domain.correction import Corrected
from broadcaster.domain.rundown import ItemKind


class Aired(NamedTuple):
    """One item of a session on a day over all clusters: what the best one heard, the sum, how many rows tell of it.

    `bulletin` and `topic` are empty for what is no bulletin.
    """

    day: date
    session: str
    kind: ItemKind
    bulletin: str
    topic: str
    aired_ms: int
    cluster_ms: int
    heard: int


class AiredAt(NamedTuple):
    """A bulletin at a place, a cluster or a thôn, in a period: each airing as long as it was heard best there."""

    place: str
    bulletin: str
    topic: str
    aired_ms: int
    cluster_ms: int
    airings: int


class MonthTotal(NamedTuple):
    """A topic in a thôn in a month; `month` is its year times a hundred and its number, as in 202611."""

    month: int
    thon: str
    topic: str
    aired_ms: int
    cluster_ms: int
    airings: int


class Place(NamedTuple):
    """The thôn that a cluster stands in, from one day to another, both included."""

    node: str
    first: date
    last: date
    thon: str


class PieceHeard(NamedTuple):
    """When a bulletin was first heard, and the master of the last time."""

    first: date
    master: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The sums of a period.

    Args:
        aired: every item of which something was heard.
        at_thon: bulletins by thôn, each row in the thôn in which its cluster stood on the day.
        at_node: bulletins by cluster.
        unaired: rows of bulletins that were not aired whole, as they count.
        whole: bulletin, cluster and day of whole airings, of the bulletins that need a proof.
        tried: bulletin and cluster of any row of such a bulletin.
        recorded: node and item of every row.
        corrected: rows that were corrected, with the corrections that count.
        at_thon_today: bulletins by thôn as the tree is today; empty where no thôn was ever merged or renamed.
    """

    aired: Collection[Aired]
    at_thon: Collection[AiredAt]
    at_node: Collection[AiredAt]
    unaired: Collection[AsRun]
    whole: Collection[tuple[str, str, date]]
    tried: Collection[tuple[str, str]]
    recorded: Collection[tuple[str, str]]
    corrected: Collection[Corrected] = field(default=())
    at_thon_today: Collection[AiredAt] = field(default=())


def effective(rows: Iterable[AsRun], corrected: Iterable[Corrected]) -> list[AsRun]:
    """Rows as they count."""
    by_place = {(c.row.node, c.row.seq): c.effective for c in corrected}
    return [by_place.get((row.node, row.seq), row) for row in rows]


def aired_of(rows: Iterable[AsRun]) -> list[Aired]:
    """The items that were heard, by day, session, kind, bulletin and topic."""
    heard: dict[tuple[date, str, ItemKind, str, str], list[int]] = defaultdict(list)
    for row in rows:
        if row.counted_ms > 0:
            heard[row.day, row.session, row.kind, row.bulletin, row.topic].append(row.counted_ms)
    return [Aired(*key, max(times), sum(times), len(times)) for key, times in sorted(heard.items())]


def aired_at(rows: Iterable[AsRun], place: Callable[[AsRun], str]) -> list[AiredAt]:
    """The bulletins that were heard at each place."""
    heard: dict[tuple[str, date, str, str, str], list[int]] = defaultdict(list)
    for row in rows:
        if row.kind is ItemKind.BULLETIN and row.played_ms > 0:
            heard[place(row), row.day, row.session, row.bulletin, row.topic].append(row.played_ms)
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for (name, _, _, bulletin, topic), times in heard.items():
        total = sums[name, bulletin, topic]
        total[0] += max(times)
        total[1] += sum(times)
        total[2] += 1
    return [AiredAt(*key, *total) for key, total in sorted(sums.items())]


def facts_of(
    rows: Collection[AsRun],
    thon_of: Callable[[str, date], str],
    proof: Collection[str],
    corrected: Collection[Corrected] = (),
) -> Facts:
    """The facts of a period from all its rows, as measured.

    Args:
        rows: every row of the period.
        thon_of: the thôn of a node on a day.
        proof: bulletins that must be aired on consecutive days.
        corrected: the corrections that count, with their rows.
    """
    counted = effective(rows, corrected)
    bulletins = [row for row in counted if row.kind is ItemKind.BULLETIN]
    return Facts(
        aired=aired_of(counted),
        at_thon=aired_at(counted, lambda row: thon_of(row.node, row.day)),
        at_node=aired_at(counted, lambda row: row.node),
        unaired=[row for row in bulletins if row.outcome is not Outcome.AIRED],
        whole={
            (row.bulletin, row.node, row.day)
            for row in bulletins
            if row.outcome is Outcome.AIRED and row.bulletin in proof
        },
        tried={(row.bulletin, row.node) for row in bulletins if row.bulletin in proof},
        recorded={(row.node, row.item) for row in rows},
        corrected=corrected,
    )


def thon_lookup(places: Iterable[Place]) -> Callable[[str, date], str]:
    """The thôn of a node on a day, empty where none is known."""
    of: Mapping[str, list[Place]] = defaultdict(list)
    for place in places:
        of[place.node].append(place)
    return lambda node, day: next((p.thon for p in of.get(node, ()) if p.first <= day <= p.last), "")
