"""Teams' app package, from the table of commands: manifest 1.30, its words in two languages, icons. No chat SDK here."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from bot.commands import COMMANDS, SHORTCUTS
from bot.model import Language
from bot.texts import Texts

Json = dict[str, Any]
VERSION = "1.30"
SCHEMAS = f"https://developer.microsoft.com/json-schemas/teams/v{VERSION}/MicrosoftTeams"
SCOPES = ("personal", "team", "groupChat")
PACKAGE = "smbot-teams.zip"
PLACEHOLDER = "https://example.org/replace-me"
"""Where an address of the university should stand; the command says so for as long as it does."""
LONGEST_NAME = 32
TYPED_ONLY = ("sm-registrar", "sm-help")
"""Teams lists at most twelve commands: these work where they are written, and any other words give the help."""
OFFERED = tuple(command for command in COMMANDS if command.name not in TYPED_ONLY)


@dataclass(frozen=True, kw_only=True)
class Developer:
    """Who answers for the app: shown to whoever installs it."""

    name: str = "smbot"
    website: str = PLACEHOLDER
    privacy: str = PLACEHOLDER
    terms: str = PLACEHOLDER

    def placeholders(self) -> list[str]:
        return [name for name in ("website", "privacy", "terms") if getattr(self, name) == PLACEHOLDER]


def teams_manifest(app_id: str, developer: Developer, url: str | None = None) -> Json:
    """The manifest as Teams takes it, in English; `url` is the bot's own address (https://host)."""
    from smbot.icons import GROUND

    t = Texts("en")
    return {
        "$schema": f"{SCHEMAS}.schema.json",
        "manifestVersion": VERSION,
        "version": version("smbot"),
        "id": app_id,
        "developer": _developer(developer),
        "localizationInfo": {
            "defaultLanguageTag": "en",
            "defaultLanguageFile": "en.json",
            "additionalLanguages": [{"languageTag": "sv", "file": "sv.json"}],
        },
        "name": {"short": t("manifest.name"), "full": t("manifest.teams.name")},
        "description": {"short": t("manifest.about"), "full": t("manifest.story")},
        "icons": {"color": "colour.png", "outline": "outline.png"},
        "accentColor": GROUND,
        "bots": [_bot(t, app_id)],
        "composeExtensions": [{"botId": app_id, "commands": [_shortcut(t, name) for name in SHORTCUTS]}],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [host for host in [urlsplit(url or "").hostname] if host],
    }


def _developer(developer: Developer) -> Json:
    return {
        "name": developer.name,
        "websiteUrl": developer.website,
        "privacyUrl": developer.privacy,
        "termsOfUseUrl": developer.terms,
    }


def _bot(t: Texts, app_id: str) -> Json:
    """Its commands are suggestions for whoever mentions it, and slash commands in clients that have them."""
    commands = [
        {"title": command.name, "description": t(f"command.{command.name}.help")} for command in OFFERED
    ]
    return {
        "botId": app_id,
        "scopes": list(SCOPES),
        "supportsFiles": True,
        "isNotificationOnly": False,
        "supportsTargetedMessages": True,
        "commandLists": [
            {"triggers": ["mention", "slash"], "scopes": list(SCOPES), "commands": commands},
        ],
    }


def _shortcut(t: Texts, name: str) -> Json:
    """In the menu of a message, and as a slash command that opens the form at once."""
    return {
        "id": name,
        "type": "action",
        "triggers": ["slash"],
        "context": ["message"],
        "title": t(f"shortcut.{name}"),
        "description": t(f"shortcut.{name}.help"),
        "fetchTask": True,
    }


def words(language: Language) -> Json:
    """A file of localised words: what of the manifest is read by people, by the place where it stands."""
    t = Texts(language)
    return {
        "$schema": f"{SCHEMAS}.Localization.schema.json",
        "name.short": t("manifest.name"),
        "name.full": t("manifest.teams.name"),
        "description.short": t("manifest.about"),
        "description.full": t("manifest.story"),
        **dict(_command_words(t, language)),
        **dict(_shortcut_words(t)),
    }


def _command_words(t: Texts, language: Language) -> Iterator[tuple[str, str]]:
    for n, command in enumerate(OFFERED):
        at = f"bots[0].commandLists[0].commands[{n}]"
        yield f"{at}.title", command.alias if language == "sv" else command.name
        yield f"{at}.description", t(f"command.{command.name}.help")


def _shortcut_words(t: Texts) -> Iterator[tuple[str, str]]:
    for n, name in enumerate(SHORTCUTS):
        at = f"composeExtensions[0].commands[{n}]"
        yield f"{at}.title", t(f"shortcut.{name}")
        yield f"{at}.description", t(f"shortcut.{name}.help")


def package(app_id: str, developer: Developer, url: str | None = None) -> Mapping[str, bytes]:
    """The files of the package by name."""
    from smbot import icons

    return {
        "manifest.json": _as_json(teams_manifest(app_id, developer, url)),
        "en.json": _as_json(words("en")),
        "sv.json": _as_json(words("sv")),
        "colour.png": icons.colour(),
        "outline.png": icons.outline(),
    }


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    """Each file, and all of them in one zip; the same files give the same zip. Its path."""
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    folder.mkdir(parents=True, exist_ok=True)
    with ZipFile(folder / PACKAGE, "w", ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            (folder / name).write_bytes(data)
            zipped.writestr(ZipInfo(name), data, ZIP_DEFLATED)
    return folder / PACKAGE


def _as_json(thing: Json) -> bytes:
    return (json.dumps(thing, indent=2, ensure_ascii=False) + "\n").encode()


# -- the command --------------------------------------------------------------------------------


def command(
    out: Annotated[Path, typer.Option(help="Folder to write the package and its files to.")],
    app_id: Annotated[str, typer.Option(help="The app registration's id (default: MICROSOFT_APP_ID).")] = "",
    url: Annotated[
        str | None, typer.Option(help="https://HOST of the bot: its host becomes a valid domain.")
    ] = None,
    developer: Annotated[str, typer.Option(help="Who answers for the app: your office.")] = Developer.name,
    website: Annotated[str, typer.Option(help="Your page about the bot.")] = PLACEHOLDER,
    privacy: Annotated[str, typer.Option(help="Your page about personal data.")] = PLACEHOLDER,
    terms: Annotated[str, typer.Option(help="Your page with terms of use.")] = PLACEHOLDER,
) -> None:
    """Write Teams' app package: upload the zip in Teams' admin centre, or as a custom app."""
    told = Developer(name=developer, website=website, privacy=privacy, terms=terms)
    _check(told, url)
    path = write(package(_app_id(app_id), told, url), out)
    typer.echo(str(path))
    if told.placeholders():
        given = ", ".join(f"--{name}" for name in told.placeholders())
        typer.echo(f"Still {PLACEHOLDER}, until you give your own pages: {given}", err=True)


def _app_id(given: str) -> str:
    from smbot.settings import GUID, one

    found = given or one("MICROSOFT_APP_ID")
    if not GUID.fullmatch(found):
        raise typer.BadParameter("an id such as 11111111-2222-3333-4444-555555555555", param_hint="--app-id")
    return found.lower()


def _check(developer: Developer, url: str | None) -> None:
    addresses = {"url": url, **{name: getattr(developer, name) for name in ("website", "privacy", "terms")}}
    for name, address in addresses.items():
        if address is not None and not address.startswith("https://"):
            raise typer.BadParameter("Teams takes https:// addresses only", param_hint=f"--{name}")
    if not 0 < len(developer.name) <= LONGEST_NAME:
        raise typer.BadParameter(f"at most {LONGEST_NAME} characters", param_hint="--developer")
