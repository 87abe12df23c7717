"""`smbot run`: the bot for real, on the chat platforms that the settings name."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from pydantic import SecretStr

from bot.organisation import BadOrganisation, Organisation, parse
from bot.ports import Conflict
from bot.service.seed import (
    Directory,
    administrator,
    first_office,
    has_administrator,
    is_empty,
    look_up,
    seed,
)
from smbot import beside
from smbot.serve import CannotStart, Service
from smbot.settings import Settings
from smbot.wiring import Parts, build

if TYPE_CHECKING:
    from adapters.slack.receive import SlackReceiver
    from adapters.slack.transport import Socket

log = structlog.get_logger("smbot")


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
    """Serve Slack until SIGTERM. Raises CannotStart."""
    from adapters.slack.receive import SlackReceiver
    from adapters.slack.send import SlackChat
    from scheduler.pace import Pace

    parts, token = build(settings), _secret(settings.slack_bot_token)
    receiver = SlackReceiver(
        parts.desk,
        token=token,
        signing_secret=_secret(settings.slack_signing_secret),
        api_url=settings.smbot_slack_api_url,
        language=settings.smbot_language,
    )
    try:
        await _ask_who_we_are(receiver)
        await fill(parts, receiver.directory, file)
    except CannotStart:
        await parts.store.close()
        raise
    chat = SlackChat(token, settings.smbot_slack_api_url)
    moved = settings.smbot_clock_file is not None
    service = Service(parts, [chat], {chat.platform: Pace()}, moved=moved)
    _add_transport(service, receiver, settings)
    service.beside += [
        lambda: beside.refresh(receiver),
        lambda: beside.check_people(parts.store, receiver),
        lambda: beside.look_at_places(parts.store, receiver.directory),
    ]
    _say_loudly(parts)
    await service.until_stopped(
        settings.smbot_http_host,
        settings.smbot_http_port,
        lambda: log.info("started", policy=parts.bot.pack.name),
    )


async def _ask_who_we_are(receiver: "SlackReceiver") -> None:
    from adapters.slack import trouble

    try:
        await receiver.start()
    except Exception as error:
        raise CannotStart("setup.slack_refused", why=trouble.name(error)) from error


def _add_transport(service: Service, receiver: "SlackReceiver", settings: Settings) -> None:
    """Socket Mode when an app token is set, else signed HTTP."""
    from adapters.slack.transport import Http, Socket

    if settings.slack_app_token:
        socket = Socket(receiver, _secret(settings.slack_app_token))
        service.transports.append(socket)
        service.at_start.append(lambda: _connect(socket))
    else:
        http = Http(receiver, _secret(settings.slack_signing_secret))
        http.mount(service.app)
        service.transports.append(http)


async def _connect(socket: "Socket") -> None:
    from adapters.slack import trouble

    try:
        await socket.connect()
    except Exception as error:
        raise CannotStart("setup.socket_refused", why=trouble.name(error)) from error


async def fill(parts: Parts, directory: Directory, file: Organisation | None) -> None:
    """Fill an empty database, once, and make sure of an administrator. Raises CannotStart without one, before filling."""
    settings = parts.settings
    async with parts.store.read() as tx:
        empty, known = await is_empty(tx), has_administrator(await tx.register())
    if not (known or settings.smbot_admin or (empty and file and file.roles.get("administrators"))):
        raise CannotStart("setup.no_administrator")
    if file:
        await _fill_from(parts, directory, file)
    else:
        await first_office(parts.bot, settings.smbot_language)
    if not await _has_administrator(parts):
        await administrator(parts.bot, directory, settings.smbot_admin)


async def _fill_from(parts: Parts, directory: Directory, file: Organisation) -> None:
    async with parts.store.read() as tx:
        empty = await is_empty(tx)
    try:
        empty = empty and await seed(
            parts.bot, file, await look_up(directory, file), parts.settings.smbot_language
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


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
