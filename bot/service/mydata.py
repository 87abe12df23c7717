"""`/sm-my-data`: what is kept about whoever asks. Of oneself alone; there is no such question about anybody else (U6)."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass

from bot.model import Person, PersonId
from bot.ports import Search, Sight
from bot.screens import mydata as screens
from bot.screens.mydata import Mine
from bot.service.base import Feature, Verb, Work
from bot.view import Reply, Tell

MOST = 500
"""So many rows of a kind are shown; a number says how many there are when it is that many."""


async def command(work: Work, _words: str = "") -> Reply:
    """Counts and samples. Everybody may, guests too: it is about themselves."""
    return Tell(card=screens.summary(work.eyes, await _mine(work)))


async def everything(work: Work, arg: str) -> Reply:
    """All of it in words, a page at a time."""
    page = int(arg) if arg.isascii() and arg.isdigit() and len(arg) < 4 else 1
    return Tell(card=screens.page(work.eyes, await _mine(work), page))


async def _mine(work: Work) -> Mine:
    """Of the actor, whoever was asked about: no argument of a press or a command leads here."""
    person, register = work.actor, work.register
    open_cases = [case for case in await work.tx.open_cases() if names(case, person.id)]
    return Mine(
        person=person,
        identities=register.identities_of(person.id),
        roles=tuple(role for role, people in register.roles.items() if person.id in people),
        units=tuple(u for u in register.units.values() if person.id in (u.head, u.deputy)),
        accounts=tuple(a for a in register.accounts.values() if names(a, person.id)),
        absences=tuple(a for a in register.absences if person.id in (a.person, a.cover)),
        open_cases=open_cases,
        decisions=await _decisions(work, person),
        about=await work.tx.about(person.id, MOST),
    )


async def _decisions(work: Work, person: Person) -> Sequence[int]:
    found = await work.tx.search_decisions(Search(), Sight(person=person.id), limit=MOST)
    return [decision.number for decision in found]


def names(value: object, person: PersonId) -> bool:
    """Whether a value names somebody anywhere inside, also after `|` in a key."""
    match value:
        case str():
            return value.rpartition("|")[2] == person
        case Mapping():
            return any(names(each, person) for pair in value.items() for each in pair)
        case tuple() | list() | frozenset():
            return any(names(each, person) for each in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return any(names(getattr(value, field.name), person) for field in fields(value))
        case _:
            return False


FEATURE = Feature(
    commands={"sm-my-data": command},
    verbs={
        "mydata": Verb(run=command, writes=False),
        "mydata.all": Verb(run=everything, writes=False),
    },
)
