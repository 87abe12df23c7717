"""What every store promises about finding decisions again."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from bot.cases import Record
from bot.model import PersonId
from bot.ports import Search, Sight
from storage.engine import connect
from storage.migrations import _connected, configuration, upgrade
from storage.store import Store
from storage.verify import verify
from tests.contract.samples import ANNA, BO, NOW

HOUR = timedelta(hours=1)
HEIDI = PersonId("heidi")
ALL = Search()


async def decide(store: Store, kind: str = "moderation", at: datetime = NOW, **body: object) -> int:
    return await record(store, Record(kind=kind, body=body, decided_by=HEIDI, presented_by=ANNA), at)


async def record(store: Store, made: Record, at: datetime = NOW) -> int:
    async with store.write() as tx:
        salts = {name: secrets.token_hex(16) for name in made.personal}
        return (await tx.add_decision(made, at, salts)).number


async def found(store: Store, search: Search = ALL, sight: Sight | None = None, **page: int) -> list[int]:
    async with store.read() as tx:
        return [d.number for d in await tx.search_decisions(search, sight, **page)]


async def test_each_filter_narrows_and_all_together_too(store: Store) -> None:
    await decide(store, "account.approved", account="a1")
    await decide(store, account="a1", categories=["threat"], at=NOW + HOUR)
    await decide(store, account="a2", categories=["threat", "spam"], at=NOW + 2 * HOUR)
    await decide(store, "account.closed", accounts=["a1", "a2"], at=NOW + 3 * HOUR)
    assert await found(store) == [4, 3, 2, 1]
    assert await found(store, Search(account="a1")) == [4, 2, 1]
    assert await found(store, Search(kind="moderation")) == [3, 2]
    assert await found(store, Search(category="threat")) == [3, 2]
    assert await found(store, Search(since=NOW + HOUR, until=NOW + 3 * HOUR)) == [3, 2]
    whole = Search(account="a2", kind="moderation", category="spam", since=NOW, until=NOW + 3 * HOUR)
    assert await found(store, whole) == [3]
    assert await found(store, replace(whole, account="a1")) == []


async def test_pages_follow_one_another_though_decisions_were_taken_in_one_moment(store: Store) -> None:
    for _ in range(7):
        await decide(store, account="a1")
    pages, last = [], None
    while page := await found(store, Search(account="a1"), limit=3, **({"before": last} if last else {})):
        pages.append(page)
        last = page[-1]
    assert pages == [[7, 6, 5], [4, 3, 2], [1]]


async def test_a_clock_that_was_behind_does_not_hide_a_decision_from_its_period(store: Store) -> None:
    await decide(store, at=NOW + HOUR)
    await decide(store, at=NOW)
    assert await found(store) == [1, 2]
    assert await found(store, Search(until=NOW + HOUR)) == [2]
    assert await found(store, before=1) == [2]


async def test_nobody_is_shown_what_is_out_of_their_sight(store: Store) -> None:
    await decide(store, account="a1")
    await decide(store, account="a2", categories=["spam"])
    await record(store, Record(kind="moderation", body={"account": "a3"}, decided_by=BO, presented_by=BO))
    await decide(store, "registered", of=[1])
    on_a1 = Sight(person=PersonId("new"), accounts=frozenset({"a1"}))
    assert await found(store, sight=on_a1) == [1]
    assert await found(store, Search(account="a2"), on_a1) == []
    assert await found(store, sight=Sight(person=BO)) == [3]
    assert await found(store, Search(account="a3", kind="moderation"), Sight(person=BO)) == [3]
    assert await found(store, sight=Sight(person=BO, accounts=frozenset({"a2", "a3"}))) == [3, 2]
    assert await found(store, sight=Sight(person=HEIDI)) == [4, 2, 1]
    assert await found(store, sight=Sight(person=PersonId(""))) == []
    async with store.read() as tx:
        assert await tx.decision_categories() == ["spam"]
        assert await tx.decision_categories(on_a1) == []
        assert await tx.decision_categories(Sight(person=ANNA)) == ["spam"]


async def test_who_took_and_who_presented_a_decision_is_known_beside_the_chain(store: Store) -> None:
    await decide(store, account="a1")
    async with store.read() as tx:
        made = await tx.decision(1)
    assert (made.decided_by, made.presented_by) == (HEIDI, ANNA)


@pytest.mark.long
async def test_many_accounts_are_looked_through_in_one_search(store: Store) -> None:
    for n in range(120):
        await decide(store, account=f"a{n}", at=NOW + n * HOUR)
    everywhere = Sight(person=BO, accounts=frozenset(f"a{n}" for n in range(120)))
    assert await found(store, sight=everywhere, limit=3) == [120, 119, 118]
    assert await found(store, sight=everywhere, limit=2, before=60) == [59, 58]


async def test_what_names_a_decision_later_is_found_from_it(store: Store) -> None:
    await decide(store, account="a1")
    await decide(store, account="a2")
    await decide(store, "registered", of=[1, 2], diary="V-2026/ 0123")
    await decide(store, "correction", of=[1])
    async with store.read() as tx:
        assert [d.number for d in await tx.decisions_naming(1)] == [3, 4]
        assert [d.number for d in await tx.decisions_naming(4)] == []
        assert [d.number for d in await tx.decisions_under("v-2026/0123")] == [3, 2, 1]
        assert [d.number for d in await tx.decisions_under("V-2026/0123", before=3, limit=1)] == [2]
        assert await tx.decisions_under("") == await tx.decisions_under("V-2026/9") == []


async def test_of_two_people_who_are_one_the_other_finds_what_the_first_took(store: Store) -> None:
    await decide(store, account="a1")
    await record(store, Record(kind="moderation", body={}, decided_by=HEIDI, presented_by=BO))
    async with store.write() as tx:
        await tx.pass_decisions_on(HEIDI, BO)
    assert await found(store, sight=Sight(person=HEIDI)) == []
    assert await found(store, Search(account="a1"), Sight(person=BO)) == [1]
    async with store.read() as tx:
        assert (await tx.decision(2)).decided_by == BO
        assert (await verify(tx)).bad is None


async def test_all_that_somebody_took_passes_on_in_three_statements(store: Store) -> None:
    for n in range(12):
        await decide(store, account=f"a{n}", categories=["spam"])
    await record(store, Record(kind="moderation", body={}, decided_by=BO, presented_by=HEIDI))
    sent: list[str] = []
    engine = store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda _c, _u, sql, *_: sent.append(sql))
    async with store.write() as tx:
        await tx.pass_decisions_on(HEIDI, BO)
    assert len([sql for sql in sent if "decision_" in sql]) == 3
    assert await found(store, sight=Sight(person=BO), limit=20) == list(range(13, 0, -1))
    assert await found(store, Search(category="spam"), Sight(person=BO), limit=20) == list(range(12, 0, -1))
    assert await found(store, sight=Sight(person=HEIDI)) == []


BODIES = st.fixed_dictionaries(
    {},
    optional={
        "account": st.sampled_from(["a1", "a2", "|", "", None]),
        "accounts": st.lists(st.sampled_from(["a1", "a2", "a3"]), max_size=3),
        "categories": st.lists(st.sampled_from(["spam", "threat", "å|"]), max_size=3),
    },
)
MADE = st.lists(
    st.tuples(st.sampled_from(["moderation", "account.closed"]), st.integers(0, 5), BODIES), max_size=6
)
SEARCHES = st.builds(
    Search,
    account=st.sampled_from(["", "a1", "a3"]),
    kind=st.sampled_from(["", "moderation"]),
    category=st.sampled_from(["", "spam"]),
    since=st.sampled_from([None, NOW, NOW + 2 * HOUR]),
    until=st.sampled_from([None, NOW + 4 * HOUR]),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=MADE, search=SEARCHES)
async def test_a_search_finds_what_looking_at_each_would(
    open_store: Callable[[], Store], made: list, search: Search
) -> None:
    store = open_store()
    first = len(await found(store, limit=10_000))
    for kind, hours, body in made:
        await record(store, Record(kind=kind, body=body), NOW + hours * HOUR)
    async with store.read() as tx:
        everything = await tx.decisions(limit=10_000)
        assert (await verify(tx)).count == first + len(made)
    wanted = sorted((d for d in everything if fits(d, search)), key=lambda d: (d.at, d.number), reverse=True)
    assert await found(store, search, limit=10_000) == [d.number for d in wanted]


def fits(decision: object, search: Search) -> bool:
    body = decision.body
    accounts = {body.get("account"), *body.get("accounts", ())} - {None, ""}
    return (
        (not search.account or search.account in accounts)
        and search.kind in ("", decision.kind)
        and (not search.category or search.category in body.get("categories", ()))
        and (search.since is None or decision.at >= search.since)
        and (search.until is None or decision.at < search.until)
    )


async def test_decisions_from_before_the_search_are_found_after_the_revision(database_url: str) -> None:
    with _connected(database_url) as connection:
        command.upgrade(configuration(connection), "0005")
        connection.execute(text(OLD))
        connection.execute(text(OLD_RUN), {"at": "2026-03-02 08:00:00.000000+00:00"})
    upgrade(database_url)
    store = Store(connect(database_url))
    try:
        assert await found(store, Search(account="a1")) == [1]
        assert await found(store, Search(kind="account.approved"), Sight(person=ANNA)) == [1]
        assert await found(store, sight=Sight(person=HEIDI)) == [1]
        async with store.read() as tx:
            assert (await tx.decision(1)).presented_by == ANNA
    finally:
        await store.close()


OLD = """
    INSERT INTO decisions (number, at, kind, account, body, digests, previous, hash)
    VALUES (1, '2026-03-02 08:00:00.000000', 'account.approved', 'a1', '{"account":"a1","run":"n1"}', '{}', '', 'x')
"""
OLD_RUN = """
    INSERT INTO cases (id, kind, version, opened_at, failures, body)
    VALUES ('n1', 'run', 1, :at, 0, '{"runner": "anna", "decided_by": "heidi"}')
"""


@pytest.mark.parametrize(
    "search",
    [
        Search(),
        Search(account="a1"),
        Search(kind="moderation"),
        Search(category="spam"),
        Search(account="a1", kind="moderation", category="spam"),
        Search(since=NOW, until=NOW + HOUR),
        Search(account="a1", since=NOW),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "sight", [None, Sight(person=ANNA, accounts=frozenset({"a1", "a2"}))], ids=["all", "own"]
)
async def test_each_search_walks_along_the_index_and_sorts_no_table(
    migrated_sqlite: str, search: Search, sight: Sight | None
) -> None:
    plans = await plans_of(migrated_sqlite, search, sight)
    walks = [line for line in plans if "decision_tags" in line]
    assert len(walks) in (1, 2, 3)
    assert all(
        "SEARCH decision_tags USING PRIMARY KEY (person=? AND account=? AND kind=? AND category=?" in w
        for w in walks
    )
    assert not [line for line in plans if "TEMP B-TREE" in line or line.startswith("SCAN decision")], plans


async def plans_of(url: str, search: Search, sight: Sight | None) -> list[str]:
    """What SQLite says of each statement of a search."""
    engine = connect(url)
    seen: list[tuple[str, object]] = []
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda _c, _u, sql, given, *_: seen.append((sql, given))
    )
    store = Store(engine)
    await found(store, search, sight, before=5)
    searches = [(sql, given) for sql, given in seen if "decision_tags" in sql]
    plans: list[str] = []
    async with engine.connect() as connection:
        for sql, given in searches:
            plans += [row[3] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)]
    await store.close()
    return plans
