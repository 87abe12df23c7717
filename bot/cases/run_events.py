"""What can happen to a checklist run."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.cases.base import TimePassed
from bot.model import PersonId
from bot.view import Value


@dataclass(frozen=True, kw_only=True)
class Saved:
    """One step was submitted; only its own answers are merged, so that two people lose nothing of each other's."""

    by: PersonId
    values: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    by: PersonId
    what: str  # "step.field"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Communications says yes to what it is asked, with words where these are wanted."""

    by: PersonId
    what: str  # "step.field"
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Declined:
    """Communications says no: the run ends."""

    by: PersonId
    step: str
    why: str
    decision: int


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Handed to a colleague, who may resume it."""

    by: PersonId
    to: PersonId


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """Sent to whoever approves. `approver` None: the register names nobody, communications is asked to."""

    by: PersonId
    approver: PersonId | None
    role: str
    reply: str = ""


@dataclass(frozen=True, kw_only=True)
class ApproverEntered:
    by: PersonId
    approver: PersonId


@dataclass(frozen=True, kw_only=True)
class ApproverLeft:
    """Whoever it waits for has left: communications says who approves instead."""


@dataclass(frozen=True, kw_only=True)
class SentBack:
    by: PersonId
    why: str


@dataclass(frozen=True, kw_only=True)
class DeputyAsked:
    by: PersonId
    deputy: PersonId


@dataclass(frozen=True, kw_only=True)
class Approved:
    by: PersonId
    decision: int
    account: str


@dataclass(frozen=True, kw_only=True)
class Rejected:
    by: PersonId
    why: str
    decision: int


@dataclass(frozen=True, kw_only=True)
class Withdrawn:
    by: PersonId
    why: str


@dataclass(frozen=True, kw_only=True)
class Finished:
    """Everything of the second half is answered. `people`: who is told besides the run's own: a closed account's people."""

    by: PersonId
    people: tuple[PersonId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Overtaken:
    """The account that was to come, or has come, is closed: nothing is asked for it any more."""

    by: PersonId


Event = (
    Saved | Confirmed | Judged | Declined | Shared | Submitted | ApproverEntered | ApproverLeft | SentBack | DeputyAsked | Approved
    | Rejected | Withdrawn | Finished | Overtaken | TimePassed
)  # fmt: skip
