"""Whose turn it is at a place: what renews it goes side by side, what removes it goes alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """In the order in which they are asked for: a removal waits for the renewals before it, and later ones for it.

    Of this process only; what another process renews late is found out when rosters are read, or by what is sent.
    """

    def __init__(self) -> None:
        self._queues: dict[str, list[tuple[bool, asyncio.Event]]] = {}

    @asynccontextmanager
    async def at(self, place: str, *, alone: bool = False) -> AsyncIterator[None]:
        """Whoever holds a turn asks for none at the same place: it would wait for itself."""
        queue = self._queues.setdefault(place, [])
        before = [over for lone, over in queue if lone or alone]
        own = alone, asyncio.Event()
        queue.append(own)
        try:
            for over in before:
                await over.wait()
            yield
        finally:
            own[1].set()
            queue.remove(own)
            if not queue:
                del self._queues[place]
