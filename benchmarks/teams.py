"""Posts to very many conversations of Teams: our delivery, against as many as Teams' limits let through in that time.

The connector is a process of its own on loopback. It holds the documented windows, answers each call after 50 ms, and
stores nothing; tokens come from it as well.
"""

import asyncio
import multiprocessing
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

from aiohttp import web

from adapters.teams.connector import Connector
from adapters.teams.credentials import Tokens, by_secret
from adapters.teams.ports import Contact, Reference
from adapters.teams.send import BURST, GAP, RATE, TeamsChat
from benchmarks.measure import Measure
from scheduler.deliver import Delivery
from scheduler.jobs import Heartbeats
from scheduler.pace import Pace
from storage.references import SqlReferences
from tests.fakes.chat import MONDAY, StageClock, bot_on, office
from tests.fakes.stage import Stage, open_stage
from tests.fakes.teams.limits import WHOLE, Limits

AIM = 1 / 0.95
"""The time that we need, over the time that the limits do."""
ANSWER_SECONDS = 0.05
PATIENCE_SECONDS = 300.0
LOOK_SECONDS = 0.5
TENANT, APP = "tenant", "app"
PLACES = "UPDATE places SET platform = 'teams', realm = ?, channel = '19:' || id || '@thread.v2'"
NO_ROUNDS = "UPDATE accounts SET asked_from = '2030-01-01'"
CASES = """
    INSERT INTO cases (id, kind, version, account, place, opened_at, closed_at, wake_at, failures, body)
    SELECT 'q' || p.id, c.kind, c.version, 'a-' || p.id, p.id, c.opened_at, c.closed_at, c.wake_at, c.failures, c.body
    FROM places p, cases c WHERE p.id LIKE 'p%' AND p.id <> c.place
"""
ROWS = """
    INSERT INTO outbox (key, card, reader, target, "case", lane, arg, useful_until, threaded, living, state, tries,
                        retry_at, first_try, reason, created_at)
    SELECT 'q' || p.id || ':card', o.card, 'place:' || p.id, 'place:' || p.id, 'q' || p.id, o.lane, o.arg,
           o.useful_until, o.threaded, o.living, o.state, o.tries, o.retry_at, o.first_try, o.reason, o.created_at
    FROM places p, outbox o WHERE p.id LIKE 'p%' AND o.target <> 'place:' || p.id
"""


class RunningClock(StageClock):
    """Monday morning, and on from there."""

    def __init__(self) -> None:
        super().__init__(MONDAY)
        self._begun = perf_counter()

    def real(self) -> Any:
        self.pass_by(seconds=perf_counter() - self._begun)
        self._begun = perf_counter()
        return super().real()

    def now(self) -> Any:
        return self.real()


async def run(folder: Path, posts: int) -> Sequence[Measure]:
    with served() as (url, told):
        async with open_stage(folder) as stage:
            await _fill(stage, folder / "stage.db", posts, url)
            await _deliver(stage, url)
        told.send("how many?")
        arrived, refused = told.recv()
    assert len(arrived) == posts, (len(arrived), refused)
    return [_measure(arrived, refused)]


def _measure(arrived: Sequence[float], refused: int) -> Measure:
    """Steady: what the limits let through at once in the first second is no part of it."""
    (most, seconds), *_ = WHOLE
    took, posts = arrived[-1] - arrived[0], len(arrived)
    note = f"{posts / took:.1f} posts a second of {most}; told to wait {refused} times"
    name = f"posts to {posts} conversations of Teams"
    return Measure(name=name, ours=took, bare=posts / most * seconds, unit="s", aim=AIM, note=note)


async def _fill(stage: Stage, file: Path, posts: int, url: str) -> None:
    """A question for each place."""
    places = [f"p{n:04}" for n in range(posts)]
    await office(stage.store, places)
    await stage.ask(f"q{places[0]}", places[0])
    with sqlite3.connect(file) as connection:
        for statement, values in ((PLACES, (TENANT,)), (NO_ROUNDS, ()), (CASES, ()), (ROWS, ())):
            connection.execute(statement, values)
    connection.close()
    async with stage.store.write() as tx:
        await tx.save_office((await tx.register()).office)  # the register is read anew
        for place in places:
            values = {"conversation": f"19:{place}@thread.v2", "kind": "group", "service_url": url}
            rest = {"tenant": TENANT, "bot": APP, "team": "", "name": "", "user": "", "frozen": False}
            await tx.save_reference(values | rest)


async def _deliver(stage: Stage, url: str) -> None:
    connector = Connector(Tokens(APP, f"{url}token", by_secret("x")))
    chat = TeamsChat(connector, SqlReferences(stage.store, Reference, Contact), APP, lambda _verb: True)
    clock = RunningClock()
    bot = bot_on(stage.store, clock, stage.troubles)
    delivery = Delivery(bot, [chat], "one", {"teams": Pace(rate=RATE, burst=BURST, gap=GAP)})
    heartbeats = Heartbeats(bot, delivery, clock)
    heartbeats.start()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await _waiting(stage):
                await asyncio.sleep(LOOK_SECONDS)
    finally:
        await heartbeats.stop()
        await connector.close()
    assert not stage.troubles, stage.troubles


async def _waiting(stage: Stage) -> int:
    async with stage.store.read() as tx:
        return await tx.waiting()


# -- the connector ------------------------------------------------------------------------------


@contextmanager
def served() -> Iterator[tuple[str, Connection]]:
    """Its service address, and a pipe that gives when posts arrived and how many were told to wait."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv(), ours
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    asyncio.run(Service(pipe).serve())


class Service:
    """Answers posts within the limits, and tokens."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._limits = Limits(perf_counter)
        self._arrived: list[float] = []
        self._refused = 0

    async def serve(self) -> None:
        app = web.Application()
        app.router.add_post("/token", self._token)
        app.router.add_post("/v3/conversations/{id}/activities", self._post)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._pipe.send(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        await asyncio.to_thread(self._pipe.recv)
        self._pipe.send((self._arrived, self._refused))
        await asyncio.Event().wait()

    async def _token(self, _request: web.Request) -> web.Response:
        return web.json_response({"access_token": "token", "expires_in": 3600})

    async def _post(self, request: web.Request) -> web.Response:
        await request.read()
        at = perf_counter()
        if wait := self._limits.wait("post", request.match_info["id"], TENANT):
            self._refused += 1
            return web.json_response({}, status=429, headers={"Retry-After": str(wait)})
        self._arrived.append(at)
        await asyncio.sleep(ANSWER_SECONDS)
        return web.json_response({"id": str(len(self._arrived))}, status=201)
