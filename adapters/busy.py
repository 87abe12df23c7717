"""What an adapter is doing, counted, so that a stop can wait for it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Busy:
    def __init__(self) -> None:
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def over(self, within: float) -> bool:
        """Whether all was done in so many seconds."""
        try:
            async with asyncio.timeout(within):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True
