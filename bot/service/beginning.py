"""The first meeting: what an office still lacks before the bot can do its work."""

from bot.service.base import Work


async def lacking(_work: Work) -> tuple[str, ...]:
    return ()
