"""A bare bot on the fake Teams, as small as can be: it remembers what it is told and answers as a test says."""

from collections.abc import Awaitable, Callable
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import jwt
from aiohttp import web

from tests.fakes.teams import FakeTeams

Json = dict[str, Any]
Answer = Any | Callable[[Json], Any]


def block(text: str) -> Json:
    return {"type": "TextBlock", "text": text, "wrap": True}


def line(name: str, label: str, **more: Any) -> Json:
    return {"type": "Input.Text", "id": name, "label": label, **more}


def execute(title: str, verb: str = "press", **data: Any) -> Json:
    return {"type": "Action.Execute", "title": title, "verb": verb, "data": data}


def submit(title: str, **data: Any) -> Json:
    return {"type": "Action.Submit", "title": title, "data": data}


def fetch(title: str, **data: Any) -> Json:
    return submit(title, msteams={"type": "task/fetch"}, **data)


def card(*body: Json, actions: tuple[Json, ...] = (), **more: Any) -> Json:
    made = {"type": "AdaptiveCard", "version": "1.5", "fallbackText": "A card", "body": list(body), **more}
    return made | ({"actions": list(actions)} if actions else {})


def attached(content: Json) -> Json:
    return {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}


def message(content: Json, **more: Any) -> Json:
    return {"type": "message", "attachments": [attached(content)], **more}


def dialog(content: Json, title: str = "A form") -> Json:
    info = {"title": title, "height": "medium", "width": "medium", "card": attached(content)}
    return {"task": {"type": "continue", "value": info}}


def toast(words: str) -> Json:
    return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": words}


class Bot:
    """`answers` by the name of an invoke, or the type of another activity: a body, or what makes one."""

    def __init__(self, teams: FakeTeams) -> None:
        self.teams = teams
        self.told: list[Json] = []
        self.answers: dict[str, Answer] = {}
        self.status = 200
        self.token = ""
        self._session: aiohttp.ClientSession
        self._runner: web.AppRunner

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/api/messages", self._hear)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.teams.target = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/messages"
        self._session = aiohttp.ClientSession()

    async def stop(self) -> None:
        await self._session.close()
        await self._runner.cleanup()

    async def _hear(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        key = self.teams.keys.signing.private.public_key()
        jwt.decode(token, key, algorithms=["RS256"], audience=self.teams.app_id)
        activity = await request.json()
        self.told.append(activity)
        answer = self.answers.get(activity.get("name") or activity["type"])
        answer = answer(activity) if callable(answer) else answer
        answer = await answer if isinstance(answer, Awaitable) else answer
        return (
            web.Response(status=self.status)
            if answer is None
            else web.json_response(answer, status=self.status)
        )

    # -- calls to the connector -----------------------------------------------------------------

    async def sign_in(self, **other: str) -> tuple[int, Json]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.teams.app_id,
            "client_secret": self.teams.secret,
            "scope": "https://api.botframework.com/.default",
        } | other
        async with self._session.post(self.teams.tokens.url, data=form) as answer:
            body = await answer.json(content_type=None)
            self.token = body.get("access_token", self.token) if isinstance(body, dict) else ""
            return answer.status, body

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any, Any]:
        """Status, body and headers of the answer."""
        if not self.token:
            await self.sign_in()
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.teams.service_url}v3/{path}"
        async with self._session.request(method, url, json=body, headers=headers) as answer:
            kind = answer.content_type
            text = await answer.json() if kind == "application/json" else await answer.text()
            return answer.status, text, answer.headers

    async def post(self, place: str, body: Json, query: str = "") -> tuple[int, Any, Any]:
        return await self.call("POST", f"conversations/{quote(place, safe='')}/activities{query}", body)

    async def change(self, method: str, place: str, item: str, body: Any = None) -> tuple[int, Any, Any]:
        return await self.call(method, f"conversations/{quote(place, safe='')}/activities/{item}", body)

    async def open_thread(self, channel: str, body: Json) -> tuple[int, Any, Any]:
        made = {"isGroup": True, "channelData": {"channel": {"id": channel}}, "tenantId": self.teams.tenant}
        return await self.call("POST", "conversations", made | {"activity": body})

    async def open_chat(self, user: str) -> tuple[int, Any, Any]:
        made = {
            "bot": {"id": f"28:{self.teams.app_id}"},
            "members": [{"id": user}],
            "tenantId": self.teams.tenant,
        }
        return await self.call("POST", "conversations", made)


class Scene:
    """Anna and Bo in the team Library with the channel Social media; Cecilia elsewhere."""

    def __init__(self) -> None:
        self.teams = FakeTeams()
        self.bot = Bot(self.teams)
        self.anna, self.bo, self.cecilia = (
            self.teams.add_user(n) for n in ("Anna Lind", "Bo Ek", "Cecilia Ask")
        )
        self.team = self.teams.add_team("Library", [self.anna, self.bo])
        self.place = self.teams.add_channel(self.team, "Social media")
        self.teams.give_app(self.anna)

    async def __aenter__(self) -> Self:
        await self.teams.start()
        await self.bot.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.bot.stop()
        await self.teams.stop()
