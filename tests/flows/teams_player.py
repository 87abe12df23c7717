"""The story's player on the fake Teams."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.fakes.teams import Dialog, FakeTeams, Message, Notice, Outcome
from tests.fakes.teams.forms import find_button, find_input
from tests.fakes.teams.reading import actions, inputs
from tests.fakes.teams.state import Json
from tests.flows.letters import Letterbox
from tests.flows.player import Seen, Value
from tests.flows.process import BotProcess

SECONDS = 20.0
FOLLOWS = 1.5
"""How long a card that says more may follow the short line that answers a press."""
SHORTCUTS = {"Lägg in som fråga": "log_question", "Larma": "raise_alarm", "Ta ställning": "moderate"}
HOME = "hem"
OURS, DOORS = "smbot", {"command", "form"}

Thing = Message | Dialog | Notice


class TeamsPlayer(Letterbox):
    """People and channels by name. `bot` is told when time passes, and Teams' own clock with it.

    "home" is the card that the bot gives for a word in the person's own chat with it.
    """

    has_shortcuts = True
    mentions_watcher = True

    def __init__(self, teams: FakeTeams, bot: BotProcess) -> None:
        self._teams, self._bot = teams, bot
        self._people = {u.name: u.id for u in teams.space.users.values()}
        self._channels = {p.name: p.id for p in teams.space.places.values() if p.kind == "channel" and p.name}
        self._homes: dict[str, Message] = {}
        self.doors: list[str] = []  # the buttons by which forms were opened, as nobody needs on Slack
        self._before: dict[str, list[Any]] = {}  # what somebody had seen privately before they pressed last

    async def say(self, who: str, command: str, where: str = "direct") -> None:
        """A command that opens a form is answered by a card with a button, which is pressed at once."""
        user, place = self._begin(who), "" if where == "direct" else self._channel(where)
        self._sound(await self._teams.say(user, place, command.removeprefix("/")))
        await self._come(who, lambda: self._fresh(who), command)
        await self._enter(who)

    async def shortcut(self, who: str, where: str, name: str, written: str) -> None:
        user = self._begin(who)
        message = self._teams.written(user, self._channel(where), written)
        self._sound(await self._teams.message_action(user, message, SHORTCUTS[name]))

    async def asked(self, who: str) -> list[str]:
        return self._teams.labels(await self._open_dialog(who))

    async def fill(self, who: str, values: Mapping[str, Value], submit: str) -> None:
        dialog = await self._open_dialog(who)
        assert submit in self._teams.buttons(dialog), self._teams.plain(dialog)
        given = {label: self._given(dialog, label, value) for label, value in values.items()}
        outcome = await self._teams.submit(self._id(who), given, submit)
        assert outcome.error is None, outcome

    async def press(self, who: str, where: Seen, label: str) -> None:
        if where == "home":
            await self._open_home(who)
        found = await self._wait(who, where, lambda c: label in self._teams.buttons(c), f"a button {label!r}")
        if not isinstance(found, Dialog):
            self._begin(who)
        asks = "confirm" in _ours(find_button(found, label))
        self._sound(await self._teams.press(self._id(who), found, label))
        if asks:
            self._sound(await self._teams.submit(self._id(who)))

    async def sees(self, who: str, where: Seen, text: str) -> Seen:
        if where == "home":
            await self._open_home(who)
        place = "answer" if where == "private" else where  # not what was said to them before
        return await self._wait(who, place, lambda card: text in self._teams.plain(card), repr(text))

    async def never_sees(self, who: str, where: Seen, text: str) -> None:
        for card in self._cards(who, where):
            assert text not in self._teams.plain(card), self._teams.plain(card)

    async def offers(self, who: str, where: Seen, text: str) -> list[str]:
        """Of an open form all but what sends it; of what is said twice, the card that follows the short line."""
        place = "answer" if where == "private" else where
        card = next(c for c in self._cards(who, place) if text in self._teams.plain(c))
        if isinstance(card, Notice):
            card = await self._card_of(who, text)
        return [str(a["title"]) for a in (actions(card) if card else []) if "form" not in _ours(a)]

    async def _card_of(self, who: str, text: str) -> Message | None:
        """A short line may be all there is."""

        def look() -> Message | None:
            own = (m for m in self._fresh(who) if isinstance(m, Message))
            return next((m for m in own if text in self._teams.plain(m)), None)

        try:
            return await self._teams.wait_for(look, FOLLOWS)
        except AssertionError:
            return None

    async def until(self, moment: datetime) -> None:
        self._teams.skip((moment - self._bot.now()).total_seconds())
        await self._bot.move_to(moment)

    async def picture(self, who: str, name: str) -> None:
        """There is none."""

    # -- inside ---------------------------------------------------------------------------------

    def _id(self, who: str) -> str:
        return self._people[who]

    def _channel(self, where: str) -> str:
        return self._channels[where.removeprefix("#")]

    @staticmethod
    def _sound(outcome: Outcome) -> None:
        assert outcome.ok, outcome

    def _begin(self, who: str) -> str:
        """Whoever does something outside of their open dialog closes it first."""
        user = self._id(who)
        self._teams.close(user)
        self._before[who] = self._private(user)
        return user

    def _fresh(self, who: str) -> list[Any]:
        """What has come privately since, the newest first."""
        return [thing for thing in self._private(self._id(who)) if thing not in self._before.get(who, [])]

    def _door(self, who: str) -> tuple[Message, str] | None:
        """A card that has come since with the button by which a form is opened, and the button's label."""
        for message in self._fresh(who):
            for action in [] if isinstance(message, Notice) else actions(message):
                if DOORS & set(_ours(action)) and "msteams" in action["data"]:
                    return message, str(action["title"])
        return None

    async def _enter(self, who: str) -> None:
        """Go through the door to a form, if there is one and it was not used."""
        door, user = self._door(who), self._id(who)
        if door and not self._teams.dialog(user):
            self._before[who] = self._private(user)
            self.doors.append(door[1])
            self._sound(await self._teams.press(user, *door))

    async def _open_dialog(self, who: str) -> Dialog:
        user = self._id(who)
        await self._come(who, lambda: self._teams.dialog(user) or self._door(who), "a form")
        await self._enter(who)
        return self._teams.space.dialogs[user]

    async def _open_home(self, who: str) -> None:
        user = self._id(who)
        before = self._teams.personal(user)
        self._sound(await self._teams.say(user, "", HOME))
        fresh = await self._come(who, lambda: [m for m in self._own(user) if m not in before], "home")
        self._homes[who] = fresh[0]

    async def _come(self, who: str, look: Any, wanted: str) -> Any:
        try:
            return await self._teams.wait_for(look, SECONDS)
        except AssertionError as late:
            raise AssertionError(f"{who} got no answer to {wanted!r}\n{late}") from None

    async def _wait(self, who: str, where: Seen, good: Any, wanted: str) -> Any:
        if where == "form":
            await self._open_dialog(who)

        def look() -> Any:
            return next((card for card in self._cards(who, where) if good(card)), None)

        try:
            return await self._teams.wait_for(look, SECONDS)
        except AssertionError as late:
            there = "\n---\n".join(self._teams.plain(card) for card in self._cards(who, where))
            name = where if isinstance(where, str) else "that card"
            raise AssertionError(f"{who} does not see {wanted} in {name}, but:\n{there}\n{late}") from None

    def _cards(self, who: str, where: Seen) -> Sequence[Thing]:
        """What stands in a place, the newest first."""
        user, teams = self._id(who), self._teams
        dialog = teams.dialog(user)
        match where:
            case Message() | Dialog() | Notice():
                return [where]
            case "home":
                return [self._homes[who]]
            case "form":
                return [dialog] if dialog else []
            case "direct":
                return self._own(user)
            case "private":
                return [*([dialog] if dialog else []), *self._private(user)]
            case "answer":
                return [*([dialog] if dialog else []), *self._fresh(who)]
        return [m for m in reversed(teams.space.standing(self._channel(where))) if teams.sees(user, m)]

    def _own(self, user: str) -> list[Message]:
        """What the bot has written in the person's chat with it, the newest first."""
        return [m for m in reversed(self._teams.personal(user)) if not m.user]

    def _private(self, user: str) -> list[Any]:
        """What nobody else sees, the newest first."""
        targeted = [m for m in self._teams.targeted(user) if not m.user]
        return sorted([*targeted, *self._own(user), *self._teams.notices(user)], key=lambda t: -t.at)

    def _given(self, dialog: Dialog, label: str, value: Value) -> Any:
        fields = inputs(dialog)
        field = fields[find_input(fields, label)]
        if field["type"] == "Input.ChoiceSet" and isinstance(value, str) and value.startswith("#"):
            return self._offered(field, value.removeprefix("#"))
        if field["type"] == "Input.ChoiceSet" and isinstance(value, list):
            return [self._line_of(field, str(label)) for label in value]
        return value

    def _offered(self, field: Json, channel: str) -> str:
        """A channel as the list names it: alone, or with its team."""
        return next(str(c["title"]) for c in field["choices"] if c["title"].endswith(channel))

    @staticmethod
    def _line_of(field: Json, label: str) -> str:
        """A channel among the choices, by its name or by what its line says of it."""
        if not label.startswith("#"):
            return label
        channel, titles = label.removeprefix("#"), [str(c["title"]) for c in field["choices"]]
        return next((t for t in titles if t.endswith(channel) or f"{channel}: " in t), label)


def _ours(action: Json) -> Json:
    """What the bot has written on its button."""
    data = action.get("data")
    own = data.get(OURS) if isinstance(data, dict) else None
    return own if isinstance(own, dict) else {}
