"""A fake desk, the Slack adapter and the fake Slack, put together for a test."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from adapters.slack.receive import SlackReceiver
from adapters.slack.send import SlackChat
from adapters.slack.transport import Http, Socket
from bot.commands import Call, Quoted
from bot.model import Identity, PersonId
from bot.ports import Address, Envelope, Profile, Tx, Unknown
from bot.service.places import FoundPlace
from bot.view import (
    Button,
    Card,
    Choice,
    Form,
    Line,
    Option,
    PeopleField,
    PersonField,
    PlaceField,
    Reply,
    Tell,
)
from tests.fakes.slack import FakeSlack
from tests.world import World

FORM = Form(
    id="question",
    title="Log a question",
    submit="Save",
    state="draft 7",
    fields=(
        Line(id="link", label="Link"),
        Choice(
            id="where",
            label="Where",
            options=(Option(id="c", label="Comment"), Option(id="r", label="Review")),
        ),
        PersonField(id="head", label="Head"),
        PeopleField(id="people", label="People", required=False),
        PlaceField(id="place", label="Place", required=False),
    ),
)
SAVED = Tell(card=Card(title="Saved."))
FILLED = {"Link": "https://example.org/p/1", "Where": "Comment"}


@dataclass
class FakeDesk:
    """Remembers what it was asked and answers as told. `slow` is a commit that takes its time."""

    realm: str
    answers: dict[str, Reply] = field(default_factory=dict)
    stored: dict[str, PersonId] = field(default_factory=dict)
    found: list[FoundPlace] = field(default_factory=list)
    met: list[Profile] = field(default_factory=list)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    slow: asyncio.Event | None = None
    homes: int = 0
    stood: list[tuple[str, str]] = field(default_factory=list)

    def writes(self, verb: str) -> bool:
        return verb.startswith("save")

    def _who(self, call: Call) -> PersonId:
        if call.user not in self.stored:
            raise Unknown(call.platform, call.realm, call.user)
        return self.stored[call.user]

    async def _answer(self, call: Call, name: str, *rest: Any) -> Reply:
        self._who(call)
        if self.slow:
            await self.slow.wait()
        self.asked.append((call, name, *rest))
        return self.answers.get(name, SAVED)

    async def stands(self, call: Call, channel: str, ref: str) -> None:
        self.stood.append((channel, ref))

    async def command(self, call: Call, name: str, words: str) -> Reply:
        return await self._answer(call, name, words)

    async def shortcut(self, call: Call, name: str, quoted: Quoted) -> Reply:
        return await self._answer(call, name, quoted)

    async def press(self, call: Call, verb: str, arg: str) -> Reply:
        return await self._answer(call, verb, arg)

    async def submit(self, call: Call, form: str, state: str, values: Any) -> Reply:
        return await self._answer(call, form, state, values)

    async def home(self, call: Call) -> Card:
        self._who(call)
        self.homes += 1
        buttons = (Button(verb="ask", label="Log a question"), Button(verb="save", label="All calm"))
        return Card(title=f"Home {self.homes}", buttons=buttons)

    async def person(self, platform: str, realm: str, user: str) -> PersonId:
        return self._who(Call(platform=platform, realm=realm, user=user))

    async def new_places(self, platform: str, realm: str, channels: Any) -> list[str]:
        return list(channels)

    async def picked(self, platform: str, realm: str, found: FoundPlace) -> None:
        self.found.append(found)

    async def meet(self, profile: Profile) -> PersonId:
        self.met.append(profile)
        return self.stored.setdefault(profile.user, PersonId(f"p-{profile.user}"))

    async def users(self, platform: str, realm: str, people: Any) -> dict[PersonId, str]:
        return {p: u for u, p in self.stored.items() if p in set(people)}

    async def language(self, call: Call) -> str:
        self._who(call)
        return "en"


@dataclass
class Scene:
    slack: FakeSlack
    desk: FakeDesk
    receiver: SlackReceiver
    transport: Any
    chat: SlackChat
    anna: str
    bo: str
    place: str

    async def card(self, *buttons: Button, to: str = "") -> Any:
        """A card of ours that stands in the place."""
        card = Card(title="Good morning", buttons=buttons)
        await self.chat.post(self.envelope(card, to=to))
        return self.slack.posts(self.place)[-1]

    def envelope(
        self, card: Card, *, key: str = "k1", to: str = "", user: str = "", thread: str = ""
    ) -> Envelope:
        where = Address(
            platform="slack", realm="T0FAKE001", channel="" if user else to or self.place, user=user
        )
        people = {PersonId("p1"): self.anna}
        return Envelope(
            to=where,
            card=card,
            key=key,
            fallback=card.title,
            language="en",
            users=people,
            thread=thread,
            at=datetime(2026, 11, 23, tzinfo=UTC),
        )


class Playing:
    """A workspace with two people and a channel, and the adapter listening to it.

    `world`: the real desk, on its database, in which Anna and Bo are known here too.
    """

    def __init__(self, mode: str, world: World | None = None, **more: Any) -> None:
        self.mode, self.world, self.more = mode, world, more

    async def __aenter__(self) -> Scene:
        slack = FakeSlack(mode=self.mode, **self.more)
        await slack.start()
        anna, bo = slack.add_user("anna", "Anna Ek", "anna@uni.example"), slack.add_user("bo", "Bo Alm")
        place = slack.add_channel("biology", [anna, bo])
        slack.invite_bot(place)
        desk: Any = FakeDesk(slack.space.team_id, stored={anna: PersonId("p1")})
        if self.world:
            await self._known_there(self.world, slack.space.team_id, {"anna": anna, "bo": bo})
            desk = self.world.desk
        receiver = SlackReceiver(
            desk,
            token=slack.bot_token,
            signing_secret=slack.signing_secret,
            api_url=slack.api_url,
            language="en",
        )
        await receiver.start()
        self.runner: web.AppRunner | None = None
        transport = await (
            self.http(slack, receiver) if self.mode == "http" else self.socket(slack, receiver)
        )
        chat = SlackChat(slack.bot_token, slack.api_url)
        self.scene = Scene(slack, desk, receiver, transport, chat, anna, bo, place)
        return self.scene

    async def _known_there(self, world: World, realm: str, users: dict[str, str]) -> None:
        async def save(tx: Tx) -> None:
            for person, user in users.items():
                await tx.save_identity(
                    Identity(platform="slack", realm=realm, user=user, person=PersonId(person))
                )

        await world.seed(save)

    async def http(self, slack: FakeSlack, receiver: SlackReceiver) -> Http:
        transport, app = Http(receiver, slack.signing_secret), web.Application()
        transport.mount(app)
        self.runner = web.AppRunner(app, access_log=None)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        slack.target = f"http://127.0.0.1:{self.runner.addresses[0][1]}/slack/events"
        return transport

    async def socket(self, slack: FakeSlack, receiver: SlackReceiver) -> Socket:
        transport = Socket(receiver, slack.app_token)
        await transport.connect()
        return transport

    async def __aexit__(self, *_: object) -> None:
        await self.scene.transport.stop(1)
        if self.runner:
            await self.runner.cleanup()
        await self.scene.slack.stop()
        assert self.scene.slack.violations == []
