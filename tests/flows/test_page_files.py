"""A list of accounts that is given to the page as a file (users.md U1): only by whoever may, and shown before it is imported."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.service.importing import DRAFTS
from bot.texts import Texts
from tests.flows._page_scene import PageScene
from tests.register_table import ONE
from tests.workbooks import workbook
from tests.world import World, world

FORM = "&form=import.paste"
SV = Texts("sv")


@dataclass
class Browser:
    """Sends what the page's script would send."""

    world: World
    http: aiohttp.ClientSession
    url: str
    token: str
    sent: int = 0

    async def file(
        self, who: str, data: bytes, more: str = "", kind: str = "application/octet-stream"
    ) -> tuple[int, Any]:
        self.sent += 1
        headers = {"Origin": self.url, "X-Page-Token": self.token, "Content-Type": kind}
        address = f"{self.url}/page/file?as={who}&at=dm:{who}&key=k{self.sent}{more}"
        async with self.http.post(address, data=BytesIO(data), headers=headers) as answer:
            return answer.status, await answer.json() if answer.status == 200 else None

    async def draft(self) -> str | None:
        async with self.world.bot.storage.read() as tx:
            return await tx.fact(DRAFTS)


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with (
        world(tmp_path, accounts=0, chemistry=0) as found,
        PageScene(found) as scene,
        aiohttp.ClientSession() as http,
    ):
        async with http.get(scene.url) as answer:
            token = (await answer.text()).split('data-token="')[1].split('"')[0]
        yield Browser(found, http, scene.url, token)


async def test_a_file_of_the_chat_is_read_as_excel_writes_it_and_its_card_shows_what_would_happen(
    browser: Browser,
) -> None:
    for n, name in enumerate(("cp1252", "utf-8-sig", "utf-16", "xlsx")):
        given = ONE.replace("Växthuset", f"Växthuset {n}")
        cells = [line.split(";") for line in given.splitlines()]
        raw = workbook(cells) if name == "xlsx" else given.replace(";", "\t").encode(name)
        _, answer = await browser.file("karin", raw)
        assert answer["kind"] == "tell", name
        assert SV("import.taken") in answer["html"]
        assert 'data-verb="import.taken"' in answer["html"]
        assert f"Växthuset {n}" in (await browser.draft() or "")
    assert (await browser.world.register()).accounts == {}


async def test_a_file_of_the_form_opens_what_would_happen_and_its_faults_stand_in_the_form(
    browser: Browser,
) -> None:
    _, answer = await browser.file("karin", ONE.encode() + b";;;Biologi\r\n", FORM)
    assert answer["kind"] == "ask"
    assert SV("import.at", row=3) in answer["html"]
    for data, key in (
        (b"", "import.empty"),
        (b"no;table\n", "import.no_headings"),
        (b"%PDF-1.7", "import.binary"),
    ):
        _, answer = await browser.file("karin", data, FORM)
        assert answer == {"kind": "faults", "faults": {"table": SV(key)}}, key


async def test_whoever_may_not_import_is_refused_and_nothing_of_theirs_is_kept(browser: Browser) -> None:
    for more in ("", FORM):
        _, answer = await browser.file("anna", ONE.encode(), more)
        assert answer["kind"] == "tell"
        assert "import.taken" not in answer["html"]
        assert SV("refused.title") in answer["html"]
    assert await browser.draft() is None


async def test_a_file_that_is_too_large_or_calls_itself_something_else_is_refused(browser: Browser) -> None:
    large = ONE.encode() + b"x" * 2_000_000
    _, answer = await browser.file("karin", large, FORM)
    assert answer["faults"] == {"table": SV("import.too_large", most=2)}
    unfolds = workbook([["Plattform", "Namn"], *(["Instagram", "x" * 30_000] for _ in range(70))])
    assert len(unfolds) < 200_000
    for more in (FORM, ""):
        _, answer = await browser.file("karin", unfolds, more)
        assert SV("import.too_much", most=2) in str(answer)
    status, _ = await browser.file("karin", ONE.encode(), kind="text/plain")
    assert status == 415
    assert await browser.draft() is None
