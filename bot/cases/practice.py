"""Practice: an invented question that one person tries the buttons on. It is gone the next day (users.md U11)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from bot.cases.base import CaseBase, Move, TimePassed
from bot.cases.ladder import Hours
from bot.model import PersonId
from bot.outgoing import Say, to_person

PracticeState = Literal["open", "taken", "answered", "seen"]


@dataclass(frozen=True, kw_only=True)
class Practice(CaseBase):
    """It belongs to no account and no place, writes no log and tells nobody, so that nothing counts or lists it.

    `by`: who practises, while it lasts. `wake_at`: the midnight at which it is over and keeps no name.
    """

    case: Literal["practice"] = "practice"
    by: PersonId | None
    state: PracticeState = "open"


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """A button of the question, pressed as practice. `open`: taken back."""

    state: PracticeState


def begun(ident: str, by: PersonId, now: datetime, hours: Hours) -> Move[Practice]:
    """Sent to whoever practises, alone."""
    case = Practice(id=ident, opened_at=now, wake_at=hours.calendar.end_of(hours.today(now)), by=by)
    say = Say(key=f"{ident}:card", card="practice", case=ident, reader=to_person(by), lane="answer", living=True,
              useful_until=case.wake_at)  # fmt: skip
    return Move(case=case, says=(say,))


def decide(practice: Practice, event: Pressed | TimePassed, now: datetime) -> Move[Practice]:
    """Each press as on a real question; one that is over changes nothing, and keeps no name."""
    if not practice.is_open:
        return Move(case=practice)
    match event:
        case Pressed(state=state):
            return Move(case=replace(practice, state=state))
        case TimePassed():
            over = replace(practice, by=None, state="open", closed_at=now, wake_at=None)
            return Move(case=over)
        case _:
            assert_never(event)
