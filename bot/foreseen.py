"""What would be sent if nobody answered, as a rehearsal found it. Pure values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.model import PersonId
from bot.outgoing import Reader
from bot.workdays import Free


@dataclass(frozen=True, kw_only=True)
class Coming:
    """One message. `target`: the place or person it goes to; `reader`: as whom, `role:communications` or the same.

    `card` and `arg` say by which rule it comes; `title` is what it says first, in its reader's language.
    """

    at: datetime
    key: str
    card: str
    arg: str
    target: Reader
    reader: Reader
    title: str
    case: str | None = None
    alerts: tuple[PersonId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """All that would be said from `first` to `last`, both included, in order.

    `skipped`: the free days. `nobody`: account -> the days that the guidelines want it looked at and nobody is
    asked, or all of its people are away and communications has to look.
    `faults`: how often something could not be rehearsed, so that a message may be missing.
    """

    first: date
    last: date
    messages: tuple[Coming, ...] = ()
    skipped: tuple[tuple[date, Free], ...] = ()
    nobody: Mapping[str, tuple[date, ...]]
    faults: int = 0


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What another register changes: each message that moves (before, after), that comes instead, or no more."""

    moved: tuple[tuple[Coming, Coming], ...] = ()
    added: tuple[Coming, ...] = ()
    gone: tuple[Coming, ...] = ()


def difference(before: Foreseen, after: Foreseen) -> Difference:
    """Compares two rehearsals of the same days, by what each message is and for when."""
    old = {message.key: message for message in before.messages}
    new = {message.key: message for message in after.messages}
    both = [(old[key], new[key]) for key in old if key in new]
    return Difference(
        moved=tuple(pair for pair in both if pair[0].at != pair[1].at),
        added=tuple(message for key, message in new.items() if key not in old),
        gone=tuple(message for key, message in old.items() if key not in new),
    )
