"""What the page needs from whoever mounts it, beside the shelf: the desk, the clock, people and channels."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from bot.commands import Call
from bot.model import Language, PersonId
from bot.ports import Profile
from bot.view import Card, Form, Reply, Values

PLATFORM = "web"
REALM = "local"


class Desk(Protocol):
    """The part of `bot.desk.Desk` that the page uses. Every method may raise `bot.ports.Unknown`."""

    async def command(self, call: Call, name: str, words: str) -> Reply: ...
    async def press(self, call: Call, verb: str, arg: str) -> Reply: ...
    async def submit(self, call: Call, form: str, state: str, values: Values) -> Reply: ...
    async def file(
        self, call: Call, read: Callable[[], Awaitable[bytes]], *, at_once: bool = False
    ) -> Reply: ...
    async def home(self, call: Call) -> Card: ...
    async def meet(self, profile: Profile) -> PersonId: ...
    async def users(
        self, platform: str, realm: str, people: Iterable[PersonId]
    ) -> Mapping[PersonId, str]: ...
    async def language(self, call: Call) -> Language: ...


class Someone(NamedTuple):
    """A person of the made-up university whom one may act as; `description` says what they are there."""

    id: PersonId
    name: str
    description: str


class Channel(NamedTuple):
    """A channel of the page: its id (the `channel` of an Address) and its name without a #."""

    id: str
    name: str


class ClockControl(Protocol):
    """The organisation's clock as the page shows and moves it. All moments are aware."""

    @property
    def can_move(self) -> bool:
        """Whether it may be moved here; if not, the page shows the time alone."""
        ...

    def now(self) -> datetime: ...

    def next_morning(self, moment: datetime) -> datetime:
        """Opening time of the day after."""
        ...

    def next_working_day(self, moment: datetime) -> datetime:
        """Opening time of the next working day."""
        ...

    async def move_to(self, moment: datetime) -> None:
        """Move forward to a later moment, playing every pass on the way; returns when all has been sent."""
        ...


People = Callable[[Language], Awaitable[Sequence[Someone]]]
Channels = Callable[[Language], Awaitable[Sequence[Channel]]]
Gallery = Callable[[Language], Sequence[tuple[str, Card | Form]]]
ChooseLanguage = Callable[[Call, Language], Awaitable[None]]
