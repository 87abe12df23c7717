"""`smbot run` as a process of its own against a fake Slack, a fake Teams or both, with a clock that a story moves.

async with running(slack, tmp_path) as bot:
    await bot.move_to(datetime(2026, 11, 23, 9, 5, tzinfo=STOCKHOLM))
    await slack.wait_for(lambda: slack.posts(place))
"""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from tests.flows.nursery import Born, born

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 90.0
"""Long, for a busy machine is slow: a process that ends before is told at once."""
LINES = 60


class Teams(Protocol):
    """What is needed of a fake."""

    target: str | list[str]
    environment: dict[str, str]


class Slack(Teams, Protocol):
    mode: str


@dataclass
class BotProcess:
    """A running `smbot run`. Its own clock may only be moved forward. `nursery`: it is born with its imports done."""

    folder: Path
    environment: dict[str, str]
    port: int
    nursery: bool = False
    process: asyncio.subprocess.Process | Born | None = None
    _clock: Path = field(init=False)
    _log: Path = field(init=False)

    def __post_init__(self) -> None:
        self._clock = Path(self.environment["SMBOT_CLOCK_FILE"])
        self._log = self.folder / f"smbot-{self.port}.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    async def spawn(self) -> None:
        """Start it without waiting for anything."""
        if self.nursery:
            self.process = await born(["run"], self.environment, self._log)
            return
        with self._log.open("a", encoding="utf-8") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "smbot", "run", cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    async def start(self) -> None:
        """Start it, and wait until it is ready. Raises AssertionError with its log when it is not in time."""
        await self.spawn()
        await self.until(lambda status, _body: status == 200)

    async def ready(self) -> tuple[int, dict[str, Any]]:
        """Status and body of /readyz; 0 while nobody answers."""
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/readyz") as answer:
                return answer.status, json.loads(await answer.text())
        except (aiohttp.ClientError, OSError, ValueError):
            return 0, {}

    async def until(self, true: Any, seconds: float = START_SECONDS) -> dict[str, Any]:
        """Wait until /readyz answers so; its body."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.process is None or self.process.returncode is None:
                    status, body = await self.ready()
                    if true(status, body):
                        return body
                    await asyncio.sleep(0.05)
        code = self.process.returncode if self.process else None
        raise AssertionError(f"smbot is not there (exit code {code}):\n{self._tail()}")

    async def move_to(self, moment: datetime, seconds: float = 60.0) -> None:
        """Move its clock forward, and wait until the passes came to rest there. Other processes may share the clock."""
        wanted = (moment - datetime.now(UTC)).total_seconds()
        before = float(self._clock.read_text()) if self._clock.exists() else 0.0
        if wanted <= before:
            raise AssertionError(f"the clock may only grow: {moment} has passed")
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(f"{wanted:.3f}")
        fresh.replace(self._clock)
        await self.until(lambda _status, body: body.get("clock_lived_seconds", 0.0) >= wanted - 0.1, seconds)

    def now(self) -> datetime:
        """Its time."""
        moved = float(self._clock.read_text()) if self._clock.exists() else 0.0
        return datetime.fromtimestamp(datetime.now(UTC).timestamp() + moved, UTC)

    async def terminate(self, seconds: float = 15.0) -> int:
        """SIGTERM, and wait for the end; its exit code."""
        if self.process is None:
            raise AssertionError("it was never started")
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(seconds):
            return await self.process.wait()

    async def kill(self) -> None:
        """SIGKILL: it ends wherever it is."""
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def _tail(self) -> str:
        return "\n".join(self.log.splitlines()[-LINES:])


def prepare(slack: Slack | None, tmp_path: Path, teams: Teams | None = None, **env: str) -> BotProcess:
    """A process that is not started yet: its environment, a free port, a clock that has not been moved."""
    port = int(env.get("SMBOT_HTTP_PORT") or free_port())
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONWARNINGS": "error::RuntimeWarning",
        "SMBOT_DATABASE_URL": f"sqlite:///{tmp_path / 'smbot.db'}",
        "SMBOT_CLOCK_FILE": str(tmp_path / "clock"),
        "SMBOT_HTTP_PORT": str(port),
        **(slack.environment if slack else {}),
        **(teams.environment if teams else {}),
        **env,
    }
    if slack and slack.mode == "http":
        slack.target = f"http://127.0.0.1:{port}/slack/events"
    if teams:
        teams.target = f"http://127.0.0.1:{port}/api/messages"
    return BotProcess(tmp_path, environment, port)


@asynccontextmanager
async def running(
    slack: Slack | None, tmp_path: Path, teams: Teams | None = None, *, nursery: bool = True, **env: str
) -> AsyncIterator[BotProcess]:
    """A started process, ended at the end; give SMBOT_ADMIN or SMBOT_ORGANISATION, or more.

    `nursery=False` where the start itself is what is promised.
    """
    bot = prepare(slack, tmp_path, teams, **env)
    bot.nursery = nursery
    try:
        await bot.start()
        yield bot
    except BaseException:
        print(bot.log, file=sys.stderr)
        raise
    finally:
        await bot.kill()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
