"""Retention: nothing goes without a number, what goes leaves no trace anywhere, and people see what is kept about them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from adapters.slack.send import SlackChat
from bot.model import Absence, Identity, PersonId
from bot.retention import KINDS, Disposal
from bot.service import passes, retention
from bot.view import Ask
from scheduler.deliver import Delivery
from storage import tables
from storage.rows import table_of
from storage.verify import verify
from tests.fakes.slack import FakeSlack
from tests.filed import file
from tests.moderating import INSULT, done
from tests.new_account import sent
from tests.world import DAY, MONDAY, STAFF, account, at, words, world

MARK = "Marsvin"
NUMBER = "LU 2026/77"
ROOMS = ("biologi", "kemi", "kommunikation", "sakerhet")


def decided(*kinds: str, days: int = 30) -> dict:
    return {kind: Disposal(days=days, number=NUMBER, decided_on=date(2026, 9, 1)) for kind in kinds}


async def decide(w, *kinds: str, days: int = 30) -> None:
    async def act(tx):
        office = (await tx.register()).office
        await tx.save_office(replace(office, retention=decided(*kinds, days=days)))

    await w.seed(act)


async def in_tables(w) -> list[str]:
    """Every row of every table in which the marked word stands."""
    found = []
    async with w.bot.storage.read() as tx:
        for model in tables.SQLModel.__subclasses__():
            table = table_of(model)
            found += [f"{table.name}: {row}" for row in await tx.rows(select(table)) if MARK in repr(row)]
    return found


def in_files(folder) -> list[str]:
    """The database's own files in which it stands: pages that are free, and what SQLite keeps beside."""
    return [file.name for file in folder.glob("world.db*") if MARK.encode() in file.read_bytes()]


@asynccontextmanager
async def on_slack(w) -> AsyncIterator[FakeSlack]:
    """The university's messages go to Slack's double, by the real adapter."""
    slack = FakeSlack(mode="http")
    await slack.start()
    users = {who: slack.add_user(who, name, f"{who}@uni.example") for who, name in STAFF.items()}
    rooms = {room: slack.add_channel(room, list(users.values())) for room in ROOMS}
    for room in rooms.values():
        slack.invite_bot(room)

    async def act(tx):
        for who, user in users.items():
            old = Identity(platform="test", realm="T1", user=who, person=PersonId(who), gone=True)
            await tx.save_identity(old)
            await tx.save_identity(replace(old, user=user, gone=False))
        for place in (await tx.register()).places.values():
            await tx.save_place(replace(place, channel=rooms[place.channel]))

    await w.seed(act)
    chat = SlackChat(slack.bot_token, slack.api_url)
    chat.platform = "test"
    w.delivery = Delivery(w.bot, [chat], "slack")
    try:
        yield slack
    finally:
        await slack.stop()


def on_the_double(slack: FakeSlack) -> list[str]:
    """What stands anywhere in the workspace."""
    return [repr(m) for channel in slack.space.messages.values() for m in channel.values() if not m.deleted]


async def two_days(w, slack: FakeSlack) -> None:
    """A question, an alarm, a measure, an absence, somebody who leaves, and a morning after: all of it marked."""
    await w.until(at(MONDAY.date(), 10))
    await w.seed(_named)
    await w.press("anna", "round.clear_mine")
    ident = await w.log(
        "anna", "bio1", at(MONDAY.date(), 9), text=f"Får jag ha {MARK}?", link=f"https://x.com/{MARK}"
    )
    await w.press("anna", "question.answered", ident)
    alarm = (await w.say("anna", "sm-alarm")).form
    await w.fill("anna", alarm, {"kind": "threat", "line": f"Hot om {MARK}"})
    async with w.bot.storage.read() as tx:
        raised = (await tx.open_cases("alarm"))[-1].id
    await w.press("sven", "alarm.receive", raised)
    await w.press("sven", "alarm.handled", raised)
    await done(w, INSULT | {"capture.sender": MARK, "breach.which": MARK})
    filing = await file(w)
    wish = await asked_of_others(w)
    await w.until(at(MONDAY.date(), 16))
    assert any("Byt namn" in message for message in on_the_double(slack))  # communications' digest
    await w.press("karin", "yearly.done", wish)
    form = (await w.press("karin", "left.open")).form
    await w.fill("karin", form, {"person": "anna"})
    await w.until(at(MONDAY.date() + DAY, 10))
    form = (await w.press("rita", "filing.number", filing)).form
    await w.fill("rita", form, {"why": f"Om {MARK}", "number": ""})


async def asked_of_others(w) -> str:
    """A request that is rejected, a head's wish (what it is seen to by), a channel that is started, an import that stays a draft."""
    ident = await sent(w, changes={"purpose.purpose": f"Vi skriver om {MARK}. Mer följer."})
    rejection = (await w.press("heidi", "approval.reject", f"{ident}|1")).form
    await w.fill("heidi", rejection, {"text": f"Det finns redan ett om {MARK}"})
    wish = (await w.press("heidi", "yearly.change")).form
    await w.fill("heidi", wish, {"account": "bio1", "text": f"Byt namn till {MARK}"})
    async with w.bot.storage.read() as tx:
        (page,) = await tx.open_cases("yearly")
    assert MARK in "".join(wish.text for wish in page.wishes)
    imported = account("inne", "kemi", state="imported", people=())
    await w.seed(lambda tx: tx.save_account(imported))
    start = (await w.press("karin", "start.channels")).form
    await w.fill("karin", start, {"places": ("test:T1:kemi",)})
    await w.delivery.run_pass(w.clock.now())
    async with w.bot.storage.read() as tx:
        (begun,) = await tx.open_cases("start")
    await w.press("anna", "start.mine", f"{begun.id}|inne")
    paste = (await w.press("karin", "import.open")).form
    rows = f"namn;plattform;adress\n@{MARK};Instagram;https://instagram.com/{MARK}\n"
    await w.fill("karin", paste, {paste.fields[0].id: rows})
    said = "\n".join(await in_tables(w))
    for planted in (f"Det finns redan ett om {MARK}", "import.drafts", f"Vi skriver om {MARK}"):
        assert planted in said, planted
    return f"{page.id}|{page.wishes[0].id}"


async def _named(tx) -> None:
    anna = (await tx.register()).people[PersonId("anna")]
    await tx.save_person(replace(anna, name=f"{MARK} Ek", email=f"{MARK}@uni.example"))
    await tx.save_absence(Absence(id=f"w{MARK}", person=anna.id, first=MONDAY.date(), last=MONDAY.date()))


@pytest.mark.long
async def test_what_is_purged_stands_in_no_table_no_file_and_no_message_and_the_chain_holds(tmp_path) -> None:
    async with world(tmp_path) as w, on_slack(w) as slack:
        await two_days(w, slack)
        assert await in_tables(w)
        assert any(MARK in message for message in on_the_double(slack))
        w.clock.at += timedelta(days=60)
        await passes.housekeeping(w.bot, w.clock.now())
        before = await in_tables(w)
        assert before  # without a number nothing is destroyed
        await decide(w, *KINDS)
        slack.faults.add("chat.update", "error:message_not_found")  # one is gone: it is let go
        slack.faults.add("chat.update", "500")  # one answer says nothing: it is written again
        done_ = await retention.run(w.bot, w.clock.now(), batches=None)
        gone = {
            "checks",
            "questions",
            "alarms",
            "runs",
            "moderations",
            "decisions",
            "imports",
            "watching",
            "left",
        }
        assert gone | {"absences"} <= set(done_)
        for _ in range(12):
            await w.delivery.run_pass(w.clock.now())
            w.clock.at += timedelta(minutes=10)
        await w.bot.storage.tidy()
        assert await in_tables(w) == []
        assert in_files(tmp_path) == []
        left = [message for message in on_the_double(slack) if MARK in message]
        assert len(left) <= 1, left  # at most the one that Slack says is not there
        assert sum(NUMBER in message for message in on_the_double(slack)) > 5
        async with w.bot.storage.read() as tx:
            assert (await verify(tx)).bad is None
            assert (await tx.register()).people[PersonId("anna")].name == "En tidigare medarbetare"
            assert [
                m for m in await tx.rows(select(table_of(tables.Messages))) if m["card"] == "purged"
            ] == []
            assert (await tx.days(first=MONDAY.date(), last=MONDAY.date())) == []
        assert await retention.run(w.bot, w.clock.now()) == {}


async def test_what_was_purged_is_said_to_be_gone_and_its_old_buttons_do_nothing(tmp_path) -> None:
    async with world(tmp_path) as w:
        ident = await w.log("anna", "bio0", MONDAY)
        await w.press("anna", "question.answered", ident)
        await done(w, INSULT)
        async with w.bot.storage.read() as tx:
            (moderation,) = [case.id for case in await tx.cases_of("bio0") if case.case == "moderation"]
        await decide(w, *KINDS)
        w.clock.at += timedelta(days=60)
        await retention.run(w.bot, w.clock.now(), batches=None)
        await w.delivery.run_pass(w.clock.now())
        assert "gallrat" in words(w.posts()[0].card)
        for verb, arg in (
            ("question.reopen", ident),
            ("question.take", ident),
            ("moderation.open", moderation),
        ):
            assert "Det gick inte" in words((await w.press("anna", verb, arg)).card)
        assert isinstance(await w.press("anna", "account.history", "bio0"), Ask)
        assert "1" in words((await w.say("karin", "sm-beslut", "1")).card)
        assert await retention.run(w.bot, w.clock.now()) == {}
