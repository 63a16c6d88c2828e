"""Airtime over many as-run rows: totals from the kept sums beside a plain group-by, rebuild, ingest, a monthly report.

Usage: python benchmarks/audit.py [--json] [--rows N] [--database URL] [--ingest N] [--folder DIR]

The ledger is a large commune's over the years: 46 clusters in 17 thôn, three sessions a day of 33 bulletins each, so
that ten million rows are six years. Rows are drawn with numpy and put in by the raw driver with the triggers off, and
their hashes are drawn too: walking the chains is not measured here. `ingest` is: sealed rows of all clusters go in by
batches through the port into an empty database, three times over. `--database` is a PostgreSQL database that may be
emptied; SQLite in a temporary folder unless it is given.
"""

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import text as sql_text

from broadcaster.adapters.clock import VirtualClock
from broadcaster.adapters.documents.files import FileDocuments
from broadcaster.adapters.store.sql import SqlStore, open_store
from broadcaster.composing import Particulars, csv_of, json_of, page_chart, paper_of
from broadcaster.domain.asrun import GENESIS, AsRun, Cause, Outcome, seal
from broadcaster.domain.audit.facts import Place
from broadcaster.domain.reports import REPORTS
from broadcaster.domain.reports.chart import CHARTS
from broadcaster.domain.reports.papers import PAPERS
from broadcaster.domain.rundown import ItemKind
from broadcaster.domain.station import PRESETS, WHOLE_COMMUNE, Cluster, Station, Thon, Zone
from broadcaster.domain.taxonomy import shipped_taxonomy
from broadcaster.ports import Page
from broadcaster.services.auditing import Auditing
from broadcaster.showing import Names, page_table
from broadcaster.units import Milliseconds, digest

CLUSTERS, THONS, SESSIONS, ITEMS, A_WEEK = 46, 17, ("sang", "trua", "chieu"), 33, 140
FIRST = date(2020, 1, 1)
BATCH = 5000
PORTION = 100_000
TOPICS = sorted(shipped_taxonomy().topics)
NODES = [f"cum_{n:02d}" for n in range(CLUSTERS)]
THON = [f"thon_{n:02d}" for n in range(THONS)]
RAW = """
    SELECT {month} AS month, p.thon, a.topic, sum(r.played_ms) FROM as_run r JOIN airing a ON a.id = r.airing
    JOIN airtime_place p ON p.node = r.node AND p.first <= a.day AND p.last >= a.day
    WHERE a.kind = 'ban_tin' GROUP BY 1, 2, 3"""
MONTH = {
    "sqlite": "CAST(substr(a.day, 1, 4) || substr(a.day, 6, 2) AS integer)",
    "postgresql": "CAST(to_char(a.day, 'YYYYMM') AS integer)",
}
REBUILD = """
import json, resource, sys, time
from broadcaster.adapters.store.sql import open_store
store = open_store(sys.argv[1])
start = time.perf_counter()
store.rebuild_airtime()
seconds = time.perf_counter() - start
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def places() -> list[Place]:
    """Clusters over the thôn in turn, since ever."""
    return [Place(node, date.min, date.max, THON[n % THONS]) for n, node in enumerate(NODES)]


def station() -> Station:
    """A station of that size."""
    clusters = tuple(Cluster(place.node, place.node, place.thon) for place in places())
    thons = tuple(Thon(code, code) for code in THON)
    zones = (Zone(WHOLE_COMMUNE, "Toàn xã", frozenset(NODES)),)
    return Station("x", "Đài mẫu", "", "", "Asia/Ho_Chi_Minh", PRESETS["mac_dinh"], thons, clusters, zones, (), ())


def airings(number: int) -> Iterator[tuple[date, str, str, str, int]]:
    """Day, session, bulletin, topic and length of as many airings, in the order of time."""
    draw = np.random.default_rng(7)
    lengths = draw.integers(45_000, 300_000, 1_000_000)
    day, made = FIRST, 0
    while True:
        week = (day - FIRST).days // 7
        for session in SESSIONS:
            for pick in draw.choice(A_WEEK, ITEMS, replace=False).tolist():
                if made == number:
                    return
                made += 1
                bulletin = week * A_WEEK + pick
                yield day, session, f"tin_{bulletin:06d}", TOPICS[bulletin % len(TOPICS)], int(lengths[bulletin])
        day += timedelta(days=1)


def micros(day: date, item: int) -> int:
    """Microseconds since 1970 at which an item of a day begins; items are two minutes apart."""
    return ((day - date(1970, 1, 1)).days * 86_400 + item * 120) * 1_000_000


class Loader:
    """Puts drawn rows into a database past the port, the guards off."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.engine = store._writer  # noqa: SLF001 - what the port does is measured elsewhere
        self.postgres = self.engine.dialect.name == "postgresql"

    def insert(self, connection: Any, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Rows with a value for every column."""
        if self.postgres:
            cursor = connection.connection.driver_connection.cursor()
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(rows[0]))
            connection.connection.cursor().executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608

    def guards_off(self, connection: Any) -> list[str]:
        """Take the triggers away; what makes them again, where that is needed."""
        if self.postgres:
            for table in ("ledger_term", "airing", "ledger_entry", "as_run"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            return []
        found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in found:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return [sql for _, sql in found]

    def guards_on(self, connection: Any, kept: Sequence[str]) -> None:
        """Put the triggers back."""
        if self.postgres:
            for table in ("ledger_term", "airing", "ledger_entry", "as_run"):
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for sql in kept:
            connection.exec_driver_sql(sql)

    def load(self, rows: int) -> None:
        """So many rows."""
        number = -(-rows // CLUSTERS)
        listed = list(airings(number))
        words = sorted({w for a in listed for w in a[1:4]} | {*NODES, *THON, "", "r"})
        term = {word: n for n, word in enumerate(words, 1)}
        draw = np.random.default_rng(8)
        with self.engine.begin() as connection:
            kept = self.guards_off(connection)
            if not self.postgres:
                connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            self.insert(connection, "ledger_term", [(n, word) for word, n in term.items()])
            dims = [
                (n, day.isoformat(), term[session], "ban_tin", term[bulletin], term[topic])
                for n, (day, session, bulletin, topic, _) in enumerate(listed, 1)
            ]
            self.insert(connection, "airing", dims)
            entries = [
                (n, f"{day}.{session}.{bulletin}.{n}", n, term["r"], term["r"], micros(day, n % 99), length)
                for n, (day, session, bulletin, _, length) in enumerate(listed, 1)
            ]
            self.insert(connection, "ledger_entry", entries)
            nodes = [term[node] for node in NODES]
            for start in range(0, number, PORTION // CLUSTERS):
                part = entries[start : start + PORTION // CLUSTERS]
                self.insert(connection, "as_run", list(self._measured(draw, part, nodes, start)))
            self.guards_on(connection, kept)
        if self.postgres:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("ANALYZE")

    @staticmethod
    def _measured(
        draw: np.random.Generator, entries: Sequence[Any], nodes: Sequence[int], start: int
    ) -> Iterator[tuple[Any, ...]]:
        fate = draw.random((len(entries), len(nodes))).tolist()
        hashes = draw.bytes(32 * len(entries) * len(nodes))
        at = 0
        for n, entry in enumerate(entries):
            begun, length = entry[5], entry[6]
            for node, luck in zip(nodes, fate[n], strict=True):
                played = length if luck < 0.95 else round(length * (luck - 0.95) * 20) if luck < 0.98 else 0
                outcome = "aired" if luck < 0.95 else "partial" if luck < 0.98 else "missed"
                times = (begun, begun + played * 1000) if played else (None, None)
                cause = "" if luck < 0.95 else "power_cut"
                level = -16.0 if played else None
                yield (
                    entry[2],
                    node,
                    start + n + 1,
                    entry[0],
                    *times,
                    played,
                    outcome,
                    cause,
                    level,
                    hashes[at : at + 32],
                )
                at += 32


def settle() -> None:
    """Take what is alive out of the garbage collector's rounds: a node's rows are not the station's memory."""
    gc.collect()
    gc.freeze()


def timed(call: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    """The median of seconds, and the last result."""
    seconds, result = [], None
    settle()
    for _ in range(times):
        start = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def sealed_rows(number: int) -> dict[str, list[AsRun]]:
    """So many sealed rows, by node."""
    rows: dict[str, list[AsRun]] = {node: [] for node in NODES}
    for n, (day, session, bulletin, topic, length) in enumerate(airings(-(-number // CLUSTERS))):
        begun = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros(day, n % 99))
        for node in NODES:
            rows[node].append(
                AsRun(
                    node=node,
                    seq=0,
                    item=f"{day}.{session}.{WHOLE_COMMUNE}.ban_tin.{bulletin}",
                    rundown=digest(day, session),
                    day=day,
                    session=session,
                    kind=ItemKind.BULLETIN,
                    bulletin=bulletin,
                    topic=topic,
                    master=digest(bulletin),
                    planned_start=begun,
                    planned_ms=Milliseconds(length),
                    started_at=begun,
                    ended_at=begun + timedelta(milliseconds=length),
                    played_ms=Milliseconds(length),
                    outcome=Outcome.AIRED,
                    cause=Cause.NONE,
                    level=-16.0,
                )
            )
    return {node: list(seal(chain, 0, GENESIS)) for node, chain in rows.items()}


def ingest(store: SqlStore, number: int) -> dict[str, Any]:
    """Everything three times: rows a second of the first time, and whether the totals stayed."""
    store.keep_places(places())
    chains = sealed_rows(number)
    batches = [
        chains[node][start : start + BATCH] for start in range(0, len(chains[NODES[0]]), BATCH) for node in NODES
    ]
    seconds, totals = [], []
    settle()
    for _ in range(3):
        start = time.perf_counter()
        new = sum(store.receive_as_run(batch).new for batch in batches)
        seconds.append(time.perf_counter() - start)
        totals.append((store.month_totals(0, 999_999), store.aired(date.min, date.max)))
        if new not in {0, sum(map(len, batches))}:
            sys.exit(f"{new} new rows")
    rows = sum(map(len, batches))
    if totals[0] != totals[1] or totals[1] != totals[2] or store.check_airtime():
        sys.exit("totals moved when rows were sent again")
    return {
        "ingest_rows": rows,
        "ingest_rows_per_s": round(rows / seconds[0]),
        "resent_rows_per_s": round(2 * rows / (seconds[1] + seconds[2])),
    }


def report(store: SqlStore, folder: Path, first: date, last: date) -> float:
    """Seconds for a period's audit and its report as HTML, Word, PDF, Excel, CSV, JSON and every chart as SVG."""
    clock = VirtualClock(datetime(2030, 1, 1, tzinfo=UTC))
    auditing = Auditing(store, clock, station(), shipped_taxonomy())
    names, target, documents = Names.of(auditing.station, auditing.taxonomy), auditing.station.target, FileDocuments()

    def make() -> None:
        result = auditing.audit(first, last)
        reports = {name: of(result, target) for name, of in REPORTS.items()}
        tables = tuple(page_table(table, "vi", names) for table in reports.values())
        documents.page(Page("Báo cáo", "Đài mẫu", "", "vi", tables), folder / "report.html")
        paper = paper_of(PAPERS["results"], result, auditing.station, names, Particulars("", last))
        for ending in ("docx", "pdf", "xlsx"):
            documents.paper(paper, folder / f"report.{ending}")
        documents.text(csv_of(reports.values()), folder / "report.csv")
        documents.text(json_of(reports, first, last), folder / "report.json")
        for name, chart in CHARTS.items():
            documents.chart(page_chart(chart(result), "vi", names), folder / f"{name}.svg")

    return timed(make, 3)[0]


def fresh(url: str, folder: Path, name: str) -> str:
    """An empty database."""
    if not url:
        return str(folder / f"{name}.db")
    from sqlalchemy import create_engine

    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(sql_text("DROP SCHEMA public CASCADE"))
        connection.execute(sql_text("CREATE SCHEMA public"))
    engine.dispose()
    return url


def measure(rows: int, ingested: int, url: str, folder: Path) -> dict[str, Any]:
    """Every figure."""
    store = open_store(fresh(url, folder, "ingest"))
    figures = ingest(store, ingested)
    store.close()
    where = fresh(url, folder, "audit")
    store = open_store(where)
    start = time.perf_counter()
    Loader(store).load(rows)
    load_s = time.perf_counter() - start
    dialect = store._engine.dialect.name  # noqa: SLF001
    done = subprocess.run([sys.executable, "-c", REBUILD, where], capture_output=True, text=True, check=True)
    rebuild_s, rss = json.loads(done.stdout)  # without thôn: the empty one
    start = time.perf_counter()
    store.keep_places(places())  # makes the sums anew, with thôn this time
    places_s = time.perf_counter() - start
    done = subprocess.run([sys.executable, "-c", REBUILD, where], capture_output=True, text=True, check=True)
    rebuild_s, rss = max([rebuild_s, rss], json.loads(done.stdout))
    totals_s, totals = timed(lambda: store.month_totals(0, 999_999))
    with store._engine.connect() as connection:  # noqa: SLF001
        query = sql_text(RAW.format(month=MONTH[dialect]))
        raw_s, raw = timed(lambda: connection.execute(query).fetchall(), 3)
        counted = connection.execute(sql_text("SELECT count(*) FROM as_run")).scalar()
        text = {row.id: row.text for row in connection.execute(sql_text("SELECT id, text FROM ledger_term"))}
    plain = {(month, text[thon], text[topic]): ms for month, thon, topic, ms in raw if ms}
    if plain != {(t.month, t.thon, t.topic): t.cluster_ms for t in totals}:
        sys.exit("the sums and the plain group-by do not agree")
    report_s = report(store, folder, date(2020, 2, 1), date(2020, 2, 29))
    whole = report(store, folder, FIRST, date(2026, 12, 31))
    store.close()
    return {
        "database": dialect,
        "rows": counted,
        "totals": len(totals),
        "totals_ms": round(totals_s * 1000, 1),
        "raw_groupby_ms": round(raw_s * 1000, 1),
        "times_faster": round(raw_s / totals_s, 1),
        "rebuild_s": round(rebuild_s, 1),
        "rebuild_rss_mb": round(rss),
        "places_changed_s": round(places_s, 1),
        **figures,
        "report_s": round(report_s, 2),
        "report_of_all_rows_s": round(whole, 2),
        "load_s": round(load_s, 1),
        "cores": os.cpu_count(),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--ingest", type=int, default=200_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        figures = measure(given.rows, given.ingest, given.database, Path(folder))
    if given.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:>20}  {value}")


if __name__ == "__main__":
    main()
