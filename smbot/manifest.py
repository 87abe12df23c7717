"""Slack's app manifest, from the table of commands and the scopes; manifest_teams.py has Teams'. No chat SDK here."""

import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer

from bot.commands import COMMANDS, SHORTCUTS
from bot.model import Language
from bot.texts import LANGUAGES, Texts
from smbot import manifest_teams

SCOPES = (
    "commands",
    "chat:write",
    "im:write",
    "users:read",
    "users:read.email",
    "channels:read",
    "groups:read",
    "im:read",
    "mpim:read",
)
"""What the bot needs; the reason for each stands under `scope.NAME.reason`."""
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
"""Optional: to recognise its own messages after a crash, instead of marking a possible repeat."""
FILES = ("files:read",)
"""Optional: to take a list of accounts that is sent to the bot as a file."""
OPTIONAL = (*HISTORY, *FILES)
FILE_EVENTS = ("file_shared",)
EVENTS = ("app_home_opened", "app_uninstalled", "team_join", "tokens_revoked", "user_change")
PATH = "/slack/events"

Json = dict[str, Any]


def slack_manifest(
    language: Language, url: str | None = None, *, history: bool = False, files: bool = False
) -> Json:
    """The manifest as Slack takes it: for Socket Mode, or with `url` (https://host) for signed HTTP."""
    t = Texts(language)
    address = url.rstrip("/").removesuffix(PATH) + PATH if url else None
    return {
        "display_information": {
            "name": t("manifest.name"),
            "description": t("manifest.about"),
            "long_description": t("manifest.story"),
        },
        "features": _features(t, address),
        "oauth_config": {"scopes": {"bot": [*SCOPES, *HISTORY * history, *FILES * files]}},
        "settings": _settings(address, (*EVENTS, *FILE_EVENTS * files)),
    }


def scope_reasons(language: Language) -> tuple[tuple[str, str], ...]:
    """Each scope with why it is asked for, the optional ones last."""
    t = Texts(language)
    return tuple((scope, t(f"scope.{scope}.reason")) for scope in SCOPES + OPTIONAL)


def _features(t: Texts, address: str | None) -> Json:
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": t("manifest.name"), "always_online": True},
        "shortcuts": [_shortcut(t, name) for name in SHORTCUTS],
        "slash_commands": list(_commands(t, address)),
    }


def _commands(t: Texts, address: str | None) -> Iterator[Json]:
    """Each command under its name and under its Swedish alias: Slack translates neither."""
    for command in COMMANDS:
        for name in (command.name, command.alias):
            shown: Json = {"command": f"/{name}", "description": t(f"command.{command.name}.help")}
            if command.takes:
                shown["usage_hint"] = t(f"command.{command.name}.usage")
            if address:
                shown["url"] = address
            yield shown | {"should_escape": False}


def _shortcut(t: Texts, name: str) -> Json:
    description = t(f"shortcut.{name}.help")
    return {"name": t(f"shortcut.{name}"), "type": "message", "callback_id": name, "description": description}


def _settings(address: str | None, events: Iterable[str]) -> Json:
    request_url = {"request_url": address} if address else {}
    return {
        "event_subscriptions": {**request_url, "bot_events": list(events)},
        "interactivity": {"is_enabled": True, **request_url},
        "org_deploy_enabled": False,
        "socket_mode_enabled": not address,
        "token_rotation_enabled": False,
    }


# -- as YAML ------------------------------------------------------------------------------------


def as_yaml(thing: Json) -> str:
    """Plain YAML for the few kinds of value that a manifest has; strings are quoted as in JSON, which YAML reads."""
    return "\n".join(_lines(thing, "")) + "\n"


def _lines(thing: Json | list[Any], margin: str) -> Iterator[str]:
    pairs = (
        [(f"{json.dumps(k) if ':' in k else k}:", v) for k, v in thing.items()]
        if isinstance(thing, dict)
        else []
    )
    for head, value in pairs or [("-", v) for v in thing]:
        if isinstance(value, dict | list) and value:
            inner = list(_lines(value, margin + "  "))
            if head == "-":
                yield f"{margin}- {inner[0].lstrip()}"
                yield from inner[1:]
            else:
                yield f"{margin}{head}"
                yield from inner
        else:
            yield f"{margin}{head} {json.dumps(value, ensure_ascii=False)}"


# -- the command --------------------------------------------------------------------------------


def register(app: typer.Typer) -> None:
    """Add `smbot manifest slack` and `smbot manifest teams` to the command line."""
    manifest = typer.Typer(no_args_is_help=True, help="Make what a chat platform needs to install the bot.")
    manifest.command("slack")(_slack)
    manifest.command("teams")(manifest_teams.command)
    manifest.callback()(_manifest)
    app.add_typer(manifest, name="manifest")


def _manifest() -> None:
    """Make what a chat platform needs to install the bot."""


def _slack(
    language: Annotated[
        str, typer.Option(help="en or sv: Slack translates no command, so choose one.")
    ] = "en",
    url: Annotated[
        str | None, typer.Option(help="https://HOST for signed HTTP; left out: Socket Mode.")
    ] = None,
    with_history: Annotated[
        bool, typer.Option("--with-history", help="Let the bot recognise its own messages after a crash.")
    ] = False,
    with_files: Annotated[
        bool, typer.Option("--with-files", help="Let communications send the list of accounts as a file.")
    ] = False,
) -> None:
    """Print Slack's app manifest as YAML: paste it under "Create New App", "From a manifest"."""
    if language not in LANGUAGES:
        raise typer.BadParameter("en or sv", param_hint="--language")
    if url is not None and not url.startswith("https://"):
        raise typer.BadParameter("Slack takes https:// addresses only", param_hint="--url")
    typer.echo(as_yaml(slack_manifest(language, url, history=with_history, files=with_files)), nl=False)
