"""What a change would do, reckoned on the register as it would be, with the same rules that plan each day."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot import plan as planning
from bot import steps
from bot.cases import Case, Question, Round, Run
from bot.changes import Patch, changed
from bot.model import ROLES, PersonId
from bot.outgoing import to_role
from bot.plan import Sky
from bot.register import Register
from bot.retention import Disposal, Kept
from bot.screens.settings import Effect
from bot.screens.settings_forms import MESSAGES
from bot.season import time_of
from bot.service import retention, undertakings
from bot.service.base import Work
from bot.workdays import deadlines

AHEAD, FURTHEST = 21, 400
"""Days ahead in which the first card that moves is looked for, and in which days that become free are."""

GOES_NOW = "goes_now"
"""The effect whose number grows with time alone: it is no other promise when it is reckoned again."""


async def effects(work: Work, patches: Sequence[Patch]) -> tuple[Effect, ...]:
    """Everything that is different, most felt first; what stands of itself needs no sentence. Reads, writes nothing."""
    after = changed(work.register, patches)
    then = seen_with(work, after)
    cases = await work.tx.open_cases()
    found = [
        *_cards(work, then, patches, cases),
        *_days(work, then),
        *_messages(work, then),
        *_hearers(work, then),
        *_seasons(work, then),
        *_deadline(work, then, cases),
        *_roles(work, then),
        *_heads(work, then, cases),
        *_guidelines(work, then),
        *_names(work, after),
        *_people(work, after),
        *_retention(work, after),
        *await _goes_now(work, then),
    ]
    return tuple(found) or (Effect(key="at_once"),)


def seen_with(work: Work, register: Register) -> Work:
    """The same request in the register as it would be; nothing may be saved through it."""
    return replace(work, register=register)


def sky(work: Work) -> Sky:
    return Sky(register=work.register, pack=work.pack, hours=work.hours)


# -- morning cards --------------------------------------------------------------------------------


def _cards(work: Work, then: Work, patches: Sequence[Patch], cases: Sequence[Case]) -> Iterator[Effect]:
    """How many cards come at another hour, and from which day: those posted today stay as they are."""
    places = [each.of for each in patches if each.kind == "place" and "hour" in (each.after or {})]
    posted = {c.place for c in cases if isinstance(c, Round) and c.day == work.today and c.posted}
    for day in (work.today + timedelta(days=n) for n in range(AHEAD)):
        before, after = (_at(each, places, day) for each in (work, then))
        moved = [
            p
            for p in before
            if after.get(p, before[p]) != before[p] and not (day == work.today and p in posted)
        ]
        if moved:
            hours = Counter((before[p], after[p]) for p in moved)
            for (old, new), n in hours.most_common(5):
                yield Effect(key="cards", n=n, values={"before": old, "after": new, "from": day})
            return
    if places:
        yield Effect(key="no_cards")


def _at(work: Work, places: Collection[str], day: date) -> dict[str, time]:
    """When each of these places is asked on a day, for those that are."""
    register, moment = work.register, work.hours.calendar.at(day, time(0))
    known = [register.places[p] for p in places if p in register.places]
    return {p.id: p.hour for p in known if planning.round_in(sky(work), p, day, moment)[0]}


# -- days -----------------------------------------------------------------------------------------


def _days(work: Work, then: Work) -> Iterator[Effect]:
    """Working days that become free, and free days that become working days, in the year to come."""
    one, other = work.hours.calendar, then.hours.calendar
    if one == other:
        return
    ahead = [work.today + timedelta(days=n) for n in range(FURTHEST)]
    freed = [day for day in ahead if one.is_working_day(day) and not other.is_working_day(day)]
    worked = [day for day in ahead if other.is_working_day(day) and not one.is_working_day(day)]
    for key, days in (("freed", freed), ("worked", worked)):
        if days:
            yield Effect(key=key, n=len(days), values={"days": tuple(days)})
    for day in [*freed, *worked][:1]:
        fewer = _asked(work, day) - _asked(then, day)
        if fewer:
            yield Effect(key="fewer" if fewer > 0 else "more", n=abs(fewer), values={"on": day})


def _asked(work: Work, day: date) -> int:
    """How many accounts are asked about on a day."""
    accounts = work.register.accounts.values()
    return sum(bool(planning.is_due(work.register, a, day) and sky(work).on_duty(a, day)) for a in accounts)


# -- collected messages, alarms, deadlines ----------------------------------------------------------


def _messages(work: Work, then: Work) -> Iterator[Effect]:
    """Each message of the day that comes at another hour. What has come today comes no second time."""
    one, other = work.register.office, then.register.office
    for name in MESSAGES:
        before, after = getattr(one, name), getattr(other, name)
        if before != after:
            values = {"what": name, "before": before, "after": after, "from": _first_day(work, before)}
            yield Effect(key="message", values=values)
    if (one.opens, one.closes) != (other.opens, other.closes):
        yield Effect(key="hours", values={"opens": other.opens, "closes": other.closes})
        late = [name for name in MESSAGES if not other.opens <= getattr(other, name) < other.closes]
        yield from (Effect(key="outside", values={"what": name}) for name in late)
    if one.receipt_minutes != other.receipt_minutes:
        yield Effect(key="receipt", n=other.receipt_minutes)
    if one.unlooked_days != other.unlooked_days:
        yield Effect(key="unlooked", n=other.unlooked_days)
    if one.head_at_once != other.head_at_once:
        yield Effect(key=f"head.{'at_once' if other.head_at_once else 'morning'}")


def _hearers(work: Work, then: Work) -> Iterator[Effect]:
    """Who hears at each rung for which that is another by then."""
    for rung in steps.RUNGS:
        before, after = (steps.hears(w.guidelines, w.register.office.hearers, rung) for w in (work, then))
        if before != after:
            key = f"hears.{rung.name}" if after else f"hears.{rung.name}.nobody"
            yield Effect(key=key, values={"hearers": after} if rung.least else {})


def _seasons(work: Work, then: Work) -> Iterator[Effect]:
    """When heads are asked next about each season that is another, or that they are not asked."""
    before = work.register.office.seasons
    for season in (each for each in then.register.office.seasons if each not in before):
        values: dict[str, object] = {"season": season.name}
        if season.asked:
            years = (time_of(season, then.hours.calendar, work.today.year + n).asks for n in range(2))
            values["on"] = next(day for day in years if day >= work.today)
        yield Effect(key="season" if season.asked else "season.not_asked", values=values)


def _first_day(work: Work, before: time) -> date:
    """Today where its hour is still to come, else the next working day."""
    calendar = work.hours.calendar
    if calendar.is_working_day(work.today) and work.now < calendar.at(work.today, before):
        return work.today
    return calendar.next_working_day(work.today)


def _deadline(work: Work, then: Work, cases: Sequence[Case]) -> Iterator[Effect]:
    """Until when a question that comes when the office opens is to be answered, and that what is promised already stays."""
    asked = _next_opening(work)
    before, after = (_answer_by(each, asked) for each in (work, then))
    waits = any(steps.wait(work.pack, s.name) != steps.wait(then.pack, s.name) for s in steps.STEPS)
    calendars = work.hours.calendar != then.hours.calendar
    if before != after:
        yield Effect(key="deadline", values={"at": asked, "before": before, "after": after})
    if waits or calendars:
        open_ones = sum(isinstance(case, Question) for case in cases)
        yield Effect(key="kept", n=open_ones) if open_ones else Effect(key="kept.none")


def _next_opening(work: Work) -> datetime:
    """This morning, on a working day: a moment that stays the same between looking and pressing."""
    calendar, opens = work.hours.calendar, work.register.office.opens
    day = work.today if calendar.is_working_day(work.today) else calendar.next_working_day(work.today)
    return calendar.at(day, opens)


def _answer_by(work: Work, asked: datetime) -> datetime:
    office = work.register.office
    return deadlines(work.pack.answer, work.hours.calendar, asked, office.collect).answer_by


# -- roles, heads, names ----------------------------------------------------------------------------


def _roles(work: Work, then: Work) -> Iterator[Effect]:
    for role in ROLES:
        before, after = (each.targets(to_role(role)) for each in (work, then))
        if before != after:
            yield Effect(key="role", values={"role": role, "before": before, "after": after})
        if work.register.own(role) and not then.register.own(role):
            yield Effect(key="empty", values={"role": role, "after": after})
        contacts = (each.register.role_contacts.get(role) for each in (work, then))
        if len({*contacts}) > 1:
            yield Effect(key="contact", values={"role": role})


def _heads(work: Work, then: Work, cases: Sequence[Case]) -> Iterator[Effect]:
    """Accounts that get another head, and waiting requests that follow."""
    found: Counter[PersonId | None] = Counter()
    for account in work.register.accounts.values():
        head = then.register.head_of(account)
        if account.state != "closed" and head != work.register.head_of(account):
            found[head] += 1
    for head, n in found.items():
        yield Effect(key="head" if head else "no_head", n=n, values={"who": head or ""})
    moved = Counter(to for _, to in followers(work, then, cases))
    for to, n in moved.items():
        yield Effect(key="request" if to else "request.nobody", n=n, values={"who": to or ""})


def followers(work: Work, then: Work, cases: Sequence[Case]) -> list[tuple[Run, PersonId | None]]:
    """Requests that wait for somebody who decides by the register as it was, and for whom by the register as it will be.

    One that somebody entered for this request alone stays with them.
    """
    found: list[tuple[Run, PersonId | None]] = []
    for run in cases:
        if isinstance(run, Run) and run.state == "waiting" and run.approver:
            before, after = (undertakings.of(run).decider(each, run).person for each in (work, then))
            if run.approver == before and after != before:
                found.append((run, after))
    return found


def _guidelines(work: Work, then: Work) -> Iterator[Effect]:
    """What is begun goes on by its own copy of the steps; what the office has set the new guidelines may set themselves."""
    if work.guidelines.name != then.guidelines.name:
        yield Effect(key="guidelines", values={"title": then.guidelines.title})


def _names(work: Work, after: Register) -> Iterator[Effect]:
    for ident, unit in after.units.items():
        before = work.register.units.get(ident)
        if before and before.name != unit.name:
            n = sum(a.unit == ident and a.state != "closed" for a in work.register.accounts.values())
            yield Effect(key="unit", n=n, values={"name": unit.name})
    if work.register.office.language != after.office.language:
        yield Effect(key="language")


def _people(work: Work, after: Register) -> Iterator[Effect]:
    """Who is called otherwise, has another number, or has no name yet."""
    for ident, person in after.people.items():
        before = work.register.people.get(ident)
        if before is None and person.name == person.email:
            yield Effect(key="nameless", values={"who": person.email})
        elif before and before.name != person.name:
            yield Effect(key="renamed", values={"who": person.name})
        if before and before.phone != person.phone:
            yield Effect(key="phone" if person.phone else "no_phone", values={"who": person.name})


def _retention(work: Work, after: Register) -> Iterator[Effect]:
    """Without the number of a disposal decision nothing goes, whatever its time is."""
    for kind, rule in _other_rules(work, after):
        yield Effect(key="goes" if rule.is_decided else "stays", n=rule.days, values={"kind": kind})


def _other_rules(work: Work, after: Register) -> list[tuple[Kept, Disposal]]:
    before = work.register.office.retention
    return [(kind, rule) for kind, rule in after.office.retention.items() if before.get(kind) != rule]


async def _goes_now(work: Work, then: Work) -> list[Effect]:
    """The dry run: of what a disposal decision is entered for, how many are past the time already (users.md U6)."""
    decided = [kind for kind, rule in _other_rules(work, then.register) if rule.is_decided]
    counts = [(await retention.planned(then, kind)).found.count for kind in decided]
    return [Effect(key=GOES_NOW, n=n) if n else Effect(key="goes_none") for n in counts]
