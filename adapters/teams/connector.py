"""The Bot Connector's REST calls, by aiohttp: one try each (aiohttp repeats a GET, PUT or DELETE whose kept connection
had died, which does no harm), ten seconds, no redirects.

botbuilder's client is not used for them: it sends from the pool of threads that also looks up addresses, waits a
hundred seconds, follows thirty redirects, and hides the status of an answer that is not JSON (docs/decisions/0008).
A service address only ever comes from an activity that was let in, so its host is one that Teams named itself.
"""

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from yarl import URL

from adapters.teams.render import size
from adapters.teams.trouble import BAD_ADDRESS, GONE, TOO_BIG, NotSent, Refused, Unsure

Json = dict[str, Any]
TIMEOUT, CONNECTING = 10.0, 5.0
"""Seconds of a call, and of what comes before its first byte leaves."""
LARGEST = 100 * 1024
"""Bytes of a message in UTF-16 (teams-rules, message size)."""
LONGEST_WAIT, DIGITS = 3600, 10
"""Seconds: the longest window of Teams' limits. A number of so many digits is longer."""
PAGE, PAGES = 500, 50


class HasToken(Protocol):
    """What is asked of `Tokens`."""

    async def token(self) -> str: ...
    def spoilt(self, token: str) -> None: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A call on its way. `path` is made of quoted segments, below `v3`."""

    method: str
    service_url: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json | None = None

    @property
    def url(self) -> URL:
        """Raises Refused where a token must not go: an address without TLS that is not on this machine."""
        if not _is_safe(self.service_url):
            raise Refused(HTTPStatus.BAD_REQUEST, BAD_ADDRESS)
        whole = f"{self.service_url.rstrip('/')}/v3/{self.path}"
        return URL(f"{whole}?{urlencode(self.query)}" if self.query else whole, encoded=True)


class Connector:
    """Each call raises Refused, NotSent or Unsure (trouble.py), and nothing else. `close` at the end."""

    def __init__(self, tokens: HasToken) -> None:
        self._tokens = tokens
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    # -- messages -------------------------------------------------------------------------------

    async def post(
        self, service_url: str, conversation: str, activity: Json, *, targeted: bool = False
    ) -> str:
        """The new activity's id. `conversation` with `;messageid=ROOT` posts into a channel's thread.

        `targeted`: only the activity's recipient sees it (teams-rules, targeted messages).
        """
        query = {"isTargetedActivity": "true"} if targeted else {}
        path = f"conversations/{_quoted(conversation)}/activities"
        found = await self._send(
            Ask(method="POST", service_url=service_url, path=path, query=query, body=activity)
        )
        return _id(found)

    async def create(self, service_url: str, body: Json) -> tuple[str, str]:
        """The conversation, and the id of the activity that begins it ("" where none was given along)."""
        found = await self._send(Ask(method="POST", service_url=service_url, path="conversations", body=body))
        return _id(found), str(found.get("activityId") or "")

    async def put(self, service_url: str, conversation: str, ident: str, activity: Json) -> None:
        path = f"conversations/{_quoted(conversation)}/activities/{_quoted(ident)}"
        await self._send(
            Ask(method="PUT", service_url=service_url, path=path, body={**activity, "id": ident})
        )

    async def delete(
        self, service_url: str, conversation: str, ident: str, *, targeted: bool = False
    ) -> None:
        query = {"isTargetedActivity": "true"} if targeted else {}
        path = f"conversations/{_quoted(conversation)}/activities/{_quoted(ident)}"
        await self._send(Ask(method="DELETE", service_url=service_url, path=path, query=query))

    # -- people and channels --------------------------------------------------------------------

    async def member(self, service_url: str, conversation: str, user: str) -> Json | None:
        """None for somebody who is not there. `user`: aadObjectId or 29:…"""
        path = f"conversations/{_quoted(conversation)}/members/{_quoted(user)}"
        try:
            return await self._get(service_url, path)
        except Refused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def members(self, service_url: str, conversation: str) -> list[Json]:
        """All of them, page by page. Raises Unsure where there is no end of pages."""
        path, query = f"conversations/{_quoted(conversation)}/pagedmembers", {"pageSize": str(PAGE)}
        found: list[Json] = []
        for _ in range(PAGES):
            page = await self._get(service_url, path, query)
            found += _list(page, "members")
            if not page.get("continuationToken"):
                return found
            query["continuationToken"] = str(page["continuationToken"])
        raise Unsure("too many members")

    async def channels(self, service_url: str, team: str) -> list[Json]:
        """A team's standard channels; `team` is the id of its General channel, which has no name."""
        return _list(await self._get(service_url, f"teams/{_quoted(team)}/conversations"), "conversations")

    # -- one call -------------------------------------------------------------------------------

    async def close(self) -> None:
        """Nothing can be sent any more."""
        self._closed = True
        if self._session:
            await self._session.close()
        await self._tokens.close()

    async def _get(self, service_url: str, path: str, query: Mapping[str, str] | None = None) -> Json:
        return await self._send(Ask(method="GET", service_url=service_url, path=path, query=query or {}))

    async def _send(self, ask: Ask) -> Json:
        """Where the token is not taken, once more with a new one: nothing was done with the old."""
        if ask.body is not None and size(ask.body) > LARGEST:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_BIG)
        try:
            return await self._try(ask, await self._tokens.token())
        except Refused as refused:
            if refused.status != HTTPStatus.UNAUTHORIZED:
                raise
        return await self._try(ask, await self._tokens.token())

    async def _try(self, ask: Ask, token: str) -> Json:
        headers, url = {"Authorization": f"Bearer {token}"}, ask.url
        try:
            async with self._http().request(
                ask.method, url, json=ask.body, headers=headers, allow_redirects=False
            ) as answer:
                if answer.status == HTTPStatus.UNAUTHORIZED:
                    self._tokens.spoilt(token)
                return _read(answer, await answer.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotSent(type(error).__name__) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unsure(type(error).__name__) from error

    def _http(self) -> aiohttp.ClientSession:
        if self._closed:
            raise NotSent("closed")
        if self._session is None:
            limit = aiohttp.ClientTimeout(total=TIMEOUT, connect=CONNECTING)
            self._session = aiohttp.ClientSession(timeout=limit, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def _read(answer: aiohttp.ClientResponse, body: bytes) -> Json:
    """What a good answer holds, {} for an empty one. Raises Refused for another, Unsure for what cannot be read."""
    found = _object(body)
    if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
        raise Refused(answer.status, _code(found or {}, body), _after(answer.headers))
    if found is None:
        raise Unsure("unreadable")
    return found


def _object(body: bytes) -> Json | None:
    """None for what is no JSON object."""
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _code(found: Json, body: bytes) -> str:
    """Teams' name of an error. Which of its fields says that the app is gone has changed over time: any will do."""
    if gone := next((word for word in sorted(GONE) if word.encode() in body), ""):
        return gone
    error = found.get("error")
    return str(error.get("code") or "") if isinstance(error, dict) else ""


def _after(headers: Mapping[str, str]) -> timedelta | None:
    """Python reads no number of thousands of digits."""
    said = headers.get("Retry-After", "")
    if not said.isdecimal():
        return None
    return timedelta(seconds=min(int(said), LONGEST_WAIT) if len(said) < DIGITS else LONGEST_WAIT)


def _id(found: Json) -> str:
    if not found.get("id"):
        raise Unsure("no id")
    return str(found["id"])


def _list(found: Json, name: str) -> list[Json]:
    listed = found.get(name)
    if not isinstance(listed, list):
        raise Unsure(f"no {name}")
    return [each for each in listed if isinstance(each, dict)]


def _quoted(ident: str) -> str:
    return quote(ident, safe="")


def _is_safe(service_url: str) -> bool:
    """https, or plain http on this machine, for tests and emulators."""
    parts = urlsplit(service_url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and is_here(parts.hostname or "")


def is_here(host: str) -> bool:
    """Whether this is a name of this very machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
