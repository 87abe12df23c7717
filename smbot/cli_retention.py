"""`smbot retention`: what would go, the disposal decisions by which it goes, and a purge at once. The bot purges hourly."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.model import Refused
from bot.retention import KINDS, Kept
from smbot.cli_base import check_schema, prepared, settings_or_end, stop, texts, with_parts, work_in

if TYPE_CHECKING:
    from bot.retention import Disposal
    from bot.service.base import Work
    from smbot.wiring import Parts

IN_USE = "retention.in_use"
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
    settings = settings_or_end()
    try:
        check_schema(settings)
    except Refused as no:
        stop(texts(settings), no)
    asyncio.run(with_parts(settings, _plan))


async def _plan(parts: Parts) -> None:
    from bot.screens import retention as screens
    from bot.service import retention

    found = await work_in(parts, retention.plan, writes=False)
    for line in screens.plan_lines(texts(parts.settings), found):
        print(line)


def decide(kind: Kind, number: Number, day: Day, days: Days = None) -> None:
    """Enter a disposal decision for a kind: from now on what is past its time goes."""
    from bot.screens.retention import how_long

    settings = settings_or_end()
    t = texts(settings)
    if kind not in KINDS:
        stop(t, Refused("retention.no_kind", kinds=", ".join(KINDS)))
    if not number.strip():
        stop(t, Refused("retention.no_number"))
    known: Kept = next(each for each in KINDS if each == kind)

    async def enter(work: Work) -> Disposal:
        from bot.service import retention

        await retention.decide(work, known, number.strip(), day.date(), days)
        return (await work.tx.register()).office.retention[known]

    rule = prepared(settings, lambda parts: work_in(parts, enter, writes=True), in_use=IN_USE)
    told = {"time": how_long(t, rule.days), "number": rule.number}
    print(t("retention.noted", kind=t(f"retention.kind.{known}"), **told))


def purge() -> None:
    """Destroy at once what is past its time and has a number; the bot rewrites its own messages when it runs."""
    prepared(settings_or_end(), _purge, in_use=IN_USE)


async def _purge(parts: Parts) -> None:
    from bot.service import retention

    t = texts(parts.settings)
    done = await retention.run(parts.bot, parts.clock.now(), batches=None)
    for kind, n in done.items():
        print(t.many("retention.purged", n, kind=t(f"retention.kind.{kind}")))
    if not done:
        print(t("retention.none"))
