"""One pass of delivery: claim a place, send its next message outside any transaction, settle; until nothing is left."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from bot.ports import Chat, Conflict, Tx
from bot.service.base import Bot
from scheduler.pace import Pace
from scheduler.sending import Result, Sender
from scheduler.settling import Settling, put_off
from scheduler.taking import Job, NotEvenAlarms, Poisoned, Slow, slow_at, take

AT_ONCE = 16
FOR_ALARMS = 4
"""Of these so many are kept for alarms: ordinary posts that hang never keep one waiting."""
PASS = 500
"""Messages of one pass; more come with the next, so that a heartbeat is seen to beat."""
SOON = timedelta(seconds=0.25)
"""So long a pass waits for a platform's pace; what is allowed later comes with the next one."""
TRIES = 12
BREATH_SECONDS = 0.01
"""Between two tries of a transaction, longer each time."""

T = TypeVar("T")


class Delivery:
    """Sends what the outbox holds. Any number of processes may: a place is claimed under a lease by `owner`.

    One claim gives one message, so that an alarm waits for at most the message that its place is sending.
    """

    def __init__(
        self, bot: Bot, chats: Iterable[Chat], owner: str, paces: Mapping[str, Pace] | None = None
    ) -> None:
        self._bot = bot
        self._chats = {chat.platform: chat for chat in chats}
        self._owner = owner
        self._paces = {} if paces is None else paces
        self._sender = Sender(bot, self._chats)
        self._slow: dict[str, datetime] = {}
        self._more = asyncio.Event()
        self._stopping = False

    def nudge(self) -> None:
        """There may be more to send: a running pass looks again, though a slow platform keeps it waiting."""
        self._more.set()

    def stop(self) -> None:
        """Claim nothing more; what is being sent may end."""
        self._stopping = True
        self._more.set()

    @property
    def stopping(self) -> bool:
        return self._stopping

    async def run_pass(self, now: datetime | None = None) -> int:
        """Send what is due; gives how many rows and edits were worked on. `now`: the stage's moment for the cards."""
        async with asyncio.TaskGroup() as group:
            try:
                return await self._send_all(group, now)
            except Exception as trouble:
                failure = trouble  # raised below, for it must not cut off what is being sent
        raise failure

    async def _send_all(self, group: asyncio.TaskGroup, now: datetime | None) -> int:
        sending: set[asyncio.Task[None]] = set()
        done = 0
        self._more.set()
        while done < PASS and not self._stopping:
            taken = self._may_take(len(sending)) and await self._take(
                now or self._bot.clock.now(), only_alarms=len(sending) >= AT_ONCE - FOR_ALARMS
            )
            if taken:
                done += 1
                if not isinstance(taken, bool):
                    sending.add(group.create_task(self._finish(taken)))
            elif not await self._rest(sending):
                break
            sending = {task for task in sending if not task.done()}
        return done

    def _may_take(self, sending: int) -> bool:
        """While all wait for their pace only a nudge is reason to look, for there may be an alarm."""
        nudged = self._more.is_set()
        self._more.clear()
        slow = slow_at(self._slow, self._bot.clock.real())
        return sending < AT_ONCE and (nudged or not slow.issuperset(self._chats))

    async def _rest(self, sending: set[asyncio.Task[None]]) -> bool:
        """Until there may be something to do; False when this pass need not wait for it."""
        before = self._bot.clock.real()
        waits = [until - before for until in self._slow.values() if before < until <= before + SOON]
        if not sending and not waits:
            return False
        await self._wait(sending, min(waits).total_seconds() if waits else None)
        return bool(sending) or self._bot.clock.real() > before

    async def _wait(self, sending: set[asyncio.Task[None]], seconds: float | None) -> None:
        """Until a place is free again, a nudge says that there is more, or the seconds are over."""
        more = asyncio.create_task(self._more.wait())
        try:
            await asyncio.wait({*sending, more}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            more.cancel()

    async def _take(self, now: datetime, *, only_alarms: bool) -> Job | bool:
        def work() -> Awaitable[Job | bool]:
            return take(
                self._bot, self._owner, now, self._chats, self._paces,
                only_alarms=only_alarms, slow=self._slow,
            )  # fmt: skip

        try:
            return await self._again(work)
        except (Conflict, NotEvenAlarms):
            return False
        except Slow:
            return True
        except Poisoned as poisoned:
            await self._put_off(poisoned, now)
            return True

    async def _put_off(self, poisoned: Poisoned, now: datetime) -> None:
        trace = self._bot.ids.new()
        self._bot.trouble(trace, poisoned.cause)

        async def save(tx: Tx) -> None:
            await put_off(self._bot, tx, poisoned.piece, now, trace)

        await self._write(save)

    async def _finish(self, job: Job) -> None:
        """A trouble here leaves the row as being sent: after the lease it is looked for by its key."""
        try:
            result = await self._sender.send(job)
            await self._settle(job, result)
        except Exception as trouble:
            self._bot.trouble(self._bot.ids.new(), trouble)

    async def _settle(self, job: Job, result: Result) -> None:
        pace = self._paces.get(job.envelope.to.platform)
        gap = pace.gap if pace else timedelta()

        async def save(tx: Tx) -> None:
            await Settling(self._bot, tx, job, tuple(self._chats), gap).settle(result)
            await tx.release(job.claim.target, self._owner)

        await self._write(save)

    async def _write(self, save: Callable[[Tx], Awaitable[None]]) -> None:
        async def once() -> None:
            async with self._bot.storage.write() as tx:
                await save(tx)

        await self._again(once)

    async def _again(self, act: Callable[[], Awaitable[T]]) -> T:
        """Run a transaction again when somebody else was first. Raises Conflict after too many times."""
        for n in range(TRIES - 1):
            try:
                return await act()
            except Conflict:
                await asyncio.sleep(n * BREATH_SECONDS)
        return await act()
