"""The first half of a delivery: in one transaction claim a place, make its next message, mark it as being sent."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.outgoing import MAIL, PURGED, Claim, Dead, Message, Reader, Row
from bot.ports import Conflict, Envelope, Tx
from bot.service import mailing, trouble
from bot.service.base import Bot
from bot.service.compose import Superseded, at_work, compose, digest, edited, is_late
from bot.service.detour import beside_mail, detour
from bot.service.removal import is_known
from scheduler.pace import Pace

LEASE = timedelta(seconds=30)
ALARM_LEASE = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class Post:
    """A row on its way. `doubt`: an earlier try may have arrived; `late`: it is only looked for, never sent again."""

    claim: Claim
    row: Row
    envelope: Envelope
    now: datetime
    digest: str
    doubt: bool = False
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A message on its way to show its case as it stands."""

    claim: Claim
    message: Message
    envelope: Envelope
    now: datetime
    digest: str


Job = Post | Edit


class Poisoned(Exception):
    """The card of this row or message cannot be made: a fault of ours, which must not hold up the others."""

    def __init__(self, piece: Row | Message, cause: Exception) -> None:
        super().__init__(f"cannot make the card of {piece.key}")
        self.piece, self.cause = piece, cause


class NotEvenAlarms(Exception):
    """The pace has no token left at all. The transaction is undone."""


class Slow(Exception):
    """The pace allows nothing more just now. The transaction is undone; another target may have its turn meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Taking:
    """One transaction's work on a claim. `paused`: platforms that asked us to wait, and until when (real time).

    `slow`: where it is noted until when the pace of a platform allows no ordinary message more, and whose it was.
    """

    bot: Bot
    tx: Tx
    claim: Claim
    now: datetime
    real: datetime
    chats: Collection[str]
    paces: Mapping[str, Pace]
    paused: Mapping[str, datetime]
    slow: dict[str, datetime]

    async def first(self, pieces: Iterator[Row | Message]) -> Job | None:
        """The first of the pieces that has to be sent; those before it that have not are settled here."""
        for piece in pieces:
            try:
                job = await (self._row(piece) if isinstance(piece, Row) else self._edit(piece))
            except (Conflict, Slow, NotEvenAlarms):
                raise
            except Exception as cause:
                raise Poisoned(piece, cause) from cause
            if job:
                return job
        return None

    async def _row(self, row: Row) -> Post | None:
        doubt = row.state == "sending"
        asked = replace(row, useful_until=None) if doubt else row
        made = await compose(self.bot, self.tx, asked, self.now, self.chats)
        match made:
            case Superseded():
                await self.tx.settle_row(row.number, "superseded")
                return None
            case Dead(reason=reason):
                await bury(self.bot, self.tx, row, self.now, reason, self.chats)
                return None
        if until := self.paused.get(made.to.platform):
            await self.tx.settle_row(row.number, row.state, retry_at=until, reason="paused")
            return None
        await self._take_token(made, urgent=row.lane == "alarm")
        if made.to.platform == MAIL:
            await beside_mail(await at_work(self.bot, self.tx, self.now), row)
        await self.tx.begin_row(row.number, self.real)
        return Post(claim=self.claim, row=row, envelope=made, now=self.now, digest=digest(made.card),
                    doubt=doubt, late=is_late(row, self.now))  # fmt: skip

    async def _edit(self, message: Message) -> Edit | None:
        """Nothing is sent when the card looks as it did."""
        made = await edited(self.bot, self.tx, message, self.now)
        if isinstance(made, Superseded) and message.card == PURGED:
            await self.tx.drop_message(
                message.id
            )  # nobody is there any more through whom it could be reached
            return None
        if isinstance(made, Superseded) or digest(made.card) == message.shown:
            await self.tx.shown(message.id, message.shown)
            return None
        await self._take_token(made, urgent=False)
        if message.card != PURGED:
            # After a kill nobody knows what it shows: it is changed again, though the case may look as it did before.
            await self.tx.shown(message.id, "", still_due=True)
        return Edit(claim=self.claim, message=message, envelope=made, now=self.now, digest=digest(made.card))

    async def _take_token(self, envelope: Envelope, *, urgent: bool) -> None:
        """Of the bucket that all processes share: they claim in turn, and so they take in turn."""
        platform = envelope.to.platform
        if pace := self.paces.get(platform):
            kept = await self.tx.tokens(platform)
            left = pace.take(kept, self.real, urgent=urgent)
            self.slow[platform] = self.real + pace.wait(left or kept, self.real)
            if left is None and urgent:
                raise NotEvenAlarms
            if left is None:
                self.slow[self.claim.target] = self.slow[platform]
                raise Slow
            await self.tx.keep_tokens(platform, left)


def in_order(claim: Claim, *, only_alarms: bool) -> Iterator[Row | Message]:
    """Alarms, then edits, then the rest by number, then what is purged: nobody waits for that.

    `only_alarms`: an earlier row of the place still waits.
    """
    yield from (row for row in claim.rows if row.lane == "alarm")
    if not only_alarms:
        yield from (edit for edit in claim.edits if edit.card != PURGED)
        yield from (row for row in claim.rows if row.lane != "alarm")
        yield from (edit for edit in claim.edits if edit.card == PURGED)


async def take(
    bot: Bot,
    owner: str,
    now: datetime,
    chats: Collection[str],
    paces: Mapping[str, Pace],
    *,
    only_alarms: bool,
    slow: dict[str, datetime],
) -> Job | bool:
    """The next message to send; else whether anything was settled without sending.

    `slow`: until when only alarms are taken, for each platform that has to wait for its pace and each target that would
    have gone there; kept up to date here.

    Raises Conflict (somebody else was first), Slow, NotEvenAlarms, and Poisoned with what it stands on.
    """
    real = bot.clock.real()
    waiting = slow_at(slow, real)
    only_alarms = only_alarms or waiting.issuperset(chats)
    async with bot.storage.write() as tx:
        claim = await tx.claim(
            owner, real, LEASE, ALARM_LEASE, chats=chats, only_alarms=only_alarms, without=waiting
        )
        if claim is None:
            return False
        pauses = await tx.pauses(real)
        soft = any(p.target == claim.target and not p.platform for p in pauses)
        wide = {p.platform: p.until for p in pauses if not p.target}
        taking = Taking(
            bot=bot, tx=tx, claim=claim, now=now, real=real, chats=chats, paces=paces, paused=wide, slow=slow
        )
        job = await taking.first(in_order(claim, only_alarms=soft))
        if job is None:
            await tx.release(claim.target, owner)
        return job or True


def slow_at(slow: Mapping[str, datetime], real: datetime) -> frozenset[str]:
    """The platforms that have to wait for their pace, and the targets that wait with them."""
    return frozenset(name for name, until in slow.items() if until > real)


async def bury(bot: Bot, tx: Tx, row: Row, now: datetime, reason: str, chats: Collection[str]) -> None:
    """It can never arrive: it goes by another way, at once, if there is one, and to whom it was for by mail (users.md U12).

    The administrators hear of it once a day for each target, and never about their own.
    """
    await tx.settle_row(row.number, "dead", reason=reason)
    if row.card in trouble.CARDS:
        return
    work = await at_work(bot, tx, now)
    if letter := mailing.instead(work.register, row, chats):
        await tx.enqueue([letter])
    await detour(work, row)
    if not is_known(work, Reader.parse(row.target)):
        await work.say(trouble.unreachable(work, row, reason))
