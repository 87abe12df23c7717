"""A list of accounts that is sent to the bot on Slack as a file (users.md U1): fetched from Slack alone, and shown before it is imported."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from aiohttp import web

from bot.model import Identity, PersonId
from bot.texts import Texts
from tests.fakes.slack import Message, forms
from tests.flows._slack_scene import Playing, Scene
from tests.register_table import ONE, ONE_AS_EXCEL_SAVES
from tests.workbooks import workbook
from tests.world import World, world

WORKBOOK = workbook(line.split(";") for line in ONE.splitlines())


class Office(NamedTuple):
    scene: Scene
    world: World
    karin: str

    def told(self, user: str) -> list[str]:
        slack = self.scene.slack
        return [slack.plain(m) for m in slack.dms(user) if m.user == slack.space.bot_user]

    async def hears(self, user: str, words: str) -> Message:
        slack = self.scene.slack

        def found() -> Message | None:
            return next((m for m in slack.dms(user) if words in slack.plain(m)), None)

        message: Message = await slack.wait_for(found)
        return message

    def fetched(self) -> list[str]:
        return [c.method for c in self.scene.slack.calls if c.method in ("files.info", "download")]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """Karin is communications, Anna is not."""
    async with world(tmp_path, accounts=0, chemistry=0) as found, Playing("http", found) as scene:
        slack = scene.slack
        karin, realm = slack.add_user("karin", "Karin Ek"), slack.space.team_id
        who = Identity(platform="slack", realm=realm, user=karin, person=PersonId("karin"))
        await found.seed(lambda tx: tx.save_identity(who))
        yield Office(scene, found, karin)


async def test_a_file_from_communications_is_shown_first_and_imported_by_one_more_press(
    office: Office,
) -> None:
    slack, karin = office.scene.slack, office.karin
    for sent, (name, data) in enumerate((("konton.csv", ONE_AS_EXCEL_SAVES), ("konton.xlsx", WORKBOOK)), 1):
        assert (await slack.send_file(karin, name, data)).ok
        await slack.wait_for(lambda n=sent: len(office.told(karin)) == n)
        card = await office.hears(karin, "Filen är läst, och inget är importerat än.")
    assert (await office.world.register()).accounts == {}
    (label,) = forms.buttons(card.blocks)
    await slack.press(karin, card, label)
    await slack.wait_for(lambda: slack.modal(karin))
    assert (await slack.submit(karin)).ok
    (account,) = (await office.world.register()).accounts.values()
    assert (account.name, account.state) == ("Växthuset", "imported")


async def test_nothing_is_fetched_for_somebody_else_nor_in_another_place(office: Office) -> None:
    slack, anna = office.scene.slack, office.scene.anna
    await slack.send_file(anna, "konton.csv", ONE_AS_EXCEL_SAVES)
    await office.hears(anna, "Det gick inte")
    await slack.send_file(office.karin, "konton.csv", ONE_AS_EXCEL_SAVES, channel=office.scene.place)
    await slack.send_file(
        slack.space.bot_user, "konton.csv", ONE_AS_EXCEL_SAVES, channel=slack.space.direct(anna).id
    )
    assert office.fetched() == []
    assert office.told(office.karin) == []


async def test_what_is_no_table_or_too_large_is_said_so_and_nothing_is_kept(office: Office) -> None:
    for data, facts, words in (
        (b"PK\x03\x04 a workbook", {}, "Spara"),
        (ONE_AS_EXCEL_SAVES, {"size": 3_000_000}, "2 MB"),
        (b"a;b\n" * 600_000, {"size": 10}, "2 MB"),
        (b"%PDF-1.7", {}, "Det gick inte"),
        (b"no;table\n", {}, Texts("sv")("import.no_headings")),
    ):
        before = len(office.told(office.karin))
        await office.scene.slack.send_file(office.karin, "konton.xlsx", data, **facts)
        await office.scene.slack.wait_for(lambda n=before: len(office.told(office.karin)) > n)
        assert words in office.told(office.karin)[-1]
    office.scene.slack.methods.scopes.discard("files:read")
    await office.scene.slack.send_file(office.karin, "konton.csv", ONE_AS_EXCEL_SAVES)
    await office.hears(office.karin, "klistra in raderna")
    async with office.world.bot.storage.read() as tx:
        assert await tx.fact("import.drafts") is None


async def test_the_token_is_shown_to_no_other_host_and_a_page_for_signing_in_is_no_file(
    office: Office,
) -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(str(request.headers.get("Authorization")))
        return web.Response(body=ONE_AS_EXCEL_SAVES, content_type="text/csv")

    app = web.Application()
    app.router.add_get("/{any}", elsewhere)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack, karin = office.scene.slack, office.karin
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/konton.csv"
    await slack.send_file(karin, "konton.csv", ONE_AS_EXCEL_SAVES, url=url)
    await office.hears(karin, "Filen gick inte att hämta.")
    await slack.send_file(
        karin, "konton.csv", ONE_AS_EXCEL_SAVES, url=f"{slack.server.base}/files-pri/F0NONE/konton.csv"
    )
    await slack.wait_for(lambda: len(office.told(karin)) == 2)
    assert all("Filen gick inte att hämta." in words for words in office.told(karin))
    assert asked == []
    await runner.cleanup()
