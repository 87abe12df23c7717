"""People and places of the fake workspace, and what each of them can see."""

from typing import Any

from tests.fakes.slack.payloads import Payloads
from tests.fakes.slack.state import Channel, Json, Message, User, View, Workspace


class World:
    """Making and changing the workspace, and looking at it. FakeSlack adds the wire."""

    space: Workspace
    payloads: Payloads

    async def event(self, event: Json) -> Any:
        raise NotImplementedError

    # ---- people and places

    def add_user(self, name: str, real_name: str = "", email: str | None = None, **facts: Any) -> str:
        """A person's id. Facts: deleted, is_bot, is_restricted, is_ultra_restricted, team_id, tz, locale …"""
        key = facts.pop("id", None) or self.space.mint("U0")
        team = facts.pop("team_id", self.space.team_id)
        mail = email if email is not None else f"{name}@example.org"
        user = User(key, name, real_name or name.title(), mail, team, **facts)
        user.is_stranger = user.is_stranger or team != self.space.team_id
        self.space.users[key] = user
        return key

    def add_channel(
        self, name: str, members: list[str] | None = None, *, kind: str = "public", **facts: Any
    ) -> str:
        """A channel's id. Facts: is_archived, is_ext_shared. The bot is not in it until it is invited."""
        letter = {"public": "C0", "private": "C0", "mpim": "G0"}[kind]
        key = facts.pop("id", None) or self.space.mint(letter)
        self.space.channels[key] = Channel(key, name, kind, set(members or []), **facts)
        return key

    def join(self, channel: str, *users: str) -> None:
        self.space.channels[channel].members |= set(users)

    def leave(self, channel: str, user: str) -> None:
        self.space.channels[channel].members.discard(user)

    def invite_bot(self, channel: str) -> None:
        """The bot becomes a member, silently; `invite` tells it so."""
        self.join(channel, self.space.bot_user)

    def remove_bot(self, channel: str) -> None:
        self.leave(channel, self.space.bot_user)

    def archive(self, channel: str) -> None:
        self.space.channels[channel].is_archived = True

    async def invite(self, channel: str, user: str | None = None) -> Any:
        """A person (or the bot) joins, with the event member_joined_channel."""
        who = user or self.space.bot_user
        self.join(channel, who)
        return await self.event(self.payloads.member_joined(who, self.space.channels[channel]))

    async def new_user(self, name: str, **facts: Any) -> str:
        """Somebody joins the workspace, with the event team_join."""
        key = self.add_user(name, **facts)
        await self.event({"type": "team_join", "user": self.space.users[key].json()})
        return key

    async def change_user(self, user: str, **facts: Any) -> Any:
        """Change facts of a person, with the event user_change."""
        person = self.space.users[user]
        for key, value in facts.items():
            if not hasattr(person, key):
                raise LookupError(f"a user has no {key}")
            setattr(person, key, value)
        return await self.event({"type": "user_change", "user": person.json(), "cache_ts": 1})

    async def deactivate_user(self, user: str) -> Any:
        return await self.change_user(user, deleted=True)

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """A person writes in a channel."""
        message = Message(self.space.ts(), channel, user, text, thread_ts=thread_ts)
        return self.space.store(message)

    # ---- looking

    def message(self, channel: str, ts: str) -> Message:
        return self.space.messages[channel][ts]

    def posts(self, channel: str) -> list[Message]:
        """Top-level messages that stand in a channel, oldest first."""
        return [m for m in self.space.standing(channel) if m.thread_ts in {None, m.ts}]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The replies under a message, oldest first."""
        return [m for m in self.space.standing(channel) if m.thread_ts == ts and m.ts != ts]

    def ephemerals(self, user: str, channel: str | None = None) -> list[Message]:
        """What only this person sees, oldest first."""
        mine = [m for m in self.space.ephemerals if m.ephemeral_to == user and not m.deleted]
        return [m for m in mine if channel in {None, m.channel}]

    def dm(self, user: str) -> str:
        """The id of the bot's direct message with this person."""
        return self.space.direct(user).id

    def dms(self, user: str) -> list[Message]:
        """All messages in the bot's direct message with this person, oldest first."""
        return self.space.standing(self.dm(user))

    def modal(self, user: str) -> View | None:
        """The modal on top, None when none is open."""
        return self.space.top_view(user)

    def stack(self, user: str) -> list[View]:
        return list(self.space.stacks.get(user, []))

    def home(self, user: str) -> View | None:
        return self.space.homes.get(user)

    def sees(self, user: str, place: Message | View) -> bool:
        """Whether this person has it before their eyes (public channels can be looked into, not by guests)."""
        if isinstance(place, View):
            return place.user == user
        if place.ephemeral_to:
            return place.ephemeral_to == user
        channel, person = self.space.channels[place.channel], self.space.users[user]
        outsider = person.is_guest or person.is_stranger
        return user in channel.members or (channel.kind == "public" and not outsider)
