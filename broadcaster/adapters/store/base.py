"""What the parts of the SQL store share: one engine, reading in a snapshot, writing under the lock."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from broadcaster.adapters.store.database import writer
from broadcaster.adapters.store.errors import translated
from broadcaster.adapters.store.terms import Terms


class SqlBase:
    """An engine whose database stands at the right revision."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._writer = writer(engine)
        self._name = name
        self._terms = Terms()

    @contextmanager
    def _read(self) -> Iterator[Session]:
        with translated(self._name), Session(self._engine) as session:
            yield session

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with translated(self._name), Session(self._writer) as session, session.begin():
            yield session

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._read() as session:
            yield session.connection()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._write() as session:
            yield session.connection()
