"""What is said to others, and what became of it. An outbox row holds no card: it is made at sending."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.model import PersonId, Role

Lane = Literal["alarm", "answer", "ordinary"]
MAIL = "mail"
"""The platform that is no chat: nothing that was sent there can be changed or pressed."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """To whom something is said: a place (by id), a person (by id), or whoever holds a role.

    `mail`: a person (by id), by mail whatever chat they have; `mailbox`: a function mailbox (by its address).
    """

    kind: Literal["place", "person", "role", "mail", "mailbox"]
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Reader":
        kind, _, ident = text.partition(":")
        return cls(kind=kind, id=ident)  # type: ignore[arg-type]


def to_place(place: str) -> Reader:
    return Reader(kind="place", id=place)


def to_person(person: PersonId) -> Reader:
    return Reader(kind="person", id=person)


def to_role(role: Role) -> Reader:
    return Reader(kind="role", id=role)


def to_mail(person: PersonId) -> Reader:
    return Reader(kind="mail", id=person)


def to_mailbox(address: str) -> Reader:
    return Reader(kind="mailbox", id=address)


HEAD = Reader(kind="role", id="head")
"""The head who answers for the case's account, or whoever stands in that day: worked out when the message is made."""


@dataclass(frozen=True, kw_only=True)
class Say:
    """One message to be sent: the key is what and for when, so that said twice it is the same row.

    `card` names a card of `bot/service/compose.py`. `threaded`: stands in the thread of the case's first card
    in that place. `living`: later changes of the case edit it. `mail`: which mails go in the same second, on a wire of
    their own: to the role's mailboxes and its people beside chat (`too`), without any chat (`only`), or to its
    mailboxes alone (`boxes`).
    """

    key: str
    card: str
    reader: Reader
    case: str | None = None
    lane: Lane = "ordinary"
    arg: str = ""
    useful_until: datetime | None = None
    threaded: bool = False
    living: bool = False
    mail: Literal["", "boxes", "too", "only"] = ""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A rung has something to say to a reader in their next collected message (unique: case, rung, reader)."""

    case: str
    rung: str
    reader: Reader
    at: datetime
    said: str = ""  # the key of the collected message that took it


RESTORED = "restored"
"""The fact that holds of which moment the backup was that the database came from; "" once that has been seen to."""

RowState = Literal["waiting", "sending", "sent", "superseded", "ambiguous", "dead"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """An outbox row. `target` is what is claimed: `place:ID` or `person:ID`; roles are resolved when it is written."""

    number: int = 0
    key: str
    card: str
    reader: str
    target: str
    case: str | None = None
    lane: Lane = "ordinary"
    arg: str = ""
    useful_until: datetime | None = None
    threaded: bool = False
    living: bool = False
    state: RowState = "waiting"
    tries: int = 0
    retry_at: datetime | None = None  # real time, not the moved clock
    first_try: datetime | None = None  # real time
    reason: str = ""
    created_at: datetime | None = None


INSTEAD, DIRECT, BY_MAIL = ":instead:", ":dm:", "@mail>"


def mail_key(key: str, target: Reader) -> str:
    """The key of what goes by mail beside, or instead of, a message in chat."""
    return f"{key}{BY_MAIL}{target}"


def said_as(key: str) -> str:
    """The key of the message in chat beside which, or instead of which, this one goes by mail."""
    return key.partition(BY_MAIL)[0]


PURGED = "purged"
"""The card of a message whose contents are purged: once it shows that, nothing of it is kept."""
ANSWER = "answer"
"""What stands of an answer to a command, where a platform shows it as a message of its own."""
SEVERAL = ("reply", "heads", "digest", ANSWER)
"""Cards that tell of several things at once: they go with the shortest time of any of them."""
BUNDLE = "bundle"
"""The card for the registrar, about several filings; the rung of its marks begins so too."""

IN_DIGEST = "digest:"
"""The rung of a mark that communications' digest takes, and no collected message, begins so."""


def instead_key(row: Row, person: PersonId) -> str:
    """The key of what goes to a person because it could not arrive at the row's target."""
    return f"{row.key}{INSTEAD}{row.target}{DIRECT}{person}"


def unreached(key: str) -> Reader | None:
    """Where a message could not arrive, so that it took another way."""
    _, sign, rest = key.rpartition(INSTEAD)
    return Reader.parse(rest.partition(DIRECT)[0]) if sign else None


@dataclass(frozen=True, kw_only=True)
class Message:
    """A card that stands on a platform. `due`: its case has changed since it was shown."""

    id: int = 0
    case: str | None
    card: str
    reader: str
    target: str
    arg: str = ""
    platform: str
    channel: str
    ref: str  # the platform's own id of the message
    thread: str = ""
    living: bool = False
    shown: str = ""  # digest of what was last shown
    due: bool = False
    key: str = ""
    posted_at: datetime | None = None


# -- outcomes of one try ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Sent:
    ref: str
    channel: str  # where it really went, e.g. the direct-message channel that was opened
    thread: str = ""


@dataclass(frozen=True, kw_only=True)
class Retry:
    """It surely did not arrive. `after` is real time; `wide`: the platform's other rows wait too.

    `shut_out`: the platform does not take the bot's own token; nothing goes there until somebody mends that.
    """

    after: timedelta | None = None
    wide: bool = False
    reason: str = ""
    shut_out: bool = False


@dataclass(frozen=True, kw_only=True)
class Ambiguous:
    """It may have arrived."""

    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Dead:
    """It can never arrive there: no channel, no right, no such person."""

    reason: str = ""


Outcome = Sent | Retry | Ambiguous | Dead


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A platform asked us to wait; all processes read it. `target` "" means the whole workspace.

    `platform` "": nobody asked for it, it keeps a target's order while its first row waits; alarms go past it.
    """

    platform: str
    target: str
    until: datetime  # real time


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """What a platform's bucket held at that moment (real time); all processes read it."""

    tokens: float
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A target held under a lease, with its rows in order and the messages due for an edit."""

    target: str
    until: datetime  # real time
    rows: tuple[Row, ...] = ()
    edits: tuple[Message, ...] = field(default=())
