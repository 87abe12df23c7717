"""Open cases by kind: a heartbeat meets no closed one, however many there are.

With an index over all cases of a kind beside one over the open ones, SQLite chose the former and read them all.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.drop_index("cases_open", "cases")
    op.create_index(
        "cases_open", "cases", ["kind", "opened_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN
    )
