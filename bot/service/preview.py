"""Look ahead: what will be sent in the next two weeks if nobody answers. Nothing is written, nothing is sent."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from bot import rights
from bot.foreseen import Coming, Foreseen
from bot.model import Refused
from bot.register import Register
from bot.screens import preview as screens
from bot.service.base import Feature, Verb, Work
from bot.view import Reply, Tell

AHEAD = timedelta(days=13)
"""Two weeks with today."""


async def ahead(work: Work, _words: str = "") -> Reply:
    """All places for communications, their own for others."""
    return await page(work, "0")


async def page(work: Work, begin: str) -> Reply:
    found = await _foreseen(work)
    return Tell(card=screens.overview(work.eyes, found, int(begin) if begin.isdecimal() else 0))


async def place(work: Work, arg: str) -> Reply:
    """The messages of one place, or a list of days. A place that somebody may not see looks like one where nothing comes."""
    group, _, begin = arg.rpartition("|")
    found = await _foreseen(work)
    show = screens.of_days if group in (screens.SKIPPED, screens.WITHOUT) else screens.of_place
    return Tell(card=show(work.eyes, found, group, int(begin) if begin.isdecimal() else 0))


async def _foreseen(work: Work) -> Foreseen:
    """What whoever asks may see of it. The transaction of this request only reads while the rehearsal runs."""
    rights.staff(work.actor)
    if work.bot.rehearsal is None:
        raise Refused("preview.none")
    found = await work.bot.rehearsal.foresee(work.today, work.today + AHEAD)
    accounts = rights.foresees(work.register, work.actor)
    places = {work.register.accounts[a].place for a in accounts}
    office = rights.office(work.register, work.actor)
    mine = (work.actor.id, *(p for p in places if p))
    return found if office else _of(found, mine, accounts)


def _of(found: Foreseen, targets: Collection[str], accounts: Collection[str]) -> Foreseen:
    nobody = {account: days for account, days in found.nobody.items() if account in accounts}
    return replace(found, messages=tuple(m for m in found.messages if m.target.id in targets), nobody=nobody)


def in_place(register: Register, found: Foreseen, name: str) -> Foreseen:
    """What concerns one place alone, by its name with or without #. Raises Refused where none is called so."""
    wanted = name.removeprefix("#").casefold()
    places = [p.id for p in register.places.values() if p.name.removeprefix("#").casefold() == wanted]
    if not places:
        raise Refused("preview.no_place", place=name)
    accounts = {a.id for ident in places for a in register.accounts_in(ident)}
    return _of(found, places, accounts)


def as_data(message: Coming) -> dict[str, object]:
    """For programs: moments with offset, ids beside names."""
    return {"at": message.at.isoformat(), "target": str(message.target), "reader": str(message.reader),
            "card": message.card, "title": message.title, "key": message.key, "case": message.case,
            "alerts": list(message.alerts)}  # fmt: skip


FEATURE = Feature(
    commands={"sm-preview": ahead},
    verbs={
        "preview.open": Verb(run=ahead, writes=False),
        "preview.page": Verb(run=page, writes=False),
        "preview.place": Verb(run=place, writes=False),
    },
)
