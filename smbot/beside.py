"""What runs beside the requests of `smbot run`: people and channels are kept as each chat has them. Waits in real time."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import replace
from typing import Protocol

import structlog

from bot.desk import Desk
from bot.model import Place
from bot.ports import Conflict, Storage, Tx
from bot.service.arrivals import wanted
from bot.service.compose import SHARED_PLACES
from bot.service.places import Kind
from bot.service.seed import Directory, look_again

log = structlog.get_logger("smbot")
DAY = 24 * 3600.0
AGAIN = 300.0
"""Seconds until all users are asked for again when the chat did not give them."""
LOOK = 5.0
CHECK = 60.0
SEARCH = 900.0
"""Seconds between two searches for channels that are to be made, and people who are to come."""


class About(Protocol):
    """What a chat says of a channel. `shared`: strangers are in it."""

    @property
    def name(self) -> str: ...
    @property
    def shared(self) -> bool: ...
    @property
    def kind(self) -> Kind: ...


class Channels(Protocol):
    """What is asked of a platform's directory about channels."""

    async def about(self, channel: str) -> About | None: ...


class People(Protocol):
    """What is asked of a platform's receiver about people."""

    async def refresh(self) -> int: ...
    async def check(self, user: str) -> bool: ...


async def refresh(people: People) -> None:
    """Read all users at start and once a day; events keep them fresh in between."""
    while True:
        read = await _tried("users_not_read", people.refresh())
        await asyncio.sleep(DAY if read else AGAIN)


async def check_people(storage: Storage, platform: str, people: People) -> None:
    """Whoever was picked while the chat did not say who they are is asked about until it does."""
    while True:
        await _tried("people_not_checked", _check_people(storage, platform, people))
        await asyncio.sleep(CHECK)


async def _check_people(storage: Storage, platform: str, people: People) -> None:
    async with storage.read() as tx:
        register = await tx.register()
    for identity in register.identities:
        if identity.platform == platform and not register.people[identity.person].checked:
            await people.check(identity.user)


async def look_at_places(storage: Storage, platform: str, channels: Channels) -> None:
    """Ask once about each channel, outside any request: its name, and whether another organisation shares it."""
    asked: set[str] = set()
    while True:
        await _tried("places_not_looked_at", _look_at_new(storage, platform, channels, asked))
        await asyncio.sleep(LOOK)


async def _look_at_new(storage: Storage, platform: str, channels: Channels, asked: set[str]) -> None:
    async with storage.read() as tx:
        places = (await tx.register()).places.values()
    for place in places:
        unsure = place.kind == "channel" or place.name == place.channel
        if place.platform == platform and unsure and place.id not in asked:
            about = await channels.about(place.channel)
            if about is None or await _noted(storage, place, about):
                asked.add(place.id)  # where the chat does not say, not asked again until the next start


async def _noted(storage: Storage, place: Place, about: About) -> bool:
    try:
        async with storage.write() as tx:
            await _note(tx, place.id, about)
    except Conflict:
        log.info("place_not_noted_yet")  # saved by somebody else meanwhile: the next look does it
        return False
    return True


async def _note(tx: Tx, ident: str, about: About) -> None:
    place = (await tx.register()).places[ident]
    unnamed = place.name == place.channel or place.kind != about.kind
    name = about.name if unnamed and about.name else place.name
    if (name, about.kind) != (place.name, place.kind):
        await tx.save_place(replace(place, name=name, kind=about.kind))
    shared = set(json.loads(await tx.fact(SHARED_PLACES) or "[]"))
    if (ident in shared) != about.shared:
        await tx.save_fact(SHARED_PLACES, json.dumps(sorted(shared ^ {ident})))


async def look_for_missing(desk: Desk, storage: Storage, directory: Directory) -> None:
    """Ask at start, and again and again, for what the organisation file names and the chat did not know."""
    while True:
        await _tried("missing_not_looked_for", _look_for_missing(desk, storage, directory))
        await asyncio.sleep(SEARCH)


async def _look_for_missing(desk: Desk, storage: Storage, directory: Directory) -> None:
    async with storage.read() as tx:
        register, waiting = await tx.register(), await wanted(tx)
    if register.awaited or waiting:
        await desk.arrived(await look_again(directory, register, waiting))


async def _tried(trouble: str, work: Awaitable[object]) -> bool:
    """Whether it went well. One failure is logged and never ends what comes after it."""
    try:
        await work
    except Exception as error:
        log.warning(trouble, error=type(error).__name__)
        return False
    return True
