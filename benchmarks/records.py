"""Searching decisions of officials: among very many, and among few. Both find a full page."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.measure import Measure, milliseconds
from bot.decided import KINDS
from bot.model import PersonId
from bot.ports import Search, Sight
from storage.engine import connect
from storage.findings import Named
from storage.migrations import upgrade
from storage.store import Store

AIM = 3
FEW = 1_000
PAGE = 11
"""What a page asks for: ten, and whether there are more."""
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS, CATEGORIES, PEOPLE = 5, 4, 10
OWN = Sight(person=PersonId("p3"), accounts=frozenset({"a1", "a2"}))
SEARCHES = {
    "newest": (Search(), None),
    "one account": (Search(account="a1"), None),
    "kind, category": (Search(kind="moderation", category="c1"), None),
    "all filters": (
        Search(
            account="a1", kind="moderation", category="c1", since=BEGUN, until=BEGUN + timedelta(days=700)
        ),
        None,
    ),
    "own": (Search(), OWN),
    "own, all filters": (
        Search(
            account="a1", kind="moderation", category="c1", since=BEGUN, until=BEGUN + timedelta(days=700)
        ),
        OWN,
    ),
}


async def run(folder: Path, decisions: int, times: int) -> Sequence[Measure]:
    """Each search on both databases in turn."""
    stores = [_store(folder / "many.db", decisions), _store(folder / "few.db", FEW)]
    try:
        return [await _measured(stores, name, decisions, times) for name in SEARCHES]
    finally:
        for store in stores:
            await store.close()


async def _measured(stores: Sequence[Store], name: str, decisions: int, times: int) -> Measure:
    took: tuple[list[float], list[float]] = ([], [])
    for n in range(times):
        for which in (0, 1) if n % 2 else (1, 0):
            took[which].append(await _search(stores[which], *SEARCHES[name]))
    ours, bare = map(milliseconds, took)
    note = f"{decisions:_} decisions over {FEW:_}".replace("_", " ")
    return Measure(name=f"search, {name}", ours=ours, bare=bare, unit="ms", aim=AIM, note=note)


async def _search(store: Store, search: Search, sight: Sight | None) -> float:
    begun = perf_counter()
    async with store.read() as tx:
        found = await tx.search_decisions(search, sight, limit=PAGE)
    took = perf_counter() - begun
    assert len(found) == PAGE, (search, len(found))
    return took


def _store(file: Path, many: int) -> Store:
    url = f"sqlite:///{file}"
    upgrade(url)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA synchronous=OFF")
        _fill(connection, list(_rows(many)))
    return Store(connect(url))


def _rows(many: int) -> Iterator[dict[str, Any]]:
    """Evenly over two years, so that a search with all filters finds a page among few too."""
    for n in range(1, many + 1):
        at = BEGUN + timedelta(days=730) * (n / many)
        body = {"account": f"a{n % ACCOUNTS}", "categories": [f"c{n % CATEGORIES}"], "run": f"n{n}", "pack": "ki",
                "version": "2026.1", "decided_by": "head", "rules": [{"section": "law", "says": {"sv": "x" * 300}}]}  # fmt: skip
        kind = "moderation" if n % 2 else KINDS[n % len(KINDS)]
        yield {"number": n, "at": at, "kind": kind, "account": body["account"], "body": json.dumps(body),
               "digests": "{}", "previous": "x" * 64, "hash": "x" * 64}  # fmt: skip


def _fill(connection: sqlite3.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """As the store writes them, but for hashes, which a search does not read."""
    connection.executemany(
        "INSERT INTO decisions VALUES (:number, :at, :kind, :account, :body, :digests, :previous, :hash)",
        ({**row, "at": _stored(row["at"])} for row in rows),
    )
    tags = (tag for row in rows for tag in Named.by(row).tags(f"p{row['number'] % PEOPLE}"))
    connection.executemany(
        "INSERT INTO decision_tags VALUES (:person, :account, :kind, :category, :at, :number)",
        ({**tag, "at": _stored(tag["at"])} for tag in tags),
    )


def _stored(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")
