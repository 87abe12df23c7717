"""What people were shown and asked on one platform, step by step, so that two platforms can be laid side by side.

The one story is played through a `Recorder`. What Slack showed stands in `tests/golden/story.PACK.txt`
(`SMBOT_TRANSCRIPT=write` renews it); every other platform is compared with it, and each difference must be among
those that are explained here in the user's language.
"""

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.flows.player import Player, Seen, Value

GOLDEN = Path(__file__).parent.parent / "golden"


class Recorder:
    """A player that notes what its people did, what the forms asked, and which buttons each card offered."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self.has_shortcuts = player.has_shortcuts
        self.mentions_watcher = player.mentions_watcher
        self.lines: list[str] = []

    async def say(self, who: str, command: str, where: str = "direct") -> None:
        self.lines.append(f"{who}: {command}")
        await self._player.say(who, command, where)
        self._note_doors(who)

    def _note_doors(self, who: str) -> None:
        """Where a form is opened by one more press than on Slack, that is a difference."""
        doors: list[str] = getattr(self._player, "doors", [])
        self.lines += [f"{who} opens the form by a button: {label}" for label in doors]
        doors.clear()

    async def shortcut(self, who: str, where: str, name: str, written: str) -> None:
        self.lines.append(f"{who} uses on a message: {name}")
        await self._player.shortcut(who, where, name, written)

    async def asked(self, who: str) -> list[str]:
        labels = await self._player.asked(who)
        self._note_doors(who)
        self.lines.append(f"{who} is asked: {' | '.join(labels)}")
        return labels

    async def fill(self, who: str, values: Mapping[str, Value], submit: str) -> None:
        await self.asked(who)
        await self._player.fill(who, values, submit)
        self.lines.append(f"{who} sends it: {submit}")

    async def press(self, who: str, where: Seen, label: str) -> None:
        self.lines.append(f"{who} presses: {label}")
        await self._player.press(who, where, label)

    async def sees(self, who: str, where: Seen, text: str) -> Seen:
        card = await self._player.sees(who, where, text)
        offers = await self._player.offers(who, where if where == "form" else card, text)
        self.lines.append(f"{who} sees: {text} | {' | '.join(offers)}".rstrip(" |"))
        return card

    async def never_sees(self, who: str, where: Seen, text: str) -> None:
        await self._player.never_sees(who, where, text)

    async def offers(self, who: str, where: Seen, text: str) -> list[str]:
        return await self._player.offers(who, where, text)

    async def opens_letter(self, address: str, text: str) -> None:
        await self._player.opens_letter(address, text)
        self.lines.append(f"a letter to {address}: {text}")

    async def until(self, moment: datetime) -> None:
        await self._player.until(moment)

    async def picture(self, who: str, name: str) -> None:
        await self._player.picture(who, name)


@dataclass(frozen=True)
class Difference:
    """Lines of the two transcripts that are not the same: what Slack showed, and what stood in its place."""

    slack: tuple[str, ...]
    here: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([*(f"  - {line}" for line in self.slack), *(f"  + {line}" for line in self.here)])


def compare(pack: str, lines: Iterable[str]) -> list[Difference]:
    """What differs from Slack's transcript under the same pack."""
    slack, here = (GOLDEN / f"story.{pack}.txt").read_text(encoding="utf-8").splitlines(), list(lines)
    matcher = difflib.SequenceMatcher(None, slack, here, autojunk=False)
    return [
        Difference(tuple(slack[a:b]), tuple(here[c:d]))
        for what, a, b, c, d in matcher.get_opcodes()
        if what != "equal"
    ]


def keep(pack: str, lines: Iterable[str]) -> list[str]:
    """Slack's own transcript: written where that is asked for; gives what stands in the file."""
    path = GOLDEN / f"story.{pack}.txt"
    if os.environ.get("SMBOT_TRANSCRIPT") == "write":
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").splitlines()


@dataclass(frozen=True)
class Explained:
    """Why a platform differs, in the words of whoever uses it. `mark` stands in a line of Slack's or of ours."""

    mark: str
    sv: str
    en: str


def report(differences: Iterable[Difference], explained: Iterable[Explained]) -> Iterator[str]:
    """The list of differences, each with its explanation or with the question why."""
    for found in differences:
        why = explanation(found, explained)
        yield f"{found}\n    {why.sv}\n    {why.en}" if why else f"{found}\n    NOT EXPLAINED"


def explanation(found: Difference, explained: Iterable[Explained]) -> Explained | None:
    words = "\n".join([*found.slack, *found.here])
    return next((why for why in explained if why.mark in words), None)
