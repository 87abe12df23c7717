"""What one Slack workspace remembers: people, places, messages, views. No network here."""

import asyncio
import contextlib
import copy
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TRIGGER_SECONDS = 3.0
RESPONSE_URL_SECONDS = 30 * 60
RESPONSE_URL_USES = 5


class SlackError(Exception):
    """An answer `{"ok": false, "error": …}`; `detail` stands in `response_metadata.messages`."""

    def __init__(self, error: str, detail: list[str] | None = None, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.detail = detail or []
        self.extra = extra


@dataclass
class User:
    id: str
    name: str
    real_name: str
    email: str | None
    team_id: str
    tz: str = "Europe/Stockholm"
    locale: str = "en-US"
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_admin: bool = False
    is_stranger: bool = False

    @property
    def is_guest(self) -> bool:
        return self.is_restricted or self.is_ultra_restricted

    def json(self, *, with_email: bool = True) -> Json:
        profile = {"real_name": self.real_name, "display_name": self.name, "team": self.team_id}
        if with_email and self.email:
            profile["email"] = self.email
        shared = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "profile": profile,
            "is_bot": self.is_bot,
            "updated": 1,
        }
        if self.deleted:  # Slack leaves the rest out for deactivated people
            return shared
        return shared | {
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": "Central European Time",
            "tz_offset": 3600,
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_stranger": self.is_stranger,
            "is_app_user": False,
        }


@dataclass
class Channel:
    id: str
    name: str
    kind: str = "public"  # public, private, im, mpim
    members: set[str] = field(default_factory=set)
    is_archived: bool = False
    is_ext_shared: bool = False

    @property
    def scope_family(self) -> str:
        return {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}[self.kind]

    def other(self, bot: str) -> str:
        """The person at the other end of a direct message."""
        return next(iter(self.members - {bot}))


@dataclass
class Message:
    """A message in a place, or (with `ephemeral_to`) one that only one person sees."""

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    edited: bool = False
    deleted: bool = False
    ephemeral_to: str | None = None
    edits: int = 0

    def snapshot(self) -> "Message":
        """The message as somebody with a slow screen still sees it after later changes."""
        return copy.deepcopy(self)

    def json(self, team: str, bot: tuple[str, str, str], *, with_metadata: bool = False) -> Json:
        bot_user, bot_id, app_id = bot
        out: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts, "team": team}
        if self.user == bot_user:
            out |= {"bot_id": bot_id, "app_id": app_id}
        if self.blocks:
            out["blocks"] = copy.deepcopy(self.blocks)
        if self.thread_ts:
            out["thread_ts"] = self.thread_ts
        if self.edited:
            out["edited"] = {"user": self.user, "ts": self.ts}
        if with_metadata and self.metadata:
            out["metadata"] = copy.deepcopy(self.metadata)
        return out


@dataclass
class View:
    """A modal or home view as Slack stores it; `values` is what the person has filled in."""

    id: str
    user: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: dict[str, dict[str, Json]] = field(default_factory=dict)
    updates: int = 0

    @property
    def blocks(self) -> list[Json]:
        return self.body.get("blocks", [])

    @property
    def callback_id(self) -> str:
        return self.body.get("callback_id") or ""

    @property
    def external_id(self) -> str:
        return self.body.get("external_id") or ""

    def snapshot(self) -> "View":
        return copy.deepcopy(self)

    def json(self, team: str, bot: tuple[str, str, str]) -> Json:
        _, bot_id, app_id = bot
        return {
            "id": self.id,
            "team_id": team,
            "type": self.body["type"],
            "blocks": copy.deepcopy(self.blocks),
            "private_metadata": self.body.get("private_metadata") or "",
            "callback_id": self.callback_id,
            "external_id": self.external_id,
            "state": {"values": copy.deepcopy(self.values)},
            "hash": self.hash,
            "title": self.body.get("title"),
            "submit": self.body.get("submit"),
            "close": self.body.get("close"),
            "clear_on_close": bool(self.body.get("clear_on_close")),
            "notify_on_close": bool(self.body.get("notify_on_close")),
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": app_id,
            "app_installed_team_id": team,
            "bot_id": bot_id,
        }


@dataclass
class Trigger:
    user: str
    at: float
    from_view: str | None = None
    used: bool = False


@dataclass
class ResponseUrl:
    user: str
    channel: str
    at: float
    message: Message | None = None
    uses: int = 0


@dataclass
class File:
    """What somebody shares in a chat with the bot. `size` is what Slack says of it."""

    id: str
    user: str
    channel: str
    name: str
    data: bytes
    url: str
    size: int


@dataclass
class Workspace:
    """The state and its small rules of identity; `changed` wakes whoever waits for something."""

    seed: int = 0
    team_id: str = "T0FAKE001"
    team_name: str = "University"
    app_id: str = "A0FAKE001"
    bot_id: str = "B0FAKE001"
    bot_user: str = "U0BOT0001"
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: dict[str, dict[str, Message]] = field(default_factory=dict)
    ephemerals: list[Message] = field(default_factory=list)
    stacks: dict[str, list[View]] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    skipped: float = 0.0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self._last_ts = 0.0
        self._serial = 0
        self._changed = asyncio.Event()
        self.users[self.bot_user] = User(self.bot_user, "smbot", "smbot", None, self.team_id, is_bot=True)

    @property
    def bot(self) -> tuple[str, str, str]:
        return self.bot_user, self.bot_id, self.app_id

    def now(self) -> float:
        """Slack's time in seconds: real, plus what a test has skipped."""
        return time.time() + self.skipped

    def mint(self, prefix: str) -> str:
        self._serial += 1
        return f"{prefix}{self._serial:08d}"

    def ts(self) -> str:
        self._last_ts = max(self.now(), self._last_ts + 0.000001)
        return f"{self._last_ts:.6f}"

    def changed(self) -> None:
        event, self._changed = self._changed, asyncio.Event()
        event.set()

    async def wait_for(self, predicate: Callable[[], Any], seconds: float) -> Any:
        """The predicate's first true value; it is asked again after every change, and each 50 ms for what
        lies outside of Slack."""
        deadline = time.monotonic() + seconds
        while not (value := predicate()):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, 0.05)):
                    await self._changed.wait()
        return value

    def person(self, user: str) -> User:
        if user not in self.users:
            raise SlackError("user_not_found")
        return self.users[user]

    def trigger(self, user: str, from_view: str | None = None) -> str:
        key = f"{self._serial}.{self.mint('')}.{self.random.getrandbits(64):016x}"
        self.triggers[key] = Trigger(user, self.now(), from_view)
        return key

    def spend(self, key: str) -> Trigger:
        """Use a trigger up. Errors: unknown, older than 3 s, used before."""
        trigger = self.triggers.get(key)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.now() - trigger.at > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def direct(self, user: str) -> Channel:
        """The bot's direct message with a person, opened if need be."""
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == {self.bot_user, user}:
                return channel
        channel = Channel(self.mint("D0"), "", "im", {self.bot_user, user})
        self.channels[channel.id] = channel
        return channel

    def store(self, message: Message) -> Message:
        self.messages.setdefault(message.channel, {})[message.ts] = message
        self.changed()
        return message

    def standing(self, channel: str) -> list[Message]:
        """Messages that can be read in a place now, oldest first."""
        found = [m for m in self.messages.get(channel, {}).values() if not m.deleted]
        return sorted(found, key=lambda m: float(m.ts))

    def top_view(self, user: str) -> View | None:
        stack = self.stacks.get(user)
        return stack[-1] if stack else None

    def open_view(self, view_id: str | None, external_id: str | None) -> View:
        for stack in self.stacks.values():
            for view in stack:
                if (view_id and view.id == view_id) or (external_id and view.external_id == external_id):
                    return view
        for view in self.homes.values():
            if view_id and view.id == view_id:
                return view
        raise SlackError("not_found")

    def new_hash(self) -> str:
        return f"{self.now():.0f}.{self.random.getrandbits(40):010x}"
