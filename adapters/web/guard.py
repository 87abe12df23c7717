"""Who may talk to the page: a browser on this machine, from the page itself, and nobody else.

Whoever can open the page can act as anybody, so other machines, foreign Host headers (a name that was
rebound to 127.0.0.1) and posts from other sites are refused.
"""

import json
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any

from aiohttp import web

from adapters.pieces import gathered

MOST_BYTES = 128 * 1024
TOKEN_HEADER = "X-Page-Token"  # noqa: S105
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """Wraps the page's handlers. `port` is the one that people see; `token` is drawn anew for each process."""

    def __init__(self, port: int, token: str) -> None:
        self.token = token
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self._origins = {f"http://{host}" for host in self._hosts}

    def reads(self, handler: Handler, *, from_page: bool = True) -> Handler:
        """A request that changes nothing. `from_page`: other sites may not even ask."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            self._local(request)
            if from_page:
                self._same_site(request)
            return _dressed(await handler(request))

        return guarded

    def writes(self, handler: Handler) -> Handler:
        """A request that acts: from the page itself, with its token, and small."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            self._local(request)
            self._same_site(request)
            if request.headers.get("Origin", "") not in self._origins:
                raise web.HTTPForbidden(text="Only the page itself may post here.\n")
            if not compare_digest(request.headers.get(TOKEN_HEADER, "").encode(), self.token.encode()):
                raise web.HTTPForbidden(text="The page is from before a restart: load it again.\n")
            return _dressed(await handler(request))

        return guarded

    def _local(self, request: web.Request) -> None:
        if not _is_loopback(request.remote) or any(name in request.headers for name in PROXY_HEADERS):
            raise web.HTTPForbidden(text="This page answers on this machine only.\n")
        if request.headers.get("Host", "").lower() not in self._hosts:
            raise web.HTTPMisdirectedRequest(text="This page answers to 127.0.0.1 and localhost only.\n")

    @staticmethod
    def _same_site(request: web.Request) -> None:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise web.HTTPForbidden(text="Other sites may not use this page.\n")


async def sent_file(request: web.Request) -> bytes:
    """The bytes of a file, which are the body. Raises bot's Refused for one that is too large."""
    if request.content_type != "application/octet-stream":
        raise web.HTTPUnsupportedMediaType
    return await gathered(request.content)


async def body(request: web.Request) -> dict[str, Any]:
    """The JSON object that was posted. Refuses what is large, of unknown length or no object."""
    if request.content_length is None:
        raise web.HTTPLengthRequired
    if request.content_length > MOST_BYTES:
        raise web.HTTPRequestEntityTooLarge(MOST_BYTES, request.content_length)
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        posted = json.loads(await request.read())
    except ValueError:
        raise web.HTTPBadRequest from None
    if not isinstance(posted, dict):
        raise web.HTTPBadRequest
    return posted


def _is_loopback(remote: str | None) -> bool:
    try:
        address = ip_address((remote or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _dressed(response: web.StreamResponse) -> web.StreamResponse:
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response
