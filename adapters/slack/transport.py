"""How Slack reaches us: signed HTTP on our own web server, or Socket Mode over a connection that we open."""

import logging
from typing import Protocol

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.busy import Busy
from adapters.slack.receive import SlackReceiver

PATH = "/slack/events"
LARGEST = 1024**2
"""Bytes of one request; Slack's largest (a view of 250 kB with its state) stay well below."""
log = logging.getLogger("smbot.slack")


class Transport(Protocol):
    async def stop(self, within: float = 8) -> bool:
        """Take nothing new, end what runs; whether all ended in so many seconds."""
        ...


class Http:
    """Slack's requests by signed HTTP. `mount` before the web application starts."""

    def __init__(self, receiver: SlackReceiver, signing_secret: str) -> None:
        self._app, self._busy = receiver.app, receiver.busy
        self._verifier = SignatureVerifier(signing_secret)
        self._stopping = False

    def mount(self, web_app: web.Application, path: str = PATH) -> None:
        web_app.router.add_post(path, self.handle)

    async def handle(self, request: web.Request) -> web.Response:
        """401 for what Slack did not sign (or more than 5 minutes ago), 413 for what is too large, 503 when stopping."""
        if self._stopping:
            return web.Response(status=503)
        if (request.content_length or 0) > LARGEST:
            return web.Response(status=413)
        if "X-Slack-Signature" not in request.headers:
            return web.Response(status=401)
        body = (await request.read()).decode("utf-8", "replace")
        if not self._signed(body, request):
            return web.Response(status=401)
        with self._busy():
            asked = AsyncBoltRequest(body=body, query=request.query_string, headers=dict(request.headers))
            return await to_aiohttp_response(await self._app.async_dispatch(asked))

    def _signed(self, body: str, request: web.Request) -> bool:
        """Before anything is parsed; Bolt looks again."""
        try:
            return self._verifier.is_valid_request(body, dict(request.headers))
        except ValueError:  # a time stamp that is no number
            return False

    async def stop(self, within: float = 8) -> bool:
        self._stopping = True
        return await self._busy.over(within)


class Socket:
    """Slack's requests over Socket Mode. `connect` raises slack_sdk's error for a token that Slack refuses."""

    def __init__(self, receiver: SlackReceiver, app_token: str) -> None:
        self._receiver, self._token = receiver, app_token
        self._handler: _Handler | None = None

    async def connect(self) -> None:
        handler = _Handler(self._receiver.app, self._token, self._receiver.busy)
        self._handler = handler
        handler.client.wss_uri = await handler.client.issue_new_wss_url()
        await handler.client.connect()  # type: ignore[no-untyped-call]

    async def connected(self) -> bool:
        return self._handler is not None and await self._handler.client.is_connected()

    async def stop(self, within: float = 8) -> bool:
        """The connection stays until what runs has been acknowledged; what comes meanwhile goes to another process,
        or comes again."""
        if self._handler is None:
            return True
        self._handler.stopping = True
        ended = await self._receiver.busy.over(within)
        await self._handler.client.close()  # type: ignore[no-untyped-call]
        return ended


class _Handler(AsyncSocketModeHandler):
    client: SocketModeClient

    def __init__(self, app: AsyncApp, app_token: str, busy: Busy) -> None:
        super().__init__(app, app_token, logger=app.logger, web_client=app.client)
        self.busy = busy
        self.stopping = False

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        if self.stopping:
            return
        with self.busy():
            await super().handle(client, req)
