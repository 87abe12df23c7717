"""`smbot backup` and `smbot restore`: all that the bot knows, out into a file and back into an empty database."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.model import Refused
from smbot.cli_base import FAILED, settings_or_end, stop, texts
from smbot.cli_records import sentence, verified

if TYPE_CHECKING:
    from bot.texts import Texts
    from smbot.settings import Settings
    from storage.backup import Dumped
    from storage.restore import Put
    from storage.verify import Verified

Target = Annotated[Path, typer.Argument(metavar="TARGET", help="A folder, or a file that is not there yet.")]
Keep = Annotated[
    int,
    typer.Option("--keep", min=0, metavar="N", help="In a folder: remove all but the newest N (0: none)."),
]
Given = Annotated[Path, typer.Argument(metavar="FILE", help="What `smbot backup` wrote.")]
Moved = Annotated[
    bool, typer.Option("--moved", help="The bot was stopped before the backup, and has not run since.")
]


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(target: Target, keep: Keep = 0) -> None:
    """Write all that the bot knows into one file, while it runs or not. Exit code 1 when anything is not as it should be."""
    settings = settings_or_end()
    t = texts(settings)
    try:
        sound = _backup(settings, t, target, keep)
    except Refused as no:
        stop(t, no)
    raise typer.Exit(0 if sound else FAILED)


def _backup(settings: "Settings", t: "Texts", target: Path, many: int) -> bool:
    """Older ones go only when the new one is whole and its decisions hold."""
    from smbot.wiring import SystemClock
    from storage.backup_file import keep, place

    if many and not target.is_dir():
        raise Refused("backup.keep_needs_folder", path=target)
    _look(settings)
    now = SystemClock().real()
    path = place(target, now)
    done = _written(settings, path, now)
    print(t("backup.done", path=path, n=done.rows))
    if done.verified and done.verified.bad:
        print(t("backup.not_sound", why=sentence(done.verified, t)), file=sys.stderr)
        return False
    if many and (gone := keep(target, many)):
        print(t.many("backup.removed", len(gone)))
    return True


def _look(settings: "Settings") -> None:
    """Nothing is made where there is no database."""
    from storage.migrations import schema_state

    try:
        state = schema_state(settings.database)
    except Exception as error:
        raise Refused("backup.cannot_read", why=type(error).__name__) from error
    if state in {"empty", "newer"}:
        raise Refused("backup.nothing" if state == "empty" else "setup.newer_schema")


def _written(settings: "Settings", path: Path, now: datetime) -> "Dumped":
    """Read back whole before it gets its name."""
    from storage.backup import BadBackup, Damaged, check, dump
    from storage.backup_file import Busy, whole

    try:
        with whole(path, check) as out:
            return asyncio.run(dump(settings.database, out, now))
    except Busy:
        raise Refused("backup.busy", path=path.parent) from None
    except FileExistsError:
        raise Refused("backup.exists", path=path) from None
    except Damaged as error:
        raise Refused("backup.damaged", why=error) from error
    except (OSError, BadBackup) as error:
        raise Refused("backup.not_written", path=path, why=_why(error)) from error
    except Exception as error:
        raise Refused("backup.cannot_read", why=type(error).__name__) from error


def _why(error: Exception) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else type(error).__name__


def restore(file: Given, moved: Moved = False) -> None:
    """Put a backup into the empty database of the settings, of either kind, and say what the bot will do when it starts."""
    settings = settings_or_end()
    t = texts(settings)
    try:
        put, verified = _restored(settings, file, moved=moved)
    except Refused as no:
        stop(t, no)
    print(t("restore.done", n=put.rows, at=put.made.isoformat(timespec="seconds")))
    print(t("restore.moved" if moved else "restore.then"))
    print(sentence(verified, t), file=sys.stderr if verified.bad else sys.stdout)
    raise typer.Exit(FAILED if verified.bad else 0)


def _restored(settings: "Settings", file: Path, *, moved: bool) -> "tuple[Put, Verified]":
    from storage.backup import BadBackup
    from storage.engine import InUse
    from storage.migrations import NotEmpty

    try:
        with _alone(settings):
            put = _put(settings, file, moved=moved)
        return put, asyncio.run(verified(settings.database))
    except (InUse, NotEmpty):
        raise Refused("restore.not_empty") from None
    except BadBackup as bad:
        raise Refused(bad.key, path=file) from None
    except OSError as error:
        raise Refused("restore.cannot_read", path=file, why=_why(error)) from error
    except Refused:
        raise
    except Exception as error:
        raise Refused("restore.failed", why=type(error).__name__) from error


def _put(settings: "Settings", file: Path, *, moved: bool) -> "Put":
    from storage.restore import restore

    return restore(settings.database, file, moved=moved)


@contextmanager
def _alone(settings: "Settings") -> Iterator[None]:
    """No bot starts on a SQLite file that is being filled. Raises InUse."""
    from storage.engine import lock_file, sqlite_file

    path = sqlite_file(settings.database)
    with lock_file(path) if path else nullcontext():
        yield
