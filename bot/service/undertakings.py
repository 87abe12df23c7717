"""The undertakings that a run can be about, by the name of their checklist."""

from collections.abc import Mapping

from bot.cases.run import Run
from bot.cases.run_state import CLOSE_ACCOUNT, NEW_ACCOUNT
from bot.model import PersonId, Refused
from bot.service import closing, new_account
from bot.service.base import Work
from bot.service.undertaking import Undertaking

UNDERTAKINGS: Mapping[str, Undertaking] = {
    NEW_ACCOUNT: new_account.UNDERTAKING,
    CLOSE_ACCOUNT: closing.UNDERTAKING,
}


def of(run: Run) -> Undertaking:
    return UNDERTAKINGS[run.name]


def named(name: str) -> Undertaking:
    """Raises Refused for a name that comes back from a client and is none."""
    if name not in UNDERTAKINGS:
        raise Refused("case.gone")
    return UNDERTAKINGS[name]


def team(work: Work, run: Run) -> tuple[PersonId, ...]:
    """Who may resume a run."""
    return tuple(dict.fromkeys((*run.team, *of(run).team(work, run))))


def deputies(work: Work, run: Run) -> tuple[PersonId, ...]:
    """Who may take a request instead: active deputies in each unit concerned, whose own request it is not."""
    if run.approver is None:
        return ()
    found = [work.register.deputies_of(run.approver, unit) for unit in of(run).units(work, run)]
    people = work.register.people
    return tuple(
        p for p in next(iter(found), ())
        if all(p in f for f in found) and p not in run.own and p in people and people[p].may_act
    )  # fmt: skip


def decides(work: Work, run: Run, person: PersonId) -> bool:
    """Whether it waits for this person's decision, or may be taken by them as a deputy."""
    if run.state != "waiting" or person in run.own:
        return False
    who = (run.approver, run.deputy_asked, *deputies(work, run))
    return person in {p for p in who if p}


async def waiting(work: Work) -> list[Run]:
    """The runs that wait to be decided on, oldest first."""
    found = [c for c in await work.tx.open_cases("run") if isinstance(c, Run) and c.state == "waiting"]
    return sorted(found, key=lambda run: (run.sent_at or run.opened_at, run.id))
