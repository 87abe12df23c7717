"""Since when somebody has left.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("people") as altered:
        altered.add_column(sa.Column("left_on", sa.Date(), nullable=True))
