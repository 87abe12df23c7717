"""A list of accounts that is sent to the bot on Teams as a file (users.md U1): fetched from Microsoft alone, without a token,
and shown before it is imported."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest
from aiohttp import web

from adapters.teams.files import is_microsofts
from bot.model import Identity, PersonId
from bot.service.importing import DRAFTS
from bot.texts import Texts
from tests.fakes.teams import Kept, Message
from tests.flows._teams_scene import Playing, Scene
from tests.register_table import ONE, ONE_AS_EXCEL_SAVES
from tests.workbooks import workbook
from tests.world import World, world

EN = Texts("en", slash="")
LOST = EN("import.lost")
SMBA = "https://smba.trafficmanager.net/emea/"


class Office(NamedTuple):
    scene: Scene
    world: World
    karin: str

    def told(self, user: str) -> list[Message]:
        """What the bot has said in somebody's own chat."""
        teams = self.scene.teams
        return [m for m in teams.posts(teams.chat(user)) if not m.user]

    async def answer(
        self, *files: tuple[str, Kept], user: str = "", text: str = "", url: str = ""
    ) -> Message:
        """Send them, and what the bot says to that."""
        user = user or self.karin
        before = len(self.told(user))
        assert (await self.scene.teams.send_file(user, *files, text=text, url=url)).ok
        await self.scene.teams.wait_for(lambda: len(self.told(user)) > before)
        await self.scene.idle()
        (said,) = self.told(user)[before:]
        return said

    def plain(self, message: Message) -> str:
        return self.scene.teams.plain(message)

    async def draft(self) -> str | None:
        async with self.world.bot.storage.read() as tx:
            return await tx.fact(DRAFTS)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """Karin is communications, Anna is not; both have the app."""
    (tmp_path / "stage").mkdir()
    async with (
        world(tmp_path, language="en", accounts=0, chemistry=0) as found,
        Playing(tmp_path / "stage", found) as scene,
    ):
        karin = scene.teams.add_user("Karin Berg")
        scene.teams.give_app(karin)
        who = Identity(platform="teams", realm=scene.realm, user=karin, person=PersonId("karin"))
        await found.seed(lambda tx: tx.save_identity(who))
        yield Office(scene, found, karin)


async def test_a_file_from_communications_is_shown_first_and_imported_by_one_more_press(
    office: Office,
) -> None:
    book = workbook(line.split(";") for line in ONE.splitlines())
    card = await office.answer(("konton.xlsx", Kept(book)), text="our list")
    assert EN("import.taken") in office.plain(card)
    assert (await office.world.register()).accounts == {}
    teams = office.scene.teams
    await teams.press(office.karin, card, EN("import.taken.do"))
    assert (await teams.submit(office.karin)).ok
    (account,) = (await office.world.register()).accounts.values()
    assert (account.name, account.state) == ("Växthuset", "imported")


async def test_nothing_is_fetched_for_somebody_else_nor_in_a_group_chat(office: Office) -> None:
    said = await office.answer(("konton.csv", Kept(ONE_AS_EXCEL_SAVES)), user=office.scene.anna)
    assert EN("refused.title") in office.plain(said)
    await sent_to_a_group(office)
    assert office.scene.teams.files.fetched == []
    assert await office.draft() is None


async def sent_to_a_group(office: Office) -> None:
    teams, karin = office.scene.teams, office.karin
    group = teams.add_group([karin, office.scene.anna])
    await teams.install(group, by=karin)
    await office.scene.idle()
    message = teams.written(karin, group, "sm-help")
    ident, address = teams.files.keep("karin@example.se", Kept(ONE_AS_EXCEL_SAVES))
    activity = teams.payloads.files(teams.space.users[karin], message, [("konton.csv", ident, address)])
    assert (await teams.deliver(karin, "a file", activity)).ok
    await teams.wait_for(lambda: teams.targeted(karin))
    await office.scene.idle()


async def test_the_same_message_delivered_again_is_read_once(office: Office) -> None:
    await office.answer(("konton.csv", Kept(ONE_AS_EXCEL_SAVES)))
    await office.scene.teams.again(office.scene.teams.deliveries[-1])
    await office.scene.idle()
    assert len(office.scene.teams.files.fetched) == len(office.told(office.karin)) == 1


async def test_what_is_no_table_or_too_large_or_more_than_one_is_said_so_and_nothing_is_kept(
    office: Office,
) -> None:
    for file, key in (
        (Kept(b"%PDF-1.7"), "import.binary"),
        (Kept(b"no;table\n"), "import.no_headings"),
        (Kept(b"a;b\n" * 600_000), "import.too_large"),
    ):
        assert EN(key, most=2) in office.plain(await office.answer(("konton.csv", file))), key
    two = await office.answer(("a.csv", Kept(ONE_AS_EXCEL_SAVES)), ("b.csv", Kept(ONE_AS_EXCEL_SAVES)))
    assert EN("import.one_file") in office.plain(two)
    assert len(office.scene.teams.files.fetched) == 3
    assert await office.draft() is None


async def test_an_address_that_has_expired_or_never_ends_is_answered_with_what_to_do(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for status in (403, 410):
        said = await office.answer(("konton.csv", Kept(ONE_AS_EXCEL_SAVES, status=status)))
        assert LOST in office.plain(said), status
    monkeypatch.setattr("adapters.teams.files.TIMEOUT", 0.2)
    assert LOST in office.plain(await office.answer(("konton.csv", Kept(ONE_AS_EXCEL_SAVES, hangs=True))))


@dataclass
class Elsewhere:
    """A server that is not Microsoft's, and would give the file."""

    url: str = ""
    asked: list[str] = field(default_factory=list)

    async def give(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.Response(body=ONE_AS_EXCEL_SAVES, content_type="text/csv")


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    found, app = Elsewhere(), web.Application()
    app.router.add_get("/konton.csv", found.give)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/konton.csv"
    yield found
    await runner.cleanup()


async def test_no_other_host_is_asked_neither_by_the_address_nor_by_where_it_leads(
    office: Office, elsewhere: Elsewhere
) -> None:
    file = ("konton.csv", Kept(ONE_AS_EXCEL_SAVES))
    moved = Kept(ONE_AS_EXCEL_SAVES, status=302, headers={"Location": elsewhere.url})
    page = Kept(b"<p>Sign in</p>", headers={"Content-Type": "text/html"})
    for said in (
        await office.answer(file, url=elsewhere.url),
        await office.answer(file, url="not an address"),
        await office.answer(("konton.csv", moved)),
        await office.answer(("konton.csv", page)),
    ):
        assert LOST in office.plain(said)
    assert elsewhere.asked == []
    assert await office.draft() is None


@pytest.mark.parametrize(
    "address",
    [
        "https://contoso.sharepoint.com/_layouts/15/download.aspx?UniqueId=1&tempauth=v1.a%2Fb",
        "https://contoso-my.sharepoint.com:443/personal/k/_layouts/15/download.aspx",
    ],
)
def test_an_address_of_sharepoint_or_onedrive_is_fetched_from(address: str) -> None:
    assert is_microsofts(address, SMBA)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "konton.csv",
        "http://contoso.sharepoint.com/a",
        "https://contoso.sharepoint.com:8443/a",
        "https://contoso.sharepoint.com.evil.example/a",
        "https://evilsharepoint.com/a",
        "https://sharepoint.com/a",
        "https://contoso.sharepoint.com@evil.example/a",
        "https://evil.example\\@contoso.sharepoint.com/a",
        "https://someone:secret@contoso.sharepoint.com/a",
        "https://evil.example/#.sharepoint.com",
        "https://evil.example?.sharepoint.com",
        "https://contoso.sharepoint.com/a\r\nX-Other: b",
        "https://contoso.sharepoint.com/a b",
        "https://contoso.sharepoint.com:port/a",
        "https://[::1/a",
        "http://127.0.0.1:8080/a",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "ftp://contoso.sharepoint.com/a",
        "https://smba.trafficmanager.net/emea/a",
    ],
)
def test_any_other_address_is_not(address: str) -> None:
    assert not is_microsofts(address, SMBA)


def test_on_this_machine_files_lie_beside_the_service_that_tells_of_them_alone() -> None:
    here = "http://127.0.0.1:4000/emea/"
    assert is_microsofts("http://127.0.0.1:4000/a", here)
    assert not is_microsofts("http://127.0.0.1:4001/a", here)
    assert not is_microsofts("https://127.0.0.1:4000/a", here)
