"""Airtime from the sums: what audits ask of the store, how the sums are made anew, and how they are checked."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from broadcaster.adapters.store.bulk import chunks, day_of, insert, select, tuples
from broadcaster.adapters.store.ledger import SqlLedger
from broadcaster.adapters.store.ledger_tables import (
    AirtimeAiringRow,
    AirtimeMonthPlaceRow,
    AirtimeMonthRow,
    PlaceRow,
)
from broadcaster.adapters.store.rollups import AIRING, MONTH_KEY, PLACE_KEY, SUMS, Level, Places, month_of
from broadcaster.adapters.store.terms import Numbers
from broadcaster.domain.asrun import AsRun, Outcome
from broadcaster.domain.audit.facts import Aired, AiredAt, Facts, MonthTotal, PieceHeard, Place
from broadcaster.domain.rundown import ItemKind
from broadcaster.errors import Finding, Severity

_DAY = timedelta(days=1)
_AIRED = """
    SELECT a.day, a.session, a.kind, a.bulletin, a.topic, x.aired_ms, x.cluster_ms, x.heard
    FROM airing a JOIN airtime_airing x ON x.airing = a.id WHERE a.day BETWEEN :first AND :last"""
_MONTHS = """
    SELECT month, thon, topic, aired_ms, cluster_ms, airings FROM airtime_month
    WHERE month BETWEEN :first AND :last ORDER BY month, thon, topic"""
_PLACES = """
    SELECT place, bulletin, topic, CAST(sum(aired_ms) AS bigint) AS aired, CAST(sum(cluster_ms) AS bigint) AS cluster,
        CAST(sum(airings) AS bigint) AS airings
    FROM airtime_month_place WHERE month BETWEEN :first AND :last AND level = :level GROUP BY place, bulletin, topic"""
_UNAIRED = """
    r.airing IN (SELECT id FROM airing WHERE day BETWEEN :first AND :last AND kind = :kind)
    AND (r.outcome <> :aired OR r.airing IN (SELECT airing FROM correction))"""
_WHOLE = """
    SELECT a.bulletin, r.node, r.seq, a.day, r.outcome FROM airing a JOIN as_run r ON r.airing = a.id
    WHERE a.bulletin IN (:bulletins) AND a.day BETWEEN :first AND :last AND a.kind = :kind"""
_RECORDED = """
    SELECT r.node, e.item FROM airing a JOIN as_run r ON r.airing = a.id JOIN ledger_entry e ON e.id = r.entry
    WHERE a.day BETWEEN :first AND :last"""
_FIRST = """
    SELECT a.bulletin, min(a.day) AS day FROM airing a JOIN airtime_airing x ON x.airing = a.id
    WHERE a.bulletin IN (:bulletins) AND a.day <= :last AND a.kind = :kind GROUP BY a.bulletin"""
_MASTER = """
    SELECT a.bulletin, e.master, max(e.planned_start) AS planned FROM airing a
    JOIN airtime_airing x ON x.airing = a.id JOIN ledger_entry e ON e.airing = a.id
    WHERE a.bulletin IN (:bulletins) AND a.day <= :last AND a.kind = :kind GROUP BY a.bulletin, e.master"""
_SUM_TABLES = ("airtime_month", "airtime_month_place", "airtime_airing")


def _month_end(month: int) -> date:
    return date(month // 100, month % 100, monthrange(month // 100, month % 100)[1])


def _whole_months(first: date, last: date) -> tuple[int, int, list[tuple[date, date]]]:
    """The first and the last whole month of a span, and what is left of it; no whole month: first after last."""
    start = first if first.day == 1 else _month_end(month_of(first)) + _DAY if month_of(first) < 999912 else date.max
    end = (
        last if last == _month_end(month_of(last)) else last.replace(day=1) - _DAY if month_of(last) > 101 else date.min
    )
    if start > end:
        return 1, 0, [(first, last)]
    edges = [(first, start - _DAY)] if first < start else []
    return month_of(start), month_of(end), edges + ([(end + _DAY, last)] if end < last else [])


if TYPE_CHECKING:
    from broadcaster.adapters.store.sums import Heard


def _heard(connection: Connection, first: date, last: date) -> "Heard":
    """The rows of a span. NumPy comes with them: a tenth of the console's start, for what few pages ask."""
    from broadcaster.adapters.store.sums import Heard

    return Heard.read(connection, first, last)


class SqlAirtime(SqlLedger):
    """The audit's part of the port `Store`."""

    def keep_places(self, places: Collection[Place]) -> bool:
        """See the port."""
        wanted = sorted(places)
        nodes = {place.node for place in wanted}
        with self._reading() as connection:
            if self._places(connection, nodes) == wanted and not self._unmade(connection):
                return False
        with self._writing() as connection:
            terms = self._terms.ensure(connection, {"", *nodes, *(place.thon for place in wanted)})
            for some in chunks(sorted(nodes)):
                numbers = ", ".join(str(terms[node]) for node in some)
                connection.exec_driver_sql(f"DELETE FROM airtime_place WHERE node IN ({numbers})")  # noqa: S608 - numbers
            rows = [(terms[p.node], p.first.isoformat(), p.last.isoformat(), terms[p.thon]) for p in wanted]
            insert(connection, PlaceRow, ("node", "first", "last", "thon"), rows)
            self._rebuild(connection, lambda *_: None)
        self._terms.remember(Numbers(terms))
        return True

    def places(self) -> Sequence[Place]:
        """See the port."""
        with self._reading() as connection:
            return self._places(connection)

    def _places(self, connection: Connection, nodes: Collection[str] | None = None) -> list[Place]:
        found = select(connection, "SELECT node, first, last, thon FROM airtime_place")
        text = self._terms.texts(connection, [n for row in found for n in (row.node, row.thon)])
        kept = sorted(Place(text(r.node), day_of(r.first), day_of(r.last), text(r.thon)) for r in found)
        return kept if nodes is None else [place for place in kept if place.node in nodes]

    def _unmade(self, connection: Connection) -> bool:
        """Whether there are rows and no sums at all, as after a migration."""
        made = select(connection, "SELECT 1 FROM airtime_airing LIMIT 1")
        heard = made or select(connection, "SELECT 1 FROM as_run WHERE played_ms > 0 LIMIT 1")
        return bool(heard) and not made

    # Asking

    def facts(self, first: date, last: date, proof: Collection[str]) -> Facts:
        """See the port."""
        with self._reading() as connection:
            corrected = self._corrected(connection, first, last)
            said = {(c.row.node, c.row.seq): c for c in corrected}
            whole, tried = self._proof(connection, first, last, proof, said)
            return Facts(
                aired=self._aired(connection, first, last),
                at_thon=self._aired_at(connection, Level.THON, first, last),
                at_node=self._aired_at(connection, Level.NODE, first, last),
                unaired=self._unaired(connection, first, last, said),
                whole=whole,
                tried=tried,
                recorded=self._recorded(connection, first, last),
                corrected=corrected,
            )

    def aired(self, first: date, last: date) -> Sequence[Aired]:
        """See the port."""
        with self._reading() as connection:
            return self._aired(connection, first, last)

    def _aired(self, connection: Connection, first: date, last: date) -> list[Aired]:
        found = select(connection, _AIRED, first=first, last=last)
        text = self._terms.texts(connection, [n for row in found for n in row[1:5:2] + row[4:5]])
        return sorted(
            Aired(day_of(r[0]), text(r[1]), ItemKind(r[2]), text(r[3]), text(r[4]), r[5], r[6], r[7]) for r in found
        )

    def recorded_bulletins(self, first: date, last: date) -> Collection[str]:
        """See the port."""
        query = "SELECT DISTINCT bulletin FROM airing WHERE day BETWEEN :first AND :last AND kind = :kind"
        with self._reading() as connection:
            found = select(connection, query, first=first, last=last, kind=ItemKind.BULLETIN.value)
            text = self._terms.texts(connection, [row.bulletin for row in found])
            return {text(row.bulletin) for row in found}

    def aired_at_thon(self, first: date, last: date, thon_of: Mapping[str, str]) -> Sequence[AiredAt]:
        """See the port."""
        with self._reading() as connection:
            names = ["", *thon_of.values()]
            number_of = {name: -2 - n for n, name in enumerate(names)}  # no text of ours need be in the database
            nodes = self._terms.numbers(connection, thon_of.keys())
            at = {nodes[node]: number_of[thon] for node, thon in thon_of.items() if node in nodes}
            rows = _heard(connection, first, last).by_place(lambda node, _: at.get(node, number_of[""]))
            text = self._terms.texts(connection, [n for row in rows for n in row[1:3]])
            back = {number: name for name, number in number_of.items()}
            return sorted(AiredAt(back[r[0]], text(r[1]), text(r[2]), *r[3:]) for r in rows)

    def _aired_at(self, connection: Connection, level: Level, first: date, last: date) -> list[AiredAt]:
        """Whole months from their sums, the rest from the rows."""
        low, high, edges = _whole_months(first, last)
        sums: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
        for row in select(connection, _PLACES, first=low, last=high, level=int(level)) if low <= high else ():
            sums[tuple(row[:3])] = list(row[3:])
        places = Places.read(connection)
        of: Callable[[int, date], int] = places.thon if level is Level.THON else lambda node, _: node
        for edge in edges:
            for row in _heard(connection, *edge).by_place(of):
                total = sums[row[:3]]
                for n, value in enumerate(row[3:]):
                    total[n] += value
        known = {n for key in sums for n in key if n >= 0}
        text = self._terms.texts(connection, known)
        return sorted(AiredAt(text(k[0]) if k[0] >= 0 else "", text(k[1]), text(k[2]), *v) for k, v in sums.items())

    def month_totals(self, first: int, last: int) -> Sequence[MonthTotal]:
        """See the port."""
        with self._reading() as connection:
            found = tuples(connection, _MONTHS, first=first, last=last)
            text = self._terms.known(connection, {row[1] for row in found} | {row[2] for row in found})
            return [MonthTotal(m, text[thon], text[topic], a, c, n) for m, thon, topic, a, c, n in found]

    def _unaired(
        self, connection: Connection, first: date, last: date, said: Mapping[tuple[str, int], Any]
    ) -> list[AsRun]:
        given = {"first": first, "last": last, "kind": ItemKind.BULLETIN.value, "aired": Outcome.AIRED.value}
        rows = self._rows(connection, _UNAIRED, **given)
        counted = [said[row.node, row.seq].effective if (row.node, row.seq) in said else row for row in rows]
        return [row for row in counted if row.outcome is not Outcome.AIRED]

    def _proof(
        self,
        connection: Connection,
        first: date,
        last: date,
        bulletins: Collection[str],
        said: Mapping[tuple[str, int], Any],
    ) -> tuple[set[tuple[str, str, date]], set[tuple[str, str]]]:
        numbers = list(self._terms.numbers(connection, bulletins).values())
        given = {"bulletins": numbers, "first": first, "last": last, "kind": ItemKind.BULLETIN.value}
        found = select(connection, _WHOLE, **given) if numbers else []
        text = self._terms.texts(connection, {n for row in found for n in (row.bulletin, row.node)})
        whole, tried = set(), set()
        for row in found:
            node = text(row.node)
            tried.add((text(row.bulletin), node))
            correction = said.get((node, row.seq))
            outcome = correction.effective.outcome if correction else Outcome(row.outcome)
            if outcome is Outcome.AIRED:
                whole.add((text(row.bulletin), node, day_of(row.day)))
        return whole, tried

    def _recorded(self, connection: Connection, first: date, last: date) -> set[tuple[str, str]]:
        found = select(connection, _RECORDED, first=first, last=last)
        text = self._terms.texts(connection, {row.node for row in found})
        return {(text(row.node), row.item) for row in found}

    def heard_before(self, bulletins: Collection[str], last: date) -> Mapping[str, PieceHeard]:
        """See the port."""
        with self._reading() as connection:
            numbers = self._terms.numbers(connection, bulletins)
            firsts: dict[int, date] = {}
            masters: dict[int, list[tuple[int, int]]] = defaultdict(list)
            for some in chunks(numbers.values()):
                given = {"bulletins": some, "last": last, "kind": ItemKind.BULLETIN.value}
                firsts |= {row.bulletin: day_of(row.day) for row in select(connection, _FIRST, **given)}
                for row in select(connection, _MASTER, **given):
                    masters[row.bulletin].append((row.planned, row.master))
            text = self._terms.texts(connection, {master for found in masters.values() for _, master in found})
            last_of = {n: max((at, text(master)) for at, master in found)[1] for n, found in masters.items()}
            return {name: PieceHeard(firsts[n], last_of[n]) for name, n in numbers.items() if n in firsts}

    # Making and checking

    def rebuild_airtime(self, progress: Callable[[int, int, str], None] | None = None) -> None:
        """See the port."""
        with self._writing() as connection:
            terms = self._terms.ensure(connection, {""})
            self._rebuild(connection, progress or (lambda *_: None))
        self._terms.remember(Numbers(terms))

    def _months(self, connection: Connection) -> list[int]:
        return sorted({month_of(day_of(row.day)) for row in select(connection, "SELECT DISTINCT day FROM airing")})

    def _rebuild(self, connection: Connection, progress: Callable[[int, int, str], None]) -> None:
        for table in _SUM_TABLES:
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - our own names
        places = Places.read(connection)
        months = self._months(connection)
        for number, month in enumerate(months, 1):
            made = _sums_of(connection, month, places)
            insert(connection, AirtimeAiringRow, AIRING, made["airtime_airing"])
            insert(connection, AirtimeMonthPlaceRow, (*PLACE_KEY, *SUMS), made["airtime_month_place"])
            insert(connection, AirtimeMonthRow, (*MONTH_KEY, *SUMS), made["airtime_month"])
            progress(number, len(months), f"{month % 100:02d}/{month // 100}")

    def check_airtime(self, progress: Callable[[int, int, str], None] | None = None) -> Sequence[Finding]:
        """See the port."""
        findings: list[Finding] = []
        with self._reading() as connection:
            places = Places.read(connection)
            kept_months = select(connection, "SELECT DISTINCT month FROM airtime_month_place")
            months = sorted({*self._months(connection), *(row.month for row in kept_months)})
            for number, month in enumerate(months, 1):
                made = _sums_of(connection, month, places)
                for table, kept in _kept(connection, month):
                    wrong = len(set(kept) ^ set(made[table]))
                    if wrong or len(kept) != len(made[table]):
                        facts = {"table": table, "month": f"{month % 100:02d}/{month // 100}", "count": wrong}
                        findings.append(Finding("ledger.rollup", Severity.ERROR, facts=facts))
                if progress:
                    progress(number, len(months), f"{month % 100:02d}/{month // 100}")
        return findings


def _sums_of(connection: Connection, month: int, places: Places) -> dict[str, list[tuple[int, ...]]]:
    """The rows of every table of sums for one month, made from the ledger."""
    heard = _heard(connection, date(month // 100, month % 100, 1), _month_end(month))
    thons = heard.by_place(places.thon)
    nodes = heard.by_place(lambda node, _: node)
    topics: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for thon, _, topic, *sums in thons:
        total = topics[thon, topic]
        for n, value in enumerate(sums):
            total[n] += value
    return {
        "airtime_airing": heard.by_airing(),
        "airtime_month_place": [
            (month, int(level), *row) for level, rows in ((Level.THON, thons), (Level.NODE, nodes)) for row in rows
        ],
        "airtime_month": [(month, *key, *total) for key, total in sorted(topics.items())],
    }


def _kept(connection: Connection, month: int) -> Iterator[tuple[str, list[tuple[int, ...]]]]:
    """The rows of every table of sums for one month, as they stand."""
    span = {"first": date(month // 100, month % 100, 1), "last": _month_end(month)}
    airings = """SELECT x.airing, x.aired_ms, x.cluster_ms, x.heard FROM airing a
        JOIN airtime_airing x ON x.airing = a.id WHERE a.day BETWEEN :first AND :last"""
    yield "airtime_airing", _plain(select(connection, airings, **span))
    for table, key in (("airtime_month_place", PLACE_KEY), ("airtime_month", MONTH_KEY)):
        query = f"SELECT {', '.join((*key, *SUMS))} FROM {table} WHERE month = :month"  # noqa: S608 - our own names
        yield table, _plain(select(connection, query, month=month))


def _plain(rows: Iterable[Any]) -> list[tuple[int, ...]]:
    return [tuple(row) for row in rows]
