"""What Alembic runs for a migration. The connection comes from `schema.py`, in a transaction that it will commit."""

from alembic import context

from broadcaster.adapters.store import ledger_tables  # noqa: F401 - its tables belong to the metadata
from broadcaster.adapters.store.tables import Row

connection = context.config.attributes.get("connection")
if connection is None and not context.is_offline_mode():
    msg = "migrations run through broadcaster.adapters.store.schema, which owns the connection"
    raise RuntimeError(msg)

context.configure(
    connection=connection,
    dialect_name=None if connection is not None else context.config.attributes.get("dialect", "sqlite"),
    target_metadata=Row.metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
    transactional_ddl=True,  # both databases can roll DDL back; a killed upgrade leaves the old schema
)
with context.begin_transaction():
    context.run_migrations()
