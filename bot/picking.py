"""People picked in a form, between the platform's ids and ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.model import PersonId
from bot.view import Value


@dataclass(frozen=True)
class Picked:
    """User ids out of a people picker; `many` tells one from several."""

    users: tuple[str, ...]
    many: bool


Raw = str | tuple[str, ...] | Picked
"""A submitted value before people are known: as `Value`, but for people."""


def picked(raw: Mapping[str, Raw]) -> Iterator[tuple[str, str]]:
    """Each picked user with the field it was picked in."""
    for name, value in raw.items():
        if isinstance(value, Picked):
            yield from ((name, user) for user in value.users)


def settled(raw: Mapping[str, Raw], people: Mapping[str, PersonId]) -> dict[str, Value]:
    """The values with people's own ids. `people` holds every user that was picked."""
    return {name: _settle(value, people) for name, value in raw.items()}


def _settle(value: Raw, people: Mapping[str, PersonId]) -> Value:
    if not isinstance(value, Picked):
        return value
    found = tuple(people[u] for u in value.users)
    return found if value.many else "".join(found)
