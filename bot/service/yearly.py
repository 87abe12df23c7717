"""A head's yearly page: shown, confirmed, answered with a change; and what communications hears of it (users.md U9)."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from bot import rights
from bot.cases.run_state import CLOSE_ACCOUNT
from bot.cases.yearly import Confirmed, Done, Event, Wish, Wished, Yearly, decide
from bot.model import Account, Entry, Refused
from bot.plan import yearly_id
from bot.ports import UNANSWERED, Decision, Search
from bot.screens import yearly as screens
from bot.screens.base import Eyes, told
from bot.screens.yearly import Page, Standing
from bot.service.base import Feature, Verb, Work, text
from bot.service.in_use import log_of
from bot.view import Ask, Card, Item, Part, Reply, Tell, Values

YEAR = timedelta(days=365)
DECIDED = ("account.approved", "account.closed", "closure.rejected")
WISHES = 5
CONFIRMED = "account.confirmed"
"""The line of an account's log that says when its head confirmed it."""


# -- the page -----------------------------------------------------------------------------------


async def show(work: Work, arg: str = "") -> Reply:
    """All of the head's accounts as they stand now. `arg`: the number of the first on this page."""
    accounts = rights.led(work.register, work.actor, work.today)
    first = int(arg) if arg.isascii() and arg.isdecimal() and len(arg) < len("10000") else 0
    return Tell(
        card=screens.page(work.eyes, await _facts(work, accounts, first if first < len(accounts) else 0))
    )


async def _facts(work: Work, accounts: Sequence[Account], first: int = 0) -> Page:
    """Only what is shown is looked up."""
    shown = range(first, first + screens.SHOWN)
    found = [await _standing(work, a) if n in shown else Standing(account=a) for n, a in enumerate(accounts)]
    closes = CLOSE_ACCOUNT in work.pack.checklists
    return Page(standings=found, mark=mark(accounts), first=first, closes=closes)


async def _standing(work: Work, account: Account) -> Standing:
    """Of the account alone: who should have looked is not asked (users.md U6)."""
    days = await work.tx.days(
        account=account.id, first=work.today - YEAR, last=work.today - timedelta(days=1)
    )
    unanswered = sum(day.outcome in UNANSWERED and not work.is_quiet(day.place, day.day) for day in days)
    return Standing(account=account, unanswered=unanswered, decision=await _decision(work, account))


async def _decision(work: Work, account: Account) -> Decision | None:
    found: list[Decision] = []
    for kind in DECIDED:
        found += await work.tx.search_decisions(Search(account=account.id, kind=kind), limit=1)
    return max(found, key=lambda made: made.number, default=None)


def mark(accounts: Sequence[Account]) -> str:
    """Tells the register from another: what was shown is what is confirmed."""
    known = " ".join(f"{a.id}:{a.version}" for a in accounts)
    return hashlib.sha256(known.encode()).hexdigest()[:12]


# -- what the head answers ----------------------------------------------------------------------


async def confirm(work: Work, arg: str) -> Reply:
    """All of it is right: noted with its date at each account. What has changed since is shown first."""
    accounts = rights.led(work.register, work.actor, work.today)
    if arg != mark(accounts):
        return Tell(card=screens.page(work.eyes, await _facts(work, accounts), changed=True))
    before = await _page(work)
    after = await _do(work, before, Confirmed(by=work.actor.id, mark=arg))
    if after != before:
        for account in accounts:
            await work.tx.add_log(log_of(account.id), (Entry(what=CONFIRMED, by=work.actor.id),), work.now)
    return Tell(card=screens.confirmed(work.eyes, len(accounts), work.today))


async def open_change(work: Work, _arg: str = "") -> Reply:
    return Ask(form=screens.change_form(work.eyes, rights.led(work.register, work.actor, work.today)))


async def submit_change(work: Work, _state: str, values: Values) -> Reply:
    await wish(work, values)
    return Tell(card=told(work.t, "yearly.wished", office=work.eyes.office_name))


async def wish(work: Work, values: Values) -> tuple[str, Wish]:
    """Communications sees it in its next digest. The same words twice are one wish: it is given with its page's id."""
    accounts = rights.led(work.register, work.actor, work.today)
    if text(values, "account") not in {a.id for a in accounts}:
        raise Refused("form.choose", field="account")
    words = text(values, "text")[: screens.LONGEST]
    if not words:
        raise Refused("yearly.no_text", field="text")
    made = Wish(id=work.bot.ids.new(), account=text(values, "account"), text=words)
    page = await _do(work, await _page(work), Wished(by=work.actor.id, wish=made))
    return page.id, next(w for w in page.wishes if (w.account, w.text) == (made.account, made.text))


async def _page(work: Work) -> Yearly:
    """The head's page that is open, or that was answered today (a second press), else today's own."""
    pages = [c for c in await work.tx.open_cases("yearly") if isinstance(c, Yearly)]
    if mine := next((page for page in pages if page.head == work.actor.id), None):
        return mine
    ident = yearly_id(work.actor.id, work.today.year)
    if (
        (page := await work.find(ident, Yearly))
        and page.closed_at
        and work.hours.today(page.closed_at) == work.today
    ):
        return page
    own = f"{ident}:{work.today.isoformat()}"
    fresh = Yearly(id=own, opened_at=work.now, head=work.actor.id)
    return await work.find(own, Yearly) or await work.tx.add_case(fresh)


async def _do(work: Work, page: Yearly, event: Event) -> Yearly:
    return await work.apply(page, decide(page, event, work.now))


# -- communications -----------------------------------------------------------------------------


async def done(work: Work, arg: str) -> Reply:
    """What a head wanted has been seen to; pressed twice, it is once."""
    rights.see_to_wishes(work.register, work.actor)
    ident, _, wish = arg.partition("|")
    await _do(work, await work.case(ident, Yearly), Done(by=work.actor.id, wish=wish))
    return Tell(card=told(work.t, "yearly.noted"))


def in_digest(work: Work, eyes: Eyes, pages: Sequence[Yearly]) -> list[Item]:
    """What heads want changed, and who has not answered after twenty working days."""
    wishes = [screens.wish(eyes, page, wish) for page in pages for wish in page.wishes]
    late = [page for page in pages if page.is_late(work.now)]
    return [*wishes[:WISHES], *([screens.unanswered(eyes, late)] if late else [])]


# -- the day's message --------------------------------------------------------------------------


async def with_page(work: Work, eyes: Eyes, ident: str | None, lines: Card | None) -> Card | None:
    """The collected message of a head; on the day of the yearly page that is below what else there is."""
    case = await work.find(ident, Yearly)
    if case is None:
        return lines
    accounts = work.register.led_by(case.head, work.today)
    above: Sequence[Part] = lines.parts if lines else ()
    if not case.is_open:
        return screens.over(eyes, case, len(accounts), above)
    return screens.page(eyes, await _facts(work, accounts), above=above) if accounts else lines


FEATURE = Feature(
    verbs={
        "yearly.page": Verb(run=show, writes=False),
        "yearly.confirm": Verb(run=confirm, writes=True),
        "yearly.change": Verb(run=open_change, writes=False),
        "yearly.done": Verb(run=done, writes=True),
    },
    forms={"yearly.change": submit_change},
)
