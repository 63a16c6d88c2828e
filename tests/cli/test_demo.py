"""The main job from end to end, by the real command and the deterministic engine: repeated, recomputed, killed."""

import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import pytest

DEMO = [sys.executable, "-m", "broadcaster", "demo", "--engine", "tone", "--week", "2026-11-23"]


def run_demo(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DEMO, *more], cwd=folder, capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "200"}
    )


def contents(folder: Path) -> dict[str, str]:
    """Every file that the demo made, by name, as a hash; the database apart, since pages may lie in any order."""
    made = [*(folder / "audio_out").rglob("*"), *(folder / "schedules" / "demo").rglob("*")]
    files = [p for p in made if p.is_file() and ".db" not in p.name]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def ledger(folder: Path) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(folder / "schedules" / "demo" / "demo.db")
    rows = connection.execute("SELECT * FROM as_run ORDER BY node, seq").fetchall()
    connection.close()
    return rows


def totals_in_sql(folder: Path) -> dict[str, Any]:
    """The counting rule again, in plain SQL over the ledger, sharing nothing with the audit."""
    connection = sqlite3.connect(folder / "schedules" / "demo" / "demo.db")
    connection.execute(
        "CREATE TEMP VIEW heard AS SELECT a.day, s.text AS session, b.text AS bulletin, t.text AS topic, "
        "r.played_ms AS ms FROM as_run r JOIN airing a ON a.id = r.airing AND a.kind = 'ban_tin' AND r.played_ms > 0 "
        "JOIN ledger_term s ON s.id = a.session JOIN ledger_term b ON b.id = a.bulletin "
        "JOIN ledger_term t ON t.id = a.topic"
    )
    connection.execute(
        "CREATE TEMP VIEW aired AS SELECT day, session, bulletin, topic, MAX(ms) AS ms FROM heard "
        "GROUP BY day, session, bulletin, topic"
    )

    def one(query: str) -> Any:
        return connection.execute(query).fetchone()[0]

    found = {
        "aired_ms": one("SELECT SUM(ms) FROM aired"),
        "airings": one("SELECT COUNT(*) FROM aired"),
        "cluster_ms": one("SELECT SUM(ms) FROM heard"),
        "bulletins": one("SELECT COUNT(DISTINCT bulletin) FROM aired"),
        "by_topic": dict(connection.execute("SELECT topic, SUM(ms) FROM aired GROUP BY topic").fetchall()),
        "by_day": dict(connection.execute("SELECT day, SUM(ms) FROM aired GROUP BY day").fetchall()),
    }
    connection.close()
    return found


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """One uninterrupted demo, and what it printed as JSON."""
    folder = tmp_path_factory.mktemp("demo")
    done = run_demo(folder, "--json")
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_the_whole_chain_runs_and_every_box_is_there(finished: tuple[Path, dict[str, Any]]) -> None:
    folder, printed = finished
    assert printed["bulletins"] == 12
    assert printed["ledger_nodes"] == 14
    assert printed["ledger_broken"] == 0
    connection = sqlite3.connect(folder / "schedules" / "demo" / "demo.db")
    tables = ("bulletin_version", "reading", "take", "master", "review", "plan", "rundown", "as_run")
    queries = {table: f"SELECT COUNT(*) FROM {table}" for table in tables}  # noqa: S608 - names from the line above
    counts = {table: connection.execute(query).fetchone()[0] for table, query in queries.items()}
    connection.close()
    assert counts["bulletin_version"] == 12
    assert counts["review"] == 24
    assert counts["plan"] == 1
    assert counts["rundown"] == 14 * 8
    assert min(counts.values()) > 0
    assert all(Path(folder, name).exists() for name in printed["files"])


def test_totals_agree_with_plain_sql_to_the_millisecond(finished: tuple[Path, dict[str, Any]]) -> None:
    folder, printed = finished
    recomputed = totals_in_sql(folder)
    for name in ("aired_ms", "cluster_ms", "airings", "bulletins", "by_topic"):
        assert printed[name] == recomputed[name], name
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "broadcaster",
            "--demo",
            "airtime",
            "totals",
            "--from",
            "2026-11-23",
            "--to",
            "2026-11-29",
            "--json",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    by_day = {day: figures["aired_ms"] for day, figures in json.loads(done.stdout)["by_day"].items()}
    assert by_day == recomputed["by_day"]


def test_the_simulated_outage_is_found_and_only_it(finished: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = finished
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "broadcaster",
            "--demo",
            "airtime",
            "reconcile",
            "--from",
            "2026-11-23",
            "--to",
            "2026-11-29",
            "--json",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    found = json.loads(done.stdout)
    assert found["unrecorded"] == []
    assert found["differences"]
    assert all(d["nodes"] == ["thuong_2"] and d["day"] == "2026-11-25" for d in found["differences"])
    assert {d["cause"] for d in found["differences"]} <= {"power_cut", "off_air", "late"}
    partial = [d for d in found["differences"] if d["cause"] == "power_cut"]
    assert len(partial) == 1
    assert 0 < partial[0]["played_ms"] < partial[0]["planned_ms"]


def test_the_evening_can_be_listened_to(finished: tuple[Path, dict[str, Any]]) -> None:
    folder, printed = finished
    name = next(name for name in printed["files"] if name.endswith(".wav"))
    with wave.open(str(folder / name)) as file:
        seconds = file.getnframes() / file.getframerate()
        samples = file.readframes(file.getnframes())
    # Opened a second before the session; ends with the last item that this player itself plays.
    assert 60 < seconds <= 45 * 60 + 1
    assert any(samples)


def test_again_changes_nothing(finished: tuple[Path, dict[str, Any]]) -> None:
    folder, printed = finished
    before, rows = contents(folder), ledger(folder)
    done = run_demo(folder, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == printed
    assert ledger(folder) == rows
    assert contents(folder) == before


def test_elsewhere_gives_the_same_bytes(finished: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, _ = finished
    assert run_demo(tmp_path).returncode == 0
    assert contents(tmp_path) == contents(folder)
    assert ledger(tmp_path) == ledger(folder)


@pytest.mark.slow
def test_killed_at_any_point_it_goes_on(finished: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """Killed again and again at moments of chance, it comes to the same week as the run that nobody disturbed."""
    folder, _ = finished
    chance = random.Random(20261123)  # noqa: S311 - moments of chance, no secrets
    kills = 0
    for _ in range(40):
        process = subprocess.Popen(DEMO, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if process.wait(timeout=chance.uniform(0.2, 3.0)) == 0:
                break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    assert kills >= 1
    assert run_demo(tmp_path).returncode == 0
    # A killed writer leaves its temporary name behind; the names that count are whole.
    made = {name: value for name, value in contents(tmp_path).items() if not Path(name).name.startswith(".")}
    assert made == contents(folder)
    rows, expected = ledger(tmp_path), ledger(folder)
    assert len({(row[0], row[1]) for row in rows}) == len(rows)
    assert rows == expected
    shutil.rmtree(tmp_path / "audio_out")


def test_where_the_neural_voice_is_broken_the_usual_one_speaks_and_it_is_said(tmp_path: Path) -> None:
    """Its cache folder is a file here: the weights cannot be cut, which is what a full disk or half a package gives."""
    sample = Path(__file__).resolve().parents[2]
    for folder in ("scripts_vi", "schedules"):
        shutil.copytree(sample / folder, tmp_path / folder, ignore=shutil.ignore_patterns("demo", "*.md"))
    station = tmp_path / "schedules" / "station.toml"
    station.write_text(station.read_text(encoding="utf-8").replace('["espeak"]', '["tone"]'), encoding="utf-8")
    (tmp_path / "cache").write_text("a file where the folder should be", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "broadcaster", "demo", "--week", "2026-11-23"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "200", "BROADCASTER_CACHE": str(tmp_path / "cache")},
    )
    assert done.returncode == 0, done.stderr
    assert "Giọng nơ-ron kokoro_vi chưa dùng được" in done.stdout
    assert "✓ 12 bản phát bằng giọng tone" in done.stdout
    first = next(line for line in done.stdout.splitlines() if "Phát đầu tiên" in line)
    assert first.count("(tone)") == 3
