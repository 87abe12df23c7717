"""What happens to teams, chats and people, with the events by which the bot hears of it."""

from collections.abc import Sequence
from typing import Any

from tests.fakes.teams.delivery import Outcome
from tests.fakes.teams.payloads import Payloads
from tests.fakes.teams.state import BOT_NAME, Json, Place, User
from tests.fakes.teams.world import World

INSTALLATION, UPDATE = "installationUpdate", "conversationUpdate"
BOTH = (INSTALLATION, UPDATE)


class Events(World):
    """Each method gives the outcomes of what it sent. `where` is a team's, a group chat's or a person's id."""

    payloads: Payloads

    async def deliver(self, user: str, what: str, activity: Json) -> Outcome:
        raise NotImplementedError

    def _chat_of(self, where: str) -> Place:
        return self.space.personal(where) if where in self.space.users else self.space.places[where]

    def _set_app(self, place: Place, *, there: bool) -> None:
        if place.kind == "channel":
            self.space.teams[place.team].installed = there
        elif place.kind == "group":
            place.installed = there
        else:
            self.space.installed = (
                self.space.installed | place.members if there else self.space.installed - place.members
            )

    async def install(
        self, where: str, by: str = "", order: Sequence[str] = BOTH, action: str = "add"
    ) -> list[Outcome]:
        """The app comes. `order` of the events, or fewer of them; `action` may be add-upgrade."""
        place = self._chat_of(where)
        self._set_app(place, there=True)
        return await self._tell(place, by, order, action, "membersAdded")

    async def uninstall(
        self, where: str, by: str = "", order: Sequence[str] = BOTH, action: str = "remove"
    ) -> list[Outcome]:
        place = self._chat_of(where)
        self._set_app(place, there=False)
        return await self._tell(place, by, order, action, "membersRemoved")

    async def _tell(
        self, place: Place, by: str, order: Sequence[str], action: str, change: str
    ) -> list[Outcome]:
        actor = self.space.users[by] if by else self.space.members(place)[0]
        added = change == "membersAdded"
        event = f"teamMember{'Added' if added else 'Removed'}" if place.kind == "channel" else ""
        people = [{"id": self.space.bot, "name": BOT_NAME}]
        if place.kind == "personal" and added:
            people.append({"id": actor.teams_id, "aadObjectId": actor.id})
        made = {
            INSTALLATION: lambda: self.payloads.installation(actor, place, action),
            UPDATE: lambda: self.payloads.update(actor, place, event, **{change: people}),
        }
        return [await self.deliver(actor.id, f"{kind} {action}", made[kind]()) for kind in order]

    # -- people ---------------------------------------------------------------------------------

    async def add_member(self, where: str, user: str, by: str = "") -> Outcome:
        """Somebody comes into a team or a group chat."""
        self._crowd(where).add(user)
        return await self._moved(where, user, by or user, "membersAdded", "teamMemberAdded")

    async def remove_member(self, where: str, user: str, by: str = "") -> Outcome:
        self._crowd(where).discard(user)
        return await self._moved(where, user, by or user, "membersRemoved", "teamMemberRemoved")

    def _crowd(self, where: str) -> set[str]:
        team = self.space.teams.get(where)
        return team.members if team else self.space.places[where].members

    async def _moved(self, where: str, user: str, by: str, change: str, event: str) -> Outcome:
        place, who = self.space.places[where], self.space.users[user]
        people = [{"id": who.teams_id, "aadObjectId": who.id}]
        event = event if place.kind == "channel" else ""
        return await self._update(place, self.space.users[by], event, **{change: people})

    async def _update(
        self, place: Place, actor: User, event: str, channel: Json | None = None, **more: Any
    ) -> Outcome:
        """Events of a channel come in the conversation of the team."""
        activity = self.payloads.update(actor, place, event, **more)
        if channel:
            activity["channelData"]["channel"] = channel
        return await self.deliver(actor.id, event or UPDATE, activity)

    # -- channels and teams ---------------------------------------------------------------------

    async def new_channel(
        self, team: str, name: str, sharing: str = "standard", members: Any = ()
    ) -> tuple[str, Outcome]:
        """A channel's id, and what the bot said to it."""
        key = self.add_channel(team, name, sharing, members)
        return key, await self._about_channel(key, "channelCreated")

    async def rename_channel(self, channel: str, name: str) -> Outcome:
        self.space.places[channel].name = name
        return await self._about_channel(channel, "channelRenamed")

    async def delete_channel(self, channel: str) -> Outcome:
        self.space.places[channel].deleted = True
        return await self._about_channel(channel, "channelDeleted")

    async def restore_channel(self, channel: str) -> Outcome:
        self.space.places[channel].deleted = False
        return await self._about_channel(channel, "channelRestored")

    async def _about_channel(self, channel: str, event: str) -> Outcome:
        place = self.space.places[channel]
        team = self.space.places[place.team]
        actor = self.space.members(team)[0]
        return await self._update(
            team, actor, event, {"id": channel, "name": place.name, "type": place.sharing}
        )

    async def rename_group(self, group: str, name: str) -> Outcome:
        place = self.space.places[group]
        place.name = name
        return await self._update(place, self.space.members(place)[0], "", topicName=name)

    async def rename_team(self, team: str, name: str) -> Outcome:
        self.space.teams[team].name = name
        return await self._about_team(team, "teamRenamed")

    async def delete_team(self, team: str, *, hard: bool = False) -> Outcome:
        """With all of its channels."""
        self.space.teams[team].deleted = True
        for place in self.space.places.values():
            place.deleted = place.deleted or place.team == team
        return await self._about_team(team, "teamHardDeleted" if hard else "teamDeleted")

    async def _about_team(self, team: str, event: str) -> Outcome:
        place = self.space.places[team]
        return await self._update(place, self.space.members(place)[0], event)
