"""The Bot Connector's REST interface: conversations, activities, members."""

import asyncio
import inspect
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from tests.fakes.teams.checks import Wrong, check
from tests.fakes.teams.limits import Fault, Faults, Limits
from tests.fakes.teams.state import Json, Message, Place, Space, User
from tests.fakes.teams.tokens import Tokens

HOOKED = {"create", "post", "targeted", "put", "delete"}
PAGE = 100
UNKNOWN = "TargetedMessagesNotSupported"
"""What a client is answered with that has no targeted messages; Microsoft names no code, the bot must not look at it."""
Hook = Callable[..., Any]


class Dropped(Exception):
    """The connection is to die without an answer."""


@dataclass
class Call:
    """One request of the bot. `place` is the conversation without its message, `root` the thread's first message.

    Methods: create, post, targeted, put, delete, members, member, pagedmembers, channels. `at` is
    time.perf_counter() at arrival, `peer` the bot's (host, port).
    """

    method: str
    place: str
    root: str = ""
    item: str = ""  # the activity, the person or the team that the address names
    body: Any = None
    at: float = 0.0
    peer: tuple[str, int] | None = None
    query: dict[str, str] = field(default_factory=dict)
    status: int = 0
    code: str = ""
    fault: str = ""
    answer: Any = None


class Connector:
    """Answers the bot's calls as Teams would. `targeting` off: a client that knows no targeted messages."""

    def __init__(self, space: Space, tokens: Tokens, limits: Limits, faults: Faults) -> None:
        self.space, self.tokens, self.limits, self.faults = space, tokens, limits, faults
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.targeting = True
        self.targeting_refusal = 403
        self.page = PAGE
        self.delay = 0.0
        self.on_arrived: Hook | None = None
        self.on_stored: Hook | None = None
        self._released = asyncio.Event()

    def mount(self, app: web.Application) -> None:
        add = app.router.add_route
        add("POST", "/{region}/{tenant}/v3/conversations", self.create)
        add("POST", "/{region}/{tenant}/v3/conversations/{id}/activities", self.post)
        add("POST", "/{region}/{tenant}/v3/conversations/{id}/activities/{item}", self.post)
        add("PUT", "/{region}/{tenant}/v3/conversations/{id}/activities/{item}", self.put)
        add("DELETE", "/{region}/{tenant}/v3/conversations/{id}/activities/{item}", self.delete)
        add("GET", "/{region}/{tenant}/v3/conversations/{id}/members", self.members)
        add("GET", "/{region}/{tenant}/v3/conversations/{id}/pagedmembers", self.pagedmembers)
        add("GET", "/{region}/{tenant}/v3/conversations/{id}/members/{item}", self.member)
        add("GET", "/{region}/{tenant}/v3/teams/{item}/conversations", self.channels)

    def release(self) -> None:
        self._released.set()

    # -- one call -------------------------------------------------------------------------------

    async def create(self, request: web.Request) -> web.StreamResponse:
        return await self._answered(request, "create", self._create, 201)

    async def post(self, request: web.Request) -> web.StreamResponse:
        targeted = request.query.get("isTargetedActivity") == "true"
        return await self._answered(request, "targeted" if targeted else "post", self._post, 201)

    async def put(self, request: web.Request) -> web.StreamResponse:
        return await self._answered(request, "put", self._put, 200)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        return await self._answered(request, "delete", self._delete, 200)

    async def members(self, request: web.Request) -> web.StreamResponse:
        return await self._answered(request, "members", self._members, 200)

    async def pagedmembers(self, request: web.Request) -> web.StreamResponse:
        return await self._answered(request, "pagedmembers", self._pagedmembers, 200)

    async def member(self, request: web.Request) -> web.StreamResponse:
        return await self._answered(request, "member", self._member, 200)

    async def channels(self, request: web.Request) -> web.StreamResponse:
        return await self._answered(request, "channels", self._channels, 200)

    async def _answered(
        self, request: web.Request, method: str, work: Callable[[Call], Any], status: int
    ) -> web.StreamResponse:
        call = await self._read(request, method)
        self.calls.append(call)
        try:
            response = await self._run(request, call, work, status)
        except Wrong as wrong:
            response = self._refused(call, wrong)
        except Dropped:
            call.fault = call.fault or "dropped"
            if request.transport:
                request.transport.abort()
            return web.Response(status=500)
        finally:
            self.space.changed()
        call.status = response.status
        return response

    async def _read(self, request: web.Request, method: str) -> Call:
        place, _, root = unquote(request.match_info.get("id", "")).partition(";messageid=")
        name = request.transport.get_extra_info("peername") if request.transport else None
        peer = tuple(name[:2]) if name else None
        item, at = unquote(request.match_info.get("item", "")), time.perf_counter()
        call = Call(method, place, root, item, None, at, peer, dict(request.query))
        text = await request.text()
        try:
            call.body = json.loads(text) if text else None
        except json.JSONDecodeError:
            call.body = text
        call.place = place or self._meant(call.body)
        return call

    @staticmethod
    def _meant(body: Any) -> str:
        """The channel, or the person, for whom a conversation is created."""
        if not isinstance(body, dict):
            return ""
        channel = ((body.get("channelData") or {}).get("channel") or {}).get("id")
        return str(channel or next((m.get("id") for m in body.get("members") or []), ""))

    async def _run(
        self, request: web.Request, call: Call, work: Callable[[Call], Any], status: int
    ) -> web.StreamResponse:
        await asyncio.sleep(self.delay)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not self.tokens.good(token):
            raise Wrong(401, "Unauthorized", "Authorization has been denied for this request.")
        if call.method in HOOKED and self.on_arrived and await self._hook(self.on_arrived, call):
            raise Dropped
        fault = self.faults.take(call.method, call.place)
        if fault and (early := await self._before(fault, call)):
            return early
        if wait := self.limits.wait(call.method, call.place, request.match_info["tenant"]):
            return self._limited(call, wait)
        body = await self._done(call, work)
        if fault and fault.how in {"close_after", "hang_after"}:
            await self._after(fault, call)
        return self._json(call, status, body)

    async def _done(self, call: Call, work: Callable[[Call], Any]) -> Any:
        """The work, and the hook on what it has stored."""
        self._stored: Message | None = None
        body = work(call)
        stored = self._stored
        if stored and self.on_stored and await self._hook(self.on_stored, call, stored):
            raise Dropped
        return body

    @staticmethod
    async def _hook(hook: Hook, *args: Any) -> Any:
        result = hook(*args)
        return await result if inspect.isawaitable(result) else result

    # -- answers --------------------------------------------------------------------------------

    @staticmethod
    def _json(call: Call, status: int, body: Any, **headers: str) -> web.Response:
        call.answer = body
        if body is None:
            return web.Response(status=status, headers=headers)
        return web.json_response(body, status=status, headers=headers)

    def _refused(self, call: Call, wrong: Wrong) -> web.Response:
        call.code = wrong.code
        if wrong.status in {400, 413} and wrong.code != UNKNOWN:
            self.violations.append(f"{call.method} {call.place}: {wrong.code}, {wrong.message}")
        return self._json(call, wrong.status, {"error": {"code": wrong.code, "message": wrong.message}})

    def _limited(self, call: Call, wait: int) -> web.Response:
        call.code = "TooManyRequests"
        error = {"error": {"code": call.code, "message": "API calls quota exceeded!"}}
        return self._json(call, 429, error, **{"Retry-After": str(wait)})

    async def _before(self, fault: Fault, call: Call) -> web.Response | None:
        call.fault = fault.how
        match fault.how:
            case "status":
                return self._faulty(fault, call)
            case "hang":
                await self._after(fault, call)
            case "close_before":
                raise Dropped
            case "slow":
                await asyncio.sleep(fault.seconds)
        return None

    def _faulty(self, fault: Fault, call: Call) -> web.Response:
        call.code = fault.code
        wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        if fault.body == "json":
            return self._json(call, fault.status, fault.error(), **wait)
        text = "<html><body>Down</body></html>" if fault.body == "html" else None
        return web.Response(status=fault.status, text=text, content_type="text/html", headers=wait)

    async def _after(self, fault: Fault, call: Call) -> None:
        """No answer: at once, or only when the fake is stopped."""
        call.fault = fault.how
        if fault.how != "close_after":
            await self._released.wait()
        raise Dropped

    # -- conversations --------------------------------------------------------------------------

    def _blame(self, call: Call, found: list[str]) -> None:
        self.violations += [f"{call.method} {call.place}: {fault}" for fault in found]

    def _create(self, call: Call) -> Json:
        body = call.body
        if not isinstance(body, dict):
            raise Wrong(400, "BadSyntax", "no JSON object")
        data = body.get("channelData") or {}
        self._check_origin(call, data, body)
        if body.get("isGroup") or data.get("channel"):
            return self._new_thread(call, body)
        return self._new_personal(call, body)

    def _check_origin(self, call: Call, data: Json, body: Json) -> None:
        tenant = body.get("tenantId") or (data.get("tenant") or {}).get("id")
        known = {u.tenant for u in self.space.users.values()} | {self.space.tenant}
        if tenant not in known:
            raise Wrong(400, "BadArgument", f"tenant {tenant!r}")
        if (body.get("bot") or {"id": self.space.bot}).get("id") != self.space.bot:
            self._blame(call, [f"bot {body['bot']}"])

    def _new_thread(self, call: Call, body: Json) -> Json:
        if not body.get("activity") or not body.get("isGroup"):
            raise Wrong(400, "BadSyntax", "a channel's thread needs isGroup and its first activity")
        place = self._place(call)
        if place.kind != "channel":
            raise Wrong(403, "Forbidden", "new group chats cannot be made")
        message = self._keep(call, place, body["activity"])
        return {"id": f"{place.id};messageid={message.id}", "activityId": message.id}

    def _new_personal(self, call: Call, body: Json) -> Json:
        members = body.get("members") or []
        if len(members) != 1:
            raise Wrong(400, "BadArgument", "a personal chat has one member beside the bot")
        person = self.space.person(str(members[0].get("id")))
        if person is None:
            raise Wrong(400, "BadArgument", "unknown member")
        if person.id not in self.space.installed:
            raise Wrong(
                403, "ForbiddenOperationException", "The bot is not installed in user's personal scope"
            )
        if body.get("activity"):
            self._blame(call, ["an activity with a personal chat, which Teams does not send"])
        return {"id": self.space.personal(person.id).id}

    def _place(self, call: Call) -> Place:
        """The place that the call is about. Raises Wrong where it is gone, or the bot is not there."""
        place = self.space.places.get(call.place)
        if place is None or place.deleted:
            raise Wrong(404, "ConversationNotFound", "Conversation not found.")
        if not self.space.has_app(place):
            message = "The bot is not part of the conversation roster."
            raise Wrong(403, "BotNotInConversationRoster", message)
        return place

    # -- activities -----------------------------------------------------------------------------

    def _keep(self, call: Call, place: Place, body: Any, root: str = "", to: str = "") -> Message:
        if place.blocked:
            raise Wrong(403, "MessageWritesBlocked", "The user has blocked the conversation with the bot.")
        self._blame(call, check(body, place, self.space))
        name = self.space.message_id()
        key = f"1:{name}" if place.kind == "personal" else name
        message = Message(key, place.id, "", body, self.space.now(), root, to)
        if body["type"] == "message":
            self._stored = self.space.store(message)
        return message

    def _root(self, call: Call, place: Place) -> str:
        """The thread that is replied to. Raises Wrong for a thread that is not there."""
        named = call.root or (call.item if place.kind == "channel" else "")
        if named and place.kind != "channel":
            raise Wrong(400, "BadArgument", "only channels have threads")
        found = self.space.find(place.id, named) if named else None
        if named and found is None:
            raise Wrong(404, "ActivityNotFoundInConversation", "no such thread")
        return (found.root or found.id) if found else ""

    def _post(self, call: Call) -> Json:
        place = self._place(call)
        root = self._root(call, place)
        to = self._target(call, place) if call.method == "targeted" else ""
        return {"id": self._keep(call, place, call.body, root, to).id}

    def _target(self, call: Call, place: Place) -> str:
        if not self.targeting:
            raise Wrong(self.targeting_refusal, UNKNOWN)
        if place.kind == "personal":
            raise Wrong(400, "BadArgument", "targeted messages are not for personal chats")
        named = ((call.body or {}).get("recipient") or {}).get("id")
        person = self.space.person(str(named))
        if person is None or person not in self.space.members(place):
            raise Wrong(400, "BadArgument", f"recipient {named!r} is no member")
        return person.id

    def _own(self, call: Call) -> tuple[Place, Message]:
        place = self._place(call)
        message = self.space.find(place.id, call.item)
        if message is None or message.user:
            raise Wrong(404, "ActivityNotFoundInConversation", "The activity was not found.")
        return place, message

    def _put(self, call: Call) -> Json:
        place, message = self._own(call)
        if place.blocked:
            raise Wrong(403, "MessageWritesBlocked")
        self._blame(call, check(call.body, place, self.space))
        message.body, message.edits = call.body, message.edits + 1
        self._stored = message
        return {"id": message.id}

    def _delete(self, call: Call) -> None:
        _, message = self._own(call)
        if message.targeted_to and call.query.get("isTargetedActivity") != "true":
            raise Wrong(404, "ActivityNotFoundInConversation", "a targeted message")
        message.deleted = True
        self._stored = message

    # -- people and channels --------------------------------------------------------------------

    def _members(self, call: Call) -> list[Json]:
        return [user.member() for user in self.space.members(self._place(call))]

    def _pagedmembers(self, call: Call) -> Json:
        there = self._members(call)
        asked = int(call.query.get("pageSize", "200"))
        if not 50 <= asked <= 500:
            self._blame(call, [f"pageSize {asked}, not 50 to 500"])
        begin = int(call.query.get("continuationToken", "0") or 0)
        end = begin + min(asked, self.page)
        more = {"continuationToken": str(end)} if end < len(there) else {}
        return {"members": there[begin:end], **more}

    def _member(self, call: Call) -> Json:
        person: User | None = self.space.person(call.item)
        if person is None or person not in self.space.members(self._place(call)):
            raise Wrong(404, "MemberNotFoundInConversation", "The member was not found.")
        return person.member()

    def _channels(self, call: Call) -> Json:
        team = self.space.teams.get(call.item)
        if team is None or team.deleted:
            raise Wrong(404, "NotFound", "no such team")
        if not team.installed:
            raise Wrong(403, "BotNotInConversationRoster")
        own = [p for p in self.space.places.values() if p.team == team.id and not p.deleted]
        shown = [p for p in own if p.sharing == "standard"]
        return {"conversations": [{"id": p.id, "name": p.name, "type": p.sharing} for p in shown]}
