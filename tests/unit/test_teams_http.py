"""The route of Teams: what is no activity, what is too large, what a turn answers or fails with. Over real HTTP."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from botbuilder.core import ActivityHandler, InvokeResponse, TurnContext

from adapters.busy import Busy
from adapters.teams.http import LARGEST, PATH, TeamsHttp
from adapters.teams.validate import Gate

TENANT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
SORRY = "Something went wrong"


class Receiver(ActivityHandler):
    """Answers as it is told."""

    def __init__(self) -> None:
        self.busy = Busy()
        self.heard: list[Any] = []
        self.answer: Any = None
        self.hold: asyncio.Event | None = None

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        self.heard.append(turn_context.activity)
        if self.hold:
            await self.hold.wait()
        if isinstance(self.answer, Exception):
            raise self.answer

    async def on_invoke_activity(self, turn_context: TurnContext) -> Any:
        await self.on_message_activity(turn_context)
        return self.answer


@dataclass
class Scene:
    receiver: Receiver
    http: TeamsHttp
    url: str
    session: aiohttp.ClientSession
    sorry: list[BaseException] = field(default_factory=list)

    async def post(self, body: Any, **headers: str) -> tuple[int, Any]:
        data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        async with self.session.post(self.url, data=data, headers=headers) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None


def activity(**other: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "id": "1",
        "channelId": "msteams",
        "serviceUrl": "http://127.0.0.1:9/",
        "from": {"id": "29:1", "aadObjectId": "x"},
        "recipient": {"id": "28:app", "isTargeted": True},
        "conversation": {"id": "a:1", "tenantId": TENANT},
        **other,
    }


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    receiver, failed, app = Receiver(), list[BaseException](), web.Application()

    def sorry(error: BaseException) -> str:
        failed.append(error)
        return SORRY

    http = TeamsHttp(receiver, Gate(None, "app", [TENANT]), sorry)
    http.mount(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    async with aiohttp.ClientSession() as session:
        yield Scene(receiver, http, url, session, failed)
    await runner.cleanup()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'"x"',
        b"[" * 100_000,
        {},
        {"type": 5},
        activity(serviceUrl=5),
        activity(text=["x"]),
        activity(conversation="x"),
        activity(channelData=[1]),
        activity(timestamp="yesterday"),
        activity(entities=5),
        activity(**{"from": "me"}),
    ],
    ids=str,
)
async def test_what_is_no_activity_is_refused_before_anybody_looks_at_it(body: Any, scene: Scene) -> None:
    assert await scene.post(body) == (400, None)
    assert scene.receiver.heard == []


async def test_what_is_too_large_is_refused_unread(scene: Scene) -> None:
    assert (await scene.post(b" " * (LARGEST + 1)))[0] == 413


async def test_what_nobody_signed_is_not_even_read_by_the_sdk(scene: Scene) -> None:
    unreadable = activity(
        timestamp="yesterday", attachments=[{}] * 1000, conversation={"tenantId": "another"}
    )
    assert await scene.post(unreadable) == (403, None)


async def test_what_is_refused_tells_nothing_about_why(scene: Scene) -> None:
    assert await scene.post(activity(conversation={"tenantId": "another"})) == (403, None)


async def test_a_message_is_handed_on_whole_and_answered_with_nothing(scene: Scene) -> None:
    assert await scene.post(activity(text="hej")) == (200, None)
    (heard,) = scene.receiver.heard
    assert heard.text == "hej"
    assert heard.recipient.additional_properties == {"isTargeted": True}


@pytest.mark.parametrize("body", [{"task": {"type": "message", "value": "å"}}, {}, None])
async def test_the_answer_of_an_invoke_is_written_as_it_is(body: Any, scene: Scene) -> None:
    scene.receiver.answer = InvokeResponse(status=200, body=body)
    assert await scene.post(activity(type="invoke", name="task/fetch")) == (200, body)


@pytest.mark.parametrize(
    "kind", ["typing", "messageReaction", "event", "endOfConversation", "what-comes-next"]
)
async def test_what_nobody_knows_is_taken_and_left(kind: str, scene: Scene) -> None:
    assert await scene.post(activity(type=kind)) == (200, None)


async def test_an_error_is_told_kindly_and_never_as_a_failed_request(scene: Scene) -> None:
    scene.receiver.answer = ValueError("secret")
    assert await scene.post(activity()) == (200, None)
    status, body = await scene.post(activity(type="invoke", name="adaptiveCard/action"))
    assert (status, body["statusCode"], body["value"]) == (200, 200, SORRY)
    for name in ("task/fetch", "task/submit", "composeExtension/submitAction"):
        answered = await scene.post(activity(type="invoke", name=name))
        assert answered == (200, {"task": {"type": "message", "value": SORRY}})
    assert [str(error) for error in scene.sorry] == ["secret"] * 5


async def test_what_botbuilder_would_send_itself_is_not_sent(scene: Scene) -> None:
    async def speak(turn_context: TurnContext) -> None:
        await turn_context.send_activity("hej")

    scene.receiver.on_message_activity = speak  # type: ignore[method-assign]
    assert await scene.post(activity()) == (200, None)
    assert [type(error) for error in scene.sorry] == [RuntimeError]


async def test_a_stop_takes_nothing_new_and_waits_for_what_runs(scene: Scene) -> None:
    scene.receiver.hold = asyncio.Event()
    running = asyncio.create_task(scene.post(activity()))
    async with asyncio.timeout(5):
        while not scene.receiver.heard:
            await asyncio.sleep(0.01)
    assert await scene.http.stop(within=0.05) is False
    assert (await scene.post(activity()))[0] == 503
    scene.receiver.hold.set()
    assert await scene.http.stop(within=5)
    assert await running == (200, None)
