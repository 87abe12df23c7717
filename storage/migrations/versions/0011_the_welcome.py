"""On which day a place was welcomed. One that is in use already has met the bot: no welcome comes, nothing is quiet.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("places") as altered:
        altered.add_column(sa.Column("welcomed", sa.Date(), nullable=True))
    op.execute(
        "UPDATE places SET welcomed = '2001-01-01' "
        "WHERE id IN (SELECT place FROM accounts WHERE state IN ('live', 'gaps', 'paused'))"
    )
