"""Whom Slack knows: profiles for the register, and what set-up and `doctor` look up. Reading only.

Nothing here raises for trouble at Slack's end: None means not found, or not to be asked now.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import trouble
from adapters.slack.send import PLATFORM, reading_client, sending_client
from bot.model import Standing
from bot.ports import Profile
from bot.service.places import FoundPlace, Kind, named_after

SLACKBOT = "USLACKBOT"
PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Who we are there, from `auth.test`. `realm` is the workspace's id, `url` ends with a slash."""

    realm: str
    name: str
    url: str
    bot_id: str
    bot_user: str
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class About:
    """What Slack says of a channel. `shared`: with another organisation; such places are refused (users.md U6).

    A group chat, whose own name is for machines, is called by who is in it, somebody's own chat by their name.
    """

    name: str
    shared: bool
    kind: Kind = "channel"


def profile(user: dict[str, Any], realm: str) -> Profile:
    """What Slack says of a user. Strangers and people of another workspace are outsiders."""
    about = user.get("profile") or {}
    return Profile(
        platform=PLATFORM,
        realm=realm,
        user=str(user["id"]),
        name=str(user.get("real_name") or about.get("real_name") or user.get("name") or ""),
        email=str(about.get("email") or ""),
        standing=_standing(user, realm),
        active=not user.get("deleted", False),
    )


def _standing(user: dict[str, Any], realm: str) -> Standing:
    if user.get("is_bot") or user["id"] == SLACKBOT:
        return "bot"
    if user.get("is_stranger") or _foreign(user, realm):
        return "outsider"
    return "guest" if user.get("is_restricted") or user.get("is_ultra_restricted") else "member"


def _foreign(user: dict[str, Any], realm: str) -> bool:
    """In an organisation of several workspaces the user's own may be another that still is ours."""
    teams = (user.get("enterprise_user") or {}).get("teams") or []
    return str(user.get("team_id") or realm) != realm and realm not in teams


class SlackDirectory:
    """Looks up people and channels of one workspace; `realm` is known after `start`.

    `client` tries once, for requests that wait; what runs beside them waits as long as Slack asks for.
    """

    platform = PLATFORM

    def __init__(self, token: str, api_url: str) -> None:
        self.client: AsyncWebClient = sending_client(token, api_url)
        self._patient = reading_client(token, api_url)
        self.workspace: Workspace | None = None

    @property
    def realm(self) -> str:
        return self.workspace.realm if self.workspace else ""

    async def start(self) -> Workspace:
        """Ask who we are, once. Raises slack_sdk's or aiohttp's error: without an answer nothing can begin."""
        answer = await self.client.auth_test()
        scopes = next((str(v) for k, v in answer.headers.items() if k.lower() == "x-oauth-scopes"), "")
        self.workspace = Workspace(
            realm=str(answer["team_id"]),
            name=str(answer.get("team") or ""),
            url=str(answer.get("url") or ""),
            bot_id=str(answer.get("bot_id") or ""),
            bot_user=str(answer["user_id"]),
            scopes=frozenset(filter(None, (s.strip() for s in scopes.split(",")))),
        )
        return self.workspace

    async def by_id(self, user: str, within: float | None = None) -> Profile | None:
        """`within` is in seconds, for one try; none: as long as Slack asks for."""
        client = self._patient if within is None else self.client
        try:
            async with asyncio.timeout(within):
                answer = await client.users_info(user=user)
            return profile(answer["user"], self.realm)
        except Exception:
            return None

    async def by_email(self, email: str) -> Profile | None:
        try:
            answer = await self._patient.users_lookupByEmail(email=email)
            return profile(answer["user"], self.realm)
        except Exception:
            return None

    async def channel(self, name: str) -> str | None:
        """The id of the channel that bears this name, with or without `#`. All of Slack's names are in small letters."""
        wanted = name.removeprefix("#").lower()
        try:
            async for found in self._channels():
                if wanted == found.get("name"):
                    return str(found["id"])
        except Exception:
            return None
        return None

    def is_own(self, ident: str) -> bool:
        """`U…`, `W…` for a person, `C…`, `G…`, `D…` for a channel."""
        return re.fullmatch(r"[UWCGD][A-Z0-9]+", ident) is not None

    async def everybody(self) -> AsyncIterator[Profile]:
        """All users, for the refresh at start and by night. Raises what slack_sdk raises."""
        cursor = ""
        while True:
            answer = await self._patient.users_list(limit=PAGE, cursor=cursor)
            for user in answer["members"]:
                yield profile(user, self.realm)
            cursor = _next(answer.data)
            if not cursor:
                return

    async def is_member(self, channel: str) -> bool | str:
        """Whether the bot is in the channel, or the name of what kept Slack from saying so."""
        try:
            answer = await self._patient.conversations_info(channel=channel)
        except Exception as error:
            return trouble.name(error)
        about = answer["channel"]
        if is_shared(about):
            return "is_ext_shared"
        return (
            "is_archived" if about.get("is_archived") else bool(about.get("is_member") or about.get("is_im"))
        )

    async def about(self, channel: str) -> About | None:
        """The channel's name without `#`, and whether it is shared; None where Slack does not say."""
        try:
            return await self._about(channel, self._patient)
        except Exception:
            return None

    async def found(self, channel: str, within: float) -> FoundPlace | None:
        """A place that was just picked, in one try of so many seconds. Not `usable`: a chat that the bot is not in."""
        try:
            async with asyncio.timeout(within):
                about = await self._about(channel, self.client)
        except Exception as error:
            apart = channel.startswith("D") and trouble.name(error) == "channel_not_found"
            return FoundPlace(channel=channel, name="", kind="direct", usable=False) if apart else None
        return FoundPlace(channel=channel, name=about.name, kind=about.kind)

    async def _about(self, channel: str, client: AsyncWebClient) -> About:
        """Raises what slack_sdk raises."""
        answer = await client.conversations_info(channel=channel)
        found, kind = answer["channel"], _kind(answer["channel"])
        name = str(found.get("name") or "")
        if kind != "channel":
            name = await self._names(await self._people_in(found, client), client)
        return About(name=name, shared=is_shared(found), kind=kind)

    async def _people_in(self, found: Mapping[str, Any], client: AsyncWebClient) -> list[str]:
        if found.get("is_im"):
            return [str(found["user"])]
        answer = await client.conversations_members(channel=found["id"], limit=PAGE)
        return [str(user) for user in answer["members"]]

    async def _names(self, users: Iterable[str], client: AsyncWebClient) -> str:
        answers = await asyncio.gather(*(client.users_info(user=user) for user in users))
        people = [profile(answer["user"], self.realm) for answer in answers]
        return named_after(p.name for p in people if p.standing != "bot")

    async def _channels(self) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        while True:
            answer = await self._patient.conversations_list(
                types="public_channel,private_channel", exclude_archived=True, limit=PAGE, cursor=cursor
            )
            for channel in answer["channels"]:
                yield channel
            cursor = _next(answer.data)
            if not cursor:
                return


def _kind(channel: Mapping[str, Any]) -> Kind:
    return "direct" if channel.get("is_im") else "group" if channel.get("is_mpim") else "channel"


def is_shared(channel: Mapping[str, Any]) -> bool:
    """Whether another organisation reads along, or is invited to: between workspaces of one organisation is no such thing."""
    with_others = bool(channel.get("is_shared")) and not channel.get("is_org_shared")
    return with_others or bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"))


def _next(data: Any) -> str:
    return str((data.get("response_metadata") or {}).get("next_cursor") or "")
