"""A hand-over: the cover gets one card when an absence begins, and whoever was away its mirror image when they are back."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, assert_never

from bot.cases.base import CaseBase, Move
from bot.cases.ladder import Hours
from bot.model import Absence, Entry, PersonId
from bot.outgoing import Say, to_person


@dataclass(frozen=True, kw_only=True)
class Handover(CaseBase):
    """One of an absence. `cover`: who stands in, which is the last of a chain where a cover is away as well.

    `given`: to whom its card has gone; the key of each card keeps it from going twice.
    """

    case: Literal["handover"] = "handover"
    person: PersonId
    cover: PersonId | None
    first: date
    last: date
    given: tuple[PersonId, ...] = ()

    @property
    def is_given(self) -> bool:
        """Whether today's cover has its card."""
        return self.cover in self.given


@dataclass(frozen=True, kw_only=True)
class Changed:
    """The absence is another than before: its days, or who covers. Taken back, it is over before it began."""

    absence: Absence


@dataclass(frozen=True, kw_only=True)
class Morning:
    """The heartbeat saw that it is past its `wake_at`. `cover`: the last of the chain that day; None: nobody is there."""

    cover: PersonId | None


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
        case Morning(cover=cover):
            return _spoken(handover, cover, now, hours)
        case _:
            assert_never(event)


def _changed(handover: Handover, absence: Absence, now: datetime, hours: Hours) -> Move[Handover]:
    after = replace(handover, cover=absence.cover, first=absence.first, last=absence.last)
    taken_back = absence.last < hours.today(now) or absence.cover is None
    if taken_back and not handover.given:
        return _over(after, now)
    entry = Entry(what="handover.changed")
    return Move(case=_waiting(after, now, hours), log=(entry,)) if after != handover else Move(case=handover)


def _spoken(handover: Handover, cover: PersonId | None, now: datetime, hours: Hours) -> Move[Handover]:
    """On each working morning anew: whoever stood in may be away themselves by then, or be back."""
    if now < _moment(handover, now, hours):
        return Move(case=_waiting(handover, now, hours))
    today = hours.today(now)
    if today > handover.last:
        says = (_say(handover, "handover.back", handover.person),) if handover.given else ()
        return _over(handover, now, *says)
    after = replace(
        handover, wake_at=_morning(today + timedelta(days=1), hours), cover=cover or handover.cover
    )
    if cover is None or after.is_given:
        return Move(case=after)
    say = _say(handover, "handover", cover)
    given = replace(after, given=(*after.given, cover))
    return Move(case=given, says=(say,), log=(Entry(what="handover.given"),))


def _over(handover: Handover, now: datetime, *says: Say) -> Move[Handover]:
    return Move(case=replace(handover, closed_at=now, wake_at=None), says=says)


def _say(handover: Handover, card: str, person: PersonId) -> Say:
    return Say(key=f"{handover.id}:{card}:{person}", card=card, case=handover.id, reader=to_person(person),
               living=card == "handover")  # fmt: skip


def _waiting(handover: Handover, now: datetime, hours: Hours) -> Handover:
    return replace(handover, wake_at=_moment(handover, now, hours))


def _moment(handover: Handover, now: datetime, hours: Hours) -> datetime:
    """The first working morning of the absence, while anybody covers; the first one after it for whoever is back."""
    waits = handover.cover is not None and hours.today(now) <= handover.last
    return _morning(handover.first if waits else handover.last + timedelta(days=1), hours)


def _morning(day: date, hours: Hours) -> datetime:
    return hours.speak_at(hours.calendar.at(day, hours.office.opens))
