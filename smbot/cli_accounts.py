"""`smbot accounts`: the register that exists, in from a spreadsheet and out again. Nothing here sends anything."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.model import Refused
from smbot.cli_base import in_database, settings_or_end, stop, texts

if TYPE_CHECKING:
    from bot.importing.plan import Plan
    from bot.service.base import Work
    from bot.texts import Texts

BOM = "\ufeff"
"""Without it Excel reads UTF-8 as something else."""

Existing = Annotated[
    Path, typer.Argument(metavar="FILE", help="The table: a workbook (.xlsx), or saved from Excel as CSV.")
]
Target = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Where to (default: standard output).")]
Digest = Annotated[
    str, typer.Option("--apply", metavar="DIGEST", help="Do what the last look showed under this word.")
]

Names = Annotated[
    list[str], typer.Argument(metavar="CHANNEL...", help="Names of channels, with or without #.")
]


def register(app: typer.Typer) -> None:
    """Adds `smbot accounts` to the program."""
    accounts = typer.Typer(help="The register: import, export, start channels.", no_args_is_help=True)
    accounts.command("template")(template)
    accounts.command("import")(import_)
    accounts.command("export")(export)
    accounts.command("channels")(channels)
    accounts.command("start")(start)
    app.add_typer(accounts, name="accounts")


def template(file: Target = None) -> None:
    """An empty table with headings, in the language of the settings, for Excel."""
    from bot.importing.cells import headings
    from bot.importing.sheet import write

    t = texts(settings_or_end())
    _put(t, file, write([headings(t)]))


def import_(file: Existing, digest: Digest = "") -> None:
    """Show what the file would do to the register; with --apply, do it. Nobody gets a message."""
    from bot.service import importing

    settings = settings_or_end()
    t = texts(settings)
    given = _read(t, file)
    if digest:
        done = in_database(settings, lambda work: importing.apply(work, given, digest), writes=True)
        new, changed = (
            t.many("import.done", done.new) if done.new else "",
            t.many("import.done.changed", done.changed),
        )
        print("\n".join(filter(None, (new, changed if done.changed else "", t("import.quiet")))))
        return
    in_database(settings, lambda work: _look(work, t, given, file), writes=False)


async def _look(work: Work, t: Texts, given: str, file: Path) -> None:
    from bot.screens import importing as screens
    from bot.service import importing

    plan = importing.look(work, given)
    print(screens.summary(t, plan))
    for section in screens.report(t, work.register, plan):
        print(f"\n{section.title}")
        print("\n".join(f"  {line}" for line in section.lines))
    print("\n" + "\n".join(_next(t, plan, file)))


def _next(t: Texts, plan: Plan, file: Path) -> list[str]:
    if not plan.entries:
        return [t("import.nothing_new")]
    command = f"  smbot accounts import {_quoted(str(file))} --apply {plan.digest}"
    return [f"{t('import.none_done')} {t('import.quiet')}", t("import.apply_with"), command]


def _quoted(path: str) -> str:
    return f'"{path}"' if " " in path else path


def export(file: Target = None) -> None:
    """The register as a table. Imported again it changes nothing."""
    settings = settings_or_end()
    _put(texts(settings), file, in_database(settings, _exported, writes=False))


async def _exported(work: Work) -> str:
    from bot.service import importing

    return importing.export(work)


def channels() -> None:
    """The channels with accounts that wait to be started."""
    from bot.service import starting

    settings = settings_or_end()
    found = in_database(settings, starting.unstarted_names, writes=False)
    t = texts(settings)
    lines = [t.many("start.option", n, place=name) for name, n in found]
    print("\n".join(lines) or t("start.none"))


def start(names: Names) -> None:
    """Ask in these channels, ten at most, whether their accounts are right. This posts: one card in each, one list a head."""
    from bot.service import starting

    settings = settings_or_end()
    t = texts(settings)
    places, now = in_database(settings, lambda work: starting.start_named(work, names), writes=True)
    print(t.many("start.started" if now else "start.started_later", len(places)))


# -- files ----------------------- --------------------------------------------------------------------


def _read(t: Texts, file: Path) -> str:
    from bot.importing.table_file import decoded

    try:
        return decoded(file.read_bytes())
    except OSError:
        stop(t, Refused("import.no_file", path=file))
    except Refused as no:
        stop(t, no)


def _put(t: Texts, file: Path | None, table: str) -> None:
    """Into a new file, never over one that is there; rows end as Windows ends them."""
    raw = (BOM + table).encode()
    if file is None:
        sys.stdout.buffer.write(raw)
        return
    try:
        with file.open("xb") as out:
            out.write(raw)
    except FileExistsError:
        stop(t, Refused("import.exists", path=file))
    except OSError:
        stop(t, Refused("import.no_file", path=file))
