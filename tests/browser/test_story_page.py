"""The story on `smbot demo` as a process, in Chromium."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.fakes.smtp import smtp
from tests.flows import letters
from tests.flows.page_player import PagePlayer
from tests.flows.process import ROOT, START_SECONDS, free_port
from tests.flows.slack_player import moved
from tests.flows.story import Story, first_monday
from tests.flows.story_office import PACK as OFFICE_PACK
from tests.flows.story_office import Running, asked_on, environment
from tests.flows.transcript import Explained, Recorder, compare, explanation, report

pytestmark = pytest.mark.browser
EXPLAINED = (
    Explained(
        mark="uses on a message",
        sv="Sidan visar bara botens egna kort, inga inlägg av människor: där skrivs /sm-fraga eller /sm-moderera.",
        en="The page shows the bot's own cards and nothing that people wrote: there /sm-question or /sm-moderate is typed.",
    ),
    Explained(
        mark="is asked: Listan som fil | Rader 1",
        sv="På sidan har formuläret plats för en fil; i Slack och Teams skickas den i den egna chatten med boten.",
        en="On the page the form has room for a file; in Slack and Teams it is sent in one's own chat with the bot.",
    ),
)


@asynccontextmanager
async def demo(folder: Path, begins: datetime, pack: str, *options: str, **more: str) -> AsyncIterator[str]:
    """The address of a demo whose clock begins then."""
    port = free_port()
    (folder / "demo.clock").write_text(moved(begins))
    with (folder / "demo.log").open("w+", encoding="utf-8") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "smbot", "demo", "--port", str(port), "--database", str(folder / "demo.db"), *options,
            cwd=ROOT, env={"PATH": os.environ["PATH"], "SMBOT_POLICY": pack, **more},
            stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
        assert process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            for _ in range(3):
                await process.stdout.readline()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            await process.communicate()
    assert (folder / "demo.log").read_text(encoding="utf-8") == ""


async def test_three_weeks_at_the_library_on_the_page(chromium: Browser, tmp_path: Path) -> None:
    monday = first_monday(date.today())
    pictures = os.environ.get("SMBOT_PICTURES")
    story = Story(player=None, monday=monday, pack="generic")  # type: ignore[arg-type]
    async with demo(tmp_path, story.begins, "generic") as url:
        story.player = recorder = Recorder(PagePlayer(chromium, url, Path(pictures) if pictures else None))
        await story.play()
    differences = compare("generic", recorder.lines)
    print(*report(differences, EXPLAINED), sep="\n")
    assert [d for d in differences if not explanation(d, EXPLAINED)] == []


async def test_the_office_runs_it_on_the_page(chromium: Browser, tmp_path: Path) -> None:
    pictures = os.environ.get("SMBOT_PICTURES")
    story = Running(player=None, monday=asked_on(date.today()), pack=OFFICE_PACK)  # type: ignore[arg-type]
    file = environment(tmp_path)["SMBOT_ORGANISATION"]
    async with (
        smtp() as box,
        demo(
            tmp_path, story.begins, OFFICE_PACK, "--organisation", file, "--mail", **letters.settings(box)
        ) as url,
    ):
        player = PagePlayer(chromium, url, Path(pictures) if pictures else None)
        player.box = box
        story.player = recorder = Recorder(player)
        await story.play()
    differences = compare("office", recorder.lines)
    print(*report(differences, EXPLAINED), sep="\n")
    assert [d for d in differences if not explanation(d, EXPLAINED)] == []
