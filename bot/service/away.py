"""Away from, until, and who covers: said of a person, never account by account; for oneself, and by heads and communications."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from bot import rights
from bot.model import Absence, PersonId, Refused
from bot.register import Register, turn_of
from bot.screens import people as screens
from bot.service import handover, watching
from bot.service.base import Feature, Verb, Work, day_of, text
from bot.view import Ask, Reply, Tell, Values
from bot.watching import is_rotas

FURTHEST = timedelta(days=2 * 366)
"""Nobody plans to be away for longer: a year has been mistyped."""
LOOKED_AT = 14
"""Whoever is next is named from so many working days of an absence."""


# -- the list and the forms -----------------------------------------------------------------------


async def open_away(work: Work, _words: str = "") -> Reply:
    """What is known already, each to be changed; where nothing is, the form."""
    rights.staff(work.actor)
    known = _known(work)
    return Tell(card=screens.absences(work.eyes, known, work.actor.id)) if known else await open_new(work)


def _known(work: Work) -> list[Absence]:
    """Those of today and later that the actor may change, their own first."""
    found = [a for a in work.register.absences if a.last >= work.today and _may_set(work, a.person)]
    return sorted(found, key=lambda a: (a.person != work.actor.id, a.first, work.register.name(a.person)))


def _may_set(work: Work, person: PersonId) -> bool:
    try:
        rights.set_away(work.register, work.actor, person)
    except Refused:
        return False
    return True


async def open_new(work: Work, _arg: str = "") -> Reply:
    rights.staff(work.actor)
    others = rights.away_for_others(work.register, work.actor)
    return Ask(form=screens.away_form(work.eyes, today=work.today, others=others))


async def open_change(work: Work, ident: str) -> Reply:
    return Ask(form=screens.change_form(work.eyes, _absence(work, ident)))


def _absence(work: Work, ident: str) -> Absence:
    """Raises Refused for one that is over, or was taken back."""
    found = next((a for a in work.register.absences if a.id == ident), None)
    if found is None or found.last < work.today:
        raise Refused("away.gone")
    rights.set_away(work.register, work.actor, found.person)
    return found


async def submit_away(work: Work, _state: str, values: Values) -> Reply:
    """Save the absence: from that day the question goes to whoever is next, and nobody is told of the reason."""
    rights.staff(work.actor)
    first, last = _days(work, values)
    person = PersonId(text(values, "person")) or work.actor.id
    if person not in work.register.people:
        raise Refused("form.person", field="person")
    rights.set_away(work.register, work.actor, person)
    cover = _cover(work, text(values, "cover"), person)
    made = Absence(id="", person=person, first=first, last=last, cover=cover)
    known = next(iter(_overlapping(work, made)), None)
    return await _noted(work, replace(made, id=known.id if known else f"w{work.bot.ids.new()}"))


async def submit_change(work: Work, ident: str, values: Values) -> Reply:
    """Other days, another cover; or it is taken back."""
    absence = _absence(work, ident)
    if text(values, "gone"):
        return await come_back(work, ident)
    first, last = _days(work, values)
    cover = _cover(work, text(values, "cover"), absence.person)
    return await _noted(work, replace(absence, first=first, last=last, cover=cover))


def _days(work: Work, values: Values) -> tuple[date, date]:
    first, last = day_of(values, "first"), day_of(values, "last")
    if last < first:
        raise Refused("away.backwards", field="last")
    if last < work.today:
        raise Refused("away.past", field="last")
    if last > work.today + FURTHEST:
        raise Refused("form.date", field="last")
    return first, last


def _cover(work: Work, ident: str, away: PersonId) -> PersonId | None:
    if not ident:
        return None
    person = work.register.active(ident, "cover")
    if person.id == away:
        raise Refused("away.own_cover", field="cover")
    return person.id


# -- saving ---------------------------------------------------------------------------------------


async def _noted(work: Work, absence: Absence) -> Reply:
    replaced = [_cut(work, other) for other in _overlapping(work, absence)]
    await save(work, (absence, *replaced))
    after = _having(work.register, (absence, *replaced))
    facts = screens.Noted(
        absence=absence, next=_next(work, after, absence), alone=_alone(work, after, absence)
    )
    return Tell(card=screens.away_noted(work.eyes, facts))


def _overlapping(work: Work, absence: Absence) -> list[Absence]:
    """Earlier entries for the same days: what was said last holds."""
    return [
        a for a in work.register.absences_of(absence.person)
        if a.id != absence.id and a.first <= absence.last and absence.first <= a.last
    ]  # fmt: skip


def _cut(work: Work, other: Absence) -> Absence:
    return replace(other, last=min(other.first, work.today) - timedelta(days=1))


async def save(work: Work, absences: Iterable[Absence]) -> None:
    """The hand-over follows, heads are asked where nobody is left, and today's cards name the watcher as it is now."""
    for absence in absences:
        await work.tx.save_absence(absence)
        await handover.follow(work, absence)
        await watching.touch_watched(work, absence.person)
    await watching.look(replace(work, register=await work.tx.register()))


def _having(register: Register, absences: Iterable[Absence]) -> Register:
    ids = {a.id for a in absences}
    return replace(register, absences=(*(a for a in register.absences if a.id not in ids), *absences))


def _days_of(work: Work, absence: Absence) -> list[date]:
    first = max(absence.first, work.today)
    days = (first + timedelta(days=n) for n in range((absence.last - first).days + 1))
    return [day for day in days if work.hours.is_working_day(day)][:LOOKED_AT]


def _next(work: Work, register: Register, absence: Absence) -> tuple[PersonId, ...]:
    """Without a cover: who is asked instead on the days that would have been this person's."""
    if absence.cover:
        return ()
    turns = [(a, d) for a in register.accounts_of(absence.person) for d in _days_of(work, absence)
             if turn_of(a, d) == absence.person]  # fmt: skip
    found = (register.arranged(account, day) for account, day in turns)
    return tuple(dict.fromkeys(p for p in found if p))


def _alone(work: Work, register: Register, absence: Absence) -> int:
    """On how many of the person's accounts all are away on one of those days."""
    days = _days_of(work, absence)
    return sum(
        any(is_rotas(register, a, d) for d in days)
        for a in register.accounts_of(absence.person)
        if a.is_asked
    )


async def come_back(work: Work, ident: str) -> Reply:
    """Back earlier: the absence ends the day before today, or never was."""
    for absence in work.register.absences:
        if absence.id == ident and absence.last >= work.today:
            rights.set_away(work.register, work.actor, absence.person)
            yesterday = work.today - timedelta(days=1)
            over = replace(absence, first=min(absence.first, yesterday), last=yesterday)
            await save(work, (over,))
            return Tell(card=screens.back(work.eyes, absence))
    return Tell(card=screens.back(work.eyes, None))


FEATURE = Feature(
    commands={"sm-away": open_away},
    verbs={
        "away.open": Verb(run=open_away, writes=False),
        "away.new": Verb(run=open_new, writes=False),
        "away.change": Verb(run=open_change, writes=False),
        "away.back": Verb(run=come_back, writes=True),
    },
    forms={"away": submit_away, "away.change": submit_change},
)
