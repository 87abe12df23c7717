"""The local page in front of the real desk, on the made-up university."""

import socket
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from adapters.web.live import Bus
from adapters.web.ports import PLATFORM, REALM, Channel, Someone
from adapters.web.receive import Page
from adapters.web.shelf import MemoryShelf
from bot.model import Identity, Language, PersonId
from tests.unit._fake_desk import FakeClock
from tests.world import STAFF, World

ACTING = ("karin", "anna")
"""Communications, and somebody who looks after accounts."""


async def _people(_language: Language) -> list[Someone]:
    return [Someone(PersonId(who), STAFF[who], "") for who in ACTING]


async def _channels(_language: Language) -> list[Channel]:
    return [Channel("biologi", "biologi")]


@dataclass
class PageScene:
    """Serves the page while it is entered; `url` is where."""

    world: World
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        for who in ACTING:
            known = Identity(platform=PLATFORM, realm=REALM, user=who, person=PersonId(who))
            await self.world.seed(lambda tx, known=known: tx.save_identity(known))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        app, self.url = web.Application(), f"http://127.0.0.1:{port}"
        Page(desk=self.world.desk, shelf=MemoryShelf(), bus=Bus(), clock=FakeClock(can_move=False), people=_people,
             channels=_channels, port=port).mount(app)  # fmt: skip
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()
