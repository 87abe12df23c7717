"""Adaptive Cards drawn by Microsoft's own renderer in Chromium, with measures and colours much like those of Teams."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, ElementHandle, Page

Json = dict[str, Any]
Theme = Literal["light", "dark"]
VENDOR = Path(__file__).parent / "vendor"
INK: dict[Theme, tuple[str, str, str, str, str, str]] = {
    "light": ("#242424", "#616161", "#ffffff", "#f5f5f5", "#5b5fc7", "#c4314b"),
    "dark": ("#ffffff", "#adadad", "#292929", "#333333", "#9299f7", "#f9526b"),
}
"""Words, subtle words, ground, emphasised ground, accent, attention."""


def _style(theme: Theme, ground: str) -> Json:
    words, subtle, _, _, accent, attention = INK[theme]
    named = {
        "default": words,
        "dark": words,
        "light": words,
        "accent": accent,
        "good": words,
        "warning": words,
    }
    named["attention"] = attention
    colours = {name: {"default": colour, "subtle": subtle} for name, colour in named.items()}
    return {"backgroundColor": ground, "foregroundColors": colours}


def host(theme: Theme) -> Json:
    """A host configuration with Teams' measures: its medium text is no larger than its plain text."""
    _, _, ground, emphasis, _, _ = INK[theme]
    sizes = {"small": 12, "default": 14, "medium": 14, "large": 18, "extraLarge": 24}
    family = {"fontFamily": "'Segoe UI', 'Liberation Sans', sans-serif", "fontSizes": sizes,
              "fontWeights": {"lighter": 200, "default": 400, "bolder": 600}}  # fmt: skip
    return {
        "supportsInteractivity": True,
        "spacing": {"small": 8, "default": 12, "medium": 16, "large": 20, "extraLarge": 24, "padding": 16},
        "separator": {"lineThickness": 1, "lineColor": emphasis},
        "fontStyles": {"default": family, "monospace": family},
        "containerStyles": {"default": _style(theme, ground), "emphasis": _style(theme, emphasis)},
        "actions": {
            "maxActions": 6,
            "buttonSpacing": 8,
            "actionsOrientation": "horizontal",
            "actionAlignment": "left",
        },
        "inputs": {"label": {"inputSpacing": "small", "requiredInputs": {"suffix": " *"}}},
    }


def style(theme: Theme) -> str:
    """What Teams' own style sheet gives to buttons and fields."""
    words, subtle, ground, _, accent, attention = INK[theme]
    return f"""
        body {{ margin: 12px; background: {"#f0f0f0" if theme == "light" else "#1f1f1f"}; color: {words};
                font: 14px 'Liberation Sans', sans-serif; display: flex; flex-wrap: wrap; gap: 12px }}
        figure {{ margin: 0; width: 560px; border: 1px solid {subtle}; border-radius: 4px; height: max-content }}
        .ac-actionSet {{ flex-wrap: wrap; row-gap: 8px }}
        .ac-pushButton {{ font: 600 14px 'Liberation Sans', sans-serif; padding: 5px 12px; border-radius: 4px;
                          border: 1px solid {subtle}; background: {ground}; color: {words} }}
        .ac-pushButton.style-positive {{ background: {accent}; border-color: {accent}; color: {ground} }}
        .ac-pushButton.style-destructive {{ color: {attention}; border-color: {attention} }}
        .ac-input {{ font: inherit; padding: 5px 8px; border: 1px solid {subtle}; border-radius: 4px;
                     background: {ground}; color: {words}; box-sizing: border-box }}
        input.ac-input, textarea.ac-input, select.ac-input {{ width: 100% }}
        p {{ margin: 0 }} a {{ color: {accent} }} """


KNOWN = ('Invalid value "sv" for property "lang".', 'Invalid value "en" for property "lang".')
"""A fault of the renderer: its pattern for languages remembers where it stopped, and fails every second time."""

DRAW = """
([cards, config]) => cards.map((card) => {
    const reported = [];
    const drawn = new AdaptiveCards.AdaptiveCard();
    drawn.hostConfig = new AdaptiveCards.HostConfig(config);
    drawn.onExecuteAction = (action) => {
        const kind = action.getJsonTypeName();
        window.sent.push({kind, verb: action.verb || "", data: action.data, ignores: action.associatedInputs || ""});
    };
    const context = new AdaptiveCards.SerializationContext();
    drawn.parse(card, context);
    for (let i = 0; i < context.eventCount; i++) reported.push(context.getEventAt(i).message);
    for (const each of drawn.validateProperties().validationEvents) reported.push(each.message);
    const figure = document.createElement("figure");
    figure.append(drawn.render());
    document.body.append(figure);
    return reported;
})"""


@asynccontextmanager
async def board(chromium: Browser, theme: Theme, width: int = 1180) -> AsyncIterator[Page]:
    """An empty page on which cards are drawn; it reaches no network."""
    page = await chromium.new_page(viewport={"width": width, "height": 900})
    try:
        await page.route("**", lambda route: route.abort())
        await page.set_content(
            f"<!doctype html><html lang=sv><title>Teams</title><style>{style(theme)}</style><body>"
        )
        for name in ("adaptivecards.min.js", "markdown-it.min.js"):
            await page.add_script_tag(content=(VENDOR / name).read_text(encoding="utf-8"))
        await page.evaluate("""() => {
            window.sent = [];
            const markdown = markdownit({linkify: true});
            markdown.linkify.set({fuzzyLink: false, fuzzyEmail: false});
            AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
                result.outputHtml = markdown.render(text);
                result.didProcess = true;
            };
        }""")
        yield page
    finally:
        await page.close()


async def draw(page: Page, card: Json, theme: Theme) -> tuple[ElementHandle, list[str]]:
    """The card as drawn, and what the renderer has to say about it."""
    (reported,) = await draw_all(page, [card], theme)
    return (await page.query_selector_all("figure"))[-1], reported


async def draw_all(page: Page, cards: list[Json], theme: Theme) -> list[list[str]]:
    """Each card in a figure of its own, and what the renderer has to say about each."""
    told = await page.evaluate(DRAW, [[_drawable(card) for card in cards], host(theme)])
    return [[line for line in reported if line not in KNOWN] for reported in told]


def _drawable(card: Json) -> Json:
    """Mentions are Teams' own: here they are bold."""
    words = json.dumps({name: value for name, value in card.items() if name != "msteams"})
    for entity in card.get("msteams", {}).get("entities", []):
        words = words.replace(json.dumps(entity["text"])[1:-1], f"**{entity['mentioned']['name']}**")
    return dict(json.loads(words))
