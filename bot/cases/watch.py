"""A watch: what a head is asked about who watches, on days when all are away or on free days (users.md U3)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, assert_never

from bot.cases.base import CaseBase, Move
from bot.model import Entry, PersonId
from bot.outgoing import IN_DIGEST, Mark, Say, to_person, to_role

WatchKind = Literal["away", "free_days"]


@dataclass(frozen=True, kw_only=True)
class Watch(CaseBase):
    """`reader`: whom it asks, for all `accounts` at once; `first` and `last`: between them all are away, on each account's
    own days. `handed_by`: who left it to communications. `takeovers`: how it was settled; `undone`: that was taken back.
    It reminds nobody.
    """

    case: Literal["watch"] = "watch"
    what: WatchKind
    reader: PersonId
    accounts: tuple[str, ...]
    first: date | None = None
    last: date | None = None
    handed_by: PersonId | None = None
    takeovers: tuple[str, ...] = ()
    undone: bool = False


@dataclass(frozen=True, kw_only=True)
class Handed:
    """Communications is asked to take the accounts over."""

    by: PersonId


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Communications takes them over, or the head has named somebody (`who`), for the days of these takeovers."""

    by: PersonId
    takeovers: tuple[str, ...]
    who: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class Undone:
    """The takeovers are taken back. `office`: by communications, which needs not be told of it."""

    by: PersonId
    office: bool


@dataclass(frozen=True, kw_only=True)
class Settled:
    """Of these accounts nothing is asked any more: somebody is there, or it has been decided what holds.

    `by`: whose press it was; None: it has settled itself.
    """

    accounts: Collection[str]
    by: PersonId | None = None


Event = Handed | Taken | Undone | Settled


def asked(watch: Watch, now: datetime) -> Move[Watch]:
    """New: said in the reader's next collected message, never alone beside it."""
    mark = Mark(case=watch.id, rung=watch.what, reader=to_person(watch.reader), at=now)
    return Move(case=watch, marks=(mark,), log=(Entry(what="watch.asked"),))


def decide(watch: Watch, event: Event, now: datetime) -> Move[Watch]:
    """Handed on once, taken once; what is over stays so but for what is undone (a double click, two people at once)."""
    match event:
        case Undone():
            return _undone(watch, event, now)
        case _ if not watch.is_open:
            return Move(case=watch)
        case Handed(by=by):
            return _handed(watch, by)
        case Taken():
            return _taken(watch, event, now)
        case Settled():
            return _settled(watch, event, now)
        case _:
            assert_never(event)


def _handed(watch: Watch, by: PersonId) -> Move[Watch]:
    """It stands in communications' digest until it is taken over, and among what waits for it."""
    if watch.handed_by:
        return Move(case=watch)
    return Move(case=replace(watch, handed_by=by), log=(Entry(what="watch.handed", by=by),))


def _taken(watch: Watch, event: Taken, now: datetime) -> Move[Watch]:
    """The head, and whoever handed it over, read it in their next collected message; somebody named gets the hand-over."""
    after = replace(watch, takeovers=event.takeovers, closed_at=now, wake_at=None)
    says = (_named(watch, event.who, event.takeovers[0]),) if event.who and event.who != event.by else ()
    marks = _marks(watch, "taken", now, but=(event.by, event.who))
    return Move(case=after, says=says, marks=marks, log=(Entry(what="watch.taken", by=event.by),))


def _undone(watch: Watch, event: Undone, now: datetime) -> Move[Watch]:
    if not watch.takeovers:
        return Move(case=watch)
    marks = _marks(watch, "undone", now, but=(event.by,))
    if not event.office:
        to = to_role("communications")
        marks = (*marks, Mark(case=watch.id, rung=f"{IN_DIGEST}undone", reader=to, at=now))
    after = replace(watch, takeovers=(), undone=True)
    return Move(case=after, marks=marks, log=(Entry(what="watch.undone", by=event.by),))


def _marks(watch: Watch, rung: str, now: datetime, but: Collection[PersonId | None]) -> tuple[Mark, ...]:
    people = (p for p in dict.fromkeys((watch.reader, watch.handed_by)) if p and p not in but)
    return tuple(Mark(case=watch.id, rung=rung, reader=to_person(p), at=now) for p in people)


def _named(watch: Watch, who: PersonId, once: str) -> Say:
    return Say(key=f"{watch.id}:watch.named:{once}:{who}", card="watch.named", case=watch.id, reader=to_person(who),
               lane="answer", living=True)  # fmt: skip


def _settled(watch: Watch, event: Settled, now: datetime) -> Move[Watch]:
    left = tuple(a for a in watch.accounts if a not in event.accounts)
    if left == watch.accounts:
        return Move(case=watch)
    after = replace(watch, accounts=left) if left else replace(watch, closed_at=now, wake_at=None)
    return Move(case=after, log=(Entry(what="watch.settled", by=event.by),))
