"""Who people are, which language they read, and when they are away."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot import rights
from bot.model import Absence, Identity, Language, Person, PersonId, Refused
from bot.ports import Profile, Tx
from bot.register import Register
from bot.screens import people as screens
from bot.screens.base import told
from bot.service.base import Bot, Feature, Verb, Work, text
from bot.view import Ask, Reply, Tell, Values

TO_CONFIRM = "organisation.people_to_confirm"
"""The fact that lists the people who were found by their address alone."""
FURTHEST = timedelta(days=2 * 366)
"""Nobody plans to be away for longer: a year has been mistyped."""


async def meet(bot: Bot, tx: Tx, profile: Profile) -> PersonId:
    """Store, or refresh, what a platform says of a user: `meet_all` of one."""
    return (await meet_all(bot, tx, (profile,)))[0]


async def meet_all(bot: Bot, tx: Tx, profiles: Sequence[Profile]) -> tuple[PersonId, ...]:
    """Store, or refresh, what a platform says of these users, each named once. Only ids join: never a matching name.

    One whom the register knows by e-mail alone is found by it, and stands to be confirmed (exact-rules, "People and
    rights"). A profile that is not checked changes nothing that is known already.
    """
    register = await tx.register()
    awaited = dict(register.awaited)
    found, unsure = [], []
    for profile in profiles:
        known = register.who(profile.platform, profile.realm, profile.user)
        expected = None if known else _expected(awaited, profile)
        if expected:
            unsure.append(expected.id)
        if known and len(register.identities_of(known.id)) > 1:
            found.append(await _met_on_one_of_several(tx, register, profile, known))
        else:
            found.append(await _met(bot, tx, profile, known or expected, is_new=known is None))
    if unsure:
        await to_confirm(tx, unsure)
    return tuple(found)


def _expected(awaited: dict[str, Person], profile: Profile) -> Person | None:
    """Guests and outsiders choose their own addresses: they are found by none."""
    if not (profile.checked and profile.active and profile.standing == "member"):
        return None
    return awaited.pop(profile.email.casefold(), None)


async def _met(bot: Bot, tx: Tx, profile: Profile, known: Person | None, *, is_new: bool) -> PersonId:
    if known and not is_new and not profile.checked:
        return known.id
    ident = known.id if known else PersonId(f"p{bot.ids.new()}")
    person = Person(
        id=ident, name=profile.name or (known.name if known else profile.user),
        email=profile.email or (known.email if known else ""), phone=known.phone if known else "",
        language=known.language if known else None, standing=profile.standing, active=profile.active,
        checked=profile.checked,
    )  # fmt: skip
    if person != known:
        await tx.save_person(person)
    if is_new:
        identity = Identity(platform=profile.platform, realm=profile.realm, user=profile.user, person=ident)
        await tx.save_identity(identity)
    return ident


async def _met_on_one_of_several(tx: Tx, register: Register, profile: Profile, known: Person) -> PersonId:
    """Whoever has left one chat is staff as long as another knows them; names do not change with whoever spoke last."""
    if not profile.checked:
        return known.id
    where = (profile.platform, profile.realm, profile.user)
    identities = {(i.platform, i.realm, i.user): i for i in register.identities_of(known.id)}
    here = identities.pop(where)
    is_staff = profile.active and profile.standing == "member"
    if not is_staff and known.may_act and any(not other.gone for other in identities.values()):
        if not here.gone:
            await tx.save_identity(replace(here, gone=True))
        return known.id
    person = replace(known, email=known.email or profile.email, active=profile.active,
                     standing=profile.standing, checked=True)  # fmt: skip
    if person != known:
        await tx.save_person(person)
    if here.gone and is_staff and not known.may_act:
        await tx.save_identity(replace(here, gone=False))
    return known.id


async def to_confirm(tx: Tx, people: Sequence[PersonId]) -> None:
    """These were found by their address alone: an administrator shall say that it is they."""
    waiting: list[str] = json.loads(await tx.fact(TO_CONFIRM) or "[]")
    await tx.save_fact(TO_CONFIRM, json.dumps(list(dict.fromkeys([*waiting, *people]))))


# -- away ---------------------------------------------------------------------------------------


async def open_away(work: Work, _words: str = "") -> Reply:
    """Away from, until, and who covers: for oneself; heads and communications also for somebody else."""
    rights.staff(work.actor)
    others = rights.away_for_others(work.register, work.actor)
    return Ask(form=screens.away_form(work.eyes, today=work.today, mine=_current(work), others=others))


def _current(work: Work) -> Absence | None:
    """The absence that holds today; one that is planned for later stands beside a new one."""
    return work.register.away(work.actor.id, work.today)


async def submit_away(work: Work, ident: str, values: Values) -> Reply:
    """Save the absence: from that day the question goes to whoever is next, and nobody is told of the reason."""
    rights.staff(work.actor)
    first, last = _day(values, "first"), _day(values, "last")
    if last < first:
        raise Refused("away.backwards", field="last")
    if last < work.today:
        raise Refused("away.past", field="last")
    if last > work.today + FURTHEST:
        raise Refused("form.date", field="last")
    person = PersonId(text(values, "person")) or work.actor.id
    if person not in work.register.people:
        raise Refused("form.person", field="person")
    rights.set_away(work.register, work.actor, person)
    cover = _cover(work, text(values, "cover"), person)
    known = next((a for a in work.register.absences if a.id == ident and a.person == person), None)
    absence = Absence(id=known.id if known else f"w{work.bot.ids.new()}", person=person, first=first, last=last,
                      cover=cover)  # fmt: skip
    await work.tx.save_absence(absence)
    for other in _overlapping(work, absence):
        await work.tx.save_absence(replace(other, last=min(other.first, work.today) - timedelta(days=1)))
    await touch_watched(work, person)
    return Tell(card=screens.away_noted(work.eyes, absence, _uncovered(work, absence)))


def _overlapping(work: Work, absence: Absence) -> list[Absence]:
    """Earlier entries for the same days: what was said last holds."""
    return [
        a for a in work.register.absences
        if a.person == absence.person and a.id != absence.id and a.first <= absence.last and absence.first <= a.last
    ]  # fmt: skip


def _day(values: Values, field: str) -> date:
    try:
        return date.fromisoformat(text(values, field))
    except ValueError:
        raise Refused("form.date", field=field) from None


def _cover(work: Work, ident: str, away: PersonId) -> PersonId | None:
    if not ident:
        return None
    person = work.register.people.get(PersonId(ident))
    if person is None or not person.may_act:
        raise Refused("form.person_inactive", field="cover", name=person.name if person else ident)
    if person.id == away:
        raise Refused("away.own_cover", field="cover")
    return person.id


def _uncovered(work: Work, absence: Absence) -> int:
    """On how many of the person's accounts nobody is left on the first of those days."""
    register = replace(work.register, absences=(*work.register.absences, absence))
    day = max(absence.first, work.today)
    return sum(register.watcher(a, day) is None for a in register.accounts_of(absence.person))


async def come_back(work: Work, ident: str) -> Reply:
    """Back earlier: the absence ends the day before today, or never was."""
    for absence in work.register.absences:
        if absence.id == ident and absence.last >= work.today:
            rights.set_away(work.register, work.actor, absence.person)
            yesterday = work.today - timedelta(days=1)
            await work.tx.save_absence(replace(absence, first=min(absence.first, yesterday), last=yesterday))
            await touch_watched(work, absence.person)
    return Tell(card=screens.back(work.eyes))


async def touch_watched(work: Work, person: PersonId) -> None:
    """Today's cards name the watcher as it is now."""
    places = {a.place for a in work.register.accounts_of(person) if a.place}
    for place in places:
        for case in await work.tx.open_cases("round", place=place):
            await work.tx.touch(case.id)


# -- language -----------------------------------------------------------------------------------


async def read_in(work: Work, language: str) -> Reply:
    """The reader's own language for private answers and Home: one press (users.md U10)."""
    rights.staff(work.actor)
    chosen: Language = "en" if language == "en" else "sv"
    await work.tx.save_person(replace(work.actor, language=chosen))
    return Tell(card=told(work.texts(chosen), "language.noted"))


FEATURE = Feature(
    commands={"sm-away": open_away},
    verbs={
        "away.open": Verb(run=open_away, writes=False),
        "away.back": Verb(run=come_back, writes=True),
        "language": Verb(run=read_in, writes=True),
    },
    forms={"away": submit_away},
)
