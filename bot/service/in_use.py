"""Whether an account is in use: who is closing it, since when its comments are off, who may change that."""

from datetime import date

from bot import rights
from bot.cases.run import Run
from bot.cases.run_state import CLOSE_ACCOUNT
from bot.model import Account
from bot.policy import Checklist
from bot.service.base import Work

OFF = "account.comments_off"
"""The line of an account's log that says from when comments are off."""


def log_of(account: str) -> str:
    """Under which name an account's own log is kept."""
    return f"account:{account}"


async def closures(work: Work) -> list[Run]:
    """Closures that are not over, oldest first."""
    found = [c for c in await work.tx.open_cases("run") if isinstance(c, Run)]
    return [run for run in found if run.name == CLOSE_ACCOUNT]


async def closure_of(work: Work, account: str) -> Run | None:
    """The closure of an account that is under way."""
    return next((run for run in await closures(work) if account in run.closing), None)


def role_for(checklist: Checklist | None, account: Account) -> str:
    """As what somebody decides: KI's director on accounts of the whole university and of the administration (KIEN-79)."""
    return checklist.closed_by(account.level) if checklist else "head"


def may_close(work: Work, account: Account) -> bool:
    """Whether whoever asks may begin to close the account."""
    role = role_for(work.pack.checklists.get(CLOSE_ACCOUNT), account)
    return work.actor.may_act and rights.may_close(work.register, work.actor.id, account, role)


async def since(work: Work, account: Account) -> date | None:
    """From when comments are off on an account that stays without them."""
    if account.state != "paused":
        return None
    found = [e.data["since"] for e in await work.tx.log(log_of(account.id)) if e.what == OFF]
    return date.fromisoformat(found[-1]) if found else None
