"""The first thing that a bot does after its database came back from a backup."""

import json
from datetime import datetime

from bot.outgoing import RESTORED
from bot.ports import Tx
from bot.service.base import Bot
from scheduler import plan, wake

ROUNDS = 1000
"""So many passes over a hundred cases each at most: a bound, never reached by honest cases."""


async def look_back(bot: Bot) -> datetime | None:
    """Say what is overdue, but in doubt: it may have been said between the backup and the end of the old database.

    So it is looked for where it would stand, as after a crash, and what stands of open cases is shown anew. Gives of
    which moment the backup was; None where there is nothing to see to. A crash on the way: the next start does it.
    """
    async with bot.storage.read() as tx:
        if not await _made(tx):
            return None
    await _say_what_is_due(bot, bot.clock.now())
    async with bot.storage.write() as tx:
        made = await _made(tx)
        if made:  # no other process that started with this one has done it
            await tx.doubt(made)
            await tx.save_fact(RESTORED, "")
    return made


async def _say_what_is_due(bot: Bot, now: datetime) -> None:
    """Cases that wake leave marks, which today's collected messages take."""
    for _ in range(ROUNDS):
        await plan.run_pass(bot, now)
        if not await wake.run_pass(bot, now):
            break


async def _made(tx: Tx) -> datetime | None:
    found = await tx.fact(RESTORED)
    return datetime.fromisoformat(json.loads(found)["made"]) if found else None
