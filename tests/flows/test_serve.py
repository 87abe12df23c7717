"""`smbot run` as a process: it starts, says whether it is ready, refuses what cannot be, and stops cleanly."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import aiohttp.web
import pytest

from tests.fakes.slack import FakeSlack
from tests.flows.process import ROOT, prepare, running

pytestmark = pytest.mark.process

ORGANISATION = """
name = "Provuniversitetet"
language = "sv"
alarm_number = "08-000 00 00"
bridge_days = "worked"

[roles]
communications = ["{maria}"]
administrators = ["nils@example.org"]

[[unit]]
id = "bibliotek"
name = "Biblioteket"
head = "lena@example.org"

[[channel]]
name = "some"

[[channel]]
name = "finns-inte"

[[account]]
platform = "instagram"
name = "Biblioteket"
address = "https://www.instagram.com/Bibliotek/"
unit = "bibliotek"
channel = "some"
people = ["{maria}", "lena@example.org"]
"""


@pytest.fixture(params=["http", "socket"])
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[FakeSlack]:
    async for one in fake(request.param):
        yield one


@pytest.fixture
async def by_http() -> AsyncIterator[FakeSlack]:
    async for one in fake("http"):
        yield one


async def fake(mode: str) -> AsyncIterator[FakeSlack]:
    one = FakeSlack(mode=mode)
    await one.start()
    yield one
    await one.stop()


def organisation(slack: FakeSlack, folder: Path) -> str:
    """A file that names people by id and by address, and a channel that is not there."""
    people = {name: slack.add_user(name, name.title()) for name in ("maria", "lena", "nils")}
    slack.invite_bot(slack.add_channel("some", [people["maria"], people["lena"]]))
    path = folder / "organisation.toml"
    path.write_text(ORGANISATION.format(**people), encoding="utf-8")
    return str(path)


async def test_it_starts_and_answers_by_both_ways_in(slack: FakeSlack, tmp_path: Path) -> None:
    async with running(
        slack, tmp_path, nursery=False, SMBOT_ORGANISATION=organisation(slack, tmp_path)
    ) as bot:
        status, body = await bot.ready()
        maria = next(u.id for u in slack.space.users.values() if u.name == "maria")
        outcome = await slack.command(maria, "/sm-help", channel=slack.dm(maria))
        assert status == 200
        assert body["ready"]
        assert outcome.ok
        assert await slack.wait_for(lambda: slack.dms(maria) or slack.ephemerals(maria))
        assert await bot.terminate() == 0


async def test_the_moved_clock_brings_the_morning_card(by_http: FakeSlack, tmp_path: Path) -> None:
    async with running(by_http, tmp_path, SMBOT_ORGANISATION=organisation(by_http, tmp_path)) as bot:
        day = datetime.now(UTC) + timedelta(days=5)  # the welcome comes before it
        while day.weekday() != 1:
            day += timedelta(days=1)
        await bot.move_to(day.replace(hour=10, minute=0))
        place = next(c.id for c in by_http.space.channels.values() if c.name == "some")
        _, body = await bot.ready()
        assert len(by_http.posts(place)) > 1
        assert body["CLOCK_MOVED_SECONDS"] > 0
        assert await bot.terminate() == 0
        assert "clock_moved_seconds" in bot.log
        assert by_http.bot_token not in bot.log


async def test_later_starts_leave_the_organisation_file_alone(by_http: FakeSlack, tmp_path: Path) -> None:
    file = organisation(by_http, tmp_path)
    async with running(by_http, tmp_path, SMBOT_ORGANISATION=file) as bot:
        assert await bot.terminate() == 0
        await bot.start()
        assert "organisation_ignored" in bot.log


async def test_a_second_process_on_the_same_file_says_why_it_does_not_start(
    by_http: FakeSlack, tmp_path: Path
) -> None:
    async with running(by_http, tmp_path, SMBOT_ADMIN="U1") as bot:
        second = prepare(by_http, tmp_path, SMBOT_ADMIN="U1")
        await second.spawn()
        assert second.process is not None
        assert await second.process.wait() == 1
        assert "SQLite" in second.log
        assert (await bot.ready())[0] == 200


async def test_without_an_administrator_it_does_not_start_and_fills_nothing(
    by_http: FakeSlack, tmp_path: Path
) -> None:
    file = Path(organisation(by_http, tmp_path))
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace("administrators", "director"), encoding="utf-8")
    bot = prepare(by_http, tmp_path, SMBOT_LANGUAGE="en", SMBOT_ORGANISATION=str(file))
    await bot.spawn()
    assert bot.process is not None
    assert await bot.process.wait() == 1
    assert "SMBOT_ADMIN" in bot.log
    assert "Traceback" not in bot.log
    file.write_text(whole, encoding="utf-8")
    await bot.start()
    assert "organisation_taken_in" in bot.log
    assert await bot.terminate() == 0


async def test_a_stop_lets_what_is_under_way_end(by_http: FakeSlack, tmp_path: Path) -> None:
    async with running(by_http, tmp_path, SMBOT_ORGANISATION=organisation(by_http, tmp_path)) as bot:
        maria = next(u.id for u in by_http.space.users.values() if u.name == "maria")
        by_http.delay = 0.5
        asked = asyncio.create_task(by_http.command(maria, "/sm-question", channel=by_http.dm(maria)))
        await by_http.wait_for(lambda: by_http.called("views.open"))
        assert await bot.terminate() == 0
        assert (await asked).ok
        assert by_http.modal(maria)
        assert '"stopped"' in bot.log
        assert '"error"' not in bot.log


async def test_a_port_that_is_taken_is_named(by_http: FakeSlack, tmp_path: Path) -> None:
    async with running(by_http, tmp_path, SMBOT_ADMIN="U1") as bot:
        elsewhere = f"sqlite:///{tmp_path / 'other.db'}"
        port = str(bot.port)
        second = prepare(
            by_http, tmp_path, SMBOT_ADMIN="U1", SMBOT_DATABASE_URL=elsewhere, SMBOT_HTTP_PORT=port
        )
        await second.spawn()
        assert second.process is not None
        assert await second.process.wait() == 1
        assert port in second.log
        assert "Traceback" not in second.log


async def test_an_unsigned_request_is_refused(by_http: FakeSlack, tmp_path: Path) -> None:
    async with (
        running(by_http, tmp_path, SMBOT_ADMIN="U1") as bot,
        aiohttp.ClientSession() as session,
        session.post(f"{bot.url}/slack/events", data={"command": "/sm-help"}) as answer,
    ):
        assert answer.status == 401


async def test_figures_and_names_are_for_this_machine_or_the_token(
    by_http: FakeSlack, tmp_path: Path
) -> None:
    async with (
        running(by_http, tmp_path, SMBOT_ADMIN="U1", SMBOT_METRICS_TOKEN="geheim") as bot,
        aiohttp.ClientSession() as session,
    ):
        far = {"X-Forwarded-For": "192.0.2.1"}
        async with session.get(f"{bot.url}/metrics") as answer:
            assert "smbot_outbox_waiting" in await answer.text()
        async with session.get(f"{bot.url}/metrics", headers=far) as answer:
            assert answer.status == 403
        async with session.get(
            f"{bot.url}/metrics", headers=far | {"Authorization": "Bearer geheim"}
        ) as answer:
            assert answer.status == 200
        async with session.get(f"{bot.url}/readyz", headers=far) as answer:
            assert answer.status == 200
            assert "undeliverable" not in await answer.json()


async def test_two_processes_on_one_postgresql_start_at_once(
    by_http: FakeSlack, tmp_path: Path, postgres_database: str
) -> None:
    env = {"SMBOT_ORGANISATION": organisation(by_http, tmp_path), "SMBOT_DATABASE_URL": postgres_database}
    first, second = prepare(by_http, tmp_path, **env), prepare(by_http, tmp_path, **env)
    try:
        await asyncio.gather(first.start(), second.start())
        taken = [bot.log.count("organisation_taken_in") for bot in (first, second)]
        assert sum(taken) == 1
        assert [await first.terminate(), await second.terminate()] == [0, 0]
    finally:
        await first.kill()
        await second.kill()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "SLACK_APP_TOKEN"),
    ],
)
async def test_a_token_that_slack_refuses_is_named_in_one_sentence(
    by_http: FakeSlack, tmp_path: Path, wrong: dict[str, str], named: str
) -> None:
    bot = prepare(by_http, tmp_path, SMBOT_ADMIN="U1", **wrong)
    await bot.spawn()
    assert bot.process is not None
    assert await bot.process.wait() == 1
    assert named in bot.log
    assert "Traceback" not in bot.log
    assert not any(token in bot.log for token in wrong.values())


async def test_a_sign_of_life_reaches_the_monitoring_address_and_no_log_holds_its_token(
    by_http: FakeSlack, tmp_path: Path
) -> None:
    seen = asyncio.Queue[str]()

    async def hear(request: aiohttp.web.Request) -> aiohttp.web.Response:
        seen.put_nowait(request.path)
        raise aiohttp.web.HTTPServiceUnavailable

    monitor = aiohttp.web.Application()
    monitor.router.add_get("/{tail:.*}", hear)
    runner = aiohttp.web.AppRunner(monitor)
    await runner.setup()
    site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/ping/hemlig-nyckel"
    async with running(
        by_http, tmp_path, SMBOT_ORGANISATION=organisation(by_http, tmp_path), SMBOT_HEARTBEAT_URL=url
    ) as bot:
        async with asyncio.timeout(20):
            assert await seen.get() == "/ping/hemlig-nyckel"
            while "no_sign_of_life" not in bot.log:
                await asyncio.sleep(0.05)
        assert (await bot.ready())[0] == 200
        assert "hemlig" not in bot.log
    await runner.cleanup()


async def test_a_bot_is_backed_up_while_it_runs_and_starts_on_what_was_restored(
    by_http: FakeSlack, tmp_path: Path
) -> None:
    backup, url = tmp_path / "b", f"sqlite:///{tmp_path}/restored.db"
    async with running(by_http, tmp_path, SMBOT_ORGANISATION=organisation(by_http, tmp_path)) as bot:
        assert await command(bot.environment, "backup", str(backup)) == 0
        assert await bot.terminate() == 0
        bot.environment["SMBOT_DATABASE_URL"] = url
        assert await command(bot.environment, "restore", str(backup)) == 0
        await bot.start()
        assert '"event": "restored"' in bot.log
        assert "organisation_ignored" in bot.log


async def command(environment: dict[str, str], *words: str) -> int:
    """How a command of the command line ends, with the settings of a bot."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "smbot", *words, cwd=ROOT, env=environment
    )
    return await process.wait()
