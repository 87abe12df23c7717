"""Processes are asked to stop under load: what they have begun they end, and nothing is left in doubt."""

import asyncio
import time
from pathlib import Path

import pytest

from scheduler.jobs import STOP_SECONDS
from tests.crash._check import database, every_card_as_its_case, every_effect_once, every_post_once
from tests.crash._load import at_work
from tests.crash._stage import restart, stage

pytestmark = pytest.mark.crash
PATIENCE = 60.0


@pytest.mark.parametrize(("mode", "seed", "stops"), [("http", 4, 10), ("socket", 5, 10), ("teams", 8, 5)])
async def test_a_stop_under_load_leaves_nothing_in_doubt(
    tmp_path: Path, mode: str, seed: int, stops: int
) -> None:
    """A stop waits so many seconds for what runs, as is promised; what a busy machine has not ended by then the next
    start looks for, which what is asked at the end holds of it too."""
    longest, in_time, doubted = 0.0, 0, set[str]()
    print(f"{stops} stops, {mode}, seed {seed}")
    async with (
        stage(tmp_path, f"sqlite:///{tmp_path / 'smbot.db'}", seed, mode=mode) as made,
        database(made) as db,
    ):
        bot, chat, dice = made.bots[0], made.chat, made.random
        async with at_work(made, pause=(0.05, 0.3)) as ledger:
            for _ in range(stops):
                await restart(bot)
                before = len(made.posted)
                await chat.wait_for(lambda before=before: len(made.posted) > before, PATIENCE)
                chat.slow(dice.uniform(0.1, 0.9))
                await asyncio.sleep(dice.uniform(0.0, 0.5))
                begun = time.monotonic()
                assert await bot.terminate(PATIENCE) == 0
                took = time.monotonic() - begun
                longest, in_time = max(longest, took), in_time + (took < STOP_SECONDS)
                doubt = {row["key"] for row in await db.live() if row["state"] == "sending"}
                assert doubt <= doubted or took >= STOP_SECONDS
                doubted |= doubt
                chat.slow(0.0)
            await restart(bot)
        assert in_time > stops / 2
        waited = await db.quiet()
        assert await every_effect_once(db, ledger) == []
        twice = set(await every_post_once(db, made))
        assert twice <= (doubted if mode == "teams" else set())  # there nothing can be looked up
        await every_card_as_its_case(db, made)
        assert '"error"' not in bot.log
    print(
        f"longest stop {longest:.1f} s; quiet after {waited:.1f} s; {len(made.posted)} posts, {ledger.errors} errors"
    )
