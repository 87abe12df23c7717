"""Telling open pages that something changed: server-sent events. They carry news, never a card."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Literal

from aiohttp import web

PULSE_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class News:
    """What changed: a message was posted or edited in `channel`, or the clock was moved."""

    what: Literal["post", "edit", "clock"]
    channel: str = ""
    title: str = ""


class Bus:
    """Hands news to every open page of this process. A page that cannot keep up looks for itself instead."""

    def __init__(self) -> None:
        self._open: set[asyncio.Queue[News | None]] = set()

    def publish(self, news: News) -> None:
        for queue in self._open:
            if not queue.full():
                queue.put_nowait(news)

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        for queue in self._open:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    @contextmanager
    def listen(self) -> Iterator["asyncio.Queue[News | None]"]:
        queue: asyncio.Queue[News | None] = asyncio.Queue(100)
        self._open.add(queue)
        try:
            yield queue
        finally:
            self._open.discard(queue)


async def stream(bus: Bus, request: web.Request, mine: str) -> web.StreamResponse:
    """Send news until the page goes away. Of direct messages, only those in `mine`."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    with bus.listen() as queue, suppress(ConnectionError):  # the page went away
        await response.prepare(request)
        await response.write(b": here\n\n")
        while (line := await _next(queue, mine)) is not None:
            await response.write(line)
    return response


async def _next(queue: "asyncio.Queue[News | None]", mine: str) -> bytes | None:
    """The next line for a page, a sign of life when there is no news, or None at the end."""
    try:
        news = await asyncio.wait_for(queue.get(), PULSE_SECONDS)
    except TimeoutError:
        return b": still here\n\n"
    if news is None:
        return None
    hidden = news.channel.startswith("dm:") and news.channel != mine
    return b": not for you\n\n" if hidden else f"data: {json.dumps(asdict(news))}\n\n".encode()
