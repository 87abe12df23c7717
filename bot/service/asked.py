"""What heads are asked of days that nobody has: the questions that wait, and those that wait for somebody else by now."""

from bot.cases.watch import Watch
from bot.model import Account, PersonId
from bot.register import Register
from bot.service.base import Work


async def open_watches(work: Work, what: str) -> list[Watch]:
    return [c for c in await work.tx.open_cases("watch") if isinstance(c, Watch) and c.what == what]


async def of_former_heads(work: Work, what: str) -> set[str]:
    """The accounts that wait in a question to somebody who neither leads them by now nor stands in for whoever does.

    What has been handed to communications waits for them; where nobody answers today, it waits until somebody does.
    """
    return {
        account.id
        for watch in await open_watches(work, what)
        if not watch.handed_by
        for account in work.register.known(watch.accounts)
        if watch.reader not in _may_be_asked(work.register, account)
        and work.register.answerer(account, work.today)
    }


def _may_be_asked(register: Register, account: Account) -> set[PersonId]:
    """The head, be it that they are away just now, and whoever may answer for them; nobody who has left."""
    head = register.head_of(account)
    deputies = register.deputies_of(head, account.unit) if head else ()
    known = (register.people[p] for p in (head, *deputies) if p and p in register.people)
    return {*(person.id for person in known if person.may_act), *register.holders("communications")}
