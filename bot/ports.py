"""What the bot needs from outside: a clock, ids, storage and chats. Each port has one contract suite."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

from bot.cases import Case
from bot.cases.base import CaseBase, Record
from bot.changes import Change
from bot.foreseen import Foreseen
from bot.model import (
    Absence,
    Account,
    Contact,
    Entry,
    Identity,
    Office,
    Person,
    PersonId,
    Place,
    Role,
    Standing,
    Takeover,
    Unit,
)
from bot.outgoing import Claim, Mark, Message, Outcome, Pause, Reader, Row, RowState, Sent, Tokens
from bot.register import Register
from bot.retention import Kept
from bot.view import Card

C = TypeVar("C", bound=CaseBase)


class Conflict(Exception):
    """Somebody else saved it first, or a unique key stands already. The use case runs again."""


class NotFound(Exception):
    """No such case, account or decision."""


class Unknown(Exception):
    """The actor or a picked person is not stored yet: ask the platform who they are, then try again."""

    def __init__(self, platform: str, realm: str, user: str) -> None:
        super().__init__(f"{platform} user is not stored yet")
        self.platform, self.realm, self.user = platform, realm, user


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC; moved by SMBOT_CLOCK_FILE where that is allowed."""
        ...

    def real(self) -> datetime:
        """Aware UTC, never moved: signatures, pacing, leases, time-outs."""
        ...


class Ids(Protocol):
    def new(self) -> str:
        """A short id that is unique and safe in a URL and in a key."""
        ...

    def salt(self) -> str:
        """128 random bits in hex."""
        ...


@dataclass(frozen=True, kw_only=True)
class DayOutcome:
    """How one account's required day ended, or stands. Unique by account and date."""

    account: str
    day: date
    outcome: str  # open, looked_at, found, late, no_answer, not_asked, no_watch, paused
    place: str | None = None
    role: str = ""  # manager, substitute, head, communications: never a name (users.md U6)


UNANSWERED = ("open", "no_answer")
"""Outcomes of days on which nobody had looked by the end of the day (exact-rules, "The round")."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A chained row of the decisions table, with the personal values that have not been purged.

    `names`: those of all personal values that it was written with.
    """

    number: int
    at: datetime
    kind: str
    body: Mapping[str, object]
    personal: Mapping[str, str]
    previous: str
    hash: str
    names: tuple[str, ...] = ()
    decided_by: PersonId | None = None
    presented_by: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What somebody may open: decisions on these accounts, and those that they took or presented themselves."""

    person: PersonId
    accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Search:
    """Which decisions are looked for; "" and None leave it open. `since` is in the period, `until` is after it."""

    account: str = ""
    kind: str = ""
    category: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """How many of a kind may go, and when the oldest of them ended."""

    count: int
    oldest: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class About:
    """What is kept about somebody beside the register and the open cases; for themselves alone (users.md U6).

    All newest first. `closed`: closed cases that name them, by kind, account and when they began. `log`: what they did.
    `messages`: the cards that the bot has sent to them alone. `changes`: pages of the settings on which they changed
    something, or were changed. `facts`: the small things kept by name in which their id may stand, as they are kept.
    `contacts`: what a chat platform told of them, and how far they have read the page.
    """

    closed: Sequence[tuple[str, str | None, datetime]] = ()
    log: Sequence[tuple[datetime, str]] = ()
    messages: Sequence[tuple[datetime | None, str]] = ()
    changes: Sequence[tuple[datetime, str]] = ()
    facts: Sequence[tuple[str, str]] = ()
    contacts: Sequence[str] = ()


class Tx(Protocol):
    """One transaction. Reads see one state; a write raises `Conflict` when somebody else was first."""

    @property
    def wrote(self) -> bool:
        """Whether anything has been saved in this transaction."""
        ...

    # -- register: a snapshot, cached by a counter that every register write bumps
    async def register(self) -> Register: ...
    async def save_person(self, person: Person) -> None: ...
    async def save_identity(self, identity: Identity) -> None: ...
    async def save_unit(self, unit: Unit) -> None: ...
    async def save_place(self, place: Place) -> None: ...
    async def save_account(self, account: Account) -> Account:
        """Insert (version 0) or update (same version, else Conflict). The canonical address is unique when not ""
        among accounts that are not closed: a second one raises Conflict."""
        ...

    async def add_accounts(self, accounts: Sequence[Account]) -> Sequence[Account]:
        """Insert many new ones (version 0) at once: as `save_account` for each, in the time of a few."""
        ...

    async def save_absence(self, absence: Absence) -> None: ...
    async def save_takeover(self, takeover: Takeover) -> None: ...
    async def save_role(self, role: Role, people: Sequence[PersonId], place: str | None) -> None: ...
    async def save_role_contact(self, role: Role, contact: Contact) -> None:
        """Replace the role's mailboxes and telephone number; its people and channel stay."""
        ...

    async def save_office(self, office: Office) -> None: ...

    async def remove_unit(self, ident: str) -> None: ...

    # -- what was changed in the settings: append-only
    async def add_change(self, change: Change) -> None:
        """Raises Conflict when the id stands already."""
        ...

    async def changes(self, limit: int = 10) -> Sequence[Change]:
        """The newest first."""
        ...

    async def change(self, ident: str) -> Change:
        """Raises NotFound."""
        ...

    async def taken_back(self, ident: str) -> bool:
        """Whether a later change takes this one back."""
        ...

    # -- cases
    async def case(self, ident: str) -> Case:
        """Raises NotFound."""
        ...

    async def add_case(self, case: C) -> C:
        """Raises Conflict when the id stands already."""
        ...

    async def save_case(self, case: C) -> C:
        """Saves with version check (Conflict), gives it back with the next version; its messages become due."""
        ...

    async def open_cases(
        self, kind: str | None = None, *, account: str | None = None, place: str | None = None
    ) -> Sequence[Case]:
        """Open cases, oldest first. Never reads closed ones."""
        ...

    async def cases_of(self, account: str, *, limit: int = 50) -> Sequence[Case]:
        """All cases of an account, newest first: its history."""
        ...

    async def due(self, now: datetime, limit: int = 100) -> Sequence[str]:
        """Ids of cases whose wake_at is not after now, earliest first."""
        ...

    async def next_wake(self, after: datetime) -> datetime | None: ...
    async def put_off(self, case: str, now: datetime, waits: Sequence[timedelta]) -> int:
        """A case failed: it wakes after the first wait, next time after the second, then always after the last.
        Gives how often it failed in a row; save_case sets that back to 0."""
        ...

    async def add_log(self, case: str, entries: Sequence[Entry], at: datetime) -> None: ...
    async def log(self, case: str) -> Sequence[Entry]: ...
    async def touch(self, case: str) -> None:
        """The case's messages become due for an edit though the case itself did not change."""
        ...

    async def touch_card(self, card: str) -> None:
        """What stands of a card that belongs to no case becomes due for an edit, as far as it is living."""
        ...

    # -- days
    async def save_day(self, day: DayOutcome) -> None:
        """Insert or replace the row of (account, day)."""
        ...

    async def days(
        self, *, account: str | None = None, first: date | None = None, last: date | None = None
    ) -> Sequence[DayOutcome]: ...

    # -- seen requests
    async def seen(self, key: str) -> str | None: ...
    async def note_seen(self, key: str, answer: str, at: datetime) -> None:
        """Raises Conflict when the key stands already."""
        ...

    # -- what is to be said
    async def enqueue(self, rows: Sequence[Row]) -> None:
        """A key that stands already is left as it is."""
        ...

    async def has_row(self, key: str) -> bool: ...
    async def add_marks(self, marks: Sequence[Mark]) -> None:
        """A (case, rung, reader) that stands already is left as it is."""
        ...

    async def open_marks(self) -> Sequence[Mark]:
        """Marks that no collected message has taken."""
        ...

    async def redirect(self, before: Reader, after: Reader) -> None:
        """What waits for one reader, and what stands with them, is another's: two people are one."""
        ...

    async def take_marks(self, marks: Sequence[Mark], key: str) -> None: ...
    async def marks_for(self, cases: Collection[str]) -> Sequence[Mark]:
        """All marks of these cases, said or not."""
        ...

    async def marks_of(self, key: str) -> Sequence[Mark]: ...

    # -- delivery (times here are real)
    async def claim(
        self,
        owner: str,
        real: datetime,
        lease: timedelta,
        alarm_lease: timedelta,
        *,
        chats: Collection[str],
        only_alarms: bool = False,
        without: Collection[str] = (),
    ) -> Claim | None:
        """Take one target that has due rows or due edits, is not paused and not held; alarms first, then the
        target whose oldest row waits longest. Rows in order: alarms, then by number. `sending` rows of a lease
        that ended come back as they are (the caller treats them as ambiguous). `chats`: the platforms that run; an edit
        on another waits, as on one that is paused. `without`: platforms and targets of which only alarms are taken."""
        ...

    async def release(self, target: str, owner: str) -> None: ...
    async def begin_row(self, number: int, real: datetime) -> None:
        """State `sending`, tries + 1, first_try set once."""
        ...

    async def settle_row(
        self, number: int, state: RowState, *, retry_at: datetime | None = None, reason: str = ""
    ) -> None: ...
    async def doubt(self, since: datetime) -> None:
        """Whatever waits may have been sent since that moment (real time), and what stands of open cases may show more
        than is known here: the first is looked for before it is sent, the second is shown as its case now stands."""
        ...

    async def add_message(self, message: Message) -> None: ...
    async def shown(self, message: int, digest: str, *, still_due: bool = False) -> None: ...
    async def drop_message(self, message: int) -> None: ...
    async def messages_of(self, case: str) -> Sequence[Message]: ...
    async def pause(self, pause: Pause) -> None: ...
    async def tokens(self, platform: str) -> Tokens | None:
        """What was kept last. Within a transaction that has claimed: processes take their tokens in turn."""
        ...

    async def keep_tokens(self, platform: str, tokens: Tokens) -> None: ...
    async def pauses(self, real: datetime) -> Sequence[Pause]: ...
    async def undeliverable(self, limit: int = 50) -> Sequence[Row]:
        """Rows that are dead, newest first."""
        ...

    async def waiting(self) -> int:
        """How many rows wait or are being sent."""
        ...

    # -- decisions: append-only, chained (exact-rules, "Decisions")
    async def add_decision(self, record: Record, at: datetime, salts: Mapping[str, str]) -> Decision: ...
    async def decisions(self, *, account: str | None = None, limit: int = 50) -> Sequence[Decision]: ...
    async def decision(self, number: int) -> Decision:
        """Raises NotFound."""
        ...

    async def search_decisions(
        self, search: Search, sight: Sight | None = None, *, before: int | None = None, limit: int = 10
    ) -> Sequence[Decision]:
        """Newest first, by time and then number. `sight`: only what they may open; None: all. `before`: those that
        come after this one in that order. Reads no more than it gives, for each account of `sight`."""
        ...

    async def decision_categories(self, sight: Sight | None = None) -> Sequence[str]:
        """The categories that any decision in sight has, in order."""
        ...

    async def decisions_naming(self, number: int) -> Sequence[Decision]:
        """Those that came later and name this one: registered, corrected. Oldest first."""
        ...

    async def decisions_under(
        self, diary: str, *, before: int | None = None, limit: int = 10
    ) -> Sequence[Decision]:
        """Those that a diary number was given to, and those that gave it, newest first by number. Small and large
        letters and spaces do not matter."""
        ...

    async def pass_decisions_on(self, before: PersonId, after: PersonId) -> None:
        """What one person took or presented is found by another: two people are one."""
        ...

    # -- small facts about running, by name (last planned day, scopes granted ...)
    async def fact(self, name: str) -> str | None: ...
    async def save_fact(self, name: str, value: str) -> None: ...
    async def forget(self, before: datetime) -> int:
        """Housekeeping: `seen` before that moment less 7 days, settled and dead rows less 30 days. Gives how many went."""
        ...

    # -- retention: what ended before a moment, by kind (bot/retention.py says which moment)
    async def overdue(self, kind: Kept, before: datetime) -> Overdue: ...
    async def purge(self, kind: Kept, before: datetime, number: str, limit: int) -> int:
        """Destroy at most `limit` of them, the oldest first; gives how many went. What stands of them in messages
        falls due to be rewritten, under the disposal decision's number."""
        ...

    async def purge_collected(
        self, before: datetime, number: str, limit: int, cards: Collection[str] = ()
    ) -> int:
        """Messages of before that tell of several things fall due to be rewritten: those with these cards."""
        ...

    async def purge_strays(self, limit: int) -> int:
        """Messages of a case that is not there any more: one that was on its way while its case went."""
        ...

    async def forget_answers(self, before: datetime) -> None:
        """The answers to requests of before: no platform repeats a request after a day."""
        ...

    async def about(self, person: PersonId, limit: int) -> About:
        """For `/sm-my-data` alone: nothing else may ask by person."""
        ...

    async def erase_person(self, person: PersonId) -> None:
        """How they are reached, and when they were away. Their row stays, under the name that it was given."""
        ...


class Storage(Protocol):
    def write(self) -> AbstractAsyncContextManager[Tx]:
        """Commits at the end, rolls back on an exception."""
        ...

    def read(self) -> AbstractAsyncContextManager[Tx]: ...
    async def tidy(self) -> None:
        """After purging: leave no trace of it in what the database itself keeps aside, as far as it can."""
        ...


class Rehearsal(Protocol):
    """Lives ahead on a copy. Never to be asked inside a transaction that writes: it takes seconds, and reads by itself."""

    async def foresee(self, first: date, last: date, changed: Register | None = None) -> Foreseen:
        """What would be sent from `first` (today, if that is past) to `last`, both included, if nobody answered.

        `changed`: if the register were this one from now on. Rounds that have been made for today keep their hour.
        """
        ...


# -- chats --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a message goes: a channel id, or a user whose direct messages are opened first."""

    platform: str
    realm: str
    channel: str = ""
    user: str = ""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One message ready to go. `users` maps the people in the card to their ids on this platform.

    `at` is the moment for which the card was made (on a moved clock: the moment at which the bot came to rest).
    """

    to: Address
    card: Card
    key: str
    fallback: str
    language: str
    thread: str = ""
    users: Mapping[PersonId, str]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a platform says of a user."""

    platform: str
    realm: str
    user: str
    name: str
    email: str = ""
    standing: Standing = "member"
    active: bool = True
    checked: bool = True  # False: the platform did not say in time; only the id is known


class Chat(Protocol):
    """A chat platform, as the outbox and set-up see it. Sending never raises: every trouble is an Outcome."""

    platform: str

    async def post(self, envelope: Envelope) -> Outcome: ...
    async def edit(self, envelope: Envelope, ref: str) -> Outcome: ...
    async def find(self, envelope: Envelope, since: datetime) -> Sent | None | Outcome:
        """Look for the envelope's key among what stands there: Sent if found, None if surely not there,
        Ambiguous where it cannot be looked up."""
        ...

    async def members(self, address: Address) -> frozenset[str] | None:
        """User ids in a channel; None when that cannot be asked now."""
        ...
