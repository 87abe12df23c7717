"""What a person can do and see on any platform. Stories are written against this, and each platform plays them.

Places are named as people name them: "#channel", "direct" (the bot's direct messages with oneself), "private"
(answers that nobody else sees), "form" (what is open to be filled in or read) and "home".
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")

Value = str | bool | date | datetime | Sequence[str]
"""A line, a choice by its label, "#channel", a tick, a day, a moment, or people, choices and channels by name."""

Seen = Any
"""A card that somebody has seen: equal to itself however often it changes."""


class Player(Protocol):
    """Each person's hands and eyes. What does not come in some seconds fails, and says what stands there instead."""

    has_shortcuts: bool
    mentions_watcher: bool  # where a post that mentions nobody may reach nobody

    async def say(self, who: str, command: str, where: str = "direct") -> None:
        """Type a command."""

    async def shortcut(self, who: str, where: str, name: str, written: str) -> None:
        """Use a message shortcut on something that somebody has written there."""

    async def asked(self, who: str) -> list[str]:
        """The labels of the open form."""

    async def fill(self, who: str, values: Mapping[str, Value], submit: str) -> None:
        """Fill in the open form by its labels, and send it by its button."""

    async def press(self, who: str, where: Seen, label: str) -> None:
        """Press a button of a card, or of the newest card in a place that has one."""

    async def sees(self, who: str, where: Seen, text: str) -> Seen:
        """Wait until a place holds a card with this text, the newest first, or until a card says so."""

    async def never_sees(self, who: str, where: Seen, text: str) -> None:
        """Nothing there says so, now that all has come to rest."""

    async def offers(self, who: str, where: Seen, text: str) -> list[str]:
        """The labels of the buttons on the card that says so, in their order."""

    async def opens_letter(self, address: str, text: str) -> None:
        """Wait until a letter to this address says so."""

    async def until(self, moment: datetime) -> None:
        """Time passes, with all that happens on the way."""

    async def picture(self, who: str, name: str) -> None:
        """Keep what somebody sees now, where that can be kept."""
