"""Where the bot comes to, and what leaves it."""

from dataclasses import dataclass
from typing import Literal

from bot.ports import Profile

Kind = Literal["channel", "group", "direct"]


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Who and what there is where the bot has come to, or what has changed there. Told again, it is the same.

    `places`: (channel, name, kind).
    """

    platform: str
    realm: str
    places: tuple[tuple[str, str, Kind], ...] = ()
    people: tuple[Profile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Removed:
    """Channels and users that the bot reaches no more: it was removed there, or they are gone."""

    platform: str
    realm: str
    channels: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
