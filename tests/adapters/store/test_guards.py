"""What the database itself refuses, whoever writes to it: here by plain SQL, past all of our code."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from broadcaster.adapters.store.sql import open_store
from broadcaster.domain.approval import Action
from broadcaster.domain.asrun import AsRun, check_chain
from tests.suites.store_values import MONDAY, NOW, a_bulletin, a_review, a_rundown, an_as_run

HASH = "a" * 64


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "station.db"
    store = open_store(path)
    store.save_bulletin(a_bulletin(), NOW)
    store.add_review(a_review(a_bulletin()))
    store.add_review(a_review(a_bulletin(), Action.APPROVE))
    store.save_rundowns([a_rundown()])
    store.append_as_run([an_as_run(n) for n in range(3)])
    store.close()
    return path


@pytest.fixture
def raw(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


def copied(table: str, **changes: object) -> str:
    """An INSERT of the table's last row, with some columns changed."""
    columns = {
        "as_run": "node seq item rundown day session kind bulletin topic master planned_start planned_ms started_at "
        "ended_at played_ms outcome cause level previous hash",
        "review": "id hash bulletin action actor author at text reading master remark",
    }[table].split()
    literals = {name: "NULL" if value is None else f"'{value}'" for name, value in changes.items()}
    order = {"as_run": "seq", "review": "id"}[table]
    chosen = ", ".join(literals.get(name, name) for name in columns)
    return f"INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {table} ORDER BY {order} DESC LIMIT 1"  # noqa: S608


def head(raw: sqlite3.Connection) -> str:
    return str(raw.execute("SELECT hash FROM as_run ORDER BY seq DESC LIMIT 1").fetchone()[0])


@pytest.mark.parametrize("table", ["as_run", "review"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET bulletin = 'x'", "UPDATE {} SET hash = hash", "DELETE FROM {}"])
def test_the_ledgers_only_grow(raw: sqlite3.Connection, table: str, statement: str) -> None:
    before = raw.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
    with pytest.raises(sqlite3.IntegrityError, match=r"store\.append_only"):
        raw.execute(statement.format(table))
    assert raw.execute(f"SELECT * FROM {table}").fetchall() == before  # noqa: S608


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"played_ms": 0},
        {"item": "2", "seq": 4},
        {"item": "new", "seq": 2},
        {"item": "new", "seq": 3},
    ],
)
@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE"])
def test_no_ledger_row_takes_another_ones_place(raw: sqlite3.Connection, verb: str, changes: dict[str, object]) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="store"):
        raw.execute(f"{verb} {copied('as_run', **changes)}")
    assert raw.execute("SELECT count(*), sum(played_ms) FROM as_run").fetchone() == (3, 3 * 61_234)


@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE"])
def test_a_row_that_follows_well_may_not_repeat_an_item(raw: sqlite3.Connection, verb: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=r"store\.append_only"):
        raw.execute(f"{verb} {copied('as_run', seq=4, previous=head(raw), hash=HASH)}")
    assert raw.execute("SELECT count(*) FROM as_run").fetchone() == (3,)


@pytest.mark.parametrize("changes", [{"seq": 5}, {"seq": 4, "previous": HASH}, {"seq": 1, "node": "other"}])
def test_a_ledger_row_must_follow_its_chains_head(raw: sqlite3.Connection, changes: dict[str, object]) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=r"store\.chain"):
        raw.execute(f"INSERT {copied('as_run', **{'item': 'new', 'previous': head(raw), **changes})}")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("outcome", "AIRED"),
        ("outcome", "ok"),
        ("cause", "rain"),
        ("kind", "BULLETIN"),
        ("played_ms", -1),
        ("planned_ms", -1),
        ("hash", "short"),
        ("planned_start", None),
        ("node", None),
    ],
)
def test_the_ledger_checks_what_it_is_given(raw: sqlite3.Connection, column: str, value: object) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(f"INSERT {copied('as_run', **{'seq': 4, 'item': 'new', 'previous': head(raw), column: value})}")


def test_a_row_that_follows_is_taken_and_found_out_by_its_hash(database: Path, raw: sqlite3.Connection) -> None:
    raw.execute(f"INSERT {copied('as_run', seq=4, item='new', previous=head(raw), hash=HASH)}")
    raw.commit()
    store = open_store(database)
    [finding] = check_chain(store.chain("thon-1-a"))
    store.close()
    assert (finding.code, finding.facts["seq"]) == ("ledger.changed", 4)


@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE"])
@pytest.mark.parametrize("author", ["Nguyễn Thị Lan", "Ai Khác"])
def test_own_approval_is_refused_by_the_database(raw: sqlite3.Connection, verb: str, author: str) -> None:
    own = copied("review", id=99, hash=HASH, actor="Nguyễn Thị Lan", author=author)
    with pytest.raises(sqlite3.IntegrityError, match="own_approval"):
        raw.execute(f"{verb} {own}")
    unknown = copied("review", id=99, hash=HASH, actor="Ai Đó", author="Ai Đó", text=HASH)
    with pytest.raises(sqlite3.IntegrityError, match="own_approval"):
        raw.execute(f"{verb} {unknown}")
    assert raw.execute("SELECT count(*) FROM review").fetchone() == (2,)


def test_no_review_takes_another_ones_place(raw: sqlite3.Connection) -> None:
    for changes in ({"id": 1, "hash": HASH}, {"id": 99}):
        with pytest.raises(sqlite3.IntegrityError, match=r"store\.append_only"):
            raw.execute(f"INSERT OR REPLACE {copied('review', **changes)}")


def test_an_item_needs_its_rundown(raw: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        raw.execute("UPDATE rundown_item SET rundown = ?", (HASH,))


def test_enums_stand_by_value_and_instants_as_microseconds(raw: sqlite3.Connection) -> None:
    assert raw.execute("SELECT kind, priority, valid_from FROM bulletin_version").fetchall() == [
        ("thong_bao", "thong_thuong", MONDAY.isoformat())
    ]
    assert raw.execute("SELECT action FROM review ORDER BY id").fetchall() == [("trinh",), ("duyet",)]
    assert (
        raw.execute("SELECT outcome, cause, kind, typeof(planned_start) FROM as_run").fetchall()
        == [("aired", "", "ban_tin", "integer")] * 3
    )
    local = "SELECT strftime('%Y-%m-%d %H:%M:%S', planned_start / 1000000, 'unixepoch', '+7 hours') FROM as_run"
    assert raw.execute(local).fetchone() == ("2026-11-24 05:30:00",)


def test_totals_in_plain_sql_agree_with_the_ledger(database: Path, raw: sqlite3.Connection) -> None:
    store = open_store(database)
    for node in ("thon-2-a", "thon-3-a"):
        store.append_as_run([an_as_run(n, node, topic=f"t{n % 3}", played_ms=1000 * n) for n in range(50)])
    rows: list[AsRun] = [row for node in store.nodes() for row in store.chain(node)]
    store.close()
    wanted: dict[tuple[str, str, str], tuple[int, int]] = {}
    for row in rows:
        key = (row.node, row.topic, row.day.isoformat())
        count, total = wanted.get(key, (0, 0))
        wanted[key] = (count + 1, total + row.played_ms)
    query = "SELECT node, topic, day, count(*), sum(played_ms) FROM as_run GROUP BY node, topic, day"
    assert {tuple(found[:3]): tuple(found[3:]) for found in raw.execute(query)} == wanted
    seconds = "SELECT sum(ended_at - started_at) / 1000 FROM as_run WHERE node = 'thon-1-a'"
    assert raw.execute(seconds).fetchone() == (3 * 61_234,)
