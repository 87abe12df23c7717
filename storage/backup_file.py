"""The file that a backup goes into: there wholly or not at all, for its owner alone; and which older ones may go."""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

NAME = "smbot-%Y-%m-%dT%H%M%SZ.backup"
OURS = "smbot-????-??-??T??????Z.backup"
PART = "smbot.part"
OWNER_ALONE = 0o600


class Busy(Exception):
    """Another backup is being written in the same folder."""


def place(target: Path, now: datetime) -> Path:
    """The file to write: a name of its own in a folder, else the target itself."""
    return target / now.astimezone(UTC).strftime(NAME) if target.is_dir() else target


@contextmanager
def whole(path: Path, check: Callable[[Path], object]) -> Iterator[IO[bytes]]:
    """Write a new file, which gets its name after `check` has read it; what a kill left is taken next time.

    Raises Busy, FileExistsError, OSError, and what `check` raises.
    """
    part = path.with_name(PART)
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, OWNER_ALONE)
    with os.fdopen(handle, "w+b") as out:
        _hold(handle, part)
        try:
            yield out
            out.flush()
            os.fsync(handle)
            check(part)
            if path.exists():  # asked under the lock: no other backup makes it now
                raise FileExistsError(path)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    _sync(path.parent)


def _hold(handle: int, part: Path) -> None:
    """Alone, and on the file that has this name: another process may have ended and taken it away meanwhile."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(handle).st_ino != part.stat().st_ino:
            raise Busy
    except (BlockingIOError, FileNotFoundError):
        raise Busy from None
    os.ftruncate(handle, 0)
    os.fchmod(handle, OWNER_ALONE)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep(folder: Path, many: int) -> Sequence[Path]:
    """Remove all but the newest so many that a folder was given; gives those that went."""
    gone = sorted(folder.glob(OURS))[:-many]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone
