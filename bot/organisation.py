"""The organisation file: what an empty database is filled with. TOML, checked as a whole, every fault listed."""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pydantic
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from bot.addresses import canonical
from bot.mailbox import PHONE, mailbox
from bot.model import AccountState, Hearer, Language, Office, Refused, Role, Way
from bot.policy import names
from bot.retention import Disposal, Kept, kept
from bot.season import is_month_day
from bot.steps import RUNGS, STEPS

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


def _email(text: str) -> str:
    """Compared without case; only used to look somebody up once."""
    return text.casefold() if "@" in text else text


OFFICE = Office()
Who = Annotated[Name, AfterValidator(_email)]
"""A person: their id on the chat platform, or their e-mail address."""


def _mailbox(text: str) -> str:
    try:
        return mailbox(text)
    except Refused:
        raise PydanticCustomError("mailbox", "{text} is no e-mail address", {"text": text}) from None


def _several(found: Any) -> Any:
    """One address may stand without brackets."""
    return (found,) if isinstance(found, str) else found


Mailbox = Annotated[Name, AfterValidator(_mailbox)]
Mailboxes = Annotated[tuple[Mailbox, ...], BeforeValidator(_several)]
Telephone = Annotated[str, StringConstraints(max_length=40, strip_whitespace=True, pattern=PHONE)]


def _link(text: str) -> str:
    """An address that can be opened."""
    if text and not text.startswith("https://"):
        raise PydanticCustomError("link", "{link} is no https address", {"link": text})
    return text


Link = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True), AfterValidator(_link)]


class Part(BaseModel):
    """What every table of the file shares: an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class SomeBody(Part):
    """A person, by id or by e-mail address. `name` is shown until the platform says theirs; `ids`: on further platforms."""

    id: Name | None = None
    ids: tuple[Name, ...] = ()
    email: Who | None = None
    name: str = ""
    phone: Telephone = ""
    language: Language | None = None

    @property
    def who(self) -> str:
        return self.id or self.email or ""


class UnitEntry(Part):
    id: Name
    name: Name
    head: Who | None = None
    deputy: Who | None = None
    parent: Name | None = None


class ChannelEntry(Part):
    """A channel, by id or by name; `name` is also what accounts call it by. `called`: where two have the same name;
    `welcomed`: the day on which the bot said what it is, so that an export's channels do not hear it again."""

    name: Name
    id: Name | None = None
    called: str = ""
    kind: Literal["channel", "group", "direct"] = "channel"
    language: Language | None = None
    hour: time = time(9)
    welcomed: date | None = None


class PatternEntry(Part):
    kind: Literal["one", "weeks", "weekdays"] = "one"
    order: tuple[Who, ...] = ()
    start: date | None = None


class FreeDays(Part):
    """What the head agreed to about free days; without it nobody is asked then. `none`: that nobody watches was decided,
    and `instead` is what happens then. `agreed_by` lacks where an export knows whoever agreed by no name any more."""

    kind: Literal["none", "people", "rota"] = "people"
    people: tuple[Who, ...] = ()
    agreed_by: Who | None = None
    agreed_on: date
    instead: Literal["", "comments_off", "filtered"] = ""
    way: Way = ""  # how it was said outside chat, where communications entered it


class StampEntry(Part):
    pack: Name
    version: str
    digest: str


class AccountEntry(Part):
    """`state` and what follows stand in an exported file alone; else an account is live, or has gaps."""

    platform: Name
    name: Name
    address: Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)]
    unit: Name
    people: tuple[Who, ...] = ()
    channel: Name | None = None
    head: Who | None = None
    purpose: str = ""
    level: Literal["unit", "administration", "university"] = "unit"
    pattern: PatternEntry = PatternEntry()
    free_days: FreeDays | None = None
    login: str = pydantic.Field(default="", max_length=200)
    state: AccountState | None = None
    asked_from: date | None = None
    approved_on: date | None = None
    approval_number: str = ""
    said: dict[str, str] = {}
    stamp: StampEntry | None = None


class AbsenceEntry(Part):
    person: Who
    first: date
    last: date
    cover: Who | None = None


class TakeoverEntry(Part):
    """Somebody else watches these accounts, by address, for some days; without `who` it is communications' rota."""

    accounts: Annotated[tuple[str, ...], pydantic.Field(min_length=1)]
    first: date
    last: date
    by: Who
    who: Who | None = None


def _month_day(given: str) -> str:
    if not is_month_day(given):
        raise PydanticCustomError("month_day", "{day} is no month and day such as 06-15", {"day": given})
    return given


MonthDay = Annotated[str, AfterValidator(_month_day)]


class SeasonEntry(Part):
    """When heads are asked who covers, and for which time; `asked` empty: they are not asked."""

    asked: MonthDay | Literal[""]
    first: MonthDay
    last: MonthDay


class OfficeEntry(Part):
    """What else the office has chosen; left out it is as the marked defaults."""

    policy: str = ""
    heads_at: time = OFFICE.heads_at
    registrar_at: time = OFFICE.registrar_at
    collect_early: time = OFFICE.collect_early
    collect: time = OFFICE.collect
    digest_at: time = OFFICE.digest_at
    receipt_minutes: Annotated[int, pydantic.Field(ge=1, le=120)] = OFFICE.receipt_minutes
    unlooked_days: Annotated[int, pydantic.Field(ge=2, le=10)] = OFFICE.unlooked_days
    head_at_once: bool = OFFICE.head_at_once
    communications_name: dict[Language, str] = {}
    role_names: dict[Role, dict[Language, str]] = {}
    steps: dict[str, int] = {}
    hearers: dict[str, tuple[Hearer, ...]] = {}
    changers: tuple[Who, ...] = ()


class OfficeHoursEntry(Part):
    opens: time = time(8)
    closes: time = time(17)


class RetentionEntry(Part):
    """What is decided about one kind of row; what is left out is the default."""

    days: Annotated[int, pydantic.Field(ge=1, le=36500)] | None = None
    number: str = ""
    decided_on: date | None = None
    ground: str = ""


class Organisation(Part):
    """The file as a whole. `bridge_days` left out means that nobody has decided, which `doctor` says.

    `pilot`: only in these channels the bot speaks at first; left out, in all of them.
    """

    name: Name
    language: Language | None = None
    zone: str | None = None
    alarm_number: str = ""
    visitor_contact: str = ""
    hr_page: Link = ""
    bridge_days: Literal["free", "worked"] | None = None
    closed: frozenset[date] = frozenset()
    guidelines: Link = ""
    about: Link = ""
    pilot: tuple[Name, ...] | None = None
    office_hours: OfficeHoursEntry = OfficeHoursEntry()
    people: tuple[SomeBody, ...] = pydantic.Field(default=(), alias="person")
    units: tuple[UnitEntry, ...] = pydantic.Field(default=(), alias="unit")
    channels: tuple[ChannelEntry, ...] = pydantic.Field(default=(), alias="channel")
    accounts: tuple[AccountEntry, ...] = pydantic.Field(default=(), alias="account")
    roles: dict[Role, tuple[Who, ...]] = {}
    role_channels: dict[Role, Name] = {}
    role_mail: dict[Role, Mailboxes] = {}
    role_phone: dict[Role, Telephone] = {}
    retention: dict[Kept, RetentionEntry] = {}
    office: OfficeEntry = OfficeEntry()
    absences: tuple[AbsenceEntry, ...] = pydantic.Field(default=(), alias="absence")
    takeovers: tuple[TakeoverEntry, ...] = pydantic.Field(default=(), alias="takeover")
    seasons: dict[Literal["summer", "christmas"], SeasonEntry] = {}

    @pydantic.field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        try:
            return zone and ZoneInfo(zone).key
        except (ZoneInfoNotFoundError, ValueError):
            raise PydanticCustomError("zone", "{zone} is no time zone", {"zone": str(zone)}) from None

    def disposals(self) -> dict[Kept, Disposal]:
        """What the file says of retention, filled up with the defaults."""
        return {
            kind: Disposal(
                days=entry.days or kept({}, kind).days, number=entry.number.strip(),
                decided_on=entry.decided_on, ground=entry.ground,
            )
            for kind, entry in self.retention.items()
        }  # fmt: skip

    def everybody(self) -> tuple[SomeBody, ...]:
        """Each person whom the file names anywhere, once, in the order of the file."""
        known = {body.who: body for body in self.people}
        by_email = {body.email: body.who for body in self.people if body.email}
        for who in self._named():
            ref = by_email.get(who, who)
            known.setdefault(ref, SomeBody(email=ref) if "@" in ref else SomeBody(id=ref))
        return tuple(known.values())

    def _named(self) -> Iterator[str]:
        for unit in self.units:
            yield from (who for who in (unit.head, unit.deputy) if who)
        for account in self.accounts:
            yield from (*account.people, *account.pattern.order, *((account.head,) if account.head else ()))
            if agreed := account.free_days:
                yield from (*agreed.people, *((agreed.agreed_by,) if agreed.agreed_by else ()))
        for people in (*self.roles.values(), self.office.changers):
            yield from people
        for absence in self.absences:
            yield from (who for who in (absence.person, absence.cover) if who)
        for takeover in self.takeovers:
            yield from (who for who in (takeover.by, takeover.who) if who)


class BadOrganisation(Exception):
    """The file cannot be used; `faults` are one sentence each, with the place in the file."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def parse(text: str) -> Organisation:
    """The file's contents. Raises BadOrganisation with every fault at once."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadOrganisation([f"TOML: {error}"]) from None
    try:
        found = Organisation.model_validate(table)
    except pydantic.ValidationError as error:
        raise BadOrganisation(f"{_where(e['loc'])}: {e['msg']}" for e in error.errors()) from None
    faults = tuple(_faults(found))
    if faults:
        raise BadOrganisation(faults)
    return found


def _where(loc: tuple[Any, ...]) -> str:
    """`account 2, people 1`: tables are counted from one, as people count."""
    words: list[str] = []
    for piece in loc:
        if isinstance(piece, int):
            words[-1:] = [f"{words[-1] if words else ''} {piece + 1}".strip()]
        else:
            words.append(str(piece))
    return ", ".join(words)


def _faults(file: Organisation) -> Iterator[str]:
    """What no single value shows: names that nothing stands under, and what stands twice."""
    yield from _people(file)
    yield from _twice("unit", (unit.id for unit in file.units))
    yield from _twice("channel", (channel.name for channel in file.channels))
    yield from _units(file)
    yield from _accounts(file)
    channels = {channel.name for channel in file.channels}
    for role, channel in file.role_channels.items():
        if channel not in channels:
            yield f"role_channels, {role}: there is no channel {channel}"
    yield from _retention(file)
    yield from _office(file.office)
    for name in file.pilot or ():
        if name not in channels:
            yield f"pilot: there is no channel {name}"
    known = {account.address for account in file.accounts}
    for number, takeover in enumerate(file.takeovers, 1):
        for address in takeover.accounts:
            if address not in known:
                yield f"takeover {number}: there is no account {address}"
    if file.office_hours.opens >= file.office_hours.closes:
        yield "office_hours: opens must lie before closes"


def _office(office: OfficeEntry) -> Iterator[str]:
    if office.policy and office.policy not in names():
        yield f"office, policy: there are no guidelines {office.policy}"
    known = {step.name: step for step in STEPS}
    for name, n in office.steps.items():
        step = known.get(name)
        if step is None or not step.least <= n <= step.most:
            yield f"office, steps: {name} = {n} is no wait that can be chosen"
    rungs = {rung.name: rung for rung in RUNGS}
    for name, who in office.hearers.items():
        rung = rungs.get(name)
        if rung is None or not {*who} <= {*rung.may} or len({*who}) < rung.least:
            yield f"office, hearers: {name} cannot be {', '.join(who) or 'nobody'}"


def _retention(file: Organisation) -> Iterator[str]:
    """A disposal decision has number and date, or there is none."""
    for kind, entry in file.retention.items():
        if bool(entry.number.strip()) != bool(entry.decided_on):
            yield f"retention, {kind}: give number and decided_on of the disposal decision, or neither"


def _people(file: Organisation) -> Iterator[str]:
    for number, body in enumerate(file.people, 1):
        if not body.who:
            yield f"person {number}: give an id or an email"
    yield from _twice("person", (body.who for body in file.people if body.who))


def _twice(kind: str, names: Iterable[str]) -> Iterator[str]:
    yield from (f"{kind} {name} stands twice" for name, times in Counter(names).items() if times > 1)


def _units(file: Organisation) -> Iterator[str]:
    parents = {unit.id: unit.parent for unit in file.units}
    for unit in file.units:
        if unit.parent and unit.parent not in parents:
            yield f"unit {unit.id}: there is no unit {unit.parent}"
        elif _loops(unit.id, parents.get):
            yield f"unit {unit.id}: its parents lead back to itself"


def _loops(unit: str, parent: Callable[[str], str | None]) -> bool:
    above, seen = parent(unit), {unit}
    while above and above not in seen:
        seen.add(above)
        above = parent(above)
    return above == unit


def _accounts(file: Organisation) -> Iterator[str]:
    units, channels = {unit.id for unit in file.units}, {channel.name for channel in file.channels}
    addresses: dict[str, str] = {}
    for account in file.accounts:
        if account.unit not in units:
            yield f"account {account.name}: there is no unit {account.unit}"
        if account.channel and account.channel not in channels:
            yield f"account {account.name}: there is no channel {account.channel}"
        if len(set(account.people)) < len(account.people):
            yield f"account {account.name}: a person stands twice"
        yield from (
            f"account {account.name}: {who} watches but is not among its people"
            for who in _strangers(account)
        )
        if not account.address and account.state is not None:
            continue
        try:
            address = canonical(account.address, account.platform)
        except Refused:
            yield f"account {account.name}: {account.address} is no https address"
            continue
        if other := addresses.get(address):
            yield f"account {account.name}: has the same address as {other}"
        addresses.setdefault(address, account.name)


def _strangers(account: AccountEntry) -> tuple[str, ...]:
    return tuple(who for who in account.pattern.order if who not in account.people)
