"""A filing: something that goes to the registrar, who gives it a number or says why it needs none (requirements.md 2.2)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.cases.base import CaseBase, Move
from bot.model import Entry, PersonId

FilingKind = Literal["moderation", "closure", "account"]


@dataclass(frozen=True, kw_only=True)
class Filing(CaseBase):
    """`decision`: the number of what is filed. `posts`: how many posts it is about: a pile-on is one filing.

    `number`: the registry's own; closed without one, none was needed, and why stands with the chained row alone, from
    which it can be purged. `entered_by`: the registrar, or communications on their behalf.
    `why_none`: a copy of that reason in cases of before, which nobody is shown any more.
    Reminders go out once a week for all that is open together, so a filing has no `wake_at` of its own.
    """

    case: Literal["filing"] = "filing"
    what: FilingKind
    decision: int
    posts: int = 1
    number: str = ""
    why_none: str = ""
    entered_by: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class Registered:
    """The registry gave a number, or none is needed."""

    by: PersonId
    number: str = ""


def filed(filing: Filing) -> Move[Filing]:
    """New in the queue: it is told with the next bundle, never alone."""
    return Move(case=filing, log=(Entry(what="filing.filed"),))


def decide(filing: Filing, event: Registered, now: datetime) -> Move[Filing]:
    """The first number holds: a second one changes nothing (a double click, two people at once)."""
    if not filing.is_open:
        return Move(case=filing)
    over = replace(filing, number=event.number, entered_by=event.by, closed_at=now, wake_at=None)
    what = "filing.numbered" if event.number else "filing.not_registered"
    return Move(case=over, log=(Entry(what=what, by=event.by, data={"number": event.number}),))
