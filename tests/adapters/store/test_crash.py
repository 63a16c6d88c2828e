"""Real processes on one database: several at once, and one that is killed."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from broadcaster.adapters.store.sql import open_store
from broadcaster.domain.asrun import check_chain
from tests.suites.store_values import an_as_run

ROOT = Path(__file__).parents[3]
NODE = "thon-1-a"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


@pytest.fixture
def start(database: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def run(*arguments: Any) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.adapters.store.ledger_writer", str(database), *map(str, arguments)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, encoding="utf-8")
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_processes_that_open_one_new_file_and_append_to_one_node(database: Path, start: Start) -> None:
    # 0-399, 200-599, 400-799: every item but the outermost comes from two of them.
    writers = [start(NODE, first, 40, 10) for first in (0, 200, 400)]
    assert [said(writer) for writer in writers] == ["ready"] * 3
    for writer in writers:
        tell(writer)
    new = 0
    for writer in writers:
        out, _ = writer.communicate()
        assert writer.returncode == 0
        new += sum(map(int, out.split()))
    store = open_store(database)
    chain = store.chain(NODE)
    store.close()
    assert new == len(chain) == 800
    assert {row.item for row in chain} == {str(n) for n in range(800)}
    assert check_chain(chain) == ()


@pytest.mark.parametrize(("pause", "kept"), [("before", 0), ("sums", 0), ("after", 2000)])
def test_a_batch_that_is_killed_is_there_whole_or_not_at_all(
    database: Path, start: Start, pause: str, kept: int
) -> None:
    writer = start(NODE, 0, 1, 2000, pause)
    said(writer)
    tell(writer)
    words = [said(writer), said(writer)] if pause == "after" else [said(writer)]
    assert words[-1] == pause
    writer.kill()
    writer.wait()

    store = open_store(database)
    assert len(store.chain(NODE)) == kept
    assert not store.check_airtime()
    assert sum(row.heard for row in store.aired(date.min, date.max)) == kept
    rows = [an_as_run(n, NODE) for n in range(2500)]
    assert store.append_as_run(rows) == 2500 - kept
    chain = store.chain(NODE)
    assert not store.check_airtime()
    store.close()
    assert [row.item for row in chain] == [row.item for row in rows]
    assert check_chain(chain) == ()


def test_kills_at_any_moment_leave_whole_batches_and_rerunning_fills_the_rest(database: Path, start: Start) -> None:
    batches, size = 10, 100
    for round_ in range(3):
        writer = start(NODE, 0, batches, size)
        said(writer)
        tell(writer)
        for _ in range(3 * round_ + 1):
            said(writer)
        writer.kill()  # somewhere in the batch after the one just reported
        writer.wait()
        store = open_store(database)
        chain = store.chain(NODE)
        assert not store.check_airtime(), "rows and sums agree"
        assert sum(row.heard for row in store.aired(date.min, date.max)) == len(chain)
        store.close()
        assert len(chain) >= (3 * round_ + 1) * size
        assert len(chain) % size == 0
        assert check_chain(chain) == ()
    writer = start(NODE, 0, batches, size)
    tell(writer)
    assert writer.wait() == 0
    store = open_store(database)
    chain = store.chain(NODE)
    assert not store.check_airtime()
    store.close()
    assert len(chain) == batches * size
    assert check_chain(chain) == ()
