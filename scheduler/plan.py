"""One pass over what today asks for."""

from datetime import datetime

from bot.service import day
from bot.service.base import Bot


async def run_pass(bot: Bot, now: datetime) -> None:
    """Safe at any time and any number of times: each thing is made under a unique key."""
    await day.plan(bot, now)
