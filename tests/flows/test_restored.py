"""A bot whose database came back from a backup: what was said meanwhile is not said again, and cards work again."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scheduler.moves import catch_up, drain
from scheduler.restored import look_back
from storage.backup import dump
from storage.engine import connect
from storage.restore import restore
from storage.store import Store
from tests.fakes.chat import FakeChat
from tests.fakes.stage import Stage, open_stage
from tests.inline import inline
from tests.statements import shared

DAYS = 2


async def live_on(stage: Stage, until: datetime) -> None:
    """Time passes with every pass on the way."""
    start = stage.clock.now()
    stage.clock.skip(seconds=(until - start).total_seconds())
    await catch_up(stage.bot, stage.delivery, start, until)


async def two_lost_days(stage: Stage, folder: Path) -> Stage:
    """A backup, two days that are lost with the database, and the bot on what the backup holds."""
    await stage.ask("q1", link="https://example.org/1")
    await stage.ask("q2", place="fys")
    await live_on(stage, stage.clock.now() + timedelta(hours=5))
    await stage.ask("q3")  # waits to be sent when the backup is taken
    with (folder / "b").open("wb") as out:
        await dump(stage.url, out, stage.clock.real())
    await stage.take("q1")
    await live_on(stage, stage.clock.now() + timedelta(days=DAYS))
    url = f"sqlite:///{folder}/back.db"
    restore(url, folder / "b")
    return Stage(store=quick(url), url=url, clock=stage.clock, chat=stage.chat)


def quick(url: str) -> Store:
    """A store that runs its statements where they stand."""
    return Store(shared(inline(connect(url))))


@pytest.mark.parametrize(
    "finds",
    [
        pytest.param(True, id="that can be read"),
        pytest.param(False, id="that cannot", marks=pytest.mark.long),
    ],
)
async def test_after_a_restore_nothing_is_said_twice_in_a_heap_and_each_day_goes_on(
    tmp_path: Path, finds: bool
) -> None:
    async with open_stage(tmp_path) as slow:
        before = Stage(store=quick(slow.url), url=slow.url)
        stage = await two_lost_days(before, tmp_path)
        await before.store.close()
        chat = stage.chat
        chat.finds = finds
        stood = Counter(p.envelope.key for p in chat.posts)
        assert {"q1:card", "q3:card"} <= set(stood)

        assert await look_back(stage.bot)
        assert await look_back(stage.bot) is None
        await drain(stage.bot, stage.delivery, stage.clock.now())
        again = [p for p in chat.posts[sum(stood.values()) :] if p.envelope.key in stood]
        assert len(again) <= (0 if finds else 2 * 3)  # at most what each open question has to say
        assert all("kan redan" in str(p.envelope.card) or "may" in str(p.envelope.card) for p in again)
        assert not [p for p in again if p.envelope.key.startswith(("round", "digest", "heads", "reply"))]
        assert shown_as_it_is(chat, "q1:card")
        assert stage.troubles == []

        since = len(chat.posts)
        await live_on(stage, stage.clock.now() + timedelta(days=1))
        new = Counter(p.envelope.key for p in chat.posts[since:])
        assert [key for key in new if key.startswith("round")]
        assert max(new.values()) == 1
        assert not set(new) & set(stood)
        await stage.store.close()


def shown_as_it_is(chat: FakeChat, key: str) -> bool:
    """A card on which somebody answered in the lost days has its buttons again, for the bot knows nothing of it."""
    post = next(p for p in chat.posts if p.envelope.key == key)
    return bool(post.edits) and any(b.verb == "question.answered" for b in post.edits[-1].card.buttons)


async def test_a_database_that_was_moved_goes_on_without_looking_for_anything(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.ask()
        with (tmp_path / "b").open("wb") as out:
            await dump(stage.url, out, stage.clock.real())
        url = f"sqlite:///{tmp_path}/new.db"
        restore(url, tmp_path / "b", moved=True)
        moved = Stage(store=Store(connect(url)), url=url, clock=stage.clock, chat=stage.chat)
        assert await look_back(moved.bot) is None
        assert await moved.delivery.run_pass() == 1
        assert [call for call in stage.chat.calls if call.startswith("find")] == []
        await moved.store.close()
