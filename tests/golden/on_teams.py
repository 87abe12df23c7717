"""What Teams' people see and hear of the gallery: the cards as sent, and their words in the order in which they are read."""

from collections.abc import Iterator
from typing import Any

from adapters.teams import forms, render
from bot.model import Language, PersonId
from bot.service import FEATURES
from bot.texts import Texts
from bot.view import Card, Form

Json = dict[str, Any]
WRITES = {name for feature in FEATURES for name, verb in feature.verbs.items() if verb.writes}


def shown(thing: Card | Form, language: Language, users: dict[PersonId, str], choices: forms.Choices) -> Json:
    """A message's card, or a dialog."""
    t = Texts(language)
    if isinstance(thing, Form):
        return forms.dialog(thing, t, users, choices)
    return render.message(thing, t, users, WRITES.__contains__)


def content(made: Json) -> Json:
    """The card of a message or of a dialog."""
    return dict(made["card"]["content"]) if "card" in made else made


def heard(made: Json) -> str:
    """Line by line as a screen reader goes: words, fields with their choices, and buttons by what they are called."""
    title = [made["title"]] if "card" in made else []
    return "\n".join(_plain(line) for line in [*title, *_lines(content(made))] if line)


def _plain(line: str) -> str:
    return line.replace("\u2060", "").replace("\\", "").replace("<at>", "@").replace("</at>", "")


def _lines(thing: Json) -> Iterator[str]:
    kind = thing["type"]
    if kind == "TextBlock":
        yield thing["text"]
    elif kind == "RichTextBlock":
        yield "".join(run["text"] for run in thing["inlines"])
    elif kind.startswith("Input."):
        yield from _field(thing)
    elif kind.startswith("Action."):
        yield f"[{thing.get('tooltip', thing['title'])}]"
    for name in ("body", "items", "columns", "actions"):
        for inner in thing.get(name, ()):
            yield from _lines(inner)


def _field(thing: Json) -> Iterator[str]:
    """A field with what stands in it."""
    titles = {c["value"]: c["title"] for c in thing.get("choices", ())}
    value = thing.get("value", "")
    given = ", ".join(titles.get(v, v) for v in value.split(",")) if titles else value
    yield f"{thing['label']}{' *' if thing.get('isRequired') else ''}{f' = {given}' if given else ''}"
    if thing.get("style") in ("expanded", "compact"):
        yield "( " + " | ".join(titles.values()) + " )"
