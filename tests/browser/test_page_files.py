"""A list of accounts as a file, on the page in Chromium: chosen in the form, dropped there, sent in the bot's own chat."""

import base64
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.flows._page_scene import PageScene
from tests.flows.page_player import NARROW, WIDE
from tests.register_table import ACCOUNTS, DOUBLES, rows
from tests.workbooks import workbook
from tests.world import World, world

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("SMBOT_PICTURES")
READ, CHOOSE, SHOW, IMPORT = "Filen är läst", "Välj fil …", "Visa vad som händer", "Importera dem här"
DROP = """([box, name, data]) => {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], name));
  const target = document.querySelector(box);
  for (const kind of ["dragover", "drop"])
    target.dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true }));
}"""


@dataclass
class Hands:
    """One person's browser, at one place of the page."""

    world: World
    url: str
    page: Page

    async def open(self, who: str, at: str) -> None:
        await self.page.goto(f"{self.url}/?as={who}&at={at}")
        await self.page.locator("#items > *").first.wait_for()
        if await self.page.locator("#hint-gone").is_visible():
            await self.page.locator("#hint-gone").click()

    async def form(self) -> Locator:
        """The import's form, opened as one does."""
        await self.open("karin", "home")
        await self.page.locator("#box").fill("/sm-konton")
        await self.page.locator("#box").press("Enter")
        await self.page.get_by_role("button", name="Importera").last.click()
        return self.page.locator("#dialog[open]")

    async def drop(self, where: str, name: str, data: bytes) -> None:
        await self.page.locator(where).first.wait_for()  # nobody drops a file where nothing is yet
        await self.page.evaluate(DROP, [where, name, base64.b64encode(data).decode()])

    async def picture(self, name: str) -> None:
        """Wide and narrow; nothing is wider than the screen."""
        for size, view in (("narrow", NARROW), ("wide", WIDE)):
            await self.page.set_viewport_size(view)
            wide = await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, f"{name}: one has to scroll sideways by {wide} px"
            if PICTURES:
                await self.page.wait_for_timeout(250)
                await self.page.screenshot(path=f"{PICTURES}/file-{name}-{size}.png")


@pytest_asyncio.fixture(loop_scope="session")
async def hands(tmp_path: Path, chromium: Browser) -> AsyncIterator[Hands]:
    async with world(tmp_path, accounts=0, chemistry=0) as found, PageScene(found) as scene:
        context = await chromium.new_context(locale="sv-SE", viewport=WIDE, reduced_motion="reduce")
        trouble: list[str] = []
        page = await context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        yield Hands(found, scene.url, page)
        assert trouble == []


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """A real file, as Excel keeps it."""
    file = tmp_path / "Sociala medier – register.xlsx"
    file.write_bytes(workbook(rows()))
    return file


async def test_140_rows_in_a_file_are_chosen_looked_at_and_imported_in_four_presses(
    hands: Hands, register: Path
) -> None:
    dialog = await hands.form()
    await hands.picture("form")
    async with hands.page.expect_file_chooser() as choosing:
        await dialog.get_by_text(CHOOSE, exact=True).click()
    await (await choosing.value).set_files(register)
    await expect(dialog).to_contain_text(register.name)
    await hands.picture("chosen")
    await dialog.get_by_role("button", name=SHOW).click()
    await expect(dialog).to_contain_text("Ingen får något meddelande av importen.")
    await hands.picture("looked-at")
    assert (await hands.world.register()).accounts == {}
    await dialog.get_by_role("button", name=IMPORT).click()
    await expect(hands.page.locator("#private")).to_contain_text("konton är införda")
    assert len((await hands.world.register()).accounts) == ACCOUNTS - DOUBLES
    assert hands.world.chat.posts == []


async def test_a_dropped_file_is_named_taken_away_again_and_its_faults_stand_beside_it(hands: Hands) -> None:
    dialog = await hands.form()
    fault = dialog.locator(".field.file > .fault")
    await hands.drop("#dialog .form-body", "bok.pdf", b"%PDF-1.7")
    await expect(dialog.locator(".file-name")).to_have_text("bok.pdf")
    await dialog.locator("textarea").first.fill("Plattform\tNamn")
    await dialog.get_by_role("button", name=SHOW).click()
    await expect(fault).to_have_text("Här finns både en fil och inklistrade rader. Ta bort det ena.")
    await dialog.locator("textarea").first.fill("")
    await dialog.get_by_role("button", name=SHOW).click()
    await expect(fault).to_contain_text("Filen är ingen tabell.")
    await hands.picture("fault")
    await dialog.get_by_role("button", name="Ta bort filen").click()
    await expect(dialog.locator(".file-name")).to_have_text("")
    await dialog.get_by_role("button", name=SHOW).click()
    await expect(dialog.locator(".field").nth(1)).to_contain_text("Fyll i det här.")


async def test_a_file_is_sent_in_the_bots_own_chat_and_dropped_there_but_in_no_channel(
    hands: Hands, register: Path
) -> None:
    await hands.open("karin", "biologi")
    await expect(hands.page.locator("#attach")).to_be_hidden()
    await hands.drop("#main", "konton.xlsx", register.read_bytes())
    await hands.open("karin", "dm:karin")
    async with hands.page.expect_file_chooser() as choosing:
        await hands.page.get_by_text("Skicka fil …", exact=True).click()
    await (await choosing.value).set_files(register)
    await expect(hands.page.locator("#private .card")).to_have_count(1)
    await expect(hands.page.locator("#private")).to_contain_text(READ)
    await hands.picture("sent")
    await hands.drop("#main", "konton.xlsx", register.read_bytes())
    await expect(hands.page.locator("#private .card")).to_have_count(2)
    await hands.page.get_by_role("button", name=SHOW).last.click()
    await expect(hands.page.locator("#dialog[open]")).to_contain_text(f"Nya konton: {ACCOUNTS - DOUBLES}.")


async def test_whoever_may_not_import_hears_so_and_a_large_file_never_leaves(
    hands: Hands, register: Path, tmp_path: Path
) -> None:
    await hands.open("anna", "dm:anna")
    await hands.page.locator("#file").set_input_files(register)
    await expect(hands.page.locator("#private")).to_contain_text("Det gick inte")
    large = tmp_path / "stor.csv"
    large.write_bytes(b"x" * 2_000_001)
    await hands.page.locator("#file").set_input_files(large)
    await expect(hands.page.locator("#private")).to_contain_text("Filen är för stor.")
    await hands.picture("refused")
    assert (await hands.world.register()).accounts == {}
