"""smbot and the bare program as processes on one fake Slack."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.fakes.slack import FakeSlack
from tests.flows.process import BotProcess, free_port, prepare

ROOT = Path(__file__).parent.parent
PLACES = 20
POLL_SECONDS = 0.01
PATIENCE_SECONDS = 30.0
VIEW = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "A form"},
    "blocks": [],
}


@asynccontextmanager
async def workspace() -> AsyncIterator[FakeSlack]:
    """A Slack with a person, some channels and no limit of pace."""
    slack = FakeSlack(mode="http")
    slack.limits.off()
    await slack.start()
    try:
        yield slack
    finally:
        await slack.stop()


def organisation(slack: FakeSlack, folder: Path) -> tuple[str, str]:
    """A person who looks after an account in each of some channels, and the file that says so."""
    maria = slack.add_user("maria", "Maria")
    lena = slack.add_user("lena", "Lena")
    lines = ['name = "Provuniversitetet"', 'alarm_number = "08-000 00 00"', "[roles]",
             f'communications = ["{maria}"]', f'administrators = ["{maria}"]',
             "[[unit]]", 'id = "u"', 'name = "Biblioteket"', f'head = "{lena}"']  # fmt: skip
    for n in range(PLACES):
        slack.invite_bot(slack.add_channel(f"some-{n}", [maria, lena]))
        lines += ["[[channel]]", f'name = "some-{n}"',
                  "[[account]]", 'platform = "instagram"', f'name = "Konto {n}"', 'unit = "u"',
                  f'address = "https://www.instagram.com/konto{n}/"', f'channel = "some-{n}"',
                  f'people = ["{maria}", "{lena}"]']  # fmt: skip
    path = folder / "organisation.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return maria, str(path)


def smbot(slack: FakeSlack, folder: Path, file: str) -> BotProcess:
    """`smbot run` by HTTP on a SQLite file, its clock not moved by anything. Not started yet."""
    bot = prepare(slack, folder, SMBOT_ORGANISATION=file)
    del bot.environment["SMBOT_CLOCK_FILE"]
    return bot


class Bare:
    """The bare program; its view is the one given."""

    def __init__(self, slack: FakeSlack, folder: Path, view: Any = None) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        shown = folder / "view.json"
        shown.write_text(json.dumps(view or VIEW), encoding="utf-8")
        self.environment = {"PATH": os.environ["PATH"], "BARE_PORT": str(self.port), "BARE_VIEW": str(shown),
                            "BARE_DATABASE": str(folder / "bare.db"), **slack.environment}  # fmt: skip
        self.process: asyncio.subprocess.Process | None = None

    async def spawn(self) -> None:
        command = (sys.executable, "-m", "benchmarks.bare")
        self.process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=self.environment)

    async def kill(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


async def ready(url: str) -> None:
    """Wait until /readyz says yes."""
    async with asyncio.timeout(PATIENCE_SECONDS), aiohttp.ClientSession() as session:
        while not await _is_ready(session, url):
            await asyncio.sleep(POLL_SECONDS)


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
