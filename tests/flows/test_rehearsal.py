"""What a rehearsal says is what then comes; and it touches nothing."""

import asyncio
import socket
import threading
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy import create_engine, text

from bot.foreseen import difference
from bot.model import Absence, PersonId, Refused
from smbot.rehearsal import CopyRehearsal
from tests.filed import file
from tests.world import DAY, MONDAY, at, world

MON = MONDAY.date()
CHRISTMAS = date(2026, 12, 24)


def everything(folder) -> dict[str, list]:
    """All rows of all tables."""
    engine = create_engine(f"sqlite:///{folder}/world.db")
    with engine.connect() as connection:
        tables = (
            connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        )
        found = {t: connection.execute(text(f'SELECT * FROM "{t}"')).fetchall() for t in tables}
    engine.dispose()
    return found


async def some_life(w, *, alarm: bool) -> None:
    """A question that grows late, an alarm that nobody takes, something to file, and an absence to come."""
    await w.until(at(MON, 9, 1))
    await w.log("anna", "bio0", at(MON, 8, 30))
    if alarm:
        form = (await w.say("anna", "sm-alarm")).form
        await w.fill("anna", form, {"kind": "threat", "account": "bio1"})
    await file(w)
    for person, first in (("anna", 1), ("bo", 2)):
        absence = Absence(id=person, person=PersonId(person), first=MON + first * DAY, last=MON + 2 * DAY)
        await w.seed(lambda tx, absence=absence: tx.save_absence(absence))


async def foreseen_and_lived(w, folder, last: date):
    """What is foreseen changes nothing, and is what comes: when, what, and whom it alerts. Gives what was foreseen."""
    posts, before = len(w.chat.posts), everything(folder)
    found = await w.bot.rehearsal.foresee(MON, last)
    assert everything(folder) == before
    assert len(w.chat.posts) == posts

    await w.until(at(last, 23, 59))
    came = sorted((p.at, p.key, p.to, p.alerts) for p in w.chat.posts[posts:])
    said = [(m.at, m.key, m.target, list(m.alerts)) for m in found.messages]
    register = await w.register()
    assert sorted((at_, key, _to(register, target), alerts) for at_, key, target, alerts in said) == came
    assert found.faults == 0
    return found


def _to(register, target) -> str:
    return register.places[target.id].channel if target.kind == "place" else f"@{target.id}"


async def test_what_is_foreseen_is_what_comes_if_nobody_answers_and_nothing_is_changed_by_asking(tmp_path):
    async with world(tmp_path, accounts=2, chemistry=0) as w:
        await some_life(w, alarm=False)
        found = await foreseen_and_lived(w, tmp_path, MON)

        assert {"reply", "digest", "bundle"} <= {m.card for m in found.messages}


@pytest.mark.long
async def test_two_weeks_are_foreseen_message_by_message(tmp_path):
    async with world(tmp_path) as w:
        await some_life(w, alarm=True)
        found = await foreseen_and_lived(w, tmp_path, MON + 13 * DAY)

        assert found.nobody["bio0"] == (MON + 2 * DAY,)
        weekends = [MON + n * DAY for n in (5, 6, 12, 13)]
        assert [day for day, _ in found.skipped] == weekends
        assert "heads" in {m.card for m in found.messages}


async def test_another_register_is_tried_without_being_saved(tmp_path):
    async with world(tmp_path) as w:
        register = await w.register()
        earlier = {p.id: replace(p, hour=time(8, 30)) for p in register.places.values()}
        closed = replace(register.office, closed=frozenset({MON + 3 * DAY}))
        changed = replace(register, places=earlier, office=closed)
        before = everything(tmp_path)

        now = await w.bot.rehearsal.foresee(MON + DAY, MON + 4 * DAY)
        then = await w.bot.rehearsal.foresee(MON + DAY, MON + 4 * DAY, changed)

        found = difference(now, then)
        moved = [(a.at, b.at) for a, b in found.moved if a.card == "round"]
        assert len(moved) == 6
        assert {b - a for a, b in moved} == {timedelta(minutes=-30)}
        assert {m.key for m in found.gone if m.card == "round"} == {
            f"round:test:T1:{p}:2026-11-26:card:test:T1:{p}" for p in ("biologi", "kemi")
        }
        assert [(day, free.key) for day, free in then.skipped] == [(MON + 3 * DAY, "closed")]
        assert everything(tmp_path) == before


async def test_christmas_is_skipped_by_name_and_days_without_anybody_are_told_for_each_account(tmp_path):
    async with world(tmp_path, pack="kau", accounts=1, chemistry=0) as w:
        found = await w.bot.rehearsal.foresee(CHRISTMAS - DAY, CHRISTMAS + 4 * DAY)

        assert [(day.day, free.sv) for day, free in found.skipped] == [
            (24, "Julafton"), (25, "Juldagen"), (26, "Annandag jul"), (27, "söndag"),
        ]  # fmt: skip
        assert [day.day for day in found.nobody["bio0"]] == [24, 25, 26, 27]
        assert not [m for m in found.messages if m.at.day in (24, 25, 26, 27)]


async def test_a_rehearsal_opens_no_connection_to_anywhere(tmp_path, monkeypatch):
    def no_network(*_args: object, **_named: object) -> None:
        raise AssertionError("a rehearsal reached for the network")

    async with world(tmp_path) as w:
        await w.until(at(MON, 9, 1))
        monkeypatch.setattr(socket.socket, "connect", no_network)
        found = await w.bot.rehearsal.foresee(MON, MON + DAY)
        assert found.messages


class Held(CopyRehearsal):
    """Plays only when it is let go."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.playing, self.go = threading.Event(), threading.Event()

    def _play(self, *args):
        self.playing.set()
        assert self.go.wait(10)
        return super()._play(*args)


async def test_while_it_is_played_others_write_and_a_page_is_turned_in_what_was_found(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        held = Held(w.bot, w.bot.storage)
        asked = asyncio.create_task(held.foresee(MON, MON + DAY))
        await asyncio.to_thread(held.playing.wait, 10)
        await w.log("anna", "bio0", at(MON, 6, 30))
        assert not asked.done()
        held.go.set()
        found = await asked
        assert "question" not in {m.card for m in found.messages}

        assert await held.foresee(MON, MON + DAY) is found
        assert await held.foresee(MON, MON + 2 * DAY) is not found
        office = (await w.register()).office
        await w.seed(lambda tx: tx.save_office(replace(office, name="Ny")))
        assert await held.foresee(MON, MON + 2 * DAY) is not found


async def test_more_than_a_year_ahead_is_refused(tmp_path):
    async with world(tmp_path) as w:
        with pytest.raises(Refused):
            await w.bot.rehearsal.foresee(MON, MON + 400 * DAY)
        with pytest.raises(Refused):
            await w.bot.rehearsal.foresee(MON + 3 * DAY, MON + 2 * DAY)
