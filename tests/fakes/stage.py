"""An office on a real SQLite file, with a chat in memory and a clock that stands still: what deliveries run on."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from bot.cases import Question
from bot.cases.question import Taken, decide, logged
from bot.model import PersonId, Stamp
from bot.outgoing import Message, Row
from bot.service.base import Bot, Work
from scheduler.deliver import Delivery
from scheduler.pace import Pace
from storage import tables
from storage.base import everything
from storage.engine import connect
from storage.migrations import upgrade
from storage.store import Store
from tests.fakes.chat import FakeChat, StageClock, bot_on, office
from tests.statements import shared

BO = PersonId("bo")


@dataclass
class Stage:
    """An office, its outbox and the platform that it writes to."""

    store: Store
    url: str
    clock: StageClock = field(default_factory=StageClock)
    chat: FakeChat = field(default_factory=FakeChat)
    troubles: list[BaseException] = field(default_factory=list)
    paces: dict[str, Pace] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bot: Bot = bot_on(self.store, self.clock, self.troubles)
        self.delivery = self.another("one")

    def another(self, owner: str) -> Delivery:
        """A delivery as another process has it."""
        return Delivery(self.bot, [self.chat], owner, self.paces)

    async def work(self, do: Callable[[Work], Awaitable[object]]) -> None:
        async with self.store.write() as tx:
            work = Work(bot=self.bot, tx=tx, now=self.clock.now(), register=await tx.register())
            await do(work)

    async def ask(self, ident: str = "q1", place: str = "bio", link: str = "") -> None:
        """Log a question, whose card goes to the place."""
        now = self.clock.now()
        question = Question(
            id=ident, opened_at=now, account=f"a-{place}", place=place, where="comment", kind="question",
            posted_at=now, logged_by=BO, link=link, answer_by=now + timedelta(days=1),
            escalate_at=now + timedelta(days=1), head_at=now + timedelta(days=2),
            stamp=Stamp(pack="ki", version="1", digest="d"))  # fmt: skip
        await self.work(lambda work: work.add(logged(question, work.hours)))

    async def change(self, ident: str = "q1", **what: object) -> None:
        async def do(work: Work) -> None:
            question = await work.tx.case(ident)
            await work.tx.save_case(replace(question, **what))

        await self.work(do)

    async def take(self, ident: str = "q1") -> None:
        async def do(work: Work) -> None:
            question = await work.case(ident, Question)
            await work.apply(question, decide(question, Taken(by=BO), work.now, work.hours))

        await self.work(do)

    async def put(self, *rows: Row) -> None:
        async with self.store.write() as tx:
            await tx.enqueue(rows)

    async def states(self) -> dict[str, str]:
        async with self.store.read() as tx:
            rows = await tx._all(everything(tables.Outbox))
        return {row["key"]: row["state"] for row in rows}

    async def messages(self, case: str = "q1") -> Sequence[Message]:
        async with self.store.read() as tx:
            return await tx.messages_of(case)


@asynccontextmanager
async def open_stage(folder: Path) -> AsyncIterator[Stage]:
    """A stage on a database of its own in `folder`."""
    file = folder / "stage.db"
    file.write_bytes(_migrated())
    store = Store(shared(connect(f"sqlite:///{file}")))
    await office(store)
    yield Stage(store=store, url=f"sqlite:///{file}")
    await store.close()


@cache
def _migrated() -> bytes:
    """A SQLite file with the whole schema, made once."""
    with tempfile.TemporaryDirectory() as folder:
        upgrade(f"sqlite:///{folder}/smbot.db")
        return Path(folder, "smbot.db").read_bytes()
