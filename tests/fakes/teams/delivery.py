"""From Teams to the bot: activities with a signed token."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.fakes.teams.keys import Keys
from tests.fakes.teams.state import Json, Message

ERROR = "Something went wrong. Please try again."


@dataclass
class Outcome:
    """What became of one thing a person did. `error` is what the person sees, `errors` the dialog's by input id.

    `activity` is None when nothing was sent: Teams' own checks refused it, or it was not meant for the bot.
    """

    user: str
    activity: Json | None = None
    status: int | None = None
    body: Any = None
    seconds: float = 0.0
    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    words: str = ""
    message: Message | None = None
    reason: str = ""  # of the error, for the reader of a failed test

    @property
    def ok(self) -> bool:
        return self.error is None and not self.errors


def parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except json.JSONDecodeError:
        return text


class Delivery:
    """POSTs to the bot's address; with several addresses one is drawn each time."""

    def __init__(self, keys: Keys, seed: int, within: float) -> None:
        self.keys, self.within = keys, within
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

    async def send(self, user: str, activity: Json, token: str | None = None) -> Outcome:
        """The bot's answer, waited for 10 s. `token` "" sends no header, None a good token."""
        signed = self.keys.token(activity.get("serviceUrl", "")) if token is None else token
        headers = {"Authorization": f"Bearer {signed}"} if signed else {}
        return await self.raw(user, activity, json.dumps(activity).encode(), headers)

    async def raw(self, user: str, activity: Json | None, body: bytes, headers: dict[str, str]) -> Outcome:
        """Any bytes with any headers."""
        outcome, begun = Outcome(user, activity), time.perf_counter()
        target = self.target if isinstance(self.target, str) else self.random.choice(self.target)
        try:
            if self._session is None or not target:
                raise aiohttp.ClientConnectionError("no bot")
            headers = {"Content-Type": "application/json; charset=utf-8"} | headers
            async with (
                asyncio.timeout(self.within),
                self._session.post(target, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                outcome.status, outcome.body = answer.status, parsed(await answer.text())
        except (TimeoutError, aiohttp.ClientError) as fault:
            outcome.error, outcome.reason = ERROR, type(fault).__name__
        outcome.seconds = time.perf_counter() - begun
        if outcome.status is not None and not 200 <= outcome.status < 300:
            outcome.error, outcome.reason = ERROR, f"status {outcome.status}"
        return outcome
