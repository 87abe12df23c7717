"""Cases of a kind by their age: what is past its time is found without reading what is not.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("cases_kind", "cases", ["kind", "opened_at"])
