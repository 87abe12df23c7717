"""What becomes of messages whose contents are purged: rewritten once, let go where they cannot be, never tried for ever."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.model import Person, PersonId
from bot.outgoing import Message
from bot.ports import Conflict, NotFound
from bot.retention import Disposal
from bot.service import passes, retention
from storage import tables
from storage.notes import Notes
from storage.purging import Purging
from storage.registers import Registers
from storage.rows import table_of
from tests.fakes import chat as fakes
from tests.fakes.stage import Stage, open_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as found:
        await found.work(_decided)
        yield found


async def _decided(work) -> None:
    rule = Disposal(days=1, number="LU 2026/77", decided_on=work.today)
    await work.tx.save_office(replace(work.register.office, retention={"questions": rule}))


async def _close(stage: Stage) -> None:
    await stage.change("q1", closed_at=stage.clock.now(), wake_at=None, ended="answered")


async def _purge(stage: Stage) -> None:
    await retention.run(stage.bot, stage.clock.now())


async def _posted_and_purged(stage: Stage) -> None:
    await stage.ask()
    await stage.delivery.run_pass()
    await _close(stage)
    await stage.delivery.run_pass()
    stage.clock.pass_by(hours=25)
    stage.chat.calls.clear()
    await _purge(stage)


async def _kept(stage: Stage) -> list[dict]:
    async with stage.store.read() as tx:
        return await tx.rows(select(table_of(tables.Messages)))


async def test_it_is_rewritten_once_and_nothing_of_it_is_kept(stage: Stage) -> None:
    await _posted_and_purged(stage)
    for _ in range(3):
        await stage.delivery.run_pass()
    assert stage.chat.titles == ["What stood here has been destroyed under disposal decision LU 2026/77."]
    assert len(stage.chat.calls) == 1
    assert await _kept(stage) == []


async def test_one_that_is_gone_is_let_go_at_once(stage: Stage) -> None:
    stage.clock.pass_by(hours=1)
    await _posted_and_purged(stage)
    stage.chat.faults.append(fakes.no_channel)
    for _ in range(3):
        await stage.delivery.run_pass()
        stage.clock.pass_by(minutes=30)
    assert len(stage.chat.calls) == 1
    assert await _kept(stage) == []


async def test_an_answer_that_says_nothing_is_met_with_another_try_and_not_for_ever(stage: Stage) -> None:
    await _posted_and_purged(stage)
    stage.chat.faults.extend([fakes.lost_request] * 100)
    for _ in range(20):
        await stage.delivery.run_pass()
        stage.clock.pass_by(minutes=6)
    assert 2 <= len(stage.chat.calls) <= 10
    assert await _kept(stage) == []


async def test_an_edit_of_before_that_settles_meanwhile_takes_none_of_its_tries(stage: Stage) -> None:
    await _posted_and_purged(stage)
    (message,) = await _kept(stage)
    async with stage.store.write() as tx:
        await tx.shown(message["id"], "a" * 64)
    stage.chat.faults.append(fakes.lost_request)
    for _ in range(2):
        await stage.delivery.run_pass()
        stage.clock.pass_by(minutes=6)
    assert stage.chat.titles == ["What stood here has been destroyed under disposal decision LU 2026/77."]
    assert await _kept(stage) == []


async def test_a_platform_that_asks_to_wait_is_given_its_time(stage: Stage) -> None:
    await _posted_and_purged(stage)
    stage.chat.faults.append(fakes.too_fast(30))
    await stage.delivery.run_pass()
    assert len(await _kept(stage)) == 1
    stage.clock.pass_by(seconds=31)
    await stage.delivery.run_pass()
    assert stage.chat.titles == ["What stood here has been destroyed under disposal decision LU 2026/77."]


async def test_one_whose_reader_has_left_since_is_rewritten_in_its_channel(stage: Stage) -> None:
    await _posted_and_purged(stage)
    async with stage.store.write() as tx:
        (message,) = await tx.rows(select(table_of(tables.Messages)))
        await tx.drop_message(message["id"])
        kept = {**message, "target": "person:gone", "reader": "person:gone"}
        del kept["due_after"]
        await tx.add_message(Message(**kept))
    await stage.delivery.run_pass()
    assert stage.chat.titles == ["Det som stod här är gallrat enligt beslut LU 2026/77."]


async def test_a_message_that_is_sent_while_its_case_goes_is_rewritten_too(stage: Stage) -> None:
    await stage.ask()
    await _close(stage)

    async def meanwhile() -> None:
        stage.chat.meanwhile = None
        async with stage.store.write() as tx:
            assert await tx.purge("questions", stage.clock.now() + timedelta(days=1), "LU 2026/77", 10) == 1

    stage.chat.meanwhile = meanwhile
    await stage.delivery.run_pass()
    await _purge(stage)
    await stage.delivery.run_pass()
    assert stage.chat.titles == ["What stood here has been destroyed."]
    assert await _kept(stage) == []


async def test_whatever_else_is_to_be_said_goes_first(stage: Stage) -> None:
    await _posted_and_purged(stage)
    await stage.ask("q2")
    await stage.ask("q3", "fys")
    await stage.delivery.run_pass()
    assert [call.partition(" ")[0] for call in stage.chat.calls] == ["post", "post", "edit"]


async def test_a_kind_that_cannot_be_purged_is_told_and_keeps_no_other_nor_does_a_conflict(
    stage: Stage, monkeypatch
) -> None:
    async def unreadable(*_: object) -> int:
        raise ValueError("a row that nobody can read")

    async def too_late(*_: object) -> int:
        raise Conflict("somebody else was first")

    rule = Disposal(days=1, number="LU 2026/77", decided_on=stage.clock.now().date())
    await stage.work(lambda work: work.tx.save_office(
        replace(work.register.office, retention={"days": rule, "questions": rule})))  # fmt: skip
    monkeypatch.setattr(Purging, "_purge_rows", unreadable)
    async with stage.store.write() as tx:
        await tx.save_person(Person(id=PersonId("eva"), name="Eva", active=False))
    monkeypatch.setattr(Notes, "forget", too_late)
    monkeypatch.setattr(Registers, "save_person", too_late)
    await stage.ask()
    await _close(stage)
    stage.clock.pass_by(hours=25)
    await passes.housekeeping(stage.bot, stage.clock.now())
    assert [str(trouble) for trouble in stage.troubles] == ["a row that nobody can read"]
    with pytest.raises(NotFound):
        async with stage.store.read() as tx:
            await tx.case("q1")
