"""The table of commands, and the desk that every chat platform hands its requests to.

Help, manifest and parsing come from this table. An adapter knows no command, verb or form by name:
it makes a `Call`, gives it to the `Desk` and renders the `Reply`.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.texts import LANGUAGES, Texts


@dataclass(frozen=True, kw_only=True)
class Command:
    """One slash command. No command writes: it reads, or opens a form, so it may be acknowledged first.

    Help text is under `command.NAME.help` (what it does), the manifest's under `command.NAME.usage` where it takes words.
    """

    name: str  # without the slash: sm-question
    alias: str  # ASCII Swedish: sm-fraga
    takes: bool = False  # whether words may follow


COMMANDS = (
    Command(name="sm-today", alias="sm-idag"),
    Command(name="sm-question", alias="sm-fraga"),
    Command(name="sm-alarm", alias="sm-larm"),
    Command(name="sm-moderate", alias="sm-moderera"),
    Command(name="sm-new-account", alias="sm-nytt-konto"),
    Command(name="sm-close-account", alias="sm-avsluta-konto"),
    Command(name="sm-accounts", alias="sm-konton", takes=True),
    Command(name="sm-decisions", alias="sm-beslut", takes=True),
    Command(name="sm-away", alias="sm-borta"),
    Command(name="sm-preview", alias="sm-kommande"),
    Command(name="sm-registrar", alias="sm-registrator"),
    Command(name="sm-my-data", alias="sm-mina-uppgifter"),
    Command(name="sm-settings", alias="sm-installningar"),
    Command(name="sm-help", alias="sm-hjalp"),
)
HELP = "sm-help"
"""What answers words that name no command."""
SHORTCUTS = ("log_question", "raise_alarm", "moderate")
"""Message shortcuts; names under `shortcut.NAME` (at most 24 characters)."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """Who asks, from where. `key` is the request's own id (exact-rules, "Requests"): a repeat has the same."""

    platform: str
    realm: str
    user: str
    channel: str = ""
    key: str = ""
    language: str = ""  # the page's browser language; Slack's locale is not used (users.md U10)
    slash: str = "/"  # what a command begins with there; "" where its name is simply written to the bot


@dataclass(frozen=True, kw_only=True)
class Quoted:
    """A message that a shortcut was used on."""

    text: str = ""
    link: str = ""
    at: datetime | None = None


# -- commands in plain words ----------------------------------------------------------------------

PREFIX = "sm"
_MOST = 3
"""Words that a name has at most: `sm new account`."""


def spoken(text: str) -> tuple[str, str] | None:
    """The command that words begin with, and the rest where it takes any: `/sm-konton biologi`, `Nytt konto`, `fråga`.

    None for what begins with no name of a command in either language. Case, accents and signs do not matter.
    """
    for n in range(min(len(text.split()), _MOST), 0, -1):
        begun, rest = text.split()[:n], text.split(maxsplit=n)[n:]
        if command := _SPOKEN.get(_folded("".join(begun))):
            return command.name, "".join(rest).strip() if command.takes else ""
    return None


def greets(text: str) -> bool:
    """Whether somebody only says hello, or asks for Home."""
    return _folded(text) in {_folded(word) for t in map(Texts, LANGUAGES) for word in t("greetings").split()}


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def _names() -> Iterator[tuple[str, Command]]:
    """As they stand in the table, and without what all of them begin with."""
    for command in COMMANDS:
        for name in (command.name, command.alias):
            yield _folded(name), command
            yield _folded(name).removeprefix(PREFIX), command


_SPOKEN = dict(_names())
