"""What stands on the local page, kept in the database, so that it survives a restart."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import and_, func, update
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from bot.ports import Conflict
from storage import tables
from storage.base import Cache, Part, conflicts, everything
from storage.engine import WRITES

S = TypeVar("S")
MESSAGES, READS = tables.WebMessages, tables.WebReads


class Shelves(Part):
    """One transaction on what the page shows; values as they stand in the table."""

    async def put(self, values: dict[str, Any]) -> dict[str, Any] | None:
        """A key that stands already is left as it is."""
        await self._write(
            self._insert(MESSAGES).values(values).on_conflict_do_nothing(index_elements=["key"])
        )
        return await self.find(values["key"])

    async def find(self, key: str) -> dict[str, Any] | None:
        return await self._first(everything(MESSAGES).where(col(MESSAGES.key) == key))

    async def replace(self, ident: int, values: dict[str, Any]) -> dict[str, Any] | None:
        await self._write(update(MESSAGES).where(col(MESSAGES.id) == ident).values(values))
        return await self._first(everything(MESSAGES).where(col(MESSAGES.id) == ident))

    async def newest(self, channel: str, limit: int) -> list[dict[str, Any]]:
        found = everything(MESSAGES).where(col(MESSAGES.channel) == channel)
        return (await self._all(found.order_by(col(MESSAGES.id).desc()).limit(limit)))[::-1]

    async def read_to(self, reader: str, channel: str, ident: int) -> None:
        insert = self._insert(READS).values(reader=reader, channel=channel, upto=ident)
        farther = col(READS.upto) < insert.excluded.upto
        await self._write(insert.on_conflict_do_update(
            index_elements=["reader", "channel"], set_={"upto": insert.excluded.upto}, where=farther,
        ))  # fmt: skip

    async def unread(self, reader: str, limit: int, channel: str) -> list[dict[str, Any]]:
        mine = and_(col(READS.channel) == col(MESSAGES.channel), col(READS.reader) == reader)
        beyond = col(MESSAGES.id) > func.coalesce(READS.upto, 0)
        found = everything(MESSAGES).outerjoin(READS, mine).where(beyond)
        if channel:
            found = found.where(col(MESSAGES.channel) == channel)
        return await self._all(found.order_by(col(MESSAGES.id)).limit(limit))


class SqlShelf(Generic[S]):
    """The page's shelf. `make` builds the page's own value from the columns: storage does not know the page."""

    def __init__(self, engine: AsyncEngine, make: Callable[..., S]) -> None:
        self._engine, self._make = engine, make

    async def put(self, shown: S) -> S:
        """Store it under the next id; a key that stands already is given back as it stands."""
        values = asdict(shown)  # type: ignore[call-overload]
        del values["id"]
        values["alerted"] = list(values["alerted"])
        async with self._at_work(writes=True) as shelves:
            row = await shelves.put(values)
        assert row is not None  # noqa: S101  # inserted, or there before
        return self._made(row)

    async def replace(
        self, ident: int, card_json: str, language: str, at: datetime, alerted: tuple[str, ...]
    ) -> S | None:
        values = {"card_json": card_json, "language": language, "edited_at": at, "alerted": list(alerted)}
        async with self._at_work(writes=True) as shelves:
            row = await shelves.replace(ident, values)
        return self._made(row) if row else None

    async def find(self, key: str) -> S | None:
        async with self._at_work() as shelves:
            row = await shelves.find(key)
        return self._made(row) if row else None

    async def list(self, channel: str, limit: int = 200) -> Sequence[S]:
        async with self._at_work() as shelves:
            return [self._made(row) for row in await shelves.newest(channel, limit)]

    async def read_to(self, reader: str, channel: str, ident: int) -> None:
        """Left for the next look while the file is busy: what was read is no reason to show no page."""
        with suppress(Conflict):
            async with self._at_work(writes=True) as shelves:
                await shelves.read_to(reader, channel, ident)

    async def unread(self, reader: str, limit: int = 5000, channel: str = "") -> Sequence[S]:
        async with self._at_work() as shelves:
            return [self._made(row) for row in await shelves.unread(reader, limit, channel)]

    def _made(self, row: dict[str, Any]) -> S:
        return self._make(**{**row, "alerted": tuple(row["alerted"])})

    @asynccontextmanager
    async def _at_work(self, *, writes: bool = False) -> AsyncIterator[Shelves]:
        engine = self._engine.execution_options(**{WRITES: writes})
        async with conflicts(), engine.begin() as connection:
            yield Shelves(connection, Cache(), writes=writes)
