"""The heartbeats: each case has its own try, a moved clock skips nothing, and stopping loses nothing."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot import plan as planning
from bot.service import day, passes
from scheduler import jobs, moves, plan, wake
from scheduler.jobs import Heartbeats
from scheduler.moves import Moves, catch_up, rest
from storage import tables
from storage.base import everything
from tests.fakes.stage import Stage, open_stage

MIDNIGHT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)  # Monday 00:00 in Stockholm


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as found:
        yield found


async def posted(stage: Stage) -> list[tuple[str, datetime]]:
    """What was posted, and at which moment of the office's time."""
    async with stage.store.read() as tx:
        rows = await tx._all(everything(tables.Messages).order_by(tables.Messages.id))
    return [(row["card"], row["posted_at"]) for row in rows]


# -- each case has its own try --------------------------------------------------------------------


async def test_a_poisoned_case_keeps_no_other_back_and_is_told_once(stage: Stage, monkeypatch) -> None:
    await stage.ask("bad", "bio")
    await stage.ask("good", "fys")
    healthy = passes.wake

    async def poisoned(bot, ident, now) -> None:
        if ident == "bad":
            raise KeyError(ident)
        await healthy(bot, ident, now)

    monkeypatch.setattr(passes, "wake", poisoned)
    stage.clock.skip(days=1, hours=1)
    for minutes in (0, 2, 6, 31, 31):
        stage.clock.skip(minutes=minutes)
        await wake.run_pass(stage.bot, stage.clock.now())
    await stage.delivery.run_pass()
    assert "good:escalated:substitute" in await stage.states()
    told = [p for p in stage.chat.posts if p.envelope.key.startswith("trouble:")]
    assert [p.channel for p in told] == ["DADA"]
    assert [type(t) for t in stage.troubles] == [KeyError] * 5


async def test_a_poisoned_place_keeps_no_other_back_and_is_told_once(stage: Stage, monkeypatch) -> None:
    healthy = planning.round_in

    def poisoned(sky, place, day, now):
        if place.id == "bio":
            raise KeyError(place.id)
        return healthy(sky, place, day, now)

    monkeypatch.setattr(planning, "round_in", poisoned)
    for minutes in (0, 2, 6, 31, 31):
        stage.clock.skip(minutes=minutes)
        await plan.run_pass(stage.bot, stage.clock.now())
    await rest(stage.bot, stage.delivery, stage.clock.now())
    assert [p.channel for p in stage.chat.posts if p.envelope.key.startswith("round:")] == ["FYS"]
    (told,) = [p for p in stage.chat.posts if p.envelope.key.startswith("trouble:")]
    assert (told.channel, "bio" in repr(told.envelope.card)) == ("DADA", True)
    assert [type(t) for t in stage.troubles] == [KeyError] * 5

    monkeypatch.setattr(planning, "round_in", healthy)
    stage.clock.skip(minutes=31)
    await plan.run_pass(stage.bot, stage.clock.now())
    await rest(stage.bot, stage.delivery, stage.clock.now())
    assert "BIO" in [p.channel for p in stage.chat.posts if p.envelope.key.startswith("round:")]
    assert len(stage.troubles) == 5


async def test_days_on_which_a_place_could_not_be_planned_are_kept_as_not_asked(
    stage: Stage, monkeypatch
) -> None:
    healthy = planning.round_in

    def poisoned(sky, place, day, now):
        if place.id == "bio":
            raise KeyError(place.id)
        return healthy(sky, place, day, now)

    monkeypatch.setattr(planning, "round_in", poisoned)
    first = stage.clock.now().date()
    await plan.run_pass(stage.bot, stage.clock.now())
    stage.clock.skip(days=1)
    await plan.run_pass(stage.bot, stage.clock.now())
    monkeypatch.setattr(planning, "round_in", healthy)
    stage.clock.skip(minutes=31)
    await plan.run_pass(stage.bot, stage.clock.now())
    async with stage.store.read() as tx:
        rows = {(d.place, d.day): d.outcome for d in await tx.days()}
    assert rows[("bio", first)] == "not_asked"
    assert rows[("bio", first + timedelta(days=1))] == "open"


@pytest.mark.long
async def test_a_mark_that_cannot_be_read_keeps_no_head_from_theirs(stage: Stage, monkeypatch) -> None:
    await stage.ask("bad", "bio")
    await stage.ask("good", "fys")
    healthy = day._readers

    async def poisoned(work, mark):
        if mark.case == "bad":
            raise KeyError(mark.case)
        return await healthy(work, mark)

    monkeypatch.setattr(day, "_readers", poisoned)
    start = stage.clock.now()
    stage.clock.skip(days=3)
    await catch_up(stage.bot, stage.delivery, start, stage.clock.now())
    assert [p.channel for p in stage.chat.posts if p.envelope.key.startswith("heads:")] != []
    assert KeyError in map(type, stage.troubles)


async def test_a_pass_twice_says_nothing_twice(stage: Stage) -> None:
    for _ in range(2):
        await plan.run_pass(stage.bot, stage.clock.now())
        await wake.run_pass(stage.bot, stage.clock.now())
        await stage.delivery.run_pass()
    assert [card for card, _at in await posted(stage)] == ["round", "round"]


# -- the moved clock ------------------------------------------------------------------------------


async def test_catching_up_comes_to_rest_at_each_moment(stage: Stage) -> None:
    await catch_up(stage.bot, stage.delivery, MIDNIGHT, MIDNIGHT + timedelta(hours=23))
    hours = {(card, (at - MIDNIGHT) / timedelta(hours=1)) for card, at in await posted(stage)}
    assert ("round", 9.0) in hours
    assert ("reply", 14.0) in hours
    assert ("digest", 15.5) in hours


async def test_a_clock_that_is_moved_plays_what_lies_between_once(stage: Stage) -> None:
    watched = Moves(stage.bot, stage.delivery, patience=0)
    stage.clock.skip(hours=8)
    assert watched.now() == stage.clock.real()
    await asyncio.gather(watched.settle(), watched.settle())
    assert watched.now() == stage.clock.now()
    cards = [card for card, _at in await posted(stage)]
    assert cards.count("reply") == 2
    assert cards.count("digest") == 1


async def test_a_moved_clock_keeps_house_once_in_each_hour_at_which_anything_happens(
    stage: Stage, monkeypatch
) -> None:
    kept = []

    async def note(_bot, now):
        kept.append(now)

    monkeypatch.setattr(moves.passes, "housekeeping", note)
    watched = Moves(stage.bot, stage.delivery, patience=0)
    for minutes in (40, 40, 6 * 60):
        stage.clock.skip(minutes=minutes)
        await watched.settle()
    assert timedelta() <= stage.clock.now() - kept[-1] < timedelta(hours=1)
    assert len(kept) > 2
    assert all(after - before >= timedelta(hours=1) for before, after in pairwise(kept))


async def test_a_clock_that_stands_moves_nothing(stage: Stage, monkeypatch) -> None:
    monkeypatch.setattr(moves, "catch_up", None)
    watched = Moves(stage.bot, stage.delivery)
    await watched.settle()
    assert watched.now() == stage.clock.now()


async def test_rest_ends_when_a_platform_says_nothing(stage: Stage) -> None:
    stage.chat.dead |= {"BIO", "FYS", "ADA", "KIM"}
    await rest(stage.bot, stage.delivery, stage.clock.now())
    assert set((await stage.states()).values()) == {"dead"}


# -- start and stop -------------------------------------------------------------------------------


async def until_idle(beats: Heartbeats) -> None:
    """Until every pass has ended once."""
    async with asyncio.timeout(20):
        while None in beats.alive().values():
            await asyncio.sleep(0.01)


async def test_every_pass_runs_at_the_start_and_is_seen_to_beat(stage: Stage) -> None:
    beats = Heartbeats(stage.bot, stage.delivery, stage.clock)
    assert set(beats.alive().values()) == {None}
    beats.start()
    await until_idle(beats)
    await beats.stop()
    assert set(beats.alive().values()) == {stage.clock.real()}
    assert stage.troubles == []


async def test_a_nudge_delivers_at_once(stage: Stage) -> None:
    beats = Heartbeats(stage.bot, stage.delivery, stage.clock)
    beats.start()
    await until_idle(beats)
    stage.chat.reached.clear()
    await stage.ask("q1")
    beats.nudge()
    async with asyncio.timeout(20):
        await stage.chat.reached.wait()
    await beats.stop()
    assert (await stage.states())["q1:card"] == "sent"


async def test_a_nudge_is_heard_while_a_platform_does_not_answer(stage: Stage) -> None:
    await stage.ask("q1", "bio")
    stage.chat.hangs = True
    running = asyncio.create_task(stage.delivery.run_pass())
    await stage.chat.reached.wait()
    stage.chat.hangs = False
    stage.chat.reached.clear()
    await stage.ask("q2", "fys")
    stage.delivery.nudge()
    async with asyncio.timeout(20):
        await stage.chat.reached.wait()
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_stopping_lets_a_send_end(stage: Stage) -> None:
    await stage.ask("q1")
    gate = asyncio.Event()
    stage.chat.meanwhile = gate.wait
    beats = Heartbeats(stage.bot, stage.delivery, stage.clock)
    beats.start()
    await stage.chat.reached.wait()
    stopping = asyncio.create_task(beats.stop())
    gate.set()
    await stopping
    assert (await stage.states())["q1:card"] == "sent"


async def test_a_send_still_open_at_the_end_is_looked_for_by_the_next_process(stage: Stage) -> None:
    await stage.ask("q1")
    stage.chat.hangs = True
    beats = Heartbeats(stage.bot, stage.delivery, stage.clock)
    beats.start()
    await stage.chat.reached.wait()
    await beats.stop(seconds=0.05)
    assert (await stage.states())["q1:card"] == "sending"
    stage.chat.hangs = False
    stage.clock.pass_by(seconds=31)
    await stage.another("two").run_pass()
    assert [p.envelope.key for p in stage.chat.posts].count("q1:card") == 1
    assert (await stage.states())["q1:card"] == "sent"


async def test_a_pass_that_fails_is_logged_and_does_not_count_as_alive(stage: Stage, monkeypatch) -> None:
    async def broken(bot, now) -> None:
        raise OSError("disk")

    monkeypatch.setattr(day, "plan", broken)
    beats = Heartbeats(stage.bot, stage.delivery, stage.clock)
    beats.start()
    async with asyncio.timeout(20):
        while not stage.troubles or beats.alive()["deliver"] is None:
            await asyncio.sleep(0.01)
    await beats.stop()
    assert beats.alive()["plan"] is None
    assert [type(t) for t in stage.troubles] == [OSError]


async def test_what_housekeeping_has_missed_is_tried_again_soon_and_alone_and_a_stop_does_not_wait_for_it(
    stage: Stage, monkeypatch
) -> None:
    """Somebody else was writing, three times."""
    asked: list[object] = []

    async def busy(_bot, _now, only=None) -> frozenset[str]:
        asked.append(only)
        return frozenset({"questions"}) if len(asked) < 4 else frozenset()

    monkeypatch.setattr(passes, "housekeeping", busy)
    monkeypatch.setattr(jobs, "AGAIN_SECONDS", 0.01)
    beats = Heartbeats(stage.bot, stage.delivery, stage.clock)
    beats.start()
    async with asyncio.timeout(20):
        while beats.alive()["housekeeping"] is None:
            await asyncio.sleep(0.01)
    await beats.stop()
    assert asked == [None, {"questions"}, {"questions"}, {"questions"}]

    asked.clear()
    monkeypatch.setattr(jobs, "AGAIN_SECONDS", 600)
    beats = Heartbeats(stage.bot, stage.delivery, stage.clock)
    beats.start()
    async with asyncio.timeout(20):
        while not asked:
            await asyncio.sleep(0.01)
        await beats.stop(seconds=19)
    assert asked == [None]


async def test_the_scheduler_knows_nothing_but_heartbeats(stage: Stage) -> None:
    beats = Heartbeats(stage.bot, stage.delivery, stage.clock)
    beats.start()
    jobs = {j.id: (j.trigger.interval.total_seconds(), j.coalesce, j.max_instances, j.misfire_grace_time)
            for j in beats._scheduler.get_jobs()}  # fmt: skip
    await beats.stop()
    assert jobs == {"deliver": (1, True, 1, None), "wake": (5, True, 1, None), "plan": (60, True, 1, None),
                    "housekeeping": (3600, True, 1, None)}  # fmt: skip
