"""`smbot run` with Teams alone, with both, and with nobody asked for a signature."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.teams import FakeTeams
from tests.flows.process import ROOT, prepare, running

pytestmark = pytest.mark.process

ORGANISATION = """
name = "Provuniversitetet"
language = "en"
alarm_number = "08-000 00 00"
bridge_days = "worked"

[roles]
administrators = ["nils.dahl@example.org"]
communications = ["{anna}"]

[[unit]]
id = "library"
name = "The library"
head = "nils.dahl@example.org"

[[channel]]
name = "Library / Social media"

[[account]]
platform = "instagram"
name = "Library"
address = "https://www.instagram.com/library/"
unit = "library"
channel = "Library / Social media"
people = ["{anna}", "nils.dahl@example.org"]
"""
CONFIGURED = """
import sys
from smbot.run import configured
from smbot.settings import load
from smbot.wiring import build
print(*(type(p).__name__ for p in configured(build(load()))))
print(*sorted({n.partition(".")[0] for n in sys.modules} & {"slack_bolt", "slack_sdk", "botbuilder", "botframework"}))
"""


@pytest.fixture
async def teams() -> AsyncIterator[FakeTeams]:
    one = FakeTeams()
    one.limits.off()
    await one.start()
    yield one
    await one.stop()


async def test_teams_alone_is_served_and_stops_cleanly(teams: FakeTeams, tmp_path: Path) -> None:
    anna = teams.add_user("Anna Lind")
    teams.give_app(anna)
    async with running(None, tmp_path, teams, nursery=False, SMBOT_ADMIN=anna.upper()) as bot:
        outcome = await teams.say(anna, "", "sm-help")
        assert outcome.ok, outcome
        await teams.wait_for(lambda: [m for m in teams.personal(anna) if m.user != anna])
        _, body = await bot.ready()
        assert body["ready"]
        assert "TEAMS_UNSIGNED_REQUESTS_ARE_TAKEN" not in body
        assert await bot.terminate() == 0
        assert "task_ended" not in bot.log
        assert "Traceback" not in bot.log
        assert teams.secret not in bot.log
    assert not teams.violations


async def test_an_answer_on_its_way_arrives_before_the_bot_is_gone(teams: FakeTeams, tmp_path: Path) -> None:
    anna = teams.add_user("Anna Lind")
    teams.give_app(anna)
    async with running(None, tmp_path, teams, SMBOT_ADMIN=anna) as bot:
        teams.connector.delay = 1.0
        assert (await teams.say(anna, "", "sm-help")).ok
        async with asyncio.timeout(10):
            while not any(call.method == "post" for call in teams.calls):
                await asyncio.sleep(0.01)
        assert await bot.terminate() == 0
        assert [m for m in teams.personal(anna) if m.user != anna]
        assert "Traceback" not in bot.log


async def test_whom_the_organisation_file_names_is_filled_in_when_teams_tells_of_them(
    teams: FakeTeams, tmp_path: Path
) -> None:
    anna, nils = teams.add_user("Anna Lind"), teams.add_user("Nils Dahl")
    file = tmp_path / "organisation.toml"
    file.write_text(ORGANISATION.format(anna=anna), encoding="utf-8")
    team = teams.add_team("Library", [anna, nils], app=False)
    teams.add_channel(team, "Social media")
    async with running(None, tmp_path, teams, SMBOT_ORGANISATION=str(file)) as bot:
        before = await bot_doctor(bot.environment)
        assert "nils.dahl@example.org" in before
        assert "Library / Social media was found" not in before
        await teams.install(team, nils)
        async with asyncio.timeout(20):
            while "nils.dahl@example.org" in (told := await bot_doctor(bot.environment)):
                await asyncio.sleep(0.1)
        assert "Library / Social media was found" in told
        assert "Nils Dahl was found" in told


async def test_unsigned_requests_are_taken_where_that_is_asked_for_and_it_is_said_loudly(
    teams: FakeTeams, tmp_path: Path
) -> None:
    anna = teams.add_user("Anna Lind")
    teams.give_app(anna)
    async with running(None, tmp_path, teams, SMBOT_ADMIN=anna, SMBOT_TEAMS_ALLOW_UNSIGNED="1") as bot:
        place = teams.space.personal(anna)
        message = teams.written(anna, place.id, "sm-help")
        activity = teams.payloads.message(teams.space.users[anna], place, message, mention=False)
        assert (await teams.send(activity, "")).status == 200
        activity["channelData"]["tenant"]["id"] = teams.add_tenant()
        assert (await teams.send(activity, "")).status == 403
        _, body = await bot.ready()
        assert body["TEAMS_UNSIGNED_REQUESTS_ARE_TAKEN"] is True
        assert "ANYBODY ON THIS COMPUTER CAN ACT AS ANYBODY" in bot.log
        assert teams.keys.fetches == []


async def test_it_is_refused_where_others_could_reach_the_door(teams: FakeTeams, tmp_path: Path) -> None:
    bot = prepare(
        None, tmp_path, teams, SMBOT_ADMIN="x", SMBOT_TEAMS_ALLOW_UNSIGNED="1", SMBOT_HTTP_HOST="0.0.0.0"
    )
    await bot.spawn()
    assert bot.process is not None
    assert await bot.process.wait() == 1
    assert "SMBOT_TEAMS_ALLOW_UNSIGNED" in bot.log


async def test_a_certificate_that_is_none_stops_the_start_with_words(
    teams: FakeTeams, tmp_path: Path
) -> None:
    pem = tmp_path / "app.pem"
    pem.write_text(
        "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nx\n"
    )
    bot = prepare(None, tmp_path, teams, SMBOT_ADMIN="x", MICROSOFT_APP_CERTIFICATE=str(pem))
    del bot.environment["MICROSOFT_APP_PASSWORD"]
    await bot.spawn()
    assert bot.process is not None
    assert await bot.process.wait() == 1
    assert "MICROSOFT_APP_CERTIFICATE" in bot.log
    assert "Traceback" not in bot.log


@pytest.mark.parametrize("which", ["slack", "teams"])
def test_the_sdk_of_a_platform_that_is_not_set_is_not_even_imported(which: str, tmp_path: Path) -> None:
    app, tenant = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
    given = {
        "slack": {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"},
        "teams": {
            "MICROSOFT_APP_ID": app,
            "MICROSOFT_APP_PASSWORD": "s",
            "MICROSOFT_APP_TENANT_ID": tenant,
        },
    }[which]
    environment = {"SMBOT_DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}", **given}
    ended = subprocess.run(
        [sys.executable, "-c", CONFIGURED],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    made, loaded = ended.stdout.splitlines()
    assert (made, loaded) == {
        "slack": ("OnSlack", "slack_bolt slack_sdk"),
        "teams": ("OnTeams", "botbuilder botframework"),
    }[which]


async def bot_doctor(environment: dict[str, str]) -> str:
    """What `smbot doctor` prints, while the bot runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "smbot", "doctor", cwd=ROOT, env={**environment, "SMBOT_LANGUAGE": "en"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, trouble = await process.communicate()
    assert not trouble, trouble.decode()
    return out.decode()
