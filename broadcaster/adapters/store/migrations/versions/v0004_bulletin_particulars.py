"""What few bulletins have: the document's date, an event and its date, entertainment.

Revision: 0004, after 0003.

SQLite puts an added column behind the constraints, unlike the models; the table is made anew instead, from its own SQL.
A trigger of `review` speaks of it: with `legacy_alter_table` the new table takes its name all the same.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLE = "bulletin_version"
COLUMN = "particulars TEXT DEFAULT '{}' NOT NULL"
FIRST_CONSTRAINT = f"CONSTRAINT pk_{TABLE}"


def _remake(before: str, after: str) -> None:
    """The table with a part of its SQL changed, every row and index kept."""
    bind = op.get_bind()
    kept = sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type = :type AND sql IS NOT NULL")
    table = str(bind.execute(kept, {"table": TABLE, "type": "table"}).scalar_one())
    indexes = list(bind.execute(kept, {"table": TABLE, "type": "index"}).scalars())
    columns = ", ".join(
        column["name"] for column in sa.inspect(bind).get_columns(TABLE) if column["name"] != "particulars"
    )
    body = table[table.index("(") :].replace(before, after, 1)
    op.execute("PRAGMA legacy_alter_table = ON")
    op.execute(f"CREATE TABLE {TABLE}_new {body}")
    op.execute(f"INSERT INTO {TABLE}_new ({columns}) SELECT {columns} FROM {TABLE}")  # noqa: S608 - our own names
    op.execute(f"DROP TABLE {TABLE}")
    op.execute(f"ALTER TABLE {TABLE}_new RENAME TO {TABLE}")
    for index in indexes:
        op.execute(index)
    op.execute("PRAGMA legacy_alter_table = OFF")


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        _remake(FIRST_CONSTRAINT, f"{COLUMN}, {FIRST_CONSTRAINT}")
    else:
        op.add_column(TABLE, sa.Column("particulars", sa.Text(), nullable=False, server_default="{}"))


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        _remake(f"{COLUMN}, {FIRST_CONSTRAINT}", FIRST_CONSTRAINT)
    else:
        op.drop_column(TABLE, "particulars")
