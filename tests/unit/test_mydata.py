"""What one sees of oneself: everything in the register that names somebody, and of nobody else."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from bot.cases import Case
from bot.model import (
    Absence,
    Account,
    FreeDuty,
    Identity,
    Office,
    Pattern,
    Person,
    PersonId,
    Takeover,
    Unit,
)
from bot.register import Register
from bot.screens.base import Eyes
from bot.screens.mydata import all_lines
from bot.service.mydata import of_register, parts_of
from smbot.gallery.world import Scene

ME, OTHER = PersonId("mig"), PersonId("annan")
DAY = date(2026, 11, 23)
SAMPLES: dict[type, Any] = {
    Account: Account(id="k", platform="instagram", name="@k", address="", unit="e", people=()),
    FreeDuty: FreeDuty(),
    Pattern: Pattern(),
    Identity: Identity(platform="test", realm="T1", user="u1", person=OTHER),
    Unit: Unit(id="e", name="Enheten"),
    Absence: Absence(id="f", person=OTHER, first=DAY, last=DAY),
    Takeover: Takeover(id="t", accounts=("k",), first=DAY, last=DAY, by=OTHER),
    Office: Office(),
}
"""One of each that names people, naming nobody or somebody else."""


def naming(hint: Any) -> bool:
    return hint is PersonId or any(naming(part) for part in get_args(hint))


def inside(hint: Any) -> Iterator[type]:
    """The dataclasses that a field may hold."""
    if is_dataclass(hint):
        yield hint
    for part in get_args(hint):
        yield from inside(part)


def reached(kind: type, seen: set[type]) -> set[type]:
    """Every dataclass of the register, whatever it stands in."""
    for hint in get_type_hints(kind).values():
        for found in set(inside(hint)) - seen:
            seen |= {found}
            reached(found, seen)
    return seen


PLACES = [
    (kind, field.name)
    for kind in sorted(reached(Register, set()) - {Person}, key=lambda kind: kind.__name__)
    for field in fields(kind)
    if naming(get_type_hints(kind)[field.name])
]


def holding(hint: Any) -> Any:
    """A value of that type with me in it."""
    origin = get_origin(hint)
    if hint is PersonId or origin is UnionType:
        return ME
    return {ME: ME} if origin is dict else origin((ME,)) if origin in (tuple, frozenset) else (ME,)


def register_with(kind: type, field: str) -> Register:
    made = replace(SAMPLES[kind], **{field: holding(get_type_hints(kind)[field])})
    match made:
        case Account():
            return Register(accounts={"k": made})
        case FreeDuty():
            return Register(accounts={"k": replace(SAMPLES[Account], duty=made)})
        case Pattern():
            return Register(accounts={"k": replace(SAMPLES[Account], pattern=made)})
        case Identity():
            return Register(identities=(made,))
        case Unit():
            return Register(units={"e": made})
        case Absence():
            return Register(absences=(made,))
        case Takeover():
            return Register(takeovers=(made,))
        case _:
            return Register(office=made)


def shown(register: Register, person: Person) -> list[str]:
    eyes: Eyes = replace(Scene(language="sv").eyes, register=register)
    return list(all_lines(eyes, of_register(register, person)))


@pytest.mark.parametrize(("kind", "field"), PLACES, ids=[f"{k.__name__}.{f}" for k, f in PLACES])
def test_whoever_is_named_in_a_field_of_the_register_is_shown_that(kind: type, field: str) -> None:
    me = Person(id=ME, name="Mig")
    assert shown(register_with(kind, field), me) != shown(Register(), me)
    other = Person(id=PersonId("tredje"), name="Mig")
    assert shown(register_with(kind, field), other) == shown(Register(), other)


def test_roles_are_shown_too_and_no_other_field_of_the_register_itself_names_people() -> None:
    own = {name for name, hint in get_type_hints(Register).items() if naming(hint)}
    assert own == {"people", "roles"}
    me = Person(id=ME, name="Mig")
    assert shown(Register(roles={"registrar": (ME,)}), me) != shown(Register(), me)


FILLED: dict[str, Any] = {
    "name": "Annat Namn", "email": "mig@example.se", "phone": "070-000 00 00", "language": "en",
    "standing": "guest", "active": False, "checked": False, "left_on": DAY,
}  # fmt: skip


@pytest.mark.parametrize("field", [f.name for f in fields(Person) if f.name != "id"])
def test_everything_that_is_kept_of_a_person_is_shown_to_them(field: str) -> None:
    me = Person(id=ME, name="Mig")
    assert shown(Register(), replace(me, **{field: FILLED[field]})) != shown(Register(), me)


def test_every_kind_of_case_has_a_name_in_the_list() -> None:
    texts = Scene(language="sv").t
    kinds = {next(iter(get_args(get_type_hints(case)["case"]))) for case in get_args(Case)}
    assert [kind for kind in kinds if not texts.has(f"mydata.case.{kind}")] == []


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ({"k": {"gaps": {"purpose": ["2026-11-23", "mig"], "head": ["2026-11-24", "annan"]}}}, ["k: gaps: purpose: 2026-11-23"]),
        ({"summer": {"mig": "fine", "annan": "handed"}}, ["summer: fine"]),
        ({"mig": {"text": "mitt utkast"}, "annan": {"text": "hemligt"}}, ['{"text": "mitt utkast"}']),
        (["annan", "mig"], ["–"]),
        ({"k": {"left+mig+annan": "2026-11-23"}}, ["k: left: 2026-11-23"]),
        ({"plats": "mig", "annan plats": "annan"}, ["plats: –"]),
        ({"k": "mig igen", "annan": "amig"}, []),
    ],
)  # fmt: skip
def test_of_a_fact_one_sees_what_names_oneself_and_nothing_of_others(fact: object, said: list[str]) -> None:
    assert parts_of(json.dumps(fact), ME) == said


def test_what_is_no_json_names_somebody_by_their_whole_id_alone() -> None:
    assert parts_of("2026-11-23", ME) == []
    assert parts_of("mig", ME) == ["–"]
