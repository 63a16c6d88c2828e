"""The first tables.

Revision: 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ITEM_KINDS = "'nhac_hieu', 'loi_xuong', 'ban_tin', 'tiep_song', 'loi_ket'"
OUTCOMES = "'aired', 'partial', 'missed', 'skipped', 'interrupted'"
CAUSES = (
    "'', 'power_cut', 'off_air', 'device_lost', 'late', 'session_end', 'no_audio', 'not_approved', 'muted', "
    "'quiet_hours', 'relay_external', 'emergency', 'stopped'"
)


def _name(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _float(name: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Float(), nullable=nullable)


def _micros(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _choice(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=False)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _writing() -> None:
    op.create_table(
        "bulletin_version",
        _int("id"),
        _int("turn"),
        _name("text_hash"),
        _micros("saved_at"),
        _name("code"),
        _name("title"),
        _text("body"),
        _choice("kind"),
        _name("topic"),
        _name("lead_unit"),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        _name("author"),
        _text("secondary_topics"),
        _text("co_units"),
        _text("papi"),
        _int("htttn_field"),
        _text("procedures"),
        _text("documents"),
        _name("audience"),
        _text("zones"),
        _choice("priority"),
        _int("min_consecutive_days"),
        _int("repeats"),
        sa.Column("read_twice", sa.Boolean(), nullable=False),
        _text("voices"),
        _key("bulletin_version", "id"),
        _unique("bulletin_version", "text_hash"),
        _unique("bulletin_version", "turn"),
        _check("bulletin_version", "kind", "kind IN ('tin', 'bai', 'thong_bao', 'hoi_dap')"),
        _check("bulletin_version", "priority", "priority IN ('khan_cap', 'uu_tien', 'thong_thuong')"),
    )
    _index("bulletin_version", "code", "turn")
    op.create_table(
        "review",
        _int("id"),
        _name("hash"),
        _name("bulletin"),
        _choice("action"),
        _name("actor"),
        _name("author"),
        _micros("at"),
        _name("text"),
        _name("reading"),
        _name("master"),
        _text("remark"),
        _key("review", "id"),
        _unique("review", "hash"),
        _check("review", "own_approval", "action <> 'duyet' OR actor <> author"),
        _check("review", "action", "action IN ('trinh', 'duyet', 'tra_lai', 'rut')"),
    )
    _index("review", "bulletin", "id")


def _voicing() -> None:
    op.create_table(
        "reading",
        _int("id"),
        _int("turn"),
        _name("text_hash"),
        _name("reading_hash"),
        _name("bulletin"),
        _text("spoken"),
        _key("reading", "id"),
        _unique("reading", "text_hash", "reading_hash"),
        _unique("reading", "turn"),
    )
    op.create_table(
        "take",
        _name("key"),
        _name("engine"),
        _name("voice"),
        _int("duration_ms"),
        _name("sound_hash"),
        _key("take", "key"),
        _check("take", "duration", "duration_ms >= 0"),
    )
    op.create_table(
        "master",
        _name("hash"),
        _int("turn"),
        _name("recipe_hash"),
        _name("bulletin"),
        _name("text_hash"),
        _name("reading_hash"),
        _name("engine"),
        _text("voices"),
        _int("duration_ms"),
        _int("content_ms"),
        _float("loudness"),
        _float("true_peak"),
        _name("file"),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        _text("tags"),
        _key("master", "hash"),
        _unique("master", "turn"),
        _check("master", "duration", "duration_ms >= 0 AND content_ms >= 0"),
    )
    _index("master", "recipe_hash", "turn")
    _index("master", "text_hash", "turn")


def _planning() -> None:
    op.create_table(
        "plan",
        _name("hash"),
        _name("station"),
        sa.Column("week", sa.Date(), nullable=False),
        _int("number"),
        _micros("saved_at"),
        _name("inputs"),
        _text("reason"),
        _float("value"),
        _float("bound"),
        _text("document"),
        _key("plan", "hash"),
        _unique("plan", "week", "number"),
        _check("plan", "number", "number >= 0"),
    )
    op.create_table(
        "rundown",
        _name("hash"),
        _int("turn"),
        _name("code"),
        _name("station"),
        _name("plan"),
        _name("zone"),
        sa.Column("day", sa.Date(), nullable=False),
        _name("session"),
        _micros("starts_at"),
        _micros("ends_at"),
        _key("rundown", "hash"),
        _unique("rundown", "turn"),
    )
    _index("rundown", "code", "turn")
    _index("rundown", "day")
    op.create_table(
        "rundown_item",
        _name("rundown"),
        _int("position"),
        _name("item"),
        _choice("kind"),
        _micros("planned_start"),
        _int("planned_ms"),
        _name("master"),
        _name("bulletin"),
        _name("topic"),
        _choice("late"),
        _name("relay"),
        _key("rundown_item", "rundown", "position"),
        _check("rundown_item", "planned", "planned_ms >= 0"),
        sa.ForeignKeyConstraint(["rundown"], ["rundown.hash"], name=op.f("fk_rundown_item_rundown_rundown")),
        _check("rundown_item", "kind", f"kind IN ({ITEM_KINDS})"),
        _check("rundown_item", "late", "late IN ('vao_giua', 'doi_gio', 'bo_qua')"),
    )
    _index("rundown_item", "item")


def _airing() -> None:
    op.create_table(
        "as_run",
        _name("node"),
        _int("seq"),
        _name("item"),
        _name("rundown"),
        sa.Column("day", sa.Date(), nullable=False),
        _name("session"),
        _choice("kind"),
        _name("bulletin"),
        _name("topic"),
        _name("master"),
        _micros("planned_start"),
        _int("planned_ms"),
        _micros("started_at", nullable=True),
        _micros("ended_at", nullable=True),
        _int("played_ms"),
        _choice("outcome"),
        _choice("cause"),
        _float("level", nullable=True),
        _name("previous"),
        _name("hash"),
        _key("as_run", "node", "seq"),
        _unique("as_run", "node", "item"),
        _check("as_run", "seq", "seq >= 1"),
        _check("as_run", "lengths", "planned_ms >= 0 AND played_ms >= 0"),
        _check("as_run", "hashes", "length(hash) = 64 AND length(previous) = 64"),
        _check("as_run", "kind", f"kind IN ({ITEM_KINDS})"),
        _check("as_run", "outcome", f"outcome IN ({OUTCOMES})"),
        _check("as_run", "cause", f"cause IN ({CAUSES})"),
    )
    _index("as_run", "node", "planned_start")
    _index("as_run", "planned_start")


def upgrade() -> None:
    _writing()
    _voicing()
    _planning()
    _airing()


def downgrade() -> None:
    for table in (
        "as_run",
        "rundown_item",
        "rundown",
        "plan",
        "master",
        "take",
        "reading",
        "review",
        "bulletin_version",
    ):
        op.drop_table(table)
