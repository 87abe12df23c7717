"""From Slack to the bot: signed HTTP with redelivery, or Socket Mode envelopes."""

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.fakes.slack.state import Json

RETRIES = (0.0, 60.0, 300.0)  # seconds before the first, second and third redelivery
MOST_CONNECTIONS = 10


@dataclass
class Answer:
    """What the bot gave back. error: timeout, connection_failed, http_error or None."""

    status: int | None = None
    body: Any = ""
    seconds: float = 0.0
    error: str | None = None
    final: bool = False  # X-Slack-No-Retry: an event is not sent again

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass
class Request:
    """One thing to tell the bot. kind: slash_commands, interactive, events_api."""

    kind: str
    payload: Json
    retry: int = 0
    reason: str = ""


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


class HttpDelivery:
    """POSTs to the bot's address as Slack does; with several addresses one is drawn each time."""

    def __init__(self, secret: str, seed: int, within: float) -> None:
        self.secret, self.within = secret, within
        self.random = random.Random(seed)
        self.target: str | list[str] = ""
        self.on_sent: Callable[[], Any] | None = None
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        trace = aiohttp.TraceConfig()
        trace.on_request_chunk_sent.append(self._sent)
        self._session = aiohttp.ClientSession(trace_configs=[trace])

    async def _sent(self, *_: Any) -> None:
        if self.on_sent:
            self.on_sent()

    async def stop(self) -> None:
        if self._session:
            await self._session.close()

    def headers(self, body: str, kind: str) -> dict[str, str]:
        at = str(int(time.time()))
        digest = hmac.new(self.secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
        form = "application/json" if kind == "events_api" else "application/x-www-form-urlencoded"
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}", "Content-Type": form}

    @staticmethod
    def encode(request: Request) -> str:
        if request.kind == "events_api":
            return json.dumps(request.payload)
        if request.kind == "slash_commands":
            return urlencode({k: v for k, v in request.payload.items() if v is not None})
        return urlencode({"payload": json.dumps(request.payload)})

    async def send(self, request: Request) -> Answer:
        """The bot's answer, waited for 3 s."""
        if not self._session or not self.target:
            return Answer(error="connection_failed")
        body = self.encode(request)
        headers = self.headers(body, request.kind)
        if request.retry:
            headers |= {"X-Slack-Retry-Num": str(request.retry), "X-Slack-Retry-Reason": request.reason}
        target = self.target if isinstance(self.target, str) else self.random.choice(self.target)
        limit = aiohttp.ClientTimeout(total=self.within)
        begun = time.perf_counter()
        try:
            async with self._session.post(
                target, data=body.encode(), headers=headers, timeout=limit
            ) as response:
                text = await response.text()
        except TimeoutError:
            return Answer(seconds=time.perf_counter() - begun, error="http_timeout")
        except aiohttp.ClientError:
            return Answer(seconds=time.perf_counter() - begun, error="connection_failed")
        error = None if 200 <= response.status < 300 else "http_error"
        final = response.headers.get("X-Slack-No-Retry") == "1"
        return Answer(response.status, parsed(text), time.perf_counter() - begun, error, final)


@dataclass(eq=False)
class Connection:
    socket: web.WebSocketResponse
    peer: tuple[str, int] | None
    waiting: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    leaving: bool = False  # told to go, gets nothing new
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class SocketDelivery:
    """Socket Mode: any open connection may get any envelope."""

    def __init__(self, seed: int, within: float, app_id: str, changed: Callable[[], None]) -> None:
        self.within, self.app_id, self.changed = within, app_id, changed
        self.random = random.Random(seed)
        self.connections: list[Connection] = []
        self.tickets: set[str] = set()
        self.base = ""
        self.on_sent: Callable[[], Any] | None = None

    async def start(self) -> None:
        """Nothing to do: the bot comes to us."""

    async def stop(self) -> None:
        for connection in list(self.connections):
            await connection.socket.close()

    def ticket(self) -> str:
        """A fresh address of a WebSocket, good for one connection."""
        ticket = f"{self.random.getrandbits(64):016x}"
        self.tickets.add(ticket)
        return f"{self.base.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={self.app_id}"

    async def link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=404, text="link expired")
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self.connections) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        name = request.transport.get_extra_info("peername") if request.transport else None
        connection = Connection(socket, tuple(name[:2]) if name else None)
        self.connections.append(connection)
        try:
            await self._hello(connection)
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._acked(connection, json.loads(message.data))
        finally:
            self.connections.remove(connection)
            connection.gone.set()
            for future in connection.waiting.values():
                if not future.done():
                    future.set_exception(ConnectionResetError())
            self.changed()
        return socket

    async def _hello(self, connection: Connection) -> None:
        hello = {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {"host": "fake", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self.app_id},
        }
        await connection.socket.send_json(hello)
        self.changed()

    @staticmethod
    def _acked(connection: Connection, message: Json) -> None:
        future = connection.waiting.get(message.get("envelope_id", ""))
        if future and not future.done():
            future.set_result(message.get("payload") or "")

    async def send(self, request: Request) -> Answer:
        """The payload of the bot's acknowledgement, waited for 3 s on the connection that was drawn."""
        begun = time.perf_counter()
        fit = [c for c in self.connections if not c.leaving and not c.socket.closed]
        if not fit:
            return Answer(error="connection_failed")
        connection = self.random.choice(fit)
        envelope = self._envelope(request)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope["envelope_id"]] = future
        try:
            await connection.socket.send_json(envelope)
            if self.on_sent:
                self.on_sent()
            async with asyncio.timeout(self.within):
                body = await future
        except TimeoutError:
            return Answer(seconds=time.perf_counter() - begun, error="http_timeout")
        except ConnectionError:
            return Answer(seconds=time.perf_counter() - begun, error="connection_failed")
        finally:
            connection.waiting.pop(envelope["envelope_id"], None)
        return Answer(200, body, time.perf_counter() - begun)

    def _envelope(self, request: Request) -> Json:
        envelope: Json = {
            "envelope_id": f"{self.random.getrandbits(128):032x}",
            "type": request.kind,
            "payload": request.payload,
            "accepts_response_payload": request.kind != "events_api",
        }
        if request.retry or request.kind == "events_api":
            envelope |= {"retry_attempt": request.retry, "retry_reason": request.reason}
        return envelope

    async def disconnect(
        self, reason: str = "refresh_requested", connection: Connection | None = None, grace: float = 2.0
    ) -> None:
        """Tell connections to go: `warning` leaves them open, the others are closed when their grace is over."""
        told = [connection] if connection else list(self.connections)
        for each in told:
            each.leaving = reason != "warning"
            await each.socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}}
            )
        for each in told:
            if each.leaving:
                await self._farewell(each, grace)

    @staticmethod
    async def _farewell(connection: Connection, grace: float) -> None:
        try:
            async with asyncio.timeout(grace):
                await connection.gone.wait()
        except TimeoutError:
            await connection.socket.close()
