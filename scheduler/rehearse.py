"""Living ahead on a copy, as if nobody answered: the passes are the real ones, and what would be sent is noted."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from bot.foreseen import Coming, Foreseen
from bot.model import Refused
from bot.outgoing import Dead, Message, Reader, Row
from bot.ports import Envelope, Tx
from bot.register import Register
from bot.service.base import Bot, Work
from bot.service.compose import Superseded, alerted, at_work, compose
from bot.watching import Span, unwatched
from bot.workdays import Calendar, Free
from scheduler.moves import catch_up, rest
from scheduler.taking import bury

Waiting = Callable[[Tx], Awaitable[Sequence[Row]]]
"""All rows that are still to be sent, in order."""
LONGEST = timedelta(days=366)
A_SECOND = timedelta(seconds=1)
UNASKED = ("no_watch", "not_asked")


class StageClock:
    """Stands where the rehearsal is."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def real(self) -> datetime:
        return self.at


class CountedIds:
    """The same in each rehearsal, so that two can be compared."""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> str:
        self._last += 1
        return f"rehearsed{self._last}"

    def salt(self) -> str:
        return "0" * 32


class Listening:
    """Stands where delivery stands, and sends nothing: it notes what would be sent, and saves it as sent on the copy."""

    stopping = False

    def __init__(self, bot: Bot, clock: StageClock, chats: Collection[str], waiting: Waiting) -> None:
        self._bot, self._clock, self._chats, self._waiting = bot, clock, chats, waiting
        self.heard: list[Coming] = []
        self.faults = 0

    async def run_pass(self, now: datetime | None = None) -> int:
        """One transaction: on the copy nobody waits for another."""
        self._clock.at = now or self._clock.at
        done = 0
        async with self._bot.storage.write() as tx:
            while rows := await self._waiting(tx):
                for row in rows:
                    await self._hear(tx, row)
                done += len(rows)
        return done

    async def _hear(self, tx: Tx, row: Row) -> None:
        try:
            made = await compose(self._bot, tx, row, self._clock.at, self._chats)
        except Exception:  # the card of one message cannot be made: delivery would go on with the others too
            self.faults += 1
            await tx.settle_row(row.number, "dead")
            return
        match made:
            case Superseded():
                await tx.settle_row(row.number, "superseded")
            case Dead(reason=reason):
                await bury(self._bot, tx, row, self._clock.at, reason, self._chats)
            case Envelope():
                self.heard.append(_coming(row, made))
                await tx.settle_row(row.number, "sent")
                await tx.add_message(_standing(row, made))


def _coming(row: Row, made: Envelope) -> Coming:
    return Coming(at=made.at, key=row.key, card=row.card, arg=row.arg, target=Reader.parse(row.target),
                  reader=Reader.parse(row.reader), title=made.card.title, case=row.case, alerts=alerted(made.card))  # fmt: skip


def _standing(row: Row, made: Envelope) -> Message:
    return Message(case=row.case, card=row.card, reader=row.reader, target=row.target, arg=row.arg, key=row.key,
                   platform=made.to.platform, channel=made.to.channel or made.to.user, ref=row.key,
                   thread=made.thread, posted_at=made.at)  # fmt: skip


async def rehearse(bot: Bot, waiting: Waiting, first: date, last: date) -> Foreseen:
    """Live on `bot.storage`, which must be a copy, from now to the end of `last`. Raises Refused for more than a year."""
    faults: list[BaseException] = []
    clock = StageClock(bot.clock.now())
    stage = _stage(bot, clock, faults)
    async with stage.storage.read() as tx:
        work = await at_work(stage, tx, clock.at)
    first, calendar = max(first, work.today), work.hours.calendar
    _check(first, last, work.today)
    listening = Listening(stage, clock, _chats(bot, work.register), waiting)
    await rest(stage, listening, clock.at)
    await catch_up(stage, listening, clock.at, calendar.end_of(last).astimezone(UTC) - A_SECOND)
    begin = calendar.at(first, time())
    return Foreseen(
        first=first, last=last, messages=tuple(m for m in listening.heard if begin <= m.at),
        skipped=_skipped(calendar, first, last), nobody=await _nobody(stage, work, first, last),
        faults=len(faults) + listening.faults,
    )  # fmt: skip


def _stage(bot: Bot, clock: StageClock, faults: list[BaseException]) -> Bot:
    """The same bot on its copy: what goes wrong there is counted, and is no trouble of the one that runs."""
    return replace(
        bot, clock=clock, ids=CountedIds(), nudge=lambda: None, rehearsal=None,
        trouble=lambda _trace, error: faults.append(error),
    )  # fmt: skip


def _check(first: date, last: date, today: date) -> None:
    if last < first:
        raise Refused("preview.order")
    if last - today > LONGEST:
        raise Refused("preview.too_far")


def _chats(bot: Bot, register: Register) -> frozenset[str]:
    """The platforms that run; where that is not known all that anything is on."""
    return bot.platforms or register.chats | {place.platform for place in register.places.values()}


def _skipped(calendar: Calendar, first: date, last: date) -> tuple[tuple[date, Free], ...]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple((day, free) for day in days if (free := calendar.why_free(day)))


async def _nobody(bot: Bot, work: Work, first: date, last: date) -> dict[str, tuple[date, ...]]:
    """The days on which nobody is asked, and those on which all are away and communications has to look instead."""
    found = {(span.account, day) for span in unwatched(work.register, work.hours, first)
             for day in _days_of(work, span) if day <= last}  # fmt: skip
    async with bot.storage.read() as tx:
        rows = await tx.days(first=first, last=last)
    found |= {(row.account, row.day) for row in rows if row.outcome in UNASKED}
    return {a: tuple(sorted(day for b, day in found if a == b)) for a, _ in found}


def _days_of(work: Work, span: Span) -> list[date]:
    days = (span.first + timedelta(days=n) for n in range((span.last - span.first).days + 1))
    return [day for day in days if work.hours.is_working_day(day)]
