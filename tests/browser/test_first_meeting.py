"""Somebody who has read nothing meets the bot on the page, wide and narrow: answers the first card, logs a question, finds
out who sees what (users.md U11, "Done when")."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.browser.test_story_page import demo
from tests.flows.page_player import NARROW, WIDE, PagePlayer
from tests.flows.player import Seen, Value
from tests.flows.story import Story, first_monday
from tests.flows.story_cast import ANNA, INSTAGRAM, LIBRARY

pytestmark = pytest.mark.browser
MOST_PRESSES, MOST_FIELDS = 6, 1
"""So few that it is done within three minutes: one to find out, one to answer, two to log and save, at most two to go Home."""


class Counted(PagePlayer):
    """Hands that count what they do; looking costs nothing."""

    presses = 0
    fields = 0

    async def press(self, who: str, where: Seen, label: str) -> None:
        self.presses += 1
        await super().press(who, where, label)
        await self._look(who, label)

    async def fill(self, who: str, values: Mapping[str, Value], submit: str) -> None:
        self.presses, self.fields = self.presses + 1, self.fields + len(values)
        await super().fill(who, values, submit)
        await self._look(who, submit)

    async def _go(self, who: str, where: str) -> Page:
        page = await super()._page(who)
        here = page.url
        page = await super()._go(who, where)
        self.presses += page.url != here
        return page

    async def _unfold(self, page: Page, what: str) -> None:
        self.presses += what == "menu" and await page.locator("#menu").is_visible()
        await super()._unfold(page, what)

    async def _look(self, who: str, name: str) -> None:
        """Keep what stands there, and hold that nothing is wider than the screen."""
        page = self._pages[who]
        await page.wait_for_timeout(200)
        wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"after {name!r} one has to scroll sideways by {wide} px"
        if self._pictures:
            plain = "".join(c for c in name.casefold() if c.isalnum())
            await page.screenshot(
                path=self._pictures / f"first-{self._view['width']}-{self.presses}-{plain}.png"
            )


@dataclass
class Meeting:
    player: Counted
    story: Story

    async def of_somebody_who_has_read_nothing(self) -> None:
        p = self.player
        welcome = await p.sees(ANNA, LIBRARY, "Hej! Jag påminner om")
        await p._look(ANNA, "welcome")
        p.presses = 0
        await p.press(ANNA, welcome, "Vad sparas?")
        for said in ("inte hur ni arbetar", "Kontots personer, ansvarig chef, kommunikation"):
            await p.sees(ANNA, "private", said)
        found_out = p.presses
        assert found_out == 1

        await p.until(self.story.begins.replace(hour=9, minute=5) + timedelta(days=1))
        card = await p.sees(ANNA, LIBRARY, "God morgon!")
        await p._look(ANNA, "morning")
        p.presses = 0
        await p.press(ANNA, card, "Allt lugnt på alla tre")
        await p.sees(ANNA, "private", "Noterat")
        await p.sees(ANNA, card, "Genomgånget")
        assert p.presses == 1

        p.presses = 0
        await p.sees(ANNA, "home", "Lägg in en fråga")
        await p._look(ANNA, "home")
        await p.press(ANNA, "home", "Lägg in en fråga")
        await p.fill(ANNA, {"Konto": INSTAGRAM}, "Spara")
        await p.sees(ANNA, "private", f"Frågan på {INSTAGRAM} ska besvaras")
        assert p.fields == MOST_FIELDS
        assert found_out + 1 + p.presses <= MOST_PRESSES


@pytest.mark.parametrize("view", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_somebody_who_has_read_nothing_answers_logs_a_question_and_finds_out_who_sees_what(
    chromium: Browser, tmp_path: Path, view: Mapping[str, int]
) -> None:
    story = Story(player=None, monday=first_monday(date.today()), pack="ki")  # type: ignore[arg-type]
    pictures = os.environ.get("SMBOT_PICTURES")
    async with demo(tmp_path, story.begins, "ki") as url:
        player = Counted(chromium, url, Path(pictures) if pictures else None, view)
        await Meeting(player, story).of_somebody_who_has_read_nothing()
