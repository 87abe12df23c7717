"""Small things kept by name: requests seen, facts, and what is to be said in a collected message."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, delete, insert, or_, update
from sqlmodel import col, select

from bot.outgoing import Mark, Reader
from bot.ports import Conflict
from storage import tables
from storage.base import Part, everything

SEEN_DAYS = timedelta(days=7)
OUTBOX_DAYS = timedelta(days=30)


class Notes(Part):
    """Seen requests, facts, marks, and the housekeeping of what need not stay."""

    async def seen(self, key: str) -> str | None:
        answer: str | None = await self._value(select(tables.Seen.answer).where(col(tables.Seen.key) == key))
        return answer

    async def note_seen(self, key: str, answer: str, at: datetime) -> None:
        await self._write(insert(tables.Seen).values(key=key, answer=answer, at=at))

    async def fact(self, name: str) -> str | None:
        value: str | None = await self._value(
            select(tables.Facts.value).where(col(tables.Facts.name) == name)
        )
        return value

    async def save_fact(self, name: str, value: str) -> None:
        await self._upsert(tables.Facts, {"name": name, "value": value})

    async def forget(self, before: datetime) -> int:
        old = col(tables.Seen.at) < before - SEEN_DAYS
        gone = await self._write(delete(tables.Seen).where(old))
        settled = col(tables.Outbox.state).in_(("sent", "superseded", "dead"))
        old = col(tables.Outbox.created_at) < before - OUTBOX_DAYS
        return gone + await self._write(delete(tables.Outbox).where(settled, old))

    # -- marks
    async def add_marks(self, marks: Sequence[Mark]) -> None:
        rows = [{**asdict(mark), "reader": str(mark.reader)} for mark in marks]
        if rows:
            await self._write(self._insert(tables.Marks).on_conflict_do_nothing(), rows)

    async def open_marks(self) -> Sequence[Mark]:
        return await self._marks(everything(tables.Marks).where(col(tables.Marks.said) == ""))

    async def marks_for(self, cases: Collection[str]) -> Sequence[Mark]:
        return await self._marks(everything(tables.Marks).where(col(tables.Marks.case).in_(cases)))

    async def marks_of(self, key: str) -> Sequence[Mark]:
        return await self._marks(everything(tables.Marks).where(col(tables.Marks.said) == key))

    async def take_marks(self, marks: Sequence[Mark], key: str) -> None:
        """Raises Conflict when another collected message has taken one of them."""
        if not marks:
            return
        table = tables.Marks
        each = (
            and_(col(table.case) == m.case, col(table.rung) == m.rung, col(table.reader) == str(m.reader))
            for m in marks
        )
        free = update(table).where(or_(*each), col(table.said) == "")
        if await self._write(free.values(said=key)) != len(marks):
            raise Conflict("a mark has been taken by another message")

    async def _marks(self, found: Select[tuple[object]]) -> Sequence[Mark]:
        table = tables.Marks
        rows = await self._all(
            found.order_by(col(table.at), col(table.case), col(table.rung), col(table.reader))
        )
        return [Mark(**{**row, "reader": Reader.parse(row["reader"])}) for row in rows]
