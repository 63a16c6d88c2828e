"""Receipts on PostgreSQL: references are looked for once a statement, and sums find room beside their old values.

Revision: 0007, after 0006.

A foreign key costs a call for each row of each key: a third of the time of a batch of receipts. Nothing that rows refer
to can change or go (0005's triggers), so that looking when rows come is all that the keys did. SQLite has no triggers
for a whole statement and keeps its keys.

A sum that grows is a new version of its row; with room on its page no index has to hear of it.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEYS = (("airing", "airing", "id"), ("node", "ledger_term", "id"), ("entry", "ledger_entry", "id"))
# Column by column: the planner hashes a referred table or walks its index, as the sizes want it.
DANGLING = " OR ".join(
    f"EXISTS (SELECT 1 FROM (SELECT DISTINCT {column} AS id FROM added) a "  # noqa: S608 - our own names
    f"WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.{key} = a.id))"
    for column, table, key in KEYS
)
SUMS = ("airtime_airing", "airtime_month_place", "airtime_month")


def upgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        return
    for column, table, _ in KEYS:
        op.drop_constraint(f"fk_as_run_{column}_{table}", "as_run", type_="foreignkey")
    for table in SUMS:
        op.execute(f"ALTER TABLE {table} SET (fillfactor = 50)")
    op.execute(
        "CREATE FUNCTION as_run_refers() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$ BEGIN\n"
        f"IF {DANGLING} THEN\n"
        "RAISE EXCEPTION 'as_run refers to what is not there' USING ERRCODE = 'foreign_key_violation';\n"
        "END IF; RETURN new; END $$"
    )
    op.execute(
        "CREATE TRIGGER as_run_refers AFTER INSERT ON as_run REFERENCING NEW TABLE AS added "
        "FOR EACH STATEMENT EXECUTE FUNCTION as_run_refers()"
    )


def downgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        return
    for table in SUMS:
        op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
    op.execute("DROP TRIGGER as_run_refers ON as_run")
    op.execute("DROP FUNCTION as_run_refers()")
    for column, table, key in KEYS:
        op.create_foreign_key(f"fk_as_run_{column}_{table}", "as_run", table, [column], [key])
