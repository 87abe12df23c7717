"""The bot was removed from a place or by a person: nobody is asked there until it is back, and the administrators know."""

import json
from collections.abc import Collection
from dataclasses import replace

from bot.cases.round import Gone, Round, decide
from bot.model import Identity, PersonId, Place
from bot.outgoing import Reader, Row, Say, to_person, to_place, to_role
from bot.plan import Sky, one_round
from bot.ports import DayOutcome, NotFound, Tx
from bot.register import Register
from bot.screens import removal as screens
from bot.service.arrivals import Arrival, Removed
from bot.service.base import Bot, Feature, Work
from bot.service.compose import at_work
from bot.service.mailing import WIRES
from bot.service.places import place_id
from bot.view import Card


async def removed(bot: Bot, tx: Tx, gone: Removed) -> None:
    """Today's rounds there are not asked; the administrators hear once what was removed and what it concerns."""
    work = await at_work(bot, tx, bot.clock.now())
    places = [place for place in _places(work.register, gone) if not place.gone]
    people = [identity for identity in _identities(work.register, gone) if not identity.gone]
    for place in places:
        await tx.save_place(replace(place, gone=True))
        await _stop(work, place)
    for identity in people:
        await tx.save_identity(replace(identity, gone=True))
    await _tell(work, places, people)


def _places(register: Register, gone: Removed) -> list[Place]:
    idents = (place_id(gone.platform, gone.realm, channel) for channel in gone.channels)
    return [register.places[ident] for ident in idents if ident in register.places]


def _identities(register: Register, gone: Removed) -> list[Identity]:
    where = (gone.platform, gone.realm)
    return [i for i in register.identities if (i.platform, i.realm) == where and i.user in gone.users]


async def _stop(work: Work, place: Place) -> None:
    for case in await work.tx.open_cases("round", place=place.id):
        if isinstance(case, Round) and case.day >= work.today and not case.free_day:
            await unasked(work, case)


async def unasked(work: Work, round_: Round) -> None:
    """Nobody could be asked: the lines that wait are stored as that, never as unanswered."""
    await work.apply(round_, decide(round_, Gone(), work.now, work.hours))
    for account in round_.unanswered:
        day = DayOutcome(account=account, day=round_.day, outcome="not_asked", place=round_.place)
        await work.tx.save_day(day)


async def _tell(work: Work, places: Collection[Place], people: Collection[Identity]) -> None:
    """Only where somebody has something there."""
    concerned = [str(to_place(p.id)) for p in places if screens.bound(work.register, p)]
    tasked = work.register.tasked
    concerned += [str(to_person(i.person)) for i in people if i.person in tasked]
    if concerned:
        say = Say(key=f"removed:{work.bot.ids.new()}", card="removed", arg=json.dumps(concerned),
                  reader=to_role("administrators"))  # fmt: skip
        await work.say(say)


async def back(bot: Bot, tx: Tx, arrival: Arrival) -> None:
    """Where the bot has come to again it goes on; a channel that was renamed is called so here too."""
    work = await at_work(bot, tx, bot.clock.now())
    for found in arrival.places:
        place = work.register.places.get(place_id(arrival.platform, arrival.realm, found.channel))
        if place and found.usable:
            await _here(work, place, found.name)
    if any(found.kind == "direct" for found in arrival.places):
        users = tuple(profile.user for profile in arrival.people)
        met = Removed(platform=arrival.platform, realm=arrival.realm, users=users)
        for identity in _identities(work.register, met):
            if identity.gone:
                await tx.save_identity(replace(identity, gone=False))


async def _here(work: Work, place: Place, name: str) -> None:
    here = replace(place, gone=False, name=name or place.name)
    if here != place:
        await work.tx.save_place(here)
    if place.gone:
        await _resume(work, here)


async def _resume(work: Work, place: Place) -> None:
    """While the day lasts its accounts are asked about after all."""
    sky, today = Sky(register=work.register, pack=work.pack, hours=work.hours), work.today
    rows = await work.tx.days(first=today, last=today)
    unasked = {row.account for row in rows if row.outcome == "not_asked"}
    accounts = [a for a in work.register.accounts_in(place.id) if a.id in unasked and sky.on_duty(a, today)]
    fresh = one_round(sky, place, today, accounts, work.now)
    if not accounts or fresh.free_day or work.now > fresh.until:
        return
    await _reopen(work, fresh)
    for account in accounts:
        await work.tx.save_day(DayOutcome(account=account.id, day=today, outcome="open", place=place.id))


async def _reopen(work: Work, fresh: Round) -> None:
    """A card that stands there gets its buttons again; else it is posted."""
    try:
        old = await work.tx.case(fresh.id)
    except NotFound:
        await work.tx.add_case(fresh)
        return
    if isinstance(old, Round):
        again = replace(old, closed_at=None) if old.posted else replace(fresh, version=old.version)
        await work.tx.save_case(again)


def is_known(work: Work, target: Reader) -> bool:
    """Whether the administrators have been told already that the bot is no longer there."""
    if target.kind in WIRES:
        return False
    if target.kind == "place":
        return target.id in work.register.places and work.register.places[target.id].gone
    identities = work.register.identities_of(PersonId(target.id))
    return bool(identities) and all(identity.gone for identity in identities)


async def compose(work: Work, row: Row) -> Card | None:
    """What of it is gone still; None when all of it is back."""
    targets = [Reader.parse(text) for text in json.loads(row.arg)]
    left = [target for target in targets if is_known(work, target)]
    places = [work.register.places[t.id] for t in left if t.kind == "place"]
    people = [PersonId(t.id) for t in left if t.kind == "person"]
    return screens.removed(work.eyes_of(row), places, people) if left else None


FEATURE = Feature(cards={"removed": compose})
