"""A PostgreSQL server of its own for the tests, on a socket in a temporary folder; nothing of the machine's is touched.

`BROADCASTER_TEST_POSTGRES=postgresql+psycopg://…/empty_database` names another one; everything in it is dropped.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The address of an empty database; the test is skipped where no server is installed."""
    pytest.importorskip("psycopg")
    given = os.environ.get("BROADCASTER_TEST_POSTGRES", "")
    if given:
        yield given
        return
    if not PROGRAMS:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    root = os.geteuid() == 0
    if root:  # the server refuses to run as root
        folder.chmod(0o755)
        shutil.chown(folder, "postgres")
    owner = ["runuser", "-u", "postgres", "--"] if root else []

    def run(program: str, *arguments: str) -> None:
        command = [*owner, str(PROGRAMS[-1] / program), *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)

    data = folder / "data"
    run("initdb", "-D", str(data), "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://test@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")


def emptied(url: str) -> str:
    """The same address, everything in it dropped."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url
