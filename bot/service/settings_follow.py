"""A change is saved, and what waits by the register as it was follows: today's cards, the role's messages, open requests."""

from collections.abc import Sequence
from dataclasses import replace

from bot import plan as planning
from bot.cases import Round
from bot.cases.run import decide
from bot.cases.run_events import ApproverEntered, ApproverLeft
from bot.changes import Change, Holding, Patch, patched
from bot.model import Contact, Office, Person, Place, Role, Unit
from bot.ports import DayOutcome, NotFound
from bot.screens.base import Eyes
from bot.service.base import Work
from bot.service.settings_effects import followers, sky

OF_DAYS = ("closed", "bridge_days_free", "zone", "closes")
"""Values of the office by which today is asked about or not, and until when."""


async def commit(work: Work, change: Change) -> Eyes:
    """Save and log it, and let what waits follow. Gives the eyes that see it done."""
    before = work.eyes
    after = await follow(work, change.patches)
    await work.tx.add_change(change)
    units = {**before.register.units, **after.register.units}
    return replace(after.eyes, register=replace(after.register, units=units))


async def follow(work: Work, patches: Sequence[Patch]) -> Work:
    """Save it all in this transaction; gives the same request in the register as it is then."""
    for each in patches:
        await _save(work, each)
    after = replace(work, register=await work.tx.register())
    await _today(after, patches)
    await _requests(work, after)
    return after


async def _save(work: Work, given: Patch) -> None:
    register = await work.tx.register()
    match patched(register, given):
        case Office() as office:
            await work.tx.save_office(office)
        case Holding() as held:
            role: Role = given.of  # type: ignore[assignment]
            await work.tx.save_role(role, held.people, held.place)
            await work.tx.save_role_contact(role, Contact(mail=held.mail, phone=held.phone))
        case Unit() as unit:
            await work.tx.save_unit(unit)
        case Place() as place:
            await work.tx.save_place(place)
        case Person() as person:
            await work.tx.save_person(person)
        case None if given.kind == "unit":
            await work.tx.remove_unit(given.of)


# -- today's cards --------------------------------------------------------------------------------


async def _today(work: Work, patches: Sequence[Patch]) -> None:
    """A card that is not posted yet comes as the new hours say; one that is posted stays, and comes no second time."""
    office = any(each.kind == "office" and {*OF_DAYS} & {*(each.after or {})} for each in patches)
    moved = [each.of for each in patches if each.kind == "place" and "hour" in (each.after or {})]
    for ident in work.register.places if office else moved:
        await _replan(work, work.register.places[ident])
    renamed = [
        p.of for p in patches if p.kind == "place" and p.before and {"name", "language"} & {*(p.after or {})}
    ]
    for ident in renamed:
        for case in await work.tx.open_cases("round", place=ident):
            await work.tx.touch(case.id)


async def _replan(work: Work, place: Place) -> None:
    try:
        old = await work.tx.case(planning.round_id(place.id, work.today))
    except NotFound:
        old = None
    if isinstance(old, Round) and (old.posted or not old.is_open):
        return
    made, rows = planning.round_in(sky(work), place, work.today, work.now)
    if made and isinstance(old, Round):
        waits = {line.account for line in old.lines}
        lines = tuple(line for line in made.lines if line.account in waits)
        made = replace(made, lines=lines) if lines else None
    if isinstance(old, Round):
        await _replace(work, old, made)
    elif made and await _is_planned(work):
        await work.tx.add_case(made)
        for row in rows:
            await work.tx.save_day(row)


async def _replace(work: Work, old: Round, made: Round | None) -> None:
    """What is not asked today any more is kept as not asked."""
    if made is None:
        over = replace(old, duty=(), closed_at=work.now, wake_at=None)
        await work.tx.save_case(over)
        for line in old.lines:
            row = DayOutcome(account=line.account, day=old.day, outcome="not_asked", place=old.place)
            await work.tx.save_day(row)
        return
    kept = replace(made, version=old.version, opened_at=old.opened_at)
    if kept != old:
        await work.tx.save_case(kept)


async def _is_planned(work: Work) -> bool:
    """Whether today's cards have been made at all: else they are made with the new hours."""
    from bot.service.day import PLANNED  # at call: that module plans with everything that waits

    return await work.tx.fact(PLANNED) == work.today.isoformat()


# -- requests -------------------------------------------------------------------------------------


async def _requests(work: Work, after: Work) -> None:
    """What waits for the old head's decision waits for the new one's, who is asked at once."""
    for run, to in followers(work, after, await after.tx.open_cases("run")):
        event = ApproverEntered(by=work.actor.id, approver=to) if to else ApproverLeft()
        await after.apply(run, decide(run, event, after.now, after.hours))
