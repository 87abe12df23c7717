"""What the heartbeats run: what is due, one case at a time. Safe twice, late, or at once."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from bot import plan as planning
from bot.cases import (
    Alarm,
    Case,
    Filing,
    Handover,
    Moderation,
    Practice,
    Question,
    Round,
    Run,
    Start,
    TimePassed,
    Watch,
    Yearly,
)
from bot.cases import alarm as alarms
from bot.cases import moderation as moderations
from bot.cases import practice as practices
from bot.cases import question as questions
from bot.cases import run as runs
from bot.cases import yearly as yearlies
from bot.cases.base import Move
from bot.outgoing import Say, to_role
from bot.ports import Conflict, NotFound
from bot.service import day, handover, importing, retention, rounds, settings, starting
from bot.service.base import Bot, Work
from bot.service.compose import at_work
from bot.service.day import PUT_OFF
from bot.service.questions import hours_of

FORGET = "forget"
"""The part of housekeeping that is not the retention's."""


async def due(bot: Bot, now: datetime) -> Sequence[str]:
    """Ids of cases past their wake_at, earliest first."""
    async with bot.storage.read() as tx:
        return await tx.due(now)


async def wake(bot: Bot, ident: str, now: datetime) -> None:
    """Let one case that is past its wake_at speak. Somebody else was first: nothing is left to do here."""
    try:
        async with bot.storage.write() as tx:
            work = await at_work(bot, tx, now)
            case = await tx.case(ident)
            if case.wake_at is not None and case.wake_at <= now:
                await _time_passed(work, case)
    except (Conflict, NotFound):
        return
    bot.nudge()


async def _time_passed(work: Work, case: Case) -> None:
    if isinstance(case, Question | Start) and work.register.is_silent(case.place):
        await work.tx.save_case(replace(case, wake_at=work.hours.next_morning(work.now)))
        return  # a trial leaves its place out: it asks again each working morning
    match case:
        case Question():
            await work.apply(case, questions.decide(case, TimePassed(), work.now, hours_of(work, case)))
        case Alarm():
            await work.apply(case, alarms.decide(case, TimePassed(), work.now, work.hours))
        case Round():
            await rounds.wake(work, case)
        case Run():
            move: Move[Run] = runs.decide(case, TimePassed(), work.now, work.hours)
            await work.apply(case, move)
        case Moderation():
            await work.apply(case, moderations.decide(case, TimePassed(), work.now, work.hours))
        case Start():
            await starting.wake(work, case)
        case Practice():
            await work.apply(case, practices.decide(case, TimePassed(), work.now))
        case Yearly():
            await work.apply(case, yearlies.decide(case, TimePassed(), work.now))
        case Handover():
            await handover.wake(work, case)
        case Filing() | Watch():
            pass  # these never wake: reminders are for all that is open together, and who watches is asked once


async def failed(bot: Bot, ident: str, now: datetime, trouble: BaseException) -> None:
    """A case failed: the others go on. It wakes again in 1, 5, 30 minutes; the third time somebody is told, once."""
    trace = bot.ids.new()
    bot.trouble(trace, trouble)
    async with bot.storage.write() as tx:
        work = await at_work(bot, tx, now)
        times = await tx.put_off(ident, now, PUT_OFF)
        if times == len(PUT_OFF):
            say = Say(
                key=f"trouble:case:{ident}",
                card="trouble",
                arg=f"case|{trace}",
                reader=to_role("administrators"),
            )
            await work.say(say)


async def next_moment(bot: Bot, after: datetime) -> datetime | None:
    """The next moment at which a pass may have something to do: a wake_at or a planning hour."""
    async with bot.storage.read() as tx:
        work = await at_work(bot, tx, after)
        waits = (await tx.next_wake(after), await day.next_try(tx, after))
    hour = planning.next_hour(day.sky(work), after)
    return min([hour, *filter(None, waits)])


async def housekeeping(bot: Bot, now: datetime, only: Collection[str] | None = None) -> frozenset[str]:
    """What need not stay is forgotten, and what is past its time goes. Gives the parts at which somebody else was writing.

    `only`: of these parts, after a while. Else they would wait for an hour.
    """
    forgotten = only is not None and FORGET not in only
    if not forgotten:
        forgotten = await _forget(bot, now)
    missed = (await retention.passed(bot, now, only=only)).missed
    return missed if forgotten else missed | {FORGET}


async def _forget(bot: Bot, now: datetime) -> bool:
    """Whether it could be done."""
    try:
        async with bot.storage.write() as tx:
            await tx.forget(now)
            for each in (importing, settings):
                await each.forget_drafts(tx, now)
    except Conflict:
        return False
    return True
