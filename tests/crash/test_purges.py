"""A process is killed while it purges: the next one goes on, nothing of it is left, and nothing else is lost (users.md U6)."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cases import Question
from bot.cases.question import logged
from bot.model import Account, Stamp
from bot.retention import Disposal
from bot.service.base import Work
from storage.engine import sqlite_file
from storage.tables import SQLModel
from tests.crash._check import Database, database
from tests.crash._stage import Stage, restart, stage
from tests.fakes.chat import StageClock, bot_on

pytestmark = pytest.mark.crash
PLACES, OLD, STAY, SHOWN = 8, 120, 12, 12
"""Old questions are three transactions of a purge; one in `SHOWN` has a card, since a chat is asked for few a second."""
NUMBER = "LU 2026/77"
KEPT = "hemlig", "kvar"
"""What stands in the text of a question that goes, and of one that stays."""
TURN_SECONDS, MOST_KILLS = 12.0, 20
UPDATES = (2, 2)
"""At which rewriting of a message the process is killed, counted from its start."""


async def test_a_purge_that_is_killed_again_and_again_is_ended_by_the_next_process(
    tmp_path: Path, database_url: str
) -> None:
    async with stage(tmp_path, database_url, 11, places=PLACES) as made, database(made) as db:
        await _asked(made, db)
        stay = await _closed(made, db)
        kills = await _killed_between_transactions(made, db) + await _killed_while_rewriting(made)
        await restart(made.bots[0])
        waited = await db.quiet()
        print(f"{kills} kills; quiet after {waited:.1f} s")
        assert await _texts(db) == stay
        assert await _left(db) == {}
        assert _bytes_left(made) == 0
        assert await _noted(db) == OLD
        _every_message_rewritten(made, kills)
        assert await made.bots[0].terminate() == 0


# -- what there is --------------------------------------------------------------------------------


async def _asked(made: Stage, db: Database) -> None:
    """Each question has its log, and one in twelve its card."""

    async def ask(work: Work) -> None:
        accounts = sorted(work.register.accounts.values(), key=lambda a: a.id)
        for n in range(OLD + STAY):
            word = KEPT[n >= OLD]
            move = logged(_question(work, f"{word}-{n:04d}", accounts[n % PLACES]), work.hours)
            await work.add(replace(move, says=move.says if n % SHOWN == 0 else ()))

    await _in(made, db, ask)
    await made.bots[0].start()
    await db.quiet()
    assert await made.bots[0].terminate() == 0


def _question(work: Work, text: str, account: Account) -> Question:
    now, day = work.now, timedelta(days=1)
    return Question(id=f"q{text}", opened_at=now, account=account.id, place=account.place, where="comment", kind="question",
                    posted_at=now, logged_by=account.people[0], text=text, answer_by=now + day, escalate_at=now + day,
                    head_at=now + 2 * day, stamp=Stamp(pack="generic", version="1", digest="d"))  # fmt: skip


async def _closed(made: Stage, db: Database) -> list[str]:
    """The old ones ended two days ago, and a decision lets them go after one. Gives the texts of the others."""

    async def close(work: Work) -> None:
        for case in await work.tx.open_cases("question"):
            if isinstance(case, Question) and case.text.startswith(KEPT[0]):
                ended = work.now - timedelta(days=2)
                begun = ended - timedelta(days=1)
                over = replace(case, opened_at=begun, closed_at=ended, wake_at=None, ended="answered")
                await work.tx.save_case(over)
        rule = Disposal(days=1, number=NUMBER, decided_on=work.today)
        await work.tx.save_office(replace(work.register.office, retention={"questions": rule}))

    await _in(made, db, close)
    return [text for text in await _texts(db) if text.startswith(KEPT[1])]


async def _in(made: Stage, db: Database, act: Callable[[Work], Awaitable[None]]) -> None:
    """Done in the database while no process runs."""
    now = made.bots[0].now()
    async with db.store.write() as tx:
        bot = bot_on(db.store, StageClock(now))
        await act(Work(bot=bot, tx=tx, now=now, register=await tx.register()))


# -- killing --------------------------------------------------------------------------------------


async def _killed_between_transactions(made: Stage, db: Database) -> int:
    """After each that is seen to be done, at once or in the middle of the next.

    On PostgreSQL a pass that meets another leaves the rest for the next hour: then the next start has its turn.
    """
    kills, there = 0, await _old(db)
    while there and kills < MOST_KILLS:
        await made.bots[0].spawn()
        await _fewer(db, there)
        await asyncio.sleep(made.random.uniform(0.0, 0.03))
        await made.bots[0].kill()
        kills, there = kills + 1, await _old(db)
    assert (there, kills > 1) == (0, True)
    return kills


async def _fewer(db: Database, than: int) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(TURN_SECONDS):
            while await _old(db) == than:
                await asyncio.sleep(0.002)


async def _old(db: Database) -> int:
    (row,) = await db.rows(f"SELECT count(*) AS n FROM cases WHERE id LIKE 'q{KEPT[0]}%'")
    return int(row["n"])


async def _killed_while_rewriting(made: Stage) -> int:
    """Before a message is changed there, and after it was, before the bot hears of it."""
    chat: Any = made.chat
    for n, nth in enumerate(UPDATES):
        done, seen = asyncio.Event(), Counter[str]()

        async def kill(call: Any, *_message: Any, nth: int = nth, done: Any = done, seen: Any = seen) -> bool:
            seen[call.method] += 1
            if call.method != "chat.update" or seen[call.method] != nth:
                return False
            await made.bots[0].kill()
            done.set()
            return True

        chat.slack.hooks(*((None, kill) if n % 2 else (kill, None)))
        await made.bots[0].spawn()
        async with asyncio.timeout(60):
            await done.wait()
    chat.slack.hooks(None, None)
    return len(UPDATES)


# -- what is left -----------------------------------------------------------------------------------


async def _texts(db: Database) -> list[str]:
    return sorted(case.text for case in await db.cases("question"))


async def _left(db: Database) -> dict[str, int]:
    """Rows, table by table, that hold a word of what is gone, or name it."""
    found = Counter[str]()
    for table in SQLModel.metadata.sorted_tables:
        rows = await db.rows(f'SELECT * FROM "{table.name}"')
        found[table.name] += sum(KEPT[0] in str(row) for row in rows)
    return {name: n for name, n in found.items() if n}


def _bytes_left(made: Stage) -> int:
    """How often the word stands in the files themselves, the log of SQLite too."""
    path = sqlite_file(made.url)
    files = path.parent.glob(f"{path.name}*") if path else ()
    return sum(file.read_bytes().count(KEPT[0].encode()) for file in files)


async def _noted(db: Database) -> int:
    """How many the bot itself says are gone."""
    (row,) = await db.rows("SELECT value FROM facts WHERE name = 'retention.done'")
    return int(json.loads(row["value"])["questions"]["count"])


def _every_message_rewritten(made: Stage, kills: int) -> None:
    """Each card of what is gone says so, each other its question; twice is written only what a kill left in doubt."""
    chat: Any = made.chat
    shown = [chat.slack.plain(post) for post in chat.standing()]
    assert [words for words in shown if KEPT[0] in words] == []
    assert sum(NUMBER in words for words in shown) == OLD // SHOWN
    assert sum(KEPT[1] in words for words in shown) == STAY // SHOWN
    written = Counter(
        (call.args["channel"], call.args["ts"])
        for call in chat.slack.called("chat.update")
        if NUMBER in str(call.args)
    )
    assert len(written) == OLD // SHOWN
    assert sum(written.values()) - OLD // SHOWN <= kills
