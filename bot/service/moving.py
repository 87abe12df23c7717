"""An account leaves today's round: for another place, where it is asked about on the same day, or for good."""

from dataclasses import replace
from datetime import datetime

from bot.cases.round import Line, LineState, Round
from bot.first_week import may_ask
from bot.model import Account, Place
from bot.plan import Sky, duty_of, one_round, round_id
from bot.ports import DayOutcome, NotFound
from bot.service.base import Work


async def move_line(work: Work, moved: Account, place: Place) -> None:
    """Take the account's line of today along. A card that is posted points on, and the line is answered there no more.

    A place that has yet to meet the bot is asked from the day after its welcome: today's line stays where it is.
    """
    if not may_ask(place, work.today):
        return
    old = await _today(work, work.account(moved.id).place)
    new = await _today(work, place.id)
    sky = Sky(register=replace(work.register, accounts={**work.register.accounts, moved.id: moved}), pack=work.pack,
              hours=work.hours)  # fmt: skip
    fresh = one_round(sky, place, work.today, [moved], work.now)
    if old is None or moved.id not in old.unanswered or not _may_leave(old, new, fresh, work.now):
        return
    await _leave(work, sky, old, moved, "moved")
    await _enter(work, sky, new, fresh)
    await work.tx.save_day(DayOutcome(account=moved.id, day=work.today, outcome="open", place=place.id))


def _may_leave(old: Round, new: Round | None, fresh: Round, now: datetime) -> bool:
    """Whether it can still be asked about today where it goes. On free days the card goes to people, wherever it is."""
    if not old.is_open or (old.posted and old.free_day):
        return False
    if new and not new.is_open and new.lines:
        return False  # that place's day is over
    return not old.posted or now <= fresh.until or (new is not None and new.posted)


async def _leave(work: Work, sky: Sky, old: Round, moved: Account, state: LineState) -> None:
    if old.posted:
        lines = tuple(replace(e, state=state) if e.account == moved.id else e for e in old.lines)
        await work.tx.save_case(replace(old, lines=lines))
        return
    left = tuple(line for line in old.lines if line.account != moved.id)
    over = replace(old, lines=(), duty=(), closed_at=work.now, wake_at=None)
    await work.tx.save_case(_with(sky, old, left) if left else over)


async def leave(work: Work, account: Account) -> None:
    """An account that is asked about no more leaves every round that still waits for it; what was answered stays.

    Of every place: one that has another place since today is still asked about where it was.
    """
    state: LineState = "closed" if account.state == "closed" else "paused"
    register = replace(work.register, accounts={**work.register.accounts, account.id: account})
    sky = Sky(register=register, pack=work.pack, hours=work.hours)
    for case in await work.tx.open_cases("round"):
        if isinstance(case, Round) and account.id in case.unanswered:
            await _leave(work, sky, case, account, state)
            outcome = "paused" if case.day == work.today else "no_answer"
            day = DayOutcome(account=account.id, day=case.day, outcome=outcome, place=case.place)
            await work.tx.save_day(day)


async def _enter(work: Work, sky: Sky, new: Round | None, fresh: Round) -> None:
    """A line that has come back stands where it stood, in the card of that time."""
    if new is None:
        await work.tx.add_case(fresh)
    elif new.lines:
        back = {line.account: line for line in fresh.lines}
        lines = tuple(back.pop(line.account, line) for line in new.lines)
        await work.tx.save_case(_with(sky, new, (*lines, *back.values())))
    else:  # emptied by a move away: it is asked again
        await work.tx.save_case(replace(fresh, version=new.version))


async def _today(work: Work, place: str | None) -> Round | None:
    try:
        found = await work.tx.case(round_id(place or "", work.today))
    except NotFound:
        return None
    return found if isinstance(found, Round) else None


def _with(sky: Sky, round_: Round, lines: tuple[Line, ...]) -> Round:
    accounts = [
        sky.register.accounts[line.account] for line in lines if line.account in sky.register.accounts
    ]
    return replace(round_, lines=lines, duty=duty_of(sky, accounts, round_.day))
