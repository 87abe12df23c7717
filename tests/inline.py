"""SQLite without a thread of its own, for tests that live through days in one event loop.

The driver of production hands each statement to a thread and waits; here the same driver runs it where it stands, which is
several times as fast. Nothing but the thread differs: the file, the transactions and their locks are real. A transaction that
waits for anything but its own statements would block here for ever, and none may (no network inside a transaction).
"""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite


class InThisThread(aiosqlite.Connection):
    """A connection whose statements are run at once by whoever awaits them."""

    def __await__(self) -> Any:
        return self._connect().__await__()

    async def _connect(self) -> "InThisThread":
        self._connection = self._connector()
        return self

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)

    def stop(self) -> asyncio.Future[None] | None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        return None


def connect(database: str, **arguments: Any) -> InThisThread:
    """For SQLAlchemy's `async_creator_fn`."""
    return InThisThread(lambda: sqlite3.connect(database, **arguments), iter_chunk_size=64)
