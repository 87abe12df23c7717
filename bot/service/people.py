"""Who people are, and which language they read."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot import rights
from bot.model import Identity, Language, Person, PersonId
from bot.ports import Profile, Tx
from bot.register import Register
from bot.screens.base import told
from bot.service.base import Bot, Feature, Verb, Work
from bot.view import Reply, Tell

TO_CONFIRM = "organisation.people_to_confirm"
"""The fact that lists the people who were found by their address alone."""


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
        checked=profile.checked, left_on=still_left(known, profile) if known else None,
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
                     standing=profile.standing, checked=True, left_on=still_left(known, profile))  # fmt: skip
    if person != known:
        await tx.save_person(person)
    if here.gone and is_staff and not known.may_act:
        await tx.save_identity(replace(here, gone=False))
    return known.id


def still_left(known: Person, profile: Profile) -> date | None:
    """Whoever was switched off and is on again has come back; what communications noted stays until they take it back."""
    return None if profile.active and not known.active else known.left_on


async def to_confirm(tx: Tx, people: Sequence[PersonId]) -> None:
    """These were found by their address alone: an administrator shall say that it is they."""
    waiting: list[str] = json.loads(await tx.fact(TO_CONFIRM) or "[]")
    await tx.save_fact(TO_CONFIRM, json.dumps(list(dict.fromkeys([*waiting, *people]))))


# -- language -----------------------------------------------------------------------------------


async def read_in(work: Work, language: str) -> Reply:
    """The reader's own language for private answers and Home: one press (users.md U10)."""
    rights.staff(work.actor)
    chosen: Language = "en" if language == "en" else "sv"
    await work.tx.save_person(replace(work.actor, language=chosen))
    return Tell(card=told(work.texts(chosen), "language.noted"))


FEATURE = Feature(verbs={"language": Verb(run=read_in, writes=True)})
