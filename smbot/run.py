"""`smbot run`: the bot for real, on the chat platforms that the settings name."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import structlog

from bot.organisation import BadOrganisation, Organisation, parse
from bot.ports import Chat, Conflict
from bot.service.seed import (
    Directory,
    administrator,
    first_office,
    has_administrator,
    is_empty,
    look_up,
    seed,
)
from scheduler.pace import Pace
from scheduler.restored import look_back
from smbot.serve import CannotStart, Service
from smbot.settings import Settings
from smbot.sign_of_life import SignOfLife
from smbot.wiring import Parts, build

log = structlog.get_logger("smbot")


class Platform(Protocol):
    """A chat platform, put together. `begin` asks it who we are; `attach` adds what it does while the bot runs."""

    @property
    def chat(self) -> Chat: ...
    @property
    def pace(self) -> Pace: ...
    @property
    def directory(self) -> Directory: ...
    async def begin(self) -> None:
        """Raises CannotStart where the bot is not let in."""
        ...

    def attach(self, service: Service) -> None: ...


@contextmanager
def prepared(settings: Settings) -> Iterator[None]:
    """The database at this program's schema, and this process its only one where it is a SQLite file.

    Raises CannotStart.
    """
    from storage.engine import InUse, lock_file, sqlite_file
    from storage.migrations import Newer, upgrade

    path = None
    with ExitStack() as held:
        try:
            path = sqlite_file(settings.database)
            if path:
                held.enter_context(lock_file(path))
            upgrade(settings.database)
        except InUse as error:
            raise CannotStart("setup.in_use", path=path) from error
        except ValueError as error:
            raise CannotStart("setup.bad_database", why=error) from error
        except Newer as error:
            raise CannotStart("setup.newer_schema") from error
        except Exception as error:
            raise CannotStart("setup.no_database", why=type(error).__name__) from error
        yield


def forget(path: Path, clock: Path) -> None:
    """Remove a SQLite database and its moved clock. Raises CannotStart while another process has it."""
    from storage.engine import InUse, lock_file

    try:
        with lock_file(path):
            for gone in (path, clock, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
                gone.unlink(missing_ok=True)
    except InUse as error:
        raise CannotStart("setup.in_use", path=path) from error


def organisation(settings: Settings) -> Organisation | None:
    """The organisation file. Raises CannotStart with all its faults."""
    if settings.smbot_organisation is None:
        return None
    try:
        return parse(settings.smbot_organisation.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart("setup.organisation_unreadable", path=settings.smbot_organisation) from error
    except BadOrganisation as bad:
        faults = "\n".join(f"- {fault}" for fault in bad.faults)
        raise CannotStart(
            "setup.organisation_faults", path=settings.smbot_organisation, faults=faults
        ) from bad


async def serve(settings: Settings, file: Organisation | None) -> None:
    """Serve the platforms that are set until SIGTERM. Raises CannotStart."""
    parts = build(settings)
    platforms = configured(parts)
    try:
        for platform in platforms:
            await platform.begin()
        await fill(parts, [platform.directory for platform in platforms], file)
        if made := await look_back(parts.bot):
            log.warning("restored", backup_of=made.isoformat())
    except CannotStart:
        await parts.store.close()
        raise
    chats: dict[Chat, Pace] = {platform.chat: platform.pace for platform in platforms} | by_mail(settings)
    service = Service(
        parts,
        list(chats),
        {chat.platform: pace for chat, pace in chats.items()},
        moved=settings.smbot_clock_file is not None,
    )
    for platform in platforms:
        platform.attach(service)
    _show_life(settings, service)
    _say_loudly(parts)
    await service.until_stopped(
        settings.smbot_http_host,
        settings.smbot_http_port,
        lambda: log.info("started", policy=parts.bot.pack.name),
    )


def _show_life(settings: Settings, service: Service) -> None:
    if url := settings.smbot_heartbeat_url:
        sign = SignOfLife(url.get_secret_value(), settings.smbot_heartbeat_seconds, service.health.well)
        service.beside.append(sign.forever)


def configured(parts: Parts) -> list[Platform]:
    """The platforms that are set; the adapter of another is not even imported."""
    found: list[Platform] = []
    if parts.settings.has_slack:
        from smbot.on_slack import OnSlack

        found.append(OnSlack(parts))
    if parts.settings.has_teams:
        from smbot.on_teams import OnTeams

        found.append(OnTeams(parts))
    return found


def by_mail(settings: Settings) -> dict[Chat, Pace]:
    """Mail beside the chats, where it is set."""
    if not settings.has_mail:
        return {}
    from smbot.on_mail import PACE, mail

    return {chat: PACE} if (chat := mail(settings)) else {}


async def fill(parts: Parts, directories: Sequence[Directory], file: Organisation | None) -> None:
    """Fill an empty database, once, and make sure of an administrator. Raises CannotStart without one, before filling."""
    settings = parts.settings
    async with parts.store.read() as tx:
        empty, known = await is_empty(tx), has_administrator(await tx.register())
    if not (known or settings.smbot_admin or (empty and file and file.roles.get("administrators"))):
        raise CannotStart("setup.no_administrator")
    if file:
        await _fill_from(parts, directories, file)
    else:
        await first_office(parts.bot, settings.smbot_language)
    if not await _has_administrator(parts):
        await administrator(parts.bot, directories, settings.smbot_admin)


async def _fill_from(parts: Parts, directories: Sequence[Directory], file: Organisation) -> None:
    async with parts.store.read() as tx:
        empty = await is_empty(tx)
    try:
        empty = empty and await seed(
            parts.bot, file, await look_up(directories, file), parts.settings.smbot_language
        )
    except Conflict:  # another process that started at the same time did it
        empty = False
    if empty:
        log.info("organisation_taken_in", accounts=len(file.accounts))
    else:
        log.warning("organisation_ignored", why="the database is filled already; change things in chat")


async def _has_administrator(parts: Parts) -> bool:
    async with parts.store.read() as tx:
        return has_administrator(await tx.register())


def _say_loudly(parts: Parts) -> None:
    if parts.settings.smbot_clock_file:
        log.warning("THE CLOCK IS MOVED BY A FILE", seconds=parts.clock.offset.total_seconds())
    if parts.settings.smbot_teams_allow_unsigned:
        log.warning("ANYBODY ON THIS COMPUTER CAN ACT AS ANYBODY IN TEAMS: SMBOT_TEAMS_ALLOW_UNSIGNED IS SET")
