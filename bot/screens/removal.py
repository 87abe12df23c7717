"""Where the bot is no longer, and what that concerns."""

from collections.abc import Sequence

from bot.model import Account, PersonId, Place, Role
from bot.register import Register
from bot.screens.base import Eyes, words
from bot.view import Card, Item, Items, Part, Text

SHOWN = 20


def bound(register: Register, place: Place) -> tuple[Account | Role, ...]:
    """The accounts of a place, and the roles that are reached there."""
    roles = (role for role, ident in register.role_places.items() if ident == place.id)
    return (*register.accounts_in(place.id), *roles)


def removed(eyes: Eyes, places: Sequence[Place], people: Sequence[PersonId]) -> Card:
    """For the administrators: once for each removal."""
    items = [Item(text=place.called, note=_concerns(eyes, place)) for place in places[:SHOWN]]
    items += [Item(text=eyes.name(person), note=_tasks(eyes, person)) for person in people[:SHOWN]]
    parts: list[Part] = [Items(items=tuple(items))]
    if places:
        parts.append(Text(text=eyes.t("removed.places")))
    if people:
        parts.append(Text(text=eyes.t("removed.people")))
    return Card(title=eyes.t.many("removed.title", len(places) + len(people)), parts=tuple(parts))


def _concerns(eyes: Eyes, place: Place) -> str:
    found = bound(eyes.register, place)
    return words(eyes.t, [each.name if isinstance(each, Account) else eyes.role(each) for each in found])


def _tasks(eyes: Eyes, person: PersonId) -> str:
    return words(eyes.t, [account.name for account in eyes.register.accounts_of(person)])
