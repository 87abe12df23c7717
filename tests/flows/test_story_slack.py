"""The story on `smbot run` as a process against the fake Slack, by signed HTTP and by Socket Mode."""

from datetime import date
from pathlib import Path

import pytest

from tests.fakes.slack import FakeSlack, live_mentions
from tests.fakes.smtp import Server, smtp
from tests.flows import letters, story, story_office
from tests.flows import story_cast as cast
from tests.flows.process import ROOT, running
from tests.flows.slack_player import SlackPlayer, moved
from tests.flows.transcript import Recorder, keep

pytestmark = pytest.mark.process
PACKS = {"http": "ki", "socket": "generic"}
DEAD = {"broadcast", "usergroup", "autobroadcast", "channel"}


def workspace(mode: str) -> FakeSlack:
    """The example's people and channels."""
    slack = FakeSlack(mode=mode)
    ids = {
        name: slack.add_user(_mail(name), name, f"{_mail(name)}@larosatet.example") for name in cast.EVERYBODY
    }
    for channel, people in cast.CHANNELS.items():
        slack.invite_bot(slack.add_channel(channel.removeprefix("#"), [ids[p] for p in people]))
    return slack


def _mail(name: str) -> str:
    return name.lower().replace(" ", ".")


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_three_weeks_at_the_library(mode: str, tmp_path: Path) -> None:
    slack = workspace(mode)
    await slack.start()
    try:
        lines = await played(slack, tmp_path)
    finally:
        await slack.stop()
    assert keep(PACKS[mode], lines) == lines
    assert slack.violations == []
    assert slack.user_errors == []
    assert alive_from_outside(slack) == []


async def played(slack: FakeSlack, tmp_path: Path) -> list[str]:
    """What people were shown and asked, step by step."""
    monday, pack = story.first_monday(date.today()), PACKS[slack.mode]  # the real one: the clock only grows
    begins = story.Story(player=None, monday=monday, pack=pack).begins
    (tmp_path / "clock").write_text(moved(begins))
    slack.skip(float(moved(begins)))
    async with running(
        slack, tmp_path, SMBOT_POLICY=pack, SMBOT_ORGANISATION=str(ROOT / "organisation.example.toml")
    ) as bot:
        player = SlackPlayer(slack, bot)
        confirm = await player.sees(cast.NILS, "direct", "Stämmer det här?")
        await player.press(cast.NILS, confirm, "Allt stämmer")
        recorder = Recorder(player)
        await story.Story(player=recorder, monday=monday, pack=pack).play()
    return recorder.lines


async def test_the_office_runs_it_on_postgresql(tmp_path: Path, postgres_database: str) -> None:
    slack = workspace("http")
    await slack.start()
    try:
        async with smtp() as box:
            lines = await office(slack, tmp_path, box, SMBOT_DATABASE_URL=postgres_database)
    finally:
        await slack.stop()
    assert keep("office", lines) == lines
    assert slack.violations == []
    assert slack.user_errors == []
    assert alive_from_outside(slack) == []


async def office(slack: FakeSlack, tmp_path: Path, box: Server, **env: str) -> list[str]:
    """What people were shown and asked in the story of the office."""
    story = story_office.Running(
        player=None, monday=story_office.asked_on(date.today()), pack=story_office.PACK
    )
    (tmp_path / "clock").write_text(moved(story.begins))
    slack.skip(float(moved(story.begins)))
    more = env | letters.settings(box) | story_office.environment(tmp_path)
    async with running(slack, tmp_path, **more) as bot:
        player = SlackPlayer(slack, bot)
        player.box = box
        story.player = recorder = Recorder(player)
        await story.play()
    return recorder.lines


def alive_from_outside(slack: FakeSlack) -> list[object]:
    """What somebody outside wrote and Slack would bring to life, in any message of the bot."""
    space = slack.space
    messages = [m for channel in space.messages.values() for m in channel.values()] + space.ephemerals
    own = [live for m in messages if m.user == space.bot_user for live in live_mentions(m)]
    return [live for live in own if live.kind in DEAD or live.target == "U0000000X" or "evil" in live.target]
