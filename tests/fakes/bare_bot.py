"""A bare Bolt app on the fake Slack, with forms as small as can be: the yardstick of tests and benchmarks."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import FakeSlack

Json = dict[str, Any]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(label: str, action: str, **more: Any) -> Json:
    return {"type": "button", "text": words(label), "action_id": action, **more}


def line(label: str, block_id: str, **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "typed", **more}
    return {"type": "input", "block_id": block_id, "label": words(label), "element": element}


def choice(label: str, block_id: str, kind: str, **more: Any) -> Json:
    options = [{"text": words(t), "value": v} for t, v in (("Comment", "c"), ("Review", "r"))]
    extra = {} if kind.endswith(("users_select", "picker")) else {"options": options}
    element = {"type": kind, "action_id": "chosen", **extra, **more}
    return {"type": "input", "block_id": block_id, "label": words(label), "element": element}


def modal(*blocks: Json, **more: Any) -> Json:
    body = {"type": "modal", "title": words("A form"), "callback_id": "form", "blocks": list(blocks)}
    return body | {"submit": words("Save")} | more


FORM = modal(
    line("Link", "link"),
    choice("Where", "where", "static_select"),
    choice("Kinds", "kinds", "checkboxes"),
    choice("Watcher", "watcher", "users_select"),
    choice("People", "people", "multi_users_select"),
    choice("Day", "day", "datepicker"),
    choice("Hour", "hour", "timepicker"),
    choice("Moment", "moment", "datetimepicker"),
)


class Bot:
    """A bare Bolt app that keeps all it was told; `on_submit` answers forms."""

    def __init__(self, slack: FakeSlack) -> None:
        self.slack = slack
        self.seen: list[tuple[str, Json]] = []
        self.client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=2)
        self.app = AsyncApp(signing_secret=slack.signing_secret, client=self.client)
        self.on_submit: Callable[[Any, Json], Awaitable[Any]] = lambda ack, body: ack()
        self.patience = 0.0
        self._listen()

    def _listen(self) -> None:
        async def command(ack: Any, body: Json) -> None:
            self.seen.append(("command", body))
            await asyncio.sleep(self.patience)
            await ack(*([body["text"]] if body["text"].startswith("say ") else []))
            if body["text"] == "form":
                await self.client.views_open(trigger_id=body["trigger_id"], view=FORM)

        async def note(ack: Any, body: Json) -> None:
            self.seen.append((body["type"], body))
            await ack()

        async def submitted(ack: Any, body: Json) -> None:
            self.seen.append((body["type"], body))
            await self.on_submit(ack, body)

        async def event(event: Json, body: Json) -> None:
            self.seen.append((event["type"], body))

        async def options(ack: Any, payload: Json) -> None:
            await ack(options=[{"text": words(f"{payload['value']} one"), "value": "1"}])

        self.app.command("/sm-test")(command)
        self.app.options("chosen")(options)
        self.app.action({"action_id": "go"})(note)
        self.app.shortcut("callback")(note)
        self.app.view("form")(submitted)
        self.app.view_closed("form")(note)
        for kind in ("app_home_opened", "user_change", "team_join", "member_joined_channel"):
            self.app.event(kind)(event)

    def told(self, kind: str) -> list[Json]:
        return [body for each, body in self.seen if each == kind]


class World:
    """One Slack with a bot on it, three people and two channels."""

    def __init__(self, mode: str) -> None:
        self.slack = FakeSlack(mode=mode, seed=1, answer_within=0.3, retries=(0.0, 0.05))
        self.anna = self.slack.add_user("anna", "Anna Ek")
        self.bo = self.slack.add_user("bo", "Bo Al")
        self.guest = self.slack.add_user("gust", is_restricted=True)
        self.place = self.slack.add_channel("some", [self.anna, self.bo])
        self.other = self.slack.add_channel("other", [self.anna])
        self.slack.invite_bot(self.place)

    async def __aenter__(self) -> Self:
        await self.slack.start()
        self.bot = Bot(self.slack)
        self.client = self.bot.client
        if self.slack.mode == "socket":
            await self._by_socket()
        else:
            await self._by_http()
        return self

    async def _by_http(self) -> None:
        self.runner = web.AppRunner(self.bot.app.web_app("/slack/events"), shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.slack.target = f"http://127.0.0.1:{self.runner.addresses[0][1]}/slack/events"

    async def _by_socket(self) -> None:
        self.handler = AsyncSocketModeHandler(self.bot.app, self.slack.app_token)
        await self.handler.connect_async()
        await self.slack.wait_for(lambda: self.slack.sockets.connections)

    async def __aexit__(self, *_: object) -> None:
        if self.slack.mode == "socket":
            await self.handler.close_async()
        else:
            await self.runner.cleanup()
        await self.slack.stop()

    async def refused(self, call: Awaitable[Any]) -> str:
        with pytest.raises(SlackApiError) as caught:
            await call
        return str(caught.value.response["error"])
