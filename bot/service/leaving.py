"""Somebody has left: they hold no role from that day, and once their time is over nothing names them any more."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from bot import rights
from bot.model import Account, Person, PersonId, Refused
from bot.ports import Overdue
from bot.screens import leaving as screens
from bot.service import watching
from bot.service.base import Bot, Feature, Verb, Work, text
from bot.service.compose import at_work
from bot.texts import Texts
from bot.view import Ask, Reply, Tell, Values

# -- communications says so ---------------------------------------------------------------------


async def open_left(work: Work, _arg: str = "") -> Reply:
    rights.let_go(work.register, work.actor)
    return Ask(form=screens.form(work.eyes))


async def submit_left(work: Work, _state: str, values: Values) -> Reply:
    """From now on they hold no role here. Said twice it is said once; the first day holds."""
    rights.let_go(work.register, work.actor)
    person = _known(work, text(values, "person"))
    if person.id == work.actor.id:
        raise Refused("left.self", field="person")
    if person.left_on is None:
        person = replace(person, left_on=work.today)
        _someone_stays(work, person)
        await work.tx.save_person(person)
        await _follow(work, person.id)
    return Tell(card=screens.noted(work.eyes, person, _accounts(work, person.id)))


async def take_back(work: Work, ident: str) -> Reply:
    """It was a mistake, or they are back. After their name is gone there is nothing to take back."""
    rights.let_go(work.register, work.actor)
    person = _known(work, ident)
    if _is_erased(work, person):
        raise Refused("left.erased")
    if person.left_on:
        await work.tx.save_person(replace(person, left_on=None))
        await _follow(work, person.id)
    return Tell(card=screens.back(work.eyes, person))


def _someone_stays(work: Work, person: Person) -> None:
    """The last administrator whom the bot reaches cannot be let go: somebody else comes first (as in the settings)."""
    people = {**work.register.people, person.id: person}
    stays = replace(work.register, people=people).is_looked_after
    if work.register.is_looked_after and not stays:
        raise Refused("settings.last_administrator", field="person")


async def _follow(work: Work, person: PersonId) -> None:
    """Today's cards name who watches now, and heads are asked where nobody is left."""
    fresh = replace(work, register=await work.tx.register())
    for seen in (work, fresh):
        await watching.touch_watched(seen, person)
    await watching.look(fresh)


def _known(work: Work, ident: str) -> Person:
    person = work.register.people.get(PersonId(ident))
    if person is None:
        raise Refused("form.person", field="person")
    return person


def _accounts(work: Work, person: PersonId) -> list[Account]:
    found = (a for a in work.register.accounts.values() if a.state != "closed")
    return [a for a in found if person in (*a.people, *a.duty.people, a.head)]


# -- time passes --------------------------------------------------------------------------------


async def note(bot: Bot, now: datetime) -> int:
    """Whoever no platform has as active any more has left; their time runs from the day on which that is seen.

    Gives how many.
    """
    async with bot.storage.read() as tx:
        register = await tx.register()
    if not any(_is_new(person) for person in register.people.values()):
        return 0
    async with bot.storage.write() as tx:
        work = await at_work(bot, tx, now)
        found = [person for person in work.register.people.values() if _is_new(person)]
        for person in found:
            await tx.save_person(replace(person, left_on=work.today))
    return len(found)


def _is_new(person: Person) -> bool:
    return not person.active and person.left_on is None


def former(work: Work) -> str:
    """What stands in the place of a name."""
    return Texts(work.register.office.language)("person.former")


def _is_erased(work: Work, person: Person) -> bool:
    return not person.email and not work.register.identities_of(person.id) and person.name == former(work)


def leavers(work: Work, before: datetime) -> Sequence[Person]:
    """Who left before that moment and is still named, the earliest first."""
    day = before.date()
    found = [p for p in work.register.people.values() if p.left_on and p.left_on < day]
    return sorted((p for p in found if not _is_erased(work, p)), key=lambda p: (p.left_on or day, p.id))


def overdue(work: Work, before: datetime) -> Overdue:
    found = leavers(work, before)
    first = found[0].left_on if found else None
    oldest = datetime.combine(first, time(), before.tzinfo) if first else None
    return Overdue(count=len(found), oldest=oldest)


async def erase(work: Work, before: datetime, limit: int) -> int:
    """Name, addresses, chat accounts and absences go, and their places in the register are free."""
    found = leavers(work, before)[:limit]
    for person in found:
        await work.tx.save_person(_nameless(work, person))
        await work.tx.erase_person(person.id)
        await _out_of_register(replace(work, register=await work.tx.register()), person.id)
    return len(found)


def _nameless(work: Work, person: Person) -> Person:
    """Made anew, so that nothing that somebody adds to a person is kept by oversight."""
    return Person(id=person.id, name=former(work), standing=person.standing, active=False,
                  checked=person.checked, left_on=person.left_on)  # fmt: skip


async def _out_of_register(work: Work, person: PersonId) -> None:
    register, tx = work.register, work.tx
    for account in _accounts(work, person):
        await tx.save_account(_without(account, person))
    for unit in register.units.values():
        if person in (unit.head, unit.deputy):
            head, deputy = (None if who == person else who for who in (unit.head, unit.deputy))
            await tx.save_unit(replace(unit, head=head, deputy=deputy))
    for role, people in register.roles.items():
        if person in people:
            await tx.save_role(role, [p for p in people if p != person], register.role_places.get(role))


def _without(account: Account, person: PersonId) -> Account:
    """What then lacks somebody is a gap, which is shown and asked about as any."""
    people, order, duty = (
        tuple(p for p in named if p != person)
        for named in (account.people, account.pattern.order, account.duty.people)
    )
    return replace(
        account, people=people, pattern=replace(account.pattern, order=order),
        duty=replace(account.duty, people=duty), head=None if account.head == person else account.head,
        state="gaps" if account.state == "live" and len(people) < 2 else account.state,
    )  # fmt: skip


FEATURE = Feature(
    verbs={"left.open": Verb(run=open_left, writes=False), "left.back": Verb(run=take_back, writes=True)},
    forms={"left": submit_left},
)
