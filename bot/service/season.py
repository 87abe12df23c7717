"""Who covers in summer and at Christmas: asked of each head once, in their collected message, with the holes marked."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from bot import rights
from bot.cases.watch import Watch
from bot.model import Absence, Account, PersonId, Refused
from bot.outgoing import Mark, to_person
from bot.screens import season as screens
from bot.screens.base import Eyes
from bot.season import Time, asked_now, find, holes, led_by
from bot.service import away
from bot.service.asked import open_watches
from bot.service.base import Feature, Verb, Work, text
from bot.view import Ask, Card, Item, Reply, Tell, Values

ANSWERS = "season.answers"
"""The fact that holds season -> head -> how it stands: asked, fine, handed."""
PREFIX = "season:"
"""How the marks of a season are told apart: they belong to no case."""


# -- asking -----------------------------------------------------------------------------------------


async def is_wanted(work: Work) -> bool:
    """While there is a season to be asked about."""
    return bool(_now(work))


def _now(work: Work) -> tuple[Time, ...]:
    return asked_now(work.register.office.seasons, work.hours.calendar, work.today)


async def plan(work: Work) -> None:
    """Mark it for every head who has not been asked; where neither they nor a deputy are there, the next day again."""
    answers = await _answers(work)
    for time in _now(work):
        known = answers.setdefault(time.key, {})
        for head in sorted({h for a in _asked(work) if (h := work.register.head_of(a))} - known.keys()):
            reader = work.register.present_head(led_by(work.register, head)[0], work.today)
            if reader:
                known[head] = "asked"
                mark = Mark(
                    case=f"{PREFIX}{time.key}", rung=f"ask:{head}", reader=to_person(reader), at=work.now
                )
                await work.tx.add_marks((mark,))
    await work.tx.save_fact(ANSWERS, json.dumps(answers))


def _asked(work: Work) -> Iterable[Account]:
    return (account for account in work.register.accounts.values() if work.register.asked_now(account))


async def _answers(work: Work) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(await work.tx.fact(ANSWERS) or "{}")
    return found


async def line(work: Work, eyes: Eyes, mark: Mark, reader: PersonId) -> Item | None:
    """The line of a collected message; None once it is answered, or the season is over."""
    what, _, head = mark.rung.partition(":")
    time = find(work.register.office.seasons, work.hours.calendar, mark.case.removeprefix(PREFIX))
    answer = (await _answers(work)).get(time.key, {}).get(head) if time else None
    if time is None or time.last < work.today or answer != {"ask": "asked", "hand": "handed"}[what]:
        return None
    led, person = holes_of(work, time, PersonId(head)), PersonId(head)
    if what == "hand":
        return screens.handed(eyes, time, person, led)
    return screens.line(eyes, time, person, led, own=reader == head)


async def told_once(work: Work, marks: Sequence[Mark]) -> list[Mark]:
    """Without the watches whose days and accounts a season's question in the same message is about: one asks for both."""
    asked = [found for mark in marks if (found := _question(work, mark))]
    watches = {w.id: w for w in await open_watches(work, "away")} if asked else {}
    return [m for m in marks if m.case not in watches or not _asks_too(work, watches[m.case], asked)]


def _question(work: Work, mark: Mark) -> tuple[Time, str] | None:
    what, _, head = mark.rung.partition(":")
    if what != "ask" or not mark.case.startswith(PREFIX):
        return None
    time = find(work.register.office.seasons, work.hours.calendar, mark.case.removeprefix(PREFIX))
    return (time, head) if time else None


def _asks_too(work: Work, watch: Watch, asked: Iterable[tuple[Time, str]]) -> bool:
    first, last = watch.first or date.min, watch.last or date.max
    heads = {work.register.head_of(a) for i in watch.accounts if (a := work.register.accounts.get(i))}
    return any(heads <= {head} and time.first <= first and last <= time.last for time, head in asked)


def holes_of(work: Work, time: Time, head: PersonId) -> dict[str, tuple[date, ...]]:
    """The days on which nobody looks, of each account of this head that has any."""
    led = led_by(work.register, head)
    found = {a.id: holes(work.register, work.hours.calendar, a, time) for a in led}
    return {ident: days for ident, days in found.items() if days}


# -- answering --------------------------------------------------------------------------------------


async def show(work: Work, arg: str) -> Reply:
    time, head = about(work, arg)
    return await _card(work, time, head)


async def fine(work: Work, arg: str) -> Reply:
    """It looks right: nobody is asked again."""
    return await _answered(work, arg, "fine")


async def hand(work: Work, arg: str) -> Reply:
    """Communications sees to the days with nobody; they hear it in their next collected message."""
    return await _answered(work, arg, "handed")


async def _answered(work: Work, arg: str, answer: str) -> Reply:
    """The first answer holds: a second press, or another's, changes nothing and shows how it stands."""
    time, head = _in_their_own_name(work, arg)
    answers = await _answers(work)
    if answers.get(time.key, {}).get(head, "asked") == "asked":
        answers.setdefault(time.key, {})[head] = answer
        await work.tx.save_fact(ANSWERS, json.dumps(answers))
        office = work.register.holders("communications")
        if answer == "handed" and office:
            mark = Mark(
                case=f"{PREFIX}{time.key}", rung=f"hand:{head}", reader=to_person(office[0]), at=work.now
            )
            await work.tx.add_marks((mark,))
    return await _card(work, time, head)


async def open_cover(work: Work, arg: str) -> Reply:
    time, head = _in_their_own_name(work, arg)
    found = holes_of(work, time, head)
    if not found:
        return await _card(work, time, head)
    return Ask(form=screens.cover_form(work.eyes, time, head, found))


async def submit_cover(work: Work, arg: str, values: Values) -> Reply:
    """The person stands in for whoever is away on the days with nobody, and nobody else's cover is changed."""
    time, head = _in_their_own_name(work, arg)
    cover = work.register.active(text(values, "cover"), "cover")
    absences = _uncovered(work, time, head, cover.id)
    if not absences and holes_of(work, time, head):
        raise Refused("season.none_away", field="cover", name=cover.name)
    await away.save(work, [replace(absence, cover=cover.id) for absence in absences])
    after = replace(work, register=await work.tx.register())
    return await _card(after, time, head)


def _uncovered(work: Work, time: Time, head: PersonId, cover: PersonId) -> list[Absence]:
    """The absences that make the holes, but those of the cover themselves."""
    found: dict[str, Absence] = {}
    for ident, days in holes_of(work, time, head).items():
        people = (p for p in work.register.accounts[ident].people if p != cover)
        away = (work.register.away(person, day) for person in people for day in days)
        found |= {absence.id: absence for absence in away if absence}
    return list(found.values())


def about(work: Work, arg: str) -> tuple[Time, PersonId]:
    """Raises Refused for whoever is neither this head, nor their deputy, nor communications."""
    key, _, head = arg.partition("|")
    rights.season(work.register, work.actor, PersonId(head))
    time = find(work.register.office.seasons, work.hours.calendar, key)
    if time is None or time.last < work.today:
        raise Refused("season.over")
    return time, PersonId(head)


def _in_their_own_name(work: Work, arg: str) -> tuple[Time, PersonId]:
    """What a head without chat has said is entered with how and when, never pressed; a deputy answers for themselves."""
    time, head = about(work, arg)
    if rights.season_told_by(work.register, work.actor, head):
        raise Refused("spoken.enter_it", name=work.register.name(head))
    return time, head


async def still_asked(work: Work, time: Time, head: PersonId) -> None:
    """Raises Refused once it is answered."""
    if await _answer(work, time, head) != "asked":
        raise Refused("watch.over")


async def _answer(work: Work, time: Time, head: PersonId) -> str:
    return (await _answers(work)).get(time.key, {}).get(head, "asked")


async def to_enter(work: Work) -> list[tuple[Time, PersonId]]:
    """The seasons in which a head without chat is asked, for whoever may enter their answers."""
    answers = await _answers(work)
    asked = [
        (time, PersonId(head))
        for time in _now(work)
        for head, answer in answers.get(time.key, {}).items()
        if answer == "asked"
    ]
    return [(time, head) for time, head in asked if rights.speaks_for(work.register, work.actor, head)]


async def whole(work: Work, eyes: Eyes, arg: str, reader: PersonId) -> Card | None:
    """The card of a season, for a letter to somebody who can open none."""
    key, _, head = arg.partition("|")
    time = find(work.register.office.seasons, work.hours.calendar, key)
    return await _drawn(work, eyes, time, PersonId(head), own=reader == head) if time else None


async def _card(work: Work, time: Time, head: PersonId) -> Reply:
    told_by = rights.season_told_by(work.register, work.actor, head)
    own = work.actor.id == head
    return Tell(card=await _drawn(work, work.eyes, time, head, own=own, told_by=told_by))


async def _drawn(
    work: Work, eyes: Eyes, time: Time, head: PersonId, *, own: bool, told_by: bool = False
) -> Card:
    answer = await _answer(work, time, head)
    said, led = "" if answer == "asked" else answer, led_by(work.register, head)
    holes = holes_of(work, time, head)
    return screens.card(eyes, time, head, led, holes, own=own, answer=said, told_by=told_by)


FEATURE = Feature(
    verbs={
        "season.open": Verb(run=show, writes=False),
        "season.fine": Verb(run=fine, writes=True),
        "season.hand": Verb(run=hand, writes=True),
        "season.cover": Verb(run=open_cover, writes=False),
    },
    forms={"season.cover": submit_cover},
)
