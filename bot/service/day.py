"""What today asks for, in one transaction; where that fails, each place, case and reader in a try of its own."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from bot import plan as planning
from bot.cases import Filing, Question, Round, Watch, Yearly
from bot.model import PersonId
from bot.outgoing import IN_DIGEST, Mark, Reader, Say, to_role
from bot.plan import Collected, Sky
from bot.ports import Conflict, NotFound, Tx
from bot.season import led_by
from bot.service import (
    duty,
    gaps,
    guard,
    requests,
    rota,
    season,
    setup,
    starting,
    trouble,
    watch_digest,
    watching,
    welcome,
)
from bot.service.base import Bot, Work
from bot.service.compose import at_work

Run = Callable[[Work], Awaitable[None]]


async def _always(_work: Work) -> bool:
    return True


@dataclass(frozen=True)
class Daily:
    """What is looked at once a working day, with its first pass: at midnight where the bot runs through.

    `wanted`: whether there is anything to look at; what is not wanted yet may still come later that day.
    """

    name: str
    run: Run
    wanted: Callable[[Work], Awaitable[bool]] = _always


DAILY = (
    Daily("gaps", gaps.plan, gaps.is_wanted),
    Daily("watch", watching.look),
    Daily("duty", duty.plan, duty.is_wanted),
    Daily("guard", guard.plan),
    Daily("season", season.plan, season.is_wanted),
)
PUT_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
PLANNED = "planned_day"
HELD = "held_tasks"
TOLD = "registrar.told"
"""The fact that says up to when the last bundle told the registrar of what has been filed."""
DIGESTED = "digest.said"
"""The fact that holds the day of the last digest."""
LOOKED = "daily"
"""The fact that holds of each daily look the day of the last one."""
FURTHEST_BACK = timedelta(days=366)


@dataclass(frozen=True)
class Task:
    """One thing that today asks for. `name`: what it is for, such as `round|PLACE`; failures are kept under it."""

    name: str
    run: Run


@dataclass(frozen=True, kw_only=True)
class Held:
    """A task that failed: how often in a row, on which day first, and when it is tried again."""

    times: int
    since: str
    until: str

    def waits(self, now: datetime) -> bool:
        return now < datetime.fromisoformat(self.until)


async def plan(bot: Bot, now: datetime) -> None:
    """Make what today asks for. What failed before is tried alone, after 1, 5 and 30 minutes: the others go on."""
    held = await _held_now(bot)
    if await _all_at_once(bot, now, held):
        names = [name for name, h in held.items() if not h.waits(now)]
    else:
        names = [task.name for task in await _listed(bot, now) if not _waits(held, task.name, now)]
    for name in names:
        await _alone(bot, now, name)


def _waits(held: Mapping[str, Held], name: str, now: datetime) -> bool:
    return name in held and held[name].waits(now)


async def _all_at_once(bot: Bot, now: datetime, held: Mapping[str, Held]) -> bool:
    """The usual day: one transaction for everything that is not held back."""
    try:
        async with bot.storage.write() as tx:
            work = await at_work(bot, tx, now)
            for task in await tasks(work, held):
                if task.name not in held:
                    await task.run(work)
            wrote = tx.wrote
    except Exception:
        return False  # each task has its own try now, and says there what is wrong
    if wrote:
        bot.nudge()
    return True


async def _listed(bot: Bot, now: datetime) -> Sequence[Task]:
    async with bot.storage.read() as tx:
        return await tasks(await at_work(bot, tx, now), await _held(tx))


async def _alone(bot: Bot, now: datetime, name: str) -> None:
    try:
        async with bot.storage.write() as tx:
            work = await at_work(bot, tx, now)
            held = await _held(tx)
            for task in [t for t in await tasks(work, held) if t.name == name]:
                await task.run(work)
            if name in held:
                await _save(tx, {n: h for n, h in held.items() if n != name})
    except Conflict:
        return  # another process planned the same moment: what it made stands
    except Exception as error:
        await _failed(bot, now, name, error)
        return
    bot.nudge()


async def _failed(bot: Bot, now: datetime, name: str, error: Exception) -> None:
    """Logged under an id, and tried again later; the third time the administrators hear of it, once."""
    trace = bot.ids.new()
    bot.trouble(trace, error)
    async with bot.storage.write() as tx:
        work = await at_work(bot, tx, now)
        held = await _held(tx)
        before = held.get(name)
        times = before.times + 1 if before else 1
        until = now + PUT_OFF[min(times, len(PUT_OFF)) - 1]
        since = before.since if before else work.today.isoformat()
        await _save(tx, {**held, name: Held(times=times, since=since, until=until.isoformat())})
        if times == len(PUT_OFF):
            await work.say(trouble.unplanned(work, name, trace))
    bot.nudge()


async def _held(tx: Tx) -> dict[str, Held]:
    found = json.loads(await tx.fact(HELD) or "{}")
    return {name: Held(**facts) for name, facts in found.items()}


async def _held_now(bot: Bot) -> dict[str, Held]:
    async with bot.storage.read() as tx:
        return await _held(tx)


async def _save(tx: Tx, held: Mapping[str, Held]) -> None:
    await tx.save_fact(HELD, json.dumps({name: asdict(h) for name, h in held.items()}))


async def next_try(tx: Tx, after: datetime) -> datetime | None:
    """When the first task that failed is tried again."""
    moments = [datetime.fromisoformat(h.until) for h in (await _held(tx)).values()]
    return min((m for m in moments if m > after), default=None)


# -- what there is to do --------------------------------------------------------------------------


async def tasks(work: Work, held: Mapping[str, Held]) -> list[Task]:
    """Everything that may be due, in order. Reading only."""
    found = [
        *(Task(f"welcome|{p}", partial(welcome.plan, place=p)) for p in welcome.due(work)),
        *await _rounds(work, held),
        *await _replies(work),
        *await _requests(work),
        *([Task("start.heads", starting.tell_heads)] if await starting.heads_wait(work) else []),
        *await _daily(work),
        *([Task("rota", rota.tell)] if await rota.due(work) else []),
        *await _personal(work),
    ]
    return [*found, Task("bundle", _bundle), Task("digest", _digest), Task("setup", setup.plan)]


async def _rounds(work: Work, held: Mapping[str, Held]) -> list[Task]:
    """Once a local date: its rounds, and the dates since the last one as not asked. Later: the places that failed."""
    planned = await work.tx.fact(PLANNED)
    places = list(work.register.places)
    made = [Task(f"round|{p}", partial(_round, place=p, held=held.get(f"round|{p}"))) for p in places]
    if planned == work.today.isoformat():
        return [task for task in made if task.name in held]
    missed = [Task("missed", partial(_missed, planned=planned))] if planned else []
    return [*missed, *made, Task("planned", _planned)]


async def _missed(work: Work, planned: str) -> None:
    """The dates on which the bot was down, for the places that it knows."""
    await _not_asked(work, date.fromisoformat(planned) + timedelta(days=1), tuple(work.register.places))


async def _not_asked(work: Work, first: date, places: Sequence[str]) -> None:
    begin = max(first, work.today - FURTHEST_BACK)
    for row in planning.not_asked(sky(work), begin, work.today - timedelta(days=1)):
        if row.place in places:
            await work.tx.save_day(row)


async def _planned(work: Work) -> None:
    await work.tx.save_fact(PLANNED, work.today.isoformat())


async def _round(work: Work, place: str, held: Held | None) -> None:
    """The round of one place; where it failed for days, these are kept as not asked."""
    if held and date.fromisoformat(held.since) < work.today:
        await _not_asked(work, date.fromisoformat(held.since), (place,))
    if await _is_made(work, place):
        return
    made, rows = planning.round_in(sky(work), work.register.places[place], work.today, work.now)
    if made:
        await work.tx.add_case(made)
    for row in rows:
        await work.tx.save_day(row)


async def _is_made(work: Work, place: str) -> bool:
    return await work.find(planning.round_id(place, work.today), Round) is not None


async def _replies(work: Work) -> list[Task]:
    """One for each place in which something is open, once it may be due."""
    if not planning.replies_may_be_due(sky(work), work.now):
        return []
    rounds = [c for c in await work.tx.open_cases("round") if isinstance(c, Round)]
    questions = [c for c in await work.tx.open_cases("question") if isinstance(c, Question)]
    marked = await work.tx.marks_for([question.id for question in questions])
    silent = work.register.is_silent
    places = sorted({str(c.place) for c in (*rounds, *questions) if c.place and not silent(c.place)})
    return [
        Task(f"reply|{p}", partial(_reply, place=p, rounds=rounds, questions=questions, marked=marked))
        for p in places
    ]


async def _reply(
    work: Work, place: str, rounds: Sequence[Round], questions: Sequence[Question], marked: Sequence[Mark]
) -> None:
    for collected in planning.replies(sky(work), work.now, place, rounds, questions, marked):
        await _send(work, collected)


async def _requests(work: Work) -> list[Task]:
    return [
        Task(f"request|{run.id}", partial(requests.approver_left, ident=run.id))
        for run in await requests.left(work)
    ]


async def _daily(work: Work) -> list[Task]:
    if not work.hours.is_working_day(work.today):
        return []
    looked, today = await _looked(work), work.today.isoformat()
    waiting = [each for each in DAILY if looked.get(each.name) != today]
    return [Task(each.name, partial(_look, each=each)) for each in waiting if await each.wanted(work)]


async def _look(work: Work, each: Daily) -> None:
    await each.run(work)
    looked = {**await _looked(work), each.name: work.today.isoformat()}
    await work.tx.save_fact(LOOKED, json.dumps(looked))


async def _looked(work: Work) -> dict[str, str]:
    found: dict[str, str] = json.loads(await work.tx.fact(LOOKED) or "{}")
    return found


async def _personal(work: Work) -> list[Task]:
    """One for each reader of a collected message; a mark that cannot be read is a task of its own, and fails alone."""
    if not planning.hour_has_come(sky(work), work.now, work.register.office.heads_at):
        return []
    resolved: list[tuple[Mark, Reader]] = []
    found: list[Task] = []
    for mark in [m for m in await work.tx.open_marks() if not m.rung.startswith(IN_DIGEST)]:
        try:
            resolved += [(mark, reader) for reader in (await _readers(work, mark))[:1]]
        except Exception:
            found.append(Task(f"mark|{mark.case}", partial(_unreadable, mark=mark)))
    told = planning.personal(sky(work), work.now, resolved, await _pages(work))
    return [*found, *(Task(c.say.key, partial(_send, collected=c)) for c in told)]


async def _pages(work: Work) -> tuple[Yearly, ...]:
    """The yearly pages that are to begin today; those of this year that are there, open or not, stay."""
    if not planning.yearly_may_be_due(sky(work), work.now):
        return ()
    wanted = planning.yearly(sky(work), work.now)
    return tuple([page for page in wanted if not await work.find(page.id, Yearly)])


async def _unreadable(work: Work, mark: Mark) -> None:
    await _readers(work, mark)


async def _readers(work: Work, mark: Mark) -> tuple[Reader, ...]:
    """Who hears a mark today; one whose case is over is heard by nobody, and of what a trial leaves out nobody yet."""
    if mark.case.startswith((guard.PREFIX, season.PREFIX, starting.PREFIX)):
        return () if _left_out(work, mark) else (mark.reader,)
    try:
        case = await work.tx.case(mark.case)
    except NotFound:
        return ()
    if case.place and work.register.is_silent(case.place):
        return ()
    if isinstance(case, Watch) and _all_silent(work, case.accounts):
        return ()
    return work.targets(mark.reader, case)


def _left_out(work: Work, mark: Mark) -> bool:
    """Whether a trial that began since leaves out all that the mark of an account, a season or a head's list is about."""
    if mark.case.startswith(starting.PREFIX):
        return _all_silent(work, [account.id for account in work.register.led_by(PersonId(mark.reader.id))])
    if mark.case.startswith(season.PREFIX):
        return not led_by(work.register, PersonId(mark.rung.partition(":")[2]))
    return _all_silent(work, (mark.case.removeprefix(guard.PREFIX),))


def _all_silent(work: Work, idents: Sequence[str]) -> bool:
    known = [a for a in map(work.register.accounts.get, idents) if a]
    return bool(known) and all(work.register.is_silent(a.place) for a in known)


async def _bundle(work: Work) -> None:
    """What waits for the registrar. Message, marks and the moment up to which it tells are saved together, or not at all."""
    given = await work.tx.fact(TOLD)
    told = datetime.fromisoformat(given) if given else None
    if not planning.bundle_may_be_due(sky(work), work.now, told):
        return
    filings = [c for c in await work.tx.open_cases("filing") if isinstance(c, Filing)]
    if collected := planning.bundle(sky(work), work.now, filings, told):
        await _send(work, collected)
        await work.say(replace(collected.say, reader=to_role("registrar"), mail="boxes"))
        await work.tx.save_fact(TOLD, planning.bundle_moment(sky(work), work.now).isoformat())


async def _digest(work: Work) -> None:
    """Once a day, also where it goes elsewhere since: whoever holds the role may have changed after it was said."""
    say = planning.digest(sky(work), work.now)
    if say and await work.tx.fact(DIGESTED) != say.arg and not await _stands(work, say):
        await work.say(say)
        await watch_digest.take(work, say.key)
        await work.tx.save_fact(DIGESTED, say.arg)


async def _send(work: Work, collected: Collected) -> None:
    """A collected message once a reader and day: what comes later waits for the next one."""
    if await _stands(work, collected.say):
        return
    if collected.opens:
        await work.tx.add_case(collected.opens)
    await work.say(collected.say)
    await work.tx.add_marks(collected.marks)
    await work.tx.take_marks(collected.marks, collected.say.key)


async def _stands(work: Work, say: Say) -> bool:
    targets = work.targets(say.reader)
    keys = [say.key] if len(targets) < 2 else [f"{say.key}>{target}" for target in targets]
    return any([await work.tx.has_row(key) for key in keys])


def sky(work: Work) -> Sky:
    return Sky(register=work.register, pack=work.pack, hours=work.hours)
