"""What a run is about. All else of a run, from its first answer to its last, is the same for each undertaking."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.cases.run import Run
from bot.cases.run_events import Approved
from bot.model import PersonId, Refused
from bot.policy import ApproverRole, Checklist, Step
from bot.ports import Decision
from bot.screens.base import Eyes
from bot.service.base import Work
from bot.view import Card, Part, Value

Deputies = tuple[PersonId, ...]
Answers = Mapping[str, Value]
Faults = dict[str, Refused]


@dataclass(frozen=True, kw_only=True)
class Decider:
    """As what, and who. `person` None: the register names nobody, communications is asked to."""

    role: ApproverRole
    person: PersonId | None


@dataclass(frozen=True, kw_only=True)
class Undertaking:
    """What is an undertaking's own: a new account, a closure.

    `plan`: the checklist with what the bot itself asks. `team`: who fills it in, besides whom the run names.
    `faults`: what only the register can say of a step's answers. `saved`: what follows at once from them.
    `above`: what the register says before a step. `units`: whose head decides. `held`: what keeps it from being sent, decided and finished, as a card.
    `card`: what whoever decides sees while it waits. `approve` and `reject`: the decision, with what it makes.
    `finish`: the last step is done; a card where something keeps it open.
    """

    plan: Callable[[Checklist], Checklist]
    team: Callable[[Work, Run], tuple[PersonId, ...]]
    faults: Callable[[Work, Run, Answers], Awaitable[Faults]]
    saved: Callable[[Work, Run], Awaitable[Run]]
    above: Callable[[Work, Run, Step], Awaitable[tuple[Part, ...]]]
    decider: Callable[[Work, Run], Decider]
    units: Callable[[Work, Run], tuple[str | None, ...]]
    held: Callable[[Work, Run], Awaitable[Card | None]]
    card: Callable[[Work, Eyes, Run, Deputies], Awaitable[Card]]
    approve: Callable[[Work, Run, str], Awaitable[Approved]]
    reject: Callable[[Work, Run, str, str], Awaitable[Decision]]
    finish: Callable[[Work, Run], Awaitable[Card | None]]


def stands_in_for(work: Work, run: Run, role: str) -> dict[str, str]:
    """A deputy decides for somebody: the name stands with the decision, apart and salted as all names."""
    return {"decided_for": work.register.name(run.approver)} if role == "deputy" and run.approver else {}


def may_act(work: Work, person: PersonId) -> bool:
    """Whether somebody is still here to decide."""
    known = work.register.people.get(person)
    return known is not None and known.may_act
