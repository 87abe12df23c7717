"""A fake desk, the Teams adapter and the fake Teams, put together for a test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from adapters.teams.connector import Connector
from adapters.teams.credentials import Tokens, by_secret
from adapters.teams.http import TeamsHttp
from adapters.teams.people import TeamsDirectory
from adapters.teams.ports import Contact, Reference
from adapters.teams.receive import TeamsReceiver
from adapters.teams.send import TeamsChat
from adapters.teams.validate import Gate, Keys
from bot.model import Identity, PersonId
from bot.ports import Address, Envelope, Tx
from bot.service.arrivals import Arrival, Removed
from bot.view import Button, Card
from storage.references import SqlReferences
from tests.fakes.stage import open_stage
from tests.fakes.teams import FakeTeams, Message
from tests.flows._slack_scene import FakeDesk
from tests.world import MONDAY, World


@dataclass
class TeamsDesk(FakeDesk):
    """It hears besides where the bot comes to, and what leaves it."""

    arrivals: list[Arrival] = field(default_factory=list)
    removals: list[Removed] = field(default_factory=list)

    async def arrived(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)

    async def removed(self, removed: Removed) -> None:
        self.removals.append(removed)


@dataclass
class Scene:
    teams: FakeTeams
    desk: TeamsDesk
    receiver: TeamsReceiver
    http: TeamsHttp
    references: SqlReferences[Reference, Contact]
    chat: TeamsChat
    anna: str
    bo: str
    team: str
    place: str
    group: str

    @property
    def realm(self) -> str:
        return self.teams.tenant

    async def card(self, *buttons: Button, to: str = "") -> Message:
        """A card of ours that stands in the place."""
        place = to or self.place
        where = Address(platform="teams", realm=self.realm, channel=place)
        card = Card(title="Good morning", buttons=buttons)
        await self.chat.post(Envelope(
            to=where, card=card, key="k1", fallback=card.title, language="en", users={}, at=MONDAY,
        ))  # fmt: skip
        return self.teams.posts(place)[-1]

    async def idle(self) -> None:
        """Until all that follows an answer is done."""
        await self.teams.wait_for(lambda: not self.receiver.busy._running)

    async def reference(self, conversation: str) -> Reference | None:
        return await self.references.conversation(self.realm, conversation)


async def known_here(tx: Tx, realm: str, users: Mapping[str, str]) -> None:
    for person, user in users.items():
        await tx.save_identity(Identity(platform="teams", realm=realm, user=user, person=PersonId(person)))


class Playing:
    """A tenant with two people, a team with a channel and a group chat, and the adapter listening.

    The bot has heard of channel and group chat; Anna has the app. `world`: the real desk, on its database, in which
    Anna and Bo are known here too.
    """

    def __init__(self, folder: Path, world: World | None = None) -> None:
        self.folder, self.world = folder, world

    async def __aenter__(self) -> Scene:
        self.teams = teams = FakeTeams()
        await teams.start()
        anna, bo = teams.add_user("Anna Ek"), teams.add_user("Bo Alm")
        team = teams.add_team("Biology", [anna, bo])
        place, group = teams.add_channel(team, "Social media"), teams.add_group([anna, bo])
        teams.give_app(anna)
        self.stage = open_stage(self.folder)
        store: Any = (await self.stage.__aenter__()).store
        if self.world:
            store = self.world.bot.storage
            await self.world.seed(lambda tx: known_here(tx, teams.tenant, {"anna": anna, "bo": bo}))
        references = SqlReferences(store, Reference, Contact)
        self.connector = Connector(Tokens(teams.app_id, teams.tokens.url, by_secret(teams.secret)))
        desk: Any = TeamsDesk(teams.tenant, stored={anna: PersonId("p1")})
        desk = self.world.desk if self.world else desk
        directory = TeamsDirectory(references, self.connector, (teams.tenant,))
        receiver = TeamsReceiver(
            desk, references=references, posts=self.connector, directory=directory, language="en"
        )
        gate = Gate(Keys(teams.openid_url), teams.app_id, (teams.tenant,))
        http = TeamsHttp(receiver, gate, lambda error: f"sorry, {type(error).__name__}")
        chat = TeamsChat(self.connector, references, teams.app_id, desk.writes)
        await self._listen(teams, http)
        self.scene = Scene(teams, desk, receiver, http, references, chat, anna, bo, team, place, group)
        await self._introduce(self.scene)
        return self.scene

    async def _listen(self, teams: FakeTeams, http: TeamsHttp) -> None:
        app = web.Application()
        http.mount(app)
        self.runner = web.AppRunner(app, access_log=None)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        teams.target = f"http://127.0.0.1:{self.runner.addresses[0][1]}/api/messages"

    async def _introduce(self, scene: Scene) -> None:
        """The bot has been told of the team and of the group chat."""
        await scene.teams.install(scene.team, by=scene.anna)
        await scene.teams.install(scene.group, by=scene.anna)
        await scene.idle()
        scene.teams.calls.clear()
        if not self.world:
            scene.desk.arrivals.clear()

    async def __aexit__(self, *_: object) -> None:
        await self.scene.http.stop(1)
        await self.runner.cleanup()
        await self.connector.close()
        await self.stage.__aexit__(None, None, None)
        await self.teams.stop()
        assert self.teams.violations == []
        assert self.teams.user_errors == []
