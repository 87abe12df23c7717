"""What an imported register says of an account: its older approval, and words that name nobody here.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("accounts") as altered:
        altered.add_column(sa.Column("approved_on", sa.Date(), nullable=True))
        altered.add_column(sa.Column("approval_number", AutoString(), nullable=False, server_default=""))
        altered.add_column(sa.Column("said", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("accounts") as altered:
        altered.alter_column("approval_number", server_default=None)
        altered.alter_column("said", server_default=None)
