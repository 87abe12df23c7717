"""A start: a channel is asked once whether its accounts, come in from a file, stand right (users.md U1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.cases.base import CaseBase, Move, TimePassed
from bot.cases.ladder import Hours
from bot.model import Entry, PersonId
from bot.outgoing import Say, to_place

StartState = Literal["open", "right", "away"]


@dataclass(frozen=True, kw_only=True)
class StartLine:
    """One account of the channel: nobody has said yet, it is right, or it is not theirs."""

    account: str
    state: StartState = "open"


@dataclass(frozen=True, kw_only=True)
class Start(CaseBase):
    """`by`: who of communications started it; None from the command line. It asks once and reminds nobody.

    `greets`: its card is the place's welcome too (users.md U11).
    """

    case: Literal["start"] = "start"
    by: PersonId | None = None
    lines: tuple[StartLine, ...]
    greets: bool = False

    @property
    def open_lines(self) -> tuple[str, ...]:
        return tuple(line.account for line in self.lines if line.state == "open")


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Somebody of the channel has said of these accounts that they are right, or not theirs."""

    by: PersonId
    accounts: tuple[str, ...]
    state: StartState = "right"


def begun(
    ident: str, place: str, accounts: Sequence[str], by: PersonId | None, now: datetime, hours: Hours
) -> Start:
    """It asks in office hours: at once, or when the office opens next."""
    lines = tuple(StartLine(account=account) for account in accounts)
    return Start(id=ident, opened_at=now, wake_at=hours.speak_at(now), place=place, by=by, lines=lines)  # fmt: skip


def decide(start: Start, event: TimePassed | Answered, now: datetime) -> Move[Start]:
    """The card once; then line by line until all are answered. A line that is answered stays so (a double click)."""
    match event:
        case TimePassed():
            say = Say(
                key=f"start:{start.id}",
                card="start",
                reader=to_place(str(start.place)),
                case=start.id,
                living=True,
            )
            return Move(
                case=replace(start, wake_at=None), says=(say,) if start.is_open and start.wake_at else ()
            )
        case Answered():
            return _answered(start, event, now)


def _answered(start: Start, event: Answered, now: datetime) -> Move[Start]:
    open_ = [a for a in event.accounts if a in start.open_lines]
    if not open_:
        return Move(case=start)
    lines = tuple(replace(n, state=event.state) if n.account in open_ else n for n in start.lines)
    after = replace(start, lines=lines)
    if not after.open_lines:
        after = replace(after, closed_at=now, wake_at=None)
    data = {"accounts": " ".join(open_)}
    return Move(case=after, log=(Entry(what=f"start.{event.state}", by=event.by, data=data),))
