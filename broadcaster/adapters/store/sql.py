"""The store on SQLite or PostgreSQL.

Reading methods see one snapshot; writing methods take the write lock first, so that what they read is still true when
they write. Rundown items go in by Core statements: the ORM is thirty times slower at bulk rows, and they need none of
it. The ledger, its sums and the baseline are in modules of their own, which the class joins.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, or_
from sqlmodel import Session, col, select

from broadcaster.adapters.store import air_rows, rows
from broadcaster.adapters.store.access import SqlAccess
from broadcaster.adapters.store.airtime import SqlAirtime
from broadcaster.adapters.store.baselines import SqlBaselines
from broadcaster.adapters.store.bulk import chunks
from broadcaster.adapters.store.database import BUSY_MS, engine_for, name_of, url_of
from broadcaster.adapters.store.errors import translated
from broadcaster.adapters.store.guard import refuse_own_approval
from broadcaster.adapters.store.schema import ready, stamped
from broadcaster.adapters.store.tables import (
    BulletinRow,
    MasterRow,
    PlanRow,
    ReadingRow,
    ReviewRow,
    RundownItemRow,
    RundownRow,
    TakeRow,
)
from broadcaster.domain.approval import Review
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.master import Master
from broadcaster.domain.planning.plan import Plan
from broadcaster.domain.rundown import Rundown
from broadcaster.domain.take import Take
from broadcaster.errors import StoreError
from broadcaster.ports import StoredReading
from broadcaster.units import Sha256, as_utc


def open_store(where: str | Path, *, busy_ms: int = BUSY_MS) -> "SqlStore":
    """The store in a SQLite file, made if it is not there, or at a database URL; an older one is brought up to date.

    Args:
        where: a path, or a URL such as `postgresql+psycopg://…`.
        busy_ms: how long a call waits for another process that writes.

    Raises:
        StoreError: `store.newer` if a later release made it, `store.unreadable` if it is no database, `store.foreign`
            if it is another program's, `store.busy` if another process keeps it locked, `store.readonly`, `store.disk`,
            `store.driver` if the URL's kind of database needs a package that is not installed.
    """
    url = url_of(where)
    name = name_of(url)
    with translated(name):
        engine = engine_for(url, busy_ms)
        try:
            ready(engine)
        except BaseException:
            engine.dispose()
            raise
    return SqlStore(engine, name)


def _next_turn(session: Session, table: type[BulletinRow | ReadingRow | MasterRow | RundownRow]) -> int:
    return int(session.exec(select(func.coalesce(func.max(table.turn), 0))).one()) + 1


class SqlStore(SqlAirtime, SqlBaselines, SqlAccess):
    """A store over an engine whose database stands at the right revision; `open_store` makes one.

    Safe to use from several threads and processes at once.
    """

    def save_bulletin(self, bulletin: Bulletin, at: datetime) -> bool:
        """See the port. A version keeps the author under whom it first came: who brings it again is not its author."""
        with self._write() as session:
            row = session.exec(select(BulletinRow).where(BulletinRow.text_hash == bulletin.text_hash)).first()
            turn = _next_turn(session, BulletinRow)
            if row is None:
                session.add(rows.bulletin_row(bulletin, as_utc(at), turn))
                return True
            latest = select(func.max(BulletinRow.turn)).where(BulletinRow.code == bulletin.code)
            if row.turn != session.exec(latest).one():
                row.turn = turn
            return False

    def bulletins(self) -> Sequence[Bulletin]:
        """See the port."""
        latest = select(func.max(BulletinRow.turn)).group_by(col(BulletinRow.code))
        with self._read() as session:
            found = session.exec(select(BulletinRow).where(col(BulletinRow.turn).in_(latest)))
            return sorted((rows.bulletin_of(row) for row in found), key=lambda bulletin: bulletin.code)

    def bulletin(self, code: str) -> Bulletin | None:
        """See the port."""
        query = select(BulletinRow).where(BulletinRow.code == code).order_by(col(BulletinRow.turn).desc()).limit(1)
        with self._read() as session:
            row = session.exec(query).first()
            return rows.bulletin_of(row) if row else None

    def versions(self, code: str) -> Sequence[tuple[datetime, Bulletin]]:
        """See the port."""
        with self._read() as session:
            found = session.exec(select(BulletinRow).where(BulletinRow.code == code).order_by(col(BulletinRow.id)))
            return [(row.saved_at, rows.bulletin_of(row)) for row in found]

    def save_reading(self, reading: StoredReading) -> None:
        """See the port."""
        of_text = select(ReadingRow).where(ReadingRow.text_hash == reading.text_hash)
        with self._write() as session:
            latest = session.exec(of_text.order_by(col(ReadingRow.turn).desc()).limit(1)).first()
            if latest is not None and latest.reading_hash == reading.reading_hash:
                return
            turn = _next_turn(session, ReadingRow)
            row = session.exec(of_text.where(ReadingRow.reading_hash == reading.reading_hash)).first()
            if row is None:
                session.add(rows.reading_row(reading, turn))
            else:
                row.turn = turn

    def reading(self, text_hash: Sha256) -> StoredReading | None:
        """See the port."""
        query = select(ReadingRow).where(ReadingRow.text_hash == text_hash).order_by(col(ReadingRow.turn).desc())
        with self._read() as session:
            row = session.exec(query.limit(1)).first()
            return rows.reading_of(row) if row else None

    def last_readings(self, texts: Collection[Sha256]) -> Mapping[Sha256, Sha256]:
        """See the port."""
        found: dict[Sha256, Sha256] = {}
        columns = select(ReadingRow.text_hash, ReadingRow.reading_hash).order_by(col(ReadingRow.turn))
        with self._read() as session:
            for some in chunks(sorted(texts)):
                for text, reading in session.exec(columns.where(col(ReadingRow.text_hash).in_(some))):
                    found[Sha256(text)] = Sha256(reading)
        return found

    def save_take(self, take: Take) -> None:
        """See the port. A new recording takes the old one's place: an online voice never says a thing twice alike."""
        with self._write() as session:
            session.merge(rows.take_row(take))

    def take(self, key: Sha256) -> Take | None:
        """See the port."""
        with self._read() as session:
            row = session.get(TakeRow, key)
            return rows.take_of(row) if row else None

    def save_master(self, master: Master) -> None:
        """See the port."""
        with self._write() as session:
            row = session.get(MasterRow, master.hash)
            same = or_(col(MasterRow.text_hash) == master.text_hash, col(MasterRow.recipe_hash) == master.recipe_hash)
            latest = select(func.max(MasterRow.turn)).where(same)
            if row is not None and row.turn == session.exec(latest).one():
                session.merge(rows.master_row(master, row.turn))
            else:
                session.merge(rows.master_row(master, _next_turn(session, MasterRow)))

    def master_by_recipe(self, recipe_hash: Sha256) -> Master | None:
        """See the port."""
        return self._last_master(MasterRow.recipe_hash == recipe_hash)

    def master(self, master_hash: Sha256) -> Master | None:
        """See the port."""
        return self._last_master(MasterRow.hash == master_hash)

    def masters(self, hashes: Collection[Sha256]) -> Mapping[Sha256, Master]:
        """See the port."""
        found: dict[Sha256, Master] = {}
        with self._read() as session:
            for some in chunks(sorted(hashes)):
                wanted = col(MasterRow.hash).in_(some)
                for row in session.exec(select(MasterRow).where(wanted).order_by(col(MasterRow.turn))):
                    master = rows.master_of(row)
                    found[master.hash] = master
        return found

    def master_of(self, text_hash: Sha256) -> Master | None:
        """See the port."""
        return self._last_master(MasterRow.text_hash == text_hash)

    def last_masters(self, texts: Collection[Sha256]) -> Mapping[Sha256, Master]:
        """See the port."""
        found: dict[Sha256, Master] = {}
        with self._read() as session:
            for some in chunks(sorted(texts)):
                wanted = col(MasterRow.text_hash).in_(some)
                for row in session.exec(select(MasterRow).where(wanted).order_by(col(MasterRow.turn))):
                    found[Sha256(row.text_hash)] = rows.master_of(row)
        return found

    def _last_master(self, condition: Any) -> Master | None:
        with self._read() as session:
            row = session.exec(select(MasterRow).where(condition).order_by(col(MasterRow.turn).desc()).limit(1)).first()
            return rows.master_of(row) if row else None

    def add_review(self, review: Review) -> None:
        """See the port. The author under whom the text was saved may not approve it either, whatever the event says."""
        row = rows.review_row(review)
        with self._write() as session:
            saved_by = session.exec(select(BulletinRow.author).where(BulletinRow.text_hash == review.subject.text))
            refuse_own_approval(review, saved_by)
            if session.exec(select(ReviewRow.id).where(ReviewRow.hash == row.hash)).first() is None:
                session.add(row)

    def reviews(self, bulletin: str) -> Sequence[Review]:
        """See the port."""
        with self._read() as session:
            found = session.exec(select(ReviewRow).where(ReviewRow.bulletin == bulletin).order_by(col(ReviewRow.id)))
            return [rows.review_of(row) for row in found]

    def histories(self) -> Mapping[str, Sequence[Review]]:
        """See the port."""
        found: dict[str, list[Review]] = {}
        with self._read() as session:
            for row in session.exec(select(ReviewRow).order_by(col(ReviewRow.id))):
                found.setdefault(row.bulletin, []).append(rows.review_of(row))
        return found

    def last_review(self) -> int:
        """See the port."""
        with self._read() as session:
            return session.exec(select(func.max(ReviewRow.id))).one() or 0

    def reviews_after(self, number: int) -> Sequence[tuple[int, Review]]:
        """See the port. One writes at a time, so that numbers appear in their order."""
        later = select(ReviewRow).where(col(ReviewRow.id) > number).order_by(col(ReviewRow.id))
        with self._read() as session:
            return [(row.id or 0, rows.review_of(row)) for row in session.exec(later)]

    def save_plan(self, plan: Plan, at: datetime) -> None:
        """See the port."""
        row = air_rows.plan_row(plan, as_utc(at))
        query = select(PlanRow.hash).where(PlanRow.week == plan.week, PlanRow.number == plan.number)
        with self._write() as session:
            there = session.exec(query).first()
            if there is None:
                session.add(row)
            elif there != row.hash:
                raise StoreError("store.plan_number", week=plan.week, number=plan.number)

    def plans(self, week: date) -> Sequence[Plan]:
        """See the port."""
        with self._read() as session:
            found = session.exec(select(PlanRow).where(PlanRow.week == week).order_by(col(PlanRow.number)))
            return [air_rows.plan_of(row) for row in found]

    def plans_saved(self, first: datetime, last: datetime) -> Sequence[tuple[datetime, Plan]]:
        """See the port."""
        when = col(PlanRow.saved_at)
        query = select(PlanRow).where(when >= as_utc(first), when < as_utc(last))
        with self._read() as session:
            found = session.exec(query.order_by(when, col(PlanRow.week), col(PlanRow.number)))
            return [(row.saved_at, air_rows.plan_of(row)) for row in found]

    def save_rundowns(self, rundowns: Iterable[Rundown]) -> None:
        """See the port."""
        given = [(rundown.hash, rundown) for rundown in rundowns]
        with self._write() as session:
            turn = _next_turn(session, RundownRow)
            for key, rundown in given:
                row = session.get(RundownRow, key)
                latest = select(func.max(RundownRow.turn)).where(RundownRow.code == rundown.code)
                if row is None:
                    session.add(air_rows.rundown_row(rundown, turn))
                    session.flush()  # the items' foreign key asks for it
                    if rundown.items:
                        session.connection().execute(insert(RundownItemRow), air_rows.rundown_item_rows(rundown))
                elif row.turn != session.exec(latest).one():
                    row.turn = turn
                else:
                    continue
                turn += 1

    def rundowns(self, first: date, last: date) -> Sequence[Rundown]:
        """See the port."""
        day = col(RundownRow.day).between(first, last)
        # A code names its day, so that the latest of a code within the span is its latest of all.
        latest = select(func.max(RundownRow.turn)).where(day).group_by(col(RundownRow.code))
        current = select(RundownRow).where(day, col(RundownRow.turn).in_(latest))
        hashes = select(RundownRow.hash).where(day, col(RundownRow.turn).in_(latest))
        items = select(RundownItemRow).where(col(RundownItemRow.rundown).in_(hashes))
        items = items.order_by(col(RundownItemRow.rundown), col(RundownItemRow.position))
        with self._read() as session:
            of = {key: list(group) for key, group in groupby(session.exec(items), lambda item: item.rundown)}
            found = [air_rows.rundown_of(row, of.get(row.hash, [])) for row in session.exec(current)]
        return sorted(found, key=lambda rundown: (rundown.start, rundown.zone, rundown.code))

    def schema_version(self) -> str:
        """See the port."""
        with self._read() as session:
            return stamped(session.connection())

    def close(self) -> None:
        """See the port."""
        self._engine.dispose()
