"""Who takes over accounts for a while, and where an account's login is kept.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "takeovers",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("accounts", sa.JSON(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("who", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("accounts") as altered:
        altered.add_column(sa.Column("login", AutoString(), nullable=False, server_default=""))
    with op.batch_alter_table("accounts") as altered:
        altered.alter_column("login", server_default=None)
