"""What each part of a transaction stands on: one connection, and errors told as `Conflict`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Executable, Select, bindparam, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel, col

from bot.ports import Conflict
from bot.register import Register
from storage import tables
from storage.engine import is_conflict
from storage.rows import table_of

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Found = dict[str, Any]
"""A row as it was read: column -> value."""


@dataclass
class Cache:
    """The register as this process last read it, under the counter's value then."""

    version: int = -1
    register: Register = Register()


@asynccontextmanager
async def conflicts() -> AsyncIterator[None]:
    """Tell a lost race as `Conflict`."""
    try:
        yield
    except DBAPIError as error:
        if is_conflict(error):
            raise Conflict(str(error.orig)) from error
        raise


class Part:
    """Reads and writes on one connection inside one transaction."""

    def __init__(self, connection: AsyncConnection, cache: Cache, *, writes: bool) -> None:
        self._connection = connection
        self._cache = cache
        self._writes = writes
        self._wrote = False

    @property
    def wrote(self) -> bool:
        return self._wrote

    @property
    def _is_postgres(self) -> bool:
        return self._connection.dialect.name == "postgresql"

    # What runs at each pass or press is made once, as a constant of its module, and filled in by name: making a
    # statement takes longer than running it.

    async def _all(self, statement: Executable, **filled: Any) -> list[Found]:
        async with conflicts():
            return [dict(row) for row in (await self._connection.execute(statement, filled)).mappings()]

    async def rows(self, statement: Executable) -> list[Found]:
        """All rows as they stand, for what copies them."""
        return await self._all(statement)

    async def _first(self, statement: Executable, **filled: Any) -> Found | None:
        return next(iter(await self._all(statement, **filled)), None)

    async def _value(self, statement: Executable, **filled: Any) -> Any:
        """The first column of the first row, or None."""
        async with conflicts():
            return (await self._connection.execute(statement, filled)).scalar()

    async def _write(
        self, statement: Executable, values: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None
    ) -> int:
        """Do it; gives how many rows it changed."""
        if not self._writes:
            raise RuntimeError("a transaction of Storage.read() saves nothing")
        async with conflicts():
            done = await self._connection.execute(statement, values)
        self._wrote = True
        return int(done.rowcount)

    def _insert(self, model: type[SQLModel]) -> "sqlite.Insert | postgresql.Insert":
        return _insert(model, is_postgres=self._is_postgres)

    async def _upsert(self, model: type[SQLModel], row: Mapping[str, Any]) -> None:
        """Insert, or replace the row with the same primary key."""
        await self._write(_upsert(model, tuple(row), is_postgres=self._is_postgres), row)

    async def _hold_case(self, case: str) -> None:
        """Change nothing, but meet `Conflict` with whoever saves the case at the same time.

        On PostgreSQL a message added just then would else be overlooked, and show the older version for good.
        """
        if self._is_postgres:
            await self._write(HOLD_CASE, {"of": case})


HOLD_CASE = update(tables.Cases).where(col(tables.Cases.id) == bindparam("of")).values(id=tables.Cases.id)


@cache
def everything(model: type[SQLModel]) -> Select[Any]:
    """All columns of a table."""
    return select(table_of(model))


@cache
def _insert(model: type[SQLModel], *, is_postgres: bool) -> "sqlite.Insert | postgresql.Insert":
    if is_postgres:
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table_of(model))
    return sqlite.insert(table_of(model))


@cache
def _upsert(model: type[SQLModel], names: tuple[str, ...], *, is_postgres: bool) -> Executable:
    statement = _insert(model, is_postgres=is_postgres)
    keys = [column.name for column in table_of(model).primary_key]
    rest = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)
