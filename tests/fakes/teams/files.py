"""Where files lie that people send the bot: each under an address that opens it for a while, to whoever has it."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from tests.fakes.teams.state import Space

PATH = "/personal/{owner}/_layouts/15/download.aspx"


@dataclass
class Kept:
    """One file. `status`, `headers`: what its address is answered with once it has expired, or leads elsewhere.

    `hangs`: it is begun, and never ends.
    """

    data: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False


class Files:
    """`fetched` are the ids of those that were asked for, in order. A token that comes along is a violation."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.kept: dict[str, Kept] = {}
        self.fetched: list[str] = []
        self.violations: list[str] = []
        self.base = ""
        self._released = asyncio.Event()

    def release(self) -> None:
        self._released.set()

    def mount(self, app: web.Application) -> None:
        app.router.add_get(PATH, self._give)

    def keep(self, owner: str, kept: Kept) -> tuple[str, str]:
        """Its id and its address, quoted as SharePoint quotes them."""
        ident = self.space.guid()
        self.kept[ident] = kept
        path = PATH.replace("{owner}", owner.replace("@", "_").replace(".", "_"))
        return ident, f"{self.base}{path}?UniqueId={ident}&Translate=false&tempauth=v1.eyJ%2Fa%2B"

    async def _give(self, request: web.Request) -> web.StreamResponse:
        ident = request.query.get("UniqueId", "")
        self.fetched.append(ident)
        if "Authorization" in request.headers:
            self.violations.append("a token was sent along with the address of a file")
        kept = self.kept.get(ident)
        if kept is None or not request.raw_path.endswith("tempauth=v1.eyJ%2Fa%2B"):
            return web.Response(status=401)
        if kept.status != 200:
            return web.Response(status=kept.status, headers=kept.headers)
        if kept.hangs:
            begun = web.StreamResponse(headers={"Content-Type": "text/csv"})
            await begun.prepare(request)
            await begun.write(kept.data)
            await self._released.wait()
            return begun
        return web.Response(
            body=kept.data, headers={"Content-Type": "application/octet-stream"} | kept.headers
        )
