"""Fill an empty register from the organisation file. People and places are looked up once, before anything is saved."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from bot.addresses import canonical
from bot.model import (
    SEASONS,
    Absence,
    Account,
    AccountState,
    Contact,
    FreeDuty,
    Identity,
    Language,
    Office,
    Pattern,
    Person,
    PersonId,
    Place,
    Role,
    Season,
    Stamp,
    Takeover,
    Unit,
)
from bot.organisation import AbsenceEntry, AccountEntry, ChannelEntry, Organisation, SomeBody, TakeoverEntry
from bot.policy import Pack
from bot.ports import Profile, Tx
from bot.register import Register
from bot.service.accounts import settled
from bot.service.arrivals import Arrival, Wanted, want
from bot.service.base import Bot
from bot.service.people import TO_CONFIRM, meet
from bot.service.places import FoundPlace

SEEDED = "organisation.seeded"
"""The fact that says when the organisation file was taken in."""


class Directory(Protocol):
    """Who and what there is on a chat platform. None: not found, or not to be asked (a missing scope)."""

    @property
    def platform(self) -> str: ...
    @property
    def realm(self) -> str: ...
    async def by_id(self, user: str) -> Profile | None: ...
    async def by_email(self, email: str) -> Profile | None: ...
    async def channel(self, name: str) -> str | None:
        """The id of the channel that bears this name."""
        ...

    def is_own(self, ident: str) -> bool:
        """Whether an id of a person or channel looks like one of this platform."""
        ...


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A channel that a platform has."""

    platform: str
    realm: str
    channel: str

    @property
    def place(self) -> str:
        return f"{self.platform}:{self.realm}:{self.channel}"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the look-up gave: profiles by the file's name for a person, channels by the file's name for a channel."""

    people: Mapping[str, Profile | None] = field(default_factory=dict)
    channels: Mapping[str, Channel | None] = field(default_factory=dict)

    def place_id(self, name: str | None) -> str | None:
        channel = self.channels.get(name or "")
        return channel.place if channel else None


async def look_up(directories: Sequence[Directory], file: Organisation) -> Found:
    """Ask each platform in turn for each person and channel, until one knows them.

    An id is taken as it is where no platform knows it.
    """
    return Found(
        people={body.who: await _profile(directories, body) for body in file.everybody()}
        | {more: await _profile(directories, SomeBody(id=more)) for body in file.people for more in body.ids},
        channels={each.name: await _channel(directories, each) for each in file.channels},
    )


async def _channel(directories: Sequence[Directory], entry: ChannelEntry) -> Channel | None:
    if entry.id:
        owner = _owner(directories, entry.id)
        return Channel(platform=owner.platform, realm=owner.realm, channel=entry.id)
    for each in directories:
        if found := await each.channel(entry.name.lstrip("#")):
            return Channel(platform=each.platform, realm=each.realm, channel=found)
    return None


async def look_again(directory: Directory, register: Register, waiting: Sequence[Wanted]) -> Arrival:
    """What a platform knows by now of the channels and people that nobody knew when the file was taken in."""
    channels = {each.name: await directory.channel(each.name.lstrip("#")) for each in waiting}
    people = [await directory.by_email(email) for email in register.awaited]
    return Arrival(
        platform=directory.platform,
        realm=directory.realm,
        places=tuple(FoundPlace(channel=c, name=name.lstrip("#")) for name, c in channels.items() if c),
        people=tuple(profile for profile in people if profile),
    )


def _owner(directories: Sequence[Directory], ident: str) -> Directory:
    """The platform whose ids look like this one."""
    return next((each for each in directories if each.is_own(ident)), directories[0])


async def _profile(directories: Sequence[Directory], body: SomeBody) -> Profile | None:
    if body.id:
        return await _by_id(_owner(directories, body.id), body, body.id)
    for each in directories:
        if found := await each.by_email(body.email or ""):
            return found
    return None


async def _by_id(directory: Directory, body: SomeBody, ident: str) -> Profile:
    known = await directory.by_id(ident)
    return known or Profile(
        platform=directory.platform,
        realm=directory.realm,
        user=ident,
        name=body.name,
        email=body.email or "",
    )


async def is_empty(tx: Tx) -> bool:
    """Whether the register may still be filled from a file. People alone do not count: they come from the platform."""
    register = await tx.register()
    return await tx.fact(SEEDED) is None and not (register.accounts or register.units or register.places)


async def seed(bot: Bot, file: Organisation, found: Found, language: Language) -> bool:
    """Fill the register in one transaction; False when it was not empty. Nothing is sent by it."""
    async with bot.storage.write() as tx:
        if not await is_empty(tx):
            return False
        people = await _people(bot, tx, file, found)
        await tx.save_office(_office(file, found, people, bot.pack, language))
        for unit in file.units:
            await tx.save_unit(Unit(
                id=unit.id, name=unit.name, parent=unit.parent,
                head=people.get(unit.head), deputy=people.get(unit.deputy),
            ))  # fmt: skip
        for channel in file.channels:
            await _place(tx, channel, found)
        await _roles(tx, file, people, found)
        waiting: dict[str, list[str]] = {}
        accounts: dict[str, str] = {}
        for entry in file.accounts:
            account = await tx.save_account(_account(bot, entry, people, found))
            waiting.setdefault(entry.channel or "", []).append(account.id)
            accounts[entry.address] = account.id
        for n, absence in enumerate(file.absences):
            await _absence(bot, tx, n, absence, people)
        for n, takeover in enumerate(file.takeovers):
            await _takeover(bot, tx, n, takeover, people, accounts)
        await want(tx, _wanted(file, found, waiting))
        await _facts(bot, tx, file, found, people)
    return True


async def administrator(bot: Bot, directories: Sequence[Directory], who: str) -> None:
    """Make somebody, by id or e-mail, the first administrator. Looked up once; the id is what counts."""
    body = SomeBody(email=who) if "@" in who else SomeBody(id=who)
    profile = await _profile(directories, body)
    async with bot.storage.write() as tx:
        register = await tx.register()
        person = await _person(bot, tx, body, profile)
        held = register.roles.get("administrators", ())
        place = register.role_places.get("administrators")
        await tx.save_role("administrators", (*held, person), place)


def has_administrator(register: Register) -> bool:
    return bool(register.roles.get("administrators"))


# -- inside -------------------------------------------------------------------------------------


class Refs:
    """The file's people by each name it may use for them."""

    def __init__(self) -> None:
        self._ids: dict[str, PersonId] = {}

    def add(self, body: SomeBody, person: PersonId) -> None:
        self._ids |= {name: person for name in (body.id, body.email) if name}

    def get(self, who: str | None) -> PersonId | None:
        return self._ids.get(who or "")

    def all(self, whos: Iterable[str]) -> tuple[PersonId, ...]:
        return tuple(dict.fromkeys(self.each(whos)))

    def each(self, whos: Iterable[str]) -> tuple[PersonId, ...]:
        """As they stand, somebody twice where they are named twice: for two weekdays."""
        return tuple(self._ids[who] for who in whos)


async def _people(bot: Bot, tx: Tx, file: Organisation, found: Found) -> Refs:
    people = Refs()
    for body in file.everybody():
        person = await _person(bot, tx, body, found.people.get(body.who))
        people.add(body, person)
        for profile in filter(None, (found.people.get(more) for more in body.ids)):
            await tx.save_identity(
                Identity(platform=profile.platform, realm=profile.realm, user=profile.user, person=person)
            )
    return people


async def _person(bot: Bot, tx: Tx, body: SomeBody, profile: Profile | None) -> PersonId:
    """Somebody the platform does not know yet is kept without an identity, and `doctor` lists them."""
    if profile is None:
        return await _without_identity(bot, tx, body)
    ident = await meet(bot, tx, replace(profile, name=profile.name or body.name or profile.user))
    if body.language or body.phone:
        person = (await tx.register()).people[ident]
        await tx.save_person(replace(
            person, language=body.language or person.language, phone=body.phone or person.phone
        ))  # fmt: skip
    return ident


async def _without_identity(bot: Bot, tx: Tx, body: SomeBody) -> PersonId:
    register = await tx.register()
    known = (
        p
        for p in register.people.values()
        if p.email.casefold() == body.email and not register.identities_of(p.id)
    )
    person = next(known, None) or Person(
        id=PersonId(f"p{bot.ids.new()}"), name=body.name or body.who, email=body.email or "",
        phone=body.phone, language=body.language, checked=False,
    )  # fmt: skip
    await tx.save_person(person)
    return person.id


def _office(file: Organisation, found: Found, people: Refs, pack: Pack, language: Language) -> Office:
    own = file.office
    tried = [found.place_id(name) for name in file.pilot or ()]
    return Office(
        name=file.name,
        language=file.language or language,
        zone=file.zone or pack.zone,
        alarm_number=file.alarm_number,
        visitor_contact=file.visitor_contact,
        hr_page=file.hr_page,
        opens=file.office_hours.opens,
        closes=file.office_hours.closes,
        bridge_days_free=None if file.bridge_days is None else file.bridge_days == "free",
        closed=file.closed,
        retention=file.disposals(),
        heads_at=own.heads_at,
        registrar_at=own.registrar_at,
        collect_early=own.collect_early,
        collect=own.collect,
        digest_at=own.digest_at,
        receipt_minutes=own.receipt_minutes,
        unlooked_days=own.unlooked_days,
        head_at_once=own.head_at_once,
        communications_name=own.communications_name,
        role_names=own.role_names,
        policy=own.policy,
        steps=own.steps,
        hearers=own.hearers,
        changers=people.all(own.changers),
        guidelines=file.guidelines,
        about=file.about,
        seasons=_seasons(file),
        pilot=None if file.pilot is None else frozenset(place for place in tried if place),
    )


async def _place(tx: Tx, entry: ChannelEntry, found: Found) -> None:
    channel = found.channels.get(entry.name)
    if not channel:
        return
    await tx.save_place(Place(
        id=channel.place, platform=channel.platform, realm=channel.realm, channel=channel.channel,
        name=entry.called or entry.name.lstrip("#"), kind=entry.kind,
        language=entry.language, hour=entry.hour, confirmed=entry.id is not None, welcomed=entry.welcomed,
    ))  # fmt: skip


async def _absence(bot: Bot, tx: Tx, n: int, entry: AbsenceEntry, people: "Refs") -> None:
    person = people.get(entry.person)
    if person:
        ident = f"w{bot.ids.new()}-{n}"
        cover = people.get(entry.cover)
        await tx.save_absence(
            Absence(id=ident, person=person, first=entry.first, last=entry.last, cover=cover)
        )


async def _takeover(
    bot: Bot, tx: Tx, n: int, entry: TakeoverEntry, people: "Refs", accounts: Mapping[str, str]
) -> None:
    by = people.get(entry.by)
    if by:
        taken = tuple(accounts[address] for address in entry.accounts)
        await tx.save_takeover(Takeover(id=f"t{bot.ids.new()}-{n:03}", accounts=taken, first=entry.first,
                                        last=entry.last, by=by, who=people.get(entry.who)))  # fmt: skip


def _seasons(file: Organisation) -> tuple[Season, ...]:
    """As the file says, else the marked defaults."""
    return tuple(
        replace(season, **file.seasons[season.name].model_dump()) if season.name in file.seasons else season
        for season in SEASONS
    )


async def _roles(tx: Tx, file: Organisation, people: Refs, found: Found) -> None:
    roles: list[Role] = [*file.roles, *(role for role in file.role_channels if role not in file.roles)]
    for role in roles:
        place = found.place_id(file.role_channels.get(role))
        await tx.save_role(role, people.all(file.roles.get(role, ())), place)
    for role in sorted({*file.role_mail, *file.role_phone}):
        contact = Contact(mail=file.role_mail.get(role, ()), phone=file.role_phone.get(role, ""))
        await tx.save_role_contact(role, contact)


def _account(bot: Bot, entry: AccountEntry, people: Refs, found: Found) -> Account:
    """Live with a place and two people, else existing with gaps; first asked about tomorrow (issue point 2)."""
    pattern, pack = entry.pattern, bot.pack
    account = Account(
        id=f"c{bot.ids.new()}",
        platform=entry.platform.casefold(),
        name=entry.name,
        address=canonical(entry.address, entry.platform.casefold()) if entry.address else "",
        unit=entry.unit,
        people=people.all(entry.people),
        place=found.place_id(entry.channel),
        pattern=Pattern(kind=pattern.kind, order=people.each(pattern.order), start=pattern.start),
        duty=_duty(entry, people),
        head=people.get(entry.head),
        purpose=entry.purpose,
        level=entry.level,
        login=entry.login,
        stamp=Stamp(pack=pack.name, version=pack.version, digest=pack.digest),
    )
    if entry.state:
        return _as_exported(account, entry, entry.state)
    today = pack.calendar().local(bot.clock.now()).date()
    return settled(account, today + timedelta(days=1))


def _as_exported(account: Account, entry: AccountEntry, state: AccountState) -> Account:
    """As it stood when the file was written: asked about from the same day, under the same guidelines."""
    given = entry.stamp
    stamp = Stamp(pack=given.pack, version=given.version, digest=given.digest) if given else None
    return replace(account, state=state, asked_from=entry.asked_from, approved_on=entry.approved_on,
                   approval_number=entry.approval_number, said=entry.said, stamp=stamp)  # fmt: skip


def _wanted(file: Organisation, found: Found, waiting: Mapping[str, Sequence[str]]) -> tuple[Wanted, ...]:
    """The channels that nobody has found yet, each with what waits for it."""
    return tuple(
        Wanted(
            name=each.name, hour=each.hour, language=each.language, accounts=tuple(waiting.get(each.name, ())),
            roles=tuple(role for role, name in file.role_channels.items() if name == each.name),
            pilot=each.name in (file.pilot or ()),
            welcomed=each.welcomed,
        )
        for each in file.channels
        if not found.channels.get(each.name)
    )  # fmt: skip


def _duty(entry: AccountEntry, people: Refs) -> FreeDuty:
    agreed = entry.free_days
    if agreed is None:
        return FreeDuty()
    return FreeDuty(
        kind=agreed.kind,
        people=people.all(agreed.people),
        agreed_by=str(people.get(agreed.agreed_by) or ""),
        agreed_on=agreed.agreed_on,
        instead=agreed.instead,
        way=agreed.way,
    )


async def _facts(bot: Bot, tx: Tx, file: Organisation, found: Found, people: Refs) -> None:
    """That it is done, and who was found by their address."""
    await tx.save_fact(SEEDED, bot.clock.now().isoformat())
    by_mail = [people.get(b.who) for b in file.everybody() if b.id is None and found.people.get(b.who)]
    await tx.save_fact(TO_CONFIRM, json.dumps(by_mail))


async def first_office(bot: Bot, language: Language) -> None:
    """Without an organisation file the office begins with the installation's language and the guideline's zone."""
    async with bot.storage.write() as tx:
        office = (await tx.register()).office
        first = replace(office, language=language, zone=bot.pack.zone)
        if office == Office() and first != office:
            await tx.save_office(first)
