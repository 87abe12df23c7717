"""The page for ears, for keys and for weak eyes: what Chromium tells a screen reader, axe's rules, 200 % and no mouse."""

from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests import golden
from tests.browser.test_story_page import demo
from tests.flows.story import Story, first_monday

pytestmark = pytest.mark.browser
AXE = Path(__file__).parent / "vendor/axe.min.js"
CONTRAST = ["color-contrast"]
ANSWERED = "() => !document.querySelector('#dialog form')?.busy"


@pytest.mark.parametrize("language", golden.LANGUAGES)
async def test_each_card_and_form_of_the_page_is_heard_as_agreed(chromium: Browser, language) -> None:
    """When a change is meant: `python -m tests.golden`, then read the difference."""
    agreed = golden.path(language, golden.PAGE_HEARD).read_text(encoding="utf-8")
    assert await golden.page_heard_file(chromium, language) == agreed


async def test_no_card_or_form_breaks_a_rule_of_axe_by_day_or_by_night(chromium: Browser) -> None:
    page = await chromium.new_page()
    await page.set_content(golden.page_document("sv"))
    assert await broken(page) == []
    await page.emulate_media(color_scheme="dark")
    assert await broken(page, only=CONTRAST) == []
    await page.close()


async def broken(page: Page, only: list[str] | None = None) -> list[str]:
    """The rules of axe-core that the page breaks, WCAG 2.2 AA and good practice, with the first place of each."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"resultTypes": ["violations"]} | ({"runOnly": only} if only else {})
    found = await page.evaluate("options => axe.run(document, options)", options)
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]]


async def test_a_question_is_logged_without_a_mouse_at_200_percent_and_all_of_it_is_told(
    chromium: Browser, tmp_path: Path
) -> None:
    story = Story(player=None, monday=first_monday(date.today()), pack="generic")  # type: ignore[arg-type]
    async with demo(tmp_path, story.begins, "generic") as url:
        context = await chromium.new_context(
            viewport={"width": 640, "height": 400}, device_scale_factor=2, locale="sv-SE"
        )
        page = await context.new_page()
        await page.goto(url)
        await page.locator("#items > *").first.wait_for()
        assert await broken(page) == []
        assert await too_wide(page) == 0

        await page.locator("#box").focus()
        await page.keyboard.type("/sm-fraga")
        await page.keyboard.press("Enter")
        await page.locator("#dialog[open] form").wait_for()
        assert await broken(page) == []
        assert await too_wide(page) == 0
        await only_inside(page)
        await page.keyboard.press("Escape")
        await expect(page.locator("#box")).to_be_focused()

        await page.keyboard.type("/sm-fraga")
        await page.keyboard.press("Enter")
        await page.locator("#dialog[open] form").wait_for()
        await reach(page, "[type=submit]")
        await page.keyboard.press("Enter")
        await faults_are_tied(page)
        assert await broken(page) == []
        await fill_in(page)
        await page.locator("#private article").wait_for()
        await expect(page.locator("#dialog")).not_to_have_attribute("open", "")
        await expect(page.locator("#box")).to_be_focused()
        told = page.locator("#private")
        assert (await told.get_attribute("role"), await told.get_attribute("aria-live")) == ("log", "polite")
        assert len((await told.inner_text()).strip()) > 10
        assert await broken(page) == []
        await context.close()


async def too_wide(page: Page) -> int:
    """Pixels by which the page would have to be moved sideways."""
    wide: int = await page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    return max(wide, 0)


async def only_inside(page: Page) -> None:
    """Tab goes round in the dialog: it may leave for the browser's own bar, never for the page behind."""
    seen = set()
    for _ in range(40):
        await page.keyboard.press("Tab")
        where = await page.evaluate(
            "() => [document.activeElement.closest('dialog')?.id ?? document.activeElement.tagName, document.activeElement.id]"
        )
        assert where[0] in {"dialog", "BODY"}, where
        seen.add(tuple(where))
    assert len(seen) > 3


async def reach(page: Page, selector: str) -> None:
    for _ in range(60):
        if await page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"no key leads to {selector}")


async def faults_are_tied(page: Page) -> None:
    """The focus stands in the first field that lacks something, and what it lacks is its description."""
    field = page.locator(":focus")
    await expect(field).to_have_attribute("aria-invalid", "true")
    ids = (await field.get_attribute("aria-describedby") or "").split()
    fieldset = (
        "() => document.activeElement.closest('fieldset')?.getAttribute('aria-describedby')?.split(' ') ?? []"
    )
    ids += await page.evaluate(fieldset)
    told = [await page.locator(f"#{ident}").inner_text() for ident in ids]
    assert any(text.strip() for text in told)


async def fill_in(page: Page) -> None:
    """Each field that must be filled in, by keys alone, then the form's button."""
    for _ in range(12):
        if not await page.evaluate("() => document.activeElement.matches('[type=submit]')"):
            await one(page)
            continue
        await page.keyboard.press("Enter")
        await page.wait_for_function(ANSWERED)  # before that a key might go to what is behind the form
        if not await page.locator("#dialog[open]").count():
            return
    raise AssertionError(await page.locator("#dialog").inner_text())


async def one(page: Page) -> None:
    kind = await page.evaluate("() => document.activeElement.type ?? ''")
    if kind.startswith("select"):
        await page.keyboard.press("ArrowDown")
    elif kind in {"radio", "checkbox"}:
        if not await page.evaluate(
            "() => document.activeElement.closest('fieldset')?.querySelector(':checked')"
        ):
            await page.keyboard.press("Space")
    elif kind in {"text", "textarea"}:
        await page.keyboard.type("Har ni öppet på lördag?")
    await reach(page, "[type=submit]")
