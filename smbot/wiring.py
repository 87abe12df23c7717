"""Settings in, working parts out. The one place where time and ids come in."""

import base64
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from bot.desk import Desk
from bot.policy import load
from bot.ports import Clock, Ids
from bot.service.base import Bot
from smbot.logs import kind_of
from smbot.rehearsal import CopyRehearsal
from smbot.settings import Settings

if TYPE_CHECKING:
    from storage.store import Store

log = structlog.get_logger("smbot")


class SystemClock(Clock):
    """Real time, plus the seconds that a file names. The file is read at each use and may only grow."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._most = 0.0

    def now(self) -> datetime:
        return self.real() + self.offset

    def real(self) -> datetime:
        return datetime.now(UTC)

    @property
    def offset(self) -> timedelta:
        """How far the clock has been moved: the most that the file has said so far."""
        if self._file:
            with suppress(OSError, ValueError):  # not there yet, or just being written
                self._most = max(self._most, float(self._file.read_text(encoding="ascii")))
        return timedelta(seconds=self._most)

    def move_to(self, moment: datetime) -> None:
        """Write into the file how far that moment lies ahead. Nothing happens for one that has passed."""
        if self._file is None:
            raise RuntimeError("this clock cannot be moved")
        seconds = (moment - self.real()).total_seconds()
        if seconds > self.offset.total_seconds():
            fresh = self._file.with_suffix(".new")
            fresh.write_text(f"{seconds:.3f}", encoding="ascii")
            fresh.replace(self._file)


class RandomIds(Ids):
    """80 random bits in lower-case letters and digits."""

    def new(self) -> str:
        return base64.b32encode(secrets.token_bytes(10)).decode().lower()

    def salt(self) -> str:
        return secrets.token_hex(16)


@dataclass
class Nudge:
    """Wakes delivery after a commit. Nobody listens before the heartbeats are there."""

    listener: Callable[[], None] | None = field(default=None)

    def __call__(self) -> None:
        if self.listener:
            self.listener()


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a running bot is put together from; adapters are added by who serves."""

    settings: Settings
    clock: SystemClock
    engine: Any
    store: "Store"
    bot: Bot
    desk: Desk
    nudge: Nudge
    owner: str
    """Under which name this process claims what is to be sent."""


def build(settings: Settings, *, reads_only: bool = False) -> Parts:
    """Opens nothing yet: the database is reached with the first transaction. `reads_only`: nothing can be saved in it."""
    from storage.engine import connect
    from storage.store import Store

    engine = connect(settings.database, reads_only=reads_only)
    store, clock, ids, nudge = Store(engine), SystemClock(settings.smbot_clock_file), RandomIds(), Nudge()
    bot = Bot(
        storage=store, clock=clock, ids=ids, pack=load(settings.smbot_policy), nudge=nudge, trouble=trouble,
        platforms=_platforms(settings), mails=settings.has_mail,
    )  # fmt: skip
    bot = replace(bot, rehearsal=CopyRehearsal(bot, store))
    return Parts(
        settings=settings,
        clock=clock,
        engine=engine,
        store=store,
        bot=bot,
        desk=Desk(bot),
        nudge=nudge,
        owner=ids.new(),
    )


def _platforms(settings: Settings) -> frozenset[str] | None:
    """The chats that the settings name; without any it is the page, which needs no setting."""
    named = {"slack": settings.has_slack, "teams": settings.has_teams}
    return frozenset(name for name, is_set in named.items() if is_set) or None


def trouble(trace: str, error: BaseException) -> None:
    """Log what went wrong under the id that somebody was shown."""
    log.error("trouble", trace=trace, **kind_of(error))
