"""A copy of what the bot stands on, in memory: there it may live ahead, and nothing leads back to the database."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, text
from sqlmodel import col, select

from bot.model import Entry
from bot.outgoing import Mark, Message, Reader, Row
from bot.ports import DayOutcome
from storage import tables
from storage.base import everything
from storage.kept import State
from storage.rows import from_row, plain, to_case
from storage.store import SqlTx, Store

BACK = timedelta(days=40)
"""So far back days, cases that are closed and what was sent may still matter to what is said next."""


async def snapshot(store: Store, now: datetime) -> State:
    """Read in one transaction that saves nothing. In proportion to what is open, not to what there has been."""
    state = State()
    async with store.read() as tx:
        copy = _Copying(tx, state, now - BACK)
        state.register = await tx.register()
        await copy.cases()
        await copy.days()
        await copy.notes()
        await copy.outbox()
        await copy.decisions()
    return state


class _Copying:
    """`since`: what is older and over is left out."""

    def __init__(self, tx: SqlTx, state: State, since: datetime) -> None:
        self._tx, self._state, self._since = tx, state, since
        table = tables.Cases
        self._alive = or_(col(table.closed_at).is_(None), col(table.closed_at) > since)
        self._of_alive = select(table.id).where(self._alive)

    async def cases(self) -> None:
        for row in await self._tx.rows(everything(tables.Cases).where(self._alive)):
            case = self._state.cases[row["id"]] = to_case(row)
            self._state.failures |= {case.id: row["failures"]} if row["failures"] else {}
        self._state.open = {ident: case for ident, case in self._state.cases.items() if case.is_open}
        log = tables.CaseLog
        found = everything(log).where(col(log.case).in_(self._of_alive)).order_by(col(log.id))
        for row in await self._tx.rows(found):
            entry = plain(Entry, row, without=("id", "case"))
            self._state.logs[row["case"]] = (*self._state.logs.get(row["case"], ()), entry)

    async def days(self) -> None:
        found = everything(tables.Days).where(col(tables.Days.day) >= self._since.date())
        for row in await self._tx.rows(found):
            day = from_row(DayOutcome, row)
            self._state.days.setdefault(day.account, {})[day.day] = day

    async def notes(self) -> None:
        facts = await self._tx.rows(everything(tables.Facts))
        self._state.facts = {row["name"]: row["value"] for row in facts}
        table = tables.Marks
        found = everything(table).where(or_(col(table.said) == "", col(table.case).in_(self._of_alive)))
        for row in await self._tx.rows(found):
            mark = Mark(**{**row, "reader": Reader.parse(row["reader"])})
            self._state.marks[mark.case, mark.rung, row["reader"]] = mark

    async def outbox(self) -> None:
        """What waits, the keys of what was said lately, and what stands of it."""
        table = tables.Outbox
        found = everything(table).where(or_(text(tables.LIVE), col(table.created_at) > self._since))
        for raw in await self._tx.rows(found.order_by(col(table.number))):
            row = plain(Row, raw)
            self._state.keys[row.key] = row.number
            self._state.rows[row.number] = row
            self._state.numbers = row.number
        live = ("waiting", "sending")
        self._state.waiting = {n: row for n, row in self._state.rows.items() if row.state in live}
        shown = tables.Messages
        stands = everything(shown).where(col(shown.case).in_(self._of_alive)).order_by(col(shown.id))
        for raw in await self._tx.rows(stands):
            before = self._state.messages.get(raw["case"], ())
            message = plain(Message, raw, without=("due_after",))
            self._state.messages[raw["case"]] = (*before, message)

    async def decisions(self) -> None:
        """Those that a case names: what a filing or a request is about."""
        named: set[Any] = {getattr(case, "decision", None) for case in self._state.cases.values()}
        for number in sorted(n for n in named if n):
            self._state.decisions[number] = await self._tx.decision(number)
