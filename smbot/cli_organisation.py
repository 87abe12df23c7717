"""`smbot organisation`: what chat has made of it, as a file that fills an empty database."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

FAILED = 1
Target = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Where to (default: standard output).")]


def register(app: typer.Typer) -> None:
    """Adds `smbot organisation` to the program."""
    organisation = typer.Typer(
        help="The organisation: roles, units, channels, accounts.", no_args_is_help=True
    )
    organisation.callback()(_group)
    organisation.command("export")(export)
    app.add_typer(organisation, name="organisation")


def _group() -> None:
    """With one command alone typer would leave its name out."""


def export(file: Target = None) -> None:
    """Write the organisation as it stands: SMBOT_ORGANISATION takes it where the database is empty."""
    from smbot.settings import BadSettings, load

    try:
        settings = load()
    except BadSettings as bad:
        typer.echo(str(bad), err=True)
        raise typer.Exit(FAILED) from None
    from bot.service.arrivals import wanted
    from bot.service.exporting import organisation
    from smbot.wiring import build

    async def read() -> str:
        parts = build(settings)
        try:
            async with parts.store.read() as tx:
                return organisation(await tx.register(), await wanted(tx))
        finally:
            await parts.store.close()

    text = asyncio.run(read())
    if file:
        file.write_text(text, encoding="utf-8")
    else:
        typer.echo(text, nl=False)
