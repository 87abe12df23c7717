"""Where the bot comes to and what leaves it: teams, channels, group chats and people who take the app."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from adapters.teams.people import Survey, TeamsDirectory, channel_name
from adapters.teams.ports import PLATFORM, Kind, Reference, References
from adapters.teams.requests import Asked, Event
from bot.service.arrivals import Arrival, FoundPlace, Removed
from bot.service.arrivals import Kind as PlaceKind

GONE = frozenset({"teamDeleted", "teamHardDeleted", "teamArchived"})
BACK = frozenset({"teamRestored", "teamUnarchived", "teamRenamed"})
CHANNEL = frozenset({"channelCreated", "channelRenamed", "channelRestored"})
PLACES: Mapping[Kind, PlaceKind] = {
    "channel": "channel",
    "group": "group",
    "personal": "direct",
}


class Desk(Protocol):
    """What is asked of `bot.desk.Desk` about places and people."""

    async def arrived(self, arrival: Arrival) -> None: ...
    async def removed(self, removed: Removed) -> None: ...


class Arrivals:
    """Keeps references, and tells the desk. Both of an installation's events come, in any order: only one is news."""

    def __init__(self, desk: Desk, references: References, directory: TeamsDirectory) -> None:
        self._desk, self._references, self._directory = desk, references, directory
        self._reading = (
            asyncio.Lock()
        )  # two events of one team would read, and name, its channels side by side

    async def renew(self, asked: Asked, event: Event) -> None:
        """Any activity: where the place and the person are reached now. A place that was unknown is read."""
        if not event.closed:
            await self.arrive(asked, event)

    async def arrive(self, asked: Asked, event: Event) -> bool:
        """Whether the bot was not here before. Only then roster and channels are read, or when the team's name is new."""
        if asked.known:
            await self._references.meet(asked.contact)
        new = await self._references.remember(asked.reference)
        if new or await self._is_renamed(asked, event):
            await self._survey(asked.reference, event.team_name)
        return new

    async def _is_renamed(self, asked: Asked, event: Event) -> bool:
        """A team's first channel bears the name of the team."""
        first = await self._references.conversation(asked.call.realm, asked.team) if event.team_name else None
        return first is not None and first.name != event.team_name

    async def _survey(self, place: Reference, team_name: str = "") -> Survey:
        async with self._reading:
            found = await self._directory.survey(place, team_name)
        await self._tell(place, found)
        return found

    async def _tell(self, place: Reference, found: Survey) -> None:
        arrival = Arrival(
            platform=PLATFORM,
            realm=place.tenant,
            places=tuple(
                FoundPlace(channel=p.conversation, name=p.name, kind=PLACES[p.kind]) for p in found.places
            ),
            people=found.people,
        )
        await self._desk.arrived(arrival)

    # -- what leaves ------------------------------------------------------------------------------

    async def leave(self, asked: Asked, event: Event) -> None:
        """The app was removed from a team, a group chat or a person."""
        realm, team = asked.call.realm, event.team or asked.call.channel
        match asked.kind:
            case "channel":
                await self._removed(realm, await self._references.freeze(realm, team=team))
            case "group":
                await self._removed(
                    realm, await self._references.freeze(realm, conversation=asked.call.channel)
                )
            case "personal" if asked.known:
                await self._removed(realm, await self._references.freeze(realm, user=asked.call.user))

    async def gone(self, asked: Asked, event: Event) -> bool:
        """Whether the event says that a team or channel is no more."""
        realm = asked.call.realm
        if event.what == "channelDeleted" and event.channel:
            await self._removed(realm, await self._references.freeze(realm, conversation=event.channel))
        elif event.what in GONE:
            await self._removed(realm, await self._references.freeze(realm, team=event.team))
        return event.what in GONE or event.what == "channelDeleted"

    async def _removed(self, realm: str, gone: tuple[Reference, ...]) -> None:
        if gone:
            channels = tuple(each.conversation for each in gone if each.kind != "personal")
            users = tuple(each.user for each in gone if each.kind == "personal")
            await self._desk.removed(Removed(platform=PLATFORM, realm=realm, channels=channels, users=users))

    # -- what changes -----------------------------------------------------------------------------

    async def changed(self, asked: Asked, event: Event) -> None:
        """People come or go, a channel is made or renamed, a team comes back: what is there is read anew."""
        if event.what in CHANNEL:
            await self._channel(asked, event)
        elif asked.kind != "personal":
            await self._survey(asked.reference, event.team_name)

    async def _channel(self, asked: Asked, event: Event) -> None:
        """Its name is in the event. In a private or shared channel the bot cannot be used: it is not kept."""
        if event.closed or not event.channel:
            return
        name = channel_name(await self._directory.team_name(asked.reference, event.team_name), event.name)
        kept = await self._directory.keep(asked.reference, name, event.channel)
        await self._tell(asked.reference, Survey(places=(kept,)))

    # -- beside the requests ----------------------------------------------------------------------

    async def refresh(self) -> int:
        """Read every team and group chat anew. Gives how many people stand in them."""
        read = 0
        for tenant in self._directory.tenants:
            for place in _wholes(await self._references.all_of(tenant)):
                read += len((await self._survey(place)).people)
        return read


def _wholes(places: tuple[Reference, ...]) -> list[Reference]:
    """One conversation of each team, and the group chats; those that the bot is still in."""
    alive = [place for place in places if not place.frozen and place.kind != "personal"]
    return list({place.team or place.conversation: place for place in alive}.values())
