"""Who has the next weeks, and on which days all of an account's people are away. Pure: register and calendar in, days out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from bot.cases.ladder import Hours
from bot.model import Account, PersonId, Takeover
from bot.plain import natural
from bot.register import Register

WEEKS = 4
FURTHEST = timedelta(days=2 * 366)
UNENDING = timedelta(days=28)
"""So far is looked ahead where everybody has left: that does not end by itself."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Working days of an account that follow each other, both ends included.

    `unending`: it ends only because it is looked no further ahead.
    """

    account: str
    first: date
    last: date
    unending: bool = False


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Somebody watches from `first` to `last` within one week; None: nobody is named at communications either."""

    who: PersonId | None
    first: date
    last: date
    office: bool = False  # communications' rota, since all are away or it has taken over


def is_rotas(register: Register, account: Account, day: date) -> bool:
    """Whether communications' rota watches that day: it has taken over, or all of the account's people are away."""
    takeover = register.taken_over(account.id, day)
    taken = takeover is not None and takeover.who is None
    return bool(account.people) and (taken or register.arranged(account, day) is None)


def weeks_ahead(register: Register, hours: Hours, account: Account, day: date) -> list[list[Turn]]:
    """The working days of this week and the next three, week by week, by who watches as things stand."""
    monday = day - timedelta(days=day.weekday())
    weeks = (monday + timedelta(days=7 * n) for n in range(WEEKS))
    return [_turns(register, account, [d for d in _working(hours, first, first + timedelta(days=6)) if d >= day])
            for first in weeks]  # fmt: skip


def _turns(register: Register, account: Account, days: Iterable[date]) -> list[Turn]:
    found: list[Turn] = []
    for day in days:
        who, office = register.watcher(account, day), is_rotas(register, account, day)
        if found and (found[-1].who, found[-1].office) == (who, office):
            found[-1] = Turn(who=who, first=found[-1].first, last=day, office=office)
        else:
            found.append(Turn(who=who, first=day, last=day, office=office))
    return found


def _working(hours: Hours, first: date, last: date) -> Iterator[date]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return (day for day in days if hours.is_working_day(day))


# -- all are away ---------------------------------------------------------------------------------


def unwatched(register: Register, hours: Hours, day: date) -> tuple[Span, ...]:
    """The working days, from `day` on, of which communications' rota would be asked because all are away."""
    asked = filter(register.asked_now, register.accounts.values())
    found = (_of(register, hours, account, day) for account in asked)
    spans = (span for spans in found for span in spans)
    return tuple(sorted(spans, key=lambda s: (s.first, s.last, natural(register.accounts[s.account].name))))


def _of(register: Register, hours: Hours, account: Account, day: date) -> list[Span]:
    until = _last_looked_at(register, account, day)
    if until is None:
        return []
    begin = max(day, account.asked_from or day)
    alone = [d for d in _working(hours, begin, until) if register.arranged(account, d) is None]
    runs, cut = _runs(hours, alone), until in (day + UNENDING, day + FURTHEST)
    return [Span(account=account.id, first=days[0], last=days[-1], unending=cut and days is runs[-1])
            for days in runs]  # fmt: skip


def days_of(hours: Hours, span: Span) -> tuple[date, ...]:
    """Each working day of the span."""
    return tuple(_working(hours, span.first, span.last))


def _last_looked_at(register: Register, account: Account, day: date) -> date | None:
    """The last day on which all may be away; None where somebody is there all the time."""
    ends: list[date] = []
    for person in account.people:
        known = register.people.get(person)
        planned = [a.last for a in register.absences_of(person) if a.last >= day]
        if known and known.may_act and not planned:
            return None
        ends.append(max(planned) if known and known.may_act else day + FURTHEST)
    last = min(ends)
    return day + UNENDING if last == day + FURTHEST else min(last, day + FURTHEST)


def _runs(hours: Hours, days: list[date]) -> list[list[date]]:
    """Working days with none left out between them."""
    if not days:
        return []
    runs = [[days[0]]]
    for before, after in pairwise(days):
        if hours.calendar.next_working_day(before) == after:
            runs[-1].append(after)
        else:
            runs.append([after])
    return runs


# -- takeovers ------------------------------------------------------------------------------------


def making_room(register: Register, takeover: Takeover) -> list[Takeover]:
    """Earlier takeovers of the same accounts and days, without these accounts: what was said last holds."""
    return [
        replace(t, accounts=tuple(a for a in t.accounts if a not in takeover.accounts))
        for t in register.takeovers
        if t.id != takeover.id and t.first <= takeover.last and takeover.first <= t.last
        and not set(t.accounts).isdisjoint(takeover.accounts)
    ]  # fmt: skip


def ended(takeover: Takeover, today: date) -> Takeover:
    """It ends the day before, or never was."""
    return replace(takeover, last=min(takeover.last, today - timedelta(days=1)))
