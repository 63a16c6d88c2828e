"""The figures against a recomputation by another engine: DuckDB over exported rows, in SQL of its own.

The counting rule is written out there once more: what counts of a row, an airing as long as the best heard it, thôn by
the tree of the day or of today.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster.adapters.store.sql import SqlStore, open_store
from broadcaster.units import canonical, plain
from tests.suites import random_history
from tests.suites.random_history import FIRST, THON_OF, TODAY, Life

duckdb = pytest.importorskip("duckdb")

DAY = timedelta(days=1)
TABLES = """
CREATE TABLE measured AS SELECT * FROM read_json('{folder}/rows.jsonl', format = 'newline_delimited', columns = {{
    node: 'VARCHAR', seq: 'BIGINT', item: 'VARCHAR', day: 'DATE', session: 'VARCHAR', kind: 'VARCHAR',
    bulletin: 'VARCHAR', topic: 'VARCHAR', planned_ms: 'BIGINT', played_ms: 'BIGINT', outcome: 'VARCHAR'}});
CREATE TABLE said AS SELECT * FROM read_json('{folder}/corrections.jsonl', format = 'newline_delimited', columns = {{
    number: 'BIGINT', node: 'VARCHAR', target: 'BIGINT', played_ms: 'BIGINT', outcome: 'VARCHAR'}});
CREATE TABLE place AS SELECT * FROM read_json('{folder}/places.json', columns = {{
    node: 'VARCHAR', first: 'VARCHAR', last: 'VARCHAR', thon: 'VARCHAR', today: 'VARCHAR'}});
CREATE TABLE counts AS
    SELECT m.node, m.day, m.session, m.kind, m.bulletin, m.topic, coalesce(p.thon, '') AS thon,
        coalesce(p.today, '') AS today,
        CASE WHEN m.kind = 'tiep_song'
            THEN CASE WHEN coalesce(s.outcome, m.outcome) = 'missed' THEN 0 ELSE m.planned_ms END
            ELSE coalesce(s.played_ms, m.played_ms) END AS ms
    FROM measured m
    LEFT JOIN (SELECT * FROM said QUALIFY row_number() OVER (PARTITION BY node, target ORDER BY number DESC) = 1) s
        ON s.node = m.node AND s.target = m.seq
    LEFT JOIN place p ON p.node = m.node AND CAST(m.day AS VARCHAR) BETWEEN p.first AND p.last;
"""
MONTHS = """
    SELECT year(day) * 100 + month(day), thon, topic, sum(best), sum(ms), count(*) FROM (
        SELECT day, session, bulletin, topic, thon, max(ms) AS best, sum(ms) AS ms FROM counts
        WHERE kind = 'ban_tin' AND ms > 0 GROUP BY ALL) GROUP BY ALL ORDER BY ALL"""
AIRED = """
    SELECT day, session, kind, bulletin, topic, max(ms), sum(ms), count(*) FROM counts
    WHERE ms > 0 AND day BETWEEN ? AND ? GROUP BY ALL ORDER BY ALL"""
PLACES = """
    SELECT place, bulletin, topic, sum(best), sum(ms), count(*) FROM (
        SELECT day, session, bulletin, topic, {place} AS place, max(ms) AS best, sum(ms) AS ms FROM counts
        WHERE kind = 'ban_tin' AND ms > 0 AND day BETWEEN ? AND ? GROUP BY ALL) GROUP BY ALL ORDER BY ALL"""
FIRSTS = "SELECT bulletin, min(day) FROM counts WHERE kind = 'ban_tin' AND ms > 0 GROUP BY ALL"


def export(store: SqlStore, folder: Path) -> Any:
    """The ledger as files, in a database of the other engine."""
    rows = [row for node in store.nodes() for row in store.chain(node)]
    (folder / "rows.jsonl").write_text("".join(canonical(row) + "\n" for row in rows), encoding="utf-8")
    said = "".join(canonical(correction) + "\n" for correction in store.corrections())
    (folder / "corrections.jsonl").write_text(said, encoding="utf-8")
    places = [
        {"node": p.node, "first": str(p.first), "last": str(p.last), "thon": p.thon, "today": TODAY.get(p.thon, p.thon)}
        for p in random_history.places()
    ]
    (folder / "places.json").write_text(json.dumps(places), encoding="utf-8")
    other = duckdb.connect()
    other.execute(TABLES.format(folder=folder.as_posix()))
    assert other.execute("SELECT count(*) FROM counts").fetchone() == (len(rows),)
    return other


def listed(found: Any) -> list[tuple[Any, ...]]:
    """Rows as plain values in one order, sums as whole numbers."""
    return sorted(tuple(int(v) if isinstance(v, (int, float)) else plain(v) for v in row) for row in found)


def compare(store: SqlStore, folder: Path) -> None:
    other = export(store, folder)
    assert listed(store.month_totals(0, 999_999)) == listed(other.execute(MONTHS).fetchall())
    today = {node: TODAY.get(thon, thon) for node, thon in THON_OF.items()}
    # A whole leap February, spans over edges of months, single days, a week after the last row.
    for start, end in ((12, 40), (0, 60), (5, 30), (11, 12), (41, 41), (25, 26), (80, 90)):
        span = FIRST + start * DAY, FIRST + end * DAY
        facts = store.facts(*span, [])
        assert listed(facts.aired) == listed(other.execute(AIRED, span).fetchall())
        assert listed(facts.at_node) == listed(other.execute(PLACES.format(place="node"), span).fetchall())
        assert listed(facts.at_thon) == listed(other.execute(PLACES.format(place="thon"), span).fetchall())
        by_today = listed(store.aired_at_thon(*span, today))
        assert by_today == listed(other.execute(PLACES.format(place="today"), span).fetchall())
    wanted = dict(other.execute(FIRSTS).fetchall())
    heard = store.heard_before(list(wanted), date.max)
    assert {code: piece.first for code, piece in heard.items()} == wanted
    other.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(tmp_path / "station.db")
    yield store
    store.close()


@pytest.mark.parametrize("seed", range(8))
def test_another_engine_agrees_to_the_millisecond(sqlite_store: SqlStore, tmp_path: Path, seed: int) -> None:
    Life.of(seed).send(sqlite_store, place_at=[0.3, 0.0][seed % 2])
    compare(sqlite_store, tmp_path)
    sqlite_store.rebuild_airtime()
    compare(sqlite_store, tmp_path)


@pytest.mark.parametrize("seed", [20, 21])
def test_another_engine_agrees_with_postgresql(postgres_url: str, tmp_path: Path, seed: int) -> None:
    store = open_store(postgres_url)
    Life.of(seed).send(store)
    compare(store, tmp_path)
    store.rebuild_airtime()
    compare(store, tmp_path)
    store.close()


def test_the_comparison_can_fail(sqlite_store: SqlStore, tmp_path: Path) -> None:
    Life.of(1).send(sqlite_store)
    with sqlite_store._writing() as connection:
        connection.exec_driver_sql(
            "UPDATE airtime_airing SET aired_ms = aired_ms + 1 WHERE airing = (SELECT min(airing) FROM airtime_airing)"
        )
    assert [f.facts["table"] for f in sqlite_store.check_airtime()] == ["airtime_airing"]
    with pytest.raises(AssertionError):
        compare(sqlite_store, tmp_path)
    sqlite_store.rebuild_airtime()
    compare(sqlite_store, tmp_path)
