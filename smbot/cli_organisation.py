"""`smbot organisation`: what chat has made of it, as a file that fills an empty database."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.model import Refused
from smbot.cli_base import check_schema, settings_or_end, stop, texts, with_parts

if TYPE_CHECKING:
    from smbot.wiring import Parts

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
    settings = settings_or_end()
    try:
        check_schema(settings)
    except Refused as no:
        stop(texts(settings), no)
    text = asyncio.run(with_parts(settings, _written, reads_only=True))
    if file:
        file.write_text(text, encoding="utf-8")
    else:
        typer.echo(text, nl=False)


async def _written(parts: "Parts") -> str:
    from bot.service.arrivals import wanted
    from bot.service.exporting import organisation

    async with parts.store.read() as tx:
        return organisation(await tx.register(), await wanted(tx))
