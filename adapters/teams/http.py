"""How Teams reaches us: POST /api/messages on our own web server, each activity authenticated by ourselves.

botbuilder gets an activity that was let in, and gives back what its handler answered: `process_activity`, never
`process`, which writes no answer with a body (docs/decisions/0008).
"""

import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NoReturn, Protocol

from aiohttp import web
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter
from botbuilder.schema import Activity
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
)

from adapters.busy import Busy
from adapters.teams.answers import in_name_of
from adapters.teams.arrivals import Unfinished
from adapters.teams.validate import Gate, Json, TurnedAway

PATH = "/api/messages"
LARGEST = 1024**2
"""Bytes of one request; a dialog with all its inputs stays well below."""
SHAPE = {
    "type": str, "id": str, "name": str, "channelId": str, "serviceUrl": str, "text": str, "locale": str,
    "from": dict, "recipient": dict, "conversation": dict, "channelData": dict,
}  # fmt: skip
"""What kind of thing must stand where, if anything does: botbuilder takes a number for a type."""
log = logging.getLogger("smbot.teams")


class Receiver(Protocol):
    @property
    def busy(self) -> Busy: ...
    async def on_turn(self, context: TurnContext) -> None: ...


class TeamsHttp:
    """Teams' requests. `mount` before the web application starts.

    `sorry` logs an error that nobody foresaw and gives the words for whoever asked.
    """

    def __init__(self, receiver: Receiver, gate: Gate, sorry: Callable[[BaseException], str]) -> None:
        self._receiver, self._gate, self._sorry = receiver, gate, sorry
        self._adapter = CloudAdapter(_Authentication())
        self._stopping = False

    def mount(self, web_app: web.Application, path: str = PATH) -> None:
        web_app.router.add_post(path, self.handle)

    async def handle(self, request: web.Request) -> web.Response:
        """400 for what is no activity, 401 or 403 for what Teams did not sign, 413 for what is too large, 415 for what does
        not call itself JSON (all that another site's page may send from a browser), 503 when stopping."""
        if self._stopping:
            return web.Response(status=503)
        if (request.content_length or 0) > LARGEST:
            return web.Response(status=413)
        if request.content_type != "application/json":
            return web.Response(status=415)
        body = shaped(await request.read())
        if body is None:
            return web.Response(status=400)
        try:
            claims = await self._gate.admit(request.headers.get("Authorization", ""), body)
        except TurnedAway as refused:
            log.warning("a request was refused: %s", refused)
            return _refusal(refused)
        with self._receiver.busy():
            return await self._admitted(body, claims)

    async def _admitted(self, body: Json, claims: Json) -> web.Response:
        """The SDK reads only what Teams signed: for a megabyte of small things it needs seconds of everybody's time."""
        activity = _activity(body)
        return web.Response(status=400) if activity is None else await self._turn(activity, claims)

    async def _turn(self, activity: Activity, claims: Json) -> web.Response:
        try:
            answer = await self._adapter.process_activity(_let_in(claims), activity, self._receiver.on_turn)
        except Unfinished as error:
            self._sorry(error.__cause__ or error)
            return web.Response(status=500)  # then Teams sends it again
        except Exception as error:
            return _apology(activity, self._sorry(error))
        return _written(answer)

    async def stop(self, within: float = 8) -> bool:
        self._stopping = True
        return await self._receiver.busy.over(within)


def shaped(body: bytes) -> Json | None:
    """The activity as it came; None for what cannot be one."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        return None
    fits = (isinstance(found.get(name), kind) or found.get(name) is None for name, kind in SHAPE.items())
    return found if all(fits) else None


def _activity(body: Json) -> Activity | None:
    """None where the SDK cannot read it: a time stamp that is none, a list where a thing should be."""
    try:
        activity: Activity = Activity().deserialize(body)
    except Exception:  # azure-core's, which nothing here depends on by name
        return None
    return activity


def _refusal(refused: TurnedAway) -> web.Response:
    headers = {"WWW-Authenticate": "Bearer"} if refused.status == HTTPStatus.UNAUTHORIZED else {}
    return web.Response(status=refused.status, headers=headers)


def _written(answer: InvokeResponse | None) -> web.Response:
    """Nothing but an invoke has an answer; its body is plain JSON already."""
    if answer is None:
        return web.Response()
    if answer.body is None:
        return web.Response(status=int(answer.status))
    return web.json_response(answer.body, status=int(answer.status))


def _apology(activity: Activity, words: str) -> web.Response:
    """An error must not become Teams' own red line: a pressed button or a form is answered with words of ours."""
    if activity.type != "invoke":
        return web.Response()
    return web.json_response(in_name_of(str(activity.name or ""), words))


# -- what botbuilder asks for, and must never use -----------------------------------------------


def _let_in(claims: Json) -> AuthenticateRequestResult:
    result = AuthenticateRequestResult()
    result.claims_identity = ClaimsIdentity(claims, True)
    result.connector_factory = _NoConnectors()
    return result


class _NoConnector:
    """Sending is ours (connector.py): whatever botbuilder would send ends here."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(f"botbuilder must not send: {name}")


class _NoConnectors(ConnectorFactory):
    async def create(self, service_url: str, audience: str) -> Any:  # noqa: ARG002
        return _NoConnector()


class _Authentication(BotFrameworkAuthentication):
    """Fetches nothing, builds nothing: requests are let in by our own gate, messages go by our own connector."""

    async def authenticate_request(self, activity: Activity, auth_header: str) -> NoReturn:  # noqa: ARG002
        raise PermissionError("requests are let in by adapters.teams.validate")

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> NoReturn:  # noqa: ARG002
        raise PermissionError("requests are let in by adapters.teams.validate")

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:  # noqa: ARG002
        return _NoConnectors()

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:  # noqa: ARG002
        return None
