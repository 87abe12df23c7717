"""What an answer must be: what was submitted in a step is read, or refused beside its field. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from bot import addresses
from bot.checklists import (
    ASKED,
    MANAGER,
    OWN_PLACE,
    PEOPLE,
    PLATFORM,
    UNIT,
    accounts,
    asked,
    named,
    offered,
    ref,
    several,
    unit_of,
)
from bot.model import PersonId, Refused
from bot.policy import Field, Step
from bot.register import Register
from bot.view import Value, Values


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who answers a step and when, what the register knows, and what has been answered so far."""

    actor: PersonId
    register: Register
    answers: Values
    today: date
    now: datetime | None = None  # aware; None: no moment is held against it


def read(step: Step, given: Values, asker: Asker) -> tuple[dict[str, Value], dict[str, Refused]]:
    """The step's answers by "step.field", and what is wrong with those that cannot be taken."""
    found: dict[str, Value] = {}
    faults: dict[str, Refused] = {}
    for field in asked(step):
        name = ref(step, field)
        try:
            found[name] = _read(field, name, given.get(name, ""), asker)
        except Refused as no:
            faults[name] = no
    if not faults and MANAGER in found and PEOPLE in found and found[MANAGER] not in found[PEOPLE]:
        faults[MANAGER] = Refused("run.manager_not_named")
    return found, faults


def _read(field: Field, name: str, given: Value, asker: Asker) -> Value:
    many = several(given)
    single = given.strip() if isinstance(given, str) else "".join(given[:1])
    if name == UNIT:
        return _unit(single, asker.register)
    if name == OWN_PLACE:
        return _place(single)
    match field.kind:
        case "line" | "lines":
            return _text(field, single)
        case "link":
            return _link(field, single, asker.answers)
        case "checksum":
            return _checksum(field, single)
        case "choice":
            return _choice(field, single, asker.answers)
        case "choices":
            return _choices(field, many, asker.answers)
        case "date" | "moment":
            return _time(field, single, asker)
        case "confirm":
            return _confirm(field, single, asker)
        case "account":
            return next(iter(_accounts(field, several(single), asker.register)), "")
        case "accounts":
            return _accounts(field, many, asker.register)
        case "person":
            return next(iter(_picked(field, many[:1], asker.register)), "")
        case "people":
            return _picked(field, many, asker.register)
        case _:
            assert_never(field.kind)


def _given(field: Field, value: Value, key: str) -> None:
    if field.required and not field.later and not value:
        raise Refused(key)


def _text(field: Field, value: str) -> str:
    _given(field, value, "run.fill_in")
    if len(value) > field.max_length:
        raise Refused("run.too_long", most=field.max_length)
    return value


def _link(field: Field, value: str, answers: Values) -> str:
    _given(field, value, "run.fill_in")
    return addresses.canonical(value, str(answers.get(PLATFORM, ""))) if value else ""


def _checksum(field: Field, value: str) -> str:
    """SHA-256 as programs print it, in either case; some set it in groups."""
    _given(field, value, "run.fill_in")
    digits = "".join(value.split()).lower()
    if digits and not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise Refused("run.checksum")
    return digits


def _choice(field: Field, value: str, answers: Values) -> str:
    if value and value not in {o.id for o in offered(field, answers)}:
        raise Refused("form.choose")
    _given(field, value, "form.choose")
    return value


def _choices(field: Field, values: tuple[str, ...], answers: Values) -> tuple[str, ...]:
    ids = tuple(o.id for o in offered(field, answers))
    if set(values) - set(ids):
        raise Refused("form.choose")
    if len(values) > 1 and any(o.alone and o.id in values for o in field.options):
        raise Refused("run.alone")
    if field.all_required and set(values) != set(ids):
        raise Refused("run.tick_all")
    _given(field, values, "form.choose")
    return tuple(i for i in ids if i in values)


def _time(field: Field, value: str, asker: Asker) -> str:
    try:
        found = (date if field.kind == "date" else datetime).fromisoformat(value) if value else None
    except ValueError:
        raise Refused(f"form.{field.kind}") from None
    _given(field, value, f"form.{field.kind}")
    if field.past and found and _to_come(found, asker):
        raise Refused("run.not_future")
    return value


def _to_come(found: date, asker: Asker) -> bool:
    """Whether a day, or a moment, lies ahead. A moment without offset is no moment."""
    if not isinstance(found, datetime):
        return found > asker.today
    if found.tzinfo is None:
        raise Refused("form.moment")
    return asker.now is not None and found > asker.now


def _confirm(field: Field, value: str, asker: Asker) -> str:
    if field.confirmed_by == "each-person" and asker.actor not in named(asker.answers):
        return ASKED
    ticked = "yes" if value == "yes" else ""
    _given(field, ticked, "run.tick")
    return ticked


def _unit(value: str, register: Register) -> str:
    """A unit of the register; only a register without any takes a name."""
    if not value or (register.units and unit_of(register, {UNIT: value}) is None):
        raise Refused("form.choose")
    return value


def _accounts(field: Field, idents: tuple[str, ...], register: Register) -> tuple[str, ...]:
    """Accounts of the register that are not closed, each once and by name."""
    known = tuple(a.id for a in accounts(register))
    if set(idents) - set(known):
        raise Refused("form.choose")
    _given(field, idents, "form.choose")
    return tuple(ident for ident in known if ident in idents)


def _place(value: str) -> str:
    """A place id, or nothing: without a place the account has a gap, and it shows."""
    if value and not all((*value.split(":", 2), "", "")[:3]):
        raise Refused("form.choose")
    return value


def _picked(field: Field, idents: Iterable[str], register: Register) -> tuple[str, ...]:
    """All different, active, no bot, no guest, and enough."""
    found = tuple(dict.fromkeys(idents))
    for ident in found:
        register.active(ident)
    if field.kind == "people" and field.required and len(found) < max(field.min, 1):
        raise Refused("run.more_people", least=max(field.min, 1))
    _given(field, found, "form.person")
    return found
