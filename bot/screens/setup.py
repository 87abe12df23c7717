"""What was found by name or e-mail when the register was filled, for an administrator to confirm."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model import Person, PersonId, Place
from bot.screens.base import Eyes
from bot.screens.beginning import questions
from bot.screens.joining import proposals
from bot.view import Button, Card, Item, Items, Part, Text

SHOWN, MOST = 40, 10


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """Who pressed that all is right, and when."""

    by: PersonId
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What waits for a word. `ready`: an alarm can ring by night. `confirmed`: what no longer waits, by whom."""

    people: Sequence[Person] = ()
    places: Sequence[Place] = ()
    doubles: Sequence[tuple[Person, Person]] = ()
    lacks: Sequence[str] = ()
    ready: bool = True
    confirmed: Confirmed | None = None


def found(eyes: Eyes, facts: Facts) -> Card:
    """One list, one press; below it the first questions. Who holds what is changed in the settings, not here."""
    waits = bool(facts.people or facts.places)
    said = [] if waits else _confirmed(eyes, facts.confirmed)
    first = questions(eyes, facts.lacks) if facts.lacks else None
    if waits or facts.doubles:
        card = _to_confirm(eyes, facts, said, (_confirm(eyes),) if waits else ())
        return _and_first(card, first) if first else card
    if first:
        return replace(first, parts=(*said, *first.parts))
    return Card(title=eyes.t("setup.confirmed.title"), parts=tuple(said))


def _to_confirm(eyes: Eyes, facts: Facts, said: Sequence[Part], buttons: tuple[Button, ...]) -> Card:
    parts = [*said, *_waiting(eyes, facts)]
    parts += _section(eyes, "doubles", proposals(eyes, facts.doubles[:MOST]))
    if not facts.ready:
        parts.append(Text(text=eyes.t("setup.not_ready"), tone="strong"))
    return Card(title=eyes.t("setup.confirm.title"), parts=tuple(parts), buttons=buttons)


def _and_first(card: Card, first: Card) -> Card:
    """The first questions, below what has to be confirmed."""
    heading = Text(text=first.title, tone="strong")
    return replace(card, parts=(*card.parts, heading, *first.parts), buttons=(*card.buttons, *first.buttons))


def _confirmed(eyes: Eyes, said: Confirmed | None) -> list[Part]:
    if said is None:
        return []
    return [Text(text=eyes.t("setup.confirmed.by", name=eyes.name(said.by), when=eyes.moment(said.at)))]


def _waiting(eyes: Eyes, facts: Facts) -> list[Part]:
    lines = [Item(text=p.name, note=p.email) for p in facts.people[:SHOWN]]
    named = [Item(text=p.called) for p in facts.places[:SHOWN]]
    parts = [*_section(eyes, "people", lines), *_section(eyes, "places", named)]
    return [Text(text=eyes.t("setup.confirm.text")), *parts] if parts else []


def _confirm(eyes: Eyes) -> Button:
    label = eyes.t("setup.do.confirm")
    return Button(verb="setup.confirm", label=label, heard=label, style="primary")


def _section(eyes: Eyes, name: str, items: Sequence[Item]) -> list[Part]:
    return (
        [Text(text=eyes.t(f"setup.confirm.{name}"), tone="strong"), Items(items=tuple(items))]
        if items
        else []
    )
