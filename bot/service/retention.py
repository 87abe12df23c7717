"""Retention at work: what is past its time goes, some at a time, and only by a disposal decision (users.md U6)."""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
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
LEFT, MESSAGES = "who left", "messages"
"""Parts of a pass beside the kinds."""
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


@dataclass(frozen=True, kw_only=True)
class Passed:
    """What went, and the parts of the pass at which somebody else was first: these are to be tried again soon."""

    gone: Mapping[Kept, int]
    missed: frozenset[str] = frozenset()


async def run(bot: Bot, now: datetime, batches: int | None = BATCHES) -> Mapping[Kept, int]:
    """One pass over everything; gives what went."""
    return (await passed(bot, now, batches)).gone


async def passed(
    bot: Bot, now: datetime, batches: int | None = BATCHES, only: Collection[str] | None = None
) -> Passed:
    """One pass: each kind in transactions of its own, oldest first. `batches`: None goes on until nothing is left.

    `only`: the parts that were missed before; the others have had what an hour allows them. A crash between two of them
    loses nothing: what went is gone, the rest is found again. A kind that fails keeps none of the others.
    """
    parts = _Parts(bot, only)
    await parts.apart(LEFT, lambda: leaving.note(bot, now))
    async with bot.storage.read() as tx:
        waiting = undecided((await tx.register()).office.retention)
    decided = [kind for kind in KINDS if kind not in waiting]
    if not decided:
        return Passed(gone={}, missed=frozenset(parts.missed))
    done = {kind: await _purge(parts, kind, now, batches) for kind in decided}
    await _purge_messages(parts, now, batches)
    # Also after nothing: a process that was killed before it came so far left what it purged in the database's log.
    await bot.storage.tidy()
    if any(done.values()):
        bot.nudge()
    return Passed(gone={kind: n for kind, n in done.items() if n}, missed=frozenset(parts.missed))


class _Parts:
    """The parts of one pass, each with its own trouble."""

    def __init__(self, bot: Bot, only: Collection[str] | None) -> None:
        self.bot, self._only = bot, only
        self.missed: set[str] = set()

    async def apart(self, name: str, part: Callable[[], Awaitable[int]]) -> int:
        """What one part did; its trouble is told and is its own. Where somebody else was first it is noted as missed."""
        if self._only is not None and name not in self._only:
            return 0
        try:
            return await part()
        except Conflict:
            self.missed.add(name)
        except Exception as trouble:
            self.bot.trouble(self.bot.ids.new(), trouble)
        return 0


async def _purge(parts: _Parts, kind: Kept, now: datetime, batches: int | None) -> int:
    total, left = 0, batches
    while left is None or left > 0:
        gone = await parts.apart(kind, lambda: _batch(parts.bot, kind, now))
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


async def _purge_messages(parts: _Parts, now: datetime, batches: int | None) -> None:
    """What tells of several things, what was on its way while its case went, and the answers to old requests."""
    for _ in range(BATCHES if batches is not None else 1000):
        if not await parts.apart(MESSAGES, lambda: _some_messages(parts.bot, now)):
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
