"""One person on two chats: joined by an administrator's or communications' confirmation, never by a matching name."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from bot import rights
from bot.cases import Run
from bot.cases.run import decide
from bot.cases.run_events import ApproverLeft
from bot.model import Entry, Pattern, Person, PersonId, Refused
from bot.outgoing import to_mail, to_person
from bot.plain import by_name
from bot.register import Register
from bot.screens import joining as screens
from bot.screens.base import told
from bot.service.base import Feature, Verb, Work, text
from bot.service.people import TO_CONFIRM
from bot.view import Ask, Reply, Tell, Values

T = TypeVar("T")
MOST = 20
"""Among so many one can choose."""


# -- who may be one -----------------------------------------------------------------------------


def check(register: Register, one: Person, other: Person) -> None:
    """Raises Refused for two who cannot be one person."""
    if one.id == other.id:
        raise Refused("join.same", field="other")
    for person in (one, other):
        if not person.may_act:
            raise Refused("join.no_staff", field="other", name=person.name)
    theirs = {(i.platform, i.realm) for i in register.identities_of(other.id)}
    both = [i for i in register.identities_of(one.id) if (i.platform, i.realm) in theirs]
    if both:
        raise Refused("join.both_there", field="other", chat=screens.chat(both[0].platform))


def may_be_one(register: Register, one: Person, other: Person) -> bool:
    try:
        check(register, one, other)
    except Refused:
        return False
    return True


def proposed(register: Register) -> tuple[tuple[PersonId, PersonId], ...]:
    """Two with one e-mail address on two chats, one of whom has a task: for somebody to confirm."""
    first: dict[str, Person] = {}
    pairs = []
    for person in sorted(register.people.values(), key=lambda p: p.id):
        known = first.setdefault(person.email.casefold(), person) if person.email else person
        if (
            known is not person
            and {known.id, person.id} & register.tasked
            and may_be_one(register, known, person)
        ):
            pairs.append((known.id, person.id))
    return tuple(pairs)


def in_order(register: Register, one: Person, other: Person) -> tuple[Person, Person]:
    """Who stays, and who becomes part of them: whoever has a task stays."""
    changed = other.id in register.tasked and one.id not in register.tasked
    return (other, one) if changed else (one, other)


# -- ask, say what it would do, do it -------------------------------------------------------------


async def open_join(work: Work, _arg: str = "") -> Reply:
    rights.join(work.register, work.actor)
    return Ask(form=screens.join_form(work.eyes))


async def submit_join(work: Work, _state: str, values: Values) -> Reply:
    """Somebody picked here, and words that name them on the other chat: what it would do, or who of several."""
    rights.join(work.register, work.actor)
    person = _person(work, text(values, "person"), "person")
    found = _found(work, person, text(values, "other"))
    if len(found) > 1:
        return Ask(form=screens.which_form(work.eyes, person, found))
    return _what(work, person, found[0])


def _found(work: Work, person: Person, given: str) -> list[Person]:
    """Those whom the words name; a fault says why there is nobody."""
    words = given.casefold().split()
    known = (p for p in work.register.people.values() if p.active and p.id != person.id)
    named = [p for p in known if all(word in f"{p.name} {p.email}".casefold() for word in words)]
    if len(named) == 1:
        return named
    found = [p for p in named if may_be_one(work.register, person, p)]
    if not words or not found:
        raise Refused("join.nobody", field="other")
    if len(found) > MOST:
        raise Refused("join.many", field="other")
    return sorted(found, key=by_name)


async def submit_which(work: Work, state: str, values: Values) -> Reply:
    rights.join(work.register, work.actor)
    return _what(work, _person(work, state, "other"), _person(work, text(values, "other"), "other"))


async def propose(work: Work, arg: str) -> Reply:
    """From the set-up card: what it would do, before anything is done."""
    rights.join(work.register, work.actor)
    one, _, other = arg.partition("|")
    return _what(work, _person(work, one, "other"), _person(work, other, "other"))


def _what(work: Work, one: Person, other: Person) -> Reply:
    check(work.register, one, other)
    return Ask(form=screens.confirm_form(work.eyes, *in_order(work.register, one, other)))


async def submit_same(work: Work, state: str, _values: Values) -> Reply:
    """They are one from now on."""
    rights.join(work.register, work.actor)
    stays, _, joins = state.partition("|")
    one, other = _person(work, stays, "other"), _person(work, joins, "other")
    check(work.register, one, other)
    await join(work, one, other)
    return Tell(card=told(work.t, "join.done", name=one.name))


def _person(work: Work, ident: str, field: str) -> Person:
    person = work.register.people.get(PersonId(ident))
    if person is None or not person.active:
        raise Refused("form.person", field=field)
    return person


# -- what joining does ----------------------------------------------------------------------------


async def join(work: Work, stays: Person, joins: Person) -> None:
    """Chat accounts, register, open cases and what is still to be said: all of it is `stays`' now. Logged."""
    await _register(work, stays, joins)
    for case in await work.tx.open_cases():
        after = swapped(case, joins.id, stays.id)
        if after != case:
            saved = await work.tx.save_case(after)
            if isinstance(saved, Run) and saved.state == "waiting" and saved.approver in saved.own:
                await work.apply(saved, decide(saved, ApproverLeft(), work.now, work.hours))
    await work.tx.redirect(to_person(joins.id), to_person(stays.id))
    await work.tx.redirect(to_mail(joins.id), to_mail(stays.id))
    await work.tx.pass_decisions_on(joins.id, stays.id)
    waiting: list[str] = json.loads(await work.tx.fact(TO_CONFIRM) or "[]")
    await work.tx.save_fact(TO_CONFIRM, json.dumps([each for each in waiting if each != joins.id]))
    entry = Entry(what="person.joined", by=work.actor.id, data={"joined": joins.id})
    await work.tx.add_log(f"person:{stays.id}", (entry,), work.now)


async def _register(work: Work, stays: Person, joins: Person) -> None:
    register, tx = work.register, work.tx
    await tx.save_person(_both(register, stays, joins))
    await tx.save_person(replace(joins, active=False, email=""))
    for identity in register.identities_of(joins.id):
        await tx.save_identity(replace(identity, person=stays.id))
    for unit in register.units.values():
        after = swapped(unit, joins.id, stays.id)
        if after != unit:
            await tx.save_unit(replace(after, deputy=None) if after.deputy == after.head else after)
    if (office := swapped(register.office, joins.id, stays.id)) != register.office:
        await tx.save_office(office)
    for account in register.accounts.values():
        if (changed := swapped(account, joins.id, stays.id)) != account:
            await tx.save_account(changed)
    for absence in register.absences:
        if (moved := swapped(absence, joins.id, stays.id)) != absence:
            await tx.save_absence(replace(moved, cover=None) if moved.cover == moved.person else moved)
    for takeover in register.takeovers:
        if (after_all := swapped(takeover, joins.id, stays.id)) != takeover:
            await tx.save_takeover(after_all)
    for role, people in register.roles.items():
        if joins.id in people:
            await tx.save_role(role, swapped(people, joins.id, stays.id), register.role_places.get(role))


def _both(register: Register, stays: Person, joins: Person) -> Person:
    """As the platform calls them: somebody known by their address alone has no name from there."""
    named = stays if register.identities_of(stays.id) else joins
    return replace(
        stays, name=named.name, email=stays.email or joins.email, phone=stays.phone or joins.phone, language=stays.language or joins.language,
        checked=stays.checked or joins.checked,
    )  # fmt: skip


def swapped(value: T, before: str, after: str) -> T:
    """The value with one person's id in the place of another's, wherever it stands, also after `|` in a key.

    Nobody stands in a list twice for it, but in a pattern's order, which may name somebody for two days.
    """
    return cast(T, _swapped(value, before, after))


def _swapped(value: Any, before: str, after: str) -> Any:
    match value:
        case str():
            head, bar, tail = value.rpartition("|")
            return f"{head}{bar}{after}" if tail == before else value
        case Pattern():
            return replace(value, order=tuple(_swapped(p, before, after) for p in value.order))
        case tuple():
            found = tuple(_swapped(each, before, after) for each in value)
            return value if found == value else tuple(dict.fromkeys(found))
        case Mapping():
            return {_swapped(k, before, after): _swapped(v, before, after) for k, v in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            changed = {
                f.name: _swapped(getattr(value, f.name), before, after) for f in fields(value) if f.init
            }
            return replace(value, **changed)
        case _:
            return value


FEATURE = Feature(
    verbs={
        "person.join": Verb(run=open_join, writes=False),
        "person.propose": Verb(run=propose, writes=False),
    },
    forms={"person.join": submit_join, "person.which": submit_which, "person.same": submit_same},
)
