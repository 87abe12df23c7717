"""Who is new: the people of an account that they were not on before, and who put the bot in a place."""

import json
from collections.abc import Sequence
from dataclasses import replace

from bot.model import Account, PersonId
from bot.outgoing import Reader, Row, Say, to_person
from bot.screens import welcome as screens
from bot.service.base import Work
from bot.view import Card

BOUND_BY = "welcome.bound_by"
"""The fact that holds, by place, who bound the first account there; a place that has been welcomed stands in it no more."""


async def note_binding(work: Work, account: Account) -> None:
    """Keep who put the bot in a place that has not met it yet: the welcome says so."""
    place = work.register.places.get(account.place or "")
    if account.place is None or not work.actor.id or (place and place.welcomed):
        return
    if account.place not in await _bound_by(work):
        await remember(work, account.place, work.actor.id)


async def remember(work: Work, place: str, by: str) -> None:
    """Keep it until the welcome has been said."""
    await work.tx.save_fact(BOUND_BY, json.dumps({**await _bound_by(work), place: by}))


async def bound_by(work: Work, place: str) -> str:
    """Who bound the first account of a place; "" where nobody is known. It is forgotten with that."""
    known = await _bound_by(work)
    by = known.pop(place, "")
    if by:
        await work.tx.save_fact(BOUND_BY, json.dumps(known))
    return by


async def _bound_by(work: Work) -> dict[str, str]:
    found: dict[str, str] = json.loads(await work.tx.fact(BOUND_BY) or "{}")
    return found


async def greet(work: Work, before: Account, after: Account) -> None:
    """Tell each new person of an account that is asked about, once and by themselves; whoever entered it knows."""
    place = work.register.places.get(after.place or "")
    if not after.is_asked or place is None or place.welcomed is None or work.register.is_silent(place.id):
        return
    new = [p for p in after.people if p not in (*before.people, work.actor.id)]
    await work.say(*(_hello(after, person, work.actor.id) for person in new))


def _hello(account: Account, person: PersonId, by: PersonId) -> Say:
    return Say(key=f"newcomer:{account.id}:{person}", card="newcomer", reader=to_person(person),
               arg=f"{account.id}|{by}")  # fmt: skip


async def compose(work: Work, row: Row) -> Card | None:
    """None for somebody who has left the account meanwhile."""
    ident, _, by = row.arg.partition("|")
    account, person = work.account(ident), PersonId(Reader.parse(row.target).id)
    if person not in account.people:
        return None
    waiting = await work.tx.open_cases("question", account=ident)
    others: Sequence[PersonId] = [p for p in account.people if p != person]
    eyes = replace(work.eyes_of(row), standing=True)
    return screens.newcomer(eyes, account, others, len(waiting), by=PersonId(by))
