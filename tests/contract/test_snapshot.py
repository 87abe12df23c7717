"""A copy in memory knows what the database knows, and a store that only reads can do no harm."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from bot.model import Entry
from bot.ports import Conflict, DayOutcome
from storage.engine import connect
from storage.memory import Memory
from storage.rehearsal import snapshot
from storage.store import Store
from tests.contract.samples import ANNA, NOW, alarm, mark, message, question, round_, row, run, start
from tests.contract.test_register import fill, register_of


async def test_a_copy_holds_what_is_open_and_what_is_still_to_be_said(store: Store) -> None:
    await fill(store)
    cases = [question(), alarm(), round_(), run(), start(), question("over", closed_at=NOW)]
    async with store.write() as tx:
        for case in (*cases, question("long over", closed_at=NOW - timedelta(days=99))):
            await tx.add_case(case)
        await tx.add_log("q1", [Entry(what="question.logged", by=ANNA)], NOW)
        await tx.save_day(DayOutcome(account="a1", day=NOW.date(), outcome="open", place="p1"))
        await tx.save_fact("planned_day", "2026-03-02")
        await tx.add_marks([mark(), mark(case="l1")])
        await tx.take_marks([mark(case="l1")], "said")
        await tx.enqueue([row("sent"), row("waits")])
        await tx.settle_row(1, "sent")
        await tx.add_message(message())
        await tx.put_off("q1", NOW, [timedelta(minutes=1)])

    memory = Memory(await snapshot(store, NOW))

    async with store.read() as tx, memory.read() as copy:
        assert await copy.register() == await register_of(store)
        assert await copy.open_cases() == await tx.open_cases()
        assert [await copy.case(c.id) for c in cases] == [await tx.case(c.id) for c in cases]
        assert "long over" not in [c.id for c in await copy.cases_of("a1")]
        for ask in ("open_marks", "days", "waiting"):
            assert await getattr(copy, ask)() == await getattr(tx, ask)()
        assert await copy.log("q1") == await tx.log("q1")
        assert await copy.marks_of("said") == await tx.marks_of("said")
        assert await copy.messages_of("q1") == await tx.messages_of("q1")
        assert await copy.fact("planned_day") == "2026-03-02"
        assert await copy.has_row("sent")
        assert [r.key for r in await memory.waiting(copy)] == ["waits"]
    async with memory.write() as copy:
        assert await copy.put_off("q1", NOW, [timedelta(minutes=1)]) == 2


async def test_nothing_can_be_saved_through_a_store_that_only_reads(migrated_url: str, store: Store) -> None:
    await fill(store)
    reading = Store(connect(migrated_url, reads_only=True))
    try:
        assert await register_of(reading) == await register_of(store)
        with pytest.raises((DBAPIError, Conflict)):
            async with reading.write() as tx:
                await tx.save_fact("a", "b")
        async with store.read() as tx:
            assert await tx.fact("a") is None
    finally:
        await reading.close()
