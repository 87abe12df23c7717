"""A file that somebody sends the bot in its own chat: its bytes, from where Slack keeps files and from nowhere else."""

from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.pieces import MOST, gathered
from adapters.slack.send import API_URL, TIMEOUT
from bot.model import Refused
from bot.service.importing import MOST_MB

HOST = "files.slack.com"
"""Slack's documented place of files. The bot's token is shown to no other."""


class Files:
    """`client` asks what a file is; the token opens its address."""

    def __init__(self, client: AsyncWebClient, token: str, api_url: str) -> None:
        self._client, self._token, self._api_url = client, token, api_url

    async def read(self, ident: str) -> bytes:
        """Raises Refused for one that is too large or not to be had, and what slack_sdk and aiohttp raise."""
        answer = await self._client.files_info(file=ident)
        about = answer["file"]
        if int(about.get("size") or 0) > MOST:
            raise Refused("import.too_large", most=MOST_MB)
        address = str(about.get("url_private_download") or "")
        if not self._is_slacks(address):
            raise Refused("import.lost")
        return await self._fetched(address)

    def _is_slacks(self, address: str) -> bool:
        """Where the API has another address than Slack's own, as in tests, files lie beside it."""
        found, api = urlsplit(address), urlsplit(self._api_url)
        home = f"https://{HOST}" if self._api_url == API_URL else f"{api.scheme}://{api.netloc}"
        return f"{found.scheme}://{found.netloc}" == home

    async def _fetched(self, address: str) -> bytes:
        """Not redirected: without the right Slack sends to its page for signing in, which is no file."""
        time, token = aiohttp.ClientTimeout(total=TIMEOUT), {"Authorization": f"Bearer {self._token}"}
        async with (
            aiohttp.ClientSession(timeout=time, trust_env=True) as session,
            session.get(address, headers=token, allow_redirects=False) as answer,
        ):
            if answer.status != 200 or answer.content_type == "text/html":
                raise Refused("import.lost")
            return await gathered(answer.content)
