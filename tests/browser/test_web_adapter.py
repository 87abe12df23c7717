"""The page in Chromium: by mouse, by keyboard, live, and with hostile text."""

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.view import Card, Quote, Text
from tests.unit._fake_desk import EVA, World, morning_card, question_card, serve

pytestmark = pytest.mark.browser


@dataclass
class Reader:
    """One person's browser on the page."""

    world: World
    context: BrowserContext
    page: Page
    trouble: list[str]

    async def open(self, place: str = "biologi", *, as_: str = "p-anna") -> "Reader":
        await self.page.goto(f"http://127.0.0.1:{self.world.port}/?as={as_}&at={place}")
        await expect(self.page.locator("#items > *").first).to_be_visible()
        return self

    def button(self, name: str):
        return self.page.get_by_role("button", name=name)


@pytest_asyncio.fixture(loop_scope="session")
async def reader(chromium: Browser) -> AsyncIterator[Reader]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    world = World(port)
    runner = await serve(world)
    context = await chromium.new_context(viewport={"width": 1280, "height": 800}, locale="sv-SE")
    page = await context.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
    page.on("dialog", lambda dialog: trouble.append(dialog.message))
    yield Reader(world, context, page, trouble)
    await context.close()
    await runner.cleanup()


async def test_a_card_that_is_sent_appears_without_a_press_and_is_announced(reader: Reader) -> None:
    await reader.open()
    await reader.world.post(morning_card())
    await expect(reader.page.get_by_role("heading", name="God morgon!")).to_be_visible()
    await expect(reader.page.locator("#announce")).to_contain_text("Nytt i #biologi: God morgon!")
    assert reader.trouble == []


async def test_a_double_click_has_one_effect(reader: Reader) -> None:
    reader.world.desk.waits = 0.3
    await reader.world.post(morning_card())
    await reader.open()
    await reader.button("Allt lugnt på alla tre").dblclick()
    await expect(reader.page.locator("#private")).to_contain_text("Noterat: allt lugnt")
    presses = [call for call in reader.world.desk.calls if call[0] == "press"]
    assert len(presses) == len(reader.world.desk.effects) == 1


async def test_a_question_is_logged_by_keyboard_alone_and_a_fault_keeps_what_was_typed(
    reader: Reader,
) -> None:
    await reader.open()
    keys = reader.page.keyboard
    await keys.press("Tab")  # the skip link to the command box
    await keys.press("Enter")
    await keys.type("/sm-f")
    await expect(reader.page.get_by_role("option", name="/sm-fraga")).to_be_visible()
    await keys.press("ArrowDown")
    await keys.press("Enter")
    dialog = reader.page.get_by_role("dialog")
    await expect(dialog.get_by_role("radio", name="Fråga")).to_be_focused()
    await keys.press("Tab")
    for _ in range(4):
        await keys.press("ArrowDown")
    link = dialog.get_by_label("Länk till inlägget")
    await link.focus()
    await keys.type("ingen länk")
    await keys.press("Enter")
    await expect(link).to_be_focused()
    await expect(link).to_have_attribute("aria-invalid", "true")
    await expect(link).to_have_value("ingen länk")
    assert "Klistra in länken" in await link.evaluate(
        "field => field.getAttribute('aria-describedby').split(' ').map(id => document.getElementById(id).textContent).join()"
    )
    await keys.press("Control+a")
    await keys.type("https://example.org/p/1")
    await keys.press("Enter")
    await expect(reader.page.locator("#private")).to_contain_text("Frågan är loggad.")
    await expect(reader.page.locator("#box")).to_be_focused()
    form, state, values = [given for what, _, given in reader.world.desk.calls if what == "submit"][-1]
    assert (form, state, values["where"], values["link"]) == (
        "whole",
        "state-1",
        "w3",
        "https://example.org/p/1",
    )
    assert values["posted"] == "2026-11-23T09:00:00+01:00"
    assert reader.trouble == []


async def test_what_is_required_is_asked_for_before_anything_is_sent(reader: Reader) -> None:
    await reader.open("home")
    await reader.button("Lägg in en fråga").click()
    await reader.page.get_by_role("button", name="Spara").click()
    await expect(reader.page.get_by_label("Var finns den?")).to_be_focused()
    await expect(reader.page.get_by_text("Fyll i det här.")).to_be_visible()
    assert not [call for call in reader.world.desk.calls if call[0] == "submit"]


async def test_text_that_is_too_long_is_kept_as_it_was_pasted_and_said_to_be_too_long(reader: Reader) -> None:
    await reader.open("home")
    await reader.button("Lägg in en fråga").click()
    link = reader.page.get_by_label("Länk")
    most = int(str(await link.get_attribute("data-longest")))
    await link.fill("x" * (most + 7))
    await reader.page.get_by_role("button", name="Spara").click()
    await expect(reader.page.get_by_text(f"Högst {most} tecken, nu är det {most + 7}.")).to_be_visible()
    assert len(await link.input_value()) == most + 7
    assert not [call for call in reader.world.desk.calls if call[0] == "submit"]


async def test_a_press_that_cannot_be_taken_back_is_asked_about_first(reader: Reader) -> None:
    await reader.world.post(question_card())
    await reader.open()
    await reader.button("Ta bort").click()
    await reader.page.get_by_role("dialog").get_by_role("button", name="Behåll").click()
    assert reader.world.desk.effects == {}
    await reader.button("Ta bort").click()
    await reader.page.get_by_role("dialog").get_by_role("button", name="Ta bort").click()
    await expect(reader.page.locator("#private")).to_contain_text("Noterat")
    assert list(reader.world.desk.effects.values()) == ["question.drop"]


async def test_acting_as_somebody_else_shows_their_own_direct_messages(reader: Reader) -> None:
    await reader.world.post(Card(title="Ett beslut väntar"), user="eva")
    await reader.open("home")
    choose = reader.page.get_by_label("Agera som")
    await expect(choose.locator(f"option[value={EVA}]")).to_contain_text("ett nytt")
    await choose.select_option(str(EVA))
    await reader.page.get_by_role("link", name="smbot").click()
    await expect(reader.page.get_by_role("heading", name="Ett beslut väntar")).to_be_visible()


async def test_the_clock_is_moved_and_the_cards_on_the_way_appear(reader: Reader) -> None:
    reader.world.clock.arrive = lambda: reader.world.post(morning_card())
    await reader.open()
    await reader.button("Nästa arbetsdag").click()
    await expect(reader.page.get_by_role("heading", name="God morgon!")).to_be_visible()
    await expect(reader.page.locator("#clock")).to_contain_text("tisdag 24 november 2026")
    await reader.button("Välj tid").click()
    await reader.page.get_by_label("Till", exact=True).fill("2026-12-01T10:00")
    await reader.page.get_by_role("button", name="Flytta", exact=True).click()
    await expect(reader.page.locator("#clock")).to_contain_text("tisdag 1 december 2026")
    assert reader.trouble == []


async def test_the_reader_chooses_the_language(reader: Reader) -> None:
    await reader.open("home")
    await reader.button("In English").click()
    await expect(reader.page.get_by_text("Act as", exact=True)).to_be_visible()


async def test_hostile_text_runs_nothing(reader: Reader) -> None:
    words = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    await reader.world.post(Card(title=words, parts=(Quote(text=words), Text(text=words))))
    await reader.open()
    await expect(reader.page.get_by_role("heading", name=words)).to_be_visible()
    assert await reader.page.locator("#items img, #items script").count() == 0
    assert reader.trouble == []


async def test_an_edited_card_keeps_the_focus_of_who_stands_on_it(reader: Reader) -> None:
    ref = await reader.world.post(morning_card(), key="m")
    await reader.open()
    await reader.button("Något att berätta").focus()
    from bot.ports import Address
    from tests.unit._fake_desk import envelope

    changed = Card(title="Ändrat", buttons=morning_card().buttons)
    await reader.world.chat.edit(envelope(changed, Address(platform="web", realm="local"), "m"), ref)
    await expect(reader.page.get_by_role("heading", name="Ändrat")).to_be_visible()
    await expect(reader.button("Något att berätta")).to_be_focused()


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
async def test_nothing_runs_out_of_the_side_on_any_width(reader: Reader, width: int) -> None:
    await reader.page.set_viewport_size({"width": width, "height": 844})
    await reader.world.post(Card(title="x" * 200, parts=(Text(text="y" * 5000),)))
    await reader.world.post(question_card())
    await reader.open()
    assert await reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await reader.page.evaluate(
        "document.getElementById('scroll').scrollWidth <= document.getElementById('scroll').clientWidth"
    )


async def test_on_a_narrow_screen_channels_and_clock_are_unfolded_by_a_button(reader: Reader) -> None:
    await reader.page.set_viewport_size({"width": 390, "height": 844})
    await reader.open("home")
    await reader.button("Kanaler").click()
    await reader.page.get_by_role("link", name="biologi").click()
    await expect(reader.page.get_by_role("heading", name="biologi")).to_be_visible()
    await reader.button("Flytta klockan framåt").click()
    await expect(reader.button("+1 vecka")).to_be_visible()


async def test_acting_as_is_chosen_by_keys_without_changing_on_the_way(reader: Reader) -> None:
    await reader.open("home")
    choose = reader.page.get_by_label("Agera som")
    await choose.focus()
    for _ in range(2):
        await reader.page.keyboard.press("ArrowDown")
    await expect(reader.page.locator("#place")).to_contain_text("Anna Ek")
    await reader.page.keyboard.press("Tab")
    await expect(reader.page.locator("#place")).to_contain_text("Eva Sand")
    await expect(choose).to_be_focused()


async def test_a_page_from_before_a_restart_goes_on_working(reader: Reader) -> None:
    await reader.world.post(morning_card())
    await reader.open()
    await reader.page.evaluate("document.body.dataset.token = 'of the process before'")
    await reader.world.post(Card(title="Efter omstarten"))
    await expect(reader.page.get_by_role("heading", name="Efter omstarten")).to_be_visible()
    await reader.button("Allt lugnt på alla tre").click()
    await expect(reader.page.locator("#private")).to_contain_text("Noterat")
