"""What a reply holds, for whoever brings it back to the person who asked."""

from collections.abc import Iterator

from bot.model import PersonId
from bot.view import Ask, Card, Faults, Form, Part, People, PeopleField, PersonField, Reply, Tell, Text


def people_in(reply: Reply) -> frozenset[PersonId]:
    """Everybody whose id on the platform is needed to show the reply."""
    if isinstance(reply, Tell):
        return frozenset(_mentioned(reply.card.parts))
    return frozenset(_in_form(reply.form)) if isinstance(reply, Ask) else frozenset()


def _mentioned(parts: tuple[Part, ...]) -> Iterator[PersonId]:
    yield from (m.person for part in parts if isinstance(part, People) for m in part.people)


def _in_form(form: Form) -> Iterator[PersonId]:
    yield from _mentioned(form.intro)
    for field in form.fields:
        if isinstance(field, PersonField) and field.value:
            yield field.value
        if isinstance(field, PeopleField):
            yield from field.value


def in_words(faults: Faults) -> Card:
    """Faults where there is no form to show them in."""
    title, *rest = faults.by_field.values() or ("–",)
    return Card(title=title, parts=tuple(Text(text=text) for text in rest))
