"""A checklist run as it is stored: somebody's copy of a pack's checklist, with its answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from bot import checklists
from bot.cases.base import CaseBase
from bot.model import PersonId, Stamp
from bot.policy import Checklist, Step
from bot.view import Value

NEW_ACCOUNT, CLOSE_ACCOUNT = "new-account", "close-account"
"""What a run can be about: the names of the checklists that somebody decides on."""

RunState = Literal[
    "draft", "waiting", "returned", "second_half", "live", "rejected", "stopped", "withdrawn", "done"
]
"""`live`: the account is, and something that could wait is still asked for."""
ANNOUNCED, REMOVED = timedelta(days=30), timedelta(days=60)
"""A draft that nobody touches is announced, then removed (exact-rules, "Requests"); elapsed time."""
ONE_DAY = 24
"""Working-day hours of a working day."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was answered to one field, by whom, when. `value` as in bot.view.Value."""

    value: str | tuple[str, ...]
    by: PersonId
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Run(CaseBase):
    """`checklist` is the run's own copy (the pack's Checklist dumped as JSON), so that editing a pack changes no run.

    `answers` by "step.field". `confirmed`: who has confirmed what others are asked for ("step.field" -> people);
    `asked_at`: since when somebody is asked ("step.field|person"). `sends`: how often it went to whoever approves.
    `told`: what has been said of what comes with time. `helpers`: to whom a step was handed.
    Of what communications is asked, by step: `requested_at` since when, `said` its words, `noticed` where having told
    it was enough. `went_live_at`: from when what could wait is due.
    """

    case: Literal["run"] = "run"
    name: str  # NEW_ACCOUNT or CLOSE_ACCOUNT
    stamp: Stamp
    checklist: Mapping[str, Any]
    runner: PersonId
    state: RunState = "draft"
    answers: Mapping[str, Answer] = field(default_factory=dict)
    confirmed: Mapping[str, tuple[PersonId, ...]] = field(default_factory=dict)
    asked_at: Mapping[str, datetime] = field(default_factory=dict)
    helpers: tuple[PersonId, ...] = ()
    touched_at: datetime | None = None
    approver: PersonId | None = None
    approver_role: str = "head"
    deputy_asked: PersonId | None = None
    sent_at: datetime | None = None
    sends: int = 0
    returned_why: str = ""
    reply: str = ""
    decided_by: PersonId | None = None
    decided_at: datetime | None = None
    decision: int | None = None
    told: tuple[str, ...] = ()
    why: str = ""  # of a rejection or withdrawal
    stop: str = ""  # "step.field" of the answer that stopped it
    requested_at: Mapping[str, datetime] = field(default_factory=dict)
    said: Mapping[str, Answer] = field(default_factory=dict)
    noticed: tuple[str, ...] = ()
    went_live_at: datetime | None = None

    @cached_property
    def plan(self) -> Checklist:
        return checklists.of(self.checklist)

    @property
    def closing(self) -> tuple[str, ...]:
        """The accounts that a closure is about."""
        return checklists.several(self.values.get(checklists.CLOSING, ()))

    def choosing(self, accounts: Iterable[str]) -> "Run":
        """The run as it would be about these accounts."""
        answer = Answer(value=tuple(accounts), by=self.runner, at=self.opened_at)
        return replace(self, answers={**self.answers, checklists.CLOSING: answer})

    @property
    def values(self) -> dict[str, Value]:
        return {name: answer.value for name, answer in self.answers.items()}

    @property
    def half(self) -> checklists.Half:
        return "after" if self.state in ("second_half", "live") else "before"

    @property
    def may_change(self) -> bool:
        """Whether its steps can be answered now."""
        return self.is_open and self.state in ("draft", "returned", "second_half", "live")

    @property
    def named(self) -> tuple[PersonId, ...]:
        return checklists.named(self.values)

    @property
    def manager(self) -> PersonId | None:
        """Who is to manage the account, as far as that is known."""
        return next(iter(checklists.account_people(self.values)), None)

    @property
    def own(self) -> tuple[PersonId, ...]:
        """Whose account it is: neither the runner nor its manager decides on it."""
        return (self.runner, self.manager) if self.manager else (self.runner,)

    @property
    def team(self) -> tuple[PersonId, ...]:
        """Who may resume it: the runner, the account's named people, and whom a step was handed to."""
        return tuple(dict.fromkeys((self.runner, *self.named, *self.helpers)))

    @property
    def unconfirmed(self) -> tuple[tuple[str, PersonId], ...]:
        """Who has still to confirm what."""
        refs = checklists.each_person(self.plan, self.values)
        return tuple((r, p) for r in refs for p in self.named if p not in self.confirmed.get(r, ()))

    @property
    def next_step(self) -> str | None:
        """The next step that is not done, in the half that is under way; of a live account also what could wait."""
        step = checklists.next_step(self.plan, self.values, self.half)
        found = (step,) if step else self.later if self.state == "live" else ()
        return found[0].id if found else None

    @property
    def later(self) -> tuple[Step, ...]:
        """What may wait until the account is live and is not answered yet."""
        return checklists.later(self.plan, self.values)

    @property
    def may_be_sent(self) -> bool:
        """Whether nothing keeps it from whoever approves: each step is done, and everybody has confirmed."""
        lacks = self.next_step or self.unconfirmed or self.open_requests
        return self.state in ("draft", "returned") and not lacks

    # -- what communications is asked ---------------------------------------------------------------

    @property
    def requests(self) -> tuple[Step, ...]:
        """The steps in which communications is asked on this path."""
        return tuple(step for step, _ in checklists.requests(self.plan, self.values))

    def unjudged(self, step: Step) -> tuple[str, ...]:
        """What communications has still to confirm in a step."""
        refs = checklists.by_communications(step)
        return () if step.id in self.noticed else tuple(r for r in refs if not self.confirmed.get(r))

    def judges(self, step: Step) -> tuple[PersonId, ...]:
        """Who has confirmed in a step for communications."""
        refs = checklists.by_communications(step)
        return tuple(dict.fromkeys(p for r in refs for p in self.confirmed.get(r, ())))

    @property
    def open_requests(self) -> tuple[Step, ...]:
        """The steps that wait for communications, asked already or not."""
        return tuple(step for step in self.requests if self.unjudged(step))

    def asks(self, step: str) -> Step | None:
        """The step, if communications is being asked in it now."""
        found = (s for s in self.open_requests if s.id == step and s.id in self.requested_at)
        return next(found, None) if self.may_change else None

    def waits_for(self, rung: str, person: str) -> bool:
        """Whether what a mark would say to somebody is still true. `rung`: what waits, ":", since when it has."""
        what, since, step, *_ = (*rung.split(":"), "", "")
        match what:
            case "confirm":
                return self.may_change and person in {p for _, p in self.unconfirmed}
            case "confirm_late":
                return self.may_change and bool(self.unconfirmed)
            case "request" | "request_late":
                return self.asks(step) is not None and since == stamp(self.requested_at[step])
            case "approval":
                return self.state == "waiting" and since == stamp(self.sent_at)
            case _:
                return self.state == what


def stamp(since: datetime | None) -> str:
    """What keeps the marks of two sendings, or of two askings, apart: marks are unique by case, rung and reader."""
    return str(int(since.timestamp())) if since else ""
