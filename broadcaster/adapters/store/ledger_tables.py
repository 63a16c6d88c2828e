"""The as-run ledger as narrow tables, and the sums of airtime beside it. docs/adr/0016-narrow-ledger.md says why.

A row of the ledger is what one node measured of one item; what all nodes share of it stands once, in `ledger_entry`
and `airing`, and every text once, in `ledger_term`. The `airtime_…` tables hold nothing that the ledger does not: they
can be made again, and refer to nothing.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from broadcaster.adapters.store.columns import Instant, by_value
from broadcaster.adapters.store.tables import Row
from broadcaster.domain.asrun import Cause, Outcome
from broadcaster.domain.baseline import Origin
from broadcaster.domain.rundown import ItemKind

NARROW = {"sqlite_with_rowid": False}
"""A table that is its own primary key's index."""


def _refers(column: str) -> list[Any]:
    return [ForeignKey(column)]


class TermRow(Row, table=True):
    """A text that rows name: a node, a session, a bulletin, a topic, a thôn, a hash."""

    __tablename__ = "ledger_term"
    __table_args__ = (UniqueConstraint("text"),)

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    text: str


class AiringRow(Row, table=True):
    """One item of a session on a day, whichever nodes aired it: the unit of the counting rule."""

    __tablename__ = "airing"
    __table_args__ = (UniqueConstraint("day", "session", "kind", "bulletin", "topic"), Index(None, "bulletin", "day"))

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    day: date
    session: int = Field(sa_column_args=_refers("ledger_term.id"))
    kind: ItemKind = Field(sa_type=by_value(ItemKind, "kind"))
    bulletin: int = Field(sa_column_args=_refers("ledger_term.id"))
    topic: int = Field(sa_column_args=_refers("ledger_term.id"))


class EntryRow(Row, table=True):
    """An item of a rundown as rows tell of it; usually the same for every node of a zone."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index(None, "item"),
        Index(None, "planned_start"),
        CheckConstraint("planned_ms >= 0", name="planned"),
    )

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    item: str
    airing: int = Field(sa_column_args=_refers("airing.id"))
    rundown: int = Field(sa_column_args=_refers("ledger_term.id"))
    master: int = Field(sa_column_args=_refers("ledger_term.id"))
    planned_start: datetime = Field(sa_type=Instant)
    planned_ms: int


class AsRunRow(Row, table=True):
    """A measured row of the ledger. Only grows.

    No check that a strange clock could fail: what was measured is never refused. Rows lie by airing, so that all that
    the counting rule looks at together is together. The hash of the row before is not kept: it is that row's hash.
    """

    __tablename__ = "as_run"
    __table_args__: Any = (
        UniqueConstraint("node", "seq"),
        CheckConstraint("seq >= 1", name="seq"),
        CheckConstraint("played_ms >= 0", name="lengths"),
        CheckConstraint("length(hash) = 32", name="hashes"),
        NARROW,
    )

    airing: int = Field(primary_key=True, sa_column_args=_refers("airing.id"))
    node: int = Field(primary_key=True, sa_column_args=_refers("ledger_term.id"))
    seq: int = Field(primary_key=True)
    entry: int = Field(sa_column_args=_refers("ledger_entry.id"))
    started_at: datetime | None = Field(sa_type=Instant)
    ended_at: datetime | None = Field(sa_type=Instant)
    played_ms: int
    outcome: Outcome = Field(sa_type=by_value(Outcome, "outcome"))
    cause: Cause = Field(sa_type=by_value(Cause, "cause"))
    level: float | None
    hash: bytes = Field(sa_type=LargeBinary)


class CorrectionRow(Row, table=True):
    """What a person says against a measured row. Only grows; of several about one row the last counts."""

    __tablename__ = "correction"
    __table_args__ = (
        Index(None, "airing"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("played_ms >= 0", name="lengths"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    airing: int = Field(sa_column_args=_refers("airing.id"))
    node: int = Field(sa_column_args=_refers("ledger_term.id"))
    target: int
    row_hash: str
    played_ms: int
    outcome: Outcome = Field(sa_type=by_value(Outcome, "outcome"))
    cause: Cause = Field(sa_type=by_value(Cause, "cause"))
    reason: str = Field(sa_type=Text)
    person: str
    at: datetime = Field(sa_type=Instant)
    previous: str
    hash: str


class PlaceRow(Row, table=True):
    """The thôn in which a cluster stands, from one day to another: what the sums by thôn were made with."""

    __tablename__ = "airtime_place"

    node: int = Field(primary_key=True)
    first: date = Field(primary_key=True)
    last: date
    thon: int


class AirtimeAiringRow(Row, table=True):
    """What was heard of an airing: by the cluster that heard most, by all together, by how many rows."""

    __tablename__ = "airtime_airing"

    airing: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    aired_ms: int = Field(sa_type=BigInteger)
    cluster_ms: int = Field(sa_type=BigInteger)
    heard: int


class AirtimeMonthPlaceRow(Row, table=True):
    """A bulletin at a place in a month. `level` is 0 for a thôn, 1 for a cluster."""

    __tablename__ = "airtime_month_place"
    __table_args__: Any = (NARROW,)

    month: int = Field(primary_key=True)
    level: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    bulletin: int = Field(primary_key=True)
    topic: int = Field(primary_key=True)
    aired_ms: int = Field(sa_type=BigInteger)
    cluster_ms: int = Field(sa_type=BigInteger)
    airings: int


class AirtimeMonthRow(Row, table=True):
    """A topic in a thôn in a month."""

    __tablename__ = "airtime_month"
    __table_args__: Any = (NARROW,)

    month: int = Field(primary_key=True)
    thon: int = Field(primary_key=True)
    topic: int = Field(primary_key=True)
    aired_ms: int = Field(sa_type=BigInteger)
    cluster_ms: int = Field(sa_type=BigInteger)
    airings: int


class BaselineRow(Row, table=True):
    """A version of the baseline. Only grows; it counts once a second person has signed it."""

    __tablename__ = "baseline"
    __table_args__ = (
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("minutes_per_day >= 0", name="minutes"),
    )

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    how: Origin = Field(sa_type=by_value(Origin, "how"))
    first: date | None
    last: date | None
    minutes_per_day: float
    source: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    person: str
    at: datetime = Field(sa_type=Instant)


class BaselineSignatureRow(Row, table=True):
    """The second person's name under a version. Only grows."""

    __tablename__ = "baseline_signature"

    version: int = Field(
        primary_key=True, sa_column_args=_refers("baseline.version"), sa_column_kwargs={"autoincrement": False}
    )
    person: str
    at: datetime = Field(sa_type=Instant)
