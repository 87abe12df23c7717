"""The crash tests' chat on the fake Slack. A post carries the key of its outbox row in its metadata."""

from collections.abc import Iterable, Mapping
from typing import Any

from adapters.slack import render
from bot.ports import Envelope
from bot.texts import Texts
from tests.crash._chat import FORM_SECONDS, Arrived, Done, Post, Stored
from tests.fakes.slack import Call, FakeSlack, Message, View
from tests.flows.process import BotProcess

READING = {"channels:history", "groups:history", "im:history", "mpim:history"}
SAVED = {"response_action": "clear"}


class OnSlack:
    """`reading`: the bot may look up what it has posted."""

    first_hour = 10.0

    def __init__(self, mode: str, seed: int, *, reading: bool = True) -> None:
        self.slack = FakeSlack(mode=mode, seed=seed)
        self.slack.limits.off()
        self._reading = reading

    @property
    def mode(self) -> str:
        return self.slack.mode

    @property
    def fakes(self) -> dict[str, Any]:
        return {"slack": self.slack}

    async def start(self) -> None:
        await self.slack.start()
        if not self._reading:
            self.slack.methods.scopes -= READING

    async def arrive(self) -> None:
        """It was invited to its places when they were made."""

    async def stop(self) -> None:
        await self.slack.stop()

    def aim(self, bots: Iterable[BotProcess]) -> None:
        """Each socket has its own process at the other end."""
        if self.mode == "http":
            self.slack.target = [f"{bot.url}/slack/events" for bot in bots]

    def slow(self, seconds: float) -> None:
        self.slack.delay = seconds

    def hooks(
        self, on_arrived: Arrived | None = None, on_stored: Stored | None = None, on_sent: Any = None
    ) -> None:
        """`on_arrived` and `on_stored` hear of the outbox's new posts alone."""

        async def arrived(call: Call) -> bool:
            posting = call.method == "chat.postMessage" and "metadata" in call.args
            return bool(posting and on_arrived and await on_arrived(call))

        async def stored(call: Call, message: Message) -> bool:
            posted = call.method == "chat.postMessage" and self.name_of(message)
            return bool(posted and on_stored and await on_stored(call, message))

        self.slack.hooks(arrived, stored, on_sent)

    async def wait_for(self, true: Any, seconds: float) -> Any:
        return await self.slack.wait_for(true, seconds)

    # -- making ---------------------------------------------------------------------------------

    def person(self, name: str) -> str:
        return self.slack.add_user(name.lower().replace(" ", ""), name)

    def place(self, name: str, people: list[str]) -> str:
        place = self.slack.add_channel(name, people)
        self.slack.invite_bot(place)
        return place

    # -- doing ----------------------------------------------------------------------------------

    def close(self, me: str) -> None:
        self.slack.space.stacks.pop(me, None)

    async def open(self, me: str, place: str, command: str) -> Done:
        outcome = await self.slack.command(me, f"/{command}", channel=place)
        if outcome.ok:
            await self.slack.wait_for(lambda: self.slack.modal(me), FORM_SECONDS)
        return Done(outcome.ok)

    def form(self, me: str) -> str:
        """Which form is on top, and which window: a late answer to a command sent twice lays another over it."""
        top = self.slack.modal(me)
        return f"{top.id} {top.callback_id}" if top else ""

    async def fill(self, me: str, values: Mapping[str, str]) -> None:
        shown = self.slack.modal(me)
        assert shown
        await self.slack.fill(me, {name: _labelled(shown, name, value) for name, value in values.items()})

    async def submit(self, me: str) -> Done:
        outcome = await self.slack.submit(me)
        return Done(outcome.ok, outcome.body == SAVED)

    def has(self, post: Message, verb: str) -> bool:
        return bool(_action(post, verb))

    async def press(self, me: str, post: Message, verb: str) -> Done:
        outcome = await self.slack.press(me, post, _action(post, verb))
        return Done(outcome.ok)

    # -- seeing ---------------------------------------------------------------------------------

    def posts(self, place: str) -> list[Post]:
        return self.slack.space.standing(place)

    def direct(self, person: str) -> list[Post]:
        return self.slack.dms(person)

    def standing(self) -> list[Post]:
        found = (m for channel in self.slack.space.channels for m in self.slack.space.standing(channel))
        return [m for m in found if self.name_of(m)]

    def words(self, post: Message) -> str:
        return post.text

    def name_of(self, post: Message) -> str:
        return str(((post.metadata or {}).get("event_payload") or {}).get("key", ""))

    def keys(self, messages: list[Mapping[str, str]]) -> dict[str, str]:
        """A post's name is its row's key."""
        return {row["key"]: row["key"] for row in messages}

    def otherwise(self, channel: str, ref: str, made: Envelope, t: Texts) -> object:
        """What a message says and should say, where that differs."""
        shown = self.slack.message(channel, ref).text
        wanted = render.message(made.card, t, made.users, first=made.fallback).text
        return (shown, wanted) if shown != wanted else None


def _action(message: Message, verb: str) -> str:
    """The action_id of a button, "" when there is none."""
    elements = (e for b in message.blocks for e in (*b.get("elements", []), b.get("accessory") or {}))
    return next((e["action_id"] for e in elements if e.get("action_id", "").startswith(f"{verb}#")), "")


def _labelled(view: View, name: str, value: str) -> str:
    """A choice by the label that begins so: an account's option names its platform as well."""
    block = next(b for b in view.blocks if b.get("block_id") == name)
    options = block["element"].get("options", [])
    own = [o["text"]["text"] for o in options if value in (o["value"], o["text"]["text"].partition(" (")[0])]
    return own[0] if own else value
