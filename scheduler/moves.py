"""The moved clock: when it has grown, the bot lives through what lies between, coming to rest at each moment."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.service import passes
from bot.service.base import Bot
from scheduler import plan, wake
from scheduler.deliver import PASS

POLL_SECONDS = 0.2
JITTER = timedelta(seconds=0.05)
"""Two readings of the real clock are never the same."""
KEEPS_HOUSE = timedelta(hours=1)
"""As often as the heartbeat of that name (`scheduler.jobs`), by the moved clock: else nothing would be purged on the way."""
ROUNDS = 50
"""At one moment so many rounds of waking and sending at most: a bound, never reached by honest cases."""


class Delivers(Protocol):
    """What sends: `scheduler.deliver.Delivery`, or what only notes what would be sent."""

    @property
    def stopping(self) -> bool: ...
    async def run_pass(self, now: datetime | None = None) -> int: ...


async def rest(bot: Bot, delivery: Delivers, now: datetime, *, patience: float = 0.0) -> None:
    """Plan, wake and send as of one moment until nothing is left to do then."""
    await plan.run_pass(bot, now)
    for _ in range(ROUNDS):
        woken = await wake.run_pass(bot, now)
        await drain(bot, delivery, now, patience=patience)
        if not woken:
            return


async def drain(bot: Bot, delivery: Delivers, now: datetime, *, patience: float = 0.0) -> int:
    """Send all that can be sent as of `now`. What is held back for a moment, by a pace or a limit, is waited for
    until nothing has moved for `patience` real seconds."""
    sent = 0
    last = bot.clock.real()
    for _ in range(ROUNDS * ROUNDS):
        done = await delivery.run_pass(now)
        sent += done
        last = bot.clock.real() if done else last
        if delivery.stopping or (done < PASS and not await _wait(bot, last + timedelta(seconds=patience))):
            break
    return sent


async def _wait(bot: Bot, until: datetime) -> bool:
    if bot.clock.real() >= until:
        return False
    async with bot.storage.read() as tx:
        if not await tx.waiting():
            return False
    await asyncio.sleep(POLL_SECONDS)
    return True


async def _nothing_else(_moment: datetime) -> None:
    """Planning, waking and sending are all there is."""


async def catch_up(
    bot: Bot,
    delivery: Delivers,
    start: datetime,
    end: datetime,
    *,
    patience: float = 0.0,
    first: Callable[[datetime], Awaitable[None]] = _nothing_else,
) -> None:
    """Live from `start` (not included) to `end`: each moment in turn, so that nothing is skipped or said late.

    `first`: what is done at each moment before all else.
    """
    moment = await passes.next_moment(bot, start)
    while moment is not None and moment < end and not delivery.stopping:
        await first(moment)
        await rest(bot, delivery, moment, patience=patience)
        moment = await passes.next_moment(bot, moment)
    await first(end)
    await rest(bot, delivery, end, patience=patience)


class Moves:
    """Watches how far the clock is moved. The heartbeats ask it what time it is, so none runs ahead of it."""

    def __init__(self, bot: Bot, delivery: Delivers, *, patience: float = 2.0) -> None:
        self._bot = bot
        self._delivery = delivery
        self._patience = patience
        self._offset = self._moved()
        self._kept_house = self.now()
        self._turn = asyncio.Lock()

    def now(self) -> datetime:
        """The moment up to which everything has been lived through."""
        return self._bot.clock.real() + self._offset

    async def settle(self) -> None:
        """Catch up with the clock if it has been moved on; who comes meanwhile waits."""
        async with self._turn:
            offset = self._moved()
            if offset > self._offset + JITTER:
                start = self.now()
                end = self._bot.clock.real() + offset
                await catch_up(
                    self._bot, self._delivery, start, end, patience=self._patience, first=self._keep_house
                )
                self._offset = offset

    async def _keep_house(self, moment: datetime) -> None:
        """An hour after the last time at the earliest: at the next moment at which anything happens, or where the clock rests."""
        if moment - self._kept_house >= KEEPS_HOUSE:
            await passes.housekeeping(self._bot, moment)
            self._kept_house = moment

    async def watch(self) -> None:
        """Look at the clock five times a second, for ever."""
        while True:
            try:
                await self.settle()
            except Exception as trouble:
                self._bot.trouble(self._bot.ids.new(), trouble)
            await asyncio.sleep(POLL_SECONDS)

    def _moved(self) -> timedelta:
        return self._bot.clock.now() - self._bot.clock.real()
