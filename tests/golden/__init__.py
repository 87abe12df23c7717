"""The gallery as each renderer shows it, in files that a person can read: `python -m tests.golden` writes them anew.

One file a language and renderer, an entry under each heading: Slack's blocks, Teams' cards, what is heard in order,
the page.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from adapters.slack import forms, render
from adapters.teams.forms import Choices
from adapters.web.ports import Channel, Someone
from adapters.web.render import Renderer
from bot.model import Language, PersonId
from bot.texts import Texts
from bot.view import Card, Form
from smbot.gallery import Entry, gallery
from smbot.gallery.world import Scene
from tests.fakes.slack.reading import plain
from tests.golden import on_page, on_teams

FOLDER = Path(__file__).parent
LANGUAGES: tuple[Language, ...] = ("sv", "en")
NAMES = {p.id: p.name for p in Scene(language="sv").register.people.values()}
USERS = {person: f"U0{person.upper()}" for person in NAMES}
TEAMS_USERS = {
    person: f"00000000-{number:04}-4000-8000-000000000000" for number, person in enumerate(NAMES, 1)
}
TEAMS_CHOICES = Choices(
    people=tuple((user, NAMES[person]) for person, user in TEAMS_USERS.items()),
    places=(("teams:tenant:19:biologi@thread.tacv2", "biologi"),),
)


@cache
def entries(language: Language) -> tuple[Entry, ...]:
    return tuple(gallery(language))


def slack(shown: Card | Form, language: Language) -> render.Json:
    """A message with its text twin, or a modal."""
    t = Texts(language)
    if isinstance(shown, Form):
        return forms.modal(shown, t, USERS)
    made = render.message(shown, t, USERS)
    return {"text": made.text, "blocks": made.blocks}


def heard(shown: Card | Form, language: Language) -> str:
    """What is heard in order: a message's text twin; a form's labels and texts."""
    made = slack(shown, language)
    said = made["text"] if isinstance(shown, Card) else plain(made)
    for person, user in USERS.items():
        said = said.replace(f"<@{user}>", f"@{NAMES[PersonId(person)]}")
    return said


def teams(shown: Card | Form, language: Language) -> render.Json:
    """A card, or a dialog."""
    return on_teams.shown(shown, language, TEAMS_USERS, TEAMS_CHOICES)


def html(shown: Card | Form, language: Language, number: int | str = "") -> str:
    """The page's markup, a blank line nowhere. `number` keeps apart the fields of several forms on one page."""
    people = [Someone(p, name, "") for p, name in NAMES.items()]
    renderer = Renderer(t=Texts(language), people=people, channels=[Channel("biologi", "biologi")],
                        prefix=f"e{number}-" if number != "" else "")  # fmt: skip
    made = renderer.form(shown) if isinstance(shown, Form) else renderer.card(shown)
    return "\n".join(line.strip() for line in made.splitlines() if line.strip())


def heard_file(language: Language) -> str:
    return "\n".join(f"=== {e.name} – {e.title}\n{heard(e.shown, language)}\n" for e in entries(language))


def teams_heard_file(language: Language) -> str:
    told = ((e, on_teams.heard(teams(e.shown, language))) for e in entries(language))
    return "\n".join(f"=== {e.name} – {e.title}\n{words}\n" for e, words in told)


def page_document(language: Language) -> str:
    """All entries on one page, as the browser tests and `on_page.heard` read them."""
    shown = {e.name: html(e.shown, language, n) for n, e in enumerate(entries(language))}
    return on_page.document(shown, language)


async def page_heard_file(browser: Browser, language: Language) -> str:
    """What a screen reader is told of the page; it takes Chromium to tell."""
    page = await browser.new_page()
    try:
        await page.set_content(page_document(language))
        told = await on_page.heard(page)
    finally:
        await page.close()
    return "\n".join(f"=== {e.name} – {e.title}\n{told[e.name]}\n" for e in entries(language))


def _json_file(made: Mapping[str, render.Json]) -> str:
    """An entry a line: easy to compare, and to put into the platform's own designer."""
    rows = [f"{json.dumps(name)}: {json.dumps(shown, ensure_ascii=False)}" for name, shown in made.items()]
    return "{\n" + ",\n".join(rows) + "\n}\n"


def slack_file(language: Language) -> str:
    return _json_file({e.name: slack(e.shown, language) for e in entries(language)})


def teams_file(language: Language) -> str:
    return _json_file({e.name: teams(e.shown, language) for e in entries(language)})


def page_file(language: Language) -> str:
    rows = [f"<!-- {e.name} -->\n{html(e.shown, language)}\n" for e in entries(language)]
    return f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n' + "\n".join(rows)


FILES: Mapping[str, Callable[[Language], str]] = {
    "heard.txt": heard_file,
    "slack.json": slack_file,
    "teams.heard.txt": teams_heard_file,
    "teams.json": teams_file,
    "html": page_file,
}

PAGE_HEARD = "page.heard.txt"


def path(language: Language, kind: str) -> Path:
    return FOLDER / f"{language}.{kind}"


def write() -> None:
    for language in LANGUAGES:
        for kind, make in FILES.items():
            path(language, kind).write_text(make(language), encoding="utf-8")


async def write_page(chromium: str) -> None:
    """What is heard of the page."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language in LANGUAGES:
            words = await page_heard_file(browser, language)
            path(language, PAGE_HEARD).write_text(words, encoding="utf-8")
        await browser.close()
