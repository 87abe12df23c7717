"""Every card and dialog drawn by Microsoft's own renderer: whole, alive only where we mean it, and sending what we put in."""

import os
from pathlib import Path
from typing import get_args

import pytest
from playwright.async_api import Browser, Page

from bot.view import Card, Form
from smbot.gallery import Entry, gallery
from smbot.gallery.world import Outside
from tests import golden
from tests.browser.teams_drawing import Json, Theme, board, draw, draw_all
from tests.fakes.teams.reading import actions
from tests.golden import on_teams
from tests.unit.test_hostile_text import FIELDS, HOSTILE, our_links

pytestmark = pytest.mark.browser
SHEET = 14
"""Cards on a contact sheet."""
PICTURES = os.environ.get("SMBOT_PICTURES")
THEMES = pytest.mark.parametrize("theme", get_args(Theme))
ALIVE = "a, script, img, iframe, object, svg, at, code, h1, blockquote, table, ul, ol, em, strong, del, hr"
"""Elements that words could become."""

FOUND = """(alive) => [...document.querySelectorAll("figure")].map(
    (figure) => [...figure.querySelectorAll(alive)].map((e) => e.getAttribute("href") || e.localName))"""
"""What has become an element in each drawing: its name, or where it leads."""
CLICKED = """() => [...document.querySelectorAll("figure")].map((figure) => {
    window.sent = [];
    figure.querySelectorAll("button.ac-pushButton").forEach((button) => button.click());
    return window.sent;
})"""
"""What each drawing's buttons send, in their order."""


def card_of(entry: Entry) -> Json:
    return on_teams.content(golden.teams(entry.shown, "sv"))


def named(card: Json) -> set[str]:
    """What the board draws for a mention."""
    return {"strong"} if "entities" in card["msteams"] else set()


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"teams-{name}.png", full_page=True)


@THEMES
@pytest.mark.parametrize("kind", [Card, Form])
async def test_each_card_and_dialog_is_drawn_without_a_complaint(
    chromium: Browser, theme: Theme, kind: type
) -> None:
    """With SMBOT_PICTURES set to a folder, contact sheets are left there."""
    entries = [e for e in golden.entries("sv") if isinstance(e.shown, kind)]
    assert len(entries) > SHEET
    for start in range(0, len(entries), SHEET):
        sheet = entries[start : start + SHEET]
        async with board(chromium, theme) as page:
            for entry, reported in zip(
                sheet, await draw_all(page, [card_of(e) for e in sheet], theme), strict=True
            ):
                assert reported == [], entry.name
            assert all([await figure.inner_text() for figure in await page.query_selector_all("figure")])
            await picture(page, f"{kind.__name__.lower()}-{theme}-{start // SHEET}")


@pytest.mark.parametrize("value", [v for v in HOSTILE.values() if set("<[*#{>") & set(v)])
async def test_no_words_from_outside_become_an_element(chromium: Browser, value: str) -> None:
    entries = gallery("sv", Outside(**dict.fromkeys(FIELDS, value)))
    async with board(chromium, "light") as page:
        told = await draw_all(page, [card_of(entry) for entry in entries], "light")
        alive = await page.evaluate(FOUND, ALIVE)
    for entry, reported, found in zip(entries, told, alive, strict=True):
        assert reported == [], entry.name
        assert set(found) <= our_links() | named(card_of(entry)), entry.name


async def test_words_from_outside_are_read_as_they_were_written(chromium: Browser) -> None:
    value = (
        "*zzz* [x](https://evil.example) <at>Anna</at> &amp; {{DATE(2020-01-01T00:00:00Z)}} 1_2_3 ~~g~~ C:\\x"
    )
    async with board(chromium, "light") as page:
        for entry in gallery("sv", Outside(**dict.fromkeys(("question", "account", "alarm_line"), value))):
            if entry.name in {"question.new", "alarm.first", "round.one"}:
                drawn, _ = await draw(page, card_of(entry), "light")
                assert value in (await drawn.inner_text()).replace("\u2060", ""), entry.name


async def test_each_button_sends_what_was_put_into_it(chromium: Browser) -> None:
    entries = [e for e in golden.entries("sv") if isinstance(e.shown, Card)]
    async with board(chromium, "light") as page:
        await draw_all(page, [card_of(entry) for entry in entries], "light")
        sent = await page.evaluate(CLICKED)
    for entry, found in zip(entries, sent, strict=True):
        meant = [(a["type"], a.get("verb", ""), a["data"]) for a in actions(card_of(entry))]
        assert [(s["kind"], s["verb"], s["data"]) for s in found] == meant, entry.name


async def test_a_button_is_named_for_ears_by_its_account_and_act(chromium: Browser) -> None:
    entry = next(e for e in golden.entries("sv") if e.name == "round.one")
    async with board(chromium, "light") as page:
        drawn, _ = await draw(page, card_of(entry), "light")
        names = [await b.get_attribute("aria-label") or "" for b in await drawn.query_selector_all("button")]
        titles = [await b.get_attribute("title") or "" for b in await drawn.query_selector_all("button")]
    for button, name, title in zip(entry.shown.buttons, names, titles, strict=True):
        assert button.heard in (name, title)
