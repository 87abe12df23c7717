"""Sending to the page: put the card on the shelf and tell the pages that are open."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from adapters.web.cards import dump
from adapters.web.live import Bus, News
from adapters.web.ports import PLATFORM
from adapters.web.shelf import Shelf, Shown
from bot.outgoing import Ambiguous, Dead, Outcome, Sent
from bot.ports import Address, Envelope
from bot.view import People

Members = Callable[[str], Awaitable[frozenset[str]]]


class WebChat:
    """The port `Chat` for the page. A key is stored once, so sending again shows nothing twice.

    `members` gives the users who are in a channel.
    """

    platform = PLATFORM

    def __init__(self, shelf: Shelf, bus: Bus, members: Members) -> None:
        self._shelf, self._bus, self._members = shelf, bus, members

    async def post(self, envelope: Envelope) -> Outcome:
        channel = channel_of(envelope.to)
        if not channel:
            return Dead(reason="no channel and no user")
        try:
            shown = await self._shelf.put(self._shown(envelope, channel))
        except Exception as trouble:
            return Ambiguous(reason=type(trouble).__name__)
        self._bus.publish(News(what="post", channel=shown.channel, title=envelope.card.title))
        return _sent(shown)

    async def edit(self, envelope: Envelope, ref: str) -> Outcome:
        if not ref.isdecimal():
            return Dead(reason="no such message")
        try:
            shown = await self._shelf.replace(
                int(ref), dump(envelope.card), envelope.language, envelope.at, alerted(envelope)
            )
        except Exception as trouble:
            return Ambiguous(reason=type(trouble).__name__)
        if shown is None:
            return Dead(reason="no such message")
        self._bus.publish(News(what="edit", channel=shown.channel, title=envelope.card.title))
        return _sent(shown)

    async def find(self, envelope: Envelope, since: datetime) -> Sent | None | Outcome:  # noqa: ARG002
        """Exact: the key stands on the shelf or it does not."""
        try:
            shown = await self._shelf.find(envelope.key)
        except Exception as trouble:
            return Ambiguous(reason=type(trouble).__name__)
        return _sent(shown) if shown else None

    async def members(self, address: Address) -> frozenset[str] | None:
        if address.user:
            return frozenset({address.user})
        return await self._members(address.channel)

    def _shown(self, envelope: Envelope, channel: str) -> Shown:
        return Shown(
            channel=channel,
            thread=int(envelope.thread) if envelope.thread.isdecimal() else 0,
            card_json=dump(envelope.card),
            language=envelope.language,
            at=envelope.at,
            key=envelope.key,
            alerted=alerted(envelope),
        )


def channel_of(address: Address) -> str:
    """The channel's id; `dm:USER` for direct messages; "" for neither."""
    return address.channel or (direct(address.user) if address.user else "")


def direct(user: str) -> str:
    return f"dm:{user}"


def alerted(envelope: Envelope) -> tuple[str, ...]:
    """The users whom the card's People parts alert."""
    people = [p.person for part in envelope.card.parts if isinstance(part, People) for p in part.people]
    return tuple(envelope.users[p] for p in people if p in envelope.users)


def _sent(shown: Shown) -> Sent:
    return Sent(ref=str(shown.id), channel=shown.channel, thread=str(shown.thread) if shown.thread else "")
