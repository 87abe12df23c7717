"""The story's player on the local page, in Chromium: each person has a browser of their own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, expect

from tests.flows.letters import Letterbox
from tests.flows.player import STOCKHOLM, Seen, Value

MILLISECONDS = 20_000
WHOLE_MOVE = 60_000
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SCHEMES = ("light", "dark")


@dataclass(frozen=True)
class Card:
    """A card that stands in a place of the page; `number` stays whatever it says."""

    place: str
    number: str


class PagePlayer(Letterbox):
    """People by full name. `pictures`: a folder for what they see, wide and narrow, light and dark."""

    has_shortcuts = False
    mentions_watcher = False

    def __init__(
        self, browser: Browser, url: str, pictures: Path | None = None, view: Mapping[str, int] = WIDE
    ) -> None:
        self._browser, self._url, self._pictures, self._view = browser, url, pictures, view
        self._pages: dict[str, Page] = {}
        self._ids: dict[str, str] = {}

    async def say(self, who: str, command: str, where: str = "direct") -> None:
        page = await self._go(who, where)
        await page.locator("#box").fill(command)
        async with page.expect_response("**/page/command*"):
            await page.locator("#box").press("Enter")

    async def shortcut(self, who: str, where: str, name: str, written: str) -> None:
        raise NotImplementedError("the page has no messages of people")

    async def asked(self, who: str) -> list[str]:
        page = await self._page(who)
        await page.locator("#dialog[open] form").wait_for(timeout=MILLISECONDS)
        names: list[str] = await page.locator("#dialog .field").evaluate_all(LABELS)
        return names

    async def fill(self, who: str, values: Mapping[str, Value], submit: str) -> None:
        labels = await self.asked(who)
        page = await self._page(who)
        for label, value in values.items():
            assert label in labels, f"no field {label!r} among {labels}"
            await _fill(page.locator("#dialog .field").nth(labels.index(label)), value)
        async with page.expect_response("**/page/submit*"):
            await page.locator("#dialog button[type=submit]").get_by_text(submit, exact=True).click()

    async def press(self, who: str, where: Seen, label: str) -> None:
        page, card = await self._cards(who, where)
        meant = page.locator("button[data-verb]").filter(has=page.get_by_text(label, exact=True))
        newest = card if isinstance(where, Card) else card.filter(has=meant).last
        button = newest.locator(meant).first
        await button.wait_for(timeout=MILLISECONDS)
        sure = await button.get_attribute("data-title")
        async with page.expect_response("**/page/press*"):
            await button.click()
            if sure:
                await page.locator("#confirm-yes").click()

    async def sees(self, who: str, where: Seen, text: str) -> Seen:
        page, cards = await self._cards(who, where)
        found = cards.filter(has_text=_as_written(text))
        if where == "form" or isinstance(where, Card):
            await expect(cards.first).to_contain_text(text, timeout=MILLISECONDS)
            return where
        try:
            await found.last.wait_for(timeout=MILLISECONDS)
        except Exception:
            there = "\n---\n".join(await cards.all_inner_texts())
            raise AssertionError(f"{who} does not see {text!r} in {where}, but:\n{there}") from None
        number = await found.last.get_attribute("data-message")
        return Card(page.url, number) if number else where

    async def offers(self, who: str, where: Seen, text: str) -> list[str]:
        _, cards = await self._cards(who, where)
        card = (
            cards.first
            if where == "form" or isinstance(where, Card)
            else cards.filter(has_text=_as_written(text)).last
        )
        labels: list[str] = await card.evaluate(OWN_BUTTONS)
        return labels

    async def never_sees(self, who: str, where: Seen, text: str) -> None:
        page, _ = await self._cards(who, where)
        await page.reload()
        await page.locator("#items > *").first.wait_for(timeout=MILLISECONDS)
        _, cards = await self._cards(who, where)
        for words in await cards.all_inner_texts():
            assert text not in words, words

    async def until(self, moment: datetime) -> None:
        page = next(iter(self._pages.values()), None) or await self._page("")
        await _alone(page)
        await self._unfold(page, "moves")
        await page.locator("[data-move=choose]").click()
        local = moment.astimezone(STOCKHOLM)
        await page.locator("#dialog input[type=datetime-local]").fill(local.strftime("%Y-%m-%dT%H:%M"))
        async with page.expect_response("**/page/clock*", timeout=WHOLE_MOVE) as answered:
            await page.locator("#dialog button[type=submit]").click()
        assert (await (await answered.value).json())["kind"] == "done"

    async def picture(self, who: str, name: str) -> None:
        if self._pictures is None:
            return
        page = self._pages[who]
        for size, view in (("wide", WIDE), ("narrow", NARROW)):
            for scheme in SCHEMES:
                await page.set_viewport_size(view)  # type: ignore[arg-type]
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                await page.wait_for_timeout(250)
                await page.screenshot(path=self._pictures / f"{name}-{size}-{scheme}.png")
        await page.set_viewport_size(self._view)  # type: ignore[arg-type]
        await page.emulate_media(color_scheme="light")

    # -- inside ---------------------------------------------------------------------------------

    async def _page(self, who: str) -> Page:
        """This person's browser, opened where they come first; "" is whoever the page begins with."""
        if who not in self._pages:
            context = await self._browser.new_context(
                locale="sv-SE", viewport=self._view, reduced_motion="reduce"
            )  # type: ignore[arg-type]
            page = await context.new_page()
            await page.goto(self._url)
            for option in await page.locator("#as option").all():
                name = (await option.inner_text()).partition(" – ")[0]
                self._ids[name] = await option.get_attribute("value") or ""
            if who:
                await page.goto(f"{self._url}/?as={self._ids[who]}&at=home")
            await page.locator("#hint-gone").click()
            await page.locator("#items > *").first.wait_for(timeout=MILLISECONDS)
            self._pages[who] = page
        return self._pages[who]

    async def _go(self, who: str, where: str) -> Page:
        """To a place, as one does: by its line at the left."""
        page = await self._page(who)
        await _alone(page)
        name = where.removeprefix("#")
        known = {"home": "Hem Home", "direct": "smbot"}.get(where, name).split(" ")
        for entry in await page.locator("#entries a.entry").all():
            if (await entry.locator("bdi").inner_text()) in known:
                if await entry.get_attribute("aria-current") != "page":
                    at = await entry.get_attribute("data-at") or ""
                    await self._unfold(page, "menu")
                    await entry.click()
                    await page.locator(f'#entries a[data-at="{at}"][aria-current=page]').wait_for(
                        state="attached", timeout=MILLISECONDS
                    )
                return page
        raise AssertionError(f"{who} has no place {where}")

    async def _cards(self, who: str, where: Seen) -> tuple[Page, Locator]:
        """What stands there, oldest first."""
        if where == "form":
            page = await self._page(who)
            return page, page.locator("#dialog[open]")
        if where == "private":
            page = await self._page(who)
            await _alone(page)
            return page, page.locator("#private .card")
        if isinstance(where, Card):
            page = await self._page(who)
            await _alone(page)
            await self._return(page, where)
            return page, page.locator(f'[data-message="{where.number}"]').locator("xpath=self::*")
        page = await self._go(who, where)
        return page, page.locator("#items .card")

    async def _unfold(self, page: Page, what: str) -> None:
        """On a narrow screen places and clock are behind a button of their own."""
        button = page.locator(f"#{what}")
        if await button.is_visible() and await button.get_attribute("aria-expanded") == "false":
            await button.click()

    async def _return(self, page: Page, card: Card) -> None:
        """Back to the place in which a card stands."""
        at = card.place.rpartition("at=")[2]
        entry = page.locator(f'#entries a[href="?at={at}"]')
        if await entry.get_attribute("aria-current") != "page":
            await self._unfold(page, "menu")
            await entry.click()
            await page.locator(f'#entries a[href="?at={at}"][aria-current=page]').wait_for(
                state="attached", timeout=MILLISECONDS
            )


OWN_BUTTONS = """card => [...card.querySelectorAll("button[data-verb]")]
  .filter(b => b.closest("[data-message]") === card.closest("[data-message]")).map(b => b.innerText.trim())"""
LABELS = """fields => fields.map(f =>
  (f.querySelector(":scope > label > bdi, :scope > legend > bdi")?.textContent ?? "").trim())"""


def _as_written(text: str) -> re.Pattern[str]:
    """Playwright takes a plain text in any case: an older card with "obesvarad fråga på" would pass for "Fråga på"."""
    return re.compile(r"\s+".join(map(re.escape, text.split())))


async def _alone(page: Page) -> None:
    """Close what is open."""
    if await page.locator("#dialog[open]").count():
        await page.keyboard.press("Escape")
        await page.locator("#dialog[open]").wait_for(state="hidden", timeout=MILLISECONDS)


async def _fill(field: Locator, value: Value) -> None:
    """One field, whatever it looks like."""
    picks = field.locator(".pick")
    match value:
        case bool():
            await picks.locator("input").set_checked(value)
        case datetime():
            await field.locator("input").fill(value.astimezone(STOCKHOLM).strftime("%Y-%m-%dT%H:%M"))
        case date():
            await field.locator("input").fill(value.isoformat())
        case str() if await picks.count():
            await picks.filter(has=field.page.get_by_text(value, exact=True)).locator("input").check()
        case str() if await field.locator("select").count():
            await _choose(field.locator("select"), value)
        case str():
            await field.locator(":scope > input, :scope > textarea").fill(value)
        case _:
            await _tick(picks, list(value))


async def _choose(select: Locator, value: str) -> None:
    """The option that says so, or begins so; "# " stands before channels there."""
    wanted = value.replace("#", "# ")
    labels = [label.strip() for label in await select.locator("option").all_inner_texts()]
    await select.select_option(index=next(n for n, o in enumerate(labels) if o.partition(" – ")[0] == wanted))


async def _tick(picks: Locator, names: list[str]) -> None:
    """Exactly these, in this order."""
    boxes = {(await p.locator("bdi").inner_text()).strip(): p.locator("input") for p in await picks.all()}
    for box in boxes.values():
        await box.set_checked(False)
    for name in names:
        label = next((b for b in boxes if name.startswith("#") and b.startswith(f"{name}: ")), name)
        await boxes[label].set_checked(True)
