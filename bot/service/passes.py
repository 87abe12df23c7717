"""What the heartbeats run: what is due, one case at a time, and what today asks for. Safe twice, late, or at once."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta

from bot import plan as planning
from bot.cases import Alarm, Case, Question, Round, Run, TimePassed
from bot.cases import alarm as alarms
from bot.cases import question as questions
from bot.cases import run as runs
from bot.cases.base import Move
from bot.outgoing import Mark, Reader, Say, to_role
from bot.plan import Collected, Sky
from bot.ports import Conflict, NotFound
from bot.service import requests, rounds, setup
from bot.service.base import Bot, Work
from bot.service.compose import at_work

PUT_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
Piece = Callable[[Work], Awaitable[None]]
PLANNED = "planned_day"
FURTHEST_BACK = timedelta(days=366)


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
    match case:
        case Question():
            await work.apply(case, questions.decide(case, TimePassed(), work.now, work.hours))
        case Alarm():
            await work.apply(case, alarms.decide(case, TimePassed(), work.now, work.hours))
        case Round():
            await rounds.wake(work, case)
        case Run():
            move: Move[Run] = runs.decide(case, TimePassed(), work.now, work.hours)
            await work.apply(case, move)


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


async def plan(bot: Bot, now: datetime) -> None:
    """Make what today asks for, in one transaction; where a piece fails, each in its own, so that the others go on."""
    if await _try(bot, now, PIECES):
        return
    for piece in PIECES:
        await _try(bot, now, (piece,))


async def _try(bot: Bot, now: datetime, pieces: Sequence[Piece]) -> bool:
    try:
        async with bot.storage.write() as tx:
            work = await at_work(bot, tx, now)
            for piece in pieces:
                await piece(work)
            wrote = tx.wrote
    except Conflict:
        return False  # another process planned the same moment: what it made stands
    except Exception as trouble:
        bot.trouble(bot.ids.new(), trouble)
        return False
    if wrote:
        bot.nudge()
    return True


async def _plan_rounds(work: Work) -> None:
    """Once a local date: its rounds, and the dates since the last one as not asked."""
    planned = await work.tx.fact(PLANNED)
    if planned == work.today.isoformat():
        return
    if planned:
        await _missed_days(work, date.fromisoformat(planned))
    made, rows = planning.rounds(sky(work), work.today, work.now)
    for round_ in made:
        await work.tx.add_case(round_)
    for row in rows:
        await work.tx.save_day(row)
    await work.tx.save_fact(PLANNED, work.today.isoformat())


async def _missed_days(work: Work, last_planned: date) -> None:
    first = max(last_planned + timedelta(days=1), work.today - FURTHEST_BACK)
    for row in planning.not_asked(sky(work), first, work.today - timedelta(days=1)):
        await work.tx.save_day(row)


async def _plan_replies(work: Work) -> None:
    if not planning.replies_may_be_due(sky(work), work.now):
        return
    open_rounds = [c for c in await work.tx.open_cases("round") if isinstance(c, Round)]
    found = [c for c in await work.tx.open_cases("question") if isinstance(c, Question)]
    marked = await _said_marks(work, found)
    for collected in planning.replies(sky(work), work.now, open_rounds, found, marked):
        await _send(work, collected)


async def _said_marks(work: Work, found: Sequence[Question]) -> Sequence[Mark]:
    return await work.tx.marks_for([question.id for question in found])


async def _plan_personal(work: Work) -> None:
    if not planning.hour_has_come(sky(work), work.now, work.register.office.heads_at):
        return
    marks = await work.tx.open_marks()
    resolved = [(mark, reader) for mark in marks for reader in (await _readers(work, mark))[:1]]
    for collected in planning.personal(sky(work), work.now, resolved):
        await _send(work, collected)


async def _readers(work: Work, mark: Mark) -> tuple[Reader, ...]:
    """Who hears a mark today; one whose case is over is heard by nobody."""
    try:
        case = await work.tx.case(mark.case)
    except NotFound:
        return ()
    return work.targets(mark.reader, case)


async def _plan_digest(work: Work) -> None:
    say = planning.digest(sky(work), work.now)
    if say and not await _stands(work, say):
        await work.say(say)


async def _send(work: Work, collected: Collected) -> None:
    """A collected message once a reader and day: what comes later waits for the next one."""
    if await _stands(work, collected.say):
        return
    await work.say(collected.say)
    await work.tx.add_marks(collected.marks)
    await work.tx.take_marks(collected.marks, collected.say.key)


async def _stands(work: Work, say: Say) -> bool:
    targets = work.targets(say.reader)
    keys = [say.key] if len(targets) < 2 else [f"{say.key}>{target}" for target in targets]
    return any([await work.tx.has_row(key) for key in keys])


PIECES: tuple[Piece, ...] = (
    _plan_rounds, _plan_replies, requests.plan, _plan_personal, _plan_digest, setup.plan,
)  # fmt: skip


async def next_moment(bot: Bot, after: datetime) -> datetime | None:
    """The next moment at which a pass may have something to do: a wake_at or a planning hour."""
    async with bot.storage.read() as tx:
        work = await at_work(bot, tx, after)
        wake_at = await tx.next_wake(after)
    hour = planning.next_hour(sky(work), after)
    return min(wake_at, hour) if wake_at else hour


async def housekeeping(bot: Bot, now: datetime) -> None:
    async with bot.storage.write() as tx:
        await tx.forget(now)


def sky(work: Work) -> Sky:
    return Sky(register=work.register, pack=work.pack, hours=work.hours)
