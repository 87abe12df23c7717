"""Whom everything that is still to be said, and everything that stands, is for."""

from sqlalchemy import delete, exists, text, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.outgoing import Reader
from storage import tables
from storage.base import Part


class Readers(Part):
    """One reader in the place of another: rows, messages and marks."""

    async def redirect(self, before: Reader, after: Reader) -> None:
        old, new = str(before), str(after)
        box, shown, marks = tables.Outbox, tables.Messages, tables.Marks
        await self._write(update(box).where(col(box.target) == old, text(tables.LIVE)).values(target=new))
        await self._write(update(box).where(col(box.reader) == old, text(tables.LIVE)).values(reader=new))
        await self._write(update(shown).where(col(shown.target) == old).values(target=new))
        await self._write(update(shown).where(col(shown.reader) == old).values(reader=new))
        other = aliased(marks)
        twin = exists().where(
            col(other.case) == marks.case, col(other.rung) == marks.rung, col(other.reader) == new
        )
        await self._write(delete(marks).where(col(marks.reader) == old, twin))
        await self._write(update(marks).where(col(marks.reader) == old).values(reader=new))
