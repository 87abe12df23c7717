"""`smbot retention`: what would go, the disposal decisions by which it goes, and a purge at once. The bot purges hourly."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.model import Refused
from bot.retention import KINDS, Kept
from bot.texts import Texts

if TYPE_CHECKING:
    from bot.ports import Tx
    from bot.service.base import Work
    from smbot.settings import Settings
    from smbot.wiring import Parts


FAILED = 1
Kind = Annotated[str, typer.Argument(metavar="KIND", help="As `smbot retention plan` shows it in brackets.")]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The disposal decision's own number.")]
Day = Annotated[
    datetime, typer.Argument(metavar="DATE", formats=["%Y-%m-%d"], help="When it was decided: 2026-09-01.")
]
Days = Annotated[
    int | None, typer.Option("--days", min=1, max=36500, help="How long it is kept from then on.")
]


def register(app: typer.Typer) -> None:
    """Adds `smbot retention` to the program."""
    group = typer.Typer(help="How long things are kept, and what goes.", no_args_is_help=True)
    group.command("plan")(plan)
    group.command("decide")(decide)
    group.command("purge")(purge)
    app.add_typer(group, name="retention")


def plan() -> None:
    """List what would go: each kind with its ground, time, number, how many, and the oldest. Changes nothing."""
    settings = _settings()
    asyncio.run(_run(settings, _plan, prepare=False))


async def _plan(parts: Parts) -> None:
    from bot.screens import retention as screens
    from bot.service import retention

    async with parts.bot.storage.read() as tx:
        work = await _work(parts, tx)
        for line in screens.plan_lines(_texts(parts.settings), await retention.plan(work)):
            print(line)


def decide(kind: Kind, number: Number, day: Day, days: Days = None) -> None:
    """Enter a disposal decision for a kind: from now on what is past its time goes."""
    settings = _settings()
    t = _texts(settings)
    if kind not in KINDS:
        _stop(t, Refused("retention.no_kind", kinds=", ".join(KINDS)))
    if not number.strip():
        _stop(t, Refused("retention.no_number"))
    known: Kept = next(each for each in KINDS if each == kind)

    async def enter(parts: Parts) -> None:
        from bot.screens import retention as screens
        from bot.service import retention

        async with parts.bot.storage.write() as tx:
            await retention.decide(await _work(parts, tx), known, number.strip(), day.date(), days)
            rule = (await tx.register()).office.retention[known]
        told = {"time": screens.how_long(t, rule.days), "number": rule.number}
        print(t("retention.noted", kind=t(f"retention.kind.{known}"), **told))

    _prepared(settings, enter)


def purge() -> None:
    """Destroy at once what is past its time and has a number; the bot rewrites its own messages when it runs."""
    _prepared(_settings(), _purge)


async def _purge(parts: Parts) -> None:
    from bot.service import retention

    t = _texts(parts.settings)
    done = await retention.run(parts.bot, parts.clock.now(), batches=None)
    for kind, n in done.items():
        print(t.many("retention.purged", n, kind=t(f"retention.kind.{kind}")))
    if not done:
        print(t("retention.none"))


# -- settings, database -----------------------------------------------------------------------------


def _prepared(settings: Settings, act: Callable[[Parts], Awaitable[None]]) -> None:
    """On the database of the settings, brought to this program's schema; not beside a bot on the same SQLite file."""
    from smbot.run import prepared
    from smbot.serve import CannotStart

    t = _texts(settings)
    try:
        with prepared(settings):
            asyncio.run(_run(settings, act))
    except CannotStart as why:
        key = "retention.in_use" if why.key == "setup.in_use" else why.key
        _stop(t, Refused(key, field=None, **why.values))


async def _run(settings: Settings, act: Callable[[Parts], Awaitable[None]], *, prepare: bool = True) -> None:
    """`prepare` False: a database that is not there, or not up to date, is left as it is and said."""
    from smbot.wiring import build
    from storage.migrations import schema_state

    if not prepare and await asyncio.to_thread(schema_state, settings.database) != "current":
        _stop(_texts(settings), Refused("records.no_schema"))
    parts = build(settings)
    try:
        await act(parts)
    finally:
        await parts.store.close()


async def _work(parts: Parts, tx: Tx) -> Work:
    from bot.service.compose import at_work

    return await at_work(parts.bot, tx, parts.clock.now())


def _texts(settings: Settings) -> Texts:
    return Texts(settings.smbot_language)


def _settings() -> Settings:
    from smbot.settings import BadSettings, load

    try:
        return load()
    except BadSettings as bad:
        print(bad, file=sys.stderr)
        raise typer.Exit(FAILED) from None


def _stop(t: Texts, no: Refused) -> NoReturn:
    print(t(no.key, **no.values), file=sys.stderr)
    raise typer.Exit(FAILED)
