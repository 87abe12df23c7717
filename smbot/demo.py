"""`smbot demo`: a made-up university on a page of this machine. No tokens, no chat platform, nothing is sent anywhere.

With `--mail` its letters are: to the server of SMBOT_SMTP_URL.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

from adapters.web.live import Bus
from adapters.web.ports import PLATFORM, REALM, Channel, Someone
from adapters.web.receive import Page
from adapters.web.send import WebChat
from adapters.web.shelf import Shown
from bot.commands import Call
from bot.model import Language, PersonId, Role
from bot.organisation import Organisation, parse
from bot.plain import natural
from bot.policy import Pack
from bot.ports import Profile
from bot.register import Register
from bot.service.seed import look_up, seed
from bot.texts import Texts
from scheduler.moves import Moves
from smbot import gallery
from smbot.run import by_mail, organisation
from smbot.serve import Service
from smbot.wiring import Parts, SystemClock
from storage.shelf import SqlShelf

EXAMPLE = "organisation.example.toml"
ROLES: tuple[Role, ...] = ("communications", "security", "director", "registrar")


class MadeUp:
    """The directory of the page: everybody whom the file names is there."""

    platform = PLATFORM
    realm = REALM

    async def by_id(self, user: str) -> Profile | None:
        return Profile(platform=PLATFORM, realm=REALM, user=user, name="")

    async def by_email(self, email: str) -> Profile | None:
        return Profile(platform=PLATFORM, realm=REALM, user=email.partition("@")[0], name="", email=email)

    async def channel(self, name: str) -> str | None:
        return name

    def is_own(self, ident: str) -> bool:
        return bool(ident)


def example() -> Organisation:
    """The example organisation."""
    beside = Path(__file__).parent / EXAMPLE
    path = beside if beside.is_file() else Path(__file__).parent.parent / EXAMPLE
    return parse(path.read_text(encoding="utf-8"))


def confirmed(file: Organisation) -> Organisation:
    """Its channels are there, and taken as confirmed."""
    return file.model_copy(
        update={"channels": tuple(c.model_copy(update={"id": c.name}) for c in file.channels)}
    )


async def serve(parts: Parts, port: int, say: Iterable[str]) -> None:
    """Fill an empty database, put the page up, and print `say` once it answers."""
    file, directory = confirmed(organisation(parts.settings) or example()), MadeUp()
    await seed(parts.bot, file, await look_up((directory,), file), parts.settings.smbot_language)
    shelf, bus = SqlShelf(parts.engine, Shown), Bus()
    campus = Campus(parts)
    mail = by_mail(parts.settings)
    paces = {chat.platform: pace for chat, pace in mail.items()}
    service = Service(parts, [WebChat(shelf, bus, campus.members), *mail], paces, moved=True)
    Page(
        desk=parts.desk,
        shelf=shelf,
        bus=bus,
        clock=PageClock(parts, service.heartbeats.moves),
        people=campus.people,
        channels=campus.channels,
        port=port,
        zone=file.zone or parts.bot.pack.zone,
        organisation=file.name,
        gallery=gallery.page,
        choose_language=campus.choose_language,
    ).mount(service.app)
    await campus.look()
    await service.until_stopped("127.0.0.1", port, lambda: print("\n".join(say), flush=True))


class PageClock:
    """The clock on the page: moved forward by pressing, with every pass on the way."""

    can_move = True

    def __init__(self, parts: Parts, moves: Moves) -> None:
        self._parts, self._moves = parts, moves
        self._clock: SystemClock = parts.clock

    def now(self) -> datetime:
        return self._moves.now()

    def next_morning(self, moment: datetime) -> datetime:
        calendar = self._parts.bot.pack.calendar()  # the example's zone is the pack's
        day = calendar.local(moment).date() + timedelta(days=1)
        return calendar.at(day, self._opens)

    def next_working_day(self, moment: datetime) -> datetime:
        calendar = self._parts.bot.pack.calendar()
        return calendar.at(calendar.next_working_day(calendar.local(moment).date()), self._opens)

    async def move_to(self, moment: datetime) -> None:
        self._clock.move_to(moment)
        await self._moves.settle()

    _opens = time(9)  # when the morning cards stand


class Campus:
    """Who and what there is at the made-up university, as the page shows it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def look(self) -> Register:
        async with self._parts.store.read() as tx:
            return await tx.register()

    async def people(self, language: Language) -> Sequence[Someone]:
        """Everybody whom one may act as, account managers first."""
        register = await self.look()
        here = {i.person for i in register.identities if i.platform == PLATFORM}
        found = [p for p in register.people.values() if p.id in here and p.may_act]
        told = [Someone(p.id, p.name, self._describe(register, p.id, language)) for p in found]
        return sorted(told, key=lambda one: (not register.accounts_of(one.id), natural(one.name)))

    def _describe(self, register: Register, person: PersonId, language: Language) -> str:
        """`kontoansvarig, ersättare, avdelningschef`: what somebody is here."""
        return ", ".join(dict.fromkeys(_roles(register, person, self._parts.bot.pack, language)))

    async def channels(self, language: Language) -> Sequence[Channel]:  # noqa: ARG002
        register = await self.look()
        here = [p for p in register.places.values() if p.platform == PLATFORM]
        return [Channel(p.channel, p.name) for p in sorted(here, key=lambda p: natural(p.name))]

    async def members(self, channel: str) -> frozenset[str]:
        """Users in a channel: the people of its accounts, and whoever holds a role that has it for its own."""
        register = await self.look()
        place = f"{PLATFORM}:{REALM}:{channel}"
        people = {p for account in register.accounts_in(place) for p in account.people}
        for role, own in register.role_places.items():
            people |= set(register.holders(role)) if own == place else set()
        return frozenset(i.user for i in register.identities if i.platform == PLATFORM and i.person in people)

    async def choose_language(self, call: Call, language: Language) -> None:
        await self._parts.desk.press(call, "language", language)


def _roles(register: Register, person: PersonId, pack: Pack, language: Language) -> Iterable[str]:
    names, t = pack.names, Texts(language)
    mine = register.accounts_of(person)
    if any(account.people[0] == person for account in mine):
        yield names.account_manager.of(language)
    if any(person in account.people[1:] for account in mine):
        yield names.substitute.of(language)
    for unit in register.units.values():
        if unit.head == person:
            yield names.head.of(language)
        if unit.deputy == person:
            yield t("setup.deputy")
    for role in ROLES:
        if person in register.roles.get(role, ()):
            yield getattr(names, role).of(language)
    if person in register.roles.get("administrators", ()):
        yield t("setup.administrator")
