"""Two processes on one PostgreSQL live through a week together: nothing is sent twice, and each does its part."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash._check import database, every_effect_once
from tests.crash._load import at_work
from tests.crash._stage import STOCKHOLM, each_a_third, stage

pytestmark = pytest.mark.crash
HOURS = (12.1, 17.1)
FORMS = 8


async def test_two_processes_share_a_week_and_send_nothing_twice(
    tmp_path: Path, postgres_database: str
) -> None:
    async with stage(tmp_path, postgres_database, 7, processes=2, places=12) as made, database(made) as db:
        first, second = made.bots
        await first.start()
        await second.start()
        day = first.now().astimezone(STOCKHOLM).replace(hour=0, minute=0, second=0, microsecond=0)
        async with at_work(made, pause=(0.3, 0.9)) as ledger:
            await made.chat.wait_for(lambda: len(ledger.saved) >= FORMS, 60)
        for _ in range(7):
            day += timedelta(days=1)
            for hour in HOURS:
                await first.move_to(day + timedelta(hours=hour))
                lived = (day + timedelta(hours=hour) - first.now()).total_seconds()
                assert lived < 60
                await second.until(
                    lambda _s, body: (
                        body.get("clock_lived_seconds", 0) >= body.get("CLOCK_MOVED_SECONDS", 1) - 0.1
                    )
                )
        waited = await db.quiet()
        assert await every_effect_once(db, ledger) == []
        rows = await db.rows("SELECT key, state, card FROM outbox")
        assert [r for r in rows if r["state"] not in {"sent", "superseded"}] == []
        stand = made.standing(await db.rows("SELECT key, channel, ref FROM messages"))
        assert {k: n for k, n in stand.items() if n > 1} == {}
        assert sorted(r["key"] for r in rows if r["state"] == "sent") == sorted(stand)
        print(
            f"quiet after {waited:.1f} s; {Counter(r['card'] for r in rows)}; posts by {dict(made.shares())}"
        )
        each_a_third(made)
