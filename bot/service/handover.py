"""The hand-over: what whoever stands in needs when an absence begins, and what happened meanwhile for whoever is back (U3)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from bot.cases import Case, Handover, Moderation, Question, Run, Watch
from bot.cases.handover import Changed, Morning, decide, handover_id, planned, soon, tell, unsaid
from bot.model import Absence, Account, PersonId
from bot.outgoing import Reader, Row
from bot.ports import DayOutcome
from bot.register import Register, turn_of
from bot.screens import handover as screens
from bot.service.base import Feature, Work
from bot.view import Card

LATELY = timedelta(days=7)
"""Whoever takes over sees the rounds of so many days before."""
CASES = 50
C = TypeVar("C", Run, Moderation)


async def follow(work: Work, absence: Absence) -> None:
    """The absence has been saved: its hand-over is planned, changed, or over before it began."""
    register = await work.tx.register()
    known = await work.find(handover_id(absence.id), Handover)
    await _others(work, register, absence, known)
    if known and (known.is_open or known.given):
        await work.apply(known, decide(known, Changed(absence=absence), work.now, work.hours))
        await _touch(work, known)
    elif absence.last >= work.today and (absence.cover or register.accounts_of(absence.person)):
        fresh = planned(absence, work.now, work.hours)
        await (work.tx.save_case(replace(fresh, version=known.version)) if known else work.tx.add_case(fresh))


async def _others(work: Work, register: Register, absence: Absence, known: Handover | None) -> None:
    """Whoever stood in for others until now may be away from today on, or back: their cards then come today.

    Only the cards of those for whom something is another than before are made anew.
    """
    own, others, day = planned(absence, work.now, work.hours), await _open(work), work.today
    others = [h for h in others if h.person != absence.person]
    both = [(h, _on(work.register, h, day), _on(register, h, day)) for h in others]
    heard = {p for _, before, after in both if before != after for p in (*before, *after)}
    heard |= {
        *(known.given if known else ()),
        *_on(work.register, known or own, day),
        *_on(register, own, day),
    }
    for other, before, after in both:
        if before != after and after.keys() - set(other.given):
            await work.tx.save_case(replace(other, wake_at=soon(work.now, work.hours)))
        elif before != after or heard & set(other.given):
            await _touch(work, other)


async def _touch(work: Work, handover: Handover) -> None:
    """The cards that tell of it are to be right, those too that stand with a colleague's who is back."""
    for card in sorted(handover.cards):
        await work.tx.touch(card)


async def _open(work: Work) -> list[Handover]:
    return [c for c in await work.tx.open_cases("handover") if isinstance(c, Handover)]


def standing_in(register: Register, handover: Handover, day: date) -> dict[PersonId, tuple[Account, ...]]:
    """Who stands in on that day, with the accounts: the last of the chain of covers for all of them; else, of each whose turn
    would have been theirs, the account's next person. Without what others watch by a takeover, or the rota."""
    person, own = handover.person, register.accounts_of(handover.person)
    cover = register.stand_in(person, day) if handover.cover else None
    if cover:
        return {} if cover == person else {cover: own}
    found: dict[PersonId, tuple[Account, ...]] = {}
    for account in _turns(register, own, person, day):
        who = None if register.taken_over(account.id, day) else register.arranged(account, day)
        if who and who != person:
            found[who] = (*found.get(who, ()), account)
    return found


def _on(register: Register, handover: Handover, day: date) -> dict[PersonId, tuple[Account, ...]]:
    """`standing_in` where it has begun and is not over, else nobody."""
    return standing_in(register, handover, day) if handover.first <= day <= handover.last else {}


def _turns(register: Register, accounts: Iterable[Account], person: PersonId, day: date) -> list[Account]:
    return [a for a in accounts if register.asked_now(a) and turn_of(a, day) == person]


def _by_others(register: Register, person: PersonId, day: date) -> list[str]:
    """Who watches what would have been theirs by a takeover, by id; "" for communications' rota."""
    if register.away(person, day) is None:
        return []
    turns = _turns(register, register.accounts_of(person), person, day)
    takeovers = [register.taken_over(account.id, day) for account in turns]
    found = [(t.who or "") for t in takeovers if t]
    return [
        *found,
        *("" for a, t in zip(turns, takeovers, strict=True) if not t and not register.arranged(a, day)),
    ]


async def wake(work: Work, handover: Handover) -> None:
    """The card goes to the last of the chain of covers as it is that day, to nobody who is away."""
    covers = standing_in(work.register, handover, work.today)
    stood = bool(_by_others(work.register, handover.person, work.today))
    morning = Morning(covers=tuple(covers), stood=stood)
    await work.apply(handover, decide(handover, morning, work.now, work.hours))
    await _touch(work, handover)


# -- the cards ------------------------------------------------------------------------------------


async def compose_given(work: Work, row: Row) -> Card | None:
    """For whoever stands in, as things stand now, for all colleagues at once; once it is over, it says so.

    One that is on its way keeps of whom it tells, in the transaction that sends it: what another card tells already is
    said no second time, and what comes in after it is said in a card of its own.
    """
    reader = PersonId(Reader.parse(row.target).id)
    mine = await _mine(work, reader)
    if row.state != "sent" and not await _tells(work, row, reader, [h for h, _ in mine]):
        return None
    if not mine:
        return screens.over(work.eyes_of(row)) if row.state == "sent" else None
    accounts = tuple({a.id: a for _, theirs in mine for a in theirs}.values())
    facts = await facts_of(work, accounts, [h.person for h, _ in mine])
    return screens.given(work.eyes_of(row), [(h.person, h.last) for h, _ in mine], facts)


async def _tells(work: Work, row: Row, reader: PersonId, mine: Sequence[Handover]) -> bool:
    """Whether this card is the one that tells its reader, and then of all for whom they stand in.

    Another one may have been told in it before, though it never went out: it still goes where they stand in for any of
    these, and of whoever they stand in for no more it says nothing, so that this is news once they do again.
    """
    waiting = [h for h in await _open(work) if _waits_for(h, reader, row.case)]
    missed = [h for h in waiting if h.id not in {m.id for m in mine}]
    for over in missed:
        await work.apply(over, unsaid(over, reader))
    if len(missed) == len(waiting):
        return False
    for untold in (h for h in mine if h.card_of(reader) is None):
        await work.apply(untold, tell(untold, reader, row.case or ""))
    return True


def _waits_for(handover: Handover, reader: PersonId, card: str | None) -> bool:
    """Whether its reader hears of it in just this card: its own one, as long as no other has told them."""
    told = handover.card_of(reader)
    return told == card or (told is None and handover.id == card)


async def _mine(work: Work, reader: PersonId) -> list[tuple[Handover, tuple[Account, ...]]]:
    """For whom this reader stands in today. Each card asks: most who are away have nothing to do with its reader."""
    register, day = work.register, work.today
    mates = {p for a in register.accounts_of(reader) for p in a.people}
    near = [h for h in await _open(work) if h.person in mates or register.stand_in(h.person, day) == reader]
    found = ((h, _on(register, h, day).get(reader)) for h in near)
    return [(h, accounts) for h, accounts in found if accounts is not None]


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
    facts = await facts_of(work, accounts, ())
    meanwhile = screens.Meanwhile(questions=questions, days=days)
    return screens.back(work.eyes_of(row), _stood_in(work, handover), meanwhile, facts)


def _stood_in(work: Work, handover: Handover) -> list[str]:
    """Whoever had the card, and whoever watched by a takeover or as communications' rota, by id ("": the rota)."""
    length = (handover.last - handover.first).days + 1
    days = [handover.first + timedelta(days=n) for n in range(length)] if handover.stood else []
    others = (
        who
        for day in days if work.hours.is_working_day(day)
        for who in _by_others(work.register, handover.person, day)
    )  # fmt: skip
    return list(dict.fromkeys((*handover.given, *others)))


async def compose_named(work: Work, row: Row) -> Card | None:
    """For whoever the head has named for accounts of which all are away: the same as a cover gets."""
    watch = await work.case(row.case or "", Watch)
    over = [t for t in work.register.takeovers if t.id in watch.takeovers and t.last >= work.today]
    if not over:
        return screens.over(work.eyes_of(row)) if row.state == "sent" else None
    accounts = work.register.known(a for t in over for a in t.accounts)
    first = max(work.today, min(t.first for t in over))
    facts = await facts_of(work, accounts, away_from(work.register, accounts, first))
    return screens.named(work.eyes_of(row), over[0].by, over, facts)


def away_from(register: Register, accounts: Iterable[Account], day: date) -> list[PersonId]:
    """Those of these accounts' people who are away on that day."""
    return [p for p in dict.fromkeys(p for a in accounts for p in a.people) if register.away(p, day)]


async def facts_of(work: Work, accounts: Sequence[Account], people: Collection[PersonId]) -> screens.Known:
    """What has to be known of these accounts; the checklists are those that these people have begun."""
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
        runs=await _begun(work, "run", Run, people),
        moderations=[
            m
            for m in await _begun(work, "moderation", Moderation, people)
            if m.account in {a.id for a in accounts}
        ],
    )


async def _begun(work: Work, kind: str, made: type[C], people: Collection[PersonId]) -> list[C]:
    found = await work.tx.open_cases(kind) if people else ()
    return [c for c in found if isinstance(c, made) and c.runner in people]


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
