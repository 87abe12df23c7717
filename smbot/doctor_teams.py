"""What `smbot doctor` says of Teams: are we let in, are we reached, is the app where something is to be said."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from adapters.teams import validate
from adapters.teams.connector import Connector
from adapters.teams.http import PATH
from adapters.teams.people import user_of
from adapters.teams.ports import PLATFORM, Reference, References
from adapters.teams.trouble import NotSent, Refused, Unsure
from bot.model import Identity, Place
from bot.register import Register
from bot.texts import Texts
from smbot.doctor import Finding, bound, find, note, tasked
from smbot.on_teams import references, tokens
from smbot.settings import Settings
from smbot.wiring import Parts

SAID = ("invalid_client", "unauthorized_client", "invalid_tenant")
"""What Microsoft's sign-in answers, where we know what it means; texts under `doctor.teams_why.`."""


async def of_service(settings: Settings, t: Texts) -> list[Finding]:
    """What can be told without the database: settings, our own token, Microsoft's keys."""
    return [*of_settings(settings), *await _credentials(settings, t), *await _keys(settings)]


def of_settings(settings: Settings) -> Iterator[Finding]:
    own, others = settings.microsoft_app_tenant_id, sorted(set(settings.tenants))
    if settings.smbot_teams_allow_unsigned:
        yield find("teams", "teams_unsigned")
    if own not in others:
        yield find("teams", "teams_tenant_out", tenant=own)
    elif len(others) > 1:
        others.remove(own)
        yield note("teams", "teams_tenants", tenants=", ".join(others))


async def _credentials(settings: Settings, t: Texts) -> list[Finding]:
    kept = tokens(settings)
    try:
        await kept.token()
    except Refused as refused:
        why = refused.code if refused.code in SAID else "other"
        return [find("teams", "teams_refused", why=t(f"doctor.teams_why.{why}", code=refused.code))]
    except NotSent as error:
        return [find("teams", "teams_unheard", url=settings.teams_token_url, why=str(error))]
    finally:
        await kept.close()
    return []


async def _keys(settings: Settings) -> list[Finding]:
    url = settings.smbot_teams_openid_url
    try:
        await validate.fetched(url)
    except Exception as error:
        return [find("teams", "teams_keys", url=url, why=type(error).__name__)]
    return []


async def of_conversations(parts: Parts, register: Register) -> list[Finding]:
    """What came in so far: whether anything did, where the app is, and whom it cannot reach."""
    known, connector = references(parts.store), Connector(tokens(parts.settings))
    told = {
        each.conversation: each for tenant in parts.settings.tenants for each in await known.all_of(tenant)
    }
    if not told:
        return [find("teams", "teams_never_reached", path=PATH)]
    places = bound(register, PLATFORM, ("channel", "group"))
    duties = list(duties_here(register, other="slack" if parts.settings.has_slack else ""))
    try:
        lost = await _of_people(register, duties, known, connector, [told.get(p.channel) for p in places])
    finally:
        await connector.close()
    return [*of_places(places, told), *lost]


def of_places(places: Iterable[Place], known: Mapping[str, Reference]) -> Iterator[Finding]:
    """Each place in which something is to be said, and where nothing can be."""
    for place in places:
        reference = known.get(place.channel)
        if reference is None:
            yield find("places", "teams_not_installed", place=place.name)
        elif reference.frozen:
            yield find("places", "teams_removed", place=place.name)


def duties_here(register: Register, other: str) -> Iterator[Identity]:
    """Who has a task and hears of it in Teams: not whoever is reached on the other platform, which is asked first."""
    busy = tasked(register)
    elsewhere = {each.person for each in register.identities if each.platform == other}
    for each in register.identities:
        if each.platform == PLATFORM and each.person in busy and each.person not in elsewhere:
            yield each


async def _of_people(
    register: Register,
    duties: Iterable[Identity],
    known: References,
    connector: Connector,
    places: Iterable[Reference | None],
) -> list[Finding]:
    """Those who have not got the app, and are in no place where the bot is."""
    lost = [each for each in duties if not await _has_app(known, each)]
    there = await _members(connector, places) if lost else frozenset[str]()
    return [
        find("people", "teams_unreachable", name=register.name(each.person))
        for each in lost
        if each.user not in there
    ]


async def _has_app(known: References, identity: Identity) -> bool:
    own = await known.personal(identity.realm, identity.user)
    if own is not None:
        return not own.frozen
    contact = await known.contact(identity.realm, identity.user)
    return contact is not None and contact.installed


async def _members(connector: Connector, places: Iterable[Reference | None]) -> frozenset[str]:
    """Who is in the places where the app is; one that does not say now counts as empty."""
    found: set[str] = set()
    for place in places:
        if place and not place.frozen:
            with suppress(Refused, NotSent, Unsure):
                members = await connector.members(place.service_url, place.conversation)
                found |= {user_of(each) for each in members}
    return frozenset(found)
