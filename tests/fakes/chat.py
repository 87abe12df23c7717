"""A chat platform in memory, with the faults of a real one; a clock, ids and an office to send for."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.model import Account, Identity, Person, PersonId, Place, Stamp, Unit
from bot.outgoing import Ambiguous, Dead, Outcome, Retry, Sent
from bot.policy import load
from bot.ports import Address, Envelope, Storage
from bot.service.base import Bot

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # 09:00 in Stockholm


class StageClock:
    """Stands still until a test moves it. `skip` moves only the office's time, `pass_by` real time too."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self._real = now
        self._moved = timedelta()

    def now(self) -> datetime:
        return self._real + self._moved

    def real(self) -> datetime:
        return self._real

    def pass_by(self, **span: float) -> None:
        self._real += timedelta(**span)

    def skip(self, **span: float) -> None:
        self._moved += timedelta(**span)


class Counting:
    """Ids in order."""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> str:
        self._last += 1
        return f"id{self._last}"

    def salt(self) -> str:
        return "00" * 16


@dataclass
class Post:
    """A message as it stands on the platform."""

    envelope: Envelope
    ref: str
    channel: str
    edits: list[Envelope] = field(default_factory=list)

    @property
    def title(self) -> str:
        return (self.edits[-1] if self.edits else self.envelope).card.title


Fault = Callable[["FakeChat", Envelope], Outcome]


def lost_answer(chat: "FakeChat", envelope: Envelope) -> Outcome:
    """The message arrives, the answer does not."""
    chat.store(envelope)
    return Ambiguous(reason="time-out")


def lost_request(_chat: "FakeChat", _envelope: Envelope) -> Outcome:
    """Time-out, and nothing arrived."""
    return Ambiguous(reason="time-out")


def refused(_chat: "FakeChat", _envelope: Envelope) -> Outcome:
    return Retry(reason="connection refused")


def too_fast(seconds: int, *, wide: bool = False) -> Callable[["FakeChat", Envelope], Outcome]:
    return lambda _chat, _envelope: Retry(after=timedelta(seconds=seconds), wide=wide, reason="ratelimited")


def shut_out(_chat: "FakeChat", _envelope: Envelope) -> Outcome:
    """Our token has been revoked."""
    return Retry(after=timedelta(seconds=30), wide=True, reason="token_revoked", shut_out=True)


def no_channel(_chat: "FakeChat", _envelope: Envelope) -> Outcome:
    return Dead(reason="channel_not_found")


class FakeChat:
    """`faults` are used up one a call. `finds`: whether messages can be looked up. `hangs`: store, then never answer."""

    def __init__(self, platform: str = "slack", *, finds: bool = True) -> None:
        self.platform = platform
        self.finds = finds
        self.posts: list[Post] = []
        self.calls: list[str] = []
        self.faults: deque[Fault] = deque()
        self.dead: set[str] = set()  # channels and users that nothing reaches
        self.people: dict[
            str, frozenset[str]
        ] = {}  # channel -> members; a channel that is not here cannot be asked
        self.hangs = False
        self.reached = asyncio.Event()
        self.meanwhile: Callable[[], object] | None = None  # happens while a post is on its way

    @property
    def titles(self) -> list[str]:
        return [post.title for post in self.posts]

    def store(self, envelope: Envelope) -> Sent:
        ref = f"{len(self.posts) + 1:04}"
        channel = envelope.to.channel or f"D{envelope.to.user}"
        self.posts.append(Post(envelope=envelope, ref=ref, channel=channel))
        self.reached.set()
        return Sent(ref=ref, channel=channel, thread=envelope.thread)

    async def post(self, envelope: Envelope) -> Outcome:
        self.calls.append(f"post {envelope.key}")
        await asyncio.sleep(0)  # others run while a request is on its way
        if (envelope.to.channel or envelope.to.user) in self.dead:
            return Dead(reason="channel_not_found")
        if self.faults:
            return self.faults.popleft()(self, envelope)
        sent = self.store(envelope)
        if self.hangs:
            await asyncio.Event().wait()
        if self.meanwhile:
            await self.meanwhile()
        return sent

    async def edit(self, envelope: Envelope, ref: str) -> Outcome:
        self.calls.append(f"edit {envelope.key}")
        await asyncio.sleep(0)
        if self.faults:
            return self.faults.popleft()(self, envelope)
        post = next(p for p in self.posts if p.ref == ref and p.channel == envelope.to.channel)
        post.edits.append(envelope)
        if self.hangs:
            self.reached.set()
            await asyncio.Event().wait()
        return Sent(ref=ref, channel=post.channel, thread=envelope.thread)

    async def find(self, envelope: Envelope, since: datetime) -> Sent | None | Outcome:
        self.calls.append(f"find {envelope.key}")
        await asyncio.sleep(0)
        if not self.finds:
            return Ambiguous(reason="missing_scope")
        known = next((p for p in self.posts if p.envelope.key == envelope.key), None)
        return Sent(ref=known.ref, channel=known.channel, thread=known.envelope.thread) if known else None

    async def members(self, address: Address) -> frozenset[str] | None:
        self.calls.append(f"members {address.channel}")
        return self.people.get(address.channel)


# -- an office ----------------------------------------------------------------------------------


def bot_on(storage: Storage, clock: StageClock, troubles: list[BaseException] | None = None) -> Bot:
    """A bot on a store; what goes wrong inside it is put into `troubles`."""
    found = [] if troubles is None else troubles
    return Bot(storage=storage, clock=clock, ids=Counting(), pack=load("ki"), nudge=lambda: None,
               trouble=lambda _trace, error: found.append(error))  # fmt: skip


async def office(storage: Storage, places: Iterable[str] = ("bio", "fys")) -> None:
    """Ada administers, Kim is communications, Bo and Cia look after an account in each place."""
    async with storage.write() as tx:
        for name in ("ada", "kim", "bo", "cia", "dan"):
            person = PersonId(name)
            await tx.save_person(Person(id=person, name=name.title(), language="en"))
            await tx.save_identity(Identity(platform="slack", realm="T", user=name.upper(), person=person))
        await tx.save_role("administrators", (PersonId("ada"),), None)
        await tx.save_role("communications", (PersonId("kim"),), None)
        await tx.save_unit(Unit(id="u", name="Unit", head=PersonId("dan")))
        for name in places:
            await tx.save_place(Place(id=name, platform="slack", realm="T", channel=name.upper(), name=f"#{name}",
                                      language="en", welcomed=date(2020, 1, 7)))  # fmt: skip
            await tx.save_account(Account(
                id=f"a-{name}", platform="instagram", name=f"@{name}", address=f"https://instagram.com/{name}",
                unit="u", people=(PersonId("bo"), PersonId("cia")), place=name, state="live",
                stamp=Stamp(pack="ki", version="1", digest="d")))  # fmt: skip


async def cut_off(task: "asyncio.Task[object]") -> None:
    """What a crash does to a pass: it ends wherever it is."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
