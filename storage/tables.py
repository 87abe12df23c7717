"""The tables. What a row means stands in `bot`; here is only how it is kept.

Times are UTC and aware in both databases. Lists and small values inside a row are JSON.
"""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

LIVE = "state IN ('waiting', 'sending')"
"""Outbox rows that still have to go; written out, since only then do partial indices serve."""
LIVE_ALARM = f"lane = 'alarm' AND {LIVE}"
DUE = "due AND living"
"""Messages that show an older version than their case."""


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over some rows only, in both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


# -- register -----------------------------------------------------------------------------------


class People(SQLModel, table=True):
    id: str = Field(primary_key=True)
    name: str
    email: str
    phone: str
    language: str | None
    standing: str
    active: bool
    checked: bool
    left_on: date | None


class Identities(SQLModel, table=True):
    platform: str = Field(primary_key=True)
    realm: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    person: str = Field(foreign_key="people.id", index=True)
    gone: bool


class Units(SQLModel, table=True):
    id: str = Field(primary_key=True)
    name: str
    head: str | None
    deputy: str | None
    parent: str | None


class Places(SQLModel, table=True):
    id: str = Field(primary_key=True)
    platform: str
    realm: str
    channel: str
    name: str
    kind: str
    language: str | None
    hour: time
    confirmed: bool
    gone: bool
    welcomed: date | None


class Accounts(SQLModel, table=True):
    __table_args__ = (
        partial("accounts_address", "address", where="address <> '' AND state <> 'closed'", unique=True),
    )
    id: str = Field(primary_key=True)
    version: int
    platform: str
    name: str
    address: str
    unit: str
    people: list[str] = Field(sa_type=JSON)
    place: str | None
    state: str
    asked_from: date | None
    pattern: dict[str, Any] = Field(sa_type=JSON)
    duty: dict[str, Any] = Field(sa_type=JSON)
    head: str | None
    purpose: str
    level: str
    stamp: dict[str, Any] | None = Field(sa_column=Column(JSON(none_as_null=True)))
    approved_on: date | None
    approval_number: str
    said: dict[str, str] = Field(sa_type=JSON)
    login: str


class Absences(SQLModel, table=True):
    id: str = Field(primary_key=True)
    person: str = Field(foreign_key="people.id", index=True)
    first: date
    last: date
    cover: str | None


class Takeovers(SQLModel, table=True):
    id: str = Field(primary_key=True)
    accounts: list[str] = Field(sa_type=JSON)
    first: date
    last: date
    by: str
    who: str | None


class Roles(SQLModel, table=True):
    role: str = Field(primary_key=True)
    people: list[str] = Field(sa_type=JSON)
    place: str | None


class RoleContacts(SQLModel, table=True):
    """How a role is reached beside chat."""

    __tablename__ = "role_contacts"
    role: str = Field(primary_key=True)
    mail: list[str] = Field(sa_type=JSON)
    phone: str


class Offices(SQLModel, table=True):
    """One row: how the office works."""

    __tablename__ = "office"
    id: int = Field(primary_key=True)
    body: dict[str, Any] = Field(sa_type=JSON)


class Changes(SQLModel, table=True):
    """What was changed in the settings, by whom, and what it was before; never rewritten."""

    __table_args__ = (UniqueConstraint("id", name="changes_id"),)
    number: int | None = Field(default=None, primary_key=True)
    id: str
    page: str
    at: datetime
    by: str
    patches: list[dict[str, Any]] = Field(sa_type=JSON)
    undoes: str


class RegisterVersion(SQLModel, table=True):
    """One row, whose counter each change of the register moves on."""

    __tablename__ = "register_version"
    id: int = Field(primary_key=True)
    version: int


# -- cases --------------------------------------------------------------------------------------


class Cases(SQLModel, table=True):
    """`body` holds what is the kind's own. A closed case has no `wake_at`, so the heartbeat never meets it."""

    __table_args__ = (
        partial("cases_wake_at", "wake_at", where="wake_at IS NOT NULL"),
        partial("cases_open", "kind", "opened_at", "id", where="closed_at IS NULL"),
        Index("cases_account", "account", "opened_at"),
        Index("cases_kind", "kind", "opened_at"),
    )
    id: str = Field(primary_key=True)
    kind: str
    version: int
    account: str | None
    place: str | None
    opened_at: datetime
    closed_at: datetime | None
    wake_at: datetime | None
    failures: int
    body: dict[str, Any] = Field(sa_type=JSON)


class CaseLog(SQLModel, table=True):
    __tablename__ = "case_log"
    id: int | None = Field(default=None, primary_key=True)
    case: str = Field(index=True)
    at: datetime
    what: str
    by: str | None
    data: dict[str, str] = Field(sa_type=JSON)


class Days(SQLModel, table=True):
    account: str = Field(primary_key=True)
    day: date = Field(primary_key=True, index=True)
    outcome: str
    place: str | None
    role: str


class Seen(SQLModel, table=True):
    """Requests that were answered, with the answer given."""

    key: str = Field(primary_key=True)
    answer: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = Field(index=True)


class Facts(SQLModel, table=True):
    name: str = Field(primary_key=True)
    value: str = Field(sa_column=Column(Text, nullable=False))


# -- what is said -------------------------------------------------------------------------------


class Marks(SQLModel, table=True):
    __table_args__ = (partial("marks_open", "at", where="said = ''"), Index("marks_said", "said"))
    case: str = Field(primary_key=True)
    rung: str = Field(primary_key=True)
    reader: str = Field(primary_key=True)
    at: datetime
    said: str


class Outbox(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("key", name="outbox_key"),
        partial("outbox_live", "number", where=LIVE),
        partial("outbox_alarms", "number", where=LIVE_ALARM),
        partial("outbox_target", "target", "number", where=LIVE),
        partial("outbox_dead", "number", where="state = 'dead'"),
    )
    number: int | None = Field(default=None, primary_key=True)
    key: str
    card: str
    reader: str
    target: str
    case: str | None
    lane: str
    arg: str
    useful_until: datetime | None
    threaded: bool
    living: bool
    state: str
    tries: int
    retry_at: datetime | None
    first_try: datetime | None
    reason: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime | None


class Messages(SQLModel, table=True):
    """`due_after`: the newest outbox number when the edit fell due, its rank among the rows."""

    __table_args__ = (
        partial("messages_due", "due_after", "id", where=DUE),
        Index("messages_case", "case"),
        Index("messages_key", "key"),
        Index("messages_ref", "platform", "channel", "ref"),
    )
    id: int | None = Field(default=None, primary_key=True)
    case: str | None
    card: str
    reader: str
    target: str
    arg: str
    platform: str
    channel: str
    ref: str
    thread: str
    living: bool
    shown: str
    due: bool
    due_after: int
    key: str
    posted_at: datetime | None


class Leases(SQLModel, table=True):
    """Who sends to a target until when. A row stays when it is released, so that nobody overlooks it."""

    target: str = Field(primary_key=True)
    owner: str
    until: datetime


class Pauses(SQLModel, table=True):
    platform: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    until: datetime


class Paces(SQLModel, table=True):
    """How many tokens a platform's bucket held, and when (real time)."""

    platform: str = Field(primary_key=True)
    tokens: float
    at: datetime


# -- decisions ----------------------------------------------------------------------------------


class Decisions(SQLModel, table=True):
    """Append-only: triggers refuse UPDATE and DELETE. `body` and `digests` are canonical JSON (RFC 8785)."""

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime
    kind: str
    account: str | None = Field(index=True)
    body: str = Field(sa_column=Column(Text, nullable=False))
    digests: str = Field(sa_column=Column(Text, nullable=False))
    previous: str
    hash: str


class DecisionValues(SQLModel, table=True):
    """Personal values, which may be purged one by one; the chain holds only their digests."""

    __tablename__ = "decision_values"
    number: int = Field(primary_key=True, foreign_key="decisions.number")
    name: str = Field(primary_key=True)
    salt: str
    value: str = Field(sa_column=Column(Text, nullable=False))


class DecisionTags(SQLModel, table=True):
    """One row for each way in which a decision is asked for, so that each search is one walk along the index.

    "" is any. `person` took the decision or presented it; the others are the row's own kind and what its body holds.
    """

    __tablename__ = "decision_tags"
    __table_args__ = (Index("decision_tags_number", "number"), {"sqlite_with_rowid": False})
    person: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    category: str = Field(primary_key=True)
    at: datetime = Field(primary_key=True)
    number: int = Field(primary_key=True, foreign_key="decisions.number")


class DecisionRefs(SQLModel, table=True):
    """What a decision names: decisions before it (`of`), a diary number (`diary`); who took and who presented it."""

    __tablename__ = "decision_refs"
    __table_args__ = (Index("decision_refs_number", "number"), {"sqlite_with_rowid": False})
    what: str = Field(primary_key=True)
    ref: str = Field(primary_key=True)
    number: int = Field(primary_key=True, foreign_key="decisions.number")


# -- the local page -----------------------------------------------------------------------------


class WebMessages(SQLModel, table=True):
    """Cards that stand on the local page, as its renderer wrote them."""

    __tablename__ = "web_messages"
    __table_args__ = (
        UniqueConstraint("key", name="web_messages_key"),
        Index("web_messages_channel", "channel", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    thread: int
    card_json: str = Field(sa_column=Column(Text, nullable=False))
    language: str
    at: datetime
    edited_at: datetime | None
    key: str
    alerted: list[str] = Field(sa_type=JSON)


class WebReads(SQLModel, table=True):
    """How far a reader of the page has read a channel."""

    __tablename__ = "web_reads"
    reader: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    upto: int


# -- where somebody is reached on a platform that gives no list ---------------------------------


class ChatReferences(SQLModel, table=True):
    """`renewed` grows with each renewal in any conversation: the highest was renewed last."""

    __tablename__ = "chat_references"
    __table_args__ = (
        Index("chat_references_user", "tenant", "user"),
        Index("chat_references_renewed", "tenant", "renewed"),
    )
    tenant: str = Field(primary_key=True)
    conversation: str = Field(primary_key=True)
    kind: str
    service_url: str
    bot: str
    team: str
    name: str
    user: str
    frozen: bool
    renewed: int


class ChatContacts(SQLModel, table=True):
    """`guest`: null where the platform has not said it."""

    __tablename__ = "chat_contacts"
    tenant: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    teams_id: str
    name: str
    email: str
    guest: bool | None
    installed: bool
