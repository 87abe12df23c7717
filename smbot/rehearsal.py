"""The rehearsal, put together: a copy of what is in the database, played ahead in memory in a thread of its own."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from bot.foreseen import Foreseen
from bot.ports import Rehearsal
from bot.register import Register
from bot.service.base import Bot
from scheduler.rehearse import rehearse

if TYPE_CHECKING:
    from storage.kept import State
    from storage.store import Store


class CopyRehearsal(Rehearsal):
    """Reads the database in one short transaction; what is played stands in memory, and no chat is known there.

    One at a time in a process: ten people who ask at once do not slow the bot down tenfold.
    """

    def __init__(self, bot: Bot, store: "Store") -> None:
        self._bot, self._store = bot, store
        self._turn = asyncio.Lock()

    async def foresee(self, first: date, last: date, changed: Register | None = None) -> Foreseen:
        from storage.rehearsal import snapshot

        async with self._turn:
            taken = await snapshot(self._store, self._bot.clock.now())
            return await asyncio.to_thread(self._play, taken, first, last, changed)

    def _play(self, taken: "State", first: date, last: date, changed: Register | None) -> Foreseen:
        """In a thread with a loop of its own: the bot's goes on meanwhile."""
        from storage.memory import Memory

        taken.register = changed or taken.register
        memory = Memory(taken)
        return asyncio.run(rehearse(replace(self._bot, storage=memory), memory.waiting, first, last))
