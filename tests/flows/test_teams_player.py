"""What the story's people do on Teams, done by itself: `smbot run` as a process against the fake Teams."""

from pathlib import Path

import pytest

from tests.fakes.teams import FakeTeams
from tests.flows.process import running
from tests.flows.teams_player import TeamsPlayer

pytestmark = pytest.mark.process

NILS, ANNA, PLACE = "Nils Dahl", "Anna Lind", "#biblioteket"


async def test_a_person_asks_for_home_changes_language_and_opens_forms_by_typing(tmp_path: Path) -> None:
    teams = FakeTeams()
    nils, anna = teams.add_user(NILS), teams.add_user(ANNA)
    team = teams.add_team("Biblioteket", [nils, anna], app=False)
    teams.add_channel(team, PLACE.removeprefix("#"))
    await teams.start()
    try:
        async with running(None, tmp_path, teams, SMBOT_POLICY="ki", SMBOT_ADMIN=nils) as bot:
            await teams.install(team)
            await teams.install(nils)
            await played(TeamsPlayer(teams, bot))
    finally:
        await teams.stop()
    assert teams.violations == []
    assert teams.user_errors == []
    assert teams.posts(team) == []


async def played(p: TeamsPlayer) -> None:
    await p.say(NILS, "/sm-hjalp", PLACE)
    await p.sees(NILS, "private", "nämner du mig först, med @")
    await p.sees(NILS, "private", "• sm-fraga")
    await p.never_sees(NILS, "private", "/sm-")
    await p.never_sees(ANNA, PLACE, "sm-fraga")
    await p.press(NILS, "home", "Byt till engelska (English)")
    await p.sees(NILS, "private", "Then I will write to you in English.")
    home = await p.sees(NILS, "home", "Log a question")
    assert home is await p.sees(NILS, home, "I'm away")
    await p.say(NILS, "/sm-accounts")
    await p.press(NILS, "private", "Enter an account that exists")
    await p.sees(NILS, "form", "For an account that exists already.")
    assert (await p.asked(NILS))[:3] == ["Platform", "Address", "Unit"]
    await p.say(NILS, "/sm-away", PLACE)
    assert await p.asked(NILS) == ["From", "Until", "Who covers for you?"]
