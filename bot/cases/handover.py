"""A hand-over: whoever stands in gets one card when an absence begins, and whoever was away its mirror image when they are
back."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, assert_never

from bot.cases.base import CaseBase, Move
from bot.cases.ladder import Hours
from bot.model import Absence, Entry, PersonId
from bot.outgoing import Say, to_person


@dataclass(frozen=True, kw_only=True)
class Handover(CaseBase):
    """One of an absence. `cover`: who was named to stand in, if anybody was.

    `given`: to whom its card has gone. `stood`: on some day an account was another's by a takeover, or the rota's: these
    get what they need to know in a card of their own, and whoever was away still gets the mirror image.
    """

    case: Literal["handover"] = "handover"
    person: PersonId
    cover: PersonId | None
    first: date
    last: date
    given: tuple[PersonId, ...] = ()
    stood: bool = False


@dataclass(frozen=True, kw_only=True)
class Changed:
    """The absence is another than before: its days, or who covers. Taken back, it is over before it began."""

    absence: Absence


@dataclass(frozen=True, kw_only=True)
class Morning:
    """The heartbeat saw that it is past its `wake_at`. `covers`: who stands in that day. `stood`: as `Handover.stood`."""

    covers: tuple[PersonId, ...] = ()
    stood: bool = False


Event = Changed | Morning


def handover_id(absence: str) -> str:
    return f"handover:{absence}"


def planned(absence: Absence, now: datetime, hours: Hours) -> Handover:
    """It speaks on the first working morning: at once where that has begun."""
    made = Handover(id=handover_id(absence.id), opened_at=now, person=absence.person, cover=absence.cover,
                    first=absence.first, last=absence.last)  # fmt: skip
    return _waiting(made, now, hours)


def decide(handover: Handover, event: Event, now: datetime, hours: Hours) -> Move[Handover]:
    """Each card once. Whatever was slept through is not made up for: without the first card there is no second."""
    if not handover.is_open:
        return Move(case=handover)
    match event:
        case Changed(absence=absence):
            return _changed(handover, absence, now, hours)
        case Morning():
            return _spoken(handover, event, now, hours)
        case _:
            assert_never(event)


def _changed(handover: Handover, absence: Absence, now: datetime, hours: Hours) -> Move[Handover]:
    after = replace(handover, cover=absence.cover, first=absence.first, last=absence.last)
    if absence.last < hours.today(now) and not (handover.given or handover.stood):
        return _over(after, now)
    entry = Entry(what="handover.changed")
    return Move(case=_waiting(after, now, hours), log=(entry,)) if after != handover else Move(case=handover)


def _spoken(handover: Handover, morning: Morning, now: datetime, hours: Hours) -> Move[Handover]:
    """On each working morning anew: whoever stood in may be away themselves by then, or be back."""
    if now < _moment(handover, now, hours):
        return Move(case=_waiting(handover, now, hours))
    today = hours.today(now)
    if today > handover.last:
        told = handover.given or handover.stood
        return _over(handover, now, *((_back(handover),) if told else ()))
    fresh = tuple(p for p in morning.covers if p not in handover.given)
    after = replace(handover, wake_at=_morning(today + timedelta(days=1), hours), given=(*handover.given, *fresh),
                    stood=handover.stood or morning.stood)  # fmt: skip
    with_others = handover.wake_at == _morning(today, hours)
    says = tuple(_given(handover, person, today if with_others else None) for person in fresh)
    return Move(case=after, says=says, log=(Entry(what="handover.given"),) if fresh else ())


def _over(handover: Handover, now: datetime, *says: Say) -> Move[Handover]:
    return Move(case=replace(handover, closed_at=now, wake_at=None), says=says)


def _given(handover: Handover, person: PersonId, morning: date | None) -> Say:
    """One card a person and morning, whatever the number of colleagues they stand in for: its key is the day's.

    What comes in the course of a day is told alone, and at once.
    """
    key = f"handover:{person}:{morning.isoformat()}" if morning else f"{handover.id}:handover:{person}"
    return Say(key=key, card="handover", case=handover.id, reader=to_person(person), living=True,
               arg="" if morning else handover.id)  # fmt: skip


def _back(handover: Handover) -> Say:
    return Say(key=f"{handover.id}:handover.back:{handover.person}", card="handover.back", case=handover.id,
               reader=to_person(handover.person))  # fmt: skip


def _waiting(handover: Handover, now: datetime, hours: Hours) -> Handover:
    return replace(handover, wake_at=_moment(handover, now, hours))


def _moment(handover: Handover, now: datetime, hours: Hours) -> datetime:
    """The first working morning of the absence; the first one after it for whoever is back."""
    waits = hours.today(now) <= handover.last
    return _morning(handover.first if waits else handover.last + timedelta(days=1), hours)


def _morning(day: date, hours: Hours) -> datetime:
    return hours.speak_at(hours.calendar.at(day, hours.office.opens))
