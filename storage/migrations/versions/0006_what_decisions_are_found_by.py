"""What decisions are found by, for those that stand already too.

Revision ID: 0006
Revises: 0005
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from storage.findings import Named

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PAGE = 500
DECISIONS = sa.table(
    "decisions", sa.column("number"), sa.column("at", UTCDateTime()), sa.column("kind"), sa.column("body")
)
CASES = sa.table("cases", sa.column("id"), sa.column("body", sa.JSON()))


def upgrade() -> None:
    tags = op.create_table(
        "decision_tags",
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("account", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("category", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["decisions.number"]),
        sa.PrimaryKeyConstraint("person", "account", "kind", "category", "at", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("decision_tags_number", "decision_tags", ["number"])
    refs = op.create_table(
        "decision_refs",
        sa.Column("what", AutoString(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["decisions.number"]),
        sa.PrimaryKeyConstraint("what", "ref", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("decision_refs_number", "decision_refs", ["number"])
    for rows in _pages():
        _enter(tags, refs, rows)


def _pages() -> Iterator[list[Any]]:
    """All decisions, some at a time."""
    whole = sa.select(DECISIONS).order_by(DECISIONS.c.number).limit(PAGE)
    rows = op.get_bind().execute(whole).all()
    while rows:
        yield list(rows)
        rows = op.get_bind().execute(whole.where(DECISIONS.c.number > rows[-1].number)).all()


def _enter(tags: sa.Table, refs: sa.Table, rows: list[Any]) -> None:
    found: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
    for row in rows:
        named = Named.by(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name
        decided, presented = _people(named.run)
        found[0].extend(named.tags(*filter(None, (decided, presented))))
        found[1].extend(named.refs(decided, presented))
    op.bulk_insert(tags, found[0])
    op.bulk_insert(refs, found[1])


def _people(run: str) -> tuple[str, str]:
    """Who took and who presented it, as its checklist run still knows them."""
    body = op.get_bind().execute(sa.select(CASES.c.body).where(CASES.c.id == run)).scalar() if run else None
    known = body if isinstance(body, dict) else {}
    return str(known.get("decided_by") or ""), str(known.get("runner") or "")
