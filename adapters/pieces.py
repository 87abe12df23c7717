"""A file that comes in piece by piece, from a browser or from where a platform keeps it."""

from aiohttp import StreamReader

from bot.model import Refused
from bot.service.importing import MOST_MB

MOST = MOST_MB * 1_000_000
PIECE = 65_536


async def gathered(content: StreamReader) -> bytes:
    """All of it. Raises Refused for one that is too large; no more is read than it takes to know that."""
    found = bytearray()
    async for piece in content.iter_chunked(PIECE):
        found += piece
        if len(found) > MOST:
            raise Refused("import.too_large", most=MOST_MB)
    return bytes(found)
