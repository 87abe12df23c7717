"""How long `smbot run` takes until it is ready, and its memory when idle: over a bare Bolt + SQLAlchemy program."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import psutil

from benchmarks.measure import Measure, milliseconds
from benchmarks.programs import Bare, organisation, ready, smbot, workspace
from tests.fakes.slack import FakeSlack
from tests.flows.process import BotProcess

START_AIM, MEMORY_AIM = 2.0, 1.5
IDLE_SECONDS = 1.5
MEGABYTE = 1024 * 1024
Program = BotProcess | Bare


async def run(folder: Path, times: int) -> Sequence[Measure]:
    """Both start in turn; the database of smbot was made and filled by a start that does not count."""
    async with workspace() as slack:
        _, file = organisation(slack, folder)
        await _first(slack, folder, file)
        starts: tuple[list[float], list[float]] = ([], [])
        idle: tuple[list[float], list[float]] = ([], [])
        for n in range(times):
            for which in (0, 1) if n % 2 else (1, 0):
                program: Program = Bare(slack, folder) if which else smbot(slack, folder, file)
                took, memory = await _one(program)
                starts[which].append(took)
                idle[which].append(memory)
    ours, bare = map(milliseconds, starts)
    return [
        Measure(name="start until ready", ours=ours, bare=bare, unit="ms", aim=START_AIM),
        Measure(name="idle memory", ours=median(idle[0]), bare=median(idle[1]), unit="MB", aim=MEMORY_AIM),
    ]


async def _first(slack: FakeSlack, folder: Path, file: str) -> None:
    bot = smbot(slack, folder, file)
    try:
        await bot.start()
        await bot.terminate()
    finally:
        await bot.kill()


async def _one(program: Program) -> tuple[float, float]:
    """Seconds from its start until /readyz says yes, and its resident megabytes a moment later."""
    begun = perf_counter()
    await program.spawn()
    try:
        await ready(program.url)
        took = perf_counter() - begun
        await asyncio.sleep(IDLE_SECONDS)
        assert program.process is not None
        return took, psutil.Process(program.process.pid).memory_info().rss / MEGABYTE
    finally:
        await program.kill()
