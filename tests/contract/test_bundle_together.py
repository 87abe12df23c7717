"""What holds when two processes plan the registrar's bundle at the same moment."""

import asyncio

from sqlmodel import select

from bot import policy
from bot.model import Office
from bot.plan import BUNDLE
from bot.service import day, records
from bot.service.base import Bot
from bot.service.compose import at_work
from storage import tables
from storage.store import Store
from tests.world import MONDAY, CountedIds, MovedClock, _people, _register, at


async def test_two_processes_that_plan_at_once_make_one_bundle_with_its_marks_on_both_databases(
    store: Store, other: Store
) -> None:
    clock, ids, troubles = MovedClock(), CountedIds(), []
    one, two = (Bot(storage=each, clock=clock, ids=ids, pack=policy.load("ki"), nudge=lambda: None,
                    trouble=lambda _trace, trouble: troubles.append(trouble)) for each in (store, other))  # fmt: skip
    async with store.write() as tx:
        await _people(tx)
        await tx.save_office(Office(name="Universitetet", alarm_number="08-000 00 00"))
        await _register(tx, one, 5, 1)
    async with store.write() as tx:
        work = await at_work(one, tx, clock.now())
        decision = await records.record(work, "moderation", {"account": "bio0"}, {})
        filing = await records.file(work, "moderation", decision, "bio0")
    now = at(MONDAY.date(), 10)
    await asyncio.gather(*(day.plan(bot, now) for bot in (one, two, one, two)))
    await day.plan(one, now)
    async with store.read() as tx:
        rows = await tx.rows(select(tables.Outbox.key).where(tables.Outbox.card == BUNDLE))
        marks = [mark for mark in await tx.marks_for([filing.id]) if mark.rung == mark.said]
    assert troubles == []
    assert len(rows) == len(marks) == 1
