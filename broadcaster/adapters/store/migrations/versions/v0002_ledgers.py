"""Triggers that let the two ledgers only grow, whoever writes.

Revision: 0002, after 0001.

SQLite's INSERT OR REPLACE deletes rows without firing a DELETE trigger, so that an INSERT trigger must refuse a row
that would take another's place. On `as_run` it also refuses a row that does not follow the head of its node's chain.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Each is: trigger, table, event, condition ("" for always), code that the message begins with.
OWN_APPROVAL = """new.action = 'duyet' AND EXISTS (
    SELECT 1 FROM bulletin_version WHERE text_hash = new.text AND author = new.actor)"""
SAME_REVIEW = "EXISTS (SELECT 1 FROM review WHERE id = new.id OR hash = new.hash)"
SAME_ITEM = "EXISTS (SELECT 1 FROM as_run WHERE node = new.node AND item = new.item)"
OFF_CHAIN = """new.seq <> coalesce((SELECT max(seq) FROM as_run WHERE node = new.node), 0) + 1
    OR new.previous <> coalesce((SELECT hash FROM as_run WHERE node = new.node AND seq = new.seq - 1), '{genesis}')"""
TRIGGERS = (
    ("review_no_update", "review", "UPDATE", "", "store.append_only"),
    ("review_no_delete", "review", "DELETE", "", "store.append_only"),
    ("review_own_approval", "review", "INSERT", OWN_APPROVAL, "store.own_approval"),
    ("review_no_replace", "review", "INSERT", SAME_REVIEW, "store.append_only"),
    ("as_run_no_update", "as_run", "UPDATE", "", "store.append_only"),
    ("as_run_no_delete", "as_run", "DELETE", "", "store.append_only"),
    ("as_run_once", "as_run", "INSERT", SAME_ITEM, "store.append_only"),
    ("as_run_chain", "as_run", "INSERT", OFF_CHAIN.replace("{genesis}", "0" * 64), "store.chain"),
)
LEDGERS = ("review", "as_run")


def upgrade() -> None:
    postgres = op.get_context().dialect.name == "postgresql"
    for name, table, event, condition, code in TRIGGERS:
        if postgres:
            test = f"IF {condition} THEN" if condition else "IF true THEN"
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n{test}\n"
                f"RAISE EXCEPTION '{code}: {table} only grows' USING ERRCODE = 'integrity_constraint_violation';\n"
                "END IF; RETURN new; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        else:
            when = f"\nWHEN {condition}" if condition else ""
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table}{when}\n"
                f"BEGIN SELECT RAISE(ABORT, '{code}: {table} only grows'); END"
            )
    if postgres:
        for table in LEDGERS:
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_no_delete()"
            )


def downgrade() -> None:
    postgres = op.get_context().dialect.name == "postgresql"
    if postgres:
        for table in LEDGERS:
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
    for name, table, _event, _condition, _code in reversed(TRIGGERS):
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if postgres else ""))
        if postgres:
            op.execute(f"DROP FUNCTION {name}()")
