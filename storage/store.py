"""The store: transactions on one database, as `bot.ports.Storage` wants them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.ports import Storage, Tx
from storage.base import Cache, conflicts
from storage.decisions import Decisions
from storage.engine import WRITES
from storage.notes import Notes
from storage.outbox import Outgoing
from storage.purging import Purging
from storage.readers import Readers
from storage.references import Reaches


class SqlTx(Purging, Notes, Outgoing, Decisions, Readers, Reaches, Tx):
    """One transaction. After a `Conflict` it is spent: leave it and run the whole of it again."""


class Store(Storage):
    """One for each process and database. `engine` comes from `storage.engine.connect`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
        self._cache = Cache()
        # SQLite knows one writer at a time; those of this process wait here in turn instead of polling the file.
        self._turn = asyncio.Lock() if engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlTx]:
        """Commits at the end, rolls back on an exception. Not to be nested."""
        async with self._turn or nullcontext(), conflicts(), self._writer.begin() as connection:
            yield SqlTx(connection, self._cache, writes=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlTx]:
        """One state of the database; saving in it is refused."""
        async with conflicts(), self._engine.connect() as connection:
            yield SqlTx(connection, self._cache, writes=False)

    async def tidy(self) -> None:
        """After purging: what a SQLite file's log still holds of it goes too, unless somebody reads just now.

        PostgreSQL gives pages back by its own autovacuum (docs/operations.md).
        """
        if self._turn is None:
            return
        async with self._turn, self._engine.connect() as connection:
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None  # noqa: S101  # it has just been opened
            await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Give back all connections."""
        await self._engine.dispose()
