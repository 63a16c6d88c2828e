"""The migrations make the tables of the models, one step at a time, forth and back."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from broadcaster.adapters.store import schema
from broadcaster.adapters.store.columns import Instant
from broadcaster.adapters.store.database import engine_for, url_of, writer
from broadcaster.adapters.store.migrations.__main__ import draft
from broadcaster.adapters.store.migrations.versions import v0002_ledgers, v0005_airtime
from broadcaster.adapters.store.schema import HEAD, REVISIONS, config, downgrade, ready, upgrade
from broadcaster.adapters.store.sql import open_store
from broadcaster.adapters.store.tables import Row
from broadcaster.domain.approval import Action
from broadcaster.domain.asrun import check_chain
from broadcaster.domain.audit.facts import Place
from broadcaster.errors import StoreError
from tests.suites.store_values import NOW, a_bulletin, a_review, an_as_run


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = engine_for(url_of(tmp_path / "a.db"))
    yield engine
    engine.dispose()


def sql_of(engine: Engine) -> dict[str, str]:
    """Every table, index and trigger of a SQLite database, as SQL without regard to spacing or quotes."""
    with closing(sqlite3.connect(str(engine.url.database))) as raw:
        found = raw.execute("SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {
        name: re.sub(r"\s+", " ", sql).replace('"', "").replace("( ", "(").replace(" )", ")")
        for name, sql in found
        if not name.endswith("alembic_version")
    }


def test_the_revisions_are_listed_in_order() -> None:
    script = ScriptDirectory.from_config(config())
    listed = [revision.revision for revision in script.walk_revisions()]
    assert listed == list(reversed(REVISIONS))
    assert script.get_current_head() == HEAD


def test_alembic_finds_no_difference(engine: Engine) -> None:
    ready(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Row.metadata) == []


def test_the_migrations_make_the_models_to_the_letter(engine: Engine, tmp_path: Path) -> None:
    """Alembic does not compare CHECK constraints; the SQL that SQLite keeps tells every one of them."""
    ready(engine)
    models = engine_for(url_of(tmp_path / "models.db"))
    Row.metadata.create_all(writer(models))
    made = {name: sql for name, sql in sql_of(engine).items() if not name.startswith("trigger")}
    assert made == sql_of(models)
    models.dispose()


def test_every_trigger_is_there(engine: Engine) -> None:
    ready(engine)
    wanted = {name for name, *_ in (*v0002_ledgers.TRIGGERS, *v0005_airtime.TRIGGERS)}
    assert {name for name in sql_of(engine) if name.startswith("trigger")} == {f"trigger {name}" for name in wanted}


def test_every_constraint_has_a_name(engine: Engine) -> None:
    ready(engine)
    tables = inspect(engine)
    for table in tables.get_table_names():
        names = [constraint["name"] for constraint in tables.get_check_constraints(table)]
        names += [constraint["name"] for constraint in tables.get_unique_constraints(table)]
        names += [constraint["name"] for constraint in tables.get_foreign_keys(table)]
        assert all(names)


def test_every_instant_is_an_instant() -> None:
    from datetime import datetime

    for table in Row.metadata.tables.values():
        for column in table.columns:
            kept_as_datetime = column.type.python_type is datetime and not isinstance(column.type, Instant)
            assert not kept_as_datetime, column


@pytest.mark.parametrize("old", REVISIONS)
def test_up_from_every_revision_and_down_to_it(engine: Engine, tmp_path: Path, old: str) -> None:
    straight = engine_for(url_of(tmp_path / "straight.db"))
    ready(straight)
    upgrade(engine, old)
    at_old = sql_of(engine)
    ready(engine)
    assert sql_of(engine) == sql_of(straight)
    downgrade(engine, old)
    assert sql_of(engine) == at_old
    downgrade(engine, "base")
    assert sql_of(engine) == {}
    ready(engine)
    assert sql_of(engine) == sql_of(straight)
    straight.dispose()


def test_bulletins_of_before_their_own_words_are_kept(engine: Engine) -> None:
    """0003 makes the table anew: every version, and its place in the order of saving, has to be there again."""
    path = Path(str(engine.url.database))
    old = [a_bulletin(f"tin-{number}", voices={"hoi": "nu"}) for number in range(3)]
    store = open_store(path)
    for bulletin in old:
        store.save_bulletin(bulletin, NOW)
    store.save_bulletin(a_bulletin("tin-0", voices={"hoi": "nu"}, lexicon={"TDP": "tổ dân phố"}), NOW)
    store.close()
    downgrade(engine, "0002")
    store = open_store(path)
    assert store.bulletins() == old
    assert [at for at, _ in store.versions("tin-0")] == [NOW, NOW]
    store.add_review(a_review(old[1]))
    own = a_review(old[1], Action.APPROVE, actor=old[1].author, author="khác")
    with pytest.raises(StoreError, match="own_approval"):
        store.add_review(own)
    store.close()


def test_rows_of_before_the_narrow_ledger_are_carried_over_and_back(engine: Engine) -> None:
    path = Path(str(engine.url.database))
    store = open_store(path)
    rows = [an_as_run(n, node, topic=f"t{n % 3}", level=None) for node in ("a", "b") for n in range(30)]
    for node in ("a", "b"):
        store.append_as_run([row for row in rows if row.node == node])
    chains = {node: store.chain(node) for node in ("a", "b")}
    store.close()
    downgrade(engine, "0003")
    with closing(sqlite3.connect(path)) as raw:
        kept = raw.execute("SELECT node, seq, item, previous, hash FROM as_run ORDER BY node, seq").fetchall()
    assert kept == [(r.node, r.seq, r.item, r.previous, r.hash) for chain in chains.values() for r in chain]
    store = open_store(path)
    assert {node: store.chain(node) for node in store.nodes()} == chains
    assert all(check_chain(chain) == () for chain in chains.values())
    assert store.check_airtime(), "no sums before the thôn are known"
    assert store.keep_places([Place("a", date.min, date.max, "x")])
    assert store.check_airtime() == []
    assert store.append_as_run([*rows[:30], an_as_run("new", "a")]) == 1
    assert store.check_airtime() == []
    store.close()


def test_an_upgrade_that_fails_leaves_the_old_schema(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        message = "power cut"
        raise OSError(message)

    upgrade(engine, "0001")
    before = sql_of(engine)
    run = command.upgrade

    def half(settings: object, revision: str) -> None:
        run(settings, revision)  # type: ignore[arg-type]
        fail()

    monkeypatch.setattr(command, "upgrade", half)
    with pytest.raises(OSError, match="power cut"):
        ready(engine)
    monkeypatch.undo()
    assert sql_of(engine) == before
    with engine.connect() as connection:
        assert schema.stamped(connection) == "0001"
    ready(engine)
    with engine.connect() as connection:
        assert schema.stamped(connection) == HEAD


def test_an_upgrade_over_broken_references_is_undone(engine: Engine) -> None:
    upgrade(engine, "0001")
    with closing(sqlite3.connect(str(engine.url.database))) as raw:
        raw.execute("INSERT INTO rundown_item VALUES ('no such', 1, 'i', 'ban_tin', 0, 0, '', '', '', 'bo_qua', '')")
        raw.commit()
    with pytest.raises(StoreError) as caught:
        ready(engine)
    assert caught.value.code == "store.damaged"
    with engine.connect() as connection:
        assert schema.stamped(connection) == "0001"


def test_env_owns_no_connection() -> None:
    with pytest.raises(RuntimeError, match="owns the connection"):
        command.upgrade(config(), "head")


def test_postgresql_gets_its_own_triggers() -> None:
    settings = config()
    settings.output_buffer = out = StringIO()
    settings.attributes["dialect"] = "postgresql"
    command.upgrade(settings, "0004", sql=True)  # 0005 carries rows over, which needs a database: `test_postgres`
    sql = out.getvalue()
    for name, table, *_ in v0002_ledgers.TRIGGERS:
        assert re.search(rf"CREATE TRIGGER {name} BEFORE \w+ ON {table} FOR EACH ROW", sql)
    assert sql.count("BEFORE TRUNCATE") == len(v0002_ledgers.LEDGERS)


def test_the_next_migration_is_drafted_empty_when_nothing_changed(tmp_path: Path) -> None:
    folder = tmp_path / "migrations 100%"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    made = draft("Add nothing", folder)
    assert made.parent == folder / "versions"
    text = made.read_text(encoding="utf-8")
    compile(text, str(made), "exec")
    assert f"down_revision = '{HEAD}'" in text
    assert text.count("pass") == 2
