"""The crash tests' chat on the fake Teams. A post carries no key there: its place and its case tell whose repeat it is."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapters.teams import render
from bot.ports import Envelope
from bot.service import FEATURES
from bot.texts import Texts
from tests.crash._chat import FORM_SECONDS, Arrived, Done, Post, Stored
from tests.fakes.teams import Call, FakeTeams, Message, Outcome
from tests.fakes.teams.forms import find_input
from tests.fakes.teams.reading import actions, inputs
from tests.fakes.teams.state import Json
from tests.flows.process import BotProcess

OURS = "smbot"
TOKEN = re.compile(r"(?:question|alarm)-\d{4}")
UNSAVED = tuple(Texts("en")(key) for key in ("teams.saving", "teams.slow", "teams.trouble"))
SORRY = Texts("en")("sorry", trace="\0").partition("\0")[0]
WRITES = {verb for feature in FEATURES for verb, act in feature.verbs.items() if act.writes}


class OnTeams:
    """One team for everybody, with a channel for each place; everybody has the app."""

    first_hour = 6.0
    mode = "teams"

    def __init__(self, seed: int) -> None:
        self.teams = FakeTeams(seed)
        self.teams.limits.off()
        self.team = self.teams.add_team("University", [], app=False)
        self._names: dict[tuple[str, str], str] = {}

    @property
    def fakes(self) -> dict[str, Any]:
        return {"slack": None, "teams": self.teams}

    async def start(self) -> None:
        await self.teams.start()

    async def arrive(self) -> None:
        """The app comes to the team and to each person; the bot has greeted everybody."""
        for where in (self.team, *self.teams.space.users):
            for outcome in await self.teams.install(where):
                assert outcome.ok, outcome
        await self.wait_for(lambda: all(map(self.direct, self.teams.space.users)), 60)

    async def stop(self) -> None:
        await self.teams.stop()

    def aim(self, bots: Iterable[BotProcess]) -> None:
        self.teams.target = [f"{bot.url}/api/messages" for bot in bots]

    def slow(self, seconds: float) -> None:
        self.teams.connector.delay = seconds

    def hooks(
        self, on_arrived: Arrived | None = None, on_stored: Stored | None = None, on_sent: Any = None
    ) -> None:
        """`on_arrived` and `on_stored` hear of new posts alone that others than whoever asked are shown."""

        async def arrived(call: Call) -> bool:
            return bool(_posting(call) and on_arrived and await on_arrived(call))

        async def stored(call: Call, message: Message) -> bool:
            if not _posting(call):
                return False
            name = self._named(message)
            return bool(name and on_stored and await on_stored(call, message))

        self.teams.hooks(arrived, stored, on_sent)

    async def wait_for(self, true: Any, seconds: float) -> Any:
        return await self.teams.wait_for(true, seconds)

    # -- making ---------------------------------------------------------------------------------

    def person(self, name: str) -> str:
        user = self.teams.add_user(name, locale="en-GB")
        self.teams.space.teams[self.team].members.add(user)
        return user

    def place(self, name: str, people: list[str]) -> str:
        return self.teams.add_channel(self.team, name)

    # -- doing ----------------------------------------------------------------------------------

    def close(self, me: str) -> None:
        self.teams.close(me)

    async def open(self, me: str, place: str, command: str) -> Done:
        """The command, the card with its button, the dialog."""
        before = len(self.teams.targeted(me))
        outcome = await self.teams.say(me, place, command)
        if outcome.ok:
            doors = await self.wait_for(lambda: self._doors(me, before), FORM_SECONDS)
            outcome = await self.teams.press(me, doors[-1], "Open")
        return _done(outcome)

    def _doors(self, me: str, before: int) -> list[Message]:
        """Cards with the button that have come since: an answer to an earlier press may come late."""
        return [m for m in self.teams.targeted(me)[before:] if "Open" in self.teams.buttons(m)]

    def form(self, me: str) -> str:
        """The id of the form in the open dialog, "" for a dialog that only tells."""
        dialog = self.teams.dialog(me)
        forms = (_own(action).get("form") for action in actions(dialog)) if dialog else ()
        return next((str(form["id"]) for form in forms if form), "")

    async def fill(self, me: str, values: Mapping[str, str]) -> None:
        fields = inputs(self.teams.space.dialogs[me])
        self.teams.fill(me, {name: _labelled(fields, name, value) for name, value in values.items()})

    async def submit(self, me: str) -> Done:
        """It is saved when Teams is told something else than the form, an apology or to wait."""
        form = self.form(me)
        done = _done(await self.teams.submit(me))
        return Done(done.ok, done.ok and self.form(me) != form)

    def has(self, post: Message, verb: str) -> bool:
        return _number(post, verb) is not None

    async def press(self, me: str, post: Message, verb: str) -> Done:
        number = _number(post, verb)
        assert number is not None
        return _done(await self.teams.press(me, post, number))

    # -- seeing ---------------------------------------------------------------------------------

    def posts(self, place: str) -> list[Post]:
        return [m for m in self.teams.space.standing(place) if not m.user]

    def direct(self, person: str) -> list[Post]:
        return self.posts(self.teams.chat(person))

    def standing(self) -> list[Post]:
        return [m for place in self.teams.space.places for m in self.posts(place) if self.name_of(m)]

    def words(self, post: Message) -> str:
        return self.teams.plain(post)

    def name_of(self, post: Message) -> str:
        return self._names.get((post.place, post.id), "")

    def keys(self, messages: list[Mapping[str, str]]) -> dict[str, str]:
        """By what the bot has remembered of its posts; no name may stand for two rows. What has no name of its own (a
        list, a greeting) is known by where it stands."""
        found: dict[str, str] = {}
        for row in messages:
            where = row["channel"], row["ref"]
            name = self._names.setdefault(where, f"{where[0]} {where[1]}")
            assert found.setdefault(name, row["key"]) == row["key"]
        return found

    def otherwise(self, channel: str, ref: str, made: Envelope, t: Texts) -> object:
        """What a message shows and should show, where that differs."""
        message = self.teams.space.find(channel, ref)
        wanted = render.message(made.card, t, made.users, WRITES.__contains__, first=made.fallback)
        shown = message.cards[0] if message else None
        return (shown, wanted) if shown != wanted else None

    # -- inside ---------------------------------------------------------------------------------

    def _named(self, message: Message) -> str:
        """As it was posted: a later edit may leave out what it is about. Answers to presses have no name."""
        words = self.words(message)
        about = next(_about(message, words), "")
        if not about or self._answers(message, words):
            return ""
        self._names[message.place, message.id] = name = f"{message.place} {about}"
        return name

    def _answers(self, message: Message, words: str) -> bool:
        """Whoever presses a second time that they have an alarm is told how it stands, as its raiser sees it."""
        place = self.teams.space.places[message.place]
        owner = next((self.teams.space.users[user].name for user in place.members), "")
        acts = any(_number(message, verb) is not None for verb in ("alarm.receive", "alarm.handled"))
        return place.kind == "personal" and not acts and f"Raised by: {owner}" not in words


def _posting(call: Call) -> bool:
    return call.method == "post" or (call.method == "create" and bool(call.body.get("activity")))


def _about(message: Message, words: str) -> Iterator[str]:
    """A round and a welcome by their buttons, a question or an alarm by its words."""
    for own in map(_own, actions(message)):
        if str(own.get("press", "")).startswith(("round.", "welcome.")):
            yield str(own["arg"])
    yield from TOKEN.findall(words)


def _own(action: Json) -> Json:
    """What the bot has written on its button."""
    data = action.get("data")
    own = data.get(OURS) if isinstance(data, dict) else None
    return own if isinstance(own, dict) else {}


def _number(post: Message, verb: str) -> int | None:
    return next((n for n, action in enumerate(actions(post)) if _own(action).get("press") == verb), None)


def _done(outcome: Outcome) -> Done:
    """An apology, or a word that it takes long, is no promise."""
    return Done(outcome.ok and not outcome.words.startswith((SORRY, *UNSAVED)))


def _labelled(fields: list[Json], name: str, value: str) -> str:
    """A choice by the label that begins so: an account's option names its platform as well."""
    choices = fields[find_input(fields, name)].get("choices", [])
    own = [c["title"] for c in choices if value in (c["value"], c["title"].partition(" (")[0])]
    return own[0] if own else value
