"""A question, comment or piece of criticism from the public, and the clock that it waits by."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from bot.cases.base import CaseBase, Move, TimePassed
from bot.cases.ladder import Hours
from bot.model import Entry, Hearer, PersonId, Stamp
from bot.outgoing import HEAD, Mark, Reader, Say, to_person, to_place, to_role

Where = Literal["comment", "direct", "tag", "review", "other"]
Kind = Literal["question", "comment", "criticism"]
Rung = Literal["", "escalated", "head"]


@dataclass(frozen=True, kw_only=True)
class Question(CaseBase):
    """`posted_at` is when the visitor posted; the deadlines are working-day instants of the policy (KAU-44, KISV-54).

    `waits_until`: the time that the visitor was last given with an interim reply, for the card.
    `held_until`: the first such time; it alone holds the escalation back (C-48).
    `told`: who heard when it went on, which the office may choose (bot/steps.py).
    `quiet_until`: before this it goes on to nobody, since its place has just met the bot (users.md U11).
    """

    case: Literal["question"] = "question"
    where: Where
    kind: Kind
    posted_at: datetime
    logged_by: PersonId
    link: str = ""
    text: str = ""
    remind_at: datetime | None = None
    last_call: datetime | None = None
    answer_by: datetime
    escalate_at: datetime
    head_at: datetime
    came_on_free_day: bool = False
    stamp: Stamp
    rung: Rung = ""
    told: tuple[Hearer, ...] = ("substitute", "communications")
    taken_by: PersonId | None = None
    forwarded_to: PersonId | None = None
    waits_until: datetime | None = None
    held_until: datetime | None = None
    quiet_until: datetime | None = None
    quiet_told: bool = False
    ended: Literal["", "answered", "seen"] = ""
    ended_by: PersonId | None = None


# -- events -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Taken:
    by: PersonId


@dataclass(frozen=True, kw_only=True)
class Ended:
    """Answered, or on comments also seen with nothing to answer (C-48)."""

    by: PersonId
    how: Literal["answered", "seen"]


@dataclass(frozen=True, kw_only=True)
class Reopened:
    by: PersonId


@dataclass(frozen=True, kw_only=True)
class Forwarded:
    """Handed on to somebody who knows; the clock runs on (BTH-77)."""

    by: PersonId
    to: PersonId


@dataclass(frozen=True, kw_only=True)
class Interim:
    """An interim reply with a new time. Holds the escalation back, once (C-48)."""

    by: PersonId
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """It was logged on the wrong account. The clock and the ladder stay as they are."""

    by: PersonId
    account: str


Event = Corrected | Taken | Ended | Reopened | Forwarded | Interim | TimePassed


def logged(question: Question, hours: Hours) -> Move[Question]:
    """A new question: its card stands in the account's place, alerting nobody."""
    if question.quiet_until:  # the head hears one working day after it could go on at all
        head_at = max(question.head_at, hours.one_working_day_later(question.quiet_until))
        question = replace(question, head_at=head_at)
    case = replace(question, wake_at=hours.speak_at(question.escalate_at))
    return Move(
        case=case,
        says=(_card(question, "card"),),
        log=(Entry(what="question.logged", by=question.logged_by),),
    )


def moved(question: Question, place: str) -> Move[Question]:
    """The account has another place: the card is posted anew there, the old one points on."""
    case = replace(question, place=place)
    return Move(case=case, says=(_card(case, f"card:{place}"),))


def _card(question: Question, occasion: str) -> Say:
    return Say(key=f"{question.id}:{occasion}", case=question.id, card="question", reader=_home(question),
               lane="answer", living=True)  # fmt: skip


def decide(question: Question, event: Event, now: datetime, hours: Hours) -> Move[Question]:
    """The rules. A press on a question that is over changes nothing, whoever presses."""
    if isinstance(event, Reopened):
        return _reopen(question, event, now, hours)
    if not question.is_open:
        return Move(case=question)
    match event:
        case Taken(by=by) if by == question.taken_by:
            return Move(case=question)
        case Taken(by=by):
            return _take(question, by)
        case Ended(by=by, how=how):
            over = replace(question, ended=how, ended_by=by, closed_at=now, wake_at=None)
            return Move(case=over, log=(Entry(what=f"question.{how}", by=by),))
        case Corrected(by=by, account=account):
            entry = Entry(what="question.corrected", by=by, data={"from": question.account or ""})
            return Move(case=replace(question, account=account), log=(entry,))
        case Forwarded(by=by, to=to):
            return _forward(question, by, to)
        case Interim(by=by, until=until):
            return _hold(question, by, until, hours)
        case TimePassed():
            return _climb(question, now, hours)
        case _:
            assert_never(event)


def _take(question: Question, by: PersonId) -> Move[Question]:
    if question.taken_by == by:
        return Move(case=question)
    return Move(case=replace(question, taken_by=by), log=(Entry(what="question.taken", by=by),))


def _forward(question: Question, by: PersonId, to: PersonId) -> Move[Question]:
    say = Say(key=f"{question.id}:forwarded:{to}:{question.version}", case=question.id, card="forwarded",
              reader=to_person(to), lane="answer", living=True)  # fmt: skip
    entry = Entry(what="question.forwarded", by=by, data={"to": to})
    return Move(case=replace(question, forwarded_to=to), says=(say,), log=(entry,))


def _hold(question: Question, by: PersonId, until: datetime, hours: Hours) -> Move[Question]:
    """The escalation waits once, until the new time; later interim replies change the time shown, not the ladder."""
    held = replace(question, waits_until=until)
    if question.held_until is None and question.rung == "":
        held = replace(
            held,
            held_until=until,
            wake_at=hours.speak_at(max(_speaks_at(question), until)),
            head_at=max(question.head_at, hours.one_working_day_later(until)),
        )
    return Move(case=held, log=(Entry(what="question.interim", by=by, data={"until": until.isoformat()}),))


def _reopen(question: Question, event: Reopened, now: datetime, hours: Hours) -> Move[Question]:
    """Taken back within reach of the card: the clock never stopped, so what is overdue says so at once."""
    if question.is_open:
        return Move(case=question)
    back = replace(
        question, ended="", ended_by=None, closed_at=None, wake_at=_next_wake(question, now, hours)
    )
    return Move(case=back, log=(Entry(what="question.reopened", by=event.by),))


def _climb(question: Question, now: datetime, hours: Hours) -> Move[Question]:
    """The highest rung reached speaks, once; those below it that were slept through are named there."""
    if _speaks_softly(question, now):
        return _tell_softly(question, now, hours)
    if question.rung == "head" or now < _escalates_at(question):
        return Move(case=replace(question, wake_at=_next_wake(question, now, hours)))
    if now >= question.head_at and hours.waits.question_head:
        return _tell_head(question, now, hours)
    if question.rung == "escalated":
        return Move(case=replace(question, wake_at=_next_wake(question, now, hours)))
    return _escalate(question, now, hours)


def _speaks_softly(question: Question, now: datetime) -> bool:
    """Whether it would have gone on by now, had its place not just met the bot."""
    due = max(question.escalate_at, question.held_until or question.escalate_at)
    quiet = question.quiet_until is not None and now < question.quiet_until
    return quiet and not question.quiet_told and due <= now


def _tell_softly(question: Question, now: datetime, hours: Hours) -> Move[Question]:
    """Said once, in the question's thread, alerting nobody (users.md U11)."""
    if not hours.is_open(now):
        return Move(case=replace(question, wake_at=hours.speak_at(now)))
    told = replace(question, quiet_told=True)
    say = Say(key=f"{question.id}:quiet", case=question.id, card="quiet", reader=_home(question), threaded=True,
              living=True)  # fmt: skip
    return Move(case=replace(told, wake_at=_next_wake(told, now, hours)), says=(say,))


def _escalate(question: Question, now: datetime, hours: Hours) -> Move[Question]:
    """At the deadline: the substitute in the thread, communications in their own channel, or one of both."""
    if not hours.is_open(now):
        return Move(case=replace(question, wake_at=hours.speak_at(now)))
    told: tuple[Hearer, ...] = hours.waits.goes_on
    if not question.place:  # its home is communications, and they hear it once
        told = ("communications",)
    readers = {"substitute": _home(question), "communications": to_role("communications")}
    says = tuple(_escalation(question, readers[who], who) for who in told)
    up = replace(question, rung="escalated", told=told)
    return Move(
        case=replace(up, wake_at=_next_wake(up, now, hours)),
        says=says,
        log=(Entry(what="question.escalated"),),
    )


def _escalation(question: Question, reader: Reader, to: str) -> Say:
    return Say(key=f"{question.id}:escalated:{to}", case=question.id, card="escalation", arg=to, reader=reader,
               threaded=to == "substitute", living=True)  # fmt: skip


def _tell_head(question: Question, now: datetime, hours: Hours) -> Move[Question]:
    """One working day after the deadline: the head, in the next collected message, and a line in the thread.

    After that it alerts nobody.
    """
    if not hours.is_open(now):
        return Move(case=replace(question, wake_at=hours.speak_at(now)))
    skipped = question.rung != "escalated"
    mark = Mark(
        case=question.id, rung="head+skipped" if skipped else "head", reader=HEAD, at=question.head_at
    )
    up = replace(question, rung="head", wake_at=None)
    line = Say(
        key=f"{question.id}:told_head",
        case=question.id,
        card="told_head",
        reader=_home(question),
        threaded=True,
    )
    says = (line,) if question.place else ()
    return Move(case=up, says=says, marks=(mark,), log=(Entry(what="question.head"),))


def _next_wake(question: Question, now: datetime, hours: Hours) -> datetime | None:
    """While the office lets no head hear it is looked at each morning: the office may change its mind meanwhile."""
    match question.rung:
        case "head":
            return None
        case "escalated":
            return question.head_at if hours.waits.question_head else hours.next_morning(now)
        case _:
            return hours.speak_at(max(_speaks_at(question), now))


def _speaks_at(question: Question) -> datetime:
    """When it goes on, or when it says instead that it does not go on yet."""
    if question.quiet_until and not question.quiet_told:
        return max(question.escalate_at, question.held_until or question.escalate_at)
    return _escalates_at(question)


def _escalates_at(question: Question) -> datetime:
    at = question.escalate_at
    return max(at, question.held_until or at, question.quiet_until or at)


def _home(question: Question) -> Reader:
    """The account's place; an account without one is looked after by communications until it has one."""
    return to_place(question.place) if question.place else to_role("communications")
