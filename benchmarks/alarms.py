"""An alarm from its commit until it is posted: past very many ordinary messages, and with nothing else waiting.

The platform answers each post after 20 ms, and no pace holds the ordinary ones back.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from benchmarks.measure import Measure, milliseconds
from bot.cases.alarm import Alarm, raised
from bot.model import PersonId
from bot.outgoing import Outcome
from bot.ports import Envelope
from scheduler.deliver import Delivery
from scheduler.jobs import Heartbeats
from tests.fakes.chat import FakeChat, office
from tests.fakes.stage import BO, Stage, open_stage

AIM = 2.0
MOST_BETWEEN = 1
BLOCKS = 5
WAITING, PLACES = 10_000, 50
ANSWER_SECONDS = 0.02
GAPS = (0.04, 0.055, 0.07, 0.085)
"""Seconds between two alarms, so that they meet the ordinary messages at every stage of theirs."""
POLL_SECONDS = 0.002
PATIENCE_SECONDS = 30.0
COPIES = WAITING // PLACES - 1
NUMBERS = "WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < ?)"
CASES = f"""{NUMBERS}
    INSERT INTO cases (id, kind, version, account, place, opened_at, closed_at, wake_at, failures, body)
    SELECT id || '-' || n, kind, version, account, place, opened_at, closed_at, wake_at, failures, body
    FROM more, cases WHERE kind = 'question'
"""
ROWS = f"""{NUMBERS}
    INSERT INTO outbox (key, card, reader, target, "case", lane, arg, useful_until, threaded, living, state, tries,
                        retry_at, first_try, reason, created_at)
    SELECT replace(key, "case", "case" || '-' || n), card, reader, target, "case" || '-' || n, lane, arg,
           useful_until, threaded, living, state, tries, retry_at, first_try, reason, created_at
    FROM more, outbox ORDER BY n
"""


class Timed(FakeChat):
    """Notes when each post sets out."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, float]] = []

    async def post(self, envelope: Envelope) -> Outcome:
        self.sent.append((envelope.key, perf_counter()))
        await asyncio.sleep(ANSWER_SECONDS)
        return self.store(envelope)


async def run(folder: Path, times: int) -> Sequence[Measure]:
    """In blocks in turn, for a busy office would take the processor from the other."""
    async with AsyncExitStack() as stack:
        many, none = [
            await stack.enter_async_context(open_stage(_made(folder / n))) for n in ("many", "none")
        ]
        await _fill(many, folder / "many" / "stage.db")
        for stage in (many, none):
            await _with_security(stage)
        took: dict[int, list[tuple[float, int]]] = {0: [], 1: []}
        for block in range(BLOCKS):
            for which in (0, 1) if block % 2 else (1, 0):
                took[which] += await _block((many, none)[which], f"{which}-{block}", times // BLOCKS)
        left = sum(s == "waiting" for k, s in (await many.states()).items() if not k.startswith("alarm"))
    return _measures(took[0], took[1], WAITING - left)


def _measures(many: list[tuple[float, int]], none: list[tuple[float, int]], went: int) -> Sequence[Measure]:
    ours, bare = milliseconds([t for t, _ in many]), milliseconds([t for t, _ in none])
    most = max(between for _, between in many)
    over = sum(between > MOST_BETWEEN for _, between in many)
    overtaken = "met" if not over else f"MISSED {over} times"
    note = f"ordinary posts between: at most {most} (aim {MOST_BETWEEN}, {overtaken}); {went} ordinary ones went meanwhile"
    name = f"{len(many)} alarms, {WAITING} waiting over none"
    return [Measure(name=name, ours=ours, bare=bare, unit="ms", aim=AIM, note=note)]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _with_security(stage: Stage) -> None:
    async with stage.store.write() as tx:
        await tx.save_role("security", (PersonId("dan"),), None)


async def _fill(stage: Stage, file: Path) -> None:
    """Cards of questions that wait to be posted, in many places."""
    places = [f"p{n:02}" for n in range(PLACES)]
    await office(stage.store, places)
    for place in places:
        await stage.ask(f"q{place}", place)
    with sqlite3.connect(file) as connection:
        connection.execute(CASES, (COPIES,))
        connection.execute(ROWS, (COPIES,))
    connection.close()
    waiting = list((await stage.states()).values()).count("waiting")
    assert waiting == WAITING, waiting


async def _block(stage: Stage, name: str, times: int) -> list[tuple[float, int]]:
    """Seconds until posted, and how many ordinary posts set out before, for each alarm."""
    chat = Timed()
    delivery = Delivery(stage.bot, [chat], name)
    heartbeats = Heartbeats(stage.bot, delivery, stage.clock)
    stage.bot = replace(stage.bot, nudge=heartbeats.nudge)
    heartbeats.start()
    try:
        found = [await _alarm(stage, chat, f"alarm{name}-{n}", n) for n in range(times + 1)][1:]
    finally:
        await heartbeats.stop()
    assert not stage.troubles, stage.troubles
    return found


async def _alarm(stage: Stage, chat: Timed, ident: str, n: int) -> tuple[float, int]:
    await asyncio.sleep(GAPS[n % len(GAPS)])
    alarm = Alarm(
        id=ident, opened_at=stage.clock.now(), account=None, place=None, kind="threat", raised_by=BO
    )
    await stage.work(lambda work: work.add(raised(alarm, work.hours, work.now)))
    committed = perf_counter()
    stage.bot.nudge()
    posted = await _posted(chat, f"{ident}:first")
    ordinary = [at for key, at in chat.sent if committed < at < posted and not key.startswith("alarm")]
    await _posted(chat, f"{ident}:copy")
    return posted - committed, len(ordinary)


async def _posted(chat: Timed, key: str) -> float:
    """When the card of whoever has to act set out."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if found := next((at for sent, at in reversed(chat.sent) if sent.startswith(key)), None):
                return found
            await asyncio.sleep(POLL_SECONDS)
