"""`smbot records`: what is on record, looked at from the command line."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.model import Refused
from smbot.cli_base import FAILED, check_schema, in_database, settings_or_end, stop, texts

if TYPE_CHECKING:
    from bot.texts import Texts
    from smbot.settings import Settings
    from storage.verify import Verified

app = typer.Typer(help="Decisions and measures on record.", no_args_is_help=True)


def register(into: typer.Typer) -> None:
    into.add_typer(app, name="records")


@app.callback()
def records() -> None:
    """Decisions and measures on record."""


@app.command()
def verify() -> None:
    """Prove that all decisions are as they were written, or name the first that is not (exit code 1). Changes nothing."""
    settings = settings_or_end()
    text, sound = asyncio.run(_answer(settings, texts(settings)))
    print(text, file=sys.stdout if sound else sys.stderr)
    raise typer.Exit(0 if sound else FAILED)


@app.command("print")
def print_(
    number: Annotated[int, typer.Argument(help="The number of the decision.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A new text file (default: standard output).")
    ] = None,
) -> None:
    """One decision on one page, as plain text in the organisation's language."""
    from bot.service.decisions import printed

    settings = settings_or_end()
    t = texts(settings)
    text = in_database(settings, lambda work: printed(work, number), writes=False)
    if file is None:
        print(text, end="")
        return
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        stop(t, Refused("records.exists", path=file))


async def _answer(settings: "Settings", t: "Texts") -> tuple[str, bool]:
    """One sentence, and whether all is well. A database that is not there yet is not made."""
    try:
        await asyncio.to_thread(check_schema, settings)
        found = await verified(settings.database)
    except Refused as no:
        return t(no.key, **no.values), False
    except Exception as error:
        return t("records.no_database", why=type(error).__name__), False
    return sentence(found, t), found.bad is None


async def verified(database: str) -> "Verified":
    """Whether all decisions of a database are as they were written."""
    from storage.engine import connect
    from storage.store import Store
    from storage.verify import verify

    store = Store(connect(database))
    try:
        async with store.read() as tx:
            return await verify(tx)
    finally:
        await store.close()


def sentence(found: "Verified", t: "Texts") -> str:
    """What was found, in one line."""
    if found.bad:
        return t(f"records.{found.bad.what}", n=found.bad.number, name=found.bad.name)
    return t("records.whole", n=found.count, last=found.last) if found.count else t("records.empty")
