"""What was found by name or e-mail when the register was filled, for an administrator to confirm."""

from collections.abc import Sequence

from bot.model import Person, Place
from bot.screens.base import Eyes
from bot.view import Button, Card, Item, Items, Part, Text

SHOWN = 40


def found(eyes: Eyes, people: Sequence[Person], places: Sequence[Place]) -> Card:
    """One list, one press. Somebody who is not right is corrected by doctor's hint, not here."""
    if not people and not places:
        return Card(title=eyes.t("setup.confirmed.title"))
    parts: list[Part] = [Text(text=eyes.t("setup.confirm.text"))]
    if people:
        lines = tuple(Item(text=p.name, note=p.email) for p in people[:SHOWN])
        parts += [Text(text=eyes.t("setup.confirm.people"), tone="strong"), Items(items=lines)]
    if places:
        named = tuple(Item(text=p.called) for p in places[:SHOWN])
        parts += [Text(text=eyes.t("setup.confirm.places"), tone="strong"), Items(items=named)]
    label = eyes.t("setup.do.confirm")
    button = Button(verb="setup.confirm", label=label, heard=label, style="primary")
    return Card(title=eyes.t("setup.confirm.title"), parts=tuple(parts), buttons=(button,))
