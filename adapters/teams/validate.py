"""Whether a request comes from Teams: the signed token in its header, checked by PyJWT against Microsoft's keys.

The SDK's own check is not used: it fetches keys with a blocking call, on the event loop and without a time-out, for
anybody who names the right issuer, and it refuses a new key until its list is a day old (docs/decisions/0008).
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import jwt

Json = dict[str, Any]
OPENID_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
ISSUER = "https://api.botframework.com"
CHANNEL = "msteams"
"""Other channels of the same bot (web chat, Direct Line) let whoever writes name themselves as they like."""
SKEW = 300.0
"""Seconds by which clocks may differ."""
KEPT = 24 * 3600.0
EARLY = 3600.0
"""Seconds before their end from which keys are fetched anew beside the requests."""
RARELY = 30.0
"""Seconds between two fetches because of a key that nobody knows, and between two looks at the keys' age."""
SOON = 5.0
"""Seconds between two fetches while there are no keys."""
PATIENCE = 1.0
"""Seconds that a request waits for keys; the fetch goes on for the next one."""
FETCH = 10.0
log = logging.getLogger("smbot.teams")


class TurnedAway(Exception):
    """A request that is not let in: 401 without a token that can be read, else 403. `str()` is for the log."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Key:
    """A public key, and the channels that it may speak for."""

    key: jwt.PyJWK
    endorsements: frozenset[str]


class Keys:
    """Microsoft's signing keys by id: kept for a day, renewed before, fetched once for all who wait."""

    def __init__(self, url: str = OPENID_URL, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._url, self._elapsed = url, elapsed
        self._keys: Mapping[str, Key] = {}
        self._read = self._begun = self._missed = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, ident: str) -> Key | None:
        """None when nobody knows it, or not within PATIENCE."""
        if self._age() >= KEPT or ident not in self._keys:
            if self._may_fetch():
                self._fetch_once()
            if self._fetching:
                await asyncio.wait({self._fetching}, timeout=PATIENCE)
        return self._keys.get(ident) if self._age() < KEPT else None

    async def keep(self) -> None:
        """Runs along with the bot: keys are there before somebody waits for them."""
        while True:
            if self._age() >= KEPT - EARLY:
                await asyncio.wait({self._fetch_once()})
            await asyncio.sleep(RARELY)

    def _age(self) -> float:
        return self._elapsed() - self._read

    def _may_fetch(self) -> bool:
        """Nobody outside makes us fetch often, with whatever they send."""
        now = self._elapsed()
        if self._age() >= KEPT:
            return now - self._begun >= SOON
        if now - self._missed < RARELY:
            return False
        self._missed = now
        return True

    def _fetch_once(self) -> "asyncio.Task[None]":
        if self._fetching is None or self._fetching.done():
            self._begun = self._elapsed()
            self._fetching = asyncio.create_task(self._fetch(), name="teams_keys")
        return self._fetching

    async def _fetch(self) -> None:
        try:
            self._keys = await fetched(self._url)
        except Exception as error:
            log.warning("Teams' keys could not be read: %s", type(error).__name__)
        else:
            self._read = self._elapsed()


async def fetched(url: str) -> Mapping[str, Key]:
    """The keys that an openid configuration leads to. Raises aiohttp's errors, TimeoutError, KeyError, ValueError."""
    limit = aiohttp.ClientTimeout(total=FETCH)
    async with aiohttp.ClientSession(timeout=limit, raise_for_status=True) as session:
        about = await _read(session, url)
        found = await _read(session, str(about["jwks_uri"]))
    keys = {str(each.get("kid")): key for each in found["keys"] if (key := _key(each)) is not None}
    if not keys:
        raise ValueError("no key can be used")
    return keys


async def _read(session: aiohttp.ClientSession, url: str) -> Json:
    async with session.get(url, allow_redirects=False) as answer:
        answer_json: Json = await answer.json(content_type=None)
        return answer_json


def _key(told: Json) -> Key | None:
    """None for what is no RSA key, or of a kind that we cannot read."""
    try:
        endorsed = frozenset(str(each) for each in told.get("endorsements") or ())
        return Key(key=jwt.PyJWK(told, "RS256"), endorsements=endorsed)
    except jwt.PyJWTError:
        return None


class Gate:
    """Lets in what Teams signed for this app and these tenants. `keys` None: no token is asked for (tests, on loopback)."""

    def __init__(self, keys: Keys | None, app_id: str, tenants: Collection[str]) -> None:
        self._keys, self._app_id = keys, app_id
        self._tenants = frozenset(each.casefold() for each in tenants)

    async def admit(self, header: str, activity: Json) -> Json:
        """The token's claims. Raises TurnedAway."""
        claims = await self._signed(self._keys, header, activity) if self._keys else {}
        self._from_a_known_tenant(activity)
        return claims

    async def _signed(self, keys: Keys, header: str, activity: Json) -> Json:
        """All that needs no key comes first, so that a made-up token makes us fetch nothing."""
        token = _bearer(header)
        kid = _kid(token)
        _speaks_of(self._claims(token), activity)
        key = await keys.key(kid)
        if key is None:
            raise TurnedAway(403, "unknown key")
        if CHANNEL not in key.endorsements:
            raise TurnedAway(403, "key not endorsed")
        return self._claims(token, key)

    def _claims(self, token: str, key: Key | None = None) -> Json:
        """What the token says, if issuer, audience and time are right and, with a key, the signature."""
        try:
            return jwt.decode(
                token,
                key=key.key if key else "",
                algorithms=["RS256"],
                audience=self._app_id,
                issuer=ISSUER,
                leeway=SKEW,
                options={
                    "verify_signature": key is not None,
                    "require": ["exp", "nbf", "iss", "aud"],
                    "verify_exp": True,
                    "verify_nbf": True,
                    "verify_iss": True,
                    "verify_aud": True,
                    "strict_aud": True,
                    "enforce_minimum_key_length": True,
                },
            )
        except Exception as error:  # whatever it was, it was no good token
            raise TurnedAway(403, type(error).__name__) from None

    def _from_a_known_tenant(self, activity: Json) -> None:
        named = tenants(activity)
        if not named or not named <= self._tenants:
            raise TurnedAway(403, "tenant not allowed")


def tenants(activity: Json) -> frozenset[str]:
    """The tenants that an activity names; one, unless somebody made it up."""
    data, conversation = activity.get("channelData"), activity.get("conversation")
    tenant = data.get("tenant") if isinstance(data, dict) else None
    named = [
        tenant.get("id") if isinstance(tenant, dict) else None,
        conversation.get("tenantId") if isinstance(conversation, dict) else None,
    ]
    return frozenset(str(each).casefold() for each in named if each)


def _bearer(header: str) -> str:
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise TurnedAway(401, "no bearer token")
    return token.strip()


def _kid(token: str) -> str:
    try:
        header = jwt.get_unverified_header(token)
    except Exception:
        raise TurnedAway(401, "unreadable token") from None
    if header.get("alg") != "RS256" or not header.get("kid"):
        raise TurnedAway(403, "not signed as asked")
    return str(header["kid"])


def _speaks_of(claims: Json, activity: Json) -> None:
    """The token is for this activity: sent through Teams, and to be answered where the token says."""
    if activity.get("channelId") != CHANNEL:
        raise TurnedAway(403, "not from Teams")
    address = activity.get("serviceUrl")
    if not address or claims.get("serviceurl") != address:
        raise TurnedAway(403, "another service address")
