"""`smbot demo` as a process: a page on this machine alone, whose state survives a restart."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.flows.process import ROOT, free_port

pytestmark = pytest.mark.process


@asynccontextmanager
async def demo(folder: Path, port: int, *more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A demo that has greeted; ended by Ctrl+C."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "smbot", "demo", "--port", str(port), "--database", str(folder / "demo.db"), *more,
        cwd=ROOT, env={"PATH": os.environ["PATH"]}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(30):
        greeting = [(await process.stdout.readline()).decode() for _ in range(3)]
    assert f"http://127.0.0.1:{port}" in "".join(greeting)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
        assert (process.returncode, errors.decode()) == (0, "")


async def get(port: int, path: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return await answer.text()  # not to be ready yet is no fault here


async def test_it_greets_in_both_languages_and_serves_the_page(tmp_path: Path) -> None:
    port = free_port()
    async with demo(tmp_path, port) as process:
        assert process.stdout is not None
        rest = "".join([(await process.stdout.readline()).decode() for _ in range(6)])
        page = await get(port, "/")
        state = await get(port, "/page/state?at=biblioteket-sociala-medier")
    assert "smbot is running" in rest
    assert "Lärosätet" in page
    assert "Karin Ek" in page
    assert "biblioteket-sociala-medier" in state


async def test_the_moved_clock_survives_a_restart_and_fresh_forgets_it(tmp_path: Path) -> None:
    port, clock = free_port(), tmp_path / "demo.clock"
    async with demo(tmp_path, port):
        clock.write_text("86400")
    async with demo(tmp_path, port):
        assert '"CLOCK_MOVED_SECONDS": 86400.0' in await get(port, "/readyz")
    async with demo(tmp_path, port, "--fresh"):
        assert "CLOCK_MOVED_SECONDS" not in await get(port, "/readyz")


async def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    port = free_port()
    async with demo(tmp_path, port):
        second = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "smbot", "demo", "--port", str(port), "--database", str(tmp_path / "other.db"),
            cwd=ROOT, env={"PATH": os.environ["PATH"]}, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, errors = await second.communicate()
    assert second.returncode == 1
    assert str(port) in errors.decode()
    assert len(errors.decode().strip().splitlines()) == 1


async def test_it_shows_another_organisation_and_sends_letters_only_to_a_server_that_is_set(
    tmp_path: Path,
) -> None:
    file = tmp_path / "organisation.toml"
    file.write_text(
        'name = "Provuniversitetet"\n[roles]\nadministrators = ["a@example.se"]\n', encoding="utf-8"
    )
    port = free_port()
    async with demo(tmp_path, port, "--organisation", str(file)):
        assert "Provuniversitetet" in await get(port, "/")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "smbot", "demo", "--mail", cwd=ROOT, env={"PATH": os.environ["PATH"]},
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert "SMBOT_SMTP_URL" in errors.decode()
