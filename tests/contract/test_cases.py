"""What every store promises about cases, their logs and the days."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.cases import Case
from bot.model import Entry
from bot.ports import Conflict, DayOutcome, NotFound
from storage.store import Store
from tests.contract.samples import (
    ANNA,
    NOW,
    alarm,
    handover,
    message,
    practice,
    question,
    round_,
    run,
    start,
    watch,
)

HOUR = timedelta(hours=1)


async def add(store: Store, *cases: Case) -> None:
    async with store.write() as tx:
        for case in cases:
            await tx.add_case(case)


@pytest.mark.parametrize(
    "case",
    [question(), alarm(), round_(), run(), start(), practice(), watch(), handover()],
    ids=lambda case: case.case,
)
async def test_a_case_of_each_kind_comes_back_as_it_was_saved(store: Store, case: Case) -> None:
    async with store.write() as tx:
        added = await tx.add_case(case)
    async with store.read() as tx:
        assert await tx.case(case.id) == added == replace(case, version=1)


async def test_an_unknown_case_is_not_found(store: Store) -> None:
    async with store.read() as tx:
        with pytest.raises(NotFound):
            await tx.case("nobody")


async def test_a_case_is_added_once(store: Store) -> None:
    await add(store, question())
    with pytest.raises(Conflict):
        await add(store, question())


async def test_of_two_who_save_a_case_the_second_meets_conflict(store: Store, other: Store) -> None:
    await add(store, question())
    async with other.read() as tx:
        read = await tx.case("q1")
    async with store.write() as tx:
        saved = await tx.save_case(replace(await tx.case("q1"), taken_by=ANNA))
    assert saved.version == 2
    with pytest.raises(Conflict):
        async with other.write() as tx:
            await tx.save_case(read)
    async with other.read() as tx:
        assert await tx.case("q1") == saved


async def test_a_case_that_was_never_added_cannot_be_saved(store: Store) -> None:
    with pytest.raises(Conflict):
        async with store.write() as tx:
            await tx.save_case(question())


async def test_open_cases_come_oldest_first_and_by_kind_account_and_place(store: Store) -> None:
    await add(
        store,
        question("new", opened_at=NOW + HOUR),
        question("old"),
        question("elsewhere", account="a2", place="p2"),
        question("over", closed_at=NOW),
        alarm("alarm"),
    )
    async with store.read() as tx:
        assert [c.id for c in await tx.open_cases()] == ["alarm", "elsewhere", "old", "new"]
        assert [c.id for c in await tx.open_cases("question", account="a1")] == ["old", "new"]
        assert [c.id for c in await tx.open_cases(place="p2")] == ["elsewhere"]
        assert [c.id for c in await tx.open_cases("run")] == []


async def test_the_history_of_an_account_holds_all_its_cases_newest_first(store: Store) -> None:
    await add(
        store,
        question("first"),
        question("second", opened_at=NOW + HOUR, closed_at=NOW + HOUR),
        question("another", account="a2"),
    )
    async with store.read() as tx:
        assert [c.id for c in await tx.cases_of("a1")] == ["second", "first"]
        assert [c.id for c in await tx.cases_of("a1", limit=1)] == ["second"]


async def test_cases_are_due_from_their_moment_on_earliest_first(store: Store) -> None:
    await add(
        store,
        question("later", wake_at=NOW + HOUR),
        question("now", wake_at=NOW),
        question("before", wake_at=NOW - HOUR),
        question("never", wake_at=None),
    )
    async with store.read() as tx:
        assert await tx.due(NOW) == ["before", "now"]
        assert await tx.due(NOW, limit=1) == ["before"]
        assert await tx.next_wake(NOW) == NOW + HOUR
        assert await tx.next_wake(NOW + HOUR) is None


async def test_a_closed_case_never_wakes(store: Store) -> None:
    await add(store, question(wake_at=NOW))
    async with store.write() as tx:
        closed = await tx.save_case(replace(await tx.case("q1"), closed_at=NOW))
        assert closed.wake_at is None
    async with store.read() as tx:
        assert await tx.due(NOW + HOUR) == []
        assert await tx.case("q1") == closed


async def test_a_failing_case_is_put_off_longer_each_time_until_it_is_saved(store: Store) -> None:
    await add(store, question(wake_at=NOW))
    waits = (timedelta(minutes=1), timedelta(minutes=5))
    async with store.write() as tx:
        for failures, wait in ((1, waits[0]), (2, waits[1]), (3, waits[1])):
            assert await tx.put_off("q1", NOW, waits) == failures
            assert (await tx.case("q1")).wake_at == NOW + wait
        await tx.save_case(await tx.case("q1"))
        assert await tx.put_off("q1", NOW, waits) == 1


async def test_a_case_that_is_over_cannot_be_put_off(store: Store) -> None:
    await add(store, question(closed_at=NOW))
    async with store.write() as tx:
        with pytest.raises(NotFound):
            await tx.put_off("q1", NOW, (HOUR,))


async def test_a_log_keeps_its_order_and_its_moments(store: Store) -> None:
    await add(store, question())
    async with store.write() as tx:
        await tx.add_log("q1", (), NOW)
        await tx.add_log(
            "q1", (Entry(what="question.logged", by=ANNA), Entry(what="x", data={"a": "å"})), NOW
        )
        await tx.add_log("q1", (Entry(what="question.seen"),), NOW + HOUR)
        await tx.add_log("q2", (Entry(what="another"),), NOW)
    async with store.read() as tx:
        assert await tx.log("q1") == [
            Entry(what="question.logged", by=ANNA, at=NOW),
            Entry(what="x", data={"a": "å"}, at=NOW),
            Entry(what="question.seen", at=NOW + HOUR),
        ]


async def test_saving_or_touching_a_case_makes_its_living_messages_due(store: Store) -> None:
    await add(store, question("q1"), question("q2"))
    async with store.write() as tx:
        await tx.add_message(message("q1", "1"))
        await tx.add_message(message("q1", "2", living=False))
        await tx.add_message(message("q2", "3"))
        await tx.save_case(await tx.case("q1"))
        assert [m.due for m in await tx.messages_of("q1")] == [True, False]
        assert [m.due for m in await tx.messages_of("q2")] == [False]
        await tx.touch("q2")
        assert [m.due for m in await tx.messages_of("q2")] == [True]


async def test_a_day_has_one_outcome_for_each_account(store: Store) -> None:
    monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    async with store.write() as tx:
        await tx.save_day(DayOutcome(account="a1", day=monday, outcome="open", place="p1"))
        await tx.save_day(
            DayOutcome(account="a1", day=monday, outcome="looked_at", place="p1", role="manager")
        )
        await tx.save_day(DayOutcome(account="a1", day=tuesday, outcome="not_asked"))
        await tx.save_day(DayOutcome(account="a2", day=monday, outcome="paused"))
    async with store.read() as tx:
        one, two, three = await tx.days()
        assert one == DayOutcome(account="a1", day=monday, outcome="looked_at", place="p1", role="manager")
        assert (two.account, three.day) == ("a2", tuesday)
        assert await tx.days(account="a1", last=monday) == [one]
        assert await tx.days(first=tuesday) == [three]
