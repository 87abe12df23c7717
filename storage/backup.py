"""A backup: all tables of one moment in one file, which may go back into either kind of database.

The file is gzip over lines of JSON: a head, each table's columns and rows, an end with the checksum of all before it.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, MetaData, Table, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.base import Cache
from storage.engine import connect
from storage.migrations import REVISIONS
from storage.store import SqlTx
from storage.verify import Verified, verify

FORMAT = 1
KIND = "smbot backup"
NOT_DATA = frozenset({"alembic_version"})
PAGE = 500
Json = dict[str, Any]


class Damaged(Exception):
    """SQLite finds the database's file damaged; `args[0]` is its first complaint."""


class BadBackup(Exception):
    """A file that cannot be used; `key` is the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, kw_only=True)
class Head:
    """What stands first in a backup. `made`: real time of the moment that it shows."""

    schema: str
    made: datetime


@dataclass(frozen=True, kw_only=True)
class Dumped:
    """How many rows were written, and whether what is on record is as it was written (None: an older schema)."""

    rows: int
    verified: Verified | None


# -- out ----------------------------------------------------------------------------------------


async def dump(url: str, out: IO[bytes], made: datetime) -> Dumped:
    """Write all that the database holds at one moment, while others use it. Raises Damaged."""
    async with _snapshot(url) as connection:
        await _check_file(connection)
        with gzip.GzipFile(fileobj=out, mode="wb", filename="", mtime=0) as packed:
            schema, rows = await _write(connection, _Lines(packed), made)
        holds = await verify(SqlTx(connection, Cache(), writes=False)) if schema == REVISIONS[-1] else None
        return Dumped(rows=rows, verified=holds)


@asynccontextmanager
async def _snapshot(url: str) -> AsyncIterator[AsyncConnection]:
    """Both databases show one state to one transaction."""
    engine = connect(url)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def _check_file(connection: AsyncConnection) -> None:
    if connection.dialect.name == "sqlite":
        found = (await connection.execute(text("PRAGMA integrity_check(1)"))).scalar()
        if found != "ok":
            raise Damaged(" ".join(str(found).split()))


class _Lines:
    """Lines of JSON, and the checksum of those written so far."""

    def __init__(self, out: gzip.GzipFile) -> None:
        self._out, self._sum = out, hashlib.sha256()

    def put(self, thing: object) -> None:
        line = json.dumps(thing, ensure_ascii=False, separators=(",", ":"), default=_plain).encode() + b"\n"
        self._sum.update(line)
        self._out.write(line)

    def end(self, rows: int) -> None:
        self.put({"end": rows, "sha256": self._sum.hexdigest()})


def _plain(value: object) -> str | float:
    match value:
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            raise TypeError(f"a column holds {type(value).__name__}")


async def _write(connection: AsyncConnection, lines: _Lines, made: datetime) -> tuple[str, int]:
    """Gives at which revision the schema is, and how many rows there are."""
    found = await connection.run_sync(tables_of)
    here = str((await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar())
    lines.put({"kind": KIND, "format": FORMAT, "schema": here, "made": made})
    count = 0
    for table in found:
        lines.put({"table": table.name, "columns": [column.name for column in table.columns]})
        rows = await connection.stream(select(table).order_by(*table.primary_key))
        async for row in rows:
            lines.put(list(row))
            count += 1
    lines.end(count)
    return here, count


def tables_of(connection: Connection) -> list[Table]:
    """The tables as the database has them, so that one of an older schema can be read and filled too."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in NOT_DATA]


# -- in -----------------------------------------------------------------------------------------


def lines_of(path: Path) -> Iterator[tuple[bytes, Any]]:
    """Each line as it stands, and what it says. Raises BadBackup for what is no backup, or is damaged."""
    first = True
    try:
        with gzip.open(path) as packed:
            for line in packed:
                yield line, json.loads(line)
                first = False
    except (EOFError, gzip.BadGzipFile, zlib.error, ValueError) as error:
        raise BadBackup("restore.no_backup" if first else "restore.damaged") from error


def check(path: Path) -> Head:
    """Read the whole file before any of it is used. Raises BadBackup; OSError where it cannot be read."""
    checksum, rows, end, head = hashlib.sha256(), 0, None, None
    for line, said in lines_of(path):
        if end is not None:
            raise BadBackup("restore.damaged")
        if head is None:
            head = _head(said)
        elif isinstance(said, dict) and "end" in said:
            end = said
            continue
        rows += isinstance(said, list)
        checksum.update(line)
    if head is None:
        raise BadBackup("restore.no_backup")
    if end != {"end": rows, "sha256": checksum.hexdigest()}:
        raise BadBackup("restore.damaged")
    return head


def _head(said: Any) -> Head:
    if not isinstance(said, Mapping) or said.get("kind") != KIND:
        raise BadBackup("restore.no_backup")
    if said["format"] > FORMAT or said["schema"] not in REVISIONS:
        raise BadBackup("restore.newer")
    return Head(schema=said["schema"], made=datetime.fromisoformat(said["made"]))
