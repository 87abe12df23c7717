"""A made-up university on a real SQLite store: the desk in front, a recording chat behind, time that is moved."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import event

from bot import policy
from bot.commands import Call, Quoted
from bot.desk import Desk
from bot.model import Account, FreeDuty, Identity, Office, Pattern, Person, PersonId, Place, Stamp, Unit
from bot.outgoing import Outcome, Sent
from bot.ports import Address, Envelope, Tx
from bot.service.base import Bot
from bot.view import Ask, Card, Form, People, Reply, Tell
from scheduler.deliver import Delivery
from scheduler.moves import catch_up, rest
from smbot.rehearsal import CopyRehearsal
from storage.engine import connect
from storage.migrations import upgrade
from storage.store import Store
from tests.inline import inline
from tests.statements import shared

T = TypeVar("T")
ZONE = ZoneInfo("Europe/Stockholm")
WELCOMED = date(2026, 1, 7)
"""Long ago: the places of the made-up university know the bot, and nothing there is quiet."""
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=ZONE)
STAFF = {
    "anna": "Anna Ek", "bo": "Bo Lind", "heidi": "Heidi Berg", "dag": "Dag Sten", "fia": "Fia Holm",
    "karin": "Karin Berg", "kalle": "Kalle Dahl", "sven": "Sven Malm", "sara": "Sara Alm", "rita": "Rita Ros",
    "dora": "Dora Quist", "adam": "Adam Fors", "olle": "Olle Utan",
}  # fmt: skip
ROLES = {
    "communications": ("karin", "kalle"), "security": ("sven", "sara"), "director": ("dora",),
    "registrar": ("rita",), "administrators": ("adam",),
}  # fmt: skip


@dataclass
class MovedClock:
    """Stands still until it is moved."""

    at: datetime = MONDAY.astimezone(UTC)

    def now(self) -> datetime:
        return self.at

    def real(self) -> datetime:
        return self.at


@dataclass
class CountedIds:
    numbers: count = field(default_factory=lambda: count(1))

    def new(self) -> str:
        return f"{next(self.numbers):04d}"

    def salt(self) -> str:
        return f"{next(self.numbers):032x}"


@dataclass
class Post:
    """One message that somebody was shown."""

    to: str
    card: Card
    thread: str
    key: str
    at: datetime
    ref: str
    edits: int = 0
    alerts: list[str] = field(default_factory=list)  # whom it alerted: no edit alerts anybody


class Recorder:
    """A chat that takes everything and remembers it."""

    def __init__(self, clock: MovedClock, platform: str = "test") -> None:
        self.platform = platform
        self.posts: list[Post] = []
        self._clock = clock

    async def post(self, envelope: Envelope) -> Outcome:
        to = envelope.to.channel or f"@{envelope.to.user}"
        ref = str(len(self.posts) + 1)
        post = Post(to, envelope.card, envelope.thread, envelope.key, self._clock.now(), ref)
        post.alerts = [m.person for p in post.card.parts if isinstance(p, People) for m in p.people]
        self.posts.append(post)
        return Sent(ref=ref, channel=to, thread=envelope.thread)

    async def edit(self, envelope: Envelope, ref: str) -> Outcome:
        post = self.posts[int(ref) - 1]
        post.card, post.edits = envelope.card, post.edits + 1
        return Sent(ref=ref, channel=post.to)

    async def find(self, envelope: Envelope, since: datetime) -> Sent | Outcome | None:
        return None

    async def members(self, address: Address) -> frozenset[str] | None:
        return frozenset(STAFF)


@dataclass
class World:
    """What a test does: say who does what, move time, look at what was posted."""

    bot: Bot
    desk: Desk
    clock: MovedClock
    chat: Recorder
    teams: Recorder  # a second platform
    delivery: Delivery
    keys: count = field(default_factory=lambda: count(1))
    troubles: list[BaseException] = field(default_factory=list)
    file: Path = Path()
    made: Hashable = ()

    def call(self, who: str, channel: str = "") -> Call:
        return Call(platform="test", realm="T1", user=who, channel=channel, key=f"k{next(self.keys)}")

    async def say(self, who: str, command: str, words: str = "", channel: str = "biologi") -> Reply:
        return await self._then(self.desk.command(self.call(who, channel), command, words))

    async def press(self, who: str, verb: str, arg: str = "", channel: str = "biologi") -> Reply:
        return await self._then(self.desk.press(self.call(who, channel), verb, arg))

    async def press_on(self, who: str, card: Card, verb: str) -> Reply:
        button = next(b for b in buttons(card) if b.verb == verb)
        return await self.press(who, verb, button.arg)

    async def fill(self, who: str, form: Form, values: dict | None = None, channel: str = "biologi") -> Reply:
        """Submit a form as it stands, with these fields changed."""
        given = {f.id: _value(f.value) for f in form.fields} | (values or {})
        return await self._then(self.desk.submit(self.call(who, channel), form.id, form.state, given))

    async def shortcut(self, who: str, name: str, quoted: Quoted) -> Reply:
        return await self._then(self.desk.shortcut(self.call(who, "biologi"), name, quoted))

    async def _then(self, reply) -> Reply:
        found = await reply
        await self.delivery.run_pass(self.clock.now())
        return found

    async def until(self, moment: datetime) -> None:
        """Time passes, with every pass on the way."""
        start = self.clock.at

        await catch_up(self.bot, _Following(self.delivery, self.clock), start, moment.astimezone(UTC))
        self.clock.at = moment.astimezone(UTC)

    async def hop(self, moment: datetime) -> None:
        """Be there at once: only what is due at that moment happens, not what lies between."""
        self.clock.at = moment.astimezone(UTC)
        await rest(self.bot, self.delivery, self.clock.at)

    def posts(
        self, to: str = "biologi", day: date | None = None, *, on: Recorder | None = None
    ) -> list[Post]:
        posts = (on or self.chat).posts
        return [p for p in posts if p.to == to and (day is None or p.at.astimezone(ZONE).date() == day)]

    async def log(self, who: str, account: str, posted: datetime, **values: object) -> str:
        """Log a question and give its id."""
        form = (await self.say(who, "sm-question")).form
        reply = await self.fill(who, form, {"account": account, "posted": posted.isoformat(), **values})
        assert isinstance(reply, Tell), reply
        return reply.card.buttons[0].arg

    async def case(self, ident: str):
        async with self.bot.storage.read() as tx:
            return await tx.case(ident)

    async def register(self):
        async with self.bot.storage.read() as tx:
            return await tx.register()

    async def days(self, account: str, day: date) -> list[str]:
        async with self.bot.storage.read() as tx:
            return [d.outcome for d in await tx.days(account=account, first=day, last=day)]

    async def seed(self, act) -> None:
        async with self.bot.storage.write() as tx:
            await act(tx)


class _Following:
    """Delivery whose recorder sees the stage's time."""

    def __init__(self, delivery: Delivery, clock: MovedClock) -> None:
        self._delivery, self._clock = delivery, clock

    def __getattr__(self, name: str):
        return getattr(self._delivery, name)

    async def run_pass(self, now: datetime | None = None) -> int:
        if now:
            self._clock.at = now
        return await self._delivery.run_pass(now)


def _value(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else ""
        case date():
            return value.isoformat()
        case _:
            return value


def buttons(card: Card) -> list:
    """All buttons of a card, those of its lines too."""
    lines = [i.button for p in card.parts if hasattr(p, "items") for i in p.items if i.button]
    return [*card.buttons, *lines]


def words(card: Card) -> str:
    """All that a card says, in order."""
    return "\n".join([card.title, *(repr(p) for p in card.parts), *(b.label for b in card.buttons)])


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


@asynccontextmanager
async def world(
    folder: Path, pack: str = "ki", accounts: int = 5, chemistry: int = 1, **office: object
) -> AsyncIterator[World]:
    """The university, on Monday 23 November 2026 at 07:00, with five accounts in #biologi and one in #kemi."""
    url = f"sqlite:///{folder}/world.db"
    made = (pack, accounts, chemistry, repr(office))
    clock, chat, troubles = MovedClock(), None, []
    chat = Recorder(clock)
    store = _store(url, made)
    bot = Bot(storage=store, clock=clock, ids=CountedIds(), pack=policy.load(pack), nudge=lambda: None,
              trouble=lambda _trace, trouble: troubles.append(trouble))  # fmt: skip
    bot = replace(bot, rehearsal=CopyRehearsal(bot, store))
    if made not in _MADE:
        async with store.write() as tx:
            await _people(tx)
            given = {
                "seasons": (),
                **office,
            }  # heads are asked about a season only where a test is about that
            await tx.save_office(Office(name="Universitetet", alarm_number="08-000 00 00", **given))
            await _register(tx, bot, accounts, chemistry)
        await store.close()
        _MADE[made] = (folder / "world.db").read_bytes()
    teams = Recorder(clock, "teams")
    delivery = Delivery(bot, [chat, teams], "world")
    found = World(
        bot=bot, desk=Desk(bot), clock=clock, chat=chat, teams=teams, delivery=delivery, troubles=troubles,
        file=folder / "world.db", made=made,
    )  # fmt: skip
    try:
        yield found
        assert not troubles, troubles
    finally:
        await store.close()


def _careless(connection, _record) -> None:
    """A test's database need not survive a power cut."""
    connection.execute("PRAGMA synchronous=OFF")


def _store(url: str, made: Hashable) -> Store:
    """A database with this university in it, or an empty one; each made once a process, then copied."""
    file = Path(url.removeprefix("sqlite:///"))
    if () not in _MADE:
        upgrade(url)
        _MADE[()] = file.read_bytes()
    file.write_bytes(_MADE.get(made) or _MADE[()])
    engine = shared(inline(connect(url)))
    event.listen(engine.sync_engine, "connect", _careless)
    return Store(engine)


_MADE: dict[Hashable, bytes] = {}


async def _people(tx: Tx) -> None:
    for ident, name in STAFF.items():
        await tx.save_person(Person(id=PersonId(ident), name=name, email=f"{ident}@example.se"))
        await tx.save_identity(Identity(platform="test", realm="T1", user=ident, person=PersonId(ident)))
    for ident, standing, active in (
        ("gast", "guest", True),
        ("ute", "outsider", True),
        ("borta", "member", False),
    ):
        await tx.save_person(Person(id=PersonId(ident), name=ident, standing=standing, active=active))
        await tx.save_identity(Identity(platform="test", realm="T1", user=ident, person=PersonId(ident)))


async def _register(tx: Tx, bot: Bot, accounts: int, chemistry: int) -> None:
    await tx.save_unit(Unit(id="fak", name="Fakulteten", head=PersonId("fia")))
    await tx.save_unit(
        Unit(id="bio", name="Biologi", head=PersonId("heidi"), deputy=PersonId("dag"), parent="fak")
    )
    for name in ("biologi", "kemi", "kommunikation", "sakerhet"):
        await tx.save_place(Place(id=f"test:T1:{name}", platform="test", realm="T1", channel=name, name=name,
                                  welcomed=WELCOMED))  # fmt: skip
    for role, people in ROLES.items():
        place = {"communications": "test:T1:kommunikation", "security": "test:T1:sakerhet"}.get(role)
        await tx.save_role(role, [PersonId(p) for p in people], place)
    stamp = Stamp(pack=bot.pack.name, version=bot.pack.version, digest=bot.pack.digest)
    for n in range(accounts):
        await tx.save_account(account(f"bio{n}", "biologi", stamp))
    for n in range(chemistry):
        await tx.save_account(account(f"kem{n}", "kemi", stamp))


def account(ident: str, place: str, stamp: Stamp | None = None, **changes: object) -> Account:
    made = Account(id=ident, platform="instagram", name=f"@{ident}", address=f"https://instagram.com/{ident}",
                   unit="bio", people=(PersonId("anna"), PersonId("bo")), place=f"test:T1:{place}", state="live",
                   stamp=stamp, pattern=Pattern(), duty=FreeDuty())  # fmt: skip
    return replace(made, **changes)


async def unmet(w: World, *names: str) -> None:
    """These places have not met the bot yet."""

    async def forget(tx: Tx) -> None:
        places = (await tx.register()).places
        for name in names:
            await tx.save_place(replace(places[f"test:T1:{name}"], welcomed=None))

    await w.seed(forget)


# -- what has been lived through once ------------------------------------------------------------


@dataclass
class Moment:
    """Everything that a world is, at one moment, and what the way there gave."""

    value: Any
    file: bytes
    at: datetime
    keys: count
    ids: count
    posts: list[Post]


_LIVED: dict[Hashable, Moment] = {}


def lived(way: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    """A way that many tests begin with: walked once a process from the very beginning, then the world is as it was at its end."""

    @wraps(way)
    async def walked(w: World, *given: object, **named: object) -> T:
        if not await _is_new(w):
            return await way(w, *given, **named)
        which = (
            w.made,
            w.bot.pack.digest,
            way.__module__,
            way.__name__,
            repr(given),
            repr(sorted(named.items())),
        )
        if which not in _LIVED:
            value = await way(w, *given, **named)
            _LIVED[which] = await _moment(w, value)
            return value
        return await _return_to(w, _LIVED[which])

    return walked


async def _is_new(w: World) -> bool:
    """Nobody has said anything, and nothing has been changed behind their backs."""
    silent = repr(w.keys) == repr(count(1)) and not w.chat.posts and not w.teams.posts
    return silent and w.clock.at == MONDAY and await _content(w) == _MADE.get(w.made)


async def _content(w: World) -> bytes:
    await (
        w.bot.storage.close()
    )  # the last to leave writes all into the file; whoever comes next opens it anew
    return w.file.read_bytes()


async def _moment(w: World, value: Any) -> Moment:
    posts = [replace(post, alerts=list(post.alerts)) for post in w.chat.posts]
    return Moment(value, await _content(w), w.clock.at, copy(w.keys), copy(w.bot.ids.numbers), posts)


async def _return_to(w: World, moment: Moment) -> Any:
    w.file.write_bytes(moment.file)
    w.bot.storage._cache.version = -1  # the register may have been counted otherwise
    w.clock.at, w.keys, w.bot.ids.numbers = moment.at, copy(moment.keys), copy(moment.ids)
    w.chat.posts[:] = [replace(post, alerts=list(post.alerts)) for post in moment.posts]
    return moment.value


DAY = timedelta(days=1)
__all__ = ["DAY", "MONDAY", "Ask", "World", "account", "at", "buttons", "unmet", "words", "world"]
