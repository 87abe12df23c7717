"""The two-people guard: whether each account that is asked about has two people who can be reached. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.model import Account, PersonId
from bot.register import Register
from bot.workdays import Calendar

AHEAD = timedelta(days=14)
"""Marked default: so far ahead it is looked whether all of an account's people are away."""
ENOUGH = 2


@dataclass(frozen=True, kw_only=True)
class Lack:
    """What an account lacks, the most telling alone: somebody left, fewer than two can be reached, all away on `days`."""

    account: str
    kind: Literal["left", "few", "away"]
    people: tuple[PersonId, ...] = ()
    days: tuple[date, ...] = ()

    @property
    def key(self) -> str:
        """The same as long as it is the same finding: who else is away on which days does not make it a new one."""
        return "+".join((self.kind, *self.people))


def lacks(
    register: Register, calendar: Calendar, today: date, platforms: Collection[str] | None
) -> dict[str, Lack]:
    """By account. `platforms`: the chats that run; None where that is not known."""
    days = _working_days(calendar, today)
    found = (_lack_of(register, days, account, platforms) for account in register.accounts.values())
    return {lack.account: lack for lack in found if lack}


def lack_of(
    register: Register, calendar: Calendar, account: Account, today: date, platforms: Collection[str] | None
) -> Lack | None:
    """None also where only one person is entered: the register calls that a gap already."""
    return _lack_of(register, _working_days(calendar, today), account, platforms)


def _lack_of(
    register: Register, working_days: Sequence[date], account: Account, platforms: Collection[str] | None
) -> Lack | None:
    if not account.is_asked:
        return None
    if left := tuple(p for p in account.people if _has_left(register, p)):
        return Lack(account=account.id, kind="left", people=left)
    able = [p for p in account.people if _able(register, p, platforms)]
    if len(able) < ENOUGH:
        return Lack(account=account.id, kind="few") if len(account.people) >= ENOUGH else None
    days = tuple(d for d in working_days if register.watcher(account, d) is None)
    return Lack(account=account.id, kind="away", days=days) if days else None


def _has_left(register: Register, person: PersonId) -> bool:
    known = register.people.get(person)
    return known is not None and not known.active


def _able(register: Register, person: PersonId, platforms: Collection[str] | None) -> bool:
    known = register.people.get(person)
    chats = (i for i in register.identities_of(person) if not i.gone)
    reached = any(platforms is None or i.platform in platforms for i in chats)
    return known is not None and known.may_act and reached


def _working_days(calendar: Calendar, today: date) -> list[date]:
    days = (today + timedelta(days=n) for n in range(AHEAD.days))
    return [day for day in days if calendar.is_working_day(day)]
