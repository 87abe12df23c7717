"""A small university for the page's tests: a desk that answers without thinking, people, channels, a clock.

`python -m tests.unit._fake_desk PORT` serves it, to look at.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from aiohttp import web

from adapters.web.live import Bus
from adapters.web.ports import Channel, Someone
from adapters.web.receive import Page
from adapters.web.send import WebChat
from adapters.web.shelf import MemoryShelf
from bot.commands import Call
from bot.model import Language, PersonId
from bot.ports import Address, Envelope, Profile, Unknown
from bot.view import (
    Ask,
    Button,
    Card,
    Choice,
    Choices,
    Cite,
    Confirm,
    Date,
    Divider,
    Facts,
    Faults,
    Form,
    Item,
    Items,
    Line,
    Lines,
    Mention,
    Moment,
    Option,
    People,
    PeopleField,
    PersonField,
    PlaceField,
    Quote,
    Reply,
    Tell,
    Text,
    Toggle,
    Values,
)

ANNA, BO, EVA, KARIN = (PersonId(p) for p in ("p-anna", "p-bo", "p-eva", "p-karin"))
PEOPLE = [
    Someone(ANNA, "Anna Ek", "kontoansvarig, Biologi"),
    Someone(BO, "Bo Lind", "ersättare, Biologi"),
    Someone(EVA, "Eva Sand", "prefekt, Biologi"),
    Someone(KARIN, "Karin Berg", "kommunikationsavdelningen"),
]
USERS: dict[PersonId, str] = {ANNA: "anna", BO: "bo", EVA: "eva", KARIN: "karin"}
CHANNELS = [
    Channel("biologi", "biologi"),
    Channel("kommunikation", "kommunikation"),
    Channel("krisgrupp", "krisgrupp"),
]
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def morning_card() -> Card:
    accounts = ("@biologi_uni (Instagram)", "Biologi (Facebook)", "@biologi.uni (Tiktok)")
    return Card(
        title="God morgon! Tre konton att titta igenom i dag.",
        parts=(
            Text(text="Dagens bevakare: Anna Ek."),
            Items(items=(
                Item(text=accounts[0], note="1 fråga kom in i lördags", state="open"),
                Item(text=accounts[1], note="genomgånget i fredags", state="done"),
                Item(text=accounts[2], note="ingen uppgift i fredags"),
            )),
            Text(text="Väntar på svar", tone="strong"),
            Items(items=(
                Item(
                    text="Fråga på @biologi_uni: När öppnar ansökan till sommarkursen?",
                    note="senast i slutet av dagen", state="late",
                    button=Button(verb="question.open", arg="q1", label="Visa", heard="Visa frågan på @biologi_uni"),
                ),
            )),
            Text(text="Titta på: nya kommentarer, meddelanden och meddelandeförfrågningar, taggningar.", tone="quiet"),
        ),
        buttons=(
            Button(verb="round.clear", arg="r1", label="Allt lugnt på alla tre", heard="Allt lugnt på alla tre konton i biologi", style="primary"),
            Button(verb="round.tell", arg="r1", label="Något att berätta …"),
            Button(verb="alarm.open", label="Larma", heard="Larma om hot, drev eller kapat konto", style="danger"),
        ),
    )  # fmt: skip


def question_card() -> Card:
    return Card(
        title="Fråga på @biologi_uni (Instagram)",
        parts=(
            Quote(text="När öppnar ansökan till sommarkursen i marinbiologi? Jag hittar den inte någonstans."),
            Facts(rows=(
                ("Skrevs", "lördag 21 november kl. 14.02"),
                ("Svara", "senast i slutet av måndag"),
                ("Vem", "ingen har tagit den än"),
            )),
            People(people=(Mention(person=ANNA, name="Anna Ek"), Mention(person=BO, name="Bo Lind")),
                   text="frågan behöver ett svar i dag."),
            Divider(),
            Cite(rule="Frågor besvaras inom 24 timmar på arbetsdagar.", section="Riktlinjer, avsnitt 4.2", link="https://example.org/riktlinjer"),
            Cite(rule="Kortet kommer klockan 9.", section="", default=True),
        ),
        buttons=(
            Button(verb="question.take", arg="q1", label="Jag tar den", heard="Jag tar frågan på @biologi_uni", style="primary"),
            Button(verb="question.answered", arg="q1", label="Besvarat"),
            Button(verb="question.hand_on", arg="q1", label="Lämna vidare …"),
            Button(verb="question.drop", arg="q1", label="Ta bort", style="danger",
                   confirm=Confirm(title="Ta bort frågan?", text="Det går inte att ångra.", yes="Ta bort", no="Behåll")),
            Button(verb="question.why", arg="q1", label="Varför då?"),
        ),
    )  # fmt: skip


def home_card() -> Card:
    return Card(
        title="Sociala medier",
        parts=(
            Text(text="Väntar på dig", tone="strong"),
            Items(items=(Item(text="Tre konton i #biologi", note="inte genomgångna än", state="open",
                              button=Button(verb="round.clear", arg="r1", label="Allt lugnt")),)),
        ),
        buttons=(
            Button(verb="question.form", label="Lägg in en fråga", style="primary"),
            Button(verb="alarm.open", label="Larma", style="danger"),
            Button(verb="account.form", label="Nytt konto"),
            Button(verb="away.form", label="Jag är borta"),
        ),
    )  # fmt: skip


def whole_form() -> Form:
    kinds = tuple(Option(id=i, label=i.capitalize()) for i in ("fråga", "kommentar", "kritik"))
    places = tuple(Option(id=f"w{n}", label=f"Ställe {n}") for n in range(7))
    return Form(
        id="whole", title="Lägg in en fråga", submit="Spara", state="state-1",
        intro=(Text(text="För det som inte kan besvaras på en gång. Har du redan svarat behövs inget formulär."),),
        fields=(
            Choice(id="kind", label="Vad är det?", options=kinds, value="fråga"),
            Choice(id="where", label="Var finns den?", options=places),
            Moment(id="posted", label="När skrev besökaren?", hint="Tiden räknas härifrån, inte från nu.", value=MORNING),
            Line(id="link", label="Länk till inlägget", required=False, placeholder="https://"),
            Lines(id="text", label="Vad gäller det?", hint="Högst 280 tecken. Lämna ut namn.", max_length=280, required=False),
            Choices(id="also", label="Gäller också", options=kinds, required=False),
            Date(id="day", label="Dag", value=date(2026, 11, 24), required=False),
            PersonField(id="who", label="Vem tar den?", required=False),
            PeopleField(id="others", label="Vilka fler ska veta?", most=2, required=False),
            Toggle(id="urgent", label="Det brådskar", hint="Då får ersättaren veta det också."),
            PlaceField(id="place", label="Kanal", required=False),
        ),
    )  # fmt: skip


@dataclass
class FakeDesk:
    """Remembers what it was asked. A link that is no address is a fault; a double key is answered once."""

    known: set[str] = field(default_factory=lambda: set(USERS.values()))
    calls: list[tuple[str, Call, Any]] = field(default_factory=list)
    effects: dict[str, str] = field(default_factory=dict)  # key -> verb
    answer: Reply | None = None
    waits: float = 0

    def _seen(self, what: str, call: Call, arg: Any) -> None:
        if call.user not in self.known:
            raise Unknown(call.platform, call.realm, call.user)
        self.calls.append((what, call, arg))

    async def command(self, call: Call, name: str, words: str) -> Reply:
        self._seen("command", call, (name, words))
        if self.answer:
            return self.answer
        if name in ("sm-fraga", "sm-question"):
            return Ask(form=whole_form())
        return Tell(
            card=Card(title=f"{name}: inget väntar på dig", parts=(Text(text=words or "Allt är lugnt."),))
        )

    async def press(self, call: Call, verb: str, arg: str) -> Reply:
        self._seen("press", call, (verb, arg))
        await asyncio.sleep(self.waits)
        self.effects[call.key] = verb
        if self.answer:
            return self.answer
        if verb.endswith("form"):
            return Ask(form=whole_form())
        return Tell(
            card=Card(
                title="Noterat: allt lugnt på tre konton.",
                buttons=(Button(verb="round.undo", label="Ångra"),),
            )
        )

    async def submit(self, call: Call, form: str, state: str, values: Values) -> Reply:
        self._seen("submit", call, (form, state, dict(values)))
        link = values.get("link", "")
        if link and not str(link).startswith("https://"):
            return Faults(
                by_field={"link": "Klistra in länken som den står i webbläsaren, eller lämna fältet tomt."}
            )
        self.effects[call.key] = form
        return self.answer or Tell(
            card=Card(title="Frågan är loggad.", parts=(Text(text="Kortet står i #biologi."),))
        )

    async def file(self, call: Call, read: Callable[[], Awaitable[bytes]], *, at_once: bool = False) -> Reply:
        self._seen("file", call, (await read(), at_once))
        return Tell(card=Card(title="Filen är läst."))

    async def home(self, call: Call) -> Card:
        self._seen("home", call, "")
        return home_card()

    async def meet(self, profile: Profile) -> PersonId:
        self.known.add(profile.user)
        return PersonId(profile.user)

    async def users(self, platform: str, realm: str, people: Iterable[PersonId]) -> Mapping[PersonId, str]:
        return {p: USERS[p] for p in people if p in USERS}

    async def language(self, call: Call) -> Language:
        return "en" if call.language == "en" else "sv"


@dataclass
class FakeClock:
    moment: datetime = MORNING
    can_move: bool = True
    arrive: Callable[[], Any] | None = None

    def now(self) -> datetime:
        return self.moment

    def next_morning(self, moment: datetime) -> datetime:
        return (moment + timedelta(days=1)).replace(hour=8, minute=0)

    def next_working_day(self, moment: datetime) -> datetime:
        return (moment + timedelta(days=1)).replace(hour=8, minute=0)

    async def move_to(self, moment: datetime) -> None:
        self.moment = moment
        if self.arrive:
            await self.arrive()


async def _people(_language: Language) -> list[Someone]:
    return PEOPLE


async def _channels(_language: Language) -> list[Channel]:
    return CHANNELS


async def _members(_channel: str) -> frozenset[str]:
    return frozenset(USERS.values())


def gallery(_language: Language) -> list[tuple[str, Card | Form]]:
    return [("Morgonkortet", morning_card()), ("Frågan", question_card()), ("Formuläret", whole_form())]


@dataclass
class World:
    """The page with everything it talks to."""

    port: int
    desk: FakeDesk = field(default_factory=FakeDesk)
    clock: FakeClock = field(default_factory=FakeClock)
    shelf: MemoryShelf = field(default_factory=MemoryShelf)
    bus: Bus = field(default_factory=Bus)

    @property
    def chat(self) -> WebChat:
        return WebChat(self.shelf, self.bus, _members)

    def app(self) -> web.Application:
        app = web.Application()
        Page(
            desk=self.desk, shelf=self.shelf, bus=self.bus, clock=self.clock, people=_people, channels=_channels,
            port=self.port, organisation="Universitetet i Exempelstad", gallery=gallery,
        ).mount(app)  # fmt: skip
        return app

    async def post(
        self, card: Card, channel: str = "biologi", *, user: str = "", key: str = "", thread: str = ""
    ) -> str:
        """Send a card as the outbox would; gives its ref."""
        to = Address(platform="web", realm="local", channel="" if user else channel, user=user)
        sent = await self.chat.post(
            envelope(card, to, key or f"{card.title}-{channel}-{user}-{thread}", thread, self.clock.moment)
        )
        return sent.ref  # type: ignore[union-attr]


def envelope(card: Card, to: Address, key: str, thread: str = "", at: datetime = MORNING) -> Envelope:
    return Envelope(
        to=to, card=card, key=key, fallback=card.title, language="sv", thread=thread, users=USERS, at=at
    )  # fmt: skip


async def serve(world: World) -> web.AppRunner:
    runner = web.AppRunner(world.app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", world.port).start()
    return runner


async def _main(port: int) -> None:
    world = World(port)
    world.clock.moment = MORNING - timedelta(days=2, hours=-6)
    await world.post(question_card())
    world.clock.moment = MORNING
    root = await world.post(morning_card())
    await world.post(Card(title="Anna Ek, ingen har tittat igenom kontona än. Hinner du, eller ska Bo få frågan?",
                          parts=(People(people=(Mention(person=ANNA, name="Anna Ek"),), text="hinner du?"),),
                          buttons=(Button(verb="round.i_look", label="Jag tittar"), Button(verb="round.ask_bo", label="Fråga Bo"))), thread=root)  # fmt: skip
    await world.post(Card(title="Dagens läge: allt lugnt på 12 konton."), "kommunikation")
    await world.post(Card(title="Ett konto väntar på ditt beslut"), user="eva")
    await serve(world)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
