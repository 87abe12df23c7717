"""Where the bot comes to and what leaves it: teams, channels, group chats and people who take the app."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Protocol

from adapters.teams import trouble
from adapters.teams.people import TeamsDirectory, channel_name
from adapters.teams.ports import PLATFORM, Reference, References
from adapters.teams.requests import Asked, Event
from adapters.teams.turns import Turns
from bot.service.arrivals import Arrival, Removed
from bot.service.places import FoundPlace

Which = Mapping[str, str]
"""What is named to `References.freeze`: a conversation, a team or a user."""
GONE = frozenset({"teamDeleted", "teamHardDeleted", "teamArchived", "channelDeleted"})
CHANNEL = frozenset({"channelCreated", "channelRenamed", "channelRestored"})


class Desk(Protocol):
    """What is asked of `bot.desk.Desk` about places and people."""

    async def arrived(self, arrival: Arrival) -> None: ...
    async def removed(self, removed: Removed) -> None: ...


class Unfinished(Exception):
    """A removal that was not kept, or that the desk was not told of: Teams shall send it again."""


class Arrivals:
    """Keeps references, and tells the desk. Both of an installation's events come, in any order: only one is news."""

    def __init__(self, desk: Desk, references: References, directory: TeamsDirectory) -> None:
        self._desk, self._references, self._directory = desk, references, directory
        self._turns = Turns()  # else what renews a place late undoes its removal
        self._reading = asyncio.Lock()  # else two events of one team read and name its channels side by side
        self._waiting: set[tuple[str, str]] = set()  # what is to be read after an event, and has not begun

    async def renew(self, asked: Asked, event: Event) -> None:
        """Any activity: where the place and the person are reached now. A place that was unknown is read."""
        if event.closed:
            async with self._turns.at(_turn(asked.reference)):
                await self._unusable(asked, asked.call.channel, event.name)
        else:
            await self.arrive(asked, event)

    async def arrive(self, asked: Asked, event: Event) -> bool:
        """Whether the bot was not here before. Only then roster and channels are read, or when the team's name is new."""
        async with self._turns.at(_turn(asked.reference)):
            return await self._arrived(asked, event)

    async def _arrived(self, asked: Asked, event: Event) -> bool:
        if asked.known:
            await self._references.meet(asked.contact)
        new = await self._references.remember(asked.reference)
        if new or await self._is_renamed(asked, event):
            await self._leave_closed(asked, await self._survey(asked.reference, event.team_name))
        return new

    async def _is_renamed(self, asked: Asked, event: Event) -> bool:
        """A team's first channel bears the name of the team."""
        first = await self._references.conversation(asked.call.realm, asked.team) if event.team_name else None
        return first is not None and first.name != event.team_name

    async def _survey(self, place: Reference, team_name: str = "", *, strict: bool = False) -> Arrival:
        async with self._reading:
            self._waiting.discard(_reading_of(place, team_name))
            found = await self._directory.survey(place, team_name, strict=strict)
        await self._desk.arrived(found)
        return found

    async def _leave_closed(self, asked: Asked, found: Arrival) -> None:
        """A channel that is not among its team's own is a private or a shared one."""
        own = {place.channel for place in found.places if place.usable}
        if asked.kind == "channel" and found.places and asked.call.channel not in own:
            await self._references.freeze(asked.call.realm, conversation=asked.call.channel)
            await self._unusable(asked, asked.call.channel, "")

    async def _unusable(self, asked: Asked, channel: str, name: str) -> None:
        """In a private or shared channel the bot does not see who is there, or strangers are."""
        found = await self._directory.keep(asked.reference, name, channel, usable=False)
        await self._desk.arrived(_of(asked, found))

    # -- what leaves ------------------------------------------------------------------------------

    async def leave(self, asked: Asked, event: Event) -> None:
        """The app was removed from a team, a group chat or a person. Raises Unfinished."""
        match asked.kind:
            case "channel":
                await self._left(asked, {"team": event.team or asked.call.channel})
            case "group":
                await self._left(asked, {"conversation": asked.call.channel})
            case "personal" if asked.known:
                await self._left(asked, {"user": asked.call.user})

    async def gone(self, asked: Asked, event: Event) -> bool:
        """Whether the event says that a team or channel is no more. Raises Unfinished."""
        which = {"conversation": event.channel} if event.what == "channelDeleted" else {"team": event.team}
        if event.what in GONE and all(which.values()):
            await self._left(asked, which)
        return event.what in GONE

    async def _left(self, asked: Asked, which: Which) -> None:
        try:
            async with self._turns.at(_turn(asked.reference), alone=True):
                await self._removed(asked.call.realm, which)
        except Exception as error:
            raise Unfinished from error

    async def _removed(self, realm: str, which: Which) -> None:
        await self._references.freeze(realm, **which)
        await self._tell(realm, which)

    async def _tell(self, realm: str, which: Which) -> None:
        """Also of what was frozen before, which nobody may have heard of. Whoever has another live chat is not gone."""
        places = await self._references.all_of(realm)
        alive = {place.user for place in places if not place.frozen}
        gone = [place for place in places if place.frozen and _is_of(place, **which)]
        channels = tuple(each.conversation for each in gone if each.kind != "personal")
        users = tuple(
            {each.user: None for each in gone if each.kind == "personal" and each.user not in alive}
        )
        if channels or users:
            await self._desk.removed(Removed(platform=PLATFORM, realm=realm, channels=channels, users=users))

    # -- what changes -----------------------------------------------------------------------------

    async def changed(self, asked: Asked, event: Event) -> None:
        """People come or go, a channel is made or renamed, a team comes back: what is there is read anew."""
        async with self._turns.at(_turn(asked.reference)):
            if event.what in CHANNEL:
                await self._channel(asked, event)
            elif asked.kind != "personal":
                await self._survey_once(asked.reference, event.team_name)

    async def _survey_once(self, place: Reference, team_name: str) -> None:
        """Whoever comes while a reading waits for its turn is read by it: a class that joins is no reading for each."""
        which = _reading_of(place, team_name)
        if which not in self._waiting:
            self._waiting.add(which)
            await self._survey(place, team_name)

    async def _channel(self, asked: Asked, event: Event) -> None:
        """Its name is in the event."""
        if event.channel and event.closed:
            await self._unusable(asked, event.channel, event.name)
        elif event.channel:
            name = channel_name(await self._directory.team_name(asked.reference, event.team_name), event.name)
            found = await self._directory.keep(asked.reference, name, event.channel)
            await self._desk.arrived(_of(asked, found))

    # -- beside the requests ----------------------------------------------------------------------

    async def refresh(self) -> int:
        """Tell of what is frozen, and read every team and group chat anew. Gives how many people stand in them.

        One that cannot be read does not stop the others; its error is raised at the end, so that all is tried again.
        """
        read, failed = 0, None
        for tenant in self._directory.tenants:
            await self._tell_frozen(tenant)
            for place in _wholes(await self._references.all_of(tenant)):
                try:
                    read += await self._read(place)
                except Exception as error:
                    failed = error
        if failed:
            raise failed
        return read

    async def _tell_frozen(self, tenant: str) -> None:
        """What a refused message has frozen, or a process that ended before it told; told again, it is the same."""
        frozen = {_turn(place) for place in await self._references.all_of(tenant) if place.frozen}
        async with AsyncExitStack() as alone:
            for place in sorted(frozen):
                await alone.enter_async_context(self._turns.at(place, alone=True))
            await self._tell(tenant, {})

    async def _read(self, place: Reference) -> int:
        """How many people stand there; none where the app was removed, of which no event had told."""
        try:
            async with self._turns.at(_turn(place)):
                return len((await self._survey(place, strict=True)).people)
        except Exception as error:
            if not trouble.is_gone(error):
                raise
        which = {"team": place.team} if place.team else {"conversation": place.conversation}
        async with self._turns.at(_turn(place), alone=True):
            await self._removed(place.tenant, which)
        return 0


def _of(asked: Asked, place: FoundPlace) -> Arrival:
    return Arrival(platform=PLATFORM, realm=asked.call.realm, places=(place,))


def _turn(place: Reference) -> str:
    """What is removed together: a team, a group chat, or all chats of a person with the bot."""
    return place.user or place.team or place.conversation


def _is_of(place: Reference, conversation: str = "", team: str = "", user: str = "") -> bool:
    """Whether it is what `References.freeze` freezes under these; without any, whatever it is."""
    return (
        conversation in ("", place.conversation)
        and team in ("", place.team, place.conversation)
        and user in ("", place.user)
    )


def _reading_of(place: Reference, team_name: str) -> tuple[str, str]:
    """One reading is as good as another of the same team or group chat under the same name."""
    return place.team or place.conversation, team_name


def _wholes(places: tuple[Reference, ...]) -> list[Reference]:
    """One conversation of each team, and the group chats; those that the bot is still in."""
    alive = [place for place in places if not place.frozen and place.kind != "personal"]
    return list({place.team or place.conversation: place for place in alive}.values())
