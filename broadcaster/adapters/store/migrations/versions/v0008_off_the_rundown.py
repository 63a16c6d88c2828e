"""What takes the air without a rundown has rows in the ledger: emergencies, drills, live broadcasts.

Revision: 0008, after 0007.

Only what a CHECK allows grows. On SQLite that is a change of the text that the database keeps of its tables, as its own
manual gives it: a ledger of ten million rows is not copied.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KINDS = "'nhac_hieu', 'loi_xuong', 'ban_tin', 'tiep_song', 'loi_ket'"
CAUSES = (
    "'', 'power_cut', 'off_air', 'device_lost', 'late', 'session_end', 'no_audio', 'not_approved', 'muted', "
    "'quiet_hours', 'relay_external', 'emergency', 'stopped'"
)
# table, column, values before, values after.
CHANGES = (
    ("rundown_item", "kind", KINDS, f"{KINDS}, 'khan_cap', 'dien_tap', 'truc_tiep'"),
    ("airing", "kind", KINDS, f"{KINDS}, 'khan_cap', 'dien_tap', 'truc_tiep'"),
    ("as_run", "cause", CAUSES, f"{CAUSES}, 'live', 'source_lost'"),
    ("correction", "cause", CAUSES, f"{CAUSES}, 'live', 'source_lost'"),
)


def _change(table: str, column: str, old: str, new: str) -> None:
    """Let a column hold what is in `new` instead of what is in `old`."""
    if op.get_context().dialect.name == "postgresql":
        name = f"ck_{table}_{column}"
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({new}))")
        return
    before, after = (f"CHECK ({column} IN ({values}))".replace("'", "''") for values in (old, new))
    op.execute(
        f"UPDATE sqlite_schema SET sql = replace(sql, '{before}', '{after}') "  # noqa: S608 - our own names
        f"WHERE type = 'table' AND name = '{table}'"
    )


def _all(*, forth: bool) -> None:
    sqlite = op.get_context().dialect.name == "sqlite"
    if sqlite:
        op.execute("PRAGMA writable_schema = ON")
    for table, column, old, new in CHANGES:
        _change(table, column, *((old, new) if forth else (new, old)))
    if sqlite:
        # This connection reads the tables anew at once, every other when it sees that there was a table more.
        op.execute("PRAGMA writable_schema = RESET")
        op.execute("CREATE TABLE read_anew (id INTEGER)")
        op.execute("DROP TABLE read_anew")


def upgrade() -> None:
    _all(forth=True)


def downgrade() -> None:
    _all(forth=False)
