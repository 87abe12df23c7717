"""A bot that runs: its web server, its heartbeats and its way of stopping."""

import asyncio
import errno
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Protocol

import structlog
from aiohttp import web

from bot.ports import Chat
from scheduler.deliver import Delivery
from scheduler.jobs import Heartbeats
from scheduler.pace import Pace
from smbot.health import Health
from smbot.wiring import Parts

log = structlog.get_logger("smbot")
ALWAYS = ("/healthz", "/readyz", "/metrics")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CannotStart(Exception):
    """The bot cannot start; `key` and `values` are the text that says why and what to do."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


class Transport(Protocol):
    """How requests come in beside the page."""

    async def stop(self, within: float = 8) -> bool:
        """Take no new request; those under way are answered. Whether all ended in so many seconds."""
        ...


class Service:
    """Web server, heartbeats and delivery of one process.

    Before `until_stopped`: routes are added to `app`, what must have begun to `at_start`, what runs along to `beside`,
    what is let go of when nothing runs any more to `at_end`.
    """

    def __init__(
        self,
        parts: Parts,
        chats: Sequence[Chat],
        paces: Mapping[str, Pace] | None = None,
        *,
        moved: bool = False,
    ) -> None:
        self._parts = parts
        self.delivery = Delivery(parts.bot, chats, parts.owner, paces)
        self.heartbeats = Heartbeats(parts.bot, self.delivery, parts.clock, watch=moved)
        self.health = Health(parts, self.heartbeats)
        self.app = web.Application(middlewares=[self._while_serving])
        self.health.mount(self.app)
        self.transports: list[Transport] = []
        self.at_start: list[Callable[[], Awaitable[None]]] = []
        self.at_end: list[Callable[[], Awaitable[None]]] = []
        self.beside: list[Callable[[], Coroutine[None, None, None]]] = []
        self._tasks: list[asyncio.Task[None]] = []
        parts.nudge.listener = self.heartbeats.nudge

    async def until_stopped(self, host: str, port: int, ready: Callable[[], None]) -> None:
        """Serve until SIGTERM or SIGINT. Raises CannotStart when the port is taken."""
        stop = asyncio.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, stop.set)
        runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=2)
        await runner.setup()
        try:
            await _listen(runner, host, port)
            self.heartbeats.start()
            for begin in self.at_start:
                await begin()
            self._tasks = [watched(work()) for work in self.beside]
            ready()
            await stop.wait()
        finally:
            await self._stop(runner)

    async def _stop(self, runner: web.AppRunner) -> None:
        """No new requests; what runs ends, within 8 s; then the database is given back."""
        self.health.stopping = True
        log.info("stopping")
        for task in self._tasks:
            task.cancel()
        ends = [transport.stop() for transport in self.transports]
        await asyncio.gather(self.heartbeats.stop(), *ends, *self._tasks, return_exceptions=True)
        await runner.cleanup()
        for end in self.at_end:
            await end()
        await self._parts.store.close()
        log.info("stopped")

    @web.middleware
    async def _while_serving(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self.health.stopping and request.path not in ALWAYS:
            raise web.HTTPServiceUnavailable(text="Stopping.\n")
        return await handler(request)


def watched(work: Coroutine[None, None, None]) -> asyncio.Task[None]:
    """A task for as long as the process runs: if it ends before, the log says so."""
    task = asyncio.create_task(work, name=getattr(work, "__name__", ""))
    task.add_done_callback(_say_end)
    return task


def _say_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        trouble = task.exception()
        log.error("task_ended", task=task.get_name(), error=type(trouble).__name__, exc_info=trouble)


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart("setup.port_taken", host=host, port=port) from error
        raise CannotStart("setup.cannot_listen", host=host, port=port) from error
