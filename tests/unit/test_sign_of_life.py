"""The sign of life: sent while all is well, kept back when it is not; trouble with it is said once and does no harm."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import structlog
from aiohttp import web

from bot.service import trouble
from smbot.health import LATE, Health
from smbot.settings import Settings
from smbot.sign_of_life import SignOfLife
from smbot.wiring import build
from storage.migrations import upgrade

TOKEN = "hemlig-nyckel"


class Monitor:
    """A monitoring address: it keeps what it was asked for, and answers with a status."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.status = 200
        self.url = ""

    async def hear(self, request: web.Request) -> web.Response:
        self.seen.append(request.path)
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@asynccontextmanager
async def monitored() -> AsyncIterator[Monitor]:
    monitor, app = Monitor(), web.Application()
    app.router.add_get("/{path:.*}", monitor.hear)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monitor.url = f"http://127.0.0.1:{runner.addresses[0][1]}/{TOKEN}"
    try:
        yield monitor
    finally:
        await runner.cleanup()


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def broken() -> bool:
    raise RuntimeError(TOKEN)


async def signs(url: str, many: int, well=yes) -> list[str]:
    """What is logged of so many tries."""
    sign = SignOfLife(url, 60, well)
    with structlog.testing.capture_logs() as lines:
        async with aiohttp.ClientSession() as session:
            for _ in range(many):
                await sign.once(session)
    assert TOKEN not in str(lines)
    return [f"{line['event']} {line.get('why', '')}".strip() for line in lines]


async def test_while_all_is_well_each_sign_arrives_and_nothing_is_said() -> None:
    async with monitored() as monitor:
        assert await signs(monitor.url, 3) == []
        assert monitor.seen == [f"/{TOKEN}"] * 3


@pytest.mark.parametrize("well", [no, broken])
async def test_where_it_is_not_well_or_cannot_be_told_none_is_sent(well) -> None:
    async with monitored() as monitor:
        assert len(await signs(monitor.url, 3, well)) == 1
        assert monitor.seen == []


@pytest.mark.parametrize("status", [302, 404, 503])
async def test_an_address_that_does_not_want_it_is_said_once_and_followed_nowhere(status: int) -> None:
    async with monitored() as monitor:
        monitor.status = status
        assert await signs(monitor.url, 3) == [f"no_sign_of_life status {status}"]
        assert monitor.seen == [f"/{TOKEN}"] * 3


async def test_an_address_that_cannot_be_reached_is_said_once_and_its_return_too() -> None:
    async with monitored() as monitor:
        sign = SignOfLife(f"http://127.0.0.1:9/{TOKEN}", 60, yes)
        with structlog.testing.capture_logs() as lines:
            async with aiohttp.ClientSession() as session:
                await sign.once(session)
                await sign.once(session)
                sign._url = monitor.url
                await sign.once(session)
        assert [line["event"] for line in lines] == ["no_sign_of_life", "sign_of_life_again"]
        assert TOKEN not in str(lines)


async def test_it_goes_on_for_ever_and_ends_when_it_is_cancelled() -> None:
    async with monitored() as monitor:
        task = asyncio.create_task(SignOfLife(monitor.url, 0.001, yes).forever())
        while len(monitor.seen) < 3:
            await asyncio.sleep(0.005)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()


# -- what is well -------------------------------------------------------------------------------


class Beats:
    """Heartbeats of which a test says when each last ended."""

    def __init__(self, now: datetime) -> None:
        self.last = dict.fromkeys(LATE, now)

    def alive(self) -> dict[str, datetime]:
        return self.last


async def test_it_is_well_as_long_as_readyz_says_so_and_messages_can_go_out(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/smbot.db"
    upgrade(url)
    parts = build(Settings(smbot_database_url=url))
    now = parts.clock.real()
    beats = Beats(now)
    health = Health(parts, beats)
    assert await health.well()

    beats.last["deliver"] = now - timedelta(seconds=LATE["deliver"] + 60)  # a pass that hangs
    assert not await health.well()
    beats.last["deliver"] = now

    for reason, well in (("token_revoked", False), ("", True)):
        async with parts.store.write() as tx:
            await trouble.note_shut_out(tx, "slack", reason)
        assert await health.well() is well

    health.stopping = True
    assert not await health.well()
    await parts.store.close()
