"""Where a conversation or a person of Teams is reached.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_references",
        sa.Column("tenant", AutoString(), nullable=False),
        sa.Column("conversation", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("service_url", AutoString(), nullable=False),
        sa.Column("bot", AutoString(), nullable=False),
        sa.Column("team", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("user", AutoString(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("renewed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "conversation"),
    )
    op.create_index("chat_references_user", "chat_references", ["tenant", "user"])
    op.create_index("chat_references_renewed", "chat_references", ["tenant", "renewed"])
    op.create_table(
        "chat_contacts",
        sa.Column("tenant", AutoString(), nullable=False),
        sa.Column("user", AutoString(), nullable=False),
        sa.Column("teams_id", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("email", AutoString(), nullable=False),
        sa.Column("guest", sa.Boolean(), nullable=True),
        sa.Column("installed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "user"),
    )
