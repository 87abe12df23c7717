"""The heartbeats, in real seconds and nothing else: no cron, no job for a date, no job for a reminder."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.ports import Clock
from bot.service import passes
from bot.service.base import Bot
from scheduler import plan, wake
from scheduler.deliver import Delivery
from scheduler.moves import Moves

EVERY = {"deliver": 1, "wake": 5, "plan": 60, "housekeeping": 3600}
"""Real seconds."""
AGAIN_SECONDS = 30.0
"""After so long what housekeeping could not do, since somebody else was writing, is tried again."""
STOP_SECONDS = 8.0


@dataclass
class Beat:
    """One kind of pass: rung by the scheduler, run in a task of our own, never twice at once."""

    name: str
    run: Callable[[datetime], Awaitable[object]]
    due: asyncio.Event = field(default_factory=asyncio.Event)
    last: datetime | None = None


class Heartbeats:
    """`start` in a running loop, `stop` on SIGTERM. `watch`: follow a clock that is moved (SMBOT_CLOCK_FILE)."""

    def __init__(self, bot: Bot, delivery: Delivery, clock: Clock, *, watch: bool = False) -> None:
        self._bot = bot
        self._delivery = delivery
        self._clock = clock
        self.moves = Moves(bot, delivery)
        self._watch = watch
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self._scheduler: Any = AsyncIOScheduler(timezone=UTC)
        runs: dict[str, Callable[[datetime], Awaitable[object]]] = {
            "deliver": delivery.run_pass,
            "wake": lambda now: wake.run_pass(bot, now),
            "plan": lambda now: plan.run_pass(bot, now),
            "housekeeping": self._housekeeping,
        }
        self._beats = {name: Beat(name, run) for name, run in runs.items()}

    def start(self) -> None:
        """Every pass runs once at the start, then at its interval."""
        for name, beat in self._beats.items():
            beat.due.set()
            self._tasks.append(asyncio.create_task(self._forever(beat), name=f"heartbeat {name}"))
            self._scheduler.add_job(
                self._ring, "interval", args=[name], seconds=EVERY[name], id=name,
                coalesce=True, max_instances=1, misfire_grace_time=None,
            )  # fmt: skip
        if self._watch:
            self._tasks.append(asyncio.create_task(self.moves.watch(), name="moved clock"))
        self._scheduler.start()

    def nudge(self) -> None:
        """Something was committed: deliver now."""
        self._delivery.nudge()
        self._beats["deliver"].due.set()

    def alive(self) -> dict[str, datetime | None]:
        """When each kind of pass last ended (real time); a pass that hangs or fails does not count."""
        return {name: beat.last for name, beat in self._beats.items()}

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Claim nothing more, let what runs end; what is still open then stays as being sent, and is looked for later."""
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.pause()
        self._delivery.stop()
        for beat in self._beats.values():
            beat.due.set()
        passing = [task for task in self._tasks if task.get_name() != "moved clock"]
        if passing:
            await asyncio.wait(passing, timeout=seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _housekeeping(self, now: datetime) -> None:
        """All of it; then what was missed, until it is done, the next hour has come, or this process stops."""
        missed = await passes.housekeeping(self._bot, now)
        while missed and not await self._is_rung("housekeeping", AGAIN_SECONDS):
            missed = await passes.housekeeping(self._bot, self.moves.now(), missed)

    async def _is_rung(self, name: str, seconds: float) -> bool:
        """Whether a beat is rung within so many seconds: it waits no longer than that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._beats[name].due.wait()
        return False

    async def _ring(self, name: str) -> None:
        if name == "deliver":
            self.nudge()
        self._beats[name].due.set()

    async def _forever(self, beat: Beat) -> None:
        while True:
            await beat.due.wait()
            if self._stopping:
                return
            beat.due.clear()
            await self._once(beat)

    async def _once(self, beat: Beat) -> None:
        """A pass that fails is logged; the heart goes on."""
        try:
            await self.moves.settle()
            await beat.run(self.moves.now())
            beat.last = self._clock.real()
        except Exception as trouble:
            self._bot.trouble(self._bot.ids.new(), trouble)
