"""Places as they are chosen: what the platform says of one, and which are not to be an account's (users.md U6, U12)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from typing import Literal

from pydantic import TypeAdapter

from bot.model import Place, Refused
from bot.ports import Tx
from bot.service.base import Work
from bot.service.compose import SHARED_PLACES

Kind = Literal["channel", "group", "direct"]
CLOSED_PLACES = "places.closed"
"""The fact that lists the places in which the bot cannot be used, as far as the platform has said."""
PICKED_PLACES = "places.picked"
"""The fact that holds what the platform said of places that were picked last, by their ids."""
PICKS_KEPT = 20


@dataclass(frozen=True, kw_only=True)
class FoundPlace:
    """A channel, a group chat or somebody's own chat. `usable`: the bot may post there (no private or shared channel)."""

    channel: str
    name: str
    kind: Kind = "channel"
    usable: bool = True


PICKS: TypeAdapter[dict[str, FoundPlace]] = TypeAdapter(dict[str, FoundPlace])


def place_id(platform: str, realm: str, channel: str) -> str:
    """Under which id the register keeps a place."""
    return f"{platform}:{realm}:{channel}"


def named_after(people: Iterable[str]) -> str:
    """What a group chat without a name is called: by who is in it."""
    return ", ".join(sorted(people)[:4])


async def note_picked(tx: Tx, platform: str, realm: str, found: FoundPlace) -> None:
    """What a platform says of a place that was picked and is not stored yet: whoever stores it finds it here."""
    known, ident = await _picked(tx), place_id(platform, realm, found.channel)
    kept = [(each, place) for each, place in known.items() if each != ident][1 - PICKS_KEPT :]
    await tx.save_fact(PICKED_PLACES, PICKS.dump_json(dict([*kept, (ident, found)])).decode())


async def _picked(tx: Tx) -> dict[str, FoundPlace]:
    return PICKS.validate_json(await tx.fact(PICKED_PLACES) or "{}")


async def shared_places(work: Work) -> list[str]:
    """Ids of places that another organisation shares: personal matters are not said there (users.md U6)."""
    found: list[str] = json.loads(await work.tx.fact(SHARED_PLACES) or "[]")
    return found


async def place_of(work: Work, ident: str, hour: time) -> Place | None:
    """The chosen place. One that is new to the bot is stored with its hour, as the platform described it when it was
    picked; where it did not, its name is asked for later."""
    if not ident:
        return None
    if ident in await shared_places(work):
        raise Refused("account.place_shared", field="place")
    if ident in json.loads(await work.tx.fact(CLOSED_PLACES) or "[]"):
        raise Refused("account.place_closed", field="place")
    if ident in work.register.places:
        return work.register.places[ident]
    platform, realm, channel = (*ident.split(":", 2), "", "")[:3]
    if not channel or (platform, realm) != (work.call.platform, work.call.realm):
        raise Refused("form.choose", field="place")
    told = (await _picked(work.tx)).get(ident, FoundPlace(channel=channel, name=""))
    if not told.usable:
        raise Refused("account.place_apart", field="place")
    place = Place(id=ident, platform=platform, realm=realm, channel=channel, name=told.name or channel, kind=told.kind,
                  hour=hour)  # fmt: skip
    await work.tx.save_place(place)
    return place
