"""What every store promises about requests seen, facts, marks and housekeeping."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.outgoing import to_person
from bot.ports import Conflict
from storage.store import Store
from tests.contract.samples import ANNA, BO, NOW, mark, message, row

DAY = timedelta(days=1)


async def test_a_request_is_noted_once_with_its_answer(store: Store, other: Store) -> None:
    async with store.write() as tx:
        assert await tx.seen("trigger:1") is None
        await tx.note_seen("trigger:1", '{"text": "å"}', NOW)
    with pytest.raises(Conflict):
        async with other.write() as tx:
            await tx.note_seen("trigger:1", "another", NOW)
    async with other.read() as tx:
        assert await tx.seen("trigger:1") == '{"text": "å"}'


async def test_a_fact_holds_its_last_value(store: Store) -> None:
    async with store.write() as tx:
        assert await tx.fact("planned") is None
        await tx.save_fact("planned", "2026-03-01")
        await tx.save_fact("planned", "2026-03-02")
        assert await tx.fact("planned") == "2026-03-02"


async def test_however_many_facts_are_asked_for_each_is_as_it_stands_in_that_moment(store: Store) -> None:
    kept = {"short": "1", "long": "x" * 10_000, "alerted|place:1": "{}", "empty": ""}
    asked = ("nobody", *kept, "nobody", *kept)
    async with store.write() as tx:
        for name, value in kept.items():
            await tx.save_fact(name, value)
        assert [await tx.fact(name) for name in asked] == [kept.get(name) for name in asked]
        for change in ({"short": "y" * 10_000}, {"long": "2"}, {"new": "3"}, {"alerted|place:1": "4"}):
            kept |= change
            await tx.save_fact(*change.popitem())
            assert [await tx.fact(name) for name in (*asked, "new")] == [
                kept.get(name) for name in (*asked, "new")
            ]
    async with store.read() as tx:
        assert {name: await tx.fact(name) for name in kept} == kept


async def test_what_is_for_one_reader_can_be_made_anothers(store: Store) -> None:
    old, new = to_person(ANNA), to_person(BO)
    async with store.write() as tx:
        await tx.enqueue([replace(row(key), target=str(old), reader=str(old)) for key in ("waits", "gone")])
        await tx.settle_row(2, "sent")
        await tx.add_message(replace(message("c1"), target=str(old), reader=str(old)))
        await tx.add_marks([replace(mark("c1"), reader=reader) for reader in (old, new)])
        await tx.add_marks([replace(mark("c2"), reader=old)])
        await tx.redirect(old, new)

    async with store.write() as tx:
        claim = await tx.claim("p1", NOW, DAY, DAY, chats=("slack",))
        assert claim is not None
        assert (claim.target, [r.key for r in claim.rows]) == (str(new), ["waits"])
        assert [m.target for m in await tx.messages_of("c1")] == [str(new)]
        assert [(m.case, m.reader) for m in await tx.open_marks()] == [("c1", new), ("c2", new)]


async def test_housekeeping_forgets_old_requests_and_settled_rows_and_nothing_else(store: Store) -> None:
    async with store.write() as tx:
        await tx.note_seen("old", "", NOW - 8 * DAY)
        await tx.note_seen("fresh", "", NOW - 6 * DAY)
        for number, state in enumerate(("sent", "superseded", "ambiguous", "dead", "waiting"), start=1):
            await tx.enqueue([row(state)])
            await tx.settle_row(number, state)  # type: ignore[arg-type]
        assert await tx.forget(NOW) == 1
        assert await tx.forget(NOW + 31 * DAY) == 5
        left = [
            key for key in ("sent", "superseded", "ambiguous", "dead", "waiting") if await tx.has_row(key)
        ]
        assert left == ["waiting"]
        assert await tx.undeliverable() == []
        assert await tx.seen("fresh") is None


async def test_a_mark_stands_once_until_a_collected_message_takes_it(store: Store) -> None:
    first, second = mark(rung="last_call"), mark(rung="remind")
    async with store.write() as tx:
        await tx.add_marks([first, second])
        await tx.add_marks([first])
        assert await tx.open_marks() == [first, second]
        await tx.take_marks([first], "p1:14")
        assert await tx.open_marks() == [second]
        assert [m.rung for m in await tx.marks_of("p1:14")] == ["last_call"]
        assert {m.rung: m.said for m in await tx.marks_for(["q1"])} == {"last_call": "p1:14", "remind": ""}
        await tx.add_marks([first])
        assert await tx.open_marks() == [second]


async def test_the_marks_of_many_cases_come_at_once(store: Store) -> None:
    async with store.write() as tx:
        await tx.add_marks([mark(case="q1"), mark(case="q2"), mark(case="q3")])
        assert [m.case for m in await tx.marks_for(["q1", "q3"])] == ["q1", "q3"]
        assert await tx.marks_for([]) == []


async def test_a_mark_is_taken_by_one_message_only(store: Store, other: Store) -> None:
    async with store.write() as tx:
        await tx.add_marks([mark()])
        await tx.take_marks([], "nothing")
        await tx.take_marks([mark()], "one")
    with pytest.raises(Conflict):
        async with other.write() as tx:
            await tx.take_marks([mark()], "two")
