"""The first meeting: one welcome a place, and what its buttons open (users.md U11)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot import plan as planning
from bot import rights
from bot.model import Account, PersonId, Place, Refused
from bot.outgoing import Reader, Row, Say, to_place
from bot.screens import welcome as screens
from bot.service import newcomers
from bot.service.accounts import hour_of
from bot.service.base import Feature, Verb, Work, text
from bot.view import Ask, Card, Reply, Tell, Values

# -- said ---------------------------------------------------------------------------------------


def due(work: Work) -> list[str]:
    """The places that are to be welcomed now."""
    places = work.register.places.values()
    return [p.id for p in places if planning.to_welcome(work.register, p, work.now, work.hours)]


async def plan(work: Work, place: str) -> None:
    """That day's one post there; saved with the day, so that nobody says it twice.

    One that could not arrive (`detour`) is said again on another day, and until then nobody is asked there.
    """
    known, key = work.register.places[place], f"welcome:{place}:{work.today.isoformat()}"
    if known.welcomed or await work.tx.has_row(key):
        return
    by = await newcomers.bound_by(work, place)
    await work.tx.save_place(replace(known, welcomed=work.today))
    await work.say(Say(key=key, card="welcome", arg=by, reader=to_place(place)))


def first_day(work: Work, place: Place) -> date:
    """The first working day after the welcome, of a place that has had it, or will."""
    said = place.welcomed or work.hours.today(work.hours.speak_at(work.now))
    return work.hours.calendar.next_working_day(said)


async def compose(work: Work, row: Row) -> Card | None:
    """None where nobody is asked there any more."""
    place = work.register.places.get(Reader.parse(row.target).id)
    accounts = _asked(work, place) if place else []
    if place is None or not accounts:
        return None
    by = PersonId(row.arg) if row.arg else None
    eyes = replace(work.eyes_of(row), standing=True)
    return screens.card(eyes, place, accounts, first_day(work, place), by)


def _asked(work: Work, place: Place) -> list[Account]:
    return [a for a in work.register.accounts_in(place.id) if a.is_asked]


# -- behind the buttons -----------------------------------------------------------------------------


def _place(work: Work, ident: str) -> Place:
    place = work.register.places.get(ident)
    if place is None:
        raise Refused("button.gone")
    return place


def _changeable(work: Work, place: Place) -> Place:
    rights.set_hour(work.register, work.actor, work.register.accounts_in(place.id))
    return place


async def open_hour(work: Work, ident: str) -> Reply:
    return Ask(form=screens.hour_form(work.eyes, _changeable(work, _place(work, ident))))


async def submit_hour(work: Work, ident: str, values: Values) -> Reply:
    place = _changeable(work, _place(work, ident))
    after = replace(place, hour=hour_of(work, text(values, "hour"), place))
    if after != place:
        await work.tx.save_place(after)
    return Tell(card=screens.hour_saved(work.eyes, after))


async def watch(work: Work, ident: str) -> Reply:
    """Who watches when: everybody may read it, as in the register."""
    rights.staff(work.actor)
    place = _place(work, ident)
    accounts = work.register.accounts_in(place.id)
    return Tell(card=screens.watch(work.eyes, place, accounts, _mine(work, accounts)))


def _mine(work: Work, accounts: Sequence[Account]) -> list[Account]:
    return [a for a in accounts if rights.may_set_pattern(work.register, work.actor, a)]


FEATURE = Feature(
    verbs={
        "welcome.hour": Verb(run=open_hour, writes=False),
        "welcome.watch": Verb(run=watch, writes=False),
    },
    forms={"welcome.hour": submit_hour},
    cards={"welcome": compose, "newcomer": newcomers.compose},
)
