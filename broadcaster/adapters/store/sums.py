"""The sums of airtime from the rows themselves, over whole columns: for rebuilding, for checking, for parts of months.

It shares no arithmetic with `rollups`, which moves the same sums row by row.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from broadcaster.adapters.store.bulk import day_of, select, stream
from broadcaster.adapters.store.rollups import UNKNOWN, corrections_of
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.rundown import ItemKind

Ints = NDArray[np.int64]
_AIRINGS = "SELECT id, day, kind, bulletin, topic FROM airing WHERE day BETWEEN :first AND :last ORDER BY id"
_PLAYED = """SELECT r.airing, r.node, r.seq, r.played_ms FROM airing a JOIN as_run r ON r.airing = a.id
    WHERE a.day BETWEEN '{first}' AND '{last}' AND a.kind <> '{relay}'"""
_RELAYED = """SELECT r.airing, r.node, r.seq, CASE WHEN r.outcome = '{missed}' THEN 0 ELSE e.planned_ms END
    FROM airing a JOIN as_run r ON r.airing = a.id JOIN ledger_entry e ON e.id = r.entry
    WHERE a.day BETWEEN '{first}' AND '{last}' AND a.kind = '{relay}'"""
_PLANNED = """SELECT r.node, r.seq, e.planned_ms FROM airing a JOIN as_run r ON r.airing = a.id
    JOIN ledger_entry e ON e.id = r.entry WHERE a.kind = :relay AND a.day BETWEEN :first AND :last"""


@dataclass(frozen=True, slots=True)
class Heard:
    """The rows of a span of days that count. Arrays over airings are sorted by number; `at` points into them.

    Args:
        airing: numbers of the span's airings.
        day: the index of each airing's day in `days`.
        days: the span's days that have an airing, in order.
        bulletin: each airing's bulletin.
        topic: its topic.
        counts: whether it is the station's own production.
        at: for each row, the index of its airing.
        node: its node.
        ms: its counted milliseconds, above 0.
    """

    airing: Ints
    day: Ints
    days: list[date]
    bulletin: Ints
    topic: Ints
    counts: NDArray[np.bool_]
    at: Ints
    node: Ints
    ms: Ints

    @classmethod
    def read(cls, connection: Connection, first: date, last: date) -> "Heard":
        """The rows of a span, both days included, as they count."""
        airings = select(connection, _AIRINGS, first=first, last=last)
        days = sorted({day_of(row.day) for row in airings})
        index = {day: n for n, day in enumerate(days)}
        airing = np.array([row.id for row in airings], np.int64)
        rows = _rows(connection, first, last, [row.kind for row in airings])
        rows = _corrected(connection, rows, airings, first, last)
        rows = rows[rows[:, 3] > 0]
        return cls(
            airing=airing,
            day=np.array([index[day_of(row.day)] for row in airings], np.int64),
            days=days,
            bulletin=np.array([row.bulletin for row in airings], np.int64),
            topic=np.array([row.topic for row in airings], np.int64),
            counts=np.array([row.kind == ItemKind.BULLETIN.value for row in airings], np.bool_),
            at=np.searchsorted(airing, rows[:, 0]),
            node=rows[:, 1],
            ms=rows[:, 3],
        )

    def by_airing(self) -> list[tuple[int, ...]]:
        """Airing, what its best cluster heard, the sum, and the number of rows."""
        key, best, total, rows = _groups(self.at, self.ms)
        return _listed(self.airing[key], best, total, rows)

    def by_place(self, place: Callable[[int, date], int]) -> list[tuple[int, ...]]:
        """Place, bulletin, topic, and the sums of its airings there: best, sum, number. By place, bulletin, topic.

        Args:
            place: the number of a node's place on a day.
        """
        own = self.counts[self.at]
        at, node, ms = self.at[own], self.node[own], self.ms[own]
        if not at.size:
            return []
        nodes, node_at = np.unique(node, return_inverse=True)
        table = np.array([[place(int(n), day) for day in self.days] for n in nodes], np.int64)
        where = table[node_at, self.day[at]]
        places, where_at = np.unique(where, return_inverse=True)
        pair, _ = np.unique(self.bulletin * _WIDE + self.topic, return_inverse=True)
        pair_at = np.searchsorted(pair, self.bulletin * _WIDE + self.topic)
        key, best, total, _ = _groups(at * len(places) + where_at, ms)
        airing, spot = key // len(places), key % len(places)
        group = spot * len(pair) + pair_at[airing]
        order = np.argsort(group, kind="stable")
        start = _starts(group[order])
        kept = group[order][start]
        found, pairs = places[kept // len(pair)], pair[kept % len(pair)]
        sums = [np.add.reduceat(values[order], start) for values in (best, total, np.ones_like(best))]
        return _listed(found, pairs // _WIDE, pairs % _WIDE, *sums)


_WIDE = 1 << 31
"""Above every number of a text."""


def _rows(connection: Connection, first: date, last: date, kinds: Iterable[str]) -> Ints:
    """Airing, node, place in the chain and counted milliseconds of every row, as measured."""
    given = {"first": first, "last": last, "relay": ItemKind.RELAY.value, "missed": Outcome.MISSED.value}
    asked = [_PLAYED, _RELAYED] if ItemKind.RELAY.value in kinds else [_PLAYED]
    parts = [
        np.fromiter(chain.from_iterable(portion), np.int64, 4 * len(portion)).reshape(-1, 4)
        for query in asked
        for portion in stream(connection, query.format(**given))
    ]
    return np.concatenate(parts) if parts else np.empty((0, 4), np.int64)


def _corrected(connection: Connection, rows: Ints, airings: Iterable[object], first: date, last: date) -> Ints:
    """The same with what corrections say."""
    said = corrections_of(connection, [row.id for row in airings])  # type: ignore[attr-defined]
    if not said:
        return rows
    relayed = select(connection, _PLANNED, relay=ItemKind.RELAY.value, first=first, last=last)
    planned = {(row.node, row.seq): row.planned_ms for row in relayed}
    order = np.lexsort((rows[:, 2], rows[:, 1]))
    keys = rows[order, 1] * _WIDE + rows[order, 2]
    for (node, seq), (played, outcome) in said.items():
        ms = planned.get((node, seq), -1)
        counted = played if ms < 0 else 0 if outcome == Outcome.MISSED.value else ms
        rows[order[np.searchsorted(keys, node * _WIDE + seq)], 3] = counted
    return rows


def _starts(ordered: Ints) -> Ints:
    """Where each run of equal values begins."""
    return np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if ordered.size else ordered


def _groups(key: Ints, ms: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """The distinct keys in order, and of each the highest, the sum and the number of values."""
    if not key.size:
        return key, ms, ms, ms
    order = np.argsort(key, kind="stable")
    start = _starts(key[order])
    values = ms[order]
    number = np.diff(np.append(start, key.size))
    return key[order][start], np.maximum.reduceat(values, start), np.add.reduceat(values, start), number


def _listed(*columns: Ints) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


__all__ = ["UNKNOWN", "Heard"]
