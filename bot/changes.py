"""A change of a setting: what it was and what it shall be, field by field. Pure; it can be shown, done and taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cache
from typing import Any, Literal, get_type_hints

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from bot.model import Contact, Office, Person, PersonId, Place, Role, Unit
from bot.register import Register

Kind = Literal["office", "role", "unit", "place", "person"]
"""What a setting belongs to; a person is new, named by e-mail for a role or a unit, or has another name or number."""


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Who holds a role, the channel in which the role hears, its mailboxes and telephone number."""

    people: tuple[PersonId, ...] = ()
    place: str | None = None
    mail: tuple[str, ...] = ()
    phone: str = ""


Thing = Office | Holding | Unit | Place | Person
KINDS: Mapping[Kind, type[Thing]] = {
    "office": Office, "role": Holding, "unit": Unit, "place": Place, "person": Person,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Patch:
    """The fields of one thing that differ, as JSON. `before` None: it is new; `after` None: it is removed."""

    kind: Kind
    of: str = ""
    before: Mapping[str, Any] | None = field(hash=False)
    after: Mapping[str, Any] | None = field(hash=False)

    @property
    def inverse(self) -> "Patch":
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What somebody changed in one press. `undoes`: the change that it takes back; `page`: where it was made."""

    id: str
    page: str
    at: datetime
    by: PersonId
    patches: tuple[Patch, ...]
    undoes: str = ""


def found(register: Register, kind: Kind, of: str) -> Thing | None:
    """The thing as it stands; a role is always there."""
    match kind:
        case "office":
            return register.office
        case "role":
            role: Role = of  # type: ignore[assignment]
            return holding(register, role)
        case "unit":
            return register.units.get(of)
        case "place":
            return register.places.get(of)
        case "person":
            return register.people.get(PersonId(of))


def holding(register: Register, role: Role) -> Holding:
    contact = register.role_contacts.get(role, Contact())
    return Holding(people=register.roles.get(role, ()), place=register.role_places.get(role),
                   mail=contact.mail, phone=contact.phone)  # fmt: skip


def patch(kind: Kind, of: str, before: Thing | None, after: Thing | None) -> Patch | None:
    """What differs; None where nothing does."""
    if before is None or after is None:
        one, other = (to_json(thing) if thing else None for thing in (before, after))
        return None if one == other else Patch(kind=kind, of=of, before=one, after=other)
    names = [f.name for f in fields(before) if getattr(before, f.name) != getattr(after, f.name)]
    one, other = ({name: to_json(thing)[name] for name in names} for thing in (before, after))
    return Patch(kind=kind, of=of, before=one, after=other) if names else None


def to_json(thing: Thing) -> dict[str, Any]:
    """As it is kept: sets in order, so that the same value is always the same text."""
    return {f.name: _plain(getattr(thing, f.name)) for f in fields(thing)}


def _plain(value: object) -> Any:
    return to_jsonable_python(sorted(value) if isinstance(value, frozenset) else value)


def patched(register: Register, given: Patch) -> Thing | None:
    """The thing as it would be; None where it would be removed. Raises KeyError for one that is gone."""
    if given.after is None:
        return None
    before = found(register, given.kind, given.of)
    if before is None and given.before is not None:
        raise KeyError(given.of)
    return _read(given.kind, {**(to_json(before) if before else {}), **given.after})


def _read(kind: Kind, values: Mapping[str, Any]) -> Thing:
    thing: Thing = _adapter(kind).validate_python(values)
    return thing


@cache
def _adapter(kind: Kind) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind])


def stands(register: Register, side: Mapping[str, Any] | None, kind: Kind, of: str) -> bool:
    """Whether the thing has these values now (None: whether it is not there)."""
    thing = found(register, kind, of)
    if thing is None or side is None:
        return thing is None and side is None
    now = to_json(thing)
    return all(now.get(name) == value for name, value in side.items())


def changed(register: Register, patches: Iterable[Patch]) -> Register:
    """The register as it would be. Raises KeyError for a thing that is gone."""
    for each in patches:
        register = _with(register, each.kind, each.of, patched(register, each))
    return register


def _with(register: Register, kind: Kind, of: str, thing: Thing | None) -> Register:
    match thing:
        case Office():
            return replace(register, office=thing)
        case Holding():
            role: Role = of  # type: ignore[assignment]
            return _with_role(register, role, thing)
        case Unit():
            return replace(register, units={**register.units, of: thing})
        case Place():
            return replace(register, places={**register.places, of: thing})
        case Person():
            return replace(register, people={**register.people, thing.id: thing})
        case None:
            left = {ident: unit for ident, unit in register.units.items() if ident != of}
            return replace(register, units=left) if kind == "unit" else register


def _with_role(register: Register, role: Role, thing: Holding) -> Register:
    places = {r: p for r, p in register.role_places.items() if r != role}
    contacts = {r: c for r, c in register.role_contacts.items() if r != role}
    contact = Contact(mail=thing.mail, phone=thing.phone)
    return replace(
        register,
        roles={**register.roles, role: thing.people},
        role_places={**places, role: thing.place} if thing.place else places,
        role_contacts={**contacts, role: contact} if contact != Contact() else contacts,
    )


def renewed(register: Register, patches: Sequence[Patch]) -> tuple[Patch, ...]:
    """The same values, against what stands by now; what stands already is left out. Raises KeyError."""
    made = []
    for each in patches:
        before, after = found(register, each.kind, each.of), patched(register, each)
        again = patch(each.kind, each.of, before, after)
        made += [again] if again else []
    return tuple(made)


def decoded(kind: Kind, side: Mapping[str, Any] | None) -> dict[str, Any]:
    """The values of one side of a patch, as the model has them."""
    return {name: _field(kind, name).validate_python(value) for name, value in (side or {}).items()}


@cache
def _field(kind: Kind, name: str) -> TypeAdapter[Any]:
    return TypeAdapter(get_type_hints(KINDS[kind])[name])
