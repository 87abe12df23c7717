"""What was found by name or e-mail when the register was filled, for an administrator to confirm."""

from collections.abc import Sequence

from bot.model import Person, Place
from bot.screens.base import Eyes
from bot.screens.beginning import questions
from bot.screens.joining import proposals
from bot.view import Button, Card, Item, Items, Part, Text

SHOWN, MOST = 40, 10


def found(
    eyes: Eyes,
    people: Sequence[Person],
    places: Sequence[Place],
    doubles: Sequence[tuple[Person, Person]] = (),
    lacks: Sequence[str] = (),
    *,
    ready: bool = True,
) -> Card:
    """One list, one press; below it the first questions. Who holds what is changed in the settings, not here.

    `ready`: an alarm can ring by night.
    """
    if not people and not places and not doubles:
        return questions(eyes, lacks) if lacks else Card(title=eyes.t("setup.confirmed.title"))
    lines = [Item(text=p.name, note=p.email) for p in people[:SHOWN]]
    named = [Item(text=p.called) for p in places[:SHOWN]]
    parts = [*_section(eyes, "people", lines), *_section(eyes, "places", named)]
    if parts:
        parts.insert(0, Text(text=eyes.t("setup.confirm.text")))
    parts += _section(eyes, "doubles", proposals(eyes, doubles[:MOST]))
    if not ready:
        parts.append(Text(text=eyes.t("setup.not_ready"), tone="strong"))
    label = eyes.t("setup.do.confirm")
    button = Button(verb="setup.confirm", label=label, heard=label, style="primary")
    buttons = (button,) if people or places else ()
    if lacks:
        first = questions(eyes, lacks)
        parts += [Text(text=first.title, tone="strong"), *first.parts]
        buttons = (*buttons, *first.buttons)
    return Card(title=eyes.t("setup.confirm.title"), parts=tuple(parts), buttons=buttons)


def _section(eyes: Eyes, name: str, items: Sequence[Item]) -> list[Part]:
    return (
        [Text(text=eyes.t(f"setup.confirm.{name}"), tone="strong"), Items(items=tuple(items))]
        if items
        else []
    )
