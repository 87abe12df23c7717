"""An account that gets another place before its card is posted is asked about there, on the same day."""

from dataclasses import replace

from bot.cases.round import Line, Round
from bot.model import Account, Place
from bot.plan import Sky, duty_of, one_round, round_id
from bot.ports import DayOutcome, NotFound
from bot.service.base import Work


async def move_line(work: Work, moved: Account, place: Place) -> None:
    """Take the account's line of today along. A card that is posted keeps it, and it is answered there."""
    old = await _today(work, work.account(moved.id).place)
    new = await _today(work, place.id)
    if old is None or old.posted or not old.is_open or moved.id not in old.unanswered:
        return
    if new and not new.is_open and new.lines:
        return  # that place's day is over
    sky = Sky(register=replace(work.register, accounts={**work.register.accounts, moved.id: moved}), pack=work.pack,
              hours=work.hours)  # fmt: skip
    left = tuple(line for line in old.lines if line.account != moved.id)
    over = replace(old, lines=(), duty=(), closed_at=work.now, wake_at=None)
    await work.tx.save_case(_with(sky, old, left) if left else over)
    fresh = one_round(sky, place, work.today, [moved], work.now)
    if new is None:
        await work.tx.add_case(fresh)
    elif new.lines:
        await work.tx.save_case(_with(sky, new, (*new.lines, *fresh.lines)))
    else:  # emptied by a move away: it is asked again
        await work.tx.save_case(replace(fresh, version=new.version))
    await work.tx.save_day(DayOutcome(account=moved.id, day=work.today, outcome="open", place=place.id))


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
