"""An alarm: a threat, a risk of a pile-on, an account taken over. Knows no quiet hours."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from bot.cases.base import CaseBase, Move, TimePassed
from bot.cases.ladder import Hours
from bot.model import Entry, PersonId, Role
from bot.outgoing import HEAD, Mark, Reader, Say, to_person, to_role

AlarmKind = Literal["threat", "pile_on", "taken_over"]


@dataclass(frozen=True, kw_only=True)
class Alarm(CaseBase):
    """`step`: how far it has gone on without a receipt. `receipt_by` is who has it, or entered that it was rung in.

    `ends_at`: when an exercise ends by itself; None for a real alarm, which only people end.
    """

    case: Literal["alarm"] = "alarm"
    kind: AlarmKind
    raised_by: PersonId
    link: str = ""
    line: str = ""
    exercise: bool = False
    told_at: datetime | None = None
    head_told: bool = False  # at once, since the office wants it so
    step: int = 0
    loud: bool = False
    receipt_by: PersonId | None = None
    receipt_at: datetime | None = None
    receipt_phone: str = ""
    ends_at: datetime | None = None
    ended: Literal["", "handled", "false_alarm", "exercise_over"] = ""
    why: str = ""
    ended_by: PersonId | None = None


# -- events -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Received:
    """Somebody has it. `phone`: it was rung in, and this is who answered (users.md U7)."""

    by: PersonId
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Ended:
    by: PersonId
    how: Literal["handled", "false_alarm"]
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Drilled:
    """It was meant as an exercise from the beginning, and raised without saying so (users.md U7)."""

    by: PersonId


Event = Received | Ended | Drilled | TimePassed

FIRST: Mapping[AlarmKind, Role] = {
    "threat": "security",
    "pile_on": "communications",
    "taken_over": "it_security",
}
"""Who hears an alarm first (KAU-48, 49; C-08); communications always has it in copy."""
LAST_STEP = 3
EVERYBODY = Reader(kind="role", id="communications/everybody")


def raised(alarm: Alarm, hours: Hours, now: datetime, *, head_at_once: bool = False) -> Move[Alarm]:
    """At once, at any hour: the raiser's own card, the first of the role, communications in copy.

    The responsible head hears on the next working morning, or `head_at_once` (users.md U7).
    """
    first = FIRST[alarm.kind]
    says = [
        _say(alarm, "raiser", to_person(alarm.raised_by), "alarm_raiser"),
        _say(alarm, "first", to_role(first)),
    ]
    if first != "communications":
        says.append(_say(alarm, "copy", to_role("communications")))
    heads = bool(alarm.account) and not alarm.exercise
    if heads and head_at_once:
        says.append(_say(alarm, "head", HEAD, "alarm_head"))
    wake = hours.minutes_later(now, hours.office.receipt_minutes)
    case = replace(alarm, told_at=now, wake_at=wake, ends_at=_unheard(alarm, now, hours),
                   head_told=heads and head_at_once)  # fmt: skip
    morning = Mark(case=alarm.id, rung="head", reader=HEAD, at=now)
    marks = (morning,) if heads and not case.head_told else ()
    return Move(
        case=case, says=tuple(says), marks=marks, log=(Entry(what="alarm.raised", by=alarm.raised_by),)
    )


def decide(alarm: Alarm, event: Event, now: datetime, hours: Hours) -> Move[Alarm]:
    """The rules. The first receipt counts; a second one changes nothing and is told who has it."""
    if not alarm.is_open:
        return Move(case=alarm)
    match event:
        case Received(by=by, phone=phone):
            return _receive(alarm, by, phone, now, hours)
        case Ended(by=by, how=how, why=why):
            over = replace(alarm, ended=how, why=why, ended_by=by, closed_at=now, wake_at=None)
            return Move(
                case=over,
                says=_news(over, "ended"),
                log=(Entry(what=f"alarm.{how}", by=by, data={"why": why}),),
            )
        case Drilled(by=by):
            return _drilled(alarm, by, now, hours)
        case TimePassed():
            return _over(alarm, now) if _is_spent(alarm) else _go_on(alarm, now, hours)
        case _:
            assert_never(event)


def _receive(alarm: Alarm, by: PersonId, phone: str, now: datetime, hours: Hours) -> Move[Alarm]:
    """Nothing more is said in chat, where the cards change; by mail it is news. An exercise that nobody closes is over on the next working
    morning."""
    if alarm.receipt_by:
        return Move(case=alarm)
    ends = hours.next_morning(now) if alarm.exercise else None
    case = replace(alarm, receipt_by=by, receipt_at=now, receipt_phone=phone, wake_at=ends, ends_at=ends)
    entry = Entry(what="alarm.received", by=by, data={"phone": phone})
    return Move(case=case, says=_news(case, "received"), log=(entry,))


def _drilled(alarm: Alarm, by: PersonId, now: datetime, hours: Hours) -> Move[Alarm]:
    """Marked from now on wherever it stands, and by mail; it goes on being practised, and ends by itself as one does."""
    if alarm.exercise:
        return Move(case=alarm)
    case = replace(alarm, exercise=True)
    ends = hours.next_morning(now) if alarm.receipt_by else _unheard(case, now, hours)
    spent = _is_spent(case)
    case = replace(case, ends_at=ends, wake_at=ends if spent else alarm.wake_at)
    return Move(case=case, says=_news(case, "exercise"), log=(Entry(what="alarm.exercise", by=by),))


def _unheard(alarm: Alarm, now: datetime, hours: Hours) -> datetime | None:
    """When an exercise that nobody receives is over: as long after its last step as between two of them."""
    left = LAST_STEP + 1 - alarm.step
    return hours.minutes_later(now, left * hours.office.receipt_minutes) if alarm.exercise else None


def _is_spent(alarm: Alarm) -> bool:
    """An exercise with nothing left to practise: somebody has it, or its ladder is at an end."""
    return alarm.exercise and (alarm.receipt_by is not None or alarm.step >= LAST_STEP)


def _over(alarm: Alarm, now: datetime) -> Move[Alarm]:
    over = replace(alarm, ended="exercise_over", closed_at=now, wake_at=None)
    return Move(case=over, says=_news(over, "ended"), log=(Entry(what="alarm.exercise_over"),))


def _go_on(alarm: Alarm, now: datetime, hours: Hours) -> Move[Alarm]:
    """No receipt: the next of the role, then everybody in communications, then a loud card with the number."""
    if alarm.receipt_by or alarm.step >= LAST_STEP:
        return Move(case=replace(alarm, wake_at=None))
    step = alarm.step + 1
    says: tuple[Say, ...]
    match step:
        case 1:
            says = (_say(alarm, "next", _next(alarm)),)
        case 2:
            says = (_say(alarm, "everybody", EVERYBODY),)
        case _:
            says = (_say(alarm, "loud", to_role("communications"), "alarm_loud"),
                    _say(alarm, "loud-raiser", to_person(alarm.raised_by), "alarm_loud"))  # fmt: skip
    case = replace(alarm, step=step, loud=step == LAST_STEP, told_at=now)
    ends = _unheard(case, now, hours)
    wake = hours.minutes_later(now, hours.office.receipt_minutes) if step < LAST_STEP else ends
    case = replace(case, wake_at=wake, ends_at=ends)
    return Move(case=case, says=says, log=(Entry(what="alarm.passed_on", data={"step": str(step)}),))


def _next(alarm: Alarm) -> Reader:
    return Reader(kind="role", id=f"{FIRST[alarm.kind]}/next")


def _news(alarm: Alarm, what: str) -> tuple[Say, ...]:
    """To everybody who has been told, by mail: a mail that was sent cannot change as a card does."""
    readers = [to_person(alarm.raised_by), to_role(FIRST[alarm.kind]), to_role("communications")]
    readers += [HEAD] if alarm.head_told else []
    readers += [_next(alarm)] if alarm.step else []
    readers += [EVERYBODY] if alarm.step > 1 else []
    said = Say(key=f"{alarm.id}:{what}", case=alarm.id, card="alarm_news", arg=what, reader=readers[0], lane="alarm",
               mail="only")  # fmt: skip
    return tuple(
        replace(said, key=f"{said.key}:{reader}", reader=reader) for reader in dict.fromkeys(readers)
    )


def _say(alarm: Alarm, rung: str, reader: Reader, card: str = "alarm") -> Say:
    """In chat and by mail, in the same second: chat does not ring at night (users.md U7)."""
    return Say(key=f"{alarm.id}:{rung}", case=alarm.id, card=card, arg=rung, reader=reader, lane="alarm", living=True,
               mail="too")  # fmt: skip
