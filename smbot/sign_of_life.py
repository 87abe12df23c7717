"""A sign of life to a monitoring address each minute: when it stays away, somebody there is told (a dead man's switch)."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import structlog

log = structlog.get_logger("smbot")
SECONDS = 10
"""How long one sign may take."""


class SignOfLife:
    """Sends one where all is well, and none where it is not. What goes wrong does no harm, and is said once.

    The address may hold a token: no log line has it, nor an error's words, which might quote it.
    """

    def __init__(self, url: str, every: float, well: Callable[[], Awaitable[bool]]) -> None:
        self._url, self._every, self._well = url, every, well
        self._trouble = ""

    async def forever(self) -> None:
        """Until it is cancelled."""
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
            while True:
                await self.once(session)
                await asyncio.sleep(self._every)

    async def once(self, session: aiohttp.ClientSession) -> None:
        self._note(await self._sent(session))

    async def _sent(self, session: aiohttp.ClientSession) -> str:
        """What kept it from being sent; "" when it arrived."""
        try:
            if not await self._well():
                return "not_well"
            async with session.get(self._url, allow_redirects=False) as answer:
                return "" if answer.ok and answer.status < 300 else f"status {answer.status}"
        except Exception as error:
            return type(error).__name__

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            log.warning("no_sign_of_life", why=trouble)
        elif self._trouble and not trouble:
            log.info("sign_of_life_again")
        self._trouble = trouble
