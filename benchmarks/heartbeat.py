"""A heartbeat with nothing to do: with very many closed questions behind it, and with none."""

import sqlite3
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter

from benchmarks.measure import Measure, milliseconds
from bot.cases import Question
from bot.cases.question import Ended, decide
from bot.service.base import Work
from scheduler import plan, wake
from scheduler.moves import rest
from tests.fakes.stage import BO, Stage, open_stage

AIM = 1.2
BEATS = 300
OPEN = 5
AFTER_ALL_IS_SAID = 7.5
"""Hours after nine in the morning: collected replies and the digest of the day have gone."""
COPY = """
    WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < ?)
    INSERT INTO cases (id, kind, version, account, place, opened_at, closed_at, wake_at, failures, body)
    SELECT 'old' || n, kind, version, account, place,
           strftime('%Y-%m-%d %H:%M:%f000', opened_at, '-' || n || ' minutes'),
           strftime('%Y-%m-%d %H:%M:%f000', closed_at, '-' || n || ' minutes'), wake_at, failures, body
    FROM more, cases WHERE id = 'q0'
"""


async def run(folder: Path, closed: int) -> Sequence[Measure]:
    """Due, plan and wake on both databases in turn."""
    async with AsyncExitStack() as stack:
        many, none = [
            await stack.enter_async_context(open_stage(_made(folder / name))) for name in ("many", "none")
        ]
        for stage in (many, none):
            await _settled(stage)
        _fill(folder / "many" / "stage.db", closed)
        took: tuple[list[float], list[float]] = ([], [])
        for n in range(BEATS):
            for which in (0, 1) if n % 2 else (1, 0):
                took[which].append(await _beat((many, none)[which]))
    ours, bare = map(milliseconds, took)
    name = f"heartbeat, {closed:_} closed over none".replace("_", " ")
    return [Measure(name=name, ours=ours, bare=bare, unit="ms", aim=AIM)]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _settled(stage: Stage) -> None:
    """One question closed, some open and waiting, everything of today said."""
    await stage.ask("q0")
    await stage.work(_close)
    for n in range(OPEN):
        await stage.ask(f"open{n}")
    stage.clock.pass_by(hours=AFTER_ALL_IS_SAID)
    await rest(stage.bot, stage.delivery, stage.clock.now())
    assert not stage.troubles, stage.troubles


async def _close(work: Work) -> None:
    question = await work.case("q0", Question)
    await work.apply(question, decide(question, Ended(by=BO, how="answered"), work.now, work.hours))


def _fill(file: Path, closed: int) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(COPY, (closed,))
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


async def _beat(stage: Stage) -> float:
    begun = perf_counter()
    await plan.run_pass(stage.bot, stage.clock.now())
    due = await wake.run_pass(stage.bot, stage.clock.now())
    took = perf_counter() - begun
    assert not due
    return took
