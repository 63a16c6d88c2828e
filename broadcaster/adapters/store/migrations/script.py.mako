"""${message}.

Revision: ${up_revision}, after ${down_revision or "nothing"}. Add it to `REVISIONS` in `schema.py`.
A batch operation makes a SQLite table anew and so drops its triggers: a change to `review` or `as_run` makes them again.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
