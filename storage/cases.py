"""Cases, their logs, and the days of the overview."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Executable, bindparam, func, insert, update
from sqlalchemy import case as when
from sqlmodel import col, select

from bot.cases import Case
from bot.cases.base import CaseBase
from bot.model import Entry
from bot.ports import Conflict, DayOutcome, NotFound
from storage import tables
from storage.base import Part, everything
from storage.rows import case_body, from_row, plain, table_of, to_case, to_row

C = TypeVar("C", bound=CaseBase)
Table = tables.Cases
BY_ID = everything(Table).where(col(Table.id) == bindparam("ident"))
SAVE = (
    update(Table)
    .where(col(Table.id) == bindparam("of"), col(Table.version) == bindparam("before"))
    .values({column.name: bindparam(column.name) for column in table_of(Table).columns})
)
DUE = (
    select(Table.id)
    .where(col(Table.wake_at) <= bindparam("now"))
    .order_by(col(Table.wake_at), col(Table.id))
    .limit(bindparam("most"))
)
NEXT_WAKE = select(func.min(col(Table.wake_at))).where(col(Table.wake_at) > bindparam("after"))


class Cases(Part):
    """Saved by version: of two who read the same one, the second meets `Conflict`."""

    async def case(self, ident: str) -> Case:
        row = await self._first(BY_ID, ident=ident)
        if row is None:
            raise NotFound(f"no case {ident}")
        return to_case(row)

    async def add_case(self, case: C) -> C:
        saved = _next(case)
        await self._write(insert(Table), _row(saved))
        return saved

    async def save_case(self, case: C) -> C:
        saved = _next(case)
        if not await self._write(SAVE, {**_row(saved), "of": case.id, "before": case.version}):
            raise Conflict(f"case {case.id} has changed since version {case.version}")
        await self._make_due(case.id)
        return saved

    async def touch(self, case: str) -> None:
        await self._hold_case(case)
        await self._make_due(case)

    async def touch_card(self, card: str) -> None:
        await self._write(MAKE_CARD_DUE, {"of": card})

    async def open_cases(
        self, kind: str | None = None, *, account: str | None = None, place: str | None = None
    ) -> Sequence[Case]:
        wanted = {"kind": kind, "account": account, "place": place}
        given = {name: value for name, value in wanted.items() if value is not None}
        return [to_case(row) for row in await self._all(_open(tuple(given)), **given)]

    async def cases_of(self, account: str, *, limit: int = 50) -> Sequence[Case]:
        found = everything(Table).where(col(Table.account) == account)
        newest = found.order_by(col(Table.opened_at).desc(), col(Table.id).desc()).limit(limit)
        return [to_case(row) for row in await self._all(newest)]

    # -- time
    async def due(self, now: datetime, limit: int = 100) -> Sequence[str]:
        return [row["id"] for row in await self._all(DUE, now=now, most=limit)]

    async def next_wake(self, after: datetime) -> datetime | None:
        wake: datetime | None = await self._value(NEXT_WAKE, after=after)
        return wake

    async def put_off(self, case: str, now: datetime, waits: Sequence[timedelta]) -> int:
        """Raises NotFound when the case is not open."""
        is_open = col(Table.id) == case, col(Table.closed_at).is_(None)
        before = await self._value(select(Table.failures).where(*is_open))
        if before is None:
            raise NotFound(f"no open case {case}")
        later = {"wake_at": now + waits[min(before, len(waits) - 1)], "failures": before + 1}
        await self._write(update(Table).where(*is_open).values(later))
        return int(later["failures"])

    # -- log
    async def add_log(self, case: str, entries: Sequence[Entry], at: datetime) -> None:
        rows = [
            {"case": case, "at": at, "what": entry.what, "by": entry.by, "data": dict(entry.data)}
            for entry in entries
        ]
        if rows:
            await self._write(insert(tables.CaseLog), rows)

    async def log(self, case: str) -> Sequence[Entry]:
        found = everything(tables.CaseLog).where(col(tables.CaseLog.case) == case)
        rows = await self._all(found.order_by(col(tables.CaseLog.id)))
        return [plain(Entry, row, without=("id", "case")) for row in rows]

    # -- days
    async def save_day(self, day: DayOutcome) -> None:
        await self._upsert(tables.Days, to_row(tables.Days, day))

    async def days(
        self, *, account: str | None = None, first: date | None = None, last: date | None = None
    ) -> Sequence[DayOutcome]:
        found = everything(tables.Days).order_by(col(tables.Days.day), col(tables.Days.account))
        if account is not None:
            found = found.where(col(tables.Days.account) == account)
        if first is not None:
            found = found.where(col(tables.Days.day) >= first)
        if last is not None:
            found = found.where(col(tables.Days.day) <= last)
        return [from_row(DayOutcome, row) for row in await self._all(found)]

    # -- what stands on a platform follows its case
    async def _make_due(self, case: str) -> None:
        """Each living message is written to, due already or not: a delivery that ends just now then starts anew."""
        await self._write(MAKE_DUE, {"of": case})


@cache
def _open(given: tuple[str, ...]) -> Executable:
    found = everything(Table).where(col(Table.closed_at).is_(None))
    found = found.where(*(table_of(Table).columns[name] == bindparam(name) for name in given))
    return found.order_by(col(Table.opened_at), col(Table.id))


def _due_statement(*which: ColumnElement[bool]) -> Executable:
    newest = select(func.coalesce(func.max(tables.Outbox.number), 0)).scalar_subquery()
    table = tables.Messages
    rank = when((col(table.due).is_(True), table.due_after), else_=newest)
    return update(table).where(*which, col(table.living).is_(True)).values(due_after=rank, due=True)


MAKE_DUE = _due_statement(col(tables.Messages.case) == bindparam("of"))
MAKE_CARD_DUE = _due_statement(
    col(tables.Messages.case).is_(None), col(tables.Messages.card) == bindparam("of")
)


def _next(case: C) -> C:
    wake = case.wake_at if case.is_open else None
    return replace(case, version=case.version + 1, wake_at=wake)


def _row(case: CaseBase) -> dict[str, Any]:
    kind = getattr(case, "case", "")
    return to_row(Table, case, kind=kind, failures=0, body=case_body(case))
