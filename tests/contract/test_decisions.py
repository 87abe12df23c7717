"""What every store promises about decisions."""

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.cases import Record
from bot.ports import Conflict, NotFound
from storage.decisions import canonical
from storage.engine import connect
from storage.store import Store
from storage.verify import verify
from tests.contract.samples import NOW

RECORD = Record(
    kind="account.approved",
    body={"account": "a1", "purpose": "Nå studenter", "sections": ("1", "2"), "count": 2},
    personal={"approver": "Cecilia Ek", "runner": "Anna"},
)


async def decide(store: Store, record: Record = RECORD) -> int:
    async with store.write() as tx:
        return (
            await tx.add_decision(record, NOW, {name: secrets.token_hex(16) for name in record.personal})
        ).number


async def run_sql(url: str, *statements: str) -> None:
    """As somebody with a database tool would."""
    engine = connect(url)
    try:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
    finally:
        await engine.dispose()


async def first_bad(store: Store) -> int | None:
    async with store.read() as tx:
        bad = (await verify(tx)).bad
        return bad.number if bad else None


async def test_decisions_are_numbered_chained_and_come_back_whole(store: Store) -> None:
    assert [await decide(store), await decide(store, replace(RECORD, body={}, personal={}))] == [1, 2]
    async with store.read() as tx:
        first, second = await tx.decision(1), await tx.decision(2)
        assert first.body == {"account": "a1", "purpose": "Nå studenter", "sections": ["1", "2"], "count": 2}
        assert (first.personal, first.kind, first.at) == (RECORD.personal, "account.approved", NOW)
        assert (first.previous, second.previous, second.personal) == ("", first.hash, {})
        assert await tx.decisions() == [second, first]
        assert await tx.decisions(account="a1") == [first]
        assert await tx.decisions(limit=1) == [second]
        with pytest.raises(NotFound):
            await tx.decision(3)
    assert await first_bad(store) is None


async def test_a_decision_made_in_another_zone_still_verifies(store: Store) -> None:
    async with store.write() as tx:
        made = await tx.add_decision(
            replace(RECORD, personal={}), NOW.astimezone(timezone(timedelta(hours=1))), {}
        )
    assert made.at == NOW
    assert await first_bad(store) is None


async def test_of_two_deciders_at_once_the_second_meets_conflict_and_no_number_is_lost(
    store: Store, other: Store
) -> None:
    async def until_done(one: Store) -> None:
        for _ in range(5):
            while True:
                try:
                    await decide(one)
                    break
                except Conflict:
                    continue

    await asyncio.gather(until_done(store), until_done(other))
    async with store.read() as tx:
        assert [d.number for d in await tx.decisions()] == list(range(10, 0, -1))
    assert await first_bad(store) is None


@pytest.mark.parametrize(
    "statement",
    ["UPDATE decisions SET kind = 'x'", "DELETE FROM decisions", "DELETE FROM decisions WHERE number = 1"],
)
async def test_a_decision_is_never_changed_or_removed(
    store: Store, migrated_url: str, statement: str
) -> None:
    await decide(store, replace(RECORD, personal={}))
    with pytest.raises(DBAPIError, match="never changed or removed"):
        await run_sql(migrated_url, statement)
    assert await first_bad(store) is None


async def test_purging_personal_values_leaves_the_chain_whole(store: Store, migrated_url: str) -> None:
    await decide(store)
    await decide(store)
    await run_sql(migrated_url, "DELETE FROM decision_values WHERE number = 1 AND name = 'runner'")
    async with store.read() as tx:
        assert (await tx.decision(1)).personal == {"approver": "Cecilia Ek"}
    assert await first_bad(store) is None


async def test_a_changed_personal_value_is_found(store: Store, migrated_url: str) -> None:
    await decide(store)
    await decide(store)
    await run_sql(
        migrated_url, "UPDATE decision_values SET value = 'Bo' WHERE number = 2 AND name = 'approver'"
    )
    assert await first_bad(store) == 2


def test_canonical_json_is_the_standards() -> None:
    assert canonical({"b": 1.0, "a": "å", "€": ["x", None]}) == '{"a":"å","b":1,"€":["x",null]}'
