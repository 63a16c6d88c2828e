"""The sums of airtime, moved with every row and correction in the same transaction.

A row moves three sums: of its airing over all clusters, of its bulletin at its cluster and in its thôn in that month,
and of its topic in the thôn in that month. An airing is as long as it was heard best, so that what a row adds depends
on the rows of the same airing that are there already; they lie side by side.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection

from broadcaster.adapters.store.bulk import adding, day_of, insert, replacing, select, tuples
from broadcaster.adapters.store.ledger_tables import AirtimeAiringRow, AirtimeMonthPlaceRow, AirtimeMonthRow
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.rundown import ItemKind

SUMS = ("aired_ms", "cluster_ms", "airings")
PLACE_KEY = ("month", "level", "place", "bulletin", "topic")
MONTH_KEY = ("month", "thon", "topic")
AIRING = ("airing", "aired_ms", "cluster_ms", "heard")
UNKNOWN = -1
"""A thôn that is not known, in memory: the empty text has no number before somebody asks for it."""


class Level(IntEnum):
    """What a place is."""

    THON = 0
    NODE = 1


_THON, _NODE = int(Level.THON), int(Level.NODE)


class Addition(NamedTuple):
    """A new row of one node that counts."""

    airing: int
    day: date
    kind: ItemKind
    bulletin: int
    topic: int
    ms: int


def month_of(day: date) -> int:
    """The number of a day's month, as 202611."""
    return day.year * 100 + day.month


class Places:
    """The thôn of every cluster on every day."""

    def __init__(self, rows: Iterable[tuple[int, date, date, int]], nowhere: int) -> None:
        self._of: dict[int, list[tuple[date, date, int]]] = defaultdict(list)
        for node, first, last, thon in rows:
            self._of[node].append((first, last, thon))
        self.nowhere = nowhere

    @classmethod
    def read(cls, connection: Connection) -> "Places":
        """As the store keeps them."""
        found = select(connection, "SELECT node, first, last, thon FROM airtime_place ORDER BY node, first")
        empty = select(connection, "SELECT id FROM ledger_term WHERE text = ''")
        rows = [(row.node, day_of(row.first), day_of(row.last), row.thon) for row in found]
        return cls(rows, empty[0].id if empty else UNKNOWN)

    def thon(self, node: int, day: date) -> int:
        """The thôn of a node on a day."""
        return next((thon for first, last, thon in self._of.get(node, ()) if first <= day <= last), self.nowhere)

    def mates(self, node: int, days: Iterable[date]) -> set[int] | None:
        """The nodes that may share a thôn with a node on these days, itself included; None for any node."""
        thons = {self.thon(node, day) for day in days}
        if self.nowhere in thons:
            return None
        return {node} | {other for other, spans in self._of.items() if any(thon in thons for *_, thon in spans)}


Sums = dict[tuple[int, ...], list[int]]


def _sums() -> Sums:
    return defaultdict(lambda: [0, 0, 0])


def _raise(sums: list[int], best: int, total: int, number: int) -> None:
    sums[0] += best
    sums[1] += total
    sums[2] += number


@dataclass(slots=True)
class Move:
    """Changes of sums that wait to be written: airings heard more, airings counted anew, additions to places."""

    heard: dict[int, list[int]] = field(default_factory=dict)
    airings: dict[int, list[int]] = field(default_factory=dict)
    places: Sums = field(default_factory=_sums)

    def months(self) -> Sums:
        """The additions of the thôn by topic."""
        months = _sums()
        for (month, level, place, _, topic), change in self.places.items():
            if level == Level.THON:
                _raise(months[month, place, topic], *change)
        return months

    def write(self, connection: Connection) -> None:
        """Write them; sums of nothing are taken away, as a rebuild would not make them."""
        louder = adding("airtime_airing", AIRING[:1], AIRING[2:], AIRING[1:2], connection.dialect.name)
        for airings, clause in ((self.heard, louder), (self.airings, replacing(AIRING[:1], AIRING[1:]))):
            rows = [(number, *values) for number, values in airings.items()]
            insert(connection, AirtimeAiringRow, AIRING, rows, clause)
        for row, key, sums in (
            (AirtimeMonthPlaceRow, PLACE_KEY, self.places),
            (AirtimeMonthRow, MONTH_KEY, self.months()),
        ):
            name = str(row.__tablename__)
            moved = [(*k, *v) for k, v in sorted(sums.items()) if any(v)]
            insert(connection, row, (*key, *SUMS), moved, adding(name, key, SUMS))
        if any(values[2] == 0 for values in self.airings.values()):
            connection.exec_driver_sql("DELETE FROM airtime_airing WHERE heard = 0")
        fewer = sorted({str(key[0]) for key, total in self.places.items() if total[2] < 0})
        for name in ("airtime_month_place", "airtime_month") if fewer else ():
            query = f"DELETE FROM {name} WHERE airings = 0 AND month IN ({', '.join(fewer)})"  # noqa: S608 - our own
            connection.exec_driver_sql(query)


def prepare(connection: Connection, node: int, additions: Sequence[Addition]) -> Move:
    """The move that new rows of a node make; asked for before they are inserted."""
    move = Move()
    if not additions:
        return move
    numbers = sorted({row.airing for row in additions})
    places = Places.read(connection)
    days = {row.airing: row.day for row in additions}
    mates = places.mates(node, set(days.values()))
    thons = {day: places.thon(node, day) for day in set(days.values())}
    at: dict[tuple[int, date], int] = {}
    best_of_node: dict[int, int] = {}
    best_of_thon: dict[int, int] = {}
    for airing, other, ms in _before(connection, numbers, mates):
        day = days[airing]
        if other == node:
            best_of_node[airing] = max(best_of_node.get(airing, 0), ms)
        thon = at.get((other, day))
        if thon is None:
            thon = at[other, day] = places.thon(other, day)
        if thon == thons[day] and ms > best_of_thon.get(airing, 0):
            best_of_thon[airing] = ms
    months = {day: month_of(day) for day in thons}
    for airing, day, kind, bulletin, topic, ms in additions:
        heard = move.heard.get(airing)
        if heard is None:
            move.heard[airing] = [ms, ms, 1]
        else:
            move.heard[airing] = [max(heard[0], ms), heard[1] + ms, heard[2] + 1]
        if kind is not ItemKind.BULLETIN:
            continue
        for level, place, best_of in ((_THON, thons[day], best_of_thon), (_NODE, node, best_of_node)):
            best = best_of.get(airing, 0)
            if ms > best:
                best_of[airing] = ms
            _raise(move.places[months[day], level, place, bulletin, topic], max(ms - best, 0), ms, int(best == 0))
    return move


def _before(connection: Connection, airings: list[int], nodes: set[int] | None) -> list[tuple[int, int, int]]:
    """Airing, node and milliseconds of the rows that count and are there; of these nodes only, if given."""
    query = "SELECT airing, node, seq, played_ms FROM as_run WHERE airing IN (:ids)"
    given: dict[str, Any] = {"ids": airings}
    if nodes is not None:
        query += " AND node IN (:nodes)"
        given["nodes"] = sorted(nodes)
    rows = tuples(connection, query, **given)
    said = corrections_of(connection, airings)
    if said:
        rows = [(airing, node, seq, said.get((node, seq), (ms, ""))[0]) for airing, node, seq, ms in rows]
    return [(airing, node, ms) for airing, node, _, ms in rows if ms > 0]


def corrections_of(connection: Connection, airings: Sequence[int]) -> Mapping[tuple[int, int], tuple[int, str]]:
    """What corrections say of rows of these airings: milliseconds and outcome, by node and place."""
    if not select(connection, "SELECT 1 FROM correction LIMIT 1"):
        return {}
    query = "SELECT node, target, played_ms, outcome FROM correction WHERE airing IN (:ids) ORDER BY number"
    return {(r.node, r.target): (r.played_ms, r.outcome) for r in select(connection, query, ids=airings)}


def counted(connection: Connection, airing: int) -> list[tuple[int, int]]:
    """Node and milliseconds of every row of an airing, as it counts now."""
    query = """SELECT r.node, r.seq, r.played_ms, r.outcome, e.planned_ms, a.kind FROM as_run r
        JOIN ledger_entry e ON e.id = r.entry JOIN airing a ON a.id = r.airing WHERE r.airing = :airing"""
    said = corrections_of(connection, [airing])
    found = []
    for row in select(connection, query, airing=airing):
        played, outcome = said.get((row.node, row.seq), (row.played_ms, row.outcome))
        if row.kind == ItemKind.RELAY.value:
            played = 0 if outcome == Outcome.MISSED.value else row.planned_ms
        found.append((row.node, played))
    return [(node, ms) for node, ms in found if ms > 0]


def recount(connection: Connection, airing: int, before: Sequence[tuple[int, int]]) -> None:
    """Move the sums of an airing whose rows counted as `before` and count otherwise now."""
    after = counted(connection, airing)
    places = Places.read(connection)
    of = select(connection, "SELECT day, kind, bulletin, topic FROM airing WHERE id = :airing", airing=airing)[0]
    day = day_of(of.day)
    times = [ms for _, ms in after]
    move = Move(airings={airing: [max(times, default=0), sum(times), len(times)]})
    if of.kind == ItemKind.BULLETIN.value:
        for level in Level:
            old, new = (_by_place(rows, level, places, day) for rows in (before, after))
            for place in sorted({*old, *new}):
                change = [b - a for a, b in zip(old.get(place, (0, 0, 0)), new.get(place, (0, 0, 0)), strict=True)]
                _raise(move.places[month_of(day), level, place, of.bulletin, of.topic], *change)
    move.write(connection)


def _by_place(
    rows: Iterable[tuple[int, int]], level: Level, places: Places, day: date
) -> dict[int, tuple[int, int, int]]:
    times: dict[int, list[int]] = defaultdict(list)
    for node, ms in rows:
        times[node if level is Level.NODE else places.thon(node, day)].append(ms)
    return {place: (max(found), sum(found), 1) for place, found in times.items()}
