"""Who is let in: tokens against a real key server on loopback, its time moved."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from adapters.teams import validate
from adapters.teams.validate import Gate, Keys, TurnedAway
from tests.fakes.teams import keys as fake

APP, TENANT = "11111111-2222-3333-4444-555555555555", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
SERVICE = "https://smba.trafficmanager.net/emea/"
TWICE = ["openid", "jwks"]


@dataclass
class Scene:
    server: fake.Keys
    keys: Keys
    gate: Gate
    seconds: float = 1000.0

    def activity(self, **other: Any) -> dict[str, Any]:
        whole = {
            "type": "message",
            "channelId": "msteams",
            "serviceUrl": SERVICE,
            "conversation": {"id": "a:1", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
        }
        return {name: value for name, value in {**whole, **other}.items() if value is not None}

    async def admit(self, token: str | None = None, **other: Any) -> dict[str, Any]:
        header = f"Bearer {self.server.token(SERVICE) if token is None else token}"
        return await self.gate.admit(header, self.activity(**other))

    async def status(self, token: str | None = None, **other: Any) -> int:
        try:
            await self.admit(token, **other)
        except TurnedAway as away:
            return away.status
        return 200


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    server = fake.Keys(APP)
    app = web.Application()
    server.mount(app)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    keys = Keys(f"{server.base}{fake.OPENID}", lambda: made.seconds)
    made = Scene(server, keys, Gate(keys, APP, [TENANT.upper()]))
    yield made
    server.release()
    await runner.cleanup()


async def test_what_teams_signed_is_let_in_and_keys_are_fetched_once(scene: Scene) -> None:
    claims = await scene.admit()
    assert claims["aud"] == APP
    assert [await scene.status() for _ in range(3)] == [200, 200, 200]
    assert scene.server.fetches == TWICE


@pytest.mark.parametrize("kind", sorted(fake.FORGERIES))
async def test_every_forgery_is_refused(kind: str, scene: Scene) -> None:
    unreadable = {"no token at all", "garbage"}
    assert await scene.status(scene.server.forge(kind, SERVICE)) == (401 if kind in unreadable else 403)
    assert await scene.status() == 200


@pytest.mark.parametrize("kind", sorted(set(fake.FORGERIES) - {
    "unknown key", "another's signature", "changed after signing", "key without endorsement",
}))  # fmt: skip
async def test_what_needs_no_key_to_be_refused_makes_nobody_fetch_one(kind: str, scene: Scene) -> None:
    await scene.status(scene.server.forge(kind, SERVICE))
    assert scene.server.fetches == []


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer  ", "token"])
async def test_without_a_bearer_token_it_is_401(header: str, scene: Scene) -> None:
    with pytest.raises(TurnedAway) as away:
        await scene.gate.admit(header, scene.activity())
    assert away.value.status == 401


@pytest.mark.parametrize(
    "other",
    [
        {"channelId": "webchat"},
        {"channelId": None},
        {"serviceUrl": None},
        {"serviceUrl": SERVICE + "x"},
        {"conversation": {"tenantId": APP}},
        {"channelData": {"tenant": {"id": APP}}},
        {"conversation": None, "channelData": None},
        {"conversation": {}, "channelData": {"tenant": "x"}},
    ],
)
async def test_a_good_token_does_not_let_in_another_channel_address_or_tenant(
    other: dict[str, Any], scene: Scene
) -> None:
    assert await scene.status(**other) == 403


async def test_a_clock_that_is_four_minutes_wrong_does_not_matter(scene: Scene) -> None:
    now = fake.time.time()
    assert await scene.status(scene.server.token(SERVICE, exp=int(now - 240))) == 200
    assert await scene.status(scene.server.token(SERVICE, nbf=int(now + 240))) == 200


async def test_a_new_key_is_taken_at_once(scene: Scene) -> None:
    assert await scene.status() == 200
    scene.server.rotate(keep=False)
    assert await scene.status() == 200


async def test_unknown_keys_make_us_fetch_at_most_each_half_minute(scene: Scene) -> None:
    assert await scene.status() == 200
    unknown = scene.server.forge("unknown key", SERVICE)
    for _ in range(3):
        assert await scene.status(unknown) == 403
    assert scene.server.fetches == TWICE * 2
    scene.seconds += validate.RARELY
    assert await scene.status(unknown) == 403
    assert scene.server.fetches == TWICE * 3


async def test_keys_are_kept_a_day_and_no_longer(scene: Scene) -> None:
    assert await scene.status() == 200
    scene.seconds += validate.KEPT - 1
    assert await scene.status() == 200
    assert scene.server.fetches == TWICE
    scene.server.trouble = "500"
    scene.seconds += 1
    assert await scene.status() == 403
    scene.server.trouble = ""
    scene.seconds += validate.SOON
    assert await scene.status() == 200


async def test_one_fetch_serves_all_who_wait(scene: Scene) -> None:
    scene.server.trouble, scene.server.slow = "slow", 0.05
    assert await asyncio.gather(*(scene.status() for _ in range(20))) == [200] * 20
    assert scene.server.fetches == TWICE


async def test_nobody_waits_for_a_key_server_that_hangs_and_the_fetch_goes_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validate, "PATIENCE", 0.05)
    scene.server.trouble = "hang"
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await asyncio.gather(*(scene.status() for _ in range(5))) == [403] * 5
    assert loop.time() - begun < 1
    scene.server.trouble = ""
    scene.server.release()
    monkeypatch.setattr(validate, "PATIENCE", 5.0)
    assert await scene.status() == 200
    assert scene.server.fetches == TWICE


@pytest.mark.parametrize("trouble", ["500", "html", "empty", "close"])
async def test_a_key_server_in_trouble_is_asked_again_soon(trouble: str, scene: Scene) -> None:
    scene.server.trouble = trouble
    assert await scene.status() == 403
    scene.server.trouble = ""
    assert await scene.status() == 403
    scene.seconds += validate.SOON
    assert await scene.status() == 200


async def test_keys_are_there_before_somebody_needs_them(scene: Scene) -> None:
    keeping = asyncio.create_task(scene.keys.keep())
    await _until(lambda: scene.server.fetches == TWICE)
    scene.server.trouble = "500"
    assert await scene.status() == 200
    keeping.cancel()


async def test_without_signatures_the_tenant_still_counts(scene: Scene) -> None:
    scene.gate = Gate(None, APP, [TENANT])
    assert await scene.gate.admit("", scene.activity()) == {}
    assert await scene.status("", channelData={"tenant": {"id": APP}}) == 403


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)
