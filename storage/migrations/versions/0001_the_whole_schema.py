"""The whole schema.

Revision ID: 0001
Revises:
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_people()
    create_accounts()
    create_office()
    create_cases()
    create_outbox()
    create_messages()
    create_decisions()
    keep_decisions()


def only(where: str) -> dict[str, Any]:
    """An index over these rows."""
    return {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}


def create_people() -> None:
    op.create_table(
        "people",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("email", AutoString(), nullable=False),
        sa.Column("language", AutoString(), nullable=True),
        sa.Column("standing", AutoString(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("checked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "identities",
        sa.Column("platform", AutoString(), nullable=False),
        sa.Column("realm", AutoString(), nullable=False),
        sa.Column("user", AutoString(), nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("platform", "realm", "user"),
    )
    op.create_index("ix_identities_person", "identities", ["person"])
    op.create_table(
        "absences",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("person", AutoString(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("cover", AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_absences_person", "absences", ["person"])
    op.create_table(
        "roles",
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("place", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("role"),
    )


def create_accounts() -> None:
    op.create_table(
        "units",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("head", AutoString(), nullable=True),
        sa.Column("deputy", AutoString(), nullable=True),
        sa.Column("parent", AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "places",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("platform", AutoString(), nullable=False),
        sa.Column("realm", AutoString(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("language", AutoString(), nullable=True),
        sa.Column("hour", sa.Time(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("platform", AutoString(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("address", AutoString(), nullable=False),
        sa.Column("unit", AutoString(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("place", AutoString(), nullable=True),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("asked_from", sa.Date(), nullable=True),
        sa.Column("pattern", sa.JSON(), nullable=False),
        sa.Column("duty", sa.JSON(), nullable=False),
        sa.Column("head", AutoString(), nullable=True),
        sa.Column("purpose", AutoString(), nullable=False),
        sa.Column("level", AutoString(), nullable=False),
        sa.Column("stamp", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "accounts_address",
        "accounts",
        ["address"],
        unique=True,
        **only("address <> '' AND state <> 'closed'"),
    )


def create_office() -> None:
    op.create_table(
        "office",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "register_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO register_version (id, version) VALUES (1, 0)")
    op.create_table(
        "facts",
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "seen",
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_seen_at", "seen", ["at"])


def create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account", AutoString(), nullable=True),
        sa.Column("place", AutoString(), nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("wake_at", UTCDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("cases_account", "cases", ["account", "opened_at"])
    op.create_index("cases_open", "cases", ["opened_at", "id"], **only("closed_at IS NULL"))
    op.create_index("cases_wake_at", "cases", ["wake_at"], **only("wake_at IS NOT NULL"))
    op.create_table(
        "case_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("what", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_case_log_case", "case_log", ["case"])
    op.create_table(
        "days",
        sa.Column("account", AutoString(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", AutoString(), nullable=False),
        sa.Column("place", AutoString(), nullable=True),
        sa.Column("role", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("account", "day"),
    )
    op.create_index("ix_days_day", "days", ["day"])


def create_outbox() -> None:
    op.create_table(
        "marks",
        sa.Column("case", AutoString(), nullable=False),
        sa.Column("rung", AutoString(), nullable=False),
        sa.Column("reader", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("said", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("case", "rung", "reader"),
    )
    op.create_index("marks_open", "marks", ["at"], **only("said = ''"))
    op.create_index("marks_said", "marks", ["said"])
    op.create_table(
        "outbox",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("card", AutoString(), nullable=False),
        sa.Column("reader", AutoString(), nullable=False),
        sa.Column("target", AutoString(), nullable=False),
        sa.Column("case", AutoString(), nullable=True),
        sa.Column("lane", AutoString(), nullable=False),
        sa.Column("arg", AutoString(), nullable=False),
        sa.Column("useful_until", UTCDateTime(), nullable=True),
        sa.Column("threaded", sa.Boolean(), nullable=False),
        sa.Column("living", sa.Boolean(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("retry_at", UTCDateTime(), nullable=True),
        sa.Column("first_try", UTCDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("key", name="outbox_key"),
    )
    op.create_index(
        "outbox_alarms", "outbox", ["number"], **only("lane = 'alarm' AND state IN ('waiting', 'sending')")
    )
    op.create_index("outbox_dead", "outbox", ["number"], **only("state = 'dead'"))
    op.create_index("outbox_live", "outbox", ["number"], **only("state IN ('waiting', 'sending')"))
    op.create_index(
        "outbox_target", "outbox", ["target", "number"], **only("state IN ('waiting', 'sending')")
    )


def create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", AutoString(), nullable=True),
        sa.Column("card", AutoString(), nullable=False),
        sa.Column("reader", AutoString(), nullable=False),
        sa.Column("target", AutoString(), nullable=False),
        sa.Column("arg", AutoString(), nullable=False),
        sa.Column("platform", AutoString(), nullable=False),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False),
        sa.Column("thread", AutoString(), nullable=False),
        sa.Column("living", sa.Boolean(), nullable=False),
        sa.Column("shown", AutoString(), nullable=False),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.Column("due_after", sa.Integer(), nullable=False),
        sa.Column("key", AutoString(), nullable=False),
        sa.Column("posted_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("messages_case", "messages", ["case"])
    op.create_index("messages_due", "messages", ["due_after", "id"], **only("due AND living"))
    op.create_index("messages_key", "messages", ["key"])
    op.create_index("messages_ref", "messages", ["platform", "channel", "ref"])
    op.create_table(
        "leases",
        sa.Column("target", AutoString(), nullable=False),
        sa.Column("owner", AutoString(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("target"),
    )
    op.create_table(
        "pauses",
        sa.Column("platform", AutoString(), nullable=False),
        sa.Column("target", AutoString(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "target"),
    )


def create_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("account", AutoString(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digests", sa.Text(), nullable=False),
        sa.Column("previous", AutoString(), nullable=False),
        sa.Column("hash", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_decisions_account", "decisions", ["account"])
    op.create_table(
        "decision_values",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("salt", AutoString(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["decisions.number"]),
        sa.PrimaryKeyConstraint("number", "name"),
    )


def keep_decisions() -> None:
    """No decision is changed or removed, by whatever program."""
    for statement in KEEPERS[op.get_bind().dialect.name]:
        op.execute(statement)


REFUSAL = "a decision is never changed or removed"
KEEPERS = {
    "sqlite": [
        f"CREATE TRIGGER decisions_no_{what} BEFORE {what} ON decisions BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for what in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        (
            "CREATE FUNCTION decisions_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        ),
        (
            "CREATE TRIGGER decisions_keep BEFORE UPDATE OR DELETE ON decisions "
            "FOR EACH ROW EXECUTE FUNCTION decisions_refuse()"
        ),
        (
            "CREATE TRIGGER decisions_keep_all BEFORE TRUNCATE ON decisions "
            "FOR EACH STATEMENT EXECUTE FUNCTION decisions_refuse()"
        ),
    ],
}
