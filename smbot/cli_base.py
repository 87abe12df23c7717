"""What commands of the command line share: the settings or a plain end, words for a refusal, the database.

What only a command needs is imported when it runs, here too: each starts quickly.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

from bot.model import Refused

if TYPE_CHECKING:
    from bot.service.base import Work
    from bot.texts import Texts
    from smbot.settings import Settings
    from smbot.wiring import Parts

T = TypeVar("T")
FAILED = 1


def settings_or_end() -> Settings:
    """The settings; every fault of theirs on standard error, and the end, where they cannot be used."""
    from smbot.settings import BadSettings, load

    try:
        return load()
    except BadSettings as bad:
        print(bad, file=sys.stderr)
        raise typer.Exit(FAILED) from None


def texts(settings: Settings) -> Texts:
    """In the language of the settings: nobody's own is known on the command line."""
    from bot.texts import Texts

    return Texts(settings.smbot_language)


def stop(t: Texts, no: Refused) -> NoReturn:
    """Say why not, and end."""
    print(t(no.key, **no.values), file=sys.stderr)
    raise typer.Exit(FAILED)


def check_schema(settings: Settings) -> None:
    """Raises Refused for a database that is not there, or not of this program. None is made, none is changed."""
    from storage.migrations import schema_state

    try:
        state = schema_state(settings.database)
    except Exception as error:
        raise Refused("records.no_database", why=type(error).__name__) from None
    if state != "current":
        raise Refused("setup.newer_schema" if state == "newer" else "records.no_schema")


async def with_parts(
    settings: Settings, act: Callable[[Parts], Awaitable[T]], *, reads_only: bool = False
) -> T:
    """The bot put together for one thing; its database is given back whatever happens."""
    from smbot.wiring import build

    parts = build(settings, reads_only=reads_only)
    try:
        return await act(parts)
    finally:
        await parts.store.close()


def prepared(settings: Settings, act: Callable[[Parts], Awaitable[T]], *, in_use: str) -> T:
    """On the database of the settings, brought to this program's schema; not beside a bot on the same SQLite file.

    `in_use`: the text that says so.
    """
    from smbot.run import prepared as ready
    from smbot.serve import CannotStart

    try:
        with ready(settings):
            return asyncio.run(with_parts(settings, act))
    except CannotStart as why:
        key = in_use if why.key == "setup.in_use" else why.key
        stop(texts(settings), Refused(key, field=None, **why.values))
    except Refused as no:
        stop(texts(settings), no)


async def work_in(parts: Parts, act: Callable[[Work], Awaitable[T]], *, writes: bool) -> T:
    """In one transaction, as the bot itself."""
    from bot.service.compose import at_work

    storage = parts.bot.storage
    async with storage.write() if writes else storage.read() as tx:
        return await act(await at_work(parts.bot, tx, parts.clock.now()))


def in_database(settings: Settings, act: Callable[[Work], Awaitable[T]], *, writes: bool) -> T:
    """In one transaction on the database that `prepared` gives."""
    return prepared(settings, lambda parts: work_in(parts, act, writes=writes), in_use="import.in_use")
