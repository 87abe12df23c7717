"""One request or one pass at work inside one transaction."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Literal, TypeVar

from bot import steps
from bot.cases import Case
from bot.cases.base import CaseBase, Move
from bot.cases.ladder import Hours
from bot.commands import Call, Quoted
from bot.first_week import is_quiet
from bot.model import Account, Language, Person, PersonId, Place, Refused, Stamp
from bot.outgoing import HEAD, Reader, Row, Say
from bot.policy import Pack, load
from bot.ports import Clock, Ids, NotFound, Rehearsal, Storage, Tx
from bot.register import Register
from bot.screens.base import Eyes
from bot.service import mailing
from bot.texts import Texts
from bot.view import Card, Reply, Values

C = TypeVar("C", bound=CaseBase)
OF_ITS_DAY = ("round", "reply")
"""Cards that are read on the day for which they are made: in them "today" is said."""
NOBODY = Person(id=PersonId(""), name="", standing="bot")


@dataclass(frozen=True, kw_only=True)
class Bot:
    """What every use case needs. `nudge` wakes delivery after a commit; `trouble` logs what went wrong under an id.

    `platforms`: the chats that run; None where that is not known. `mails`: whether mail can be sent beside them.
    `rehearsal`: None where nothing is looked ahead.
    """

    storage: Storage
    clock: Clock
    ids: Ids
    pack: Pack
    nudge: Callable[[], None]
    trouble: Callable[[str, BaseException], None]
    platforms: frozenset[str] | None = None
    mails: bool = False
    rehearsal: Rehearsal | None = None


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A decision that was not pressed: how it was given, on what day, where that stands, and who enters it (users.md U8)."""

    way: Literal["phone", "paper", "mail", "meeting"]
    day: date
    reference: str
    by: Person

    def kept_for(self, person: PersonId) -> dict[str, str]:
        """What the log keeps of it."""
        return {"for": person, "way": self.way, "on": self.day.isoformat(), "reference": self.reference}


@dataclass(frozen=True, kw_only=True)
class Work:
    """A transaction with the register as it stands, the time, and who is asking (NOBODY: a pass of the bot)."""

    bot: Bot
    tx: Tx
    now: datetime
    register: Register
    actor: Person = NOBODY
    call: Call = field(default_factory=lambda: Call(platform="", realm="", user=""))
    quoted: Quoted = field(default_factory=Quoted)
    entered: Entered | None = None  # `actor` has decided, and somebody else enters it

    @cached_property
    def pack(self) -> Pack:
        """The guidelines, with the office's own waits in the place of their marked defaults."""
        return steps.laid(self.guidelines, self.register.office.steps)

    @property
    def guidelines(self) -> Pack:
        """Those that the office has chosen, else those that the server was started with; as they are written."""
        chosen = self.register.office.policy
        return load(chosen) if chosen not in ("", self.bot.pack.name) else self.bot.pack

    @property
    def hours(self) -> Hours:
        office = self.register.office
        calendar = self.pack.calendar(
            zone=office.zone, bridge_days_free=bool(office.bridge_days_free), closed=office.closed
        )
        return Hours(calendar=calendar, office=office, waits=steps.waits(self.pack, office.hearers))

    @property
    def today(self) -> date:
        return self.hours.today(self.now)

    @property
    def stamp(self) -> Stamp:
        """The guidelines that hold today."""
        return Stamp(pack=self.pack.name, version=self.pack.version, digest=self.pack.digest)

    @property
    def t(self) -> Texts:
        """Texts in the language of whoever asks."""
        return self.texts(self.language)

    @property
    def language(self) -> Language:
        guess: Language | None = "en" if self.call.language == "en" else "sv" if self.call.language else None
        return self.actor.language or guess or self.register.office.language

    def texts(self, language: Language) -> Texts:
        return Texts(language, self.register.office.zone, self.call.slash)

    def texts_for(self, reader: Reader) -> Texts:
        """A post follows its place's setting, a private message the person's own (users.md U10)."""
        office = self.register.office.language
        if reader.kind == "place" and reader.id in self.register.places:
            return self.texts(self.register.places[reader.id].language or office)
        if reader.kind in ("person", "mail"):
            return self.texts(self.register.language_of(PersonId(reader.id)))
        return self.texts(office)

    @property
    def eyes(self) -> Eyes:
        """For whoever asks."""
        return self.eyes_in(self.t)

    def eyes_in(self, texts: Texts) -> Eyes:
        here = (self.call.platform, self.call.realm)
        return Eyes(
            t=texts, register=self.register, now=self.now, hours=self.hours, pack=self.pack, here=here
        )

    def eyes_of(self, row: Row) -> Eyes:
        """For whoever will read an outbox row."""
        eyes = self.eyes_in(self.texts_for(Reader.parse(row.target)))
        return replace(eyes, standing=row.card not in OF_ITS_DAY)

    @property
    def place(self) -> Place | None:
        """The known place in which the request was made."""
        return self.register.places.get(f"{self.call.platform}:{self.call.realm}:{self.call.channel}")

    # -- reading --------------------------------------------------------------------------------

    def is_quiet(self, place: str | None, day: date | None = None) -> bool:
        """Whether what happens in a place on that day (None: today) goes on to nobody else (users.md U11)."""
        return is_quiet(self.hours.calendar, self.register.places.get(place or ""), day or self.today)

    def account(self, ident: str | None) -> Account:
        """Raises Refused for an account that is not (or no longer) in the register."""
        account = self.register.accounts.get(ident or "")
        if account is None:
            raise Refused("account.unknown")
        return account

    async def case(self, ident: str, kind: type[C]) -> C:
        """Raises Refused for a case that is gone or of another kind: an old card was pressed."""
        found = await self.find(ident, kind)
        if found is None:
            raise Refused("case.gone")
        return found

    async def find(self, ident: str | None, kind: type[C]) -> C | None:
        """The case, if it is there and of this kind."""
        try:
            found: Case | None = await self.tx.case(ident) if ident else None
        except NotFound:
            return None
        return found if isinstance(found, kind) else None

    # -- writing --------------------------------------------------------------------------------

    async def add(self, move: Move[C]) -> C:
        """Save a new case with what it says."""
        case = await self.tx.add_case(move.case)
        await self._spread(case.id, move)
        return case

    async def apply(self, before: C, move: Move[C]) -> C:
        """Save what a decide function answered. A move that changes nothing writes nothing (double click)."""
        if move.case == before and not (move.says or move.marks or move.log):
            return before
        case = await self.tx.save_case(move.case)
        await self._spread(case.id, move)
        return case

    async def _spread(self, case: str, move: Move[C]) -> None:
        if move.log:
            await self.tx.add_log(case, move.log, self.now)
        if move.marks:
            await self.tx.add_marks(move.marks)
        await self.say(*move.says, case=move.case)

    async def say(self, *says: Say, case: CaseBase | None = None) -> None:
        """Write outbox rows, roles resolved to places or people as they are now. A place that a trial leaves out hears
        alarms alone (users.md U11)."""
        rows = mailing.once([row for say in says for row in self._rows(say, case)])
        if rows:
            await self.tx.enqueue(rows)

    def _rows(self, say: Say, case: CaseBase | None) -> list[Row]:
        silent = say.reader.kind == "place" and self.register.is_silent(say.reader.id)
        unheard = say.mail in ("only", "boxes") or (silent and say.lane != "alarm")
        targets = () if unheard else self.targets(say.reader, case)
        several = len(targets) > 1
        rows = [self._row(say, f"{say.key}>{target}" if several else say.key, target) for target in targets]
        return rows + self._mails(say, case, targets)

    def _mails(self, say: Say, case: CaseBase | None, targets: Collection[Reader]) -> list[Row]:
        """What goes by mail too. A person whom chat does not know has theirs by mail already."""
        if not say.mail or not self.bot.mails:
            return []
        own = {PersonId(t.id) for t in targets if t.kind == "person"}
        told = [
            p for p in self.told(say.reader, case)
            if p not in own or mailing.in_chat(self.register, p, self.bot.platforms)
        ]  # fmt: skip
        row = self._row(say, say.key, say.reader)
        return [mailing.by_mail(row, reader) for reader in mailing.readers(self.register, say, told)]

    def _row(self, say: Say, key: str, target: Reader) -> Row:
        return Row(
            key=key, card=say.card, reader=str(say.reader), target=str(target), case=say.case, lane=say.lane, arg=say.arg,
            useful_until=say.useful_until, threaded=say.threaded, living=say.living, created_at=self.now,
        )  # fmt: skip

    def targets(self, reader: Reader, case: CaseBase | None = None) -> tuple[Reader, ...]:
        """Where a reader is reached: a role's own channel, else each of its people (exact-rules, "Sending").

        Where nobody at all holds the role the administrators hear it: nothing goes to nobody.
        """
        if reader.kind not in ("role", "person"):
            return (reader,)
        role, _, which = reader.id.partition("/")
        place = self.register.role_places.get(role) if reader.kind == "role" else None  # type: ignore[call-overload]
        if place and not which and self.register.own(role):  # type: ignore[arg-type]
            return (Reader(kind="place", id=place),)
        return tuple(Reader(kind="person", id=p) for p in self.told(reader, case))

    def told(self, reader: Reader, case: CaseBase | None = None) -> tuple[PersonId, ...]:
        """The people whom a reader stands for, whatever channel a role has."""
        if reader.kind == "person":
            return (PersonId(reader.id),)
        if reader.kind != "role":
            return ()
        if reader == HEAD:
            account = self.account(case.account) if case and case.account else None
            head = self.register.answerer(account, self.today) if account else self.register.rota(self.today)
            return (head,) if head else ()
        role, _, which = reader.id.partition("/")
        holders = self.register.holders(role) or self.register.own("administrators")  # type: ignore[arg-type]
        if which == "next":
            others = (p for p in self.register.holders("communications") if p not in holders[:1])
            return holders[1:2] or tuple(others)
        return holders if which == "everybody" or role == "communications" else holders[:1]


Handler = Callable[[Work, str], Awaitable[Reply]]
FormHandler = Callable[[Work, str, Values], Awaitable[Reply]]
Composer = Callable[[Work, Row], Awaitable[Card | None]]


@dataclass(frozen=True, kw_only=True)
class Verb:
    """What a button does. `writes`: it is acknowledged after its commit."""

    run: Handler
    writes: bool


@dataclass(frozen=True, kw_only=True)
class Feature:
    """What one module of use cases offers: the desk merges them all. `cards` make what the outbox sends.

    `letters` make it for mail, where nothing can be opened or pressed, as far as a card alone would be too little.
    """

    commands: Mapping[str, Handler] = field(default_factory=dict)
    verbs: Mapping[str, Verb] = field(default_factory=dict)
    forms: Mapping[str, FormHandler] = field(default_factory=dict)
    cards: Mapping[str, Composer] = field(default_factory=dict)
    letters: Mapping[str, Composer] = field(default_factory=dict)
    shortcuts: Mapping[str, Handler] = field(default_factory=dict)


def text(values: Values, field_id: str) -> str:
    """A submitted single value, trimmed; "" when nothing was given."""
    value = values.get(field_id, "")
    return value.strip() if isinstance(value, str) else ""


def several(values: Values, field_id: str) -> tuple[str, ...]:
    """A submitted list of values."""
    value = values.get(field_id, ())
    return (value,) if isinstance(value, str) and value else tuple(value)


def day_of(values: Values, field_id: str) -> date:
    """A submitted day. Raises Refused beside its field."""
    try:
        return date.fromisoformat(text(values, field_id))
    except ValueError:
        raise Refused("form.date", field=field_id) from None
