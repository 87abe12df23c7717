"""What the database promises, kept in memory: what a rehearsal saves to, and is gone with it.

Values are frozen and kept as they are, so nothing is translated. What only delivery, search and records need is not
there, and says so.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn, TypeVar

from bot.cases import Case
from bot.cases.base import CaseBase
from bot.changes import Change
from bot.model import Entry
from bot.outgoing import Mark, Message, Row, RowState
from bot.ports import Conflict, DayOutcome, Decision, NotFound, Storage, Tx
from storage.kept import Kept, State

C = TypeVar("C", bound=CaseBase)
LIVE = ("waiting", "sending")


class Elsewhere(Exception):
    """Nothing that the bot says by itself needs this, so it is not kept in memory."""


def _elsewhere(_tx: object, *_args: Any, **_named: Any) -> NoReturn:
    raise Elsewhere


class MemoryTx(Kept, Tx):
    """One transaction. One at a time."""

    # -- cases
    async def case(self, ident: str) -> Case:
        if ident not in self._state.cases:
            raise NotFound(f"no case {ident}")
        return self._state.cases[ident]

    async def add_case(self, case: C) -> C:
        if case.id in self._state.cases:
            raise Conflict(f"case {case.id} is there already")
        return self._keep(case)

    async def save_case(self, case: C) -> C:
        known = self._state.cases.get(case.id)
        if known is None or known.version != case.version:
            raise Conflict(f"case {case.id} has changed since version {case.version}")
        saved = self._keep(case)
        await self.touch(case.id)
        return saved

    def _keep(self, case: C) -> C:
        wake = case.wake_at.astimezone(UTC) if case.wake_at and case.is_open else None
        saved = replace(case, version=case.version + 1, wake_at=wake)
        self._place(saved)
        self._put(self._state.failures, case.id, None)
        return saved

    def _place(self, case: Any) -> None:
        self._put(self._state.cases, case.id, case)
        self._put(self._state.open, case.id, case if case.is_open else None)

    async def open_cases(
        self, kind: str | None = None, *, account: str | None = None, place: str | None = None
    ) -> Sequence[Case]:
        found = [
            c
            for c in self._state.open.values()
            if kind in (None, c.case) and account in (None, c.account) and place in (None, c.place)
        ]
        return sorted(found, key=lambda c: (c.opened_at, c.id))

    async def cases_of(self, account: str, *, limit: int = 50) -> Sequence[Case]:
        found = [c for c in self._state.cases.values() if c.account == account]
        return sorted(found, key=lambda c: (c.opened_at, c.id), reverse=True)[:limit]

    async def due(self, now: datetime, limit: int = 100) -> Sequence[str]:
        found = [(c.wake_at, c.id) for c in self._state.open.values() if c.wake_at and c.wake_at <= now]
        return [ident for _, ident in sorted(found)[:limit]]

    async def next_wake(self, after: datetime) -> datetime | None:
        waits = (c.wake_at for c in self._state.open.values() if c.wake_at and c.wake_at > after)
        return min(waits, default=None)

    async def put_off(self, case: str, now: datetime, waits: Sequence[timedelta]) -> int:
        if case not in self._state.open:
            raise NotFound(f"no open case {case}")
        before = self._state.failures.get(case, 0)
        later = now + waits[min(before, len(waits) - 1)]
        self._place(replace(self._state.open[case], wake_at=later))
        self._put(self._state.failures, case, before + 1)
        return before + 1

    async def add_log(self, case: str, entries: Sequence[Entry], at: datetime) -> None:
        more = tuple(replace(entry, at=at) for entry in entries)
        if more:
            self._put(self._state.logs, case, (*self._state.logs.get(case, ()), *more))

    async def log(self, case: str) -> Sequence[Entry]:
        return list(self._state.logs.get(case, ()))

    async def touch(self, case: str) -> None:
        found = self._state.messages.get(case, ())
        if any(m.living and not m.due for m in found):
            self._put(self._state.messages, case, tuple(replace(m, due=m.due or m.living) for m in found))

    # -- days
    async def save_day(self, day: DayOutcome) -> None:
        self._put(self._state.days.setdefault(day.account, {}), day.day, day)

    async def days(
        self, *, account: str | None = None, first: date | None = None, last: date | None = None
    ) -> Sequence[DayOutcome]:
        accounts = self._state.days if account is None else [account]
        found = [
            row
            for each in accounts
            for day, row in self._state.days.get(each, {}).items()
            if (first is None or first <= day) and (last is None or day <= last)
        ]
        return sorted(found, key=lambda row: (row.day, row.account))

    # -- notes
    async def seen(self, key: str) -> str | None:
        return self._state.seen.get(key)

    async def note_seen(self, key: str, answer: str, at: datetime) -> None:  # noqa: ARG002
        if key in self._state.seen:
            raise Conflict("this request has been answered")
        self._put(self._state.seen, key, answer)

    async def fact(self, name: str) -> str | None:
        return self._state.facts.get(name)

    async def save_fact(self, name: str, value: str) -> None:
        self._put(self._state.facts, name, value)

    # -- marks
    async def add_marks(self, marks: Sequence[Mark]) -> None:
        for mark in marks:
            if _which(mark) not in self._state.marks:
                self._put(self._state.marks, _which(mark), mark)

    async def open_marks(self) -> Sequence[Mark]:
        return self._marks(lambda mark: not mark.said)

    async def marks_for(self, cases: Collection[str]) -> Sequence[Mark]:
        wanted = frozenset(cases)
        return self._marks(lambda mark: mark.case in wanted) if wanted else []

    async def marks_of(self, key: str) -> Sequence[Mark]:
        return self._marks(lambda mark: mark.said == key)

    async def take_marks(self, marks: Sequence[Mark], key: str) -> None:
        for which in map(_which, marks):
            known = self._state.marks.get(which)
            if known is None or known.said:
                raise Conflict("a mark has been taken by another message")
            self._put(self._state.marks, which, replace(known, said=key))

    def _marks(self, wanted: "Wanted") -> Sequence[Mark]:
        found = [mark for mark in self._state.marks.values() if wanted(mark)]
        return sorted(found, key=lambda m: (m.at, *_which(m)))

    # -- what is to be said, and what stands
    async def enqueue(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.key not in self._state.keys:
                self._state.numbers += 1
                self._put(self._state.keys, row.key, self._state.numbers)
                self._set_row(replace(row, number=self._state.numbers))

    async def has_row(self, key: str) -> bool:
        return key in self._state.keys

    async def settle_row(
        self, number: int, state: RowState, *, retry_at: datetime | None = None, reason: str = ""
    ) -> None:
        if row := self._state.rows.get(number):
            self._set_row(replace(row, state=state, retry_at=retry_at, reason=reason))

    def _set_row(self, row: Row) -> None:
        self._put(self._state.rows, row.number, row)
        self._put(self._state.waiting, row.number, row if row.state in LIVE else None)

    async def waiting(self) -> int:
        return len(self._state.waiting)

    async def add_message(self, message: Message) -> None:
        stands = self._state.messages.get(message.case, ())
        self._state.numbers += 1
        self._put(self._state.messages, message.case, (*stands, replace(message, id=self._state.numbers)))

    async def messages_of(self, case: str) -> Sequence[Message]:
        return list(self._state.messages.get(case, ()))

    # -- what was changed in the settings
    async def add_change(self, change: Change) -> None:
        if change.id in self._state.changes:
            raise Conflict(f"change {change.id} is there already")
        self._put(self._state.changes, change.id, change)

    async def changes(self, limit: int = 10) -> Sequence[Change]:
        return list(reversed(self._state.changes.values()))[:limit]

    async def change(self, ident: str) -> Change:
        if ident not in self._state.changes:
            raise NotFound(ident)
        return self._state.changes[ident]

    async def taken_back(self, ident: str) -> bool:
        return any(change.undoes == ident for change in self._state.changes.values())

    # -- decisions that open cases name
    async def decision(self, number: int) -> Decision:
        if number not in self._state.decisions:
            raise NotFound(f"no decision {number}")
        return self._state.decisions[number]

    add_decision = decisions = search_decisions = decision_categories = decisions_naming = _elsewhere
    decisions_under = pass_decisions_on = redirect = forget = _elsewhere
    touch_card = claim = release = begin_row = shown = drop_message = undeliverable = _elsewhere
    pause = pauses = tokens = keep_tokens = _elsewhere
    doubt = _elsewhere
    overdue = purge = purge_collected = purge_strays = forget_answers = about = erase_person = _elsewhere


Wanted = Callable[[Mark], bool]


def _which(mark: Mark) -> tuple[str, str, str]:
    return mark.case, mark.rung, str(mark.reader)


class Memory(Storage):
    """`state`: what it begins with, which it changes."""

    def __init__(self, state: State) -> None:
        self._state = state

    @asynccontextmanager
    async def write(self) -> AsyncIterator[MemoryTx]:
        tx = MemoryTx(self._state, writes=True)
        try:
            yield tx
        except BaseException:
            tx.undo()
            raise

    @asynccontextmanager
    async def read(self) -> AsyncIterator[MemoryTx]:
        yield MemoryTx(self._state, writes=False)

    async def tidy(self) -> None:
        """Memory keeps nothing aside."""

    async def waiting(self, _tx: Tx) -> Sequence[Row]:
        """All that is still to be sent, alarms first, then in order."""
        return sorted(self._state.waiting.values(), key=lambda row: (row.lane != "alarm", row.number))
