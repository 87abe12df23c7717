"""A shortcut in Teams until its form comes back: smbot, which checks the signature, against a bare aiohttp handler."""

import asyncio
import json
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from aiohttp import web

from benchmarks.measure import Measure, milliseconds
from tests.fakes.teams import FakeTeams, Message
from tests.flows.process import running

AIM_MS = 15.0
WARM_UP = 10
SHORTCUT = "log_question"
ORGANISATION = """
name = "Provuniversitetet"
alarm_number = "08-000 00 00"
[roles]
administrators = ["{anna}"]
communications = ["{anna}"]
[[unit]]
id = "u"
name = "Biblioteket"
head = "{anna}"
[[channel]]
name = "Bibliotek / Sociala medier"
[[account]]
platform = "instagram"
name = "Biblioteket"
address = "https://www.instagram.com/bibliotek/"
unit = "u"
channel = "Bibliotek / Sociala medier"
people = ["{anna}"]
"""


async def run(folder: Path, pairs: int) -> Sequence[Measure]:
    teams = FakeTeams()
    teams.limits.off()
    await teams.start()
    try:
        return [await _measured(teams, folder, pairs)]
    finally:
        await teams.stop()


async def _measured(teams: FakeTeams, folder: Path, pairs: int) -> Measure:
    anna = teams.add_user("Anna Lind")
    library = teams.add_team("Bibliotek", [anna])
    place = teams.add_channel(library, "Sociala medier")
    teams.give_app(anna)
    file = folder / "organisation.toml"
    file.write_text(ORGANISATION.format(anna=anna), encoding="utf-8")
    async with running(None, folder, teams, SMBOT_ORGANISATION=str(file)) as bot:
        await teams.install(library, by=anna)
        message = teams.written(anna, place, "När öppnar ni?")
        ours = f"{bot.url}/api/messages"
        teams.target = ours
        form = (await teams.message_action(anna, message, SHORTCUT)).body
        assert form["task"]["type"] == "continue", form
        with bare(form) as url:
            took = await _in_turn(teams, anna, message, (ours, url), pairs)
    assert not teams.user_errors, teams.user_errors
    return Measure(
        name="shortcut in Teams to its form", ours=milliseconds(took[0]), bare=milliseconds(took[1]), unit="ms",
        aim=AIM_MS, of="above", note="ours checks a signature and reads the register",
    )  # fmt: skip


async def _in_turn(
    teams: FakeTeams, user: str, message: Message, urls: tuple[str, str], pairs: int
) -> tuple[list[float], list[float]]:
    """Seconds of each, asked in turn, each first every other time."""
    took: tuple[list[float], list[float]] = ([], [])
    for n in range(pairs + WARM_UP):
        for which in (0, 1) if n % 2 else (1, 0):
            teams.target = urls[which]
            outcome = await teams.message_action(user, message, SHORTCUT)
            assert outcome.ok, outcome
            teams.close(user)
            took[which].append(outcome.seconds)
    return took[0][WARM_UP:], took[1][WARM_UP:]


# -- the bare program ---------------------------------------------------------------------------


@contextmanager
def bare(form: Any) -> Iterator[str]:
    """A process that reads an activity and answers with that form."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, form), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, form: Any) -> None:
    async def answer(request: web.Request) -> web.Response:
        json.loads(await request.read())
        return web.json_response(form)

    async def serve() -> None:
        app = web.Application()
        app.router.add_post("/api/messages", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages")
        await asyncio.Event().wait()

    asyncio.run(serve())
