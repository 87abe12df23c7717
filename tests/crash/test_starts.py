"""A process is killed while it makes its database and fills it: the next one goes on from there."""

import asyncio
from pathlib import Path

import pytest

from storage.engine import sqlite_file
from tests.crash._check import database
from tests.crash._stage import Stage, empty_stage

pytestmark = pytest.mark.crash
KILLS, PLACES = 7, 12
STEP_SECONDS, PATIENCE = 0.06, 60


async def test_a_kill_while_the_database_is_made_or_filled_does_no_harm(
    tmp_path: Path, database_url: str
) -> None:
    async with empty_stage(tmp_path, database_url, 6, places=PLACES) as made, database(made) as db:
        bot = made.bots[0]
        for n in range(KILLS):
            await bot.spawn()
            await _reached(made)
            await asyncio.sleep(n * STEP_SECONDS)
            await bot.kill()
        await bot.start()
        assert bot.log.count("organisation_taken_in") <= 1
        (accounts,) = await db.rows(
            "SELECT count(*) AS n, count(DISTINCT address) AS different FROM accounts"
        )
        assert accounts == {"n": PLACES, "different": PLACES}
        assert len(await db.rows("SELECT id FROM people")) == len(made.people) + 4
        assert await bot.terminate() == 0


async def _reached(made: Stage) -> None:
    """The process has got as far as its database: SQLite's lock file is there, or Slack was asked who we are."""
    path, before = sqlite_file(made.url), _asked(made)
    lock = path.with_name(f"{path.name}.lock") if path else None
    if lock:
        lock.unlink(missing_ok=True)
    await made.chat.wait_for(lambda: lock.exists() if lock else _asked(made) > before, PATIENCE)


def _asked(made: Stage) -> int:
    """How often Slack was asked who we are."""
    return len(made.chat.fakes["slack"].called("auth.test"))
