"""The as-run ledger on SQLite or PostgreSQL: rows in, rows out, corrections; the sums of airtime move with them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from broadcaster.adapters.store import rollups
from broadcaster.adapters.store.base import SqlBase
from broadcaster.adapters.store.bulk import chunks, day_of, insert, select
from broadcaster.adapters.store.columns import from_micros, to_micros
from broadcaster.adapters.store.guard import fresh, one_node
from broadcaster.adapters.store.ledger_tables import AsRunRow, CorrectionRow
from broadcaster.adapters.store.rows import undamaged
from broadcaster.adapters.store.terms import Numbers, airing_numbers, entry_numbers, texts_of
from broadcaster.domain.asrun import GENESIS, AsRun, Cause, Outcome, seal
from broadcaster.domain.correction import Corrected, Correction
from broadcaster.domain.receipt import Received, sort_out
from broadcaster.domain.rundown import ItemKind
from broadcaster.errors import StoreError
from broadcaster.units import Milliseconds, Sha256, as_utc

_NAMES = (
    "airing", "node", "seq", "entry", "started_at", "ended_at", "played_ms", "outcome", "cause", "level", "hash",
)  # fmt: skip
_ROWS = """
    SELECT r.node, r.seq, e.item, e.rundown, a.day, a.session, a.kind, a.bulletin, a.topic, e.master, e.planned_start,
        e.planned_ms, r.started_at, r.ended_at, r.played_ms, r.outcome, r.cause, r.level, r.hash
    FROM as_run r JOIN ledger_entry e ON e.id = r.entry JOIN airing a ON a.id = r.airing WHERE {condition}"""
_SPAN = """
    r.airing IN (SELECT airing FROM ledger_entry WHERE planned_start >= :first AND planned_start < :last)
    AND e.planned_start >= :first AND e.planned_start < :last"""
_ITEMS = """
    SELECT e.item FROM ledger_entry e CROSS JOIN as_run r
    WHERE r.airing = e.airing AND r.node = :node AND r.entry = e.id AND """
"""In this order: SQLite by itself would walk through all rows of the node."""
_CORRECTIONS = """
    SELECT number, node, target, row_hash, played_ms, outcome, cause, reason, person, at, previous, hash
    FROM correction ORDER BY number"""
_INTEGERS = range(-(2**63), 2**63)


class SqlLedger(SqlBase):
    """The ledger's part of the port `Store`."""

    def append_as_run(self, rows: Sequence[AsRun]) -> int:
        """See the port."""
        node = one_node(rows)
        with self._writing() as connection:
            number = self._terms.numbers(connection, [node]).get(node, 0)
            known = _known_items(connection, number, [row.item for row in rows])
            new = fresh(rows, known)
            if not new:
                return 0
            seq, previous = _head(connection, number)
            added = self._add(connection, seal(new, seq, previous))
        self._terms.remember(added)
        return len(new)

    def receive_as_run(self, rows: Sequence[AsRun]) -> Received:
        """See the port."""
        node = one_node(rows)
        given = sorted(rows, key=lambda row: row.seq)
        try:
            return self._receive(node, given, doubtful=False)
        except StoreError as error:
            if error.code != "store.append_only":
                raise
        # The guard has met an item that the node has a row for. Nothing was kept; now it is found out which one.
        return self._receive(node, given, doubtful=True)

    def _receive(self, node: str, given: Sequence[AsRun], *, doubtful: bool) -> Received:
        """Rows of one node, by place. Unless `doubtful`, items are not looked up: that an item comes twice is rare."""
        with self._writing() as connection:
            number = self._terms.numbers(connection, [node]).get(node, 0)
            head = _head(connection, number)
            there: dict[int, Sha256] = {}
            known: set[str] = set()
            if given and number:
                query = "SELECT seq, hash FROM as_run WHERE node = :node AND seq BETWEEN :low AND :high"
                # Places beyond any chain are refused by `sort_out`; a database cannot even be asked for them.
                low, high = (min(max(row.seq, 0), head[0] + 1) for row in (given[0], given[-1]))
                found = select(connection, query, node=number, low=low, high=high)
                there = {row.seq: Sha256(bytes(row.hash).hex()) for row in found}
                if doubtful:
                    known = _known_items(connection, number, [row.item for row in given if row.seq not in there])
            new, received = sort_out(given, head, there, known)
            added = self._add(connection, new) if new else Numbers()
        self._terms.remember(added)
        return received

    def _add(self, connection: Connection, rows: Sequence[AsRun]) -> Numbers:
        """Insert sealed rows of one node that are new, and move the sums; the numbers to remember once committed."""
        terms = self._terms.ensure(connection, texts_of(rows) | {""})
        airings, airing_of = airing_numbers(connection, rows, terms, self._terms.airings)
        entries, entry_of = entry_numbers(connection, rows, airings, terms, self._terms.entries)
        node = terms[rows[0].node]
        additions = [
            rollups.Addition(airing, row.day, row.kind, terms[row.bulletin], terms[row.topic], ms)
            for row, airing in zip(rows, airings, strict=True)
            if (ms := row.counted_ms) > 0
        ]
        move = rollups.prepare(connection, node, additions)
        values = [
            (
                airing,
                node,
                row.seq,
                entry,
                None if row.started_at is None else to_micros(row.started_at),
                None if row.ended_at is None else to_micros(row.ended_at),
                row.played_ms,
                row.outcome.value,
                row.cause.value,
                row.level,
                bytes.fromhex(row.hash),
            )
            for row, airing, entry in zip(rows, airings, entries, strict=True)
        ]
        insert(connection, AsRunRow, _NAMES, values)
        move.write(connection)
        return Numbers(terms, airing_of, entry_of)

    def as_run(self, first: datetime, last: datetime, node: str = "") -> Sequence[AsRun]:
        """See the port."""
        given: dict[str, Any] = {"first": to_micros(first), "last": to_micros(last)}
        with self._reading() as connection:
            condition = _SPAN
            if node:
                condition += " AND r.node = :node"
                given["node"] = self._terms.numbers(connection, [node]).get(node, 0)
            return self._rows(connection, condition, **given)

    def chain(self, node: str) -> Sequence[AsRun]:
        """See the port."""
        with self._reading() as connection:
            number = self._terms.numbers(connection, [node]).get(node, 0)
            return self._rows(connection, "r.node = :node", node=number)

    def _rows(self, connection: Connection, condition: str, **given: Any) -> list[AsRun]:
        """Rows of the ledger, by node and place."""
        found = select(connection, _ROWS.format(condition=condition), **given)
        numbers = {n for r in found for n in (r.node, r.rundown, r.session, r.bulletin, r.topic, r.master)}
        text = self._terms.texts(connection, numbers)
        # Sorted here, by code point: a PostgreSQL database may sort names after its own collation.
        ordered = sorted(found, key=lambda row: (text(row.node), row.seq))
        hashes = self._before(connection, ordered)
        rows = []
        for n, row in enumerate(ordered):
            with undamaged("as_run", f"{text(row.node)}/{row.seq}"):
                rows.append(_as_run(row, text, hashes[n]))
        return rows

    def _before(self, connection: Connection, rows: Sequence[Any]) -> list[Sha256]:
        """The hash of the row before each of these, which are sorted by node and place."""
        own = {(row.node, row.seq): row.hash for row in rows}
        asked: dict[int, list[int]] = {}
        for row in rows:
            if row.seq > 1 and (row.node, row.seq - 1) not in own:
                asked.setdefault(row.node, []).append(row.seq - 1)
        query = "SELECT seq, hash FROM as_run WHERE node = :node AND seq IN (:seqs)"
        for node, places in asked.items():
            for some in chunks(places):
                own.update(((node, row.seq), row.hash) for row in select(connection, query, node=node, seqs=some))
        before = (own.get((row.node, row.seq - 1)) for row in rows)
        return [GENESIS if hash_ is None else Sha256(bytes(hash_).hex()) for hash_ in before]

    def rows_after(self, node: str, seq: int) -> Sequence[AsRun]:
        """See the port."""
        with self._reading() as connection:
            number = self._terms.numbers(connection, [node]).get(node, 0)
            return self._rows(connection, "r.node = :node AND r.seq > :seq", node=number, seq=seq)

    def heads(self) -> Mapping[str, int]:
        """See the port."""
        with self._reading() as connection:
            found = _nodes(connection)
            text = self._terms.texts(connection, found)
            return {text(node): _head(connection, node)[0] for node in found}

    def nodes(self) -> Sequence[str]:
        """See the port."""
        with self._reading() as connection:
            found = _nodes(connection)
            return sorted(map(self._terms.texts(connection, found), found))

    def aired_items(self, node: str, first: datetime, last: datetime) -> frozenset[str]:
        """See the port."""
        with self._reading() as connection:
            number = self._terms.numbers(connection, [node]).get(node, 0)
            query = _ITEMS + "e.planned_start >= :first AND e.planned_start < :last"
            given = {"node": number, "first": to_micros(first), "last": to_micros(last)}
            return frozenset(row.item for row in select(connection, query, **given))

    # Corrections

    def correct(self, correction: Correction) -> Correction:
        """See the port."""
        correction_at = as_utc(correction.at)
        row_of = "SELECT airing, hash FROM as_run WHERE node = :node AND seq = :seq"
        last = "SELECT number, hash FROM correction ORDER BY number DESC LIMIT 1"
        with self._writing() as connection:
            node = self._terms.numbers(connection, [correction.node]).get(correction.node, 0)
            target = correction.target if correction.target in _INTEGERS else 0
            found = select(connection, row_of, node=node, seq=target)
            if not found or bytes(found[0].hash).hex() != correction.row:
                raise StoreError("store.no_row", node=correction.node, seq=correction.target)
            before = select(connection, last)
            number, previous = (before[0].number, Sha256(before[0].hash)) if before else (0, GENESIS)
            done = correction.sealed(number + 1, previous)
            airing = found[0].airing
            old = rollups.counted(connection, airing)
            names = (
                "number", "airing", "node", "target", "row_hash", "played_ms", "outcome", "cause", "reason", "person",
                "at", "previous", "hash",
            )  # fmt: skip
            said = (done.played_ms, done.outcome.value, done.cause.value, done.reason, done.by)
            values = (done.number, airing, node, target, done.row, *said, to_micros(correction_at), done.previous)
            insert(connection, CorrectionRow, names, [(*values, done.hash)])
            rollups.recount(connection, airing, old)
        return done

    def corrections(self) -> Sequence[Correction]:
        """See the port."""
        with self._reading() as connection:
            return self._corrections(connection)

    def _corrections(self, connection: Connection) -> list[Correction]:
        found = select(connection, _CORRECTIONS)
        text = self._terms.texts(connection, (row.node for row in found))
        corrections = []
        for row in found:
            with undamaged("correction", str(row.number)):
                corrections.append(_correction(row, text(row.node)))
        return corrections

    def corrected(self, first: date, last: date) -> Sequence[Corrected]:
        """See the port."""
        with self._reading() as connection:
            return self._corrected(connection, first, last)

    def _corrected(self, connection: Connection, first: date, last: date) -> list[Corrected]:
        current = {(c.node, c.target): c for c in self._corrections(connection)}
        if not current:
            return []
        condition = """r.airing IN (SELECT c.airing FROM correction c JOIN airing x ON x.id = c.airing
            WHERE x.day BETWEEN :first AND :last)"""
        rows = self._rows(connection, condition, first=first, last=last)
        return [Corrected(row, current[row.node, row.seq]) for row in rows if (row.node, row.seq) in current]


def _nodes(connection: Connection) -> list[int]:
    """The nodes that have rows, from one to the next by the key's index: DISTINCT would read the whole ledger."""
    found: list[int] = []
    node = -1
    while (row := select(connection, "SELECT min(node) AS n FROM as_run WHERE node > :node", node=node)[0]).n:
        found.append(node := row.n)
    return found


def _head(connection: Connection, node: int) -> tuple[int, Sha256]:
    """Place and hash of a node's last row."""
    found = select(connection, "SELECT seq, hash FROM as_run WHERE node = :n ORDER BY seq DESC LIMIT 1", n=node)
    return (found[0].seq, Sha256(bytes(found[0].hash).hex())) if found else (0, GENESIS)


def _known_items(connection: Connection, node: int, items: Iterable[str]) -> set[str]:
    """Those of the items that a node has a row for."""
    if not node:
        return set()
    known: set[str] = set()
    for some in chunks(items, 5000):
        known.update(row.item for row in select(connection, _ITEMS + "e.item IN (:items)", node=node, items=some))
    return known


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _as_run(row: Any, text: Any, previous: Sha256) -> AsRun:
    return AsRun(
        node=text(row.node),
        seq=row.seq,
        item=row.item,
        rundown=Sha256(text(row.rundown)),
        day=day_of(row.day),
        session=text(row.session),
        kind=ItemKind(row.kind),
        bulletin=text(row.bulletin),
        topic=text(row.topic),
        master=text(row.master),
        planned_start=from_micros(row.planned_start),
        planned_ms=Milliseconds(row.planned_ms),
        started_at=_instant(row.started_at),
        ended_at=_instant(row.ended_at),
        played_ms=Milliseconds(row.played_ms),
        outcome=Outcome(row.outcome),
        cause=Cause(row.cause),
        level=row.level,
        previous=previous,
        hash=Sha256(bytes(row.hash).hex()),
    )


def _correction(row: Any, node: str) -> Correction:
    return Correction(
        number=row.number,
        node=node,
        target=row.target,
        row=Sha256(row.row_hash),
        played_ms=Milliseconds(row.played_ms),
        outcome=Outcome(row.outcome),
        cause=Cause(row.cause),
        reason=row.reason,
        by=row.person,
        at=from_micros(row.at),
        previous=Sha256(row.previous),
        hash=Sha256(row.hash),
    )
