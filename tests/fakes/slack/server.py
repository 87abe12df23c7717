"""The HTTP side of the fake: `/api/METHOD`, response addresses and the Socket Mode link."""

import asyncio
import inspect
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.slack.limits import Fault, Faults, Limits
from tests.fakes.slack.methods import NEEDS
from tests.fakes.slack.state import (
    RESPONSE_URL_SECONDS,
    RESPONSE_URL_USES,
    Json,
    Message,
    ResponseUrl,
    SlackError,
)
from tests.fakes.slack.views import ViewMethods

POSTS = {"chat.postMessage", "chat.postEphemeral", "chat.update"}
PARSED = ("blocks", "attachments", "metadata", "view")
BAD_JSON = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
KNOWN = {
    "auth.test",
    "apps.connections.open",
    "chat.postMessage",
    "chat.update",
    "chat.delete",
    "chat.postEphemeral",
    "chat.getPermalink",
    "conversations.info",
    "conversations.list",
    "conversations.members",
    "conversations.open",
    "conversations.history",
    "conversations.replies",
    "files.info",
    "team.info",
    "users.info",
    "users.list",
    "users.lookupByEmail",
    "views.open",
    "views.push",
    "views.update",
    "views.publish",
}

Hook = Callable[..., Any]


class Dropped(Exception):
    """The connection is to die without an answer."""


@dataclass
class Call:
    """One request of the bot. `at` is time.perf_counter() at arrival, `peer` the bot's (host, port)."""

    method: str
    args: Json
    at: float
    peer: tuple[str, int] | None = None
    status: int = 0
    error: str | None = None
    fault: str | None = None
    answer: Json = field(default_factory=dict)

    @property
    def channel(self) -> str | None:
        return self.args.get("channel")


async def arguments(request: web.Request) -> Json:
    """Query, form or JSON body as one table; the JSON strings of forms are read."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except json.JSONDecodeError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        args |= body
    else:
        args |= dict(await request.post())
    for key in PARSED:
        if isinstance(args.get(key), str) and args[key]:
            try:
                args[key] = json.loads(args[key])
            except json.JSONDecodeError:
                raise SlackError(BAD_JSON.get(key, "invalid_arguments")) from None
    return {k: v for k, v in args.items() if v is not None}


class Server:
    """Listens on a free port of 127.0.0.1 and turns requests into calls of the methods."""

    def __init__(
        self, methods: ViewMethods, limits: Limits, faults: Faults, bot_token: str, app_token: str
    ) -> None:
        self.methods, self.limits, self.faults = methods, limits, faults
        self.bot_token, self.app_token = bot_token, app_token
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.delay = 0.0
        self.on_arrived: Hook | None = None
        self.on_stored: Hook | None = None
        self.link: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
        self.new_ticket: Callable[[], str] = lambda: ""
        self.base = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=4 * 1024**2)
        app.router.add_route("*", "/api/{method}", self.api)
        app.router.add_post("/response/{key}", self.response_url)
        app.router.add_get("/link/", self.socket)
        app.router.add_get("/files-pri/{file}/{name}", self.download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def socket(self, request: web.Request) -> web.StreamResponse:
        if self.link is None:
            return web.Response(status=404)
        return await self.link(request)

    # ---- one API call

    async def api(self, request: web.Request) -> web.StreamResponse:
        call = Call(request.match_info["method"], {}, time.perf_counter(), self._peer(request))
        self.calls.append(call)
        try:
            response = await self._answer(request, call)
        except Dropped:
            call.fault = call.fault or "dropped"
            if request.transport:
                request.transport.abort()
            return web.Response(status=500)
        finally:
            self.methods.space.changed()
        call.status = response.status
        return response

    @staticmethod
    def _peer(request: web.Request) -> tuple[str, int] | None:
        name = request.transport.get_extra_info("peername") if request.transport else None
        return tuple(name[:2]) if name else None

    async def _answer(self, request: web.Request, call: Call) -> web.Response:
        if self.delay:
            await asyncio.sleep(self.delay)
        try:
            call.args = await arguments(request)
            self._authorise(request, call)
            channel = call.args.get("channel")
            if call.method in POSTS and self.on_arrived and await self._hook(self.on_arrived, call):
                raise Dropped
            fault = self.faults.take(call.method, channel)
            if fault and (early := await self._before(fault, call)):
                return early
            if wait := self.limits.wait(call.method, channel):
                return self._limited(call, wait)
            body = await self._run(call)
        except SlackError as error:
            return self._refused(call, error)
        if fault:
            await self._after(fault, call)
        return self._json(call, {"ok": True, **body})

    def _authorise(self, request: web.Request, call: Call) -> None:
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ") or str(call.args.pop("token", ""))
        call.args.pop("token", None)
        if not token:
            raise SlackError("not_authed")
        wanted = self.app_token if call.method == "apps.connections.open" else self.bot_token
        if token != wanted:
            known = token in {self.app_token, self.bot_token}
            raise SlackError("not_allowed_token_type" if known else "invalid_auth")
        if call.method not in KNOWN:
            raise SlackError("unknown_method", req_method=call.method)
        if call.method in NEEDS:
            self.methods.need(NEEDS[call.method])

    async def _run(self, call: Call) -> Json:
        if call.method == "apps.connections.open":
            return {"url": self.new_ticket()}
        self.methods.last_stored = None
        body: Json = getattr(self.methods, call.method.replace(".", "_"))(call.args)
        stored = self.methods.last_stored
        if stored and self.on_stored and await self._hook(self.on_stored, call, stored):
            raise Dropped
        return body

    @staticmethod
    async def _hook(hook: Hook, *args: Any) -> Any:
        result = hook(*args)
        return await result if inspect.isawaitable(result) else result

    # ---- answers

    def _json(self, call: Call, body: Json, status: int = 200, **headers: str) -> web.Response:
        call.answer = body
        accepted = NEEDS.get(call.method, "")
        scopes = ",".join(sorted(self.methods.scopes))
        headers |= {"x-oauth-scopes": scopes, "x-accepted-oauth-scopes": accepted}
        return web.json_response(body, status=status, headers=headers)

    def _refused(self, call: Call, error: SlackError) -> web.Response:
        call.error = error.error
        body: Json = {"ok": False, "error": error.error, **error.extra}
        if error.detail:
            body["response_metadata"] = {"messages": [f"[ERROR] {line}" for line in error.detail]}
        if error.detail or error.error in {
            "unknown_method",
            "no_text",
            "msg_too_long",
            "msg_blocks_too_long",
        }:
            self.violations.append(f"{call.method}: {error.error} {'; '.join(error.detail)}".strip())
        return self._json(call, body)

    def _limited(self, call: Call, wait: int) -> web.Response:
        call.error = "ratelimited"
        answer = self._json(call, {"ok": False, "error": "ratelimited"}, 429)
        answer.headers["Retry-After"] = str(wait)
        return answer

    async def _before(self, fault: Fault, call: Call) -> web.Response | None:
        """The answer (or death) of a fault that comes before anything is stored."""
        call.fault = fault.how
        match fault.how:
            case "429":
                return self._limited(call, max(1, round(fault.seconds)))
            case "500":
                return web.Response(status=500, text="Internal Server Error")
            case "html":
                return web.Response(
                    status=503, text="<html><body>Down</body></html>", content_type="text/html"
                )
            case "garbage":
                return web.Response(text='{"ok": tr', content_type="application/json")
            case "reset_before_store":
                raise Dropped
            case "timeout":
                await asyncio.sleep(fault.seconds)
                raise Dropped
            case "slow":
                await asyncio.sleep(fault.seconds)
        if fault.how.startswith("error:"):
            return self._refused(call, SlackError(fault.how.removeprefix("error:")))
        return None

    async def _after(self, fault: Fault, call: Call) -> None:
        if fault.how == "reset_after_store":
            raise Dropped
        if fault.how == "timeout_after_store":
            await asyncio.sleep(fault.seconds)
            raise Dropped

    # ---- files

    async def download(self, request: web.Request) -> web.Response:
        """A file's bytes for the bot's token; else Slack's page for signing in (docs, "Working with files")."""
        self.calls.append(
            Call("download", dict(request.match_info), time.perf_counter(), self._peer(request))
        )
        file = self.methods.space.files.get(request.match_info["file"])
        if request.headers.get("Authorization") != f"Bearer {self.bot_token}" or file is None:
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        return web.Response(body=file.data, content_type="text/csv")

    # ---- response addresses

    def new_response_url(self, user: str, channel: str, message: Message | None = None) -> str:
        space = self.methods.space
        key = space.mint("R0")
        space.response_urls[key] = ResponseUrl(user, channel, space.now(), message)
        return f"{self.base}/response/{key}"

    async def response_url(self, request: web.Request) -> web.Response:
        call = Call("response_url", {}, time.perf_counter(), self._peer(request))
        self.calls.append(call)
        try:
            call.args = await arguments(request)
            self._respond(self._spend_url(request.match_info["key"]), call.args)
        except SlackError as error:
            status = 404 if error.error in {"expired_url", "used_url"} else 400
            self._refused(call, error)
            call.status = status
            return web.json_response({"ok": False, "error": error.error}, status=status)
        call.status = 200
        return web.Response(text="ok")

    def _spend_url(self, key: str) -> ResponseUrl:
        space = self.methods.space
        address = space.response_urls.get(key)
        if address is None or space.now() - address.at > RESPONSE_URL_SECONDS:
            raise SlackError("expired_url")
        if address.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        address.uses += 1
        return address

    def _respond(self, address: ResponseUrl, args: Json) -> None:
        methods, space, source = self.methods, self.methods.space, address.message
        if args.get("delete_original") and source:
            source.deleted = True
            space.changed()
            return
        text, blocks, attachments = methods.content(args)
        if args.get("replace_original") and source:
            methods.rewrite(source, text, blocks, attachments)
        elif args.get("response_type") == "in_channel":
            thread = methods.parent(space.channels[address.channel], args.get("thread_ts"))
            message = Message(space.ts(), address.channel, space.bot_user, text, blocks, attachments, thread)
            space.store(message)
            methods.alert(space.channels[address.channel], message)
        else:
            methods.ephemeral(address.user, address.channel, text, blocks, attachments, args.get("thread_ts"))
