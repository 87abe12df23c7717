"""The round: one place, one local date, a line for each account that somebody is due to look through."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, assert_never

from bot.cases.base import CaseBase, Move, TimePassed
from bot.cases.ladder import Hours
from bot.model import Entry, PersonId
from bot.outgoing import Reader, Say, to_person, to_place

LineState = Literal[
    "open", "looked_at", "found", "late", "no_answer", "not_looked", "moved", "paused", "closed"
]
WAITING: tuple[LineState, ...] = ("open", "not_looked")
LEFT: tuple[LineState, ...] = ("moved", "paused", "closed")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One account of the round. `role` is who answered (manager, substitute, head, communications), never a name.

    `moved`: the account has another place, and is asked about there. `paused`, `closed`: it is asked about nowhere.
    """

    account: str
    state: LineState = "open"
    role: str = ""


@dataclass(frozen=True, kw_only=True)
class Round(CaseBase):
    """`until`: after this the card is no longer posted. `readers`: the place, or on a free day those with duty.

    `duty`: whoever has the free day's duty, while the round is open; no name is kept with a day that is over (U6).

    `posted_at`: when the card was posted; the reminder of a card that came after the reminder's hour is left out.
    """

    case: Literal["round"] = "round"
    day: date
    lines: tuple[Line, ...]
    until: datetime
    free_day: bool = False
    duty: tuple[PersonId, ...] = ()
    posted: bool = False
    posted_at: datetime | None = None

    @property
    def readers(self) -> tuple[Reader, ...]:
        """On a free day the card goes only to those who have that duty (users.md U3)."""
        if self.free_day:
            return tuple(to_person(person) for person in self.duty)
        return (to_place(self.place),) if self.place else ()

    @property
    def kept(self) -> tuple[Line, ...]:
        """The lines that are answered here."""
        return tuple(line for line in self.lines if line.state not in LEFT)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Accounts that nobody has looked through: *not looked at* is a word, and the line still waits."""
        return tuple(line.account for line in self.lines if line.state in WAITING)


# -- events -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Looked:
    """Somebody says how it stands with some of the lines (account -> state)."""

    by: PersonId
    role: str
    states: Mapping[str, LineState]


@dataclass(frozen=True, kw_only=True)
class TakenBack:
    """Undo: these lines are open again."""

    by: PersonId
    accounts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Over:
    """The round after the next one of the place is posted: what is open now stays without an answer."""


@dataclass(frozen=True)
class Gone:
    """The bot was removed from the place: what is open now was never asked."""


Event = Looked | TakenBack | Over | Gone | TimePassed


def decide(round_: Round, event: Event, now: datetime, hours: Hours) -> Move[Round]:
    """The rules of one place's day. A line that is answered stays as it is until it is taken back."""
    if not round_.is_open:
        return Move(case=round_)
    match event:
        case Looked(role=role, states=states):
            late = hours.today(now) > round_.day
            lines = tuple(_answered(line, states.get(line.account), role, late=late) for line in round_.lines)
            return _changed(round_, lines, Entry(what="round.looked", data={"role": role}))
        case TakenBack(accounts=accounts):
            lines = tuple(
                replace(line, state="open", role="") if line.account in accounts else line
                for line in round_.lines
            )
            return _changed(round_, lines, Entry(what="round.taken_back"))
        case Over():
            lines = tuple(
                replace(line, state="no_answer") if line.state in WAITING else line for line in round_.lines
            )
            return Move(case=replace(round_, lines=lines, duty=(), closed_at=now, wake_at=None))
        case Gone():
            return _not_asked(round_, now)
        case TimePassed():
            return _post(round_, now)
        case _:
            assert_never(event)


def _answered(line: Line, state: LineState | None, role: str, *, late: bool) -> Line:
    if state is None or line.state not in WAITING:
        return line
    return replace(line, state="late" if late and state in ("looked_at", "found") else state, role=role)


def _changed(round_: Round, lines: tuple[Line, ...], entry: Entry) -> Move[Round]:
    if lines == round_.lines:
        return Move(case=round_)
    return Move(case=replace(round_, lines=lines), log=(entry,))


def _not_asked(round_: Round, now: datetime) -> Move[Round]:
    over = replace(round_, duty=(), wake_at=None, closed_at=now)
    return Move(case=over, log=(Entry(what="round.not_asked"),))


def _post(round_: Round, now: datetime) -> Move[Round]:
    """At the place's hour or later the same day; after that the day is not asked, and says so (exact-rules)."""
    if round_.posted:
        return Move(case=replace(round_, wake_at=None))
    if now > round_.until:
        return _not_asked(round_, now)
    says = tuple(
        Say(
            key=f"{round_.id}:card:{reader.id}",
            case=round_.id,
            card="round",
            reader=reader,
            living=True,
            useful_until=round_.until,
        )
        for reader in round_.readers
    )
    return Move(case=replace(round_, posted=True, posted_at=now, wake_at=None), says=says)
