"""What the database itself refuses, whoever writes to it: here by plain SQL, past all of our code."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from broadcaster.adapters.store.sql import open_store
from broadcaster.domain.approval import Action
from broadcaster.domain.asrun import AsRun, check_chain
from tests.suites.store_values import (
    MONDAY,
    NOW,
    a_baseline,
    a_bulletin,
    a_correction,
    a_review,
    a_rundown,
    an_as_run,
)

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
    store.correct(a_correction(store.chain("thon-1-a")[0]))
    store.add_baseline(a_baseline())
    store.sign_baseline(1, "b", NOW)
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
        "as_run": "airing node seq entry started_at ended_at played_ms outcome cause level hash",
        "ledger_entry": "id item airing rundown master planned_start planned_ms",
        "airing": "id day session kind bulletin topic",
        "ledger_term": "id text",
        "review": "id hash bulletin action actor author at text reading master remark",
    }[table].split()
    literals = {name: "NULL" if value is None else f"'{value}'" for name, value in changes.items()}
    order = "seq" if table == "as_run" else "id"
    chosen = ", ".join(literals.get(name, name) for name in columns)
    return f"INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {table} ORDER BY {order} DESC LIMIT 1"  # noqa: S608


def new_entry(raw: sqlite3.Connection, item: str = "new") -> int:
    """An entry of another item, beside the last one."""
    raw.execute(f"INSERT {copied('ledger_entry', id=99, item=item)}")
    return 99


GROWING = {
    "as_run": ("played_ms", "hash"),
    "review": ("bulletin", "hash"),
    "ledger_term": ("text", "id"),
    "ledger_entry": ("item", "planned_ms"),
    "airing": ("topic", "day"),
    "correction": ("reason", "played_ms"),
    "baseline": ("minutes_per_day", "source"),
    "baseline_signature": ("person", "at"),
}


@pytest.mark.parametrize(("table", "columns"), GROWING.items())
def test_the_ledgers_only_grow(raw: sqlite3.Connection, table: str, columns: tuple[str, str]) -> None:
    before = raw.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
    assert before
    one, other = columns
    for change in (f"UPDATE {table} SET {one} = 'x'", f"UPDATE {table} SET {other} = {other}", f"DELETE FROM {table}"):  # noqa: S608
        with pytest.raises(sqlite3.IntegrityError, match=r"store\.append_only"):
            raw.execute(change)
    assert raw.execute(f"SELECT * FROM {table}").fetchall() == before  # noqa: S608


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"played_ms": 0},
        {"seq": 4},
        {"seq": 2},
        {"seq": 3, "played_ms": 1},
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
        raw.execute(f"{verb} {copied('as_run', seq=4)}")
    again = new_entry(raw, "1")
    with pytest.raises(sqlite3.IntegrityError, match=r"store\.append_only"):
        raw.execute(f"{verb} {copied('as_run', seq=4, entry=again)}")
    assert raw.execute("SELECT count(*) FROM as_run").fetchone() == (3,)


@pytest.mark.parametrize("changes", [{"seq": 5}, {"seq": 3}, {"seq": 2, "node": 1}])
def test_a_ledger_row_must_follow_its_chains_head(raw: sqlite3.Connection, changes: dict[str, object]) -> None:
    entry = new_entry(raw)
    with pytest.raises(sqlite3.IntegrityError, match=r"store\.chain"):
        raw.execute(f"INSERT {copied('as_run', entry=entry, **changes)}")


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("ledger_term", {"id": 99}),
        ("ledger_term", {"text": "x"}),
        ("airing", {"id": 99}),
        ("airing", {"topic": 1}),
        ("ledger_entry", {"item": "x"}),
    ],
)
def test_no_dimension_takes_another_ones_place(raw: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    before = raw.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
    with pytest.raises(sqlite3.IntegrityError, match=r"store\.append_only"):
        raw.execute(f"INSERT OR REPLACE {copied(table, **row)}")
    assert raw.execute(f"SELECT * FROM {table}").fetchall() == before  # noqa: S608


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("outcome", "AIRED"),
        ("outcome", "ok"),
        ("cause", "rain"),
        ("played_ms", -1),
        ("hash", "short"),
        ("node", None),
        ("node", 999),
        ("airing", 999),
    ],
)
def test_the_ledger_checks_what_it_is_given(raw: sqlite3.Connection, column: str, value: object) -> None:
    entry = new_entry(raw)
    with pytest.raises(sqlite3.IntegrityError, match=r"constraint failed|store\.chain"):
        raw.execute(f"INSERT {copied('as_run', **{'seq': 4, 'entry': entry, column: value})}")


@pytest.mark.parametrize(("table", "changes"), [("airing", {"kind": "BULLETIN"}), ("ledger_entry", {"planned_ms": -1})])
def test_what_rows_share_is_checked(raw: sqlite3.Connection, table: str, changes: dict[str, object]) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
        raw.execute(f"INSERT {copied(table, id=99, **changes)}")


def test_a_row_that_follows_is_taken_and_found_out_by_its_hash(database: Path, raw: sqlite3.Connection) -> None:
    entry = new_entry(raw)
    raw.execute(f"INSERT {copied('as_run', seq=4, entry=entry)}")
    raw.commit()
    store = open_store(database)
    [finding] = check_chain(store.chain("thon-1-a"))
    store.close()
    assert (finding.code, finding.facts["seq"]) == ("ledger.changed", 4)


def test_corrections_and_signatures_are_numbered_and_of_two_persons(raw: sqlite3.Connection) -> None:
    again = """INSERT INTO correction
        SELECT {}, airing, node, target, row_hash, 0, 'missed', '', 'x', 'y', at, previous, hash FROM correction"""
    for number in (1, 3):
        with pytest.raises(sqlite3.IntegrityError, match=r"store\.chain"):
            raw.execute(again.format(number))
    with pytest.raises(sqlite3.IntegrityError, match=r"store\.append_only"):
        raw.execute("INSERT OR REPLACE INTO baseline SELECT * FROM baseline")
    with pytest.raises(sqlite3.IntegrityError, match=r"store\.append_only"):
        raw.execute("INSERT OR REPLACE INTO baseline_signature VALUES (1, 'c', 1)")
    raw.execute("INSERT INTO baseline SELECT 2, how, first, last, 1, source, reason, person, at FROM baseline")
    with pytest.raises(sqlite3.IntegrityError, match=r"store\.two_persons"):
        raw.execute("INSERT INTO baseline_signature SELECT 2, person, at FROM baseline WHERE version = 2")


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
        raw.execute("SELECT outcome, cause, typeof(started_at), typeof(hash) FROM as_run").fetchall()
        == [("aired", "", "integer", "blob")] * 3
    )
    local = "SELECT strftime('%Y-%m-%d %H:%M:%S', planned_start / 1000000, 'unixepoch', '+7 hours') FROM ledger_entry"
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
    query = """SELECT n.text, t.text, a.day, count(*), sum(r.played_ms) FROM as_run r JOIN airing a ON a.id = r.airing
        JOIN ledger_term n ON n.id = r.node JOIN ledger_term t ON t.id = a.topic GROUP BY 1, 2, 3"""
    assert {tuple(found[:3]): tuple(found[3:]) for found in raw.execute(query)} == wanted
    seconds = """SELECT sum(ended_at - started_at) / 1000 FROM as_run
        WHERE node = (SELECT id FROM ledger_term WHERE text = 'thon-1-a')"""
    assert raw.execute(seconds).fetchone() == (3 * 61_234,)
