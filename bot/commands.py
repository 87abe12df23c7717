"""The table of commands, and the desk that every chat platform hands its requests to.

Help, manifest and parsing come from this table. An adapter knows no command, verb or form by name:
it makes a `Call`, gives it to the `Desk` and renders the `Reply`.
"""

from dataclasses import dataclass
from datetime import datetime


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
    Command(name="sm-new-account", alias="sm-nytt-konto"),
    Command(name="sm-accounts", alias="sm-konton", takes=True),
    Command(name="sm-away", alias="sm-borta"),
    Command(name="sm-help", alias="sm-hjalp"),
)
SHORTCUTS = ("log_question", "raise_alarm")
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


@dataclass(frozen=True, kw_only=True)
class Quoted:
    """A message that a shortcut was used on."""

    text: str = ""
    link: str = ""
    at: datetime | None = None
