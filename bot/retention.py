"""How long each kind of row is kept, on what ground, and by which disposal decision (users.md U6). Pure data and dates.

In Swedish a disposal decision is a *gallringsbeslut*. Without its number nothing is destroyed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, get_args

Kept = Literal[
    "checks",
    "days",
    "questions",
    "alarms",
    "runs",
    "moderations",
    "captures",
    "filings",
    "decisions",
    "imports",
    "deliveries",
    "log",
    "absences",
    "watching",
    "left",
]
"""The kinds of rows. What each is, and from when its time runs, stands under `retention.kind.*` in the texts."""
KINDS: tuple[Kept, ...] = get_args(Kept)


@dataclass(frozen=True, kw_only=True)
class Disposal:
    """`days`: elapsed days from the end of what it is about. `ground`: the office's own words; "": the text's default.

    `number`, `decided_on`: of the disposal decision; "" and None: there is none yet, so nothing of the kind goes.
    """

    days: int
    number: str = ""
    decided_on: date | None = None
    ground: str = ""

    @property
    def is_decided(self) -> bool:
        return bool(self.number)


_DAYS: Mapping[Kept, int] = {
    "checks": 30,
    "days": 5 * 365,
    "questions": 365,
    "alarms": 2 * 365,
    "runs": 2 * 365,
    "moderations": 2 * 365,
    "captures": 365,
    "filings": 365,
    "decisions": 10 * 365,
    "imports": 90,
    "deliveries": 90,
    "log": 365,
    "absences": 90,
    "watching": 90,
    "left": 90,
}
DEFAULTS: Mapping[Kept, Disposal] = {kind: Disposal(days=days) for kind, days in _DAYS.items()}
"""Marked defaults: a proposal to whoever decides, except the 30 days of the checks (users.md U6)."""


def kept(held: Mapping[Kept, Disposal], kind: Kept) -> Disposal:
    """What holds for a kind: the office's own, else the default."""
    return held.get(kind, DEFAULTS[kind])


def undecided(held: Mapping[Kept, Disposal]) -> tuple[Kept, ...]:
    """The kinds that wait for the number of a disposal decision."""
    return tuple(kind for kind in KINDS if not kept(held, kind).is_decided)


def cutoff(held: Mapping[Kept, Disposal], kind: Kept, now: datetime) -> datetime | None:
    """What ended before this moment goes; None: nothing may go, since no decision says so."""
    rule = kept(held, kind)
    return now - timedelta(days=rule.days) if rule.is_decided else None


def entered(
    held: Mapping[Kept, Disposal], kind: Kept, number: str, decided_on: date, days: int | None = None
) -> dict[Kept, Disposal]:
    """With the disposal decision of a kind, and its time where that is another."""
    rule = kept(held, kind)
    made = replace(rule, number=number, decided_on=decided_on, days=days or rule.days)
    return {**held, kind: made}


STANDING_LINES = ("account.comments_off",)
"""Lines of an account's log on which something rests as long as the account is there; they name nobody."""
IN_CHAT: tuple[Kept, ...] = ("checks", "questions", "alarms", "runs", "moderations", "filings", "deliveries")
"""The kinds that stand in messages to several at once (replies, digests, lists)."""


def shortest(held: Mapping[Kept, Disposal], now: datetime) -> tuple[datetime, str] | None:
    """From when a message that tells of several things goes, and by which decision: the shortest time of any of them."""
    found = [(at, kept(held, kind).number) for kind in IN_CHAT if (at := cutoff(held, kind, now))]
    return max(found) if found else None
