"""The two-people guard at night: what lacks is said once to communications and to the head, and again if it broke anew."""

import json
from collections.abc import Mapping
from datetime import date

from bot.guard import Lack, lack_of, lacks
from bot.model import Account, PersonId
from bot.outgoing import Mark, to_person
from bot.screens import guard as screens
from bot.screens.base import Eyes
from bot.service.base import Work
from bot.view import Item

FOUND = "guard.found"
"""The fact that holds what lacks: account -> finding -> since when."""
PREFIX = "guard:"
"""How the marks of the guard are told apart: they belong to an account, to no case."""


def now_lacking(work: Work) -> dict[str, Lack]:
    """What lacks now, by account."""
    return lacks(work.register, work.bot.platforms)


async def plan(work: Work) -> None:
    """Note what is new for the head's next collected message; what is mended is forgotten, so that it may be said anew."""
    before, today = await _found(work), work.today.isoformat()
    after: dict[str, Mapping[str, str]] = {}
    for ident, lack in sorted(_to_tell(work).items()):
        since = before.get(ident, {}).get(lack.key, today)
        after[ident] = {lack.key: since}
        if since == today and (reader := _reader(work, ident)):
            mark = Mark(
                case=f"{PREFIX}{ident}", rung=f"{lack.key}:{today}", reader=to_person(reader), at=work.now
            )
            await work.tx.add_marks((mark,))
    await work.tx.save_fact(FOUND, json.dumps(after))


def _to_tell(work: Work) -> dict[str, Lack]:
    """Without the accounts of a place in its first week: what they lack is new once that is over (users.md U11)."""
    quiet = {a.id for a in work.register.accounts.values() if work.is_quiet(a.place)}
    return {ident: lack for ident, lack in now_lacking(work).items() if ident not in quiet}


async def _found(work: Work) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(await work.tx.fact(FOUND) or "{}")
    return found


def _reader(work: Work, ident: str) -> PersonId | None:
    """The account's head, their deputy while they are away. Without either communications' digest has to do."""
    return work.register.present_head(work.register.accounts[ident], work.today)


def line(work: Work, eyes: Eyes, mark: Mark, reader: PersonId) -> Item | None:
    """The line of a collected message; None once it is mended."""
    ident, key = mark.case.removeprefix(PREFIX), mark.rung.rpartition(":")[0]
    account = work.register.accounts.get(ident)
    lack = _lack(work, account) if account else None
    if account is None or lack is None or lack.key != key:
        return None
    return screens.line(eyes, account, lack, reader)


def _lack(work: Work, account: Account) -> Lack | None:
    return lack_of(work.register, account, work.bot.platforms)


async def new_today(work: Work, day: date) -> list[Lack]:
    """What was found that day and lacks still: for communications' digest."""
    found, now = await _found(work), now_lacking(work)
    return [
        lack for ident, lack in sorted(now.items()) if found.get(ident, {}).get(lack.key) == day.isoformat()
    ]
