"""Forged, late and foreign requests to `smbot run`, and slow servers at Microsoft: Slack is answered meanwhile."""

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FORGERIES, FakeTeams, Outcome
from tests.flows.process import BotProcess, running

pytestmark = pytest.mark.process

AT_ONCE = 1.8
"""Seconds: the bot waits for keys for one, and the machine may be busy."""
SLOW = 5.0


@dataclass
class Both:
    """One process that serves a Slack and a Teams."""

    slack: FakeSlack
    teams: FakeTeams
    bot: BotProcess
    maria: str  # in Slack
    anna: str  # in Teams

    def activity(self, text: str = "sm-help") -> dict[str, Any]:
        """What Teams posts when Anna writes to the bot."""
        user, place = self.teams.space.users[self.anna], self.teams.space.personal(self.anna)
        message = self.teams.written(self.anna, place.id, text)
        return self.teams.payloads.message(user, place, message, mention=False)

    async def refused(self, sending: Any) -> None:
        """It is, at once, and Slack gets its answer at the same time."""
        outcome, answered = await asyncio.gather(sending, self.ask_slack())
        assert outcome.status in (401, 403), outcome
        assert outcome.body in (None, "")
        assert outcome.seconds < AT_ONCE
        assert answered < 1.0

    async def ask_slack(self) -> float:
        """Seconds until a command in Slack was answered."""
        outcome = await self.slack.command(self.maria, "/sm-help", channel=self.slack.dm(self.maria))
        assert outcome.ok, outcome
        return outcome.answered_in

    async def answered(self) -> list[Any]:
        """Anna writes, and has an answer in her chat."""
        before = len(self.teams.personal(self.anna))
        outcome = await self.teams.send(self.activity("sm-help"))
        assert outcome.status == 200, outcome
        return await self.teams.wait_for(lambda: self._new(before), 20)

    def _new(self, before: int) -> list[Any]:
        return [m for m in self.teams.personal(self.anna)[before:] if m.user != self.anna]


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    one = FakeSlack(mode="http")
    one.limits.off()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def teams() -> AsyncIterator[FakeTeams]:
    one = FakeTeams()
    one.limits.off()
    await one.start()
    yield one
    await one.stop()


@asynccontextmanager
async def both(slack: FakeSlack, teams: FakeTeams, folder: Path) -> AsyncIterator[Both]:
    maria, anna = slack.add_user("maria", "Maria"), teams.add_user("Anna Lind")
    teams.give_app(anna)
    async with running(slack, folder, teams, SMBOT_ADMIN=maria) as bot:
        yield Both(slack, teams, bot, maria, anna)


async def test_what_teams_did_not_sign_for_us_is_refused_at_once_and_slack_is_answered_meanwhile(
    slack: FakeSlack, teams: FakeTeams, tmp_path: Path
) -> None:
    async with both(slack, teams, tmp_path) as scene:
        assert await scene.answered()
        teams.keys.rotate(keep=False)
        assert await scene.answered(), "a new key is taken at once"
        calls = len(teams.calls)
        for kind in FORGERIES:
            await scene.refused(teams.forged(kind, scene.activity()))
        foreign = scene.activity()
        foreign["conversation"]["tenantId"] = foreign["channelData"]["tenant"]["id"] = teams.add_tenant()
        await scene.refused(teams.send(foreign))
        nowhere = scene.activity()
        del nowhere["serviceUrl"]
        await scene.refused(teams.send(nowhere, teams.keys.token(teams.service_url)))
        assert len(teams.calls) == calls, "whoever is refused hears nothing, in Teams neither"
        assert await scene.answered()
        assert len(teams.tokens.fetches) == 1
        assert not teams.violations


async def test_what_is_no_activity_is_400_and_what_is_too_large_413(
    slack: FakeSlack, teams: FakeTeams, tmp_path: Path
) -> None:
    async with both(slack, teams, tmp_path) as scene:
        whole = scene.activity()
        token = teams.keys.token(teams.service_url)
        headers = {"Authorization": f"Bearer {token}"}
        for body in (b"{", b"[]", b'{"type": 5}', b"\xff"):
            assert (await teams.wire.raw("", None, body, headers)).status == 400
        wrong = copy.deepcopy(whole) | {"timestamp": "yesterday"}
        assert (await teams.send(wrong)).status == 400
        async with aiohttp.ClientSession() as session:
            size = {"Content-Length": str(2 * 1024**2)}
            async with session.post(str(teams.target), headers=headers | size) as answer:
                assert answer.status == 413
        assert (await teams.send(whole)).status == 200


async def test_a_key_server_that_hangs_costs_a_second_and_nobody_else_anything(
    slack: FakeSlack, teams: FakeTeams, tmp_path: Path
) -> None:
    teams.keys.trouble = "hang"
    async with both(slack, teams, tmp_path) as scene:
        for _ in range(3):
            await scene.refused(teams.send(scene.activity()))
        assert teams.keys.fetches == ["openid"], "all wait for the one fetch"
        teams.keys.trouble = ""
        teams.keys.release()
        await _until_taken(teams, scene)
        assert await scene.answered()


async def test_slow_servers_at_microsoft_never_hold_up_slack(
    slack: FakeSlack, teams: FakeTeams, tmp_path: Path
) -> None:
    teams.keys.trouble, teams.keys.slow, teams.tokens.delay = "slow", SLOW, SLOW
    loop = asyncio.get_running_loop()
    async with both(slack, teams, tmp_path) as scene:
        began = loop.time()
        waiting = asyncio.create_task(teams.send(scene.activity()))
        assert await scene.ask_slack() < 1.0
        assert (teams.keys.fetches, len(teams.tokens.fetches)) == (["openid"], 1)
        assert (await waiting).status == 403
        assert loop.time() - began < AT_ONCE + 1

        await _until_taken(teams, scene)
        await teams.wait_for(lambda: _heard(teams), 15)
        teams.connector.delay = SLOW
        calls, before = len(teams.calls), len(teams.personal(scene.anna)) + 1
        sent = await teams.send(scene.activity())
        assert (sent.status, sent.seconds < 1.0) == (200, True)
        async with asyncio.timeout(15):
            while len(teams.calls) == calls:  # it has arrived, and waits
                await asyncio.sleep(0.01)
        assert await scene.ask_slack() < 1.0
        assert len(teams.personal(scene.anna)) == before, "the connector has not answered yet"
        await teams.wait_for(lambda: len(teams.personal(scene.anna)) > before, 15)
        assert len(teams.tokens.fetches) == 1


async def _until_taken(teams: FakeTeams, scene: Both) -> Outcome:
    """Until the keys have come and a request is let in."""
    async with asyncio.timeout(20):
        while True:
            outcome = await teams.send(scene.activity("hej"))
            if outcome.status == 200:
                return outcome


def _heard(teams: FakeTeams) -> bool:
    """Whether the bot has answered somebody."""
    return any(call.method in ("post", "create") for call in teams.calls)
