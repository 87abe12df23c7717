"""About accounts, not about people (users.md U6): whoever of two colleagues answers, nobody can tell afterwards.

The same days are lived through twice; in one Anna looks through the accounts, in the other Bo. Whatever anybody else can
list, search, export, measure or read in a log has to come out the same, and so have the tables once the days' names are gone.
"""

import asyncio
import logging
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select
from structlog.testing import capture_logs
from typer.main import get_command
from typer.testing import CliRunner

from bot.model import PersonId
from bot.retention import Disposal
from bot.service import retention
from bot.view import Ask, Tell
from smbot.cli import app
from smbot.health import Health
from smbot.wiring import SystemClock
from storage import tables
from storage.rows import table_of
from tests.world import DAY, MONDAY, at, world

OTHERS = ("heidi", "karin", "rita", "adam")
"""Head, communications, registrar, administrator: whoever answered is none of them."""
MACHINE = {"seen", "leases", "pauses", "paces", "register_version"}
"""Repeated requests, gone after days, and what the outbox works with."""
DONE_BY_ITSELF = {"run", "demo", "upgrade", "purge", "decide", "start", "import"}
"""Commands that serve or change; what they print is printed by the others too."""


@pytest.mark.long
async def test_nothing_that_others_can_see_or_count_tells_who_looked_through(tmp_path, monkeypatch) -> None:
    lived = []
    for who in ("anna", "bo"):
        folder = tmp_path / who
        folder.mkdir()
        with capture_logs() as lines, _library_lines() as records:
            async with world(folder, accounts=2) as w:
                await _days(w, who)
                seen = {**await _cards(w), **await _metrics(w)}
                await _purge(w)
                seen |= await _cards(w) | await _tables(w)
        seen |= await asyncio.to_thread(_command_line, folder, monkeypatch)
        seen["log lines"] = repr([*lines, *records])
        lived.append(seen)
    anna, bo = lived
    assert len(anna) > 150
    assert anna.keys() == bo.keys()
    assert [name for name in anna if anna[name] != bo[name]] == []


def _library_lines():
    class Kept(logging.Handler):
        def __enter__(self) -> list[str]:
            logging.getLogger().addHandler(self)
            self.lines: list[str] = []
            return self.lines

        def __exit__(self, *_: object) -> None:
            logging.getLogger().removeHandler(self)

        def emit(self, record: logging.LogRecord) -> None:
            self.lines.append(record.getMessage())

    return Kept(level=logging.INFO)


async def _days(w, who: str) -> None:
    """Fia manages the accounts, Anna and Bo stand in. One of them looks through, on Monday and late on Tuesday."""

    async def fia(tx):
        for account in (await tx.register()).accounts.values():
            people = (PersonId("fia"), PersonId("anna"), PersonId("bo"))
            await tx.save_account(replace(account, people=people))

    await w.seed(fia)
    await w.until(at(MONDAY.date(), 9, 30))
    round_ = w.posts()[0].key.split(":card:")[0]
    await w.press(who, "round.clear", round_)
    await w.until(at(MONDAY.date() + DAY, 15))
    await w.press(who, "round.clear", w.posts()[-1].key.split(":card:")[0])
    await w.until(at(MONDAY.date() + 3 * DAY, 8))


async def _purge(w) -> None:
    async def decide(tx):
        rule = Disposal(days=30, number="LU 2026/1", decided_on=date(2026, 9, 1))
        office = (await tx.register()).office
        await tx.save_office(replace(office, retention={"checks": rule}))

    await w.seed(decide)
    w.clock.at += timedelta(days=60)
    await retention.run(w.bot, w.clock.now(), batches=None)
    for _ in range(3):
        await w.delivery.run_pass(w.clock.now())


async def _cards(w) -> dict[str, str]:
    """Every command, every reading verb about everything there is, and Home, as everybody else."""
    now = w.clock.now().isoformat()
    async with w.bot.storage.read() as tx:
        idents = ["", *(await tx.register()).accounts, *(case.id for case in await tx.open_cases())]
        idents += [
            case.id for account in (await tx.register()).accounts for case in await tx.cases_of(account)
        ]
    found = {}
    for who in OTHERS:
        found[f"{now} {who} home"] = repr(await w.desk.home(w.call(who)))
        for command in w.desk._commands:
            found[f"{now} {who} {command}"] = await _said(w.desk.command(w.call(who), command, ""))
        for verb, known in w.desk._verbs.items():
            for ident in idents if not known.writes else ():
                reply = await _said(w.desk.press(w.call(who), verb, ident))
                found[f"{now} {who} {verb} {ident}"] = reply
        export = await _said(w.desk.submit(w.call(who), "import.export", "", {}))
        found[f"{now} {who} export"] = export
    return found


async def _said(reply) -> str:
    match await reply:
        case Tell(card=card):
            return repr(card)
        case Ask(form=form):
            return repr(form)
        case other:
            return repr(other)


async def _metrics(w) -> dict[str, str]:
    class Parts:
        store, clock = w.bot.storage, w.clock

    class Beats:
        alive = staticmethod(dict)

    health = Health.__new__(Health)
    health._parts, health._heartbeats = Parts, Beats
    health._moved = lambda: 0.0
    return {"metrics": generate_latest(await health._figures()).decode()}


async def _tables(w) -> dict[str, str]:
    async with w.bot.storage.read() as tx:
        named = [table_of(model) for model in tables.SQLModel.__subclasses__()]
        return {
            f"table {t.name}": repr(sorted(map(repr, await tx.rows(select(t)))))
            for t in named
            if t.name not in MACHINE
        }


def _command_line(folder: Path, monkeypatch) -> dict[str, str]:
    """Every command that prints, whatever it is called: a new one is run here without being named."""
    monkeypatch.setenv("SMBOT_DATABASE_URL", f"sqlite:///{folder}/world.db")
    monkeypatch.setenv("SMBOT_LANGUAGE", "sv")
    # Or the two would be asked in different minutes, and may differ by that.
    now = at(MONDAY.date() + 70 * DAY, 10)
    monkeypatch.setattr(SystemClock, "real", lambda _clock: now)
    found = {}
    for words in _commands(get_command(app)):
        result = CliRunner().invoke(app, words)
        found[f"smbot {' '.join(words)}"] = result.output.replace(str(folder), "FOLDER")
    return found


def _commands(command, before=()):
    for name, inner in getattr(command, "commands", {}).items():
        if hasattr(inner, "commands"):
            yield from _commands(inner, (*before, name))
        elif name not in DONE_BY_ITSELF and not any(p.required for p in inner.params):
            yield [*before, name]
