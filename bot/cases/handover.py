"""A hand-over: whoever stands in gets one card when an absence begins, and whoever was away its mirror image when they are
back."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, assert_never

from bot.cases.base import CaseBase, Move
from bot.cases.ladder import Hours
from bot.model import Absence, Entry, PersonId
from bot.outgoing import Say, to_person

TOGETHER = timedelta(minutes=2)
"""What is reported in office hours is told so much later (elapsed), so that what is reported together is one card."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """Somebody has been told, in the card that stands with the hand-over `card`: their own one, or a colleague's."""

    person: PersonId
    card: str


@dataclass(frozen=True, kw_only=True)
class Handover(CaseBase):
    """One of an absence. `cover`: who was named to stand in, if anybody was.

    `given`: to whom it has been said. `told`: in which card each of them reads it, known once that is on its way: a card
    tells of all for whom its reader stands in, so that what another one was to say is said already. `stood`: on some day
    an account was another's by a takeover, or the rota's: these get what they need to know in a card of their own, and
    whoever was away still gets the mirror image.
    """

    case: Literal["handover"] = "handover"
    person: PersonId
    cover: PersonId | None
    first: date
    last: date
    given: tuple[PersonId, ...] = ()
    told: tuple[Told, ...] = ()
    stood: bool = False

    def card_of(self, person: PersonId) -> str | None:
        """The hand-over with whose card this person has been told of this one."""
        return next((t.card for t in self.told if t.person == person), None)

    @property
    def cards(self) -> frozenset[str]:
        """The hand-overs whose cards tell of this one, or may: theirs stand on when those are over."""
        return frozenset({self.id, *(t.card for t in self.told)})


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
    """It speaks on the first working morning: where that has begun soon, or when the office opens."""
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


def soon(now: datetime, hours: Hours) -> datetime:
    """When what has just been reported is told: `TOGETHER` on, at once where the office closes before that."""
    later = now + TOGETHER
    return later if hours.is_open(later) else hours.speak_at(now)


def tell(handover: Handover, person: PersonId, card: str) -> Move[Handover]:
    """A card that is on its way tells this person of it: it is said to them no second time."""
    given = handover.given if person in handover.given else (*handover.given, person)
    told = (*handover.told, Told(person=person, card=card))
    return Move(case=replace(handover, given=given, told=told), log=(Entry(what="handover.told"),))


def unsaid(handover: Handover, person: PersonId) -> Move[Handover]:
    """They stand in no more before the card that was to tell them could go out: a morning on which they do says it."""
    given = tuple(p for p in handover.given if p != person)
    told = tuple(t for t in handover.told if t.person != person)
    return Move(case=replace(handover, given=given, told=told) if handover.is_open else handover)


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
    says = tuple(_given(handover, person) for person in fresh)
    return Move(case=after, says=says, log=(Entry(what="handover.given"),) if fresh else ())


def _over(handover: Handover, now: datetime, *says: Say) -> Move[Handover]:
    return Move(case=replace(handover, closed_at=now, wake_at=None), says=says)


def _given(handover: Handover, person: PersonId) -> Say:
    """By version: once it is `unsaid` it is said anew, be it on the same day. Of two who save at once one has to stop."""
    return Say(key=f"{handover.id}:handover:{person}:{handover.version}", card="handover", case=handover.id,
               reader=to_person(person), living=True)  # fmt: skip


def _back(handover: Handover) -> Say:
    return Say(key=f"{handover.id}:handover.back:{handover.person}", card="handover.back", case=handover.id,
               reader=to_person(handover.person))  # fmt: skip


def _waiting(handover: Handover, now: datetime, hours: Hours) -> Handover:
    return replace(handover, wake_at=max(_moment(handover, now, hours), soon(now, hours)))


def _moment(handover: Handover, now: datetime, hours: Hours) -> datetime:
    """The first working morning of the absence; the first one after it for whoever is back."""
    waits = hours.today(now) <= handover.last
    return _morning(handover.first if waits else handover.last + timedelta(days=1), hours)


def _morning(day: date, hours: Hours) -> datetime:
    return hours.speak_at(hours.calendar.at(day, hours.office.opens))
