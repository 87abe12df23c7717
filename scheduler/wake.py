"""One pass over the cases that have something to say."""

from datetime import datetime

from bot.service import passes
from bot.service.base import Bot


async def run_pass(bot: Bot, now: datetime) -> int:
    """Wake each case that is due in its own try, so that a poisoned one stops no other; gives how many were due."""
    idents = await passes.due(bot, now)
    for ident in idents:
        try:
            await passes.wake(bot, ident, now)
        except Exception as trouble:
            await _failed(bot, ident, now, trouble)
    return len(idents)


async def _failed(bot: Bot, ident: str, now: datetime, trouble: Exception) -> None:
    try:
        await passes.failed(bot, ident, now, trouble)
    except Exception as worse:
        bot.trouble(bot.ids.new(), worse)
