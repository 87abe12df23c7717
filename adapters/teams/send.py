"""TeamsChat: the port `Chat` on Teams. Sending never raises; retrying belongs to the outbox alone."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import cast

from adapters.teams import render, trouble
from adapters.teams.connector import Connector
from adapters.teams.people import user_of
from adapters.teams.personal import conversation, opened
from adapters.teams.ports import PLATFORM, Kind, Reference, References
from adapters.teams.render import Json
from bot.model import Language
from bot.outgoing import Ambiguous, Dead, Outcome, Retry, Sent
from bot.ports import Address, Envelope
from bot.texts import Texts

RATE, BURST, GAP = 48.0, 2, timedelta(seconds=1)
"""The pace that needs no telling (`scheduler.pace.Pace`): calls a second, calls at once, and the least time between two
posts in a conversation. Teams allows an app 50 a second in a tenant, and 60 in 30 s in a conversation, where edits and
answers need their share (teams-rules, rate)."""
CHANNELS = ("@thread.tacv2", "@thread.skype")
"""How the id of a channel ends."""
Send = Callable[[Reference, Json], Awaitable[Sent]]
log = logging.getLogger("smbot.teams")


class TeamsChat:
    """Posts and edits messages in the conversations of each tenant (`Address.realm`).

    `writes` tells of a button's verb whether it writes.
    """

    platform = PLATFORM

    def __init__(
        self, connector: Connector, references: References, app_id: str, writes: Callable[[str], bool]
    ) -> None:
        self._connector, self._references, self._writes = connector, references, writes
        self._bot = f"28:{app_id}"

    async def post(self, envelope: Envelope) -> Outcome:
        """A new message; in a channel a thread of its own, or in the envelope's. Other conversations have no threads."""

        async def post(where: Reference, activity: Json) -> Sent:
            return await self._posted(where, activity, envelope.thread)

        return await self._tried(envelope, post, trouble.outcome)

    async def edit(self, envelope: Envelope, ref: str) -> Outcome:
        """Another card in the place of the message `ref`."""

        async def put(where: Reference, activity: Json) -> Sent:
            await self._connector.put(where.service_url, where.conversation, ref, activity)
            return Sent(ref=ref, channel=where.conversation, thread=envelope.thread)

        return await self._tried(envelope, put, trouble.editing)

    async def find(self, envelope: Envelope, since: datetime) -> Sent | None | Outcome:  # noqa: ARG002
        """A bot cannot read what it has posted in Teams."""
        return Ambiguous(reason="cannot_be_looked_up")

    async def members(self, address: Address) -> frozenset[str] | None:
        """The aadObjectIds of a conversation; None when Teams does not say."""
        try:
            where = await self._where(address)
            if not isinstance(where, Reference):
                return None
            found = await self._connector.members(where.service_url, where.conversation)
        except Exception as error:
            log.warning("the members of a conversation could not be read: %s", trouble.name(error))
            return None
        return frozenset(filter(None, map(user_of, found)))

    # -- where ----------------------------------------------------------------------------------

    async def _where(self, to: Address) -> Reference | Retry | Dead:
        """Raises the connector's errors, where a personal chat has to be opened first."""
        known = await (
            self._references.conversation(to.realm, to.channel)
            if to.channel
            else self._references.personal(to.realm, to.user)
        )
        if known:
            return Dead(reason="app_removed") if known.frozen else known
        neighbour = await self._references.any_of(to.realm)
        if neighbour is None:
            return Dead(reason="app_not_installed")
        if to.channel:
            return _unheard(neighbour, to.channel)
        return await opened(self._connector, self._references, neighbour, to.user)

    # -- what -----------------------------------------------------------------------------------

    async def _posted(self, where: Reference, activity: Json, thread: str) -> Sent:
        channel = where.conversation
        if where.kind != "channel":
            ref = await self._connector.post(where.service_url, channel, activity)
            return Sent(ref=ref, channel=channel)
        if thread:
            ref = await self._connector.post(where.service_url, f"{channel};messageid={thread}", activity)
            return Sent(ref=ref, channel=channel, thread=thread)
        body = conversation(self._bot, where.tenant) | {"isGroup": True, "activity": activity}
        body["channelData"] = {**body["channelData"], "channel": {"id": channel}}
        thread, ref = await self._connector.create(where.service_url, body)
        return Sent(ref=ref or thread.rpartition(";messageid=")[2], channel=channel)

    def _activity(self, envelope: Envelope) -> Json:
        """Only who is mentioned is alerted beyond what they have chosen for the conversation."""
        t = Texts(cast("Language", envelope.language))
        card = render.message(envelope.card, t, envelope.users, self._writes, first=envelope.fallback)
        activity = render.activity(card, render.summary(envelope.card, t))
        if card.get("msteams", {}).get("entities"):
            activity["channelData"] = {"notification": {"alert": True}}
        return activity

    # -- troubles -------------------------------------------------------------------------------

    async def _tried(self, envelope: Envelope, send: Send, told: Callable[[Exception], Outcome]) -> Outcome:
        try:
            where, activity = await self._where(envelope.to), self._activity(envelope)
        except Exception as error:
            return _logged(trouble.opening(error), error)
        if not isinstance(where, Reference):
            return where
        try:
            return await send(where, activity)
        except Exception as error:
            if trouble.is_gone(error):
                await self._freeze(where)
            return _logged(told(error), error)

    async def _freeze(self, where: Reference) -> None:
        """What was sent is dead anyhow; a database that is busy must not make another outcome of it."""
        try:
            await self._references.freeze(where.tenant, conversation=where.conversation)
        except Exception as error:
            log.warning("a conversation could not be frozen: %s", type(error).__name__)


def _logged(outcome: Outcome, error: Exception) -> Outcome:
    """What is no word of Teams' is a fault of ours."""
    if not isinstance(error, trouble.Refused | trouble.NotSent | trouble.Unsure):
        log.warning("a message for Teams failed: %s", type(error).__name__)
    return outcome


def _unheard(neighbour: Reference, conversation: str) -> Reference:
    """A conversation that was named before it spoke: the tenant's newest service address serves it too."""
    kind: Kind = "channel" if conversation.endswith(CHANNELS) else "group"
    return Reference(
        tenant=neighbour.tenant, conversation=conversation, kind=kind,
        service_url=neighbour.service_url, bot=neighbour.bot,
    )  # fmt: skip
