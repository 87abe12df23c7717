"""Every card and form in every state, made by the real screens out of made-up facts.

It feeds golden files, the platforms' own validators, and a page on which the texts can be read (architecture.md).
"""

from collections.abc import Iterator
from typing import NamedTuple

from bot.model import Language
from bot.view import Card, Form
from smbot.gallery import (
    ahead,
    alarms,
    closure,
    daily,
    decisions,
    filings,
    first,
    heads,
    importing,
    moderation,
    office,
    questions,
    register,
    requests,
    retention,
    runs,
    settings,
    starting,
    watching,
)
from smbot.gallery.world import Outside, Scene

SHELVES = (
    daily,
    questions,
    alarms,
    moderation,
    register,
    watching,
    importing,
    starting,
    first,
    runs,
    requests,
    closure,
    filings,
    decisions,
    settings,
    heads,
    ahead,
    office,
    retention,
)


class Entry(NamedTuple):
    """One card or form: its fixed name, what it shows in the reader's words, and the thing itself."""

    name: str
    title: str
    shown: Card | Form


def gallery(language: Language, outside: Outside | None = None) -> list[Entry]:
    """All entries in one language; `outside` puts other words where people's own words stand."""
    return list(_entries(Scene(language=language, outside=outside or Outside())))


def page(language: Language) -> list[tuple[str, Card | Form]]:
    """As the local page wants it: title with card or form."""
    return [(entry.title, entry.shown) for entry in gallery(language)]


def _entries(scene: Scene) -> Iterator[Entry]:
    for shelf in SHELVES:
        for name, shown in shelf.entries(scene):
            yield Entry(name, _title(scene, name), shown)


def _title(scene: Scene, name: str) -> str:
    """Its own title, else that of its kind: `refused.right.staff` is a refusal. Raises KeyError where there is none."""
    kind = name
    while kind and not scene.t.has(f"gallery.{kind}"):
        kind = kind.rpartition(".")[0]
    return scene.t(f"gallery.{kind or name}")
