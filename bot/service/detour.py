"""A message that can never arrive where it was sent, and the other way that it takes at once (users.md U12)."""

from dataclasses import replace

from bot.cases.alarm import Alarm
from bot.cases.question import Question
from bot.cases.round import Round
from bot.model import Account, PersonId
from bot.outgoing import Reader, Row, instead_key
from bot.service import mailing
from bot.service.base import Work
from bot.service.newcomers import remember
from bot.service.removal import unasked


async def detour(work: Work, row: Row) -> None:
    """A role's dead channel: its people by direct message. An escalation: the next rung. A dead alarm to a person: the
    next rung, now. A day's card that nobody can see: not asked. A welcome: nobody there has met the bot yet. Mail that
    nobody gets stops nothing."""
    if Reader.parse(row.target).kind in mailing.WIRES:
        return  # the other wire of what goes in chat too, by its own way
    people = await _people(work, row)
    if people:
        await work.tx.enqueue([_direct(work, row, person) for person in people])
    elif row.lane == "alarm":
        await _wake(work, row)
    elif row.card == "welcome":
        await _unwelcomed(work, row)
    elif row.card == "round" and Reader.parse(row.target).kind == "place":
        await _unasked(work, row)


async def beside_mail(work: Work, row: Row) -> None:
    """An escalation to somebody without chat: the mail is theirs, and the next rung is told at once as ever. An alarm
    keeps its quarter of an hour: a role may be held by mail alone (users.md U8)."""
    if (row.card, row.arg) == ("escalation", "substitute"):
        await detour(work, row)


async def _people(work: Work, row: Row) -> tuple[PersonId, ...]:
    reader, target = Reader.parse(row.reader), Reader.parse(row.target)
    if (row.card, row.arg) == ("escalation", "substitute"):
        return await _next(work, row, target)
    if reader.kind == "role" and target.kind == "place":
        return work.register.holders(reader.id.partition("/")[0])  # type: ignore[arg-type]
    return ()


async def _next(work: Work, row: Row, target: Reader) -> tuple[PersonId, ...]:
    """After the account's place its substitute, after the substitute the head; communications have theirs already."""
    question = await work.find(row.case, Question)
    account = work.register.accounts.get(question.account or "") if question else None
    if account is None:
        return ()
    return tuple(person for person in _rungs(work, account, target) if person)[:1]


def _rungs(work: Work, account: Account, target: Reader) -> tuple[PersonId | None, ...]:
    head, substitute = work.register.head_of(account), work.register.substitute(account, work.today)
    if target.kind == "place":
        return substitute, head
    return (head,) if target.id != head else ()


def _direct(work: Work, row: Row, person: PersonId) -> Row:
    return Row(
        key=instead_key(row, person), card=row.card, reader=row.reader, target=f"person:{person}", case=row.case,
        lane=row.lane, arg=row.arg, useful_until=row.useful_until, living=row.living, created_at=work.now,
    )  # fmt: skip


async def _unwelcomed(work: Work, row: Row) -> None:
    """It is tried again on the next working day; until then no card comes there (users.md U11)."""
    place = work.register.places.get(Reader.parse(row.target).id)
    if place:
        await work.tx.save_place(replace(place, welcomed=None))
        await remember(work, place.id, row.arg)


async def _unasked(work: Work, row: Row) -> None:
    round_ = await work.find(row.case, Round)
    if round_ and round_.is_open:
        await unasked(work, round_)


async def _wake(work: Work, row: Row) -> None:
    """An alarm that nobody has and whose reader cannot be reached waits for no quarter of an hour."""
    alarm = await work.find(row.case, Alarm)
    if alarm and alarm.is_open and alarm.receipt_by is None and alarm.wake_at:
        await work.tx.save_case(replace(alarm, wake_at=min(alarm.wake_at, work.now)))
