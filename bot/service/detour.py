"""A message that can never arrive where it was sent, and the other way that it takes at once (users.md U12)."""

from dataclasses import replace

from bot.cases.alarm import Alarm
from bot.model import PersonId
from bot.outgoing import Reader, Row
from bot.ports import NotFound
from bot.service.base import Work


async def detour(work: Work, row: Row) -> None:
    """A role's dead channel: its people by direct message. A dead alarm to a person: the next rung, now."""
    people = await _people(work, row)
    if people:
        await work.tx.enqueue([_direct(work, row, person) for person in people])
    elif row.lane == "alarm":
        await _wake(work, row)


async def _people(work: Work, row: Row) -> tuple[PersonId, ...]:
    reader, target = Reader.parse(row.reader), Reader.parse(row.target)
    if target.kind != "place":
        return ()
    if reader.kind == "role":
        return work.register.holders(reader.id.partition("/")[0])  # type: ignore[arg-type]
    return await _substitute(work, row) if (row.card, row.arg) == ("escalation", "substitute") else ()


async def _substitute(work: Work, row: Row) -> tuple[PersonId, ...]:
    try:
        question = await work.tx.case(row.case or "")
    except NotFound:
        return ()
    account = work.register.accounts.get(question.account or "")
    substitute = work.register.substitute(account, work.today) if account else None
    return (substitute,) if substitute else ()


def _direct(work: Work, row: Row, person: PersonId) -> Row:
    return Row(
        key=f"{row.key}:dm:{person}", card=row.card, reader=row.reader, target=f"person:{person}", case=row.case,
        lane=row.lane, arg=row.arg, useful_until=row.useful_until, living=row.living, created_at=work.now,
    )  # fmt: skip


async def _wake(work: Work, row: Row) -> None:
    """An alarm that nobody has and whose reader cannot be reached waits for no quarter of an hour."""
    try:
        alarm = await work.tx.case(row.case or "")
    except NotFound:
        return
    if isinstance(alarm, Alarm) and alarm.is_open and alarm.receipt_by is None and alarm.wake_at:
        await work.tx.save_case(replace(alarm, wake_at=min(alarm.wake_at, work.now)))
