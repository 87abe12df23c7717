"""A decision on paper: what is open to be read is printed alone, on one page."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser

import adapters.web
from adapters.web.render import Renderer
from bot.texts import Texts
from smbot.gallery import gallery

pytestmark = pytest.mark.browser
CSS = (Path(adapters.web.__file__).parent / "static" / "page.css").read_text(encoding="utf-8")
AROUND = '<header class="top">smbot</header><main class="main"><div class="scroll">{cards}</div></main>'
SHOWN = "[...document.querySelectorAll('body > *')].filter(e => getComputedStyle(e).display !== 'none').map(e => e.id)"


@pytest.mark.parametrize("kind", ["account.approved", "account.rejected", "account.closed"])
async def test_a_decision_that_is_open_is_printed_alone_on_one_page(chromium: Browser, kind: str) -> None:
    whole = next(e.shown for e in gallery("sv") if e.name == f"decision.whole.{kind}")
    html = Renderer(t=Texts("sv"), people=[], channels=[]).form(whole)
    cards = AROUND.format(cards="<p>kort</p>" * 300)
    page = await chromium.new_page()
    await page.set_content(
        f'<style>{CSS}</style><body>{cards}<dialog id="dialog" class="dialog">{html}</dialog></body>'
    )
    await page.evaluate("document.getElementById('dialog').showModal()")
    await page.emulate_media(media="print")
    assert await page.evaluate(SHOWN) == ["dialog"]
    pdf = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
