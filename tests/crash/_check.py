"""What must hold when all is quiet again: nothing lost, nothing said twice, every card as its case stands."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text

from bot.policy import load
from bot.ports import Clock, Ids
from bot.service.base import Bot
from bot.service.compose import edited
from bot.texts import Texts
from smbot.wiring import RandomIds
from storage.engine import connect
from storage.store import Store
from storage.tables import DUE, LIVE
from tests.crash._load import Ledger
from tests.crash._stage import Stage

QUIET_SECONDS = 180.0
LOGGED = {
    "question.take": "question.taken",
    "question.answered": "question.answered",
    "alarm.receive": "alarm.received",
}

POSTS = "SELECT key, channel, ref FROM messages WHERE key <> ''"
"""What the outbox has sent; answers to a press that a platform keeps as messages have no key."""


class Database:
    """What a test reads beside the running processes."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.engine = connect(stage.url)
        self.store = Store(self.engine)

    async def rows(self, statement: str) -> list[dict[str, Any]]:
        async with self.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(text(statement))).mappings()]

    async def live(self) -> list[dict[str, Any]]:
        return await self.rows(f"SELECT key, state, tries, reason, retry_at FROM outbox WHERE {LIVE}")

    async def quiet(self, seconds: float = QUIET_SECONDS) -> float:
        """Wait until nothing waits to be sent or changed; how long that took."""
        begun = time.monotonic()
        while True:
            live, due = await self.live(), await self.rows(f"SELECT key FROM messages WHERE {DUE}")
            waited = time.monotonic() - begun
            if not live and not due:
                return waited
            if waited > seconds:
                raise AssertionError(f"not quiet after {seconds} s: rows {live[:5]}, edits {due[:5]}")
            await asyncio.sleep(0.2)

    async def states(self) -> Counter[str]:
        return Counter(row["state"] for row in await self.rows("SELECT state FROM outbox"))

    async def cases(self, kind: str) -> list[Any]:
        found = await self.rows(f"SELECT id FROM cases WHERE kind = '{kind}' ORDER BY id")
        async with self.store.read() as tx:
            return [await tx.case(row["id"]) for row in found]


@asynccontextmanager
async def database(stage: Stage) -> AsyncIterator[Database]:
    found = Database(stage)
    try:
        yield found
    finally:
        await found.store.close()


async def every_effect_once(db: Database, ledger: Ledger) -> list[str]:
    """What was not acknowledged may be saved, once, and each press counts once. Gives what was acknowledged and is lost."""
    cases = {kind: await db.cases(kind) for kind in ("question", "alarm")}
    found = Counter([*(c.text for c in cases["question"]), *(c.line for c in cases["alarm"])])
    assert [t for t, n in found.items() if n > 1] == []
    assert set(found) <= set(ledger.said)
    ident = {c.text: c.id for c in cases["question"]} | {c.line: c.id for c in cases["alarm"]}
    logged = await _logged(db)
    wanted = {(ident[token], LOGGED[verb]) for token, verb, _ in ledger.pressed}
    assert {w: logged[w] for w in wanted} == dict.fromkeys(wanted, 1)
    assert {k: n for k, n in logged.items() if n > 1 and k[1] in LOGGED.values()} == {}
    days = {
        r["place"].split(":", 2)[2]: r["outcome"] for r in await db.rows("SELECT * FROM days ORDER BY day")
    }
    assert {place: days[place] for place in ledger.cleared} == dict.fromkeys(ledger.cleared, "looked_at")
    return sorted(ledger.saved - set(found))


async def _logged(db: Database) -> Counter[tuple[str, str]]:
    rows = await db.rows("SELECT * FROM case_log")
    return Counter((row["case"], row["what"]) for row in rows)


async def every_post_once(db: Database, stage: Stage) -> list[str]:
    """Each row of the outbox stands on the fake, nothing else does; each case has its posts. Gives the keys said twice."""
    rows = await db.rows("SELECT * FROM outbox")
    assert [r for r in rows if r["state"] != "sent"] == []
    messages = await db.rows(POSTS)
    stand = stage.standing(messages)
    assert {r["key"] for r in rows} == set(stand)
    remembered = Counter(r["key"] for r in messages)
    assert remembered == stand
    wanted = {f"{c.id}:card" for c in await db.cases("question")}
    wanted |= {f"{c.id}:{rung}" for c in await db.cases("alarm") for rung in ("raiser", "first", "copy")}
    assert wanted <= set(stand)
    return sorted(key for key, times in stand.items() if times > 1)


async def nothing_lost(db: Database, made: Stage) -> int:
    """Where nothing can be looked up: every post stands, and each but the first of a row says that it may be a repeat.

    A morning card in doubt waits for its next occasion. Gives the number of repeats.
    """
    rows = await db.rows("SELECT * FROM outbox")
    assert [
        r for r in rows if r["state"] != "sent" and (r["state"], r["card"]) != ("ambiguous", "round")
    ] == []
    stand = made.standing(await db.rows(POSTS))
    assert {r["key"] for r in rows if r["state"] == "sent"} <= set(stand)
    marked, again, first = Texts("en")("sending.repeat"), [], set()
    for post in made.posted:
        if post.name in first:
            again.append(post)
        first.add(post.name)
    unmarked = [post for post in again if marked not in post.text]
    assert [[post for post in made.posted if post.name == each.name] for each in unmarked] == []
    return len(again)


async def every_card_as_its_case(db: Database, stage: Stage) -> int:
    """The message that each living row of `messages` names shows its case as it stands; how many there are."""
    bot = Bot(storage=db.store, clock=_NoClock(), ids=_no_ids(), pack=load("generic"),
              nudge=lambda: None, trouble=lambda _trace, _error: None)  # fmt: skip
    wrong, seen, now = [], 0, stage.bots[0].now()
    async with db.store.read() as tx:
        found = await db.rows('SELECT DISTINCT "case" FROM messages WHERE living')
        for row in found:
            for message in await tx.messages_of(row["case"]):
                made: Any = await edited(bot, tx, message, now)
                texts = Texts("en" if made.language == "en" else "sv")
                found_otherwise = stage.chat.otherwise(message.channel, message.ref, made, texts)
                wrong += [(message.key, found_otherwise)] if found_otherwise else []
                seen += 1
    assert wrong[:1] == []
    return seen


class _NoClock(Clock):
    def now(self) -> Any:
        raise AssertionError("nothing here asks the time")

    real = now


def _no_ids() -> Ids:
    return RandomIds()
