"""The database behind SMBOT_DATABASE_URL: SQLite in a file, or PostgreSQL."""

import fcntl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

Engine = AsyncEngine
"""For those who hand one on and may not know SQLAlchemy."""

BUSY_SECONDS = 2
WRITES = "smbot_writes"
"""The execution option of an engine whose transactions write."""

CONFLICTS = {
    "23505",  # unique violation
    "40001",  # serialization failure
    "40P01",  # deadlock
    "SQLITE_CONSTRAINT_UNIQUE",
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_BUSY",
    "SQLITE_BUSY_SNAPSHOT",
}


class InUse(Exception):
    """Another process has the SQLite file."""


def address(url: str, *, sync: bool = False) -> URL:
    """The URL with our driver, whichever it names: `sqlite:///`, `postgresql://`, `postgres://`, `…+driver://`."""
    parsed = make_url(url)
    match parsed.drivername.partition("+")[0]:
        case "sqlite":
            return parsed.set(drivername="sqlite" if sync else "sqlite+aiosqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise ValueError(
                f"SMBOT_DATABASE_URL begins with sqlite:/// or postgresql://, not with {other}://"
            )


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; None for PostgreSQL. Raises ValueError for a database in memory."""
    parsed = address(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError("SMBOT_DATABASE_URL must name a file: sqlite:///path/to/smbot.db")
    return Path(parsed.database)


def connect(url: str, *, reads_only: bool = False) -> AsyncEngine:
    """An engine for `storage.store.Store`. Nothing is opened before the first transaction.

    `reads_only`: whatever would save something is refused by the database itself.
    """
    if path := sqlite_file(url):
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(address(url), connect_args=sqlite_arguments())
        event.listen(engine.sync_engine, "connect", _only_reading if reads_only else _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
        return engine
    # One snapshot for each transaction, and the first to change a row wins: what SQLite gives as well.
    reading = {"options": "-c default_transaction_read_only=on"} if reads_only else {}
    return create_async_engine(
        address(url), isolation_level="REPEATABLE READ", pool_pre_ping=True, connect_args=reading
    )


def sqlite_arguments() -> dict[str, Any]:
    """The driver begins no transaction by itself: on its defaults four of four concurrent claims won."""
    return {"isolation_level": None, "timeout": BUSY_SECONDS}


def is_conflict(error: DBAPIError) -> bool:
    """Whether somebody else was first, so that the same transaction run again may succeed."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return code in CONFLICTS


def lock_file(path: Path) -> AbstractContextManager[None]:
    """Hold a SQLite file for this process alone; raises InUse when another process has it."""
    return held(path.with_name(f"{path.name}.lock"), wait=False)


@contextmanager
def held(side: Path, *, wait: bool) -> Iterator[None]:
    """Hold a side file's lock, which the system gives back when the process ends, however it ends."""
    side.parent.mkdir(parents=True, exist_ok=True)
    with side.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InUse(
                f"Another smbot runs on {side.with_suffix('')}; SQLite serves one process."
            ) from error
        yield


def _prepare(connection: Any, _record: object) -> None:
    # secure_delete: what is purged is overwritten in the file, not only taken off the list of its pages.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _only_reading(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later could not wait for another writer.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
