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
    """It speaks on the first working morning: where that has begun at once, or as soon as the office opens."""
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
    says = tuple(_given(handover, person, _told_at(handover, now, hours)) for person in fresh)
    return Move(case=after, says=says, log=(Entry(what="handover.given"),) if fresh else ())


def _over(handover: Handover, now: datetime, *says: Say) -> Move[Handover]:
    return Move(case=replace(handover, closed_at=now, wake_at=None), says=says)


def _told_at(handover: Handover, now: datetime, hours: Hours) -> datetime:
    """The moment for which it is told; what was slept through until this morning is told with the morning's."""
    morning = hours.calendar.at(hours.today(now), hours.office.opens)
    due = handover.wake_at or now
    return hours.calendar.local(morning if due < morning <= now else due)


def _given(handover: Handover, person: PersonId, moment: datetime) -> Say:
    """One card a person and moment, whatever the number of colleagues they stand in for: it names them all."""
    return Say(key=f"handover:{person}:{moment.isoformat()}", card="handover", case=handover.id,
               reader=to_person(person), living=True)  # fmt: skip


def _back(handover: Handover) -> Say:
    return Say(key=f"{handover.id}:handover.back:{handover.person}", card="handover.back", case=handover.id,
               reader=to_person(handover.person))  # fmt: skip


def _waiting(handover: Handover, now: datetime, hours: Hours) -> Handover:
    """Never for a moment that is past: others may have been told of that one already."""
    return replace(handover, wake_at=max(_moment(handover, now, hours), hours.speak_at(now)))


def _moment(handover: Handover, now: datetime, hours: Hours) -> datetime:
    """The first working morning of the absence; the first one after it for whoever is back."""
    waits = hours.today(now) <= handover.last
    return _morning(handover.first if waits else handover.last + timedelta(days=1), hours)


def _morning(day: date, hours: Hours) -> datetime:
    return hours.speak_at(hours.calendar.at(day, hours.office.opens))
