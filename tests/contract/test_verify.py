"""Whoever goes around the triggers is found out, and the first bad decision is named (exact-rules, Decisions)."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest

from storage import verify as verifying
from storage.store import Store
from storage.verify import Bad, Verified, verify
from tests.contract.test_decisions import RECORD, decide, run_sql

FINDINGS = ("decision_tags", "decision_refs", "decision_values")


async def verified(store: Store) -> Verified:
    async with store.read() as tx:
        return await verify(tx)


@pytest.fixture
async def four(open_store: Callable[[], Store]) -> Store:
    """Four decisions, the last of which names the first."""
    store = open_store()
    for _ in range(3):
        await decide(store)
    await decide(store, replace(RECORD, kind="registered", body={"of": [1], "diary": "V-1"}))
    return store


async def damage(url: str, *statements: str) -> None:
    """No trigger runs, and no foreign key is kept."""
    if url.startswith("sqlite"):
        triggers = [f"DROP TRIGGER IF EXISTS decisions_no_{what}" for what in ("UPDATE", "DELETE")]
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            for statement in (*triggers, *statements):
                connection.execute(statement)
        connection.close()
    else:
        await run_sql(url, "SET LOCAL session_replication_role = replica", *statements)


def without(number: int) -> tuple[str, ...]:
    """All of it goes, what stands beside it first."""
    return tuple(f"DELETE FROM {table} WHERE number = {number}" for table in (*FINDINGS, "decisions"))


@pytest.mark.parametrize(
    ("statements", "bad"),
    [
        (("UPDATE decisions SET body = replace(body, 'studenter', 'studentex') WHERE number = 2",), Bad(number=2, what="changed")),
        (("UPDATE decisions SET body = replace(body, ':', ': ') WHERE number = 2",), Bad(number=2, what="changed")),
        (("UPDATE decisions SET body = '{' WHERE number = 2",), Bad(number=2, what="changed")),
        (("UPDATE decisions SET body = '[]' WHERE number = 2",), Bad(number=2, what="changed")),
        (("UPDATE decisions SET kind = 'x' WHERE number = 1",), Bad(number=1, what="changed")),
        (("UPDATE decisions SET account = 'a9' WHERE number = 3",), Bad(number=3, what="changed")),
        (("UPDATE decisions SET digests = '[]' WHERE number = 3",), Bad(number=3, what="changed")),
        (("UPDATE decisions SET previous = 'x' WHERE number = 1",), Bad(number=1, what="changed")),
        (("UPDATE decision_values SET value = 'Cecilia Ej' WHERE number = 2 AND name = 'approver'",),
         Bad(number=2, what="value", name="approver")),
        (("UPDATE decision_values SET salt = 'x' WHERE number = 2 AND name = 'approver'",),
         Bad(number=2, what="value", name="approver")),
        (("UPDATE decision_values SET name = 'why' WHERE number = 2 AND name = 'approver'",),
         Bad(number=2, what="value", name="why")),
        (without(1), Bad(number=1, what="missing")),
        (without(2), Bad(number=2, what="missing")),
        (("DELETE FROM decision_tags WHERE number = 2 AND kind = ''",), Bad(number=2, what="findings")),
        (("UPDATE decision_tags SET account = 'a2' WHERE number = 3 AND account = 'a1'",), Bad(number=3, what="findings")),
        (("DELETE FROM decision_refs WHERE what = 'of'",), Bad(number=4, what="findings")),
        (("UPDATE decision_refs SET ref = 'v-2' WHERE what = 'diary'",), Bad(number=4, what="findings")),
        (("INSERT INTO decision_refs (what, ref, number) VALUES ('of', '3', 1)",), Bad(number=1, what="findings")),
        (("INSERT INTO decision_refs (what, ref, number) VALUES ('decided', 'anna', 1)",), Bad(number=1, what="findings")),
    ],
    ids=str,
)  # fmt: skip
async def test_the_first_bad_decision_is_named(
    four: Store, migrated_url: str, statements: tuple[str, ...], bad: Bad
) -> None:
    assert (await verified(four)).bad is None
    await damage(migrated_url, *statements)
    assert (await verified(four)).bad == bad


async def test_two_decisions_that_have_changed_places_are_found(four: Store, migrated_url: str) -> None:
    steps = ((2, 99), (3, 2), (99, 3))
    await damage(
        migrated_url,
        *(f"UPDATE {table} SET number = {new} WHERE number = {old}"
          for old, new in steps for table in ("decisions", *FINDINGS)),
    )  # fmt: skip
    assert (await verified(four)).bad == Bad(number=2, what="changed")


async def test_a_moved_time_is_found_also_where_it_is_no_time_any_more(
    four: Store, migrated_url: str
) -> None:
    await damage(migrated_url, "UPDATE decisions SET at = '2027-01-01 00:00:00' WHERE number = 3")
    assert (await verified(four)).bad == Bad(number=3, what="changed")
    if migrated_url.startswith("sqlite"):
        await run_sql(migrated_url, "UPDATE decisions SET at = 'soon' WHERE number = 2")
        assert (await verified(four)).bad == Bad(number=2, what="changed")


async def test_a_time_by_which_a_decision_would_be_found_elsewhere_is_noticed(
    four: Store, migrated_url: str
) -> None:
    await run_sql(migrated_url, "UPDATE decision_tags SET at = '2027-01-01 00:00:00' WHERE number = 3")
    assert (await verified(four)).bad == Bad(number=3, what="findings")


@pytest.mark.parametrize("left", FINDINGS[:2])
async def test_an_end_that_was_cut_off_is_noticed_by_what_stands_beside_it(
    four: Store, migrated_url: str, left: str
) -> None:
    rest = [statement for statement in without(4) if left not in statement]
    await damage(migrated_url, *rest)
    assert (await verified(four)).bad == Bad(number=4, what="missing")


async def test_of_an_end_that_is_gone_altogether_count_and_hash_tell(four: Store, migrated_url: str) -> None:
    before = await verified(four)
    await damage(migrated_url, *without(4))
    after = await verified(four)
    assert (after.bad, after.count, before.count) == (None, 3, 4)
    assert after.last != before.last


async def test_an_empty_chain_holds(store: Store) -> None:
    assert await verified(store) == Verified()


async def test_a_long_chain_is_read_in_pages(
    four: Store, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "PAGE", 2)
    assert (await verified(four)).count == 4
    await damage(migrated_url, *without(3))
    assert (await verified(four)).bad == Bad(number=3, what="missing")


async def test_purged_people_and_values_leave_it_whole(four: Store, migrated_url: str) -> None:
    await run_sql(migrated_url, "DELETE FROM decision_values WHERE number < 4")
    assert (await verified(four)).bad is None
