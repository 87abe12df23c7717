"""Where processes are born that have imported smbot already: each start is spared that, which is most of what it costs.

What is born here is a process of its own, forked before it has read a setting, opened a file or begun a thread; from there
on it runs `python -m smbot` like any other, and is killed like any other. That a start from nothing works is promised by
the tests that start `python -m smbot` themselves.
"""

import asyncio
import atexit
import gc
import importlib
import json
import os
import runpy
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
IMPORTED = (
    "smbot.cli", "smbot.run", "smbot.logs", "smbot.on_slack", "smbot.on_teams", "storage.store", "storage.migrations",
    "holidays.countries",
)  # fmt: skip
WARNINGS = "error::RuntimeWarning"


class Born:
    """A process that was born in the nursery, with the names of asyncio's own."""

    def __init__(self, pid: int, told: asyncio.StreamReader, line: asyncio.StreamWriter) -> None:
        self.pid, self.returncode = pid, None
        self._end = asyncio.get_running_loop().create_task(self._wait(told, line))

    async def wait(self) -> int:
        return await asyncio.shield(self._end)

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def _wait(self, told: asyncio.StreamReader, line: asyncio.StreamWriter) -> int:
        self.returncode = int(await told.readline())
        line.close()
        return self.returncode


async def born(arguments: Sequence[str], environment: dict[str, str], log: Path) -> Born:
    """A process that runs `python -m smbot` with these arguments; what it says goes to the end of `log`."""
    told, line = await asyncio.open_unix_connection(_nursery())
    wish = {"arguments": list(arguments), "environment": environment, "log": str(log)}
    line.write(json.dumps(wish).encode() + b"\n")
    return Born(int(await told.readline()), told, line)


@cache
def _nursery() -> str:
    """The socket of this process's nursery, which ends with it."""
    folder = tempfile.mkdtemp(prefix="smbot-")  # a socket's path must be short
    path = f"{folder}/nursery"
    process = subprocess.Popen(
        [sys.executable, "-W", WARNINGS, "-m", "tests.flows.nursery", path],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    atexit.register(_end, process, folder)
    assert process.stdout is not None
    process.stdout.readline()  # it listens
    return path


def _end(process: "subprocess.Popen[bytes]", folder: str) -> None:
    process.kill()
    process.communicate()
    shutil.rmtree(folder, ignore_errors=True)


# -- in the nursery ---------------------------------------------------------------------------------


class _Nursery:
    """One thread, one loop: whoever connects says what shall run, and is told its number and, later, how it ended."""

    def __init__(self, path: str) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(path)
        self._listening.listen()
        self._ears, self._mouth = socket.socketpair()
        self._mouth.setblocking(False)
        signal.set_wakeup_fd(self._mouth.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._select = selectors.DefaultSelector()
        for source in (self._listening, self._ears, sys.stdin):
            self._select.register(source, selectors.EVENT_READ)
        self._whose: dict[int, socket.socket] = {}

    def until_born(self) -> dict:
        """Returns in each child, with its wish; in the nursery itself never."""
        while True:
            for key, _ in self._select.select():
                if key.fileobj is sys.stdin:
                    sys.exit()  # whoever started it is gone
                elif key.fileobj is self._ears:
                    self._ears.recv(64)
                    self._bury()
                elif wish := self._bear():
                    return wish

    def _bear(self) -> dict | None:
        line, _ = self._listening.accept()
        wish: dict = json.loads(line.makefile("rb").readline())
        pid = os.fork()
        if not pid:
            line.close()
            self._leave()
            return wish
        self._whose[pid] = line
        line.sendall(b"%d\n" % pid)
        return None

    def _leave(self) -> None:
        """Nothing of the nursery is left in a child."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._select.close()
        for each in (self._listening, self._ears, self._mouth, *self._whose.values()):
            each.close()

    def _bury(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                with suppress(OSError), self._whose.pop(ended[0]) as line:  # nobody may be waiting any more
                    line.sendall(b"%d\n" % os.waitstatus_to_exitcode(ended[1]))


def _become(wish: dict) -> None:
    os.environ.clear()
    os.environ.update(wish["environment"])
    log = os.open(wish["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, number in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, number)
    os.close(log)
    os.close(nothing)
    sys.argv[:] = ["smbot", *wish["arguments"]]


def _main(path: str) -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    nursery = _Nursery(path)
    print(flush=True)
    _become(nursery.until_born())
    del nursery
    runpy.run_module("smbot", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main(sys.argv[1])
