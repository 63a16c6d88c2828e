"""The as-run ledger in narrow tables; corrections, baselines, and sums of airtime.

Revision: 0005, after 0004.

Rows that are there are carried over with their places and hashes. The sums are not made here: they need the station's
thôn, and the first audit makes them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ITEM_KINDS = "'nhac_hieu', 'loi_xuong', 'ban_tin', 'tiep_song', 'loi_ket'"
OUTCOMES = "'aired', 'partial', 'missed', 'skipped', 'interrupted'"
CAUSES = (
    "'', 'power_cut', 'off_air', 'device_lost', 'late', 'session_end', 'no_audio', 'not_approved', 'muted', "
    "'quiet_hours', 'relay_external', 'emergency', 'stopped'"
)
CHUNK = 10_000
OLD = (
    "node, seq, item, rundown, day, session, kind, bulletin, topic, master, planned_start, planned_ms, started_at, "
    "ended_at, played_ms, outcome, cause, level, hash"
)

# CROSS JOIN keeps SQLite to this order: by itself it would walk through all rows of the node.
SAME_ITEM = """EXISTS (
    SELECT 1 FROM ledger_entry mine CROSS JOIN ledger_entry e CROSS JOIN as_run r WHERE mine.id = new.entry
    AND e.item = mine.item AND r.airing = e.airing AND r.node = new.node AND r.entry = e.id)"""
OFF_CHAIN = "new.seq <> coalesce((SELECT max(seq) FROM as_run WHERE node = new.node), 0) + 1"
# The same for a statement's rows together: on PostgreSQL a function call for each row costs more than the row.
# OFFSET 0 keeps the planner to this order: by itself it would walk through all rows of the node for each new one.
MANY_SAME_ITEM = """EXISTS (
    SELECT 1 FROM added a CROSS JOIN LATERAL (
        SELECT e.id, e.airing FROM ledger_entry mine JOIN ledger_entry e ON e.item = mine.item
        WHERE mine.id = a.entry OFFSET 0) e
    CROSS JOIN LATERAL (
        SELECT 1 FROM as_run r WHERE r.airing = e.airing AND r.node = a.node AND r.entry = e.id AND r.seq <> a.seq
        OFFSET 0) r)"""
MANY_OFF_CHAIN = """EXISTS (
    SELECT 1 FROM (SELECT node, min(seq) AS low, max(seq) AS high, count(*) AS n FROM added GROUP BY node) s
    WHERE s.high - s.low + 1 <> s.n OR s.low <> coalesce(
        (SELECT max(r.seq) FROM as_run r WHERE r.node = s.node AND r.seq < s.low), 0) + 1
    OR EXISTS (SELECT 1 FROM as_run r WHERE r.node = s.node AND r.seq > s.high))"""
SAME_NUMBER = "EXISTS (SELECT 1 FROM {table} WHERE {key} = new.{key})"
OFF_CORRECTIONS = "new.number <> coalesce((SELECT max(number) FROM correction), 0) + 1"
SAME_PERSON = "EXISTS (SELECT 1 FROM baseline WHERE version = new.version AND person = new.person)"
# INSERT OR REPLACE deletes what is in its way without a trigger.
SAME_TERM = "EXISTS (SELECT 1 FROM ledger_term WHERE id = new.id OR text = new.text)"
SAME_AIRING = """EXISTS (SELECT 1 FROM airing WHERE id = new.id OR (day = new.day AND session = new.session
    AND kind = new.kind AND bulletin = new.bulletin AND topic = new.topic))"""

# trigger, table, event, condition ("" for always), code that the message begins with.
TRIGGERS = (
    ("ledger_term_no_update", "ledger_term", "UPDATE", "", "store.append_only"),
    ("ledger_term_no_delete", "ledger_term", "DELETE", "", "store.append_only"),
    ("ledger_entry_no_update", "ledger_entry", "UPDATE", "", "store.append_only"),
    ("ledger_entry_no_delete", "ledger_entry", "DELETE", "", "store.append_only"),
    ("airing_no_update", "airing", "UPDATE", "", "store.append_only"),
    ("airing_no_delete", "airing", "DELETE", "", "store.append_only"),
    ("ledger_term_once", "ledger_term", "INSERT", SAME_TERM, "store.append_only"),
    (
        "ledger_entry_once",
        "ledger_entry",
        "INSERT",
        SAME_NUMBER.format(table="ledger_entry", key="id"),
        "store.append_only",
    ),
    ("airing_once", "airing", "INSERT", SAME_AIRING, "store.append_only"),
    ("as_run_no_update", "as_run", "UPDATE", "", "store.append_only"),
    ("as_run_no_delete", "as_run", "DELETE", "", "store.append_only"),
    ("as_run_once", "as_run", "INSERT", SAME_ITEM, "store.append_only"),
    ("as_run_chain", "as_run", "INSERT", OFF_CHAIN, "store.chain"),
    ("correction_no_update", "correction", "UPDATE", "", "store.append_only"),
    ("correction_no_delete", "correction", "DELETE", "", "store.append_only"),
    ("correction_chain", "correction", "INSERT", OFF_CORRECTIONS, "store.chain"),
    ("baseline_no_update", "baseline", "UPDATE", "", "store.append_only"),
    ("baseline_no_delete", "baseline", "DELETE", "", "store.append_only"),
    ("baseline_once", "baseline", "INSERT", SAME_NUMBER.format(table="baseline", key="version"), "store.append_only"),
    ("baseline_signature_no_update", "baseline_signature", "UPDATE", "", "store.append_only"),
    ("baseline_signature_no_delete", "baseline_signature", "DELETE", "", "store.append_only"),
    (
        "baseline_signature_once",
        "baseline_signature",
        "INSERT",
        SAME_NUMBER.format(table="baseline_signature", key="version"),
        "store.append_only",
    ),
    ("baseline_signature_two", "baseline_signature", "INSERT", SAME_PERSON, "store.two_persons"),
)
STATEMENT = {"as_run_once": MANY_SAME_ITEM, "as_run_chain": MANY_OFF_CHAIN}
GUARDED = ("ledger_term", "ledger_entry", "airing", "as_run", "correction", "baseline", "baseline_signature")

# 0002's, for the way back.
OLD_TRIGGERS = (
    ("as_run_no_update", "UPDATE", "", "store.append_only"),
    ("as_run_no_delete", "DELETE", "", "store.append_only"),
    (
        "as_run_once",
        "INSERT",
        "EXISTS (SELECT 1 FROM as_run WHERE node = new.node AND item = new.item)",
        "store.append_only",
    ),
    (
        "as_run_chain",
        "INSERT",
        """new.seq <> coalesce((SELECT max(seq) FROM as_run WHERE node = new.node), 0) + 1 OR new.previous <>
    coalesce((SELECT hash FROM as_run WHERE node = new.node AND seq = new.seq - 1), '{genesis}')""".replace(
            "{genesis}", "0" * 64
        ),
        "store.chain",
    ),
)


def _name(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _big(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _choice(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=False)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _to(table: str, column: str, other: str = "ledger_term", key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.{key}"], name=op.f(f"fk_{table}_{column}_{other}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _ledger() -> None:
    op.create_table("ledger_term", _int("id"), _name("text"), _key("ledger_term", "id"), _unique("ledger_term", "text"))
    op.create_table(
        "airing",
        _int("id"),
        _day("day"),
        _int("session"),
        _choice("kind"),
        _int("bulletin"),
        _int("topic"),
        _key("airing", "id"),
        _unique("airing", "day", "session", "kind", "bulletin", "topic"),
        _to("airing", "session"),
        _check("airing", "kind", f"kind IN ({ITEM_KINDS})"),
        _to("airing", "bulletin"),
        _to("airing", "topic"),
    )
    _index("airing", "bulletin", "day")
    op.create_table(
        "ledger_entry",
        _int("id"),
        _name("item"),
        _int("airing"),
        _int("rundown"),
        _int("master"),
        _big("planned_start"),
        _int("planned_ms"),
        _key("ledger_entry", "id"),
        _check("ledger_entry", "planned", "planned_ms >= 0"),
        _to("ledger_entry", "airing", "airing"),
        _to("ledger_entry", "rundown"),
        _to("ledger_entry", "master"),
    )
    _index("ledger_entry", "item")
    _index("ledger_entry", "planned_start")
    op.create_table(
        "as_run",
        _int("airing"),
        _int("node"),
        _int("seq"),
        _int("entry"),
        _big("started_at", nullable=True),
        _big("ended_at", nullable=True),
        _int("played_ms"),
        _choice("outcome"),
        _choice("cause"),
        sa.Column("level", sa.Float(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        _key("as_run", "airing", "node", "seq"),
        _unique("as_run", "node", "seq"),
        _check("as_run", "seq", "seq >= 1"),
        _check("as_run", "lengths", "played_ms >= 0"),
        _check("as_run", "hashes", "length(hash) = 32"),
        _to("as_run", "airing", "airing"),
        _to("as_run", "node"),
        _to("as_run", "entry", "ledger_entry"),
        _check("as_run", "outcome", f"outcome IN ({OUTCOMES})"),
        _check("as_run", "cause", f"cause IN ({CAUSES})"),
        sqlite_with_rowid=False,
    )


def _said() -> None:
    op.create_table(
        "correction",
        _int("number"),
        _int("airing"),
        _int("node"),
        _int("target"),
        _name("row_hash"),
        _int("played_ms"),
        _choice("outcome"),
        _choice("cause"),
        _text("reason"),
        _name("person"),
        _big("at"),
        _name("previous"),
        _name("hash"),
        _key("correction", "number"),
        _check("correction", "number", "number >= 1"),
        _check("correction", "lengths", "played_ms >= 0"),
        _check("correction", "reason", "reason <> ''"),
        _to("correction", "airing", "airing"),
        _to("correction", "node"),
        _check("correction", "outcome", f"outcome IN ({OUTCOMES})"),
        _check("correction", "cause", f"cause IN ({CAUSES})"),
    )
    _index("correction", "airing")
    op.create_table(
        "baseline",
        _int("version"),
        _choice("how"),
        _day("first", nullable=True),
        _day("last", nullable=True),
        sa.Column("minutes_per_day", sa.Float(), nullable=False),
        _text("source"),
        _text("reason"),
        _name("person"),
        _big("at"),
        _key("baseline", "version"),
        _check("baseline", "version", "version >= 1"),
        _check("baseline", "minutes", "minutes_per_day >= 0"),
        _check("baseline", "how", "how IN ('computed', 'entered')"),
    )
    op.create_table(
        "baseline_signature",
        _int("version"),
        _name("person"),
        _big("at"),
        _key("baseline_signature", "version"),
        _to("baseline_signature", "version", "baseline", "version"),
    )


def _sums() -> None:
    op.create_table(
        "airtime_place",
        _int("node"),
        _day("first"),
        _day("last"),
        _int("thon"),
        _key("airtime_place", "node", "first"),
    )
    op.create_table(
        "airtime_airing",
        _int("airing"),
        _big("aired_ms"),
        _big("cluster_ms"),
        _int("heard"),
        _key("airtime_airing", "airing"),
    )
    op.create_table(
        "airtime_month_place",
        _int("month"),
        _int("level"),
        _int("place"),
        _int("bulletin"),
        _int("topic"),
        _big("aired_ms"),
        _big("cluster_ms"),
        _int("airings"),
        _key("airtime_month_place", "month", "level", "place", "bulletin", "topic"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "airtime_month",
        _int("month"),
        _int("thon"),
        _int("topic"),
        _big("aired_ms"),
        _big("cluster_ms"),
        _int("airings"),
        _key("airtime_month", "month", "thon", "topic"),
        sqlite_with_rowid=False,
    )


class _Numbers:
    """Numbers for keys, one after the other; rows of new keys wait until they are written."""

    def __init__(self, table: str, names: str) -> None:
        self.known: dict[tuple[Any, ...], int] = {}
        self.waiting: list[tuple[Any, ...]] = []
        self._table, self._names = table, names

    def of(self, *key: Any) -> int:
        number = self.known.get(key)
        if number is None:
            number = self.known[key] = len(self.known) + 1
            self.waiting.append((number, *key))
        return number

    def write(self) -> None:
        _insert(self._table, self._names, self.waiting)
        self.waiting = []


def _insert(table: str, names: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        keys = [name.strip() for name in names.split(",")]
        statement = sa.text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{key}' for key in keys)})")  # noqa: S608
        op.get_bind().execute(statement, [dict(zip(keys, row, strict=True)) for row in rows])


def _chunks(query: str, use: Callable[[Sequence[Any]], None]) -> None:
    found = op.get_bind().execute(sa.text(query))
    while rows := found.fetchmany(CHUNK):
        use(rows)


def _carry_over() -> None:
    """Every row of the ledger of before, in the order of the chains."""
    terms = _Numbers("ledger_term", "id, text")
    airings = _Numbers("airing", "id, day, session, kind, bulletin, topic")
    entries = _Numbers("ledger_entry", "id, item, airing, rundown, master, planned_start, planned_ms")

    def carry(rows: Sequence[Any]) -> None:
        new = []
        for row in rows:
            session, bulletin, topic = terms.of(row.session), terms.of(row.bulletin), terms.of(row.topic)
            airing = airings.of(row.day, session, row.kind, bulletin, topic)
            rundown, master = terms.of(row.rundown), terms.of(row.master)
            entry = entries.of(row.item, airing, rundown, master, row.planned_start, row.planned_ms)
            measured = (row.started_at, row.ended_at, row.played_ms, row.outcome, row.cause, row.level)
            new.append((airing, terms.of(row.node), row.seq, entry, *measured, bytes.fromhex(row.hash)))
        for dimension in (terms, airings, entries):
            dimension.write()
        names = "airing, node, seq, entry, started_at, ended_at, played_ms, outcome, cause, level, hash"
        _insert("as_run", names, new)

    _chunks(f"SELECT {OLD} FROM as_run_before ORDER BY node, seq", carry)  # noqa: S608 - our own names


def _trigger(name: str, table: str, event: str, condition: str, code: str) -> None:
    message = f"{code}: {table} only grows"
    if op.get_context().dialect.name != "postgresql":
        when = f"\nWHEN {condition}" if condition else ""
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table}{when}\nBEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        return
    together = STATEMENT.get(name, "")
    test = together or condition or "true"
    # A plan is kept for the session, and was perhaps made while the tables were empty.
    planned = "SET enable_seqscan = off " if together else ""
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {planned}AS $$ BEGIN\nIF {test} THEN\n"
        f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';\n"
        "END IF; RETURN new; END $$"
    )
    if together:
        when = f"AFTER {event} ON {table} REFERENCING NEW TABLE AS added FOR EACH STATEMENT"
    else:
        when = f"BEFORE {event} ON {table} FOR EACH ROW"
    op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()")


def _no_truncate(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_no_delete()"
    )


def _drop_old(postgres: bool) -> None:  # noqa: FBT001 - two databases
    if postgres:
        op.execute("DROP TRIGGER as_run_no_truncate ON as_run")
    for name, *_ in reversed(OLD_TRIGGERS):
        op.execute(f"DROP TRIGGER {name}" + (" ON as_run" if postgres else ""))
        if postgres:
            op.execute(f"DROP FUNCTION {name}()")
    op.execute(f"CREATE TABLE as_run_before AS SELECT {OLD} FROM as_run")  # noqa: S608 - our own names
    op.drop_table("as_run")


def upgrade() -> None:
    postgres = op.get_context().dialect.name == "postgresql"
    _drop_old(postgres)
    _ledger()
    _said()
    _sums()
    _carry_over()
    op.drop_table("as_run_before")
    for trigger in TRIGGERS:
        _trigger(*trigger)
    if postgres:
        for table in GUARDED:
            _no_truncate(table)


def _before() -> None:
    """`as_run` as revision 0001 made it."""
    op.create_table(
        "as_run",
        _name("node"),
        _int("seq"),
        _name("item"),
        _name("rundown"),
        _day("day"),
        _name("session"),
        _choice("kind"),
        _name("bulletin"),
        _name("topic"),
        _name("master"),
        _big("planned_start"),
        _int("planned_ms"),
        _big("started_at", nullable=True),
        _big("ended_at", nullable=True),
        _int("played_ms"),
        _choice("outcome"),
        _choice("cause"),
        sa.Column("level", sa.Float(), nullable=True),
        _name("previous"),
        _name("hash"),
        _key("as_run", "node", "seq"),
        _unique("as_run", "node", "item"),
        _check("as_run", "seq", "seq >= 1"),
        _check("as_run", "lengths", "planned_ms >= 0 AND played_ms >= 0"),
        _check("as_run", "hashes", "length(hash) = 64 AND length(previous) = 64"),
        _check("as_run", "kind", f"kind IN ({ITEM_KINDS})"),
        _check("as_run", "outcome", f"outcome IN ({OUTCOMES})"),
        _check("as_run", "cause", f"cause IN ({CAUSES})"),
    )
    _index("as_run", "node", "planned_start")
    _index("as_run", "planned_start")


def _carry_back() -> None:
    previous: dict[str, str] = {}

    def carry(rows: Sequence[Any]) -> None:
        new = []
        for row in rows:
            hash_ = bytes(row.hash).hex()
            new.append((*row[:-1], previous.get(row.node, "0" * 64), hash_))
            previous[row.node] = hash_
        _insert("as_run", OLD.removesuffix("hash") + "previous, hash", new)

    _chunks(f"SELECT {OLD} FROM as_run_after ORDER BY node, seq", carry)  # noqa: S608 - our own names


def downgrade() -> None:
    postgres = op.get_context().dialect.name == "postgresql"
    op.execute(
        """CREATE TABLE as_run_after AS
        SELECT n.text AS node, r.seq, e.item, u.text AS rundown, a.day, s.text AS session, a.kind, b.text AS bulletin,
            t.text AS topic, m.text AS master, e.planned_start, e.planned_ms, r.started_at, r.ended_at, r.played_ms,
            r.outcome, r.cause, r.level, r.hash
        FROM as_run r JOIN airing a ON a.id = r.airing JOIN ledger_entry e ON e.id = r.entry
        JOIN ledger_term n ON n.id = r.node JOIN ledger_term u ON u.id = e.rundown
        JOIN ledger_term s ON s.id = a.session JOIN ledger_term b ON b.id = a.bulletin
        JOIN ledger_term t ON t.id = a.topic JOIN ledger_term m ON m.id = e.master"""
    )
    for table in ("airtime_month", "airtime_month_place", "airtime_airing", "airtime_place"):
        op.drop_table(table)
    for table in ("baseline_signature", "baseline", "correction", "as_run", "ledger_entry", "airing", "ledger_term"):
        op.drop_table(table)
    if postgres:
        for name, *_ in TRIGGERS:
            op.execute(f"DROP FUNCTION {name}()")
    _before()
    _carry_back()
    op.drop_table("as_run_after")
    for name, event, condition, code in OLD_TRIGGERS:
        if postgres:
            test = condition or "true"
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\nIF {test} THEN\n"
                f"RAISE EXCEPTION '{code}: as_run only grows' USING ERRCODE = 'integrity_constraint_violation';\n"
                "END IF; RETURN new; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON as_run FOR EACH ROW EXECUTE FUNCTION {name}()")
        else:
            _trigger(name, "as_run", event, condition, code)
    if postgres:
        _no_truncate("as_run")
