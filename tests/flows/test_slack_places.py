"""Places of an account on Slack that are no channel: a group chat, and one's own chat with the bot (users.md U12)."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot.model import Place
from scheduler.deliver import Delivery
from smbot import beside
from tests.fakes.slack import forms
from tests.fakes.slack.state import Channel
from tests.flows._slack_scene import Playing, Scene
from tests.world import World, at, world

MON, TUE = date(2026, 11, 23), date(2026, 11, 24)
CALLED = {"group": ("Anna Ek, Bo Alm", "group"), "own": ("Anna Ek", "direct")}


class Office(NamedTuple):
    scene: Scene
    world: World

    def place(self, channel: str) -> str:
        return f"slack:{self.scene.slack.space.team_id}:{channel}"

    async def stored(self, channel: str) -> Place | None:
        return (await self.world.register()).places.get(self.place(channel))

    def said(self, channel: str) -> list[str]:
        slack = self.scene.slack
        return [slack.plain(m) for m in slack.posts(channel) if m.user == slack.space.bot_user]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """Anna and Bo on Slack, where the bot's own messages are sent too."""
    async with world(tmp_path, accounts=0, chemistry=0) as found, Playing("http", found) as scene:
        found.delivery = Delivery(found.bot, [found.chat, scene.chat], "here")
        yield Office(scene, found)


def group_of(scene: Scene, *users: str) -> str:
    return scene.slack.add_channel("mpdm-anna--bo--smbot-1", list(users), kind="mpim")


async def entered(office: Office, channel: str) -> Any:
    """Anna enters an account, and chooses where its cards shall stand."""
    slack, anna = office.scene.slack, office.scene.anna
    await slack.command(anna, "/sm-konton")
    label = "Lägg in ett konto som finns"
    card = await slack.wait_for(
        lambda: next((m for m in slack.dms(anna) if label in forms.buttons(m.blocks)), None)
    )
    await slack.press(anna, card, label)
    await slack.wait_for(lambda: slack.modal(anna))
    people = [anna, office.scene.bo]
    values = {"Adress": "@biblioteket", "Enhet": "Biologi", "Personer": people, "Kanal": channel}
    return await slack.submit(anna, values)


@pytest.mark.parametrize("kind", ["group", "own"])
async def test_a_chat_is_welcomed_as_one_called_by_its_people_and_asked_in_the_morning(
    office: Office, kind: str
) -> None:
    slack, anna = office.scene.slack, office.scene.anna
    own = slack.space.direct(anna).id
    channel = group_of(office.scene, anna, office.scene.bo, slack.space.bot_user) if kind == "group" else own
    assert (await entered(office, channel)).ok
    place = await office.stored(channel)
    assert place
    assert ((place.name, place.kind), place.called) == (CALLED[kind], CALLED[kind][0])
    await office.world.until(at(MON, 10))
    assert [words for words in office.said(channel) if "Hej! Jag påminner om @biblioteket" in words]
    assert not [words for words in office.said(channel) if "kanalen" in words.partition(chr(10))[0]]
    await office.world.until(at(TUE, 9, 1))
    card = slack.posts(channel)[-1]
    assert "@biblioteket" in slack.plain(card)
    await slack.press(anna, card, "Allt lugnt")
    (account,) = (await office.world.register()).accounts.values()
    assert await office.world.days(account.id, TUE) == ["looked_at"]


async def test_a_chat_that_the_bot_is_not_in_is_refused_with_what_to_use_instead(office: Office) -> None:
    slack, anna, bo = office.scene.slack, office.scene.anna, office.scene.bo
    apart = slack.space.channels["D0APART"] = Channel("D0APART", "", "im", {anna, bo})
    outcome = await entered(office, apart.id)
    assert "Starta en gruppchatt" in "".join(outcome.errors.values())
    assert (await office.world.register()).accounts == {}
    assert await office.stored(apart.id) is None


async def test_what_slack_did_not_say_in_time_is_put_right_beside_the_requests(office: Office) -> None:
    slack, anna = office.scene.slack, office.scene.anna
    channel = group_of(office.scene, anna, office.scene.bo, slack.space.bot_user)
    slack.faults.add("conversations.info", "429", seconds=1)
    assert (await entered(office, channel)).ok
    before = await office.stored(channel)
    assert before
    assert (before.name, before.kind) == (channel, "channel")
    directory = office.scene.receiver.directory
    await beside._look_at_new(office.world.bot.storage, "slack", directory, set())
    after = await office.stored(channel)
    assert after
    assert (after.name, after.kind) == CALLED["group"]
