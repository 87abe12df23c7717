"""After the first filling: an administrator confirms, in one card, who and what was found by name (exact-rules)."""

import json
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from bot.model import Person, PersonId, Place, Refused
from bot.outgoing import Row, Say, to_role
from bot.plain import natural
from bot.screens import setup as screens
from bot.screens.setup import Confirmed
from bot.service import beginning, joining
from bot.service.base import Feature, Verb, Work
from bot.service.mailing import is_ready
from bot.service.people import TO_CONFIRM
from bot.view import Card, Reply, Tell

ASKED = "setup.asked"
"""The fact that lists what a card has asked about already."""
CONFIRMED = "setup.confirmed"
"""The fact that says who pressed last that all is right, and when."""
BEGINNING = "beginning"
"""As what the first questions stand in that list."""


CONFIRMATION: TypeAdapter[Confirmed] = TypeAdapter(Confirmed)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What waits for a word: people found by address, places found by name, two with one address, the first questions.

    Those of accounts that only came in from a file wait until these are started.
    """

    people: tuple[Person, ...]
    places: tuple[Place, ...]
    doubles: tuple[tuple[Person, Person], ...]
    lacks: tuple[str, ...] = ()

    @property
    def keys(self) -> set[str]:
        pairs = {f"{one.id}|{other.id}" for one, other in self.doubles}
        first = {BEGINNING} if self.lacks else set()
        return {person.id for person in self.people} | {place.id for place in self.places} | pairs | first


async def plan(work: Work) -> None:
    """Ask once about each, in office hours, in at most one card a day; it stays until it is pressed."""
    if not work.hours.is_open(work.now):
        return
    found = await _found(work)
    asked = set(json.loads(await work.tx.fact(ASKED) or "[]"))
    key = f"setup:{work.today.isoformat()}"
    if found.keys <= asked or await work.tx.has_row(key):
        return
    await work.say(Say(key=key, card="setup", reader=to_role("administrators"), living=True))
    await work.tx.save_fact(ASKED, json.dumps(sorted(found.keys)))


async def _found(work: Work) -> Found:
    idents: list[str] = json.loads(await work.tx.fact(TO_CONFIRM) or "[]")
    known, asleep = work.register.people, work.register.asleep
    people = [known[PersonId(i)] for i in idents if PersonId(i) in known and i not in asleep]
    places = [
        place for place in work.register.places.values() if not place.confirmed and place.id not in asleep
    ]
    return Found(
        people=tuple(sorted(people, key=lambda p: natural(p.name))),
        places=tuple(sorted(places, key=lambda p: natural(p.name))),
        doubles=tuple((known[one], known[other]) for one, other in joining.proposed(work.register)),
        lacks=await beginning.lacking(work) if await beginning.is_first(work) else (),
    )


async def confirm(work: Work, _arg: str) -> Reply:
    """All of it is right. Administrators may. Whoever may be one person is confirmed one by one.

    The cards say then who said so; a second press, on whichever of them, changes nothing.
    """
    if not work.actor.may_act or not work.register.has_role(work.actor.id, "administrators"):
        raise Refused("right.administrators")
    found = await _found(work)
    for place in found.places:
        await work.tx.save_place(replace(place, confirmed=True))
    waiting: list[str] = json.loads(await work.tx.fact(TO_CONFIRM) or "[]")
    await work.tx.save_fact(TO_CONFIRM, json.dumps([p for p in waiting if p in work.register.asleep]))
    if found.people or found.places:
        said = Confirmed(by=work.actor.id, at=work.now)
        await work.tx.save_fact(CONFIRMED, CONFIRMATION.dump_json(said).decode())
        await work.tx.touch_card("setup")
    return Tell(card=Card(title=work.t("setup.confirmed")))


async def compose(work: Work, row: Row) -> Card | None:
    """Once it stands it says that it was confirmed, and by whom; what it asked for is offered no more."""
    found = await _found(work)
    if not found.keys and row.state != "sent":
        return None
    fact = await work.tx.fact(CONFIRMED) if row.state == "sent" else None
    facts = screens.Facts(
        people=found.people, places=found.places, doubles=found.doubles, lacks=found.lacks,
        ready=is_ready(work.register, mails=work.bot.mails),
        confirmed=CONFIRMATION.validate_json(fact) if fact else None,
    )  # fmt: skip
    return screens.found(work.eyes_of(row), facts)


FEATURE = Feature(verbs={"setup.confirm": Verb(run=confirm, writes=True)}, cards={"setup": compose})
