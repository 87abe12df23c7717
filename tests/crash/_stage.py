"""A made-up university under load: a fake chat, a database, and one `smbot run` or two."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil

from bot.policy import load
from tests.crash._chat import Chat, Post
from tests.crash._on_slack import OnSlack
from tests.crash._on_teams import OnTeams
from tests.flows.process import BotProcess, prepare

STOCKHOLM = ZoneInfo("Europe/Stockholm")
PEOPLE = 8
TAIL = 30

HEAD = """
name = "Provuniversitetet"
language = "en"
alarm_number = "08-000 00 00"
[role_channels]
communications = "communications"
[roles]
administrators = ["{admin}"]
communications = ["{maria}"]
security = ["{sven}"]
[[unit]]
id = "bio"
name = "Biology"
head = "{heidi}"
[[channel]]
name = "communications"
id = "{office}"
"""
ACCOUNT = """
[[channel]]
name = "c{n}"
id = "{place}"
[[account]]
platform = "instagram"
name = "Account {n}"
address = "https://www.instagram.com/account{n}/"
unit = "bio"
channel = "c{n}"
people = ["{first}", "{second}"]
"""


@dataclass(frozen=True)
class Posted:
    """A post of the outbox that the fake has stored: a name that its repeats share, its words, which process sent it."""

    name: str
    text: str
    by: int | None


@dataclass
class Stage:
    """`people[n]` look after the accounts of `places[n]`, `places[n + PEOPLE]` … and those of their neighbour."""

    chat: Chat
    folder: Path
    url: str
    random: random.Random
    people: list[str] = field(default_factory=list)
    sven: str = ""
    places: list[str] = field(default_factory=list)
    bots: list[BotProcess] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    _peers: dict[Any, int | None] = field(default_factory=dict)

    def places_of(self, person: str) -> list[str]:
        n = self.people.index(person)
        return [p for k, p in enumerate(self.places) if n in (k % PEOPLE, (k + 1) % PEOPLE)]

    def sender(self, call: Any) -> int | None:
        """Which of the processes is at the other end of a call; None when it is gone."""
        if len(self.bots) == 1:
            return 0
        if call.peer not in self._peers:
            port = call.peer[1] if call.peer else 0
            self._peers[call.peer] = next((n for n, bot in enumerate(self.bots) if _has(bot, port)), None)
        return self._peers[call.peer]

    async def store(self, call: Any, post: Post) -> bool:
        """Note a post of the outbox; its answer arrives."""
        words, by = self.chat.words(post), self.sender(call)
        self.posted.append(Posted(self.chat.name_of(post), words, by))
        return False

    def shares(self) -> Counter[int | None]:
        """How many posts each process has sent."""
        return Counter(post.by for post in self.posted)

    def standing(self, messages: list[dict[str, Any]]) -> Counter[str]:
        """How often each row of the outbox stands on the fake; `messages` is what the bot remembers of them."""
        keys = self.chat.keys(messages)
        names = map(self.chat.name_of, self.chat.standing())
        return Counter(keys.get(name, name) for name in names)

    def tail(self) -> str:
        """The end of each log, for a failure."""
        logs = ["\n".join(bot.log.splitlines()[-TAIL:])[-6000:] for bot in self.bots]
        return "\n".join(f"--- log of process {n}\n{log}" for n, log in enumerate(logs))


def _has(bot: BotProcess, port: int) -> bool:
    if bot.process is None or bot.process.returncode is not None:
        return False
    try:
        return any(
            c.laddr and c.laddr.port == port for c in psutil.Process(bot.process.pid).net_connections()
        )
    except psutil.Error:
        return False


def organisation(stage: Stage, places: int) -> str:
    chat = stage.chat
    roles = {name: chat.person(name.title()) for name in ("admin", "maria", "sven", "heidi")}
    stage.sven = roles["sven"]
    stage.people = [chat.person(f"Person {n}") for n in range(PEOPLE)]
    office = chat.place("communications", [roles["maria"]])
    stage.places = [chat.place(f"c{n}", list(stage.people)) for n in range(places)]
    text = HEAD.format(office=office, **roles)
    for n, place in enumerate(stage.places):
        first, second = stage.people[n % PEOPLE], stage.people[(n + 1) % PEOPLE]
        text += ACCOUNT.format(n=n, place=place, first=first, second=second)
    path = stage.folder / "organisation.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def tuesday(after: datetime, hour: float = 10) -> datetime:
    """That hour of a Tuesday to come, with its Monday a working day too."""
    calendar = load("generic").calendar()
    day = after.astimezone(STOCKHOLM).date() + timedelta(days=2)
    while day.weekday() != 1 or not all(calendar.is_working_day(d) for d in (day, day - timedelta(days=1))):
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM) + timedelta(hours=hour)


def set_clock(bot: BotProcess, moment: datetime) -> None:
    """Before it starts: what lies between is not lived through."""
    seconds = (moment - datetime.now(UTC)).total_seconds()
    Path(bot.environment["SMBOT_CLOCK_FILE"]).write_text(f"{seconds:.3f}", encoding="ascii")


@asynccontextmanager
async def empty_stage(
    folder: Path,
    url: str,
    seed: int,
    *,
    mode: str = "http",
    processes: int = 1,
    places: int = 40,
    reading: bool = True,
) -> AsyncIterator[Stage]:
    """An empty database and a fake chat; the processes are not running yet, and their clock is a Monday.

    `mode`: Slack by "http" or "socket", or "teams". `reading`: the bot may look up what it has posted.
    """
    chat: Chat = OnTeams(seed) if mode == "teams" else OnSlack(mode, seed, reading=reading)
    await chat.start()
    made = Stage(chat, folder, url, random.Random(seed))
    file = organisation(made, places)
    env = {"SMBOT_DATABASE_URL": url, "SMBOT_ORGANISATION": file, "SMBOT_LANGUAGE": "en"}
    made.bots = [prepare(tmp_path=folder, **chat.fakes, **env) for _ in range(processes)]
    for bot in made.bots:
        bot.nursery = True  # it is started again and again
    all_targets(made)
    set_clock(made.bots[0], tuesday(datetime.now(UTC), chat.first_hour) - timedelta(days=1))
    chat.hooks(on_stored=made.store)
    try:
        yield made
    except BaseException:
        print(made.tail())
        raise
    finally:
        for bot in made.bots:
            await bot.kill()
        await chat.stop()


@asynccontextmanager
async def stage(folder: Path, url: str, seed: int, **more: Any) -> AsyncIterator[Stage]:
    """A filled database: the processes were there on Monday, and their clock is now Tuesday at 10."""
    async with empty_stage(folder, url, seed, **more) as made:
        first = made.bots[0]
        await first.start()
        await made.chat.arrive()
        assert await first.terminate() == 0
        set_clock(first, tuesday(datetime.now(UTC)))
        yield made


async def restart(bot: BotProcess) -> None:
    """Start it and wait until it listens; it may have a backlog to send before it calls itself ready."""
    await bot.spawn()
    await bot.until(lambda status, _body: status != 0)


def all_targets(made: Stage) -> None:
    """Each request goes to one of the processes, whether it runs or not."""
    made.chat.aim(made.bots)


def each_a_third(made: Stage) -> None:
    """Of the posts whose sender was still there to be known, each process has sent at least a third."""
    shares = made.shares()
    whole = sum(shares[n] for n in range(len(made.bots)))
    assert min(shares[n] for n in range(len(made.bots))) >= whole / 3, shares
