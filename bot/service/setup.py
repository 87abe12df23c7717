"""After the first filling: an administrator confirms, in one card, who and what was found by name (exact-rules)."""

import json
from dataclasses import replace

from bot.model import Person, PersonId, Place, Refused
from bot.outgoing import Row, Say, to_role
from bot.screens import setup as screens
from bot.service.base import Feature, Verb, Work
from bot.service.people import TO_CONFIRM
from bot.view import Card, Reply, Tell

CARD = "setup:found"


async def plan(work: Work) -> None:
    """Ask once, in office hours; the card stays until it is pressed."""
    waiting = await work.tx.fact(TO_CONFIRM)
    if waiting is None or not work.hours.is_open(work.now) or await work.tx.fact(CARD):
        return
    people, places = await _found(work)
    if people or places:
        await work.say(Say(key=CARD, card="setup", reader=to_role("administrators")))
    await work.tx.save_fact(CARD, work.today.isoformat())


async def _found(work: Work) -> tuple[list[Person], list[Place]]:
    idents: list[str] = json.loads(await work.tx.fact(TO_CONFIRM) or "[]")
    people = [work.register.people[PersonId(i)] for i in idents if PersonId(i) in work.register.people]
    places = [place for place in work.register.places.values() if not place.confirmed]
    return sorted(people, key=lambda p: p.name), sorted(places, key=lambda p: p.name)


async def confirm(work: Work, _arg: str) -> Reply:
    """All of it is right. Administrators may."""
    if not work.actor.may_act or not work.register.has_role(work.actor.id, "administrators"):
        raise Refused("right.administrators")
    _, places = await _found(work)
    for place in places:
        await work.tx.save_place(replace(place, confirmed=True))
    await work.tx.save_fact(TO_CONFIRM, "[]")
    return Tell(card=Card(title=work.t("setup.confirmed")))


async def compose(work: Work, row: Row) -> Card | None:
    people, places = await _found(work)
    return screens.found(work.eyes_of(row), people, places) if people or places else None


FEATURE = Feature(verbs={"setup.confirm": Verb(run=confirm, writes=True)}, cards={"setup": compose})
