"""What holds when several processes, or several tasks of one, use a database at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import TypeVar

import pytest

from bot.model import Office, PersonId
from bot.outgoing import Claim
from bot.ports import Conflict
from bot.retention import Disposal, Kept
from bot.service import retention
from storage.engine import connect
from storage.store import SqlTx, Store
from tests.contract.samples import ALARM_LEASE, LEASE, NOW, alarm, message, person, question, row
from tests.fakes.chat import StageClock, bot_on
from tests.statements import shared

T = TypeVar("T")


async def until_done(attempt: Callable[[], Awaitable[T]]) -> T:
    """As a use case does: run again when somebody else was first."""
    while True:
        try:
            return await attempt()
        except Conflict:
            await asyncio.sleep(0)


async def claim(store: Store, owner: str) -> Claim | None:
    async with store.write() as tx:
        return await tx.claim(owner, NOW, LEASE, ALARM_LEASE, chats=("slack",))


async def send_all(store: Store, owner: str, sent: list[str], held: Counter[str]) -> None:
    """Claim, send and settle until nothing is left."""
    while claimed := await until_done(lambda: claim(store, owner)):
        held[claimed.target] += 1
        assert held[claimed.target] == 1, "two processes hold one target"
        for r in claimed.rows[:3]:
            await until_done(lambda number=r.number: begin(store, number))
            sent.append(r.key)
            await asyncio.sleep(0)
            await until_done(lambda number=r.number: settle(store, number))
        held[claimed.target] -= 1
        await until_done(lambda target=claimed.target: release(store, target, owner))


async def begin(store: Store, number: int) -> None:
    async with store.write() as tx:
        await tx.begin_row(number, NOW)


async def settle(store: Store, number: int) -> None:
    async with store.write() as tx:
        await tx.settle_row(number, "sent")


async def release(store: Store, target: str, owner: str) -> None:
    async with store.write() as tx:
        await tx.release(target, owner)


async def test_two_processes_send_each_row_once_and_each_target_in_order(store: Store, other: Store) -> None:
    targets = [f"place:p{n}" for n in range(4)]
    async with store.write() as tx:
        await tx.enqueue([row(f"{target}/{n:02}", target) for n in range(6) for target in targets])
    sent: list[str] = []
    held: Counter[str] = Counter()
    await asyncio.gather(
        send_all(store, "one", sent, held),
        send_all(store, "one too", sent, held),
        send_all(other, "two", sent, held),
        send_all(other, "two too", sent, held),
    )
    assert len(sent) == len(set(sent)) == 24
    for target in targets:
        assert [key for key in sent if key.startswith(f"{target}/")] == [f"{target}/{n:02}" for n in range(6)]


async def test_eight_who_claim_one_target_wait_for_each_other_and_one_gets_it(
    store: Store, other: Store
) -> None:
    async with store.write() as tx:
        await tx.enqueue([row("k")])
    who = [(one, f"{n}{one is store}") for n in range(4) for one in (store, other)]
    claims = await asyncio.gather(*(claim(one, owner) for one, owner in who))
    assert len([c for c in claims if c]) == 1


async def test_a_claim_that_looked_before_another_one_ended_takes_nothing_twice(
    store: Store, other: Store, migrated_url: str
) -> None:
    """PostgreSQL alone: SQLite lets nobody begin to write meanwhile."""
    async with store.write() as tx:
        await tx.enqueue([row("k")])

    async def late() -> Claim | None:
        async with other.write() as tx:
            await tx.waiting()  # its picture of the database is from here on
            if migrated_url.startswith("postgres"):
                await whole(store)
            return await tx.claim("two", NOW, LEASE, ALARM_LEASE, chats=("slack",))

    async def whole(one: Store) -> None:
        claimed = await claim(one, "one")
        await begin(one, claimed.rows[0].number)
        await settle(one, claimed.rows[0].number)
        await release(one, claimed.target, "one")

    if migrated_url.startswith("postgres"):
        with pytest.raises(Conflict):
            await late()
    else:
        assert (await late()).rows[0].key == "k"


async def test_on_sqlite_whoever_reads_before_saving_waits_for_the_other_writer(migrated_sqlite: str) -> None:
    stores = [Store(connect(migrated_sqlite)) for _ in range(2)]

    async def count(store: Store) -> None:
        async with store.write() as tx:
            before = int(await tx.fact("count") or 0)
            await asyncio.sleep(0.01)
            await tx.save_fact("count", str(before + 1))

    await asyncio.gather(*(count(store) for store in stores * 3))
    async with stores[0].read() as tx:
        assert await tx.fact("count") == "6"
    for store in stores:
        await store.close()


async def test_a_change_during_a_post_leaves_the_new_message_due(store: Store, other: Store) -> None:
    """Whichever comes first, the case's saver and the message's poster cannot overlook each other."""
    async with store.write() as tx:
        await tx.add_case(question())

    async def post() -> None:
        async with store.write() as tx:
            version = (await tx.case("q1")).version
            await asyncio.sleep(0.02)
            await tx.add_message(message(shown="1", due=version > 1))

    async def change() -> None:
        async with other.write() as tx:
            await tx.save_case(replace(await tx.case("q1"), text="Ny text"))

    await asyncio.gather(until_done(post), until_done(change))
    async with store.read() as tx:
        assert (await tx.case("q1")).version == 2
        assert [m.due for m in await tx.messages_of("q1")] == [True]


async def test_a_change_during_an_edit_leaves_the_message_due(store: Store, other: Store) -> None:
    async with store.write() as tx:
        await tx.add_case(question())
        await tx.add_message(message(shown="1", due=True))

    async def edited() -> None:
        async with store.write() as tx:
            (standing,) = await tx.messages_of("q1")
            behind = (await tx.case("q1")).version > 1
            await asyncio.sleep(0.02)
            await tx.shown(standing.id, "1", still_due=behind)

    async def change() -> None:
        async with other.write() as tx:
            await tx.save_case(replace(await tx.case("q1"), text="Ny text"))

    await asyncio.gather(until_done(edited), until_done(change))
    async with store.read() as tx:
        assert [m.due for m in await tx.messages_of("q1")] == [True]


async def test_twenty_tasks_of_two_processes_each_get_their_change_in(store: Store, other: Store) -> None:
    async with store.write() as tx:
        await tx.add_case(question(text=""))

    async def add(store: Store, word: str) -> None:
        async with store.write() as tx:
            case = await tx.case("q1")
            await tx.save_case(replace(case, text=case.text + word))
            await tx.save_person(person(word))

    words = "abcdefghijklmnopqrst"
    stores = (store, other)
    await asyncio.gather(
        *(until_done(lambda n=n, word=word: add(stores[n % 2], word)) for n, word in enumerate(words))
    )
    async with store.read() as tx:
        assert sorted((await tx.case("q1")).text) == list(words)
        assert set((await tx.register()).people) == {PersonId(word) for word in words}


async def test_a_reader_sees_one_state_whatever_is_saved_meanwhile(store: Store, other: Store) -> None:
    async with store.write() as tx:
        await tx.add_case(question())
    async with other.read() as reading:
        before = await reading.case("q1")
        async with store.write() as tx:
            await tx.save_case(replace(before, text="Ny text"))
            await tx.save_person(person())
        assert await reading.case("q1") == before
        assert (await reading.register()).people == {}
    async with other.read() as reading:
        assert (await reading.register()).people != {}


@pytest.mark.long
async def test_ten_thousand_waiting_rows_slow_no_claim_down(store: Store) -> None:
    async with store.write() as tx:
        await tx.enqueue([row(f"k{n}", f"place:p{n % 200}") for n in range(10_000)])
        await tx.enqueue([row("alarm", "place:p7", lane="alarm")])
    started = perf_counter()
    claims = [await claim(store, "one") for _ in range(10)]
    assert claims[0].rows[0].key == "alarm"
    assert len({c.target for c in claims}) == 10
    # Walking all rows for each claim would take many times this.
    assert perf_counter() - started < timedelta(seconds=1.5).total_seconds()


class Meddled:
    """A storage in which another process changes a case just before the first purge of questions touches it."""

    def __init__(self, store: Store, other: Store) -> None:
        self._store, self._other, self._done = store, other, False

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlTx]:
        async with self._store.write() as tx:
            purge = tx.purge

            async def meddled(kind: Kept, before: datetime, number: str, limit: int) -> int:
                if kind == "questions" and not self._done:
                    self._done = True
                    async with self._other.write() as second:
                        await second.touch("q1")
                return await purge(kind, before, number, limit)

            tx.purge = meddled  # type: ignore[method-assign]
            yield tx


async def test_a_purge_that_meets_another_writer_on_postgresql_is_noted_as_missed_and_done_when_tried_again(
    migrated_postgres: str,
) -> None:
    store, other = (Store(shared(connect(migrated_postgres))) for _ in range(2))
    rule = Disposal(days=1, number="LU 1", decided_on=NOW.date())
    async with store.write() as tx:
        await tx.save_office(Office(retention={"questions": rule, "alarms": rule}))
        await tx.add_case(replace(question(), closed_at=NOW, wake_at=None))
        await tx.add_case(replace(alarm(), closed_at=NOW, wake_at=None))
    later = NOW + timedelta(days=9)
    troubles: list[BaseException] = []
    bot = bot_on(Meddled(store, other), StageClock(later), troubles)  # type: ignore[arg-type]

    first = await retention.passed(bot, later)
    assert (first.gone, first.missed) == ({"alarms": 1}, {"questions"})
    again = await retention.passed(bot, later, only=first.missed)
    assert (again.gone, again.missed, troubles) == ({"questions": 1}, frozenset(), [])
    await store.close()
    await other.close()
