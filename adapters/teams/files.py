"""A file that somebody sends the bot in its own chat: its bytes, from where Microsoft keeps it and from nowhere else.

Teams puts it into the sender's OneDrive and names an address that opens it for some minutes, to whoever has it. So none
of our tokens goes along, and one that has expired cannot be renewed: the file has to be sent again.
"""

import logging
from http import HTTPStatus

import aiohttp
from yarl import URL

from adapters.pieces import gathered
from adapters.teams.connector import is_here
from bot.model import Refused

HOSTS = ".sharepoint.com"
"""SharePoint's, and with it OneDrive's, as Microsoft documents it: `TENANT.sharepoint.com`, `TENANT-my.sharepoint.com`."""
HTTPS = 443
TIMEOUT, CONNECTING = 20.0, 5.0
"""Seconds for the whole file, and for what comes before its first byte."""
log = logging.getLogger("smbot.teams")


async def fetched(address: str, service_url: str) -> bytes:
    """The file at an address that an activity from this service named. Raises Refused for one that is not to be had."""
    if not is_microsofts(address, service_url):
        log.warning("a file lies where the bot fetches nothing")
        raise Refused("import.lost")
    try:
        return await _fetched(URL(address, encoded=True))
    except (aiohttp.ClientError, OSError) as error:
        log.warning("a file could not be fetched: %s", type(error).__name__)
        raise Refused("import.lost") from error


def is_microsofts(address: str, service_url: str) -> bool:
    """On this machine, as in tests, files lie beside the service that tells of them."""
    try:
        url, service = URL(address, encoded=True), URL(service_url)
        if (
            not (address.isascii() and address.isprintable() and " " not in address)
            or url.user
            or url.password
        ):
            return False
        if is_here(service.host or ""):
            return url.origin() == service.origin()
        return url.scheme == "https" and url.port == HTTPS and (url.host or "").endswith(HOSTS)
    except ValueError:
        return False


async def _fetched(url: URL) -> bytes:
    """Not redirected, and no page: both ask somebody to sign in."""
    time = aiohttp.ClientTimeout(total=TIMEOUT, connect=CONNECTING)
    async with (
        aiohttp.ClientSession(
            timeout=time, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        ) as session,
        session.get(url, headers={"Accept-Encoding": "identity"}, allow_redirects=False) as answer,
    ):
        if answer.status != HTTPStatus.OK or answer.content_type == "text/html":
            log.warning("a file was not given: %s", answer.status)
            raise Refused("import.lost")
        return await gathered(answer.content)
