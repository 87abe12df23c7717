"""The command line. What a command needs is imported when it runs, so that each starts quickly."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.model import Refused
from smbot import (
    cli_accounts,
    cli_backup,
    cli_organisation,
    cli_policy,
    cli_preview,
    cli_records,
    cli_retention,
    manifest,
)
from smbot.cli_base import FAILED, settings_or_end, stop, texts

if TYPE_CHECKING:
    from smbot.serve import CannotStart
    from smbot.settings import Settings

app = typer.Typer(
    help="A chat bot for those who look after a public university's social media accounts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
db = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(db, name="db")
cli_policy.register(app)
cli_records.register(app)
cli_accounts.register(app)
cli_retention.register(app)
cli_organisation.register(app)
cli_backup.register(app)
cli_preview.register(app)
manifest.register(app)


def main() -> None:
    """The command `smbot`."""
    app()


@app.command()
def run() -> None:
    """Start the bot for real: in Slack, in Teams or in both, as the settings say."""
    settings = settings_or_end()
    if not settings.has_slack and not settings.has_teams:
        stop(texts(settings), Refused("setup.no_platform"))
    from smbot import logs
    from smbot.run import organisation, prepared, serve
    from smbot.serve import CannotStart
    from smbot.wiring import SystemClock

    clock = SystemClock(settings.smbot_clock_file)
    logs.start(lambda: clock.offset)
    try:
        file = organisation(settings)
        with prepared(settings):
            asyncio.run(serve(settings, file))
    except CannotStart as why:
        _end(settings, why)


@app.command()
def demo(
    port: Annotated[
        int | None, typer.Option(help="Port of the page (default: SMBOT_HTTP_PORT, else 8080).")
    ] = None,
    database: Annotated[Path | None, typer.Option(help="SQLite file (default: in your data folder).")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what was done in the demo before.")] = False,
    organisation: Annotated[
        Path | None, typer.Option(help="Your own organisation file instead of the made-up university.")
    ] = None,
    mail: Annotated[
        bool, typer.Option("--mail", help="Send its letters, by SMBOT_SMTP_URL; without it none are sent.")
    ] = False,
) -> None:
    """Try it: a made-up university on a page of this machine, with a clock that you move. Needs no tokens."""
    from smbot import logs
    from smbot.run import forget, prepared
    from smbot.serve import CannotStart
    from smbot.settings import data_folder
    from smbot.wiring import build

    path = (database or data_folder() / "demo.db").absolute()
    clock = path.with_suffix(".clock")
    real = settings_or_end()
    if mail and not real.has_mail:
        stop(texts(real), Refused("setup.demo_mail"))
    settings = _for_demo(real, path, organisation, mail=mail)
    at = settings.smbot_http_port if port is None else port
    try:
        if fresh:
            forget(path, clock)
        with prepared(settings):
            from smbot.demo import serve

            parts = build(settings)
            logs.start(lambda: parts.clock.offset, quiet=True)
            asyncio.run(serve(parts, at, _welcome(at, path)))
    except CannotStart as why:
        _end(settings, why)


@app.command()
def doctor() -> None:
    """Say in plain words what is missing or wrong, and what to do about it. Exit code 1 when something is."""
    from smbot.doctor import examine
    from smbot.settings import BadSettings, language_of, load

    try:
        settings = load()
    except BadSettings as bad:
        print(bad)
        raise typer.Exit(FAILED) from None
    sound = asyncio.run(examine(settings, language_of()))
    raise typer.Exit(0 if sound else FAILED)


@db.command()
def upgrade() -> None:
    """Bring the database to this program's schema. `smbot run` does it by itself."""
    settings = settings_or_end()
    from smbot.run import prepared
    from smbot.serve import CannotStart

    try:
        with prepared(settings):
            pass
    except CannotStart as why:
        _end(settings, why)


def _end(settings: "Settings", why: "CannotStart") -> NoReturn:
    stop(texts(settings), Refused(why.key, field=None, **why.values))


def _for_demo(real: "Settings", path: Path, organisation: Path | None, *, mail: bool) -> "Settings":
    """The settings without what is meant for the real bot: its database, its organisation and, unless asked for, its mail."""
    from smbot.settings import sqlite

    own = {"smbot_database_url": sqlite(path), "smbot_clock_file": path.with_suffix(".clock"),
           "smbot_organisation": organisation}  # fmt: skip
    return real.model_copy(update=own if mail else {**own, "smbot_smtp_url": None})


def _welcome(port: int, path: Path) -> list[str]:
    """In both languages: whoever tries it has chosen none yet."""
    from bot.texts import LANGUAGES, Texts

    url = f"http://127.0.0.1:{port}"
    told = [Texts(language)("setup.welcome", url=url, path=path) for language in LANGUAGES]
    return ["", *told, ""]
