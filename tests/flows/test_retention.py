"""Retention: nothing goes without a number, what goes leaves no trace, and people see what is kept about them."""

from datetime import date, timedelta

from sqlalchemy import select

from bot.retention import KINDS, Disposal
from bot.service import retention
from storage import tables
from storage.rows import table_of
from tests.world import MONDAY, at, words, world

MARK = "Marsvin"
NUMBER = "LU 2026/77"


def decided(*kinds: str, days: int = 30) -> dict:
    return {kind: Disposal(days=days, number=NUMBER, decided_on=date(2026, 9, 1)) for kind in kinds}


async def everywhere(w, folder) -> str:
    """Every text of every table, and the database's own files to the byte."""
    found = []
    async with w.bot.storage.read() as tx:
        for model in tables.SQLModel.__subclasses__():
            rows = await tx.rows(select(table_of(model)))
            found += [repr(row) for row in rows]
    found += [file.read_bytes().decode("latin-1") for file in folder.glob("world.db*")]
    return "\n".join(found)


def said(w) -> str:
    return "\n".join(words(post.card) for post in [*w.chat.posts, *w.teams.posts])


async def test_a_question_is_kept_until_its_time_is_over_by_a_decision_and_then_leaves_no_trace(
    tmp_path,
) -> None:
    async with world(tmp_path) as w:
        await w.until(at(MONDAY.date(), 10))
        ident = await w.log("anna", "bio1", at(MONDAY.date(), 9), text=f"Får jag ha {MARK} på labbet?")
        await w.press("anna", "question.answered", ident)
        later = MONDAY + timedelta(days=40)
        w.clock.at = later.astimezone(w.clock.at.tzinfo)
        await retention.run(w.bot, w.clock.now())
        assert MARK in await everywhere(w, tmp_path)  # no number, nothing goes
        async with w.bot.storage.write() as tx:
            office = (await tx.register()).office
            await tx.save_office(type(office)(**{**vars(office), "retention": decided(*KINDS)}))
        done = await retention.run(w.bot, w.clock.now())
        assert done["questions"] == 1
        await w.delivery.run_pass(w.clock.now())
        await w.bot.storage.tidy()
        assert MARK not in await everywhere(w, tmp_path)
        assert MARK not in said(w)
        assert f"gallrat enligt beslut {NUMBER}" in said(w)
        assert await retention.run(w.bot, w.clock.now()) == {}
