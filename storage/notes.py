"""Small things kept by name: requests seen, facts, and what is to be said in a collected message."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, bindparam, case, delete, func, insert, or_, text, update
from sqlmodel import col, select

from bot.outgoing import Mark, Reader
from bot.ports import Conflict
from storage import tables
from storage.base import Part, everything

SEEN_DAYS = timedelta(days=7)
OUTBOX_DAYS = timedelta(days=30)
Table = tables.Marks
SEEN = select(tables.Seen.answer).where(col(tables.Seen.key) == bindparam("key"))
MANY = "|"
"""Stands in the name of a fact of which there is one for each of many, such as a place."""
SHORT = 4000
Facts = tables.Facts
FACT = select(Facts.value).where(col(Facts.name) == bindparam("name"))
SINGLE = select(Facts.name, case((func.length(Facts.value) < SHORT, Facts.value)).label("value")).where(
    col(Facts.name).not_like(f"%{MANY}%")
)
"""All that there is one of; without the value where it is long, as a draft is."""
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

    _asked = False
    _single: dict[str, str | None] | None = None

    async def fact(self, name: str) -> str | None:
        """Whoever asks for a second one is a pass that asks for ten: then all are read at once."""
        if MANY in name or not self._asked:
            self._asked = True
            return await self._fact(name)
        if self._single is None:
            self._single = {row["name"]: row["value"] for row in await self._all(SINGLE)}
        if name in self._single and self._single[name] is None:
            return await self._fact(name)
        return self._single.get(name)

    async def _fact(self, name: str) -> str | None:
        value: str | None = await self._value(FACT, name=name)
        return value

    async def save_fact(self, name: str, value: str) -> None:
        await self._upsert(Facts, {"name": name, "value": value})
        if self._single is not None:
            self._single[name] = value

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
