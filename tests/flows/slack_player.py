"""The story's player on the fake Slack."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.fakes.slack import FakeSlack, Message, View, forms
from tests.fakes.slack.state import Json
from tests.flows.letters import Letterbox
from tests.flows.player import Seen, Value
from tests.flows.process import BotProcess

SECONDS = 20.0
SHORTCUTS = {"Lägg in som fråga": "log_question", "Larma": "raise_alarm", "Ta ställning": "moderate"}


class SlackPlayer(Letterbox):
    """People by full name. `bot` is told when time passes, and Slack's own clock with it."""

    has_shortcuts = True
    mentions_watcher = False

    def __init__(self, slack: FakeSlack, bot: BotProcess) -> None:
        self._slack, self._bot = slack, bot
        self._people = {u.real_name: u.id for u in slack.space.users.values()}
        self._channels = {c.name: c.id for c in slack.space.channels.values() if c.kind != "im"}
        self._faults: dict[str, str] = {}
        self._before: dict[str, list[Message]] = {}  # what somebody had been told before they did something

    async def say(self, who: str, command: str, where: str = "direct") -> None:
        self._begin(who)
        name, _, words = command.partition(" ")
        place = None if where == "direct" else self._channel(where)
        self._sound(await self._slack.command(self._id(who), name, words, channel=place))

    async def shortcut(self, who: str, where: str, name: str, written: str) -> None:
        self._begin(who)
        user, place = self._id(who), self._channel(where)
        message = self._slack.say(user, place, written)
        self._sound(await self._slack.message_shortcut(user, SHORTCUTS[name], place, message))

    async def asked(self, who: str) -> list[str]:
        view = await self._open_form(who)
        return [forms.label(b) or b["block_id"] for b, _ in forms.stateful(view.blocks)]

    async def fill(self, who: str, values: Mapping[str, Value], submit: str) -> None:
        view = await self._open_form(who)
        assert view.body["submit"]["text"] == submit, self._slack.plain(view)
        given = {label: self._given(view, label, value) for label, value in values.items()}
        outcome = await self._slack.submit(self._id(who), given)
        self._faults[who] = "\n".join(outcome.errors.values())
        assert outcome.error is None, outcome

    async def press(self, who: str, where: Seen, label: str) -> None:
        if where == "home":
            await self._slack.open_home(self._id(who))
        found = await self._wait(who, where, lambda card: _has_button(card, label), f"a button {label!r}")
        self._begin(who)
        self._sound(await self._slack.press(self._id(who), found, label))

    async def sees(self, who: str, where: Seen, text: str) -> Seen:
        if where == "home":
            await self._slack.open_home(self._id(who))
        return await self._wait(who, _answer(where), lambda card: text in self._plain(who, card), repr(text))

    async def never_sees(self, who: str, where: Seen, text: str) -> None:
        for card in self._cards(who, where):
            assert text not in self._plain(who, card), self._plain(who, card)

    async def offers(self, who: str, where: Seen, text: str) -> list[str]:
        found = next(card for card in self._cards(who, _answer(where)) if text in self._plain(who, card))
        return forms.buttons(found.blocks)

    async def until(self, moment: datetime) -> None:
        self._slack.skip((moment - self._bot.now()).total_seconds())
        await self._bot.move_to(moment)

    async def picture(self, who: str, name: str) -> None:
        """There is none."""

    # -- inside ---------------------------------------------------------------------------------

    def _id(self, who: str) -> str:
        return self._people[who]

    def _channel(self, where: str) -> str:
        return self._channels[where.removeprefix("#")]

    @staticmethod
    def _sound(outcome: Any) -> None:
        assert outcome.ok, outcome

    async def _open_form(self, who: str) -> View:
        return await self._slack.wait_for(lambda: self._slack.modal(self._id(who)), SECONDS)

    def _given(self, view: View, label: str, value: Value) -> Any:
        _, element = forms.find_field(view.blocks, label)
        match element["type"]:
            case "users_select":
                return self._people[str(value)]
            case "multi_users_select":
                return [self._people[name] for name in value]
            case "conversations_select" | "channels_select":
                return self._channel(str(value))
            case "checkboxes" if isinstance(value, bool):
                return ["yes"] if value else []
            case "checkboxes" | "multi_static_select":
                return [_option(element, str(label)) for label in value]
        return value

    async def _wait(self, who: str, where: Seen, good: Any, wanted: str) -> Any:
        def look() -> Any:
            return next((card for card in self._cards(who, where) if good(card)), None)

        try:
            return await self._slack.wait_for(look, SECONDS)
        except AssertionError as late:
            there = "\n---\n".join(self._plain(who, card) for card in self._cards(who, where))
            name = where if isinstance(where, str) else "that card"
            raise AssertionError(f"{who} does not see {wanted} in {name}, but:\n{there}\n{late}") from None

    def _cards(self, who: str, where: Seen) -> list[Message | View]:
        """What stands in a place, the newest first."""
        user, slack = self._id(who), self._slack
        match where:
            case Message() | View():
                return [where]
            case "home":
                return _some([slack.home(user)])
            case "form":
                return _some([slack.modal(user)])
            case "direct":
                return _newest(slack.dms(user))
            case "private":
                return [*_some([slack.modal(user)]), *self._private(user)]
            case "answer":
                told = self._before.get(who, [])
                return [*_some([slack.modal(user)]), *(m for m in self._private(user) if m not in told)]
        return [m for m in _newest(slack.space.standing(self._channel(where))) if slack.sees(user, m)]

    def _begin(self, who: str) -> None:
        self._before[who] = self._private(self._id(who))

    def _private(self, user: str) -> list[Message]:
        """What the bot has told this person alone, the newest first."""
        return _newest([*self._slack.ephemerals(user), *self._slack.dms(user)])

    def _plain(self, who: str, card: Message | View) -> str:
        faults = self._faults.get(who, "") if isinstance(card, View) else ""
        return f"{self._slack.plain(card)}\n{faults}"


def _answer(where: Seen) -> Seen:
    """Of what was said privately, what came since: an older card may say the same."""
    return "answer" if where == "private" else where


def _some(views: Iterable[View | None]) -> list[View]:
    return [view for view in views if view]


def _newest(messages: Sequence[Message]) -> list[Message]:
    return sorted((m for m in messages if not m.deleted), key=lambda m: float(m.ts), reverse=True)


def _option(element: Json, label: str) -> str:
    """A channel among the options as its line begins."""
    named = [
        o["text"]["text"] for o in element.get("options", []) if o["text"]["text"].startswith(f"{label}: ")
    ]
    return named[0] if named and label.startswith("#") else label


def _has_button(card: Message | View, label: str) -> bool:
    try:
        forms.find_press(card.blocks, label)
    except LookupError:
        return False
    return True


def moved(moment: datetime) -> str:
    """What a clock file holds for a program that begins at this moment."""
    return f"{(moment - datetime.now(UTC)).total_seconds():.3f}"
