"""The gallery as each renderer shows it, in files that a person can read: `python -m tests.golden` writes them anew.

One file a language and renderer, an entry under each heading: Slack's blocks, what is heard in order, the page.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from adapters.slack import forms, render
from adapters.web.ports import Channel, Someone
from adapters.web.render import Renderer
from bot.model import Language, PersonId
from bot.texts import Texts
from bot.view import Card, Form
from smbot.gallery import Entry, gallery
from smbot.gallery.world import Scene
from tests.fakes.slack.reading import plain

FOLDER = Path(__file__).parent
LANGUAGES: tuple[Language, ...] = ("sv", "en")
NAMES = {p.id: p.name for p in Scene(language="sv").register.people.values()}
USERS = {person: f"U0{person.upper()}" for person in NAMES}


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


def html(shown: Card | Form, language: Language) -> str:
    """The page's markup, a blank line nowhere."""
    people = [Someone(p, name, "") for p, name in NAMES.items()]
    renderer = Renderer(t=Texts(language), people=people, channels=[Channel("biologi", "biologi")])
    made = renderer.form(shown) if isinstance(shown, Form) else renderer.card(shown)
    return "\n".join(line.strip() for line in made.splitlines() if line.strip())


def heard_file(language: Language) -> str:
    return "\n".join(f"=== {e.name} – {e.title}\n{heard(e.shown, language)}\n" for e in entries(language))


def slack_file(language: Language) -> str:
    """An entry a line: easy to compare, and to put into Slack's Block Kit Builder."""
    rows = [
        f"{json.dumps(e.name)}: {json.dumps(slack(e.shown, language), ensure_ascii=False)}"
        for e in entries(language)
    ]
    return "{\n" + ",\n".join(rows) + "\n}\n"


def page_file(language: Language) -> str:
    rows = [f"<!-- {e.name} -->\n{html(e.shown, language)}\n" for e in entries(language)]
    return f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n' + "\n".join(rows)


FILES: Mapping[str, Callable[[Language], str]] = {
    "heard.txt": heard_file,
    "slack.json": slack_file,
    "html": page_file,
}


def path(language: Language, kind: str) -> Path:
    return FOLDER / f"{language}.{kind}"


def write() -> None:
    for language in LANGUAGES:
        for kind, make in FILES.items():
            path(language, kind).write_text(make(language), encoding="utf-8")
