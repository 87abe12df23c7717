"""SQLite without a thread of its own, for tests that live through days in one event loop.

The driver of production hands each statement to a thread and waits; here the same library of the language runs it where it
stands, which is several times as fast. Nothing but the thread differs: the file, the transactions and their locks are real. A
transaction that waits for anything but its own statements would block here for ever, and none may (no network inside a
transaction).
"""

import sqlite3
from collections.abc import Iterator
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only


class Nothing:
    """What is there already when it is waited for: SQLAlchemy insists that each statement is."""

    def __await__(self) -> Iterator[None]:
        return iter(())


class Cursor(sqlite3.Cursor):
    """A cursor that gives its rows at once, with the two names more that SQLAlchemy asks an awaited one for."""

    server_side = False

    async def _async_soft_close(self) -> None:
        """Nothing is held that would have to be given back."""

    def execute(self, *given: Any) -> "Cursor":
        await_only(Nothing())
        super().execute(*given)
        return self

    def executemany(self, *given: Any) -> "Cursor":
        await_only(Nothing())
        super().executemany(*given)
        return self


class InThisThread(sqlite3.Connection):
    """A connection whose statements are run at once by whoever asks for them."""

    def cursor(self, *_: object, **__: object) -> Cursor:
        return super().cursor(Cursor)  # one of the server's side is the same here

    @property
    def _connection(self) -> "Awaited":  # what SQLAlchemy gives as the driver's own connection
        return Awaited(self)

    def terminate(self) -> None:
        self.close()


class Awaited:
    """The connection for those who talk to the driver itself, and wait for it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def execute(self, statement: str) -> None:
        self._connection.execute(statement)


def inline(engine: AsyncEngine) -> AsyncEngine:
    """The engine, whose connections need no thread."""
    event.listen(engine.sync_engine, "do_connect", _open)
    return engine


def _open(_dialect: object, _record: object, given: Any, named: Any) -> sqlite3.Connection:
    return sqlite3.connect(*given, factory=InThisThread, **named)
