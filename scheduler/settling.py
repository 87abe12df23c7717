"""The last half of a delivery: what became of one try is saved, and the place is free again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from bot.model import PersonId
from bot.outgoing import MAIL, PURGED, Ambiguous, Dead, Message, Pause, Retry, Row, RowState, Sent, to_person
from bot.ports import Conflict, Tx
from bot.service import trouble
from bot.service.base import Bot
from bot.service.compose import Superseded, at_work, compose, digest, edited
from scheduler.sending import Result
from scheduler.taking import Edit, Job, Post, bury

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)
LONGEST_ALARM_WAIT = timedelta(seconds=30)
PUT_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""How long a row waits whose card cannot be made; the third time the administrators are told."""

PURGE_TRIES = 5
"""So often a message whose contents are purged is rewritten when the platform's answer says nothing."""


def back_off(row: Row) -> timedelta:
    """5, 10, 20 ... seconds, at most 10 minutes; an alarm never waits longer than half a minute."""
    most = LONGEST_ALARM_WAIT if row.lane == "alarm" else LONGEST_WAIT
    return min(timedelta(seconds=FIRST_WAIT.total_seconds() * 2 ** min(row.tries, 10)), most)


class Settling:
    """One transaction after a try. May run again after a Conflict: it only writes what happened."""

    def __init__(self, bot: Bot, tx: Tx, job: Job, chats: tuple[str, ...], gap: timedelta) -> None:
        self._bot, self._tx, self._job = bot, tx, job
        self._chats = chats
        self._gap = gap
        self._real = bot.clock.real()

    async def settle(self, result: Result) -> None:
        await self._note_token(result)
        if isinstance(self._job, Post):
            await self._settle_post(self._job, result)
        else:
            await self._settle_edit(self._job, result)

    async def _note_token(self, result: Result) -> None:
        """Whether the platform takes our token: said once in the log, and by /readyz and `doctor` as long as it lasts."""
        platform, out = self._job.envelope.to.platform, result.outcome
        if isinstance(out, Retry) and out.shut_out:
            if await trouble.note_shut_out(self._tx, platform, out.reason):
                self._bot.trouble(self._bot.ids.new(), trouble.ShutOut(f"{platform}: {out.reason}"))
        elif isinstance(out, Sent):
            await trouble.note_shut_out(self._tx, platform, "")

    # -- posts ----------------------------------------------------------------------------------

    async def _settle_post(self, job: Post, result: Result) -> None:
        match result.outcome:
            case "superseded" | "ambiguous" as state:
                await self._tx.settle_row(job.row.number, state)
            case Sent() as sent:
                await self._stands(job, sent, result)
            case Retry() as retry:
                await self._again(job, retry, doubt=result.doubt)
            case Ambiguous(reason=reason):
                await self._again(job, Retry(reason=reason), doubt=True)
            case Dead(reason=reason):
                await bury(self._bot, self._tx, job.row, job.now, reason, self._chats)
            case _:
                assert_never(result.outcome)

    async def _stands(self, job: Post, sent: Sent, result: Result) -> None:
        """What was found shows the case as it was when it was posted, by a process that was killed: it is due."""
        row = job.row
        await self._tx.settle_row(row.number, "sent")
        changed = _is_living(job) and (result.found or await self._changed(job))
        shown = "" if result.found else job.digest
        await self._tx.add_message(_message(job, sent, shown, due=changed))
        await self._tx.enqueue([_direct(job, person) for person in result.absent])
        if self._gap:
            await self._hold(self._real + self._gap)

    async def _again(self, job: Post, retry: Retry, *, doubt: bool) -> None:
        """It waits, and its place with it: what follows must not overtake it. In doubt it is looked for first."""
        until = self._real + (retry.after or back_off(job.row))
        state: RowState = "sending" if doubt else "waiting"
        await self._tx.settle_row(job.row.number, state, retry_at=until, reason=retry.reason)
        await self._wait(job, retry, until)

    # -- edits ----------------------------------------------------------------------------------

    async def _settle_edit(self, job: Edit, result: Result) -> None:
        message = job.message
        if message.card == PURGED:
            await self._settle_purged(job, result)
            return
        match result.outcome:
            case Sent():
                await self._tx.shown(message.id, job.digest, still_due=await self._changed(job))
            case Retry() as retry:
                await self._wait(job, retry, self._real + (retry.after or FIRST_WAIT))
            case Dead():
                await self._tx.drop_message(message.id)
            case _:  # it waits for its next occasion, which then surely edits
                await self._tx.shown(message.id, "", still_due=False)

    async def _settle_purged(self, job: Edit, result: Result) -> None:
        """Rewritten, or out of reach for good: nothing of it is kept. In doubt it is rewritten again, a few times."""
        message = job.message
        tries = message.shown.count("?") + 1  # an edit of before may have left its digest there
        match result.outcome:
            case Retry() as retry:
                await self._wait(job, retry, self._real + (retry.after or FIRST_WAIT))
            case Sent() | Dead():
                await self._tx.drop_message(message.id)
            case _ if tries >= PURGE_TRIES:
                await self._tx.drop_message(message.id)
            case _:
                await self._tx.shown(message.id, "?" * tries)
                await self._hold(self._real + PUT_OFF[1])

    # -- both -----------------------------------------------------------------------------------

    async def _changed(self, job: Job) -> bool:
        """Whether the case looks otherwise by now: a change during the call made no message due that was not there."""
        try:
            if isinstance(job, Edit):
                made = await edited(self._bot, self._tx, job.message, job.now)
            else:
                row = replace(job.row, useful_until=None, state="sent")
                found = await compose(self._bot, self._tx, row, job.now, self._chats)
                if isinstance(found, Superseded):
                    return True  # what it says was settled during the call
                made = Superseded() if isinstance(found, Dead) else found
        except Conflict:
            raise
        except Exception:
            return True
        return not isinstance(made, Superseded) and digest(made.card) != job.digest

    async def _wait(self, job: Job, retry: Retry, until: datetime) -> None:
        """The whole platform, the place by the platform's word, or the place for the sake of its order."""
        platform = job.envelope.to.platform
        if retry.wide:
            await self._tx.pause(Pause(platform=platform, target="", until=until))
        elif retry.after is not None:
            await self._tx.pause(Pause(platform=platform, target=job.claim.target, until=until))
        await self._hold(until)

    async def _hold(self, until: datetime) -> None:
        await self._tx.pause(Pause(platform="", target=self._job.claim.target, until=until))


def _is_living(job: Post) -> bool:
    """Whether it can still be changed: what went by mail stays as it was sent."""
    return job.row.living and job.envelope.to.platform != MAIL


def _message(job: Post, sent: Sent, shown: str, *, due: bool) -> Message:
    row = job.row
    return Message(case=row.case, card=row.card, reader=row.reader, target=row.target, arg=row.arg,
                   platform=job.envelope.to.platform, channel=sent.channel, ref=sent.ref, key=row.key,
                   thread=sent.thread or job.envelope.thread, living=_is_living(job), shown=shown,
                   due=due, posted_at=job.now)  # fmt: skip


def _direct(job: Post, person: PersonId) -> Row:
    """The same card for somebody whom it alerts and who does not see that place."""
    to = str(to_person(person))
    return replace(job.row, number=0, key=f"{job.row.key}:dm:{person}", reader=to, target=to, threaded=False,
                   state="waiting", tries=0, retry_at=None, first_try=None, reason="", created_at=job.now)  # fmt: skip


async def put_off(bot: Bot, tx: Tx, piece: Row | Message, now: datetime, trace: str) -> None:
    """A card that cannot be made waits 1, 5, 30 minutes while the others go on; an edit until its next occasion."""
    if isinstance(piece, Message) and piece.card == PURGED:
        await tx.drop_message(piece.id)
        return
    if isinstance(piece, Message):
        await tx.shown(piece.id, piece.shown)
        return
    real = bot.clock.real()
    await tx.begin_row(piece.number, real)
    wait = PUT_OFF[min(piece.tries, len(PUT_OFF) - 1)]
    await tx.settle_row(piece.number, piece.state, retry_at=real + wait, reason=f"trouble {trace}")
    if piece.tries + 1 == len(PUT_OFF) and piece.card not in trouble.CARDS:
        await (await at_work(bot, tx, now)).say(trouble.stuck(piece, trace))
