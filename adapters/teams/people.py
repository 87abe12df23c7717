"""Whom and what Teams knows: profiles for the register, channels by name, and what pickers may offer.

Teams has no list of people or channels: rosters are read where the bot is, at installation and by night, and kept.
Nothing here raises for trouble at Teams' end: None means not found, or not to be asked now.
"""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, assert_never

from adapters.teams.forms import Choices
from adapters.teams.ports import PLATFORM, Contact, Kind, Reference, References
from adapters.teams.requests import Asked, is_closed
from bot.model import Standing
from bot.ports import Profile
from bot.service.arrivals import Arrival, match
from bot.service.places import FoundPlace, named_after
from bot.service.places import Kind as PlaceKind
from bot.texts import Texts

Json = dict[str, Any]
GENERAL = "General"
"""What Teams' own interface for programs calls a team's first channel, whose name it does not tell."""
BETWEEN = " / "
OFFERED = 500
"""People or places in a list: more than a dialog of Teams' size can hold."""
PLACES: Mapping[Kind, PlaceKind] = {"channel": "channel", "group": "group", "personal": "direct"}
_OWN = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12,}|(19|a):.+")
"""Ids of people are GUIDs; those of an emulator may be longer."""
log = logging.getLogger("smbot.teams")


class Rosters(Protocol):
    """What is asked of the connector about people and channels. Raises `trouble`'s errors."""

    async def member(self, service_url: str, conversation: str, user: str) -> Json | None: ...
    async def members(self, service_url: str, conversation: str) -> list[Json]: ...
    async def channels(self, service_url: str, team: str) -> list[Json]: ...


@dataclass(frozen=True, kw_only=True)
class About:
    """What is known of a channel. `shared`: the bot cannot be used in it."""

    name: str
    shared: bool
    kind: PlaceKind = "channel"


def profile(member: Mapping[str, Any], tenant: str) -> Profile:
    """What a roster says of somebody. Whoever belongs to another tenant is an outsider."""
    return Profile(
        platform=PLATFORM,
        realm=tenant,
        user=user_of(member),
        name=str(member.get("name") or ""),
        email=str(member.get("email") or ""),
        standing=_standing(member, tenant),
    )


def user_of(member: Mapping[str, Any]) -> str:
    """The aadObjectId; "" for an anonymous person or a bot."""
    return str(member.get("aadObjectId") or member.get("objectId") or "").lower()


def _standing(member: Mapping[str, Any], tenant: str) -> Standing:
    if str(member.get("tenantId") or tenant).lower() != tenant:
        return "outsider"
    role, name = str(member.get("userRole") or "").lower(), str(member.get("userPrincipalName") or "")
    if role == "anonymous":
        return "outsider"
    return "guest" if role == "guest" or "#ext#" in name.lower() else "member"


def contact(member: Mapping[str, Any], tenant: str) -> Contact:
    return Contact(
        tenant=tenant,
        user=user_of(member),
        teams_id=str(member.get("id") or ""),
        name=str(member.get("name") or ""),
        email=str(member.get("email") or ""),
        guest=_standing(member, tenant) != "member",
    )


def _known(found: Contact) -> Profile:
    return Profile(
        platform=PLATFORM,
        realm=found.tenant,
        user=found.user,
        name=found.name,
        email=found.email,
        standing="guest" if found.guest else "member",
    )


class TeamsDirectory:
    """People and channels of the tenants that may use the bot; the first one is the app's own."""

    platform = PLATFORM

    def __init__(self, references: References, rosters: Rosters, tenants: Sequence[str]) -> None:
        self._references, self._rosters = references, rosters
        self.tenants = tuple(each.lower() for each in tenants)
        self._there: dict[str, frozenset[str]] = {}  # who was in a team or group chat when it was last read

    @property
    def realm(self) -> str:
        return self.tenants[0]

    # -- people ---------------------------------------------------------------------------------

    async def by_id(
        self, user: str, within: float | None = None, *, asked: Asked | None = None
    ) -> Profile | None:
        """As a roster told it last, else asked now where they are, for so many seconds."""
        if asked is None and not self.is_own(user):
            return None
        tenant = asked.call.realm if asked else self.realm
        try:
            async with asyncio.timeout(within):
                found = await self._references.contact(tenant, user)
                if found and found.guest is not None:
                    return _known(found)
                return await self._ask(tenant, user, asked)
        except Exception as error:
            log.info("Teams did not say who somebody is: %s", type(error).__name__)
            return None

    async def _ask(self, tenant: str, user: str, asked: Asked | None) -> Profile | None:
        """Where the request came from, then in their own chat; elsewhere nobody waits for an answer."""
        places = [asked.reference] if asked else []
        own = await self._references.personal(tenant, user)
        name = asked.teams_id if asked and asked.teams_id else user
        for place in [*places, *([own] if own and not own.frozen else [])]:
            member = await self._member(place, name)
            if member and user_of(member) == user:
                return await self._met(member, tenant)
        return None

    async def _member(self, place: Reference, user: str) -> Json | None:
        """None also where Teams does not tell us: a shortcut is used in chats in which the bot is not."""
        try:
            return await self._rosters.member(place.service_url, place.conversation, user)
        except Exception as error:
            log.info("Teams did not say who is there: %s", type(error).__name__)
            return None

    async def _met(self, member: Json, tenant: str) -> Profile:
        """Kept, unless they belong elsewhere: outsiders are in no picker."""
        found = profile(member, tenant)
        if found.standing in ("member", "guest"):
            await self._references.meet(contact(member, tenant))
        return found

    async def is_in(self, channel: str, within: float, *, asked: Asked) -> bool:
        """Whether whoever asks is in a conversation that the bot is in, asked now; no where Teams does not say."""
        place = await self._references.conversation(asked.call.realm, channel)
        if place is None or place.frozen:
            return False
        try:
            async with asyncio.timeout(within):
                member = await self._member(place, asked.call.user)
        except TimeoutError:
            return False
        return member is not None and user_of(member) == asked.call.user

    async def by_email(self, email: str) -> Profile | None:
        """Among those whom a roster has told of."""
        contacts = await self._references.contacts(self.realm)
        found = [c for c in contacts if c.email and c.email.casefold() == email.casefold()]
        return _known(found[0]) if len(found) == 1 else None

    # -- places ---------------------------------------------------------------------------------

    async def channel(self, name: str) -> str | None:
        """The id of the only channel or group chat of this name, with its team's name or without."""
        alive = [p for p in await self._references.all_of(self.realm) if not p.frozen and p.name]
        found = match(name, [_found(place) for place in alive])
        return found.channel if found else None

    async def about(self, channel: str) -> About | None:
        """What was said of it last; somebody's own chat is called by their name."""
        found = await self._references.conversation(self.realm, channel)
        if found is None or found.frozen:
            return None
        own = await self._references.contact(self.realm, found.user) if found.user else None
        return About(name=own.name if own else found.name, shared=False, kind=PLACES[found.kind])

    def is_own(self, ident: str) -> bool:
        """An aadObjectId, or the id of a conversation."""
        return _OWN.fullmatch(ident) is not None

    # -- reading what is there --------------------------------------------------------------------

    async def survey(self, place: Reference, team_name: str = "", *, strict: bool = False) -> Arrival:
        """Read roster and channels where the bot is, and keep them.

        What Teams does not say now is left out; `strict`: raises the connector's errors instead.
        """
        tried = _all if strict else _tried
        members = await tried(self._rosters.members(place.service_url, place.conversation))
        people = [await self._met(member, place.tenant) for member in members if user_of(member)]
        if people:
            self._there[place.team or place.conversation] = frozenset(p.user for p in people)
        channels: list[Json] = []
        if place.kind == "channel":
            channels = await tried(self._rosters.channels(place.service_url, place.team))
        places = await self._places_at(place, people, channels, team_name)
        return Arrival(platform=PLATFORM, realm=place.tenant, places=tuple(places), people=tuple(people))

    async def _places_at(
        self, place: Reference, people: Iterable[Profile], channels: Iterable[Json], team_name: str
    ) -> list[FoundPlace]:
        match place.kind:
            case "channel":
                return await self._channels(place, channels, await self.team_name(place, team_name))
            case "group":
                return [await self._chat(place, people)]
            case "personal":
                return [_found(place)]
            case _:
                assert_never(place.kind)

    async def _chat(self, place: Reference, people: Iterable[Profile]) -> FoundPlace:
        """A group chat without a name is called by who is in it."""
        known = await self._references.conversation(place.tenant, place.conversation)
        name = (known and known.name) or named_after(p.name for p in people)
        return await self.keep(place, name, place.conversation)

    async def _channels(self, place: Reference, told: Iterable[Json], team: str) -> list[FoundPlace]:
        return [
            await self.keep(place, channel_name(team, str(each.get("name") or "")), str(each["id"]),
                            usable=not is_closed(each))
            for each in told if each.get("id")
        ]  # fmt: skip

    async def team_name(self, place: Reference, told: str) -> str:
        """As an event told it, else as the team's first channel is called."""
        first = None if told else await self._references.conversation(place.tenant, place.team)
        return told or (first.name if first and first.name != GENERAL else "")

    async def keep(
        self, place: Reference, name: str, conversation: str, *, usable: bool = True
    ) -> FoundPlace:
        """Remember a place under its name, or another channel of the same team; one that cannot be used is not kept."""
        named = replace(place, name=name, conversation=conversation)
        if usable:
            await self._references.remember(named)
        return replace(_found(named), usable=usable)

    # -- pickers --------------------------------------------------------------------------------

    async def choices(self, asked: Asked, t: Texts) -> Choices:
        """Whom a roster calls a member, those of the conversation first; channels, group chats, one's own chat."""
        contacts = [
            c for c in await self._references.contacts(asked.call.realm) if c.name and c.guest is False
        ]
        here = self._there.get(asked.team or asked.call.channel, frozenset())
        contacts.sort(key=lambda c: (c.user not in here, c.name.casefold()))
        return Choices(people=_named_apart(contacts[:OFFERED]), places=await self._offered(asked, t))

    async def _offered(self, asked: Asked, t: Texts) -> tuple[tuple[str, str], ...]:
        realm = asked.call.realm
        alive = [p for p in await self._references.all_of(realm) if not p.frozen]
        shown = _shown([p for p in alive if p.kind != "personal" and p.name], t("teams.general"))
        shown.sort(key=lambda each: (each[0].conversation != asked.call.channel, each[1].casefold()))
        own = [(p, t("teams.own_chat")) for p in alive if p.user and p.user == asked.call.user]
        offered = (*shown[:OFFERED], *own)
        return tuple((f"{PLATFORM}:{realm}:{place.conversation}", name) for place, name in offered)


def channel_name(team: str, channel: str) -> str:
    """`Team / Channel`; a team's first channel, whose name Teams does not tell, is called as the team is."""
    return BETWEEN.join(filter(None, (team, channel))) or GENERAL


def _shown(places: Sequence[Reference], general: str) -> list[tuple[Reference, str]]:
    """A channel by its own name; with its team's where another bears it too, and where it is a team's first."""
    teams = {p.team: p.name for p in places if p.kind == "channel" and _is_first(p)}
    own = [p.name.removeprefix(f"{teams.get(p.team, '')}{BETWEEN}") for p in places]
    times = Counter(name.casefold() for name in own)
    return [(p, _named(p, name, teams, general, alone=times[name.casefold()] == 1))
            for p, name in zip(places, own, strict=True)]  # fmt: skip


def _named(place: Reference, own: str, teams: Mapping[str, str], general: str, *, alone: bool) -> str:
    if place.kind != "channel" or (alone and not _is_first(place)):
        return own
    team = teams.get(place.team, "")
    parts = (team if team != GENERAL else "", general if _is_first(place) else own)
    return " > ".join(filter(None, parts))


def _is_first(place: Reference) -> bool:
    """A team's first channel has the team's own id."""
    return place.conversation == place.team


def _named_apart(contacts: Sequence[Contact]) -> tuple[tuple[str, str], ...]:
    """Two of one name are told apart by their addresses."""
    times = Counter(c.name for c in contacts)
    return tuple(
        (c.user, f"{c.name} ({c.email})" if times[c.name] > 1 and c.email else c.name) for c in contacts
    )


def _found(place: Reference) -> FoundPlace:
    return FoundPlace(channel=place.conversation, name=place.name, kind=PLACES[place.kind])


async def _all(asking: Awaitable[list[Json]]) -> list[Json]:
    return await asking


async def _tried(asking: Awaitable[list[Json]]) -> list[Json]:
    try:
        return await asking
    except Exception as error:
        log.warning("Teams did not say who and what is there: %s", type(error).__name__)
        return []
