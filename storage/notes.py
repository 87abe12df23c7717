"""Small things kept by name: requests seen, facts, and what is to be said in a collected message."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, bindparam, delete, insert, or_, text, update
from sqlmodel import col, select

from bot.outgoing import Mark, Reader
from bot.ports import Conflict
from storage import tables
from storage.base import Part, everything

SEEN_DAYS = timedelta(days=7)
OUTBOX_DAYS = timedelta(days=30)
Table = tables.Marks
SEEN = select(tables.Seen.answer).where(col(tables.Seen.key) == bindparam("key"))
FACT = select(tables.Facts.value).where(col(tables.Facts.name) == bindparam("name"))
MARKS = everything(Table).order_by(col(Table.at), col(Table.case), col(Table.rung), col(Table.reader))
OPEN_MARKS = MARKS.where(text("said = ''"))  # written out: only then does the partial index serve
MARKS_FOR = MARKS.where(col(Table.case).in_(bindparam("cases", expanding=True)))
MARKS_OF = MARKS.where(col(Table.said) == bindparam("key"))


class Notes(Part):
    """Seen requests, facts, marks, and the housekeeping of what need not stay."""

    async def seen(self, key: str) -> str | None:
        answer: str | None = await self._value(SEEN, key=key)
        return answer

    async def note_seen(self, key: str, answer: str, at: datetime) -> None:
        await self._write(insert(tables.Seen), {"key": key, "answer": answer, "at": at})

    async def fact(self, name: str) -> str | None:
        value: str | None = await self._value(FACT, name=name)
        return value

    async def save_fact(self, name: str, value: str) -> None:
        await self._upsert(tables.Facts, {"name": name, "value": value})

    async def forget(self, before: datetime) -> int:
        old = col(tables.Seen.at) < before - SEEN_DAYS
        gone = await self._write(delete(tables.Seen).where(old))
        settled = col(tables.Outbox.state).in_(("sent", "superseded", "ambiguous", "dead"))
        old = col(tables.Outbox.created_at) < before - OUTBOX_DAYS
        return gone + await self._write(delete(tables.Outbox).where(settled, old))

    # -- marks
    async def add_marks(self, marks: Sequence[Mark]) -> None:
        rows = [{**asdict(mark), "reader": str(mark.reader)} for mark in marks]
        if rows:
            await self._write(self._insert(tables.Marks).on_conflict_do_nothing(), rows)

    async def open_marks(self) -> Sequence[Mark]:
        return await self._marks(OPEN_MARKS)

    async def marks_for(self, cases: Collection[str]) -> Sequence[Mark]:
        return await self._marks(MARKS_FOR, cases=list(cases))

    async def marks_of(self, key: str) -> Sequence[Mark]:
        return await self._marks(MARKS_OF, key=key)

    async def take_marks(self, marks: Sequence[Mark], key: str) -> None:
        """Raises Conflict when another collected message has taken one of them."""
        if not marks:
            return
        each = (
            and_(col(Table.case) == m.case, col(Table.rung) == m.rung, col(Table.reader) == str(m.reader))
            for m in marks
        )
        free = update(Table).where(or_(*each), col(Table.said) == "")
        if await self._write(free.values(said=key)) != len(marks):
            raise Conflict("a mark has been taken by another message")

    async def _marks(self, found: Select[tuple[object]], **filled: object) -> Sequence[Mark]:
        rows = await self._all(found, **filled)
        return [Mark(**{**row, "reader": Reader.parse(row["reader"])}) for row in rows]
