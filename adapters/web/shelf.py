"""What stands on the page. It must survive a restart, so the page is handed a shelf that stores it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A card that stands in a channel (`dm:USER` for somebody's direct messages).

    `thread` is the id of the message it answers, 0 for a post of its own. `alerted` are the users its
    People parts name. `key` is the outbox row's, and unique. Times are aware, on the organisation's clock.
    """

    id: int = 0  # given by the shelf, growing
    channel: str
    thread: int = 0
    card_json: str
    language: str
    at: datetime
    edited_at: datetime | None = None
    key: str
    alerted: tuple[str, ...] = ()


class Shelf(Protocol):
    """Where shown cards are kept, and how far each reader has read."""

    async def put(self, shown: Shown) -> Shown:
        """Store it under the next id. A key that stands already is left as it is, and given back."""
        ...

    async def replace(
        self, ident: int, card_json: str, language: str, at: datetime, alerted: tuple[str, ...]
    ) -> Shown | None:
        """Show another card in its place, edited `at`; None when no such message stands."""
        ...

    async def find(self, key: str) -> Shown | None: ...

    async def list(self, channel: str, limit: int = 200) -> Sequence[Shown]:
        """The newest messages of a channel with their threads, oldest first."""
        ...

    async def read_to(self, reader: str, channel: str, ident: int) -> None:
        """The reader has seen the channel up to that id; it never moves back."""
        ...

    async def unread(self, reader: str, limit: int = 5000, channel: str = "") -> Sequence[Shown]:
        """What stands in any channel, or in this one, beyond what the reader has seen there, oldest first."""
        ...


class MemoryShelf:
    """A shelf that is gone with the process: for tests, and for looking at the page."""

    def __init__(self) -> None:
        self._shown: dict[int, Shown] = {}
        self._keys: dict[str, int] = {}
        self._read: dict[tuple[str, str], int] = {}

    async def put(self, shown: Shown) -> Shown:
        ident = self._keys.setdefault(shown.key, len(self._shown) + 1)
        return self._shown.setdefault(ident, replace(shown, id=ident))

    async def replace(
        self, ident: int, card_json: str, language: str, at: datetime, alerted: tuple[str, ...]
    ) -> Shown | None:
        if ident not in self._shown:
            return None
        changed = {"card_json": card_json, "language": language, "edited_at": at, "alerted": alerted}
        self._shown[ident] = replace(self._shown[ident], **changed)  # type: ignore[arg-type]
        return self._shown[ident]

    async def find(self, key: str) -> Shown | None:
        return self._shown.get(self._keys.get(key, 0))

    async def list(self, channel: str, limit: int = 200) -> Sequence[Shown]:
        return [shown for shown in self._shown.values() if shown.channel == channel][-limit:]

    async def read_to(self, reader: str, channel: str, ident: int) -> None:
        self._read[reader, channel] = max(ident, self._read.get((reader, channel), 0))

    async def unread(self, reader: str, limit: int = 5000, channel: str = "") -> Sequence[Shown]:
        fresh = (s for s in self._shown.values() if s.id > self._read.get((reader, s.channel), 0))
        return [s for s in fresh if channel in ("", s.channel)][:limit]
