"""The middle of a delivery, outside any transaction: look for it, post it or edit it, within the lease."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from bot.model import PersonId
from bot.outgoing import Ambiguous, Outcome, Retry, Sent
from bot.ports import Address, Chat, Envelope
from bot.service.base import Bot
from bot.service.compose import alerted, repeated
from scheduler.taking import Edit, Job, Post

FIND_SINCE = timedelta(seconds=60)
MARGIN = timedelta(seconds=2)
"""What is left of the lease for settling."""
MEMBERS_SECONDS = 2.0
WAITS = frozenset({"round", "digest", "heads", "reply"})
"""Cards that come again by themselves: in doubt they are not repeated (exact-rules, "Sending")."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one try gave. `doubt`: an earlier try may still have arrived. `absent`: alerted, but no members there.

    `found`: it stood there already, as its card was when an earlier try posted it.
    """

    outcome: Outcome | Literal["superseded", "ambiguous"]
    doubt: bool = False
    found: bool = False
    absent: tuple[PersonId, ...] = ()


class Sender:
    """Talks to the chats. Never raises but for cancelling, after which the row stays as being sent."""

    def __init__(self, bot: Bot, chats: Mapping[str, Chat]) -> None:
        self._bot = bot
        self._chats = chats
        self._members: dict[Address, tuple[date, frozenset[str]]] = {}

    async def send(self, job: Job) -> Result:
        """One try. What has not come back before the lease ends may have arrived."""
        left = (job.claim.until - self._bot.clock.real() - MARGIN).total_seconds()
        if left <= 0:
            return Result(
                outcome=Retry(reason="the lease was over"), doubt=isinstance(job, Post) and job.doubt
            )
        try:
            async with asyncio.timeout(left):
                return await (self._post(job) if isinstance(job, Post) else self._edit(job))
        except TimeoutError:
            return Result(outcome=Ambiguous(reason="no answer within the lease"), doubt=True)
        except Exception as trouble:
            self._bot.trouble(self._bot.ids.new(), trouble)
            return Result(outcome=Ambiguous(reason=type(trouble).__name__), doubt=True)

    async def _edit(self, job: Edit) -> Result:
        chat = self._chats[job.envelope.to.platform]
        return Result(outcome=await chat.edit(job.envelope, job.message.ref))

    async def _post(self, job: Post) -> Result:
        chat = self._chats[job.envelope.to.platform]
        envelope, absent = await self._without_absent(chat, job)
        unsure = False
        if job.doubt:
            found = await self._look(chat, envelope, job)
            if isinstance(found, Result):
                return replace(found, absent=absent)
            unsure = found
        outcome = await chat.post(repeated(envelope) if unsure else envelope)
        return Result(outcome=outcome, doubt=unsure, absent=absent)

    async def _look(self, chat: Chat, envelope: Envelope, job: Post) -> Result | bool:
        """What became of the try before: a result, or that it is sent again, and whether as a possible repeat."""
        since: datetime = (job.row.first_try or self._bot.clock.real()) - FIND_SINCE
        found = await chat.find(envelope, since)
        if found is None:
            return Result(outcome="superseded") if job.late else False
        if not isinstance(found, Ambiguous):
            return Result(outcome=found, doubt=True, found=isinstance(found, Sent))
        if job.row.card in WAITS:
            return Result(outcome="ambiguous")
        return Result(outcome="superseded") if job.late else True

    # -- people to alert who are no members -----------------------------------------------------

    async def _without_absent(self, chat: Chat, job: Post) -> tuple[Envelope, tuple[PersonId, ...]]:
        """The message without ids of those who would not see it there; they get one of their own."""
        envelope = job.envelope
        people = alerted(envelope.card)
        if not people or not envelope.to.channel:
            return envelope, ()
        members = await self._members_of(chat, envelope.to)
        if members is None:
            return envelope, ()
        here = {person: user for person, user in envelope.users.items() if user in members}
        return replace(envelope, users=here), tuple(p for p in people if p not in here)

    async def _members_of(self, chat: Chat, to: Address) -> frozenset[str] | None:
        """Asked once a day and place; None when it cannot be asked now, and then the mention has to do."""
        today = self._bot.clock.real().date()
        day, known = self._members.get(to, (None, frozenset()))
        if day == today:
            return known
        try:
            async with asyncio.timeout(MEMBERS_SECONDS):
                found = await chat.members(to)
        except TimeoutError:
            return None
        if found is not None:
            self._members[to] = (today, found)
        return found
