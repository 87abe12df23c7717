"""What every case has in common: an id, a version, a moment at which it has something to say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from bot.model import Entry, PersonId
from bot.outgoing import Mark, Say

C = TypeVar("C", bound="CaseBase")


@dataclass(frozen=True, kw_only=True)
class CaseBase:
    """Whatever waits for a person. `version` is the one that was read; saving it takes the next.

    `wake_at`: the next moment at which the case has something to say; None: nothing to wait for.
    """

    id: str
    version: int = 0
    opened_at: datetime
    closed_at: datetime | None = None
    wake_at: datetime | None = None
    account: str | None = None
    place: str | None = None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True, kw_only=True)
class Move(Generic[C]):
    """What a decide function answers: the case as it shall be, what is said, marked and logged. Nothing is done yet."""

    case: C
    says: tuple[Say, ...] = ()
    marks: tuple[Mark, ...] = ()
    log: tuple[Entry, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Record:
    """A decision of an official, ready to be chained: `body` for good, `personal` salted and apart.

    `decided_by`, `presented_by`: who may find and open it for that; no part of the chain, so they can be purged.
    """

    kind: str
    body: Mapping[str, Any]
    personal: Mapping[str, str] = field(default_factory=dict)
    decided_by: PersonId | None = None
    presented_by: PersonId | None = None


@dataclass(frozen=True)
class TimePassed:
    """The heartbeat saw that the case is past its `wake_at`."""


Actor = PersonId
