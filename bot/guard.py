"""The two-people guard: whether each account that is asked about has two people who can be reached. Pure.

Who is away is no matter of the guard: of days on which all are, `bot.watching` speaks, ahead of time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from bot.model import Account, PersonId
from bot.register import Register

ENOUGH = 2


@dataclass(frozen=True, kw_only=True)
class Lack:
    """What an account lacks, the more telling alone: somebody left, or fewer than two can be reached."""

    account: str
    kind: Literal["left", "few"]
    people: tuple[PersonId, ...] = ()

    @property
    def key(self) -> str:
        """The same as long as it is the same finding."""
        return "+".join((self.kind, *self.people))


def lacks(register: Register, platforms: Collection[str] | None) -> dict[str, Lack]:
    """By account. `platforms`: the chats that run; None where that is not known."""
    found = (lack_of(register, account, platforms) for account in register.accounts.values())
    return {lack.account: lack for lack in found if lack}


def lack_of(register: Register, account: Account, platforms: Collection[str] | None) -> Lack | None:
    """None also where only one person is entered: the register calls that a gap already."""
    if not register.asked_now(account):
        return None
    if left := tuple(p for p in account.people if _has_left(register, p)):
        return Lack(account=account.id, kind="left", people=left)
    able = [p for p in account.people if _able(register, p, platforms)]
    lone = len(able) < ENOUGH <= len(account.people)
    return Lack(account=account.id, kind="few") if lone else None


def _has_left(register: Register, person: PersonId) -> bool:
    known = register.people.get(person)
    return known is not None and (not known.active or known.left_on is not None)


def _able(register: Register, person: PersonId, platforms: Collection[str] | None) -> bool:
    known = register.people.get(person)
    return known is not None and known.may_act and register.reached(person, platforms)
