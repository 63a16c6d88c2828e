"""The tables. They describe columns and guard them; they validate nothing: `rows` converts to and from domain values.

`turn` counts the saves of a table. The row with the highest turn of its key is the current one, so that an older value
saved again becomes the current one without a second copy of it. `review` only grows, as the as-run ledger does, whose
tables are in `ledger_tables`; the triggers that see to it are in the migrations, for each database in its own tongue.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from broadcaster.adapters.store.columns import Instant, by_value
from broadcaster.domain.approval import Action
from broadcaster.domain.bulletin import Kind, Priority
from broadcaster.domain.rundown import ItemKind, LatePolicy

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""A constraint without a name of its own cannot be dropped by a migration."""


class Row(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMES))):
    """Base of the tables, with metadata of its own: another package's SQLModel tables are none of ours."""


class BulletinRow(Row, table=True):
    """One version of a bulletin."""

    __tablename__ = "bulletin_version"
    __table_args__ = (UniqueConstraint("text_hash"), UniqueConstraint("turn"), Index(None, "code", "turn"))

    id: int | None = Field(default=None, primary_key=True)
    turn: int
    text_hash: str
    saved_at: datetime = Field(sa_type=Instant)
    code: str
    title: str
    body: str = Field(sa_type=Text)
    kind: Kind = Field(sa_type=by_value(Kind, "kind"))
    topic: str
    lead_unit: str
    valid_from: date
    valid_to: date
    author: str
    secondary_topics: str = Field(sa_type=Text)
    co_units: str = Field(sa_type=Text)
    papi: str = Field(sa_type=Text)
    htttn_field: int
    procedures: str = Field(sa_type=Text)
    documents: str = Field(sa_type=Text)
    audience: str
    zones: str = Field(sa_type=Text)
    priority: Priority = Field(sa_type=by_value(Priority, "priority"))
    min_consecutive_days: int
    repeats: int
    read_twice: bool
    voices: str = Field(sa_type=Text)
    lexicon: str = Field(sa_type=Text, sa_column_kwargs={"server_default": "{}"})
    particulars: str = Field(sa_type=Text, sa_column_kwargs={"server_default": "{}"})


class ReadingRow(Row, table=True):
    """What was said for a text version."""

    __tablename__ = "reading"
    __table_args__ = (UniqueConstraint("text_hash", "reading_hash"), UniqueConstraint("turn"))

    id: int | None = Field(default=None, primary_key=True)
    turn: int
    text_hash: str
    reading_hash: str
    bulletin: str
    spoken: str = Field(sa_type=Text)


class TakeRow(Row, table=True):
    """A recorded sentence."""

    __tablename__ = "take"
    __table_args__ = (CheckConstraint("duration_ms >= 0", name="duration"),)

    key: str = Field(primary_key=True)
    engine: str
    voice: str
    duration_ms: int
    sound_hash: str


class MasterRow(Row, table=True):
    """A finished sound file."""

    __tablename__ = "master"
    __table_args__ = (
        UniqueConstraint("turn"),
        Index(None, "recipe_hash", "turn"),
        Index(None, "text_hash", "turn"),
        CheckConstraint("duration_ms >= 0 AND content_ms >= 0", name="duration"),
    )

    hash: str = Field(primary_key=True)
    turn: int
    recipe_hash: str
    bulletin: str
    text_hash: str
    reading_hash: str
    engine: str
    voices: str = Field(sa_type=Text)
    duration_ms: int
    content_ms: int
    loudness: float
    true_peak: float
    file: str
    synthetic: bool
    tags: str = Field(sa_type=Text)


class ReviewRow(Row, table=True):
    """An event in a bulletin's history. Only grows; nobody consents to their own text."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("hash"),
        Index(None, "bulletin", "id"),
        CheckConstraint("action <> 'duyet' OR actor <> author", name="own_approval"),
    )

    id: int | None = Field(default=None, primary_key=True)
    hash: str
    bulletin: str
    action: Action = Field(sa_type=by_value(Action, "action"))
    actor: str
    author: str
    at: datetime = Field(sa_type=Instant)
    text: str
    reading: str
    master: str
    remark: str = Field(sa_type=Text)


class PlanRow(Row, table=True):
    """A week's plan or an amendment. `document` holds all of it; the other columns are for asking."""

    __tablename__ = "plan"
    __table_args__ = (UniqueConstraint("week", "number"), CheckConstraint("number >= 0", name="number"))

    hash: str = Field(primary_key=True)
    station: str
    week: date
    number: int
    saved_at: datetime = Field(sa_type=Instant)
    inputs: str
    reason: str = Field(sa_type=Text)
    value: float
    bound: float
    document: str = Field(sa_type=Text)


class RundownRow(Row, table=True):
    """One session for one zone, as it once was; the current one of a code has the highest turn."""

    __tablename__ = "rundown"
    __table_args__ = (UniqueConstraint("turn"), Index(None, "code", "turn"), Index(None, "day"))

    hash: str = Field(primary_key=True)
    turn: int
    code: str
    station: str
    plan: str
    zone: str
    day: date
    session: str
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)


class RundownItemRow(Row, table=True):
    """One thing to play."""

    __tablename__ = "rundown_item"
    __table_args__ = (
        Index(None, "item"),
        CheckConstraint("planned_ms >= 0", name="planned"),
    )

    rundown: str = Field(primary_key=True, sa_column_args=[ForeignKey("rundown.hash")])
    position: int = Field(primary_key=True)
    item: str
    kind: ItemKind = Field(sa_type=by_value(ItemKind, "kind"))
    planned_start: datetime = Field(sa_type=Instant)
    planned_ms: int
    master: str
    bulletin: str
    topic: str
    late: LatePolicy = Field(sa_type=by_value(LatePolicy, "late"))
    relay: str


class AccountRow(Row, table=True):
    """A way into the console."""

    __tablename__ = "account"

    code: str = Field(primary_key=True)
    secret: str = Field(sa_type=Text)
    admin: bool
    active: bool
    at: datetime = Field(sa_type=Instant)


class LoginRow(Row, table=True):
    """A session of the console, by the hash of its token."""

    __tablename__ = "login"
    __table_args__ = (Index(None, "account"),)

    token: str = Field(primary_key=True)
    account: str = Field(sa_column_args=[ForeignKey("account.code")])
    began: datetime = Field(sa_type=Instant)
    seen: datetime = Field(sa_type=Instant)
    ended: datetime | None = Field(default=None, sa_type=Instant)
    browser: str = Field(sa_type=Text)
