"""A yearly page: once a year a head looks through all of their accounts. A default of ours: no guideline says it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from bot.cases.base import CaseBase, Move, TimePassed
from bot.model import Entry, PersonId


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the head wants changed of one account, in their own words, until communications has done it."""

    id: str
    account: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Yearly(CaseBase):
    """It ends when the head says that all is right, or when what they wanted is changed, or unanswered at `wake_at`.

    `late_at`: from when communications hears that it is unanswered. `mark`: of the register that was confirmed.
    """

    case: Literal["yearly"] = "yearly"
    head: PersonId
    late_at: datetime | None = None
    wishes: tuple[Wish, ...] = ()
    answered: bool = False
    mark: str = ""

    def is_late(self, now: datetime) -> bool:
        return self.is_open and not self.answered and self.late_at is not None and now >= self.late_at


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """All of it is right. `mark`: of the register as it was shown."""

    by: PersonId
    mark: str


@dataclass(frozen=True, kw_only=True)
class Wished:
    """Something is to be changed."""

    by: PersonId
    wish: Wish


@dataclass(frozen=True, kw_only=True)
class Done:
    """Communications has seen to a wish."""

    by: PersonId
    wish: str


Event = TimePassed | Confirmed | Wished | Done


def decide(page: Yearly, event: Event, now: datetime) -> Move[Yearly]:
    """Pressed twice, the second changes nothing."""
    match event:
        case TimePassed():
            over = replace(page, wake_at=None, closed_at=page.closed_at or now)
            return Move(case=over, log=(Entry(what="yearly.unanswered"),) if page.is_open else ())
        case Confirmed():
            return _confirmed(page, event, now)
        case Wished():
            return _wished(page, event)
        case Done():
            return _done(page, event, now)
        case _:
            assert_never(event)


def _confirmed(page: Yearly, event: Confirmed, now: datetime) -> Move[Yearly]:
    """What was wished for before has been put right, or is no longer wished for."""
    if page.mark == event.mark and not page.wishes:
        return Move(case=page)
    after = replace(page, answered=True, mark=event.mark, wishes=(), closed_at=now, wake_at=None)
    return Move(case=after, log=(Entry(what="yearly.confirmed", by=event.by),))


def _wished(page: Yearly, event: Wished) -> Move[Yearly]:
    """Open again where it was over: somebody has to see to it."""
    if any((w.account, w.text) == (event.wish.account, event.wish.text) for w in page.wishes):
        return Move(case=page)
    after = replace(
        page, answered=True, mark="", wishes=(*page.wishes, event.wish), closed_at=None, wake_at=None
    )
    data = {"account": event.wish.account}
    return Move(case=after, log=(Entry(what="yearly.wished", by=event.by, data=data),))


def _done(page: Yearly, event: Done, now: datetime) -> Move[Yearly]:
    left = tuple(w for w in page.wishes if w.id != event.wish)
    if left == page.wishes:
        return Move(case=page)
    after = replace(page, wishes=left, closed_at=None if left else now)
    return Move(case=after, log=(Entry(what="yearly.done", by=event.by),))
