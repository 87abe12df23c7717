"""Retention at work: what is past its time goes, some at a time, and only by a disposal decision (users.md U6)."""

import json
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.outgoing import BUNDLE, PURGED, SEVERAL, Row
from bot.ports import Conflict, Tx
from bot.retention import KINDS, Kept, cutoff, entered, kept, shortest, undecided
from bot.screens import retention as screens
from bot.screens.retention import Planned
from bot.service import leaving
from bot.service.base import Bot, Feature, Verb, Work
from bot.service.compose import at_work
from bot.view import Card, Reply, Tell

BATCH = 40
"""Rows of one transaction: nobody waits for a purge."""
BATCHES = 5
"""Transactions for each kind and pass: what the platforms are asked to change in an hour stays little."""
DONE = "retention.done"
"""The fact that says what has gone so far: kind -> how many, when last, by which decision."""
REPEATS = timedelta(days=1)
"""After this no platform repeats a request."""


# -- what would go ------------------------------------------------------------------------------


async def plan(work: Work) -> Sequence[Planned]:
    """Every kind with its rule and with what is past its time. Changes nothing."""
    return [await planned(work, kind) for kind in KINDS]


async def planned(work: Work, kind: Kept) -> Planned:
    """One kind with its rule and with what is past its time."""
    rule = kept(work.register.office.retention, kind)
    before = work.now - timedelta(days=rule.days)
    found = leaving.overdue(work, before) if kind == "left" else await work.tx.overdue(kind, before)
    return Planned(kind=kind, rule=rule, found=found)


async def waits(work: Work) -> Sequence[Kept]:
    """The kinds of which something is past its proposed time, and waits for a number."""
    return [each.kind for each in await plan(work) if each.found.count and not each.rule.is_decided]


# -- the pass -----------------------------------------------------------------------------------


async def run(bot: Bot, now: datetime, batches: int | None = BATCHES) -> Mapping[Kept, int]:
    """One pass: each kind in transactions of its own, oldest first. `batches`: None goes on until nothing is left.

    A crash between two of them loses nothing: what went is gone, the rest is found again. A kind that fails keeps
    none of the others.
    """
    await _apart(bot, leaving.note(bot, now))
    async with bot.storage.read() as tx:
        waiting = undecided((await tx.register()).office.retention)
    decided = [kind for kind in KINDS if kind not in waiting]
    if not decided:
        return {}
    done = {kind: await _purge(bot, kind, now, batches) for kind in decided}
    await _purge_messages(bot, now, batches)
    # Also after nothing: a process that was killed before it came so far left what it purged in the database's log.
    await bot.storage.tidy()
    if any(done.values()):
        bot.nudge()
    return {kind: n for kind, n in done.items() if n}


async def _apart(bot: Bot, part: Awaitable[int]) -> int:
    """What one part did; its trouble is told and is its own. Where somebody else was first, it comes with a later pass."""
    try:
        return await part
    except Conflict:
        return 0
    except Exception as trouble:
        bot.trouble(bot.ids.new(), trouble)
        return 0


async def _purge(bot: Bot, kind: Kept, now: datetime, batches: int | None) -> int:
    total, left = 0, batches
    while left is None or left > 0:
        gone = await _apart(bot, _batch(bot, kind, now))
        total, left = total + gone, None if left is None else left - 1
        if gone < BATCH:
            break
    return total


async def _batch(bot: Bot, kind: Kept, now: datetime) -> int:
    async with bot.storage.write() as tx:
        return await _some(await at_work(bot, tx, now), kind)


async def _some(work: Work, kind: Kept) -> int:
    """A few of a kind; the rule is read in the same transaction, so one that was taken back holds at once."""
    held = work.register.office.retention
    before = cutoff(held, kind, work.now)
    if before is None:
        return 0
    number = kept(held, kind).number
    gone = (
        await leaving.erase(work, before, BATCH)
        if kind == "left"
        else await work.tx.purge(kind, before, number, BATCH)
    )
    if gone:
        await _note(work, kind, gone, number)
    return gone


async def _note(work: Work, kind: Kept, gone: int, number: str) -> None:
    known = json.loads(await work.tx.fact(DONE) or "{}")
    before = known.get(kind, {}).get("count", 0)
    known[kind] = {"count": before + gone, "at": work.now.isoformat(), "number": number}
    await work.tx.save_fact(DONE, json.dumps(known))


async def _purge_messages(bot: Bot, now: datetime, batches: int | None) -> None:
    """What tells of several things, what was on its way while its case went, and the answers to old requests."""
    for _ in range(BATCHES if batches is not None else 1000):
        if not await _apart(bot, _some_messages(bot, now)):
            return


async def _some_messages(bot: Bot, now: datetime) -> int:
    async with bot.storage.write() as tx:
        return await _messages(tx, now)


async def _messages(tx: Tx, now: datetime) -> int:
    held = (await tx.register()).office.retention
    gone = await tx.purge_strays(BATCH)
    if found := shortest(held, now):
        before, number = found
        gone += await tx.purge_collected(before, number, BATCH, SEVERAL)
        await tx.forget_answers(min(before, now - REPEATS))
    if before_filings := cutoff(held, "filings", now):
        gone += await tx.purge_collected(before_filings, kept(held, "filings").number, BATCH, (BUNDLE,))
    return gone


# -- entering a decision ------------------------------------------------------------------------


async def decide(work: Work, kind: Kept, number: str, decided_on: date, days: int | None = None) -> None:
    """Enter a disposal decision: from the next pass on what is past its time goes. From the command line."""
    office = work.register.office
    held = entered(office.retention, kind, number, decided_on, days)
    await work.tx.save_office(replace(office, retention=held))


# -- cards --------------------------------------------------------------------------------------


async def show_kept(work: Work, _arg: str) -> Reply:
    """What is kept, how long and who sees it. Everybody may know, guests too: it is about them as well."""
    return Tell(card=screens.kept_card(work.eyes))


async def compose_purged(work: Work, row: Row) -> Card:
    return screens.gone(work.eyes_of(row).t, row.arg)


FEATURE = Feature(verbs={"kept": Verb(run=show_kept, writes=False)}, cards={PURGED: compose_purged})
