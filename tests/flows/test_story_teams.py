"""The story on `smbot run` as a process against the fake Teams."""

from datetime import date
from pathlib import Path

import pytest

from tests.fakes.smtp import Server, smtp
from tests.fakes.teams import FakeTeams, live_mentions
from tests.flows import letters, story, story_office
from tests.flows import story_cast as cast
from tests.flows.process import ROOT, running
from tests.flows.slack_player import moved
from tests.flows.teams_player import TeamsPlayer
from tests.flows.transcript import Explained, Recorder, compare, explanation, report

pytestmark = pytest.mark.process
PACK = "ki"
EXPLAINED = (
    Explained(
        mark="sees: @Karin Ek |",
        sv="I Teams nämns dagens bevakare i morgonkortet, som annars inte når någon; svaret klockan 14 ringer inte.",
        en="In Teams the morning card mentions today's watcher, or it would reach nobody; the reply at 14 does not ring.",
    ),
    Explained(
        mark="opens the form by a button",
        sv="I Teams kan ett skrivet kommando inte öppna ett formulär: boten svarar med en knapp som gör det.",
        en="In Teams a typed command cannot open a form: the bot answers with a button that does.",
    ),
    Explained(
        mark="du är dagens bevakare",
        sv="I Teams når ett inlägg som ingen nämns i kanske ingen: morgonkortet nämner dagens bevakare.",
        en="In Teams a post that mentions nobody may reach nobody: the morning card mentions today's watcher.",
    ),
)


def tenant() -> FakeTeams:
    """The example's people, one team for all of them, and one for each of its channels; nobody has the app yet."""
    teams = FakeTeams()
    ids = {name: teams.add_user(name, f"{_mail(name)}@larosatet.example") for name in cast.EVERYBODY}
    teams.add_team("Lärosätet", list(ids.values()), app=False)
    for channel, people in cast.CHANNELS.items():
        name = channel.removeprefix("#")
        unit = teams.add_team(f"Enheten för {name.partition('-')[0]}", [ids[p] for p in people], app=False)
        teams.add_channel(unit, name)
    return teams


def _mail(name: str) -> str:
    return name.lower().replace(" ", ".")


async def test_three_weeks_at_the_library(tmp_path: Path) -> None:
    teams = tenant()
    await teams.start()
    try:
        lines = await played(teams, tmp_path)
    finally:
        await teams.stop()
    differences = compare(PACK, lines)
    print(*report(differences, EXPLAINED), sep="\n")
    assert [d for d in differences if not explanation(d, EXPLAINED)] == []
    assert teams.violations == []
    assert teams.user_errors == []
    assert alive_from_outside(teams) == []


async def test_the_office_runs_it(tmp_path: Path) -> None:
    teams = tenant()
    await teams.start()
    try:
        async with smtp() as box:
            lines = await office(teams, tmp_path, box)
    finally:
        await teams.stop()
    differences = compare("office", lines)
    print(*report(differences, EXPLAINED), sep="\n")
    assert [d for d in differences if not explanation(d, EXPLAINED)] == []
    assert teams.violations == []
    assert teams.user_errors == []
    assert alive_from_outside(teams) == []


async def office(teams: FakeTeams, tmp_path: Path, box: Server) -> list[str]:
    """What people were shown and asked in the story of the office."""
    story = story_office.Running(
        player=None, monday=story_office.asked_on(date.today()), pack=story_office.PACK
    )
    early = moved(story.begins.replace(hour=7))
    (tmp_path / "clock").write_text(early)
    teams.skip(float(early))
    more = letters.settings(box) | story_office.environment(tmp_path)
    async with running(None, tmp_path, teams, **more) as bot:
        player = TeamsPlayer(teams, bot)
        player.box = box
        await install(teams)
        await player.until(story.begins)
        story.player = recorder = Recorder(player)
        await story.play()
    return recorder.lines


async def played(teams: FakeTeams, tmp_path: Path) -> list[str]:
    """What people were shown and asked, step by step."""
    monday = story.first_monday(date.today())
    begins = story.Story(player=None, monday=monday, pack=PACK).begins
    early = moved(begins.replace(hour=7))
    (tmp_path / "clock").write_text(early)
    teams.skip(float(early))
    organisation = str(ROOT / "organisation.example.toml")
    async with running(None, tmp_path, teams, SMBOT_POLICY=PACK, SMBOT_ORGANISATION=organisation) as bot:
        player = TeamsPlayer(teams, bot)
        await install(teams)
        await player.until(begins)
        confirm = await player.sees(cast.NILS, "direct", "Stämmer det här?")
        await player.press(cast.NILS, confirm, "Allt stämmer")
        recorder = Recorder(player)
        await story.Story(player=recorder, monday=monday, pack=PACK).play()
    return recorder.lines


async def install(teams: FakeTeams) -> None:
    """The app comes to each team and each person, before the office opens; the bot has read what there is."""
    for where in (*teams.space.teams, *teams.space.users):
        for outcome in await teams.install(where):
            assert outcome.ok, outcome
    await teams.wait_for(lambda: all(teams.personal(user) for user in teams.space.users), 20)


def alive_from_outside(teams: FakeTeams) -> list[object]:
    """What somebody outside wrote and Teams would bring to life, in any message of the bot."""
    own = [live for m in teams.space.messages if not m.user for live in live_mentions(m)]
    return [live for live in own if live.kind in {"autolink", "tag"} or "evil" in live.target]
