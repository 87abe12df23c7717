"""The hand-over: what the cover needs when an absence begins, and what happened meanwhile when the person is back (U3)."""

from dataclasses import replace
from datetime import date, timedelta

from bot.cases import Case, Handover, Question, Run, Watch
from bot.cases.handover import Changed, Morning, decide, handover_id, planned
from bot.model import Absence, Account, PersonId
from bot.outgoing import Reader, Row
from bot.ports import DayOutcome
from bot.register import Register
from bot.screens import handover as screens
from bot.service.base import Feature, Work
from bot.view import Card

LATELY = timedelta(days=7)
"""Whoever takes over sees the rounds of so many days before."""
CASES = 50


async def follow(work: Work, absence: Absence) -> None:
    """The absence has been saved: its hand-over is planned, changed, or over before it began."""
    register = await work.tx.register()
    await _others(work, register, absence)
    known, absence = (
        await work.find(handover_id(absence.id), Handover),
        _through(register, absence, work.today),
    )
    if known and (known.is_open or known.given):
        await work.apply(known, decide(known, Changed(absence=absence), work.now, work.hours))
    elif absence.cover and absence.last >= work.today:
        fresh = planned(absence, work.now, work.hours)
        await (work.tx.save_case(replace(fresh, version=known.version)) if known else work.tx.add_case(fresh))


async def _others(work: Work, register: Register, absence: Absence) -> None:
    """Whoever stood in for others until now may be away from today on, or back: their cards then come today."""
    for other in await work.tx.open_cases("handover"):
        if not isinstance(other, Handover) or other.person == absence.person or other.cover is None:
            continue
        begun = other.first <= work.today <= other.last
        if begun and register.stand_in(other.person, work.today) not in (None, other.person, other.cover):
            await work.tx.save_case(replace(other, wake_at=work.hours.speak_at(work.now)))


def _through(register: Register, absence: Absence, day: date) -> Absence:
    """With whoever stands in today in the place of a cover who is away as well."""
    last = register.stand_in(absence.person, day) if absence.cover else None
    holds = last is not None and absence.first <= day <= absence.last
    return replace(absence, cover=last) if holds else absence


async def wake(work: Work, handover: Handover) -> None:
    """The card goes to the last of the chain of covers as it is that day, to nobody who is away."""
    found = work.register.stand_in(handover.person, work.today) if handover.cover else None
    morning = Morning(cover=None if found == handover.person else found)
    await work.apply(handover, decide(handover, morning, work.now, work.hours))


# -- the cards ------------------------------------------------------------------------------------


async def compose_given(work: Work, row: Row) -> Card | None:
    """For the cover, as the absence stands now; once it is another's, or over, it says so."""
    handover = await work.case(row.case or "", Handover)
    reader = PersonId(Reader.parse(row.target).id)
    holds = handover.is_open and handover.cover == reader and handover.last >= work.today
    if not holds:
        return screens.over(work.eyes_of(row)) if row.state == "sent" else None
    accounts = work.register.accounts_of(handover.person)
    facts = await _facts(work, accounts, handover.person)
    return screens.given(work.eyes_of(row), handover.person, handover.last, facts)


async def compose_back(work: Work, row: Row) -> Card | None:
    """For whoever was away: what came in, how the days were answered, what is still open."""
    handover = await work.case(row.case or "", Handover)
    accounts = work.register.accounts_of(handover.person)
    questions = [q for a in accounts for q in await _came_in(work, a, handover.first)]
    days = [
        d
        for a in accounts
        for d in await work.tx.days(account=a.id, first=handover.first, last=handover.last)
    ]
    facts = await _facts(work, accounts, handover.person)
    return screens.back(
        work.eyes_of(row), handover.cover, screens.Meanwhile(questions=questions, days=days), facts
    )


async def compose_named(work: Work, row: Row) -> Card | None:
    """For whoever the head has named for accounts of which all are away: the same as a cover gets."""
    watch = await work.case(row.case or "", Watch)
    over = [t for t in work.register.takeovers if t.id in watch.takeovers and t.last >= work.today]
    if not over:
        return screens.over(work.eyes_of(row)) if row.state == "sent" else None
    accounts = tuple(
        work.register.accounts[a] for t in over for a in t.accounts if a in work.register.accounts
    )
    facts = await _facts(work, accounts, None)
    return screens.named(work.eyes_of(row), over[0].by, over, facts)


async def _facts(work: Work, accounts: tuple[Account, ...], person: PersonId | None) -> screens.Known:
    questions = [
        c
        for a in accounts
        for c in await work.tx.open_cases("question", account=a.id)
        if isinstance(c, Question)
    ]
    return screens.Known(
        accounts=accounts,
        questions=sorted(questions, key=lambda q: q.answer_by),
        days=[d for a in accounts for d in await _lately(work, a)],
        runs=[
            c for c in await work.tx.open_cases("run") if isinstance(c, Run) and person and c.runner == person
        ],
    )


async def _lately(work: Work, account: Account) -> list[DayOutcome]:
    found = await work.tx.days(
        account=account.id, first=work.today - LATELY, last=work.today - timedelta(days=1)
    )
    return sorted(found, key=lambda d: d.day, reverse=True)


async def _came_in(work: Work, account: Account, first: date) -> list[Question]:
    cases: list[Case] = list(await work.tx.cases_of(account.id, limit=CASES))
    return [c for c in cases if isinstance(c, Question) and work.hours.today(c.opened_at) >= first]


FEATURE = Feature(
    cards={"handover": compose_given, "handover.back": compose_back, "watch.named": compose_named}
)
