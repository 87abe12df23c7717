"""Processes are killed at bad moments under load: nothing is lost, nothing is said twice."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.crash._chat import Post
from tests.crash._check import (
    database,
    every_card_as_its_case,
    every_effect_once,
    every_post_once,
    nothing_lost,
)
from tests.crash._load import Ledger, at_work
from tests.crash._stage import Stage, all_targets, each_a_third, restart, stage
from tests.flows.process import BotProcess

pytestmark = pytest.mark.crash
Phase = Literal["stored", "arrived", "request", "random"]
ALL: dict[Phase, int] = {"stored": 15, "arrived": 10, "request": 15, "random": 10}
FEWER: dict[Phase, int] = {"stored": 6, "arrived": 3, "request": 3, "random": 2}
ON_TEAMS: dict[Phase, int] = {"stored": 6, "arrived": 3, "request": 3, "random": 3}
PATIENCE = 90.0
"""A busy machine is slow, which is no fault of the bot: what does not come at all is."""


@dataclass
class Trap:
    """Kills one process at the next moment of a kind. `happened`: how often each kind came."""

    stage: Stage
    happened: Counter[str] = field(default_factory=Counter)
    _armed: Phase | None = None
    _killed: asyncio.Event = field(default_factory=asyncio.Event)
    _victim: BotProcess | None = None
    _late: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.stage.chat.hooks(self._on_arrived, self._on_stored, self._on_sent)

    async def spring(self, phase: Phase) -> BotProcess:
        """Wait for the moment and kill; the process that is gone."""
        self._killed.clear()
        self._victim = self.stage.random.choice(self.stage.bots)
        if phase == "request":
            self._only(self._victim)
        self._armed = phase
        if phase == "random":
            await self._kill_after(self._victim, self.stage.random.uniform(0.0, 0.5))
        async with asyncio.timeout(PATIENCE):
            await self._killed.wait()
        self._armed = None
        all_targets(self.stage)
        self.happened[phase] += 1
        return self._victim

    def _only(self, victim: BotProcess) -> None:
        """The next requests of people reach this process."""
        self.stage.chat.aim([victim])

    async def _on_arrived(self, call: Any) -> bool:
        return await self._kill_sender("arrived", call)

    async def _on_stored(self, call: Any, post: Post) -> bool:
        await self.stage.store(call, post)
        return await self._kill_sender("stored", call)

    async def _kill_sender(self, phase: Phase, call: Any) -> bool:
        by = self.stage.sender(call) if self._armed == phase else None
        if by is None:
            return False
        self._armed = None
        await self._kill(self.stage.bots[by])
        return True

    def _on_sent(self) -> None:
        if self._armed == "request" and self._victim:
            self._armed = None
            kill = self._kill_after(self._victim, self.stage.random.uniform(0.0, 0.02))
            task = asyncio.get_running_loop().create_task(kill)
            self._late.add(task)
            task.add_done_callback(self._late.discard)

    async def _kill_after(self, victim: BotProcess, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._kill(victim)

    async def _kill(self, victim: BotProcess) -> None:
        self._victim = victim
        await victim.kill()
        self._killed.set()


async def kill_and_restart(made: Stage, phases: dict[Phase, int]) -> Ledger:
    """The kills in a random order, each process started again at once, people at work all the time."""
    order = [phase for phase, times in phases.items() for _ in range(times)]
    made.random.shuffle(order)
    trap = Trap(made)
    await asyncio.gather(*(restart(bot) for bot in made.bots))
    async with at_work(made) as ledger:
        for phase in order:
            victim = await trap.spring(phase)
            await restart(victim)
    assert trap.happened == Counter(phases)
    print(f"kills {dict(trap.happened)}; {len(ledger.said)} forms, {len(ledger.saved)} acknowledged, "
          f"{len(ledger.pressed) + len(ledger.cleared)} presses, {ledger.errors} errors seen by people")  # fmt: skip
    return ledger


async def lost_and_twice(made: Stage, ledger: Ledger) -> tuple[list[str], list[str]]:
    """What was acknowledged and is lost, and what was said twice, when all is quiet again."""
    async with database(made) as db:
        waited = await db.quiet()
        lost, twice = await every_effect_once(db, ledger), await every_post_once(db, made)
        seen = await every_card_as_its_case(db, made)
    print(
        f"quiet after {waited:.1f} s; {len(made.posted)} posts by {dict(made.shares())}, {seen} living cards"
    )
    return lost, twice


async def test_one_process_on_sqlite_loses_nothing_and_says_nothing_twice(tmp_path: Path) -> None:
    url, seed = f"sqlite:///{tmp_path / 'smbot.db'}", 1
    print(f"seed {seed}")
    async with stage(tmp_path, url, seed, mode="socket") as made:
        ledger = await kill_and_restart(made, ALL)
        assert await lost_and_twice(made, ledger) == ([], [])


async def test_two_processes_on_postgresql_lose_nothing_and_say_nothing_twice(
    tmp_path: Path, postgres_database: str
) -> None:
    seed = 2
    print(f"seed {seed}")
    async with stage(tmp_path, postgres_database, seed, processes=2) as made:
        ledger = await kill_and_restart(made, ALL)
        assert await lost_and_twice(made, ledger) == ([], [])
        each_a_third(made)


@pytest.mark.parametrize(("mode", "seed", "phases"), [("http", 3, FEWER), ("teams", 9, ON_TEAMS)])
async def test_where_nothing_can_be_looked_up_nothing_is_lost_and_repeats_say_so(
    tmp_path: Path, mode: str, seed: int, phases: dict[Phase, int]
) -> None:
    """Slack without the scope for its history, and Teams, which has none for bots."""
    url = f"sqlite:///{tmp_path / 'smbot.db'}"
    print(f"{mode}, seed {seed}")
    async with stage(tmp_path, url, seed, mode=mode, reading=False) as made:
        ledger = await kill_and_restart(made, phases)
        async with database(made) as db:
            waited = await db.quiet()
            assert await every_effect_once(db, ledger) == []
            repeats = await nothing_lost(db, made)
    print(f"quiet after {waited:.1f} s; {repeats} repeats of {len(made.posted)} posts, each marked")
    assert repeats
