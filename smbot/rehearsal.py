"""The rehearsal, put together: a copy of what is in the database, played ahead in memory in a thread of its own."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.foreseen import Foreseen
from bot.ports import Rehearsal
from bot.register import Register
from bot.service.base import Bot
from scheduler.rehearse import rehearse

if TYPE_CHECKING:
    from storage.kept import State
    from storage.store import Store

KEPT = timedelta(minutes=1)
"""Real time. So long a page is turned in what was foreseen, if the register has not changed."""


@dataclass(frozen=True)
class _Before:
    """The last rehearsal of the register as it stands."""

    asked: tuple[date, date]
    register: Register
    at: datetime
    found: Foreseen


class CopyRehearsal(Rehearsal):
    """Reads the database in one short transaction; what is played stands in memory, and no chat is known there.

    One at a time in a process: ten people who ask at once do not slow the bot down tenfold.
    """

    def __init__(self, bot: Bot, store: "Store") -> None:
        self._bot, self._store = bot, store
        self._turn = asyncio.Lock()
        self._before: _Before | None = None

    async def foresee(self, first: date, last: date, changed: Register | None = None) -> Foreseen:
        from storage.rehearsal import snapshot

        async with self._turn:
            if changed is None and (known := await self._known((first, last))):
                return known
            taken = await snapshot(self._store, self._bot.clock.now())
            register, real = taken.register, self._bot.clock.real()
            found = await asyncio.to_thread(self._play, taken, first, last, changed)
            if changed is None:
                self._before = _Before((first, last), register, real, found)
            return found

    async def _known(self, asked: tuple[date, date]) -> Foreseen | None:
        before, real = self._before, self._bot.clock.real()
        if before is None or before.asked != asked or not before.at <= real < before.at + KEPT:
            return None
        async with self._store.read() as tx:  # the store reads the register anew only when it has changed
            return before.found if await tx.register() is before.register else None

    def _play(self, taken: "State", first: date, last: date, changed: Register | None) -> Foreseen:
        """In a thread with a loop of its own: the bot's goes on meanwhile."""
        from storage.memory import Memory

        taken.register = changed or taken.register
        memory = Memory(taken)
        return asyncio.run(rehearse(replace(self._bot, storage=memory), memory.waiting, first, last))
