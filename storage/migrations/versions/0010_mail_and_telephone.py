"""How people and roles are reached beside chat: telephone numbers, and the function mailboxes of a role.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("people") as altered:
        altered.add_column(sa.Column("phone", AutoString(), nullable=False, server_default=""))
    with op.batch_alter_table("people") as altered:
        altered.alter_column("phone", server_default=None)
    op.create_table(
        "role_contacts",
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("mail", sa.JSON(), nullable=False),
        sa.Column("phone", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("role"),
    )
