"""What Teams remembers: tenants, people, teams, places, messages, dialogs. No network here."""

import asyncio
import contextlib
import copy
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["channel", "group", "personal"]

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
BOT_NAME = "smbot"
TARGETED_SECONDS = 24 * 3600
"""How long clients keep what only one person sees."""


@dataclass
class User:
    """A person. `id` is their aadObjectId, `teams_id` (29:…) this bot's own name for them."""

    id: str
    teams_id: str
    name: str
    email: str
    tenant: str
    guest: bool = False
    locale: str = "sv-SE"
    zone: str = "Europe/Stockholm"

    def member(self) -> Json:
        """As rosters show it."""
        first, _, last = self.name.partition(" ")
        return {
            "id": self.teams_id,
            "objectId": self.id,
            "aadObjectId": self.id,
            "name": self.name,
            "givenName": first,
            "surname": last,
            "email": self.email,
            "userPrincipalName": self.email,
            "tenantId": self.tenant,
            "userRole": "guest" if self.guest else "user",
        }

    def account(self) -> Json:
        return {"id": self.teams_id, "name": self.name, "aadObjectId": self.id}


@dataclass
class Team:
    """`id` is also the id of its channel General."""

    id: str
    name: str
    tenant: str
    group: str
    members: set[str] = field(default_factory=set)
    installed: bool = False
    deleted: bool = False


@dataclass
class Place:
    """A conversation. `name` is None for General, as Teams has it; `members` are its own, but of standard channels."""

    id: str
    kind: Kind
    tenant: str
    name: str | None = None
    team: str = ""
    sharing: Literal["standard", "private", "shared"] = "standard"
    members: set[str] = field(default_factory=set)
    installed: bool = False
    deleted: bool = False
    blocked: bool = False

    @property
    def type(self) -> str:
        return {"channel": "channel", "group": "groupChat", "personal": "personal"}[self.kind]


@dataclass(eq=False)
class Message:
    """A message in a place; changes happen in place. `user` is "" for the bot. `root` is the thread's first message."""

    id: str
    place: str
    user: str
    body: Json
    at: float
    root: str = ""
    targeted_to: str = ""
    edits: int = 0
    deleted: bool = False

    def snapshot(self) -> "Message":
        """The message as somebody with a slow screen still sees it after later changes."""
        return copy.deepcopy(self)

    @property
    def text(self) -> str:
        return self.body.get("text") or ""

    @property
    def cards(self) -> list[Json]:
        """Its Adaptive Cards."""
        return [a["content"] for a in self.body.get("attachments") or [] if a.get("contentType") == ADAPTIVE]


@dataclass(eq=False)
class Dialog:
    """The open dialog of a person. `origin` is what its submission repeats of the request that opened it."""

    user: str
    info: Json
    invoke: str  # what a submission is called: task/submit or composeExtension/submitAction
    place: str
    message: Message | None = None
    origin: Json = field(default_factory=dict)
    values: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    updates: int = 0

    @property
    def title(self) -> str:
        return self.info.get("title") or ""

    @property
    def card(self) -> Json:
        content: Json = self.info["card"]["content"]
        return content


@dataclass(eq=False)
class Notice:
    """Words that only one person sees for a moment: the answer to a press, or a dialog with words alone."""

    user: str
    text: str
    at: float = 0.0
    message: Message | None = None


@dataclass
class Space:
    """The state and its small rules of identity; `changed` wakes whoever waits for something."""

    app_id: str
    tenant: str
    seed: int = 0
    users: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    dialogs: dict[str, Dialog] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    installed: set[str] = field(default_factory=set)  # people who have the app
    skipped: float = 0.0
    tier1: bool = False  # whether the app's manifest declares that it works in private and shared channels

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self._last = 0
        self._changed = asyncio.Event()

    @property
    def bot(self) -> str:
        return f"28:{self.app_id}"

    def now(self) -> float:
        """Teams' time in seconds: real, plus what a test has skipped."""
        return time.time() + self.skipped

    def stamp(self, at: float | None = None) -> str:
        moment = datetime.fromtimestamp(self.now() if at is None else at, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

    def guid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def hex(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def message_id(self) -> str:
        """A moment in milliseconds, never the same twice."""
        self._last = max(int(self.now() * 1000), self._last + 1)
        return str(self._last)

    def changed(self) -> None:
        event, self._changed = self._changed, asyncio.Event()
        event.set()

    async def wait_for(self, predicate: Callable[[], Any], seconds: float) -> Any:
        """The predicate's first true value; asked again after every change, and each 50 ms for what lies outside."""
        deadline = time.monotonic() + seconds
        while not (value := predicate()):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, 0.05)):
                    await self._changed.wait()
        return value

    # -- who is where ---------------------------------------------------------------------------

    def person(self, name: str) -> User | None:
        """By aadObjectId or 29:…"""
        return self.users.get(name) or next((u for u in self.users.values() if u.teams_id == name), None)

    def members(self, place: Place) -> list[User]:
        """Who is there, in the order in which they came to the tenant."""
        standard = place.kind == "channel" and place.sharing == "standard"
        ids = self.teams[place.team].members if standard else place.members
        return [u for u in self.users.values() if u.id in ids]

    def has_app(self, place: Place) -> bool:
        if place.kind == "channel":
            reached = place.sharing == "standard" or self.tier1
            return self.teams[place.team].installed and reached
        return place.installed if place.kind == "group" else bool(place.members & self.installed)

    def personal(self, user: str) -> Place:
        """The person's chat with the bot; its id stays."""
        for place in self.places.values():
            if place.kind == "personal" and place.members == {user}:
                return place
        place = Place(f"a:1{self.hex()}", "personal", self.users[user].tenant, members={user})
        self.places[place.id] = place
        return place

    # -- messages -------------------------------------------------------------------------------

    def store(self, message: Message) -> Message:
        self.messages.append(message)
        self.changed()
        return message

    def find(self, place: str, message: str) -> Message | None:
        return next((m for m in self.messages if (m.place, m.id) == (place, message) and not m.deleted), None)

    def standing(self, place: str) -> list[Message]:
        """What everybody there can read now, oldest first."""
        return [m for m in self.messages if m.place == place and not m.deleted and not m.targeted_to]

    def targeted(self, user: str) -> list[Message]:
        """What only this person sees, oldest first; gone after a day."""
        mine = [m for m in self.messages if m.targeted_to == user and not m.deleted]
        return [m for m in mine if self.now() - m.at < TARGETED_SECONDS]
