"""`/sm-my-data`: what is kept about whoever asks. Of oneself alone; there is no such question about anybody else (U6)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace

from bot.model import Person, PersonId
from bot.ports import Search, Sight
from bot.register import Register
from bot.screens import mydata as screens
from bot.screens.mydata import Mine
from bot.service.base import Feature, Verb, Work
from bot.view import Reply, Tell

NAMES_IN = re.compile(r"[|+:>]")
"""What stands between the parts of a key that is kept with a fact."""
DAY = re.compile(r"\d{4}-\d\d-\d\d")
HERE = "–"
"""They are named and no more is said of them; who else is named beside them is left out."""


async def command(work: Work, _words: str = "") -> Reply:
    """Counts and samples. Everybody may, guests too: it is about themselves."""
    return Tell(card=screens.summary(work.eyes, await _mine(work)))


async def everything(work: Work, arg: str) -> Reply:
    """All of it in words, a page at a time."""
    page = int(arg) if arg.isascii() and arg.isdigit() and len(arg) < 4 else 1
    return Tell(card=screens.page(work.eyes, await _mine(work), page))


async def _mine(work: Work) -> Mine:
    """Of the actor, whoever was asked about: no argument of a press or a command leads here."""
    person = work.actor
    about = await work.tx.about(person.id, screens.MOST)
    return replace(
        of_register(work.register, person),
        open_cases=[case for case in await work.tx.open_cases() if names(case, person.id)],
        decisions=await _decisions(work, person),
        about=about,
        facts=[(name, part) for name, value in about.facts for part in parts_of(value, person.id)],
    )


def of_register(register: Register, person: Person) -> Mine:
    """All in the register that names somebody."""
    ident = person.id
    return Mine(
        person=person,
        identities=register.identities_of(ident),
        roles=tuple(role for role, people in register.roles.items() if ident in people),
        units=tuple(u for u in register.units.values() if names(u, ident)),
        accounts=tuple(a for a in register.accounts.values() if names(a, ident)),
        absences=tuple(a for a in register.absences if names(a, ident)),
        takeovers=tuple(t for t in register.takeovers if names(t, ident)),
        changes=ident in register.office.changers,
    )


async def _decisions(work: Work, person: Person) -> Sequence[int]:
    found = await work.tx.search_decisions(Search(), Sight(person=person.id), limit=screens.MOST)
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


def parts_of(value: str, person: PersonId) -> list[str]:
    """The parts of a fact that name somebody, with the way to each; nothing of what names others alone."""
    try:
        return list(_parts(json.loads(value), person))
    except json.JSONDecodeError:
        return list(_parts(value, person))


def _parts(value: object, person: PersonId) -> Iterator[str]:
    match value:
        case dict():
            for key, each in value.items():
                whole = [_plain(each)] if person in NAMES_IN.split(key) else _parts(each, person)
                yield from (part if key == person else f"{NAMES_IN.split(key)[0]}: {part}" for part in whole)
        case list() if person in value:
            yield ", ".join(each for each in value if isinstance(each, str) and DAY.fullmatch(each)) or HERE
        case list():
            yield from (part for each in value for part in _parts(each, person))
        case str() if person in NAMES_IN.split(value):
            yield HERE
        case _:
            return


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


FEATURE = Feature(
    commands={"sm-my-data": command},
    verbs={
        "mydata": Verb(run=command, writes=False),
        "mydata.all": Verb(run=everything, writes=False),
    },
)
