"""Stores on fresh databases of both kinds, and values to put into them."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from storage.engine import connect
from storage.migrations import upgrade
from storage.store import Store
from tests.databases import Taken
from tests.statements import shared


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the whole schema, to copy from."""
    path = tmp_path_factory.mktemp("migrated") / "smbot.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def one_postgres(postgres_url: str, worker_id: str) -> Taken:
    found = Taken(postgres_url, f"migrated_{worker_id}", upgrade)
    found.make()
    return found


@pytest.fixture
def migrated_postgres(one_postgres: Taken) -> Iterator[str]:
    """The URL of a PostgreSQL database with the whole schema, and nothing in it."""
    yield from one_postgres.turns()


@pytest.fixture
def migrated_sqlite(migrated_file: Path, tmp_path: Path) -> str:
    """The URL of a SQLite file with the whole schema."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'smbot.db')}"


@pytest.fixture(params=["migrated_sqlite", "migrated_postgres"], ids=["sqlite", "postgres"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """A database of each kind in turn, with the whole schema and nothing in it."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest_asyncio.fixture
async def open_store(migrated_url: str) -> AsyncIterator[Callable[[], Store]]:
    """Opens a store on the database; a second one is what a second process would have."""
    async with AsyncExitStack() as stack:

        def another() -> Store:
            store = Store(shared(connect(migrated_url)))
            stack.push_async_callback(store.close)
            return store

        yield another


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    return open_store()


@pytest.fixture
def other(open_store: Callable[[], Store]) -> Store:
    """Another process on the same database."""
    return open_store()
