"""What runs beside the requests goes on after a failure, and keeps people and channels as Slack has them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.slack.people import About, SlackDirectory, is_shared
from bot.desk import Desk
from bot.model import Person, PersonId, Place
from bot.ports import Storage, Tx
from bot.service.arrivals import Wanted, want, wanted
from bot.service.compose import SHARED_PLACES
from bot.service.people import TO_CONFIRM
from smbot import beside
from smbot.serve import watched
from tests.fakes.slack import FakeSlack
from tests.fakes.stage import Stage, open_stage
from tests.world import MONDAY, at, words, world


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as found:
        yield found


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    one = FakeSlack(mode="http")
    await one.start()
    yield one
    await one.stop()


class Failing(Storage):
    """A store whose database does not answer the first reads."""

    def __init__(self, store: Storage, failures: int) -> None:
        self._store, self.failures = store, failures
        self.write = store.write

    def read(self) -> AbstractAsyncContextManager[Tx]:
        if self.failures:
            self.failures -= 1
            raise OSError("the database does not answer")
        return self._store.read()


class Told:
    """Channels as Slack tells of them: all are `some`."""

    def __init__(self, *, shared: bool = False) -> None:
        self.shared = shared
        self.asked: list[str] = []

    async def about(self, channel: str) -> About:
        self.asked.append(channel)
        return About(name="some", shared=self.shared)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)


async def unnamed(stage: Stage) -> str:
    async with stage.store.write() as tx:
        place = Place(id="slack:T1:C9", platform="slack", realm="T1", channel="C9", name="C9")
        await tx.save_place(place)
    return place.id


async def test_a_database_that_fails_once_does_not_end_the_look_at_channels(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "LOOK", 0.01)
    ident = await unnamed(stage)
    store, told = Failing(stage.store, 1), Told()
    task = asyncio.create_task(beside.look_at_places(store, "slack", told))
    name = "C9"
    async with asyncio.timeout(5):
        while name == "C9":
            await asyncio.sleep(0.01)
            async with stage.store.read() as tx:
                name = (await tx.register()).places[ident].name
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (name, store.failures) == ("some", 0)


async def test_a_shared_channel_is_marked_and_no_longer_once_it_is_not(stage: Stage) -> None:
    ident = await unnamed(stage)
    await beside._look_at_new(stage.store, "slack", Told(shared=True), set())
    async with stage.store.read() as tx:
        assert ident in json.loads(await tx.fact(SHARED_PLACES) or "")
    await beside._look_at_new(stage.store, "slack", Told(), set())
    async with stage.store.read() as tx:
        assert await tx.fact(SHARED_PLACES) == "[]"


async def test_a_group_chat_that_was_stored_as_a_channel_gets_its_kind_and_its_peoples_names(
    stage: Stage,
) -> None:
    place = Place(id="slack:T1:C9", platform="slack", realm="T1", channel="C9", name="mpdm-anna--bo-1")
    async with stage.store.write() as tx:
        await tx.save_place(place)

    class Group:
        async def about(self, channel: str) -> About:
            return About(name="Anna Ek, Bo Alm", shared=False, kind="group")

    await beside._look_at_new(stage.store, "slack", Group(), set())
    async with stage.store.read() as tx:
        found = (await tx.register()).places[place.id]
    assert (found.called, found.kind) == ("Anna Ek, Bo Alm", "group")


async def test_a_task_that_ends_is_told_in_the_log() -> None:
    async def brief() -> None:
        raise OSError("gone")

    with capture_logs() as lines:
        await asyncio.wait({watched(brief())})
        await asyncio.sleep(0)
    assert [(line["event"], line["task"], line["error"]) for line in lines] == [
        ("task_ended", "brief", "OSError")
    ]


async def test_users_that_could_not_be_read_are_asked_for_again_within_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Refusing:
        calls = 0

        async def refresh(self) -> int:
            self.calls += 1
            raise OSError("no answer")

        async def check(self, user: str) -> bool:
            return False

    monkeypatch.setattr(beside, "AGAIN", 0.01)
    people = Refusing()
    task = asyncio.create_task(beside.refresh(people))
    await until(lambda: people.calls > 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_one_too_many_requests_does_not_end_the_reading_of_users(slack: FakeSlack) -> None:
    slack.add_user("anna", "Anna Ek")
    directory = SlackDirectory(slack.bot_token, slack.api_url)
    await directory.start()
    slack.faults.add("users.list", "429", seconds=1)
    assert "Anna Ek" in [found.name async for found in directory.everybody()]


async def test_whoever_could_not_be_asked_about_is_asked_about_again(stage: Stage) -> None:
    class Answering:
        asked: list[str]

        async def refresh(self) -> int:
            return 0

        async def check(self, user: str) -> bool:
            self.asked.append(user)
            return True

    people = Answering()
    people.asked = []
    async with stage.store.write() as tx:
        register = await tx.register()
        one = next(i for i in register.identities if i.platform == "slack")
        await tx.save_person(replace(register.people[one.person], checked=False))
    await beside._check_people(stage.store, "slack", people)
    assert people.asked == [one.user]


async def test_a_channel_made_later_and_somebody_who_came_later_are_found_to_be_confirmed(
    stage: Stage, slack: FakeSlack
) -> None:
    async with stage.store.write() as tx:
        await tx.save_person(Person(id=PersonId("nina"), name="Nina", email="nina@example.se", checked=False))
        await want(tx, (Wanted(name="Sociala", roles=("registrar",)),))
    directory, desk = SlackDirectory(slack.bot_token, slack.api_url), Desk(stage.bot)
    await directory.start()
    await beside._look_for_missing(desk, stage.store, directory)
    async with stage.store.read() as tx:
        before = await wanted(tx), (await tx.register()).identities_of(PersonId("nina"))
    nina = slack.add_user("nina", "Nina Ny", email="nina@example.se")
    channel = slack.add_channel("sociala")
    await beside._look_for_missing(desk, stage.store, directory)

    async with stage.store.read() as tx:
        register = await tx.register()
        assert (await wanted(tx), await tx.fact(TO_CONFIRM)) == ((), '["nina"]')
    assert [each.name for each in before[0]] == ["Sociala"]
    assert before[1] == ()
    assert [i.user for i in register.identities_of(PersonId("nina"))] == [nina]
    assert register.places[register.role_places["registrar"]].channel == channel


async def test_nothing_is_posted_in_a_channel_that_another_organisation_turns_out_to_share(tmp_path) -> None:
    async with world(tmp_path) as w:
        await w.seed(lambda tx: tx.save_fact(SHARED_PLACES, '["test:T1:biologi"]'))
        await w.until(at(MONDAY.date(), 10))
        assert w.posts("biologi") == []
        assert any("delas med en annan organisation" in words(post.card) for post in w.posts("@adam"))


@pytest.mark.parametrize(
    ("about", "shared"),
    [
        ({"is_ext_shared": True}, True), ({"is_shared": True}, True), ({"is_pending_ext_shared": True}, True),
        ({"is_shared": True, "is_org_shared": True}, False), ({}, False),
    ],
)  # fmt: skip
def test_a_channel_is_shared_when_another_organisation_is_in_it_or_invited(about, shared) -> None:
    assert is_shared(about) == shared
