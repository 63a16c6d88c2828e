"""Alembic migrations. They travel in the wheel; `schema.upgrade` runs them, no alembic.ini is needed."""
