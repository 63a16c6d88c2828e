import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from broadcaster.adapters.store import database as database_module
from broadcaster.adapters.store.schema import HEAD
from broadcaster.adapters.store.sql import open_store
from broadcaster.domain.asrun import check_chain
from broadcaster.errors import StoreError
from tests.suites.store_values import MONDAY, NOW, a_bulletin, a_plan, a_review, a_rundown, an_as_run


def code_of(where: str | Path, busy_ms: int = 100) -> str:
    with pytest.raises(StoreError) as caught:
        open_store(where, busy_ms=busy_ms)
    assert caught.value.facts
    return caught.value.code


def test_everything_is_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "dữ liệu 100%" / "đài.db"
    store = open_store(path)
    store.save_bulletin(a_bulletin(), NOW)
    store.add_review(a_review(a_bulletin()))
    store.save_plan(a_plan(), NOW)
    store.save_rundowns([a_rundown()])
    store.append_as_run([an_as_run(0), an_as_run(1)])
    store.close()
    for where in (path, str(path), f"sqlite:///{path}"):
        store = open_store(where)
        assert store.bulletin("tiem-phong") == a_bulletin()
        assert store.reviews("tiem-phong") == [a_review(a_bulletin())]
        assert store.plans(MONDAY) == [a_plan()]
        assert store.rundowns(MONDAY, MONDAY) == [a_rundown()]
        store.append_as_run([an_as_run(1), an_as_run(str(where))])
        assert store.schema_version() == HEAD
        store.close()
    store = open_store(path)
    chain = store.chain("thon-1-a")
    store.close()
    assert [row.seq for row in chain] == [1, 2, 3, 4]
    assert check_chain(chain) == ()


def test_the_log_is_written_ahead_and_forced_to_disk(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a.db")
    with store._engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    store.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_foreign_keys_are_on_again_after_a_migration(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a.db")
    with store._engine.connect() as one, store._engine.connect() as two:
        for connection in (one, two):
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    store.close()


def test_opening_a_store_of_today_imports_no_alembic_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_store(path).close()
    before = path.read_bytes()
    program = (
        "import sys; from broadcaster.adapters.store.sql import open_store; "
        "s = open_store(sys.argv[1]); print(s.schema_version()); s.close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [HEAD, "False"]
    assert path.read_bytes() == before


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_text("Đây là một bản tin, không phải cơ sở dữ liệu.\n" * 50, encoding="utf-8")
    before = path.read_bytes()
    assert code_of(path) == "store.unreadable"
    assert path.read_bytes() == before


def test_a_database_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_store(path).close()
    path.write_bytes(path.read_bytes()[: 4096 * 3 + 100])
    assert code_of(path) in {"store.unreadable", "store.damaged"}


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert code_of(tmp_path) == "store.unreadable"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert code_of(tmp_path / "file" / "a.db") == "store.unreadable"


def test_an_address_that_is_none() -> None:
    assert code_of("sqlite//:x://") == "store.unreadable"


def test_another_programs_database(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE photos (id INTEGER)")
        raw.commit()
    assert code_of(path) == "store.foreign"
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("photos",)]


def test_a_database_of_a_later_release(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_store(path).close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
    with pytest.raises(StoreError) as caught:
        open_store(path)
    assert caught.value.code == "store.newer"
    assert caught.value.facts == {"file": str(path), "version": "9999", "known": HEAD}


def test_a_locked_database_that_must_be_migrated(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert code_of(path) == "store.busy"
    open_store(path).close()


def test_readers_do_not_wait_for_a_writer_and_a_second_writer_waits_its_time(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_store(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        store = open_store(path, busy_ms=100)
        assert not store.bulletins()
        with pytest.raises(StoreError) as caught:
            store.save_bulletin(a_bulletin(), NOW)
        assert caught.value.code == "store.busy"
        assert caught.value.retryable
        other.execute("ROLLBACK")
        assert store.save_bulletin(a_bulletin(), NOW)
        store.close()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_database_that_may_not_be_written(tmp_path: Path) -> None:  # pragma: no cover
    path = tmp_path / "a.db"
    open_store(path).close()
    path.chmod(0o444)
    store = open_store(path)
    with pytest.raises(StoreError, match=r"store\.readonly"):
        store.save_bulletin(a_bulletin(), NOW)


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    store = open_store(tmp_path / "a.db")
    store.append_as_run([an_as_run(0)])

    @event.listens_for(store._engine, "connect")
    def shrink(dbapi: sqlite3.Connection, _record: object) -> None:
        dbapi.execute("PRAGMA max_page_count = 50")

    store._engine.dispose()
    with pytest.raises(StoreError) as caught:
        store.append_as_run([an_as_run(n) for n in range(1, 3000)])
    assert caught.value.code == "store.disk"
    assert len(store.chain("thon-1-a")) == 1
    assert store.append_as_run([an_as_run(1)]) == 1
    store.close()


def test_a_row_that_makes_no_value_says_which_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    store = open_store(path)
    store.save_bulletin(a_bulletin(), NOW)
    store.save_plan(a_plan(), NOW)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE bulletin_version SET zones = '{}'")
        raw.execute("""UPDATE "plan" SET document = 'x'""")
        raw.commit()
    with pytest.raises(StoreError) as caught:
        store.bulletins()
    assert caught.value.code == "store.damaged"
    assert caught.value.facts["key"] == a_bulletin().text_hash
    assert caught.value.facts["file"] == str(path)
    with pytest.raises(StoreError) as caught:
        store.plans(MONDAY)
    assert (caught.value.code, caught.value.facts["table"]) == ("store.damaged", "plan")
    store.close()


def test_the_path_of_a_url_is_kept_and_no_password_is_told() -> None:
    assert str(database_module.url_of("sqlite:////srv/a.db").database) == "/srv/a.db"
    with pytest.raises(StoreError) as caught:
        open_store("postgresql+psycopg://station:secret@localhost:1/broadcaster")
    assert caught.value.code in {"store.driver", "store.unreadable"}  # the driver is an extra
    assert "secret" not in repr(caught.value)
