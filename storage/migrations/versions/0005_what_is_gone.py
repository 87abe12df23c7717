"""Where the bot was removed: from a place, or for a person.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("places", "identities"):
        with op.batch_alter_table(table) as altered:
            altered.add_column(sa.Column("gone", sa.Boolean(), nullable=False, server_default=sa.false()))
        with op.batch_alter_table(table) as altered:
            altered.alter_column("gone", server_default=None)
