"""What an imported account lacks is asked about later: one gap a week an account and a reader at most, each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from pydantic import TypeAdapter

from bot import rights
from bot.model import Account, PersonId
from bot.outgoing import Mark, to_person
from bot.screens import gaps as screens
from bot.screens.base import Eyes
from bot.service.base import Feature, Verb, Work, text
from bot.view import Ask, Item, Reply, Tell, Values

ASKED = "gaps.asked"
"""The fact that holds, by account, what has been asked when and of whom."""
WEEK = timedelta(days=7)
"""Marked default: no guideline says how often."""
OFFICE = ("place", "person", "head")
"""Gaps that communications is asked about; the others are the account manager's."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`case`: the start in which the account was confirmed, on `since`. `gaps`: day and reader of each that was asked."""

    case: str
    since: date
    gaps: Mapping[str, tuple[date, PersonId]] = field(default_factory=dict)

    @property
    def last(self) -> date:
        return max((day for day, _ in self.gaps.values()), default=self.since)


ALL: TypeAdapter[dict[str, Asked]] = TypeAdapter(dict[str, Asked])


async def _all(work: Work) -> dict[str, Asked]:
    return ALL.validate_json(await work.tx.fact(ASKED) or "{}")


async def begin(work: Work, case: str, accounts: Sequence[str]) -> None:
    """These have been confirmed: in a week their first gap may be asked about."""
    if accounts:
        new = dict.fromkeys(accounts, Asked(case=case, since=work.today))
        await work.tx.save_fact(ASKED, ALL.dump_json({**await _all(work), **new}).decode())


async def is_wanted(work: Work) -> bool:
    """Whether any account has been confirmed."""
    return bool(await work.tx.fact(ASKED))


async def plan(work: Work) -> None:
    """Mark what is due for the readers' next collected message; each hears of one account at a time."""
    known = await _all(work)
    busy = {r for a in known.values() for d, r in a.gaps.values() if work.today - d < WEEK}
    for ident, asked in sorted(known.items()):
        gap = _next(work, ident, asked)
        reader = _reader(work, ident, gap) if gap else None
        if gap and reader and reader not in busy:
            busy.add(reader)
            known[ident] = replace(asked, gaps={**asked.gaps, gap: (work.today, reader)})
            mark = Mark(case=asked.case, rung=f"gap:{ident}:{gap}", reader=to_person(reader), at=work.now)
            await work.tx.add_marks((mark,))
    await work.tx.save_fact(ASKED, ALL.dump_json(known).decode())


def _next(work: Work, ident: str, asked: Asked) -> str | None:
    account = work.register.accounts.get(ident)
    if account is None or work.register.is_silent(account.place):
        return None
    if account.state not in ("gaps", "live") or work.today - asked.last < WEEK:
        return None
    return next((gap for gap in work.register.gaps_of(account) if gap not in asked.gaps), None)


def _reader(work: Work, ident: str, gap: str) -> PersonId | None:
    people = () if gap in OFFICE else work.register.accounts[ident].people
    acting = [p for p in people if work.register.reachable(p, work.today)]
    return next(iter((*acting, *work.register.holders("communications"))), None)


def line(work: Work, eyes: Eyes, rung: str) -> Item | None:
    """The line of a collected message; None once the gap is filled."""
    _, ident, gap = rung.split(":")
    account = work.register.accounts.get(ident)
    if account is None or gap not in work.register.gaps_of(account):
        return None
    return screens.line(eyes, account, gap)


# -- purpose and head, which no other form asks for ------------------------------------------------


async def open_fill(work: Work, ident: str) -> Reply:
    account = work.account(ident)
    rights.edit(work.register, work.actor, account)
    office = rights.office(work.register, work.actor)
    return Ask(form=screens.fill_form(work.eyes, account, head=office))


async def submit_fill(work: Work, ident: str, values: Values) -> Reply:
    """The purpose; communications also enters the head."""
    account = work.account(ident)
    rights.edit(work.register, work.actor, account)
    head = _head(work, account, text(values, "head"))
    after = replace(account, purpose=text(values, "purpose") or account.purpose, head=head)
    if after != account:
        await work.tx.save_account(after)
    return Tell(card=screens.filled(work.eyes, after))


def _head(work: Work, account: Account, given: str) -> PersonId | None:
    if not given or not rights.office(work.register, work.actor):
        return account.head
    person = work.register.active(given, "head")
    unit = work.register.units.get(account.unit)
    return None if unit and unit.head == person.id else person.id


FEATURE = Feature(verbs={"gap.fill": Verb(run=open_fill, writes=False)}, forms={"gap.fill": submit_fill})
