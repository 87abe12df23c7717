"""The organisation file: what an empty database is filled with. TOML, checked as a whole, every fault listed."""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pydantic
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

from bot.addresses import canonical
from bot.model import Language, Refused, Role

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


def _email(text: str) -> str:
    """Compared without case; only used to look somebody up once."""
    return text.casefold() if "@" in text else text


Who = Annotated[Name, AfterValidator(_email)]
"""A person: their id on the chat platform, or their e-mail address."""


class Part(BaseModel):
    """What every table of the file shares: an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class SomeBody(Part):
    """A person, by id or by e-mail address. `name` is shown until the platform says theirs."""

    id: Name | None = None
    email: Who | None = None
    name: str = ""
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
    """A channel, by id or by name; `name` is also what accounts call it by."""

    name: Name
    id: Name | None = None
    language: Language | None = None
    hour: time = time(9)


class PatternEntry(Part):
    kind: Literal["one", "weeks", "weekdays"] = "one"
    order: tuple[Who, ...] = ()
    start: date | None = None


class FreeDays(Part):
    """What the head agreed to about free days; without it nobody is asked then."""

    kind: Literal["people", "rota"] = "people"
    people: tuple[Who, ...] = ()
    agreed_by: Who
    agreed_on: date


class AccountEntry(Part):
    platform: Name
    name: Name
    address: Name
    unit: Name
    people: tuple[Who, ...] = ()
    channel: Name | None = None
    head: Who | None = None
    purpose: str = ""
    level: Literal["unit", "administration", "university"] = "unit"
    pattern: PatternEntry = PatternEntry()
    free_days: FreeDays | None = None
    login: str = pydantic.Field(default="", max_length=200)


class OfficeHoursEntry(Part):
    opens: time = time(8)
    closes: time = time(17)


class Organisation(Part):
    """The file as a whole. `bridge_days` left out means that nobody has decided, which `doctor` says."""

    name: Name
    language: Language | None = None
    zone: str | None = None
    alarm_number: str = ""
    visitor_contact: str = ""
    hr_page: str = ""
    bridge_days: Literal["free", "worked"] | None = None
    closed: frozenset[date] = frozenset()
    office_hours: OfficeHoursEntry = OfficeHoursEntry()
    people: tuple[SomeBody, ...] = pydantic.Field(default=(), alias="person")
    units: tuple[UnitEntry, ...] = pydantic.Field(default=(), alias="unit")
    channels: tuple[ChannelEntry, ...] = pydantic.Field(default=(), alias="channel")
    accounts: tuple[AccountEntry, ...] = pydantic.Field(default=(), alias="account")
    roles: dict[Role, tuple[Who, ...]] = {}
    role_channels: dict[Role, Name] = {}

    @pydantic.field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        try:
            return zone and ZoneInfo(zone).key
        except (ZoneInfoNotFoundError, ValueError):
            raise PydanticCustomError("zone", "{zone} is no time zone", {"zone": str(zone)}) from None

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
            if account.free_days:
                yield from (*account.free_days.people, account.free_days.agreed_by)
        for people in self.roles.values():
            yield from people


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
    if file.office_hours.opens >= file.office_hours.closes:
        yield "office_hours: opens must lie before closes"


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
