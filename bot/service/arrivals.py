"""Where the bot comes to: what the organisation file names and nobody knew is joined when it turns up, to be confirmed.

On Teams nothing can be looked up before the app is installed somewhere; on Slack a channel may be made later.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta

from pydantic import TypeAdapter

from bot.model import Account, Language, Place, Role
from bot.ports import Profile, Tx
from bot.service.accounts import settled
from bot.service.base import Bot, Work
from bot.service.compose import at_work
from bot.service.places import CLOSED_PLACES, FoundPlace, place_id

WANTED = "organisation.wanted_places"
"""The fact that holds the channels which nobody has found yet, with what waits for each."""
MISSING_PLACES = "organisation.missing_places"
"""The fact that lists their names."""
BETWEEN = re.compile(r"\s+[/>]\s+")
"""What stands between a team's name and its channel's."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Who and what there is where the bot has come to, or what has changed there. Told again, it is the same."""

    platform: str
    realm: str
    places: tuple[FoundPlace, ...] = ()
    people: tuple[Profile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Removed:
    """Channels and users that the bot reaches no more: it was removed there, or they are gone."""

    platform: str
    realm: str
    channels: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A channel of the organisation file that nobody has found yet, and the accounts and roles that wait for it."""

    name: str
    hour: time = time(9)
    language: Language | None = None
    accounts: tuple[str, ...] = field(default=())
    roles: tuple[Role, ...] = field(default=())
    pilot: bool = False  # the bot is tried out there
    welcomed: date | None = None


LIST: TypeAdapter[tuple[Wanted, ...]] = TypeAdapter(tuple[Wanted, ...])


async def wanted(tx: Tx) -> tuple[Wanted, ...]:
    """The channels that nobody has found yet."""
    known = await tx.fact(WANTED)
    return LIST.validate_json(known) if known else ()


async def want(tx: Tx, places: Sequence[Wanted]) -> None:
    """Wait for these channels, and no others."""
    await tx.save_fact(WANTED, LIST.dump_json(tuple(places)).decode())
    await tx.save_fact(MISSING_PLACES, json.dumps([each.name for each in places], ensure_ascii=False))


async def settle_places(bot: Bot, tx: Tx, arrival: Arrival) -> None:
    """Join what waits for a channel with the one that bears its name."""
    waiting, left = await wanted(tx), []
    for each in waiting:
        found = match(each.name, arrival.places)
        if found:
            await _join(await at_work(bot, tx, bot.clock.now()), each, arrival, found)
        else:
            left.append(each)
    if len(left) < len(waiting):
        await want(tx, left)


async def note_closed(tx: Tx, arrival: Arrival) -> None:
    """Where the bot cannot be used, no account gets its place."""
    known = set(json.loads(await tx.fact(CLOSED_PLACES) or "[]"))
    usable, closed = (
        {place_id(arrival.platform, arrival.realm, p.channel) for p in arrival.places if p.usable is which}
        for which in (True, False)
    )
    if (now := (known | closed) - usable) != known:
        await tx.save_fact(CLOSED_PLACES, json.dumps(sorted(now)))


def match(name: str, places: Iterable[FoundPlace]) -> FoundPlace | None:
    """The only usable channel of this name: the whole name first, then the channel's within its team."""
    usable = [p for p in places if p.usable and p.kind != "direct"]
    whole = [p for p in usable if plain(p.name) == plain(name)]
    found = whole or [p for p in usable if plain(BETWEEN.split(p.name)[-1]) == plain(name)]
    return found[0] if len(found) == 1 else None


def plain(name: str) -> str:
    """As names of channels are compared: without case and `#`, whatever stands between team and channel."""
    return " / ".join(BETWEEN.split(" ".join(name.removeprefix("#").casefold().split())))


async def _join(work: Work, each: Wanted, arrival: Arrival, found: FoundPlace) -> None:
    """What has got another place by hand meanwhile keeps that."""
    place = await _place(work, each, arrival, found)
    office = work.register.office
    if each.pilot and office.pilot is not None:
        office = (await work.tx.register()).office  # another channel of the trial may have come with this one
        await work.tx.save_office(replace(office, pilot=frozenset({*(office.pilot or ()), place.id})))
    for ident in each.accounts:
        account = work.register.accounts.get(ident)
        if account and account.place is None and account.state != "closed":
            await work.tx.save_account(bound(work, account, place))
    for role in each.roles:
        if role not in work.register.role_places:
            await work.tx.save_role(role, work.register.roles.get(role, ()), place.id)


async def _place(work: Work, each: Wanted, arrival: Arrival, found: FoundPlace) -> Place:
    ident = place_id(arrival.platform, arrival.realm, found.channel)
    if known := work.register.places.get(ident):
        return known
    place = Place(
        id=ident, platform=arrival.platform, realm=arrival.realm, channel=found.channel, name=found.name,
        kind=found.kind, language=each.language, hour=each.hour, confirmed=False, welcomed=each.welcomed,
    )  # fmt: skip
    await work.tx.save_place(place)
    return place


def bound(work: Work, account: Account, place: Place) -> Account:
    """The account in its place; it is first asked about tomorrow."""
    return settled(replace(account, place=place.id), work.today + timedelta(days=1))
