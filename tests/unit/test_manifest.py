"""The manifest: what Slack takes, each command with its alias, each scope with its reason."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml
from jsonschema_rs import Draft7Validator
from typer.testing import CliRunner

from bot.commands import COMMANDS
from bot.model import Language
from bot.texts import LANGUAGES
from smbot.manifest import HISTORY, SCOPES, Json, as_yaml, register, scope_reasons, slack_manifest

TOP = Path(__file__).parents[2]
NAME = "slack-manifest.schema.2.0.0.json"
SCHEMA = next(
    (p for p in (TOP / "tests/schemas" / NAME, TOP.parent / "shared/schemas" / NAME) if p.exists()), None
)
"""Slack's own schema (github.com/slackapi/manifest-schema, MIT), which the project does not hold."""
URL = "https://bot.uni.example"


def run(*words: str) -> str:
    app = typer.Typer()
    register(app)
    result = CliRunner().invoke(app, ["manifest", *words])
    return result.stdout if result.exit_code == 0 else f"exit {result.exit_code}"


def faults(manifest: Json) -> list[str]:
    """What Slack's limits forbid, and what its schema says where that is at hand."""
    shown, features = manifest["display_information"], manifest["features"]
    sizes = [
        ("name", shown["name"], 1, 35),
        ("description", shown["description"], 1, 140),
        ("long_description", shown["long_description"], 175, 4000),
        ("display_name", features["bot_user"]["display_name"], 1, 80),
        *(("shortcut", s["name"], 1, 24) for s in features["shortcuts"]),
        *(("shortcut description", s["description"], 1, 150) for s in features["shortcuts"]),
        *(("command", c["command"], 2, 32) for c in features["slash_commands"]),
        *(("command description", c["description"], 1, 2000) for c in features["slash_commands"]),
        ("shortcuts", features["shortcuts"], 1, 10),
        ("commands", features["slash_commands"], 1, 50),
    ]
    found = [f"{what}: {len(value)}" for what, value, least, most in sizes if not least <= len(value) <= most]
    if SCHEMA is None:
        print(f"{NAME} was not found: the manifest is held against Slack's limits alone")
        return found
    schema = json.loads(SCHEMA.read_text("utf-8"))
    return found + [error.message for error in Draft7Validator(schema).iter_errors(manifest)]


@pytest.mark.parametrize("url", [None, URL])
@pytest.mark.parametrize("language", LANGUAGES)
def test_slack_takes_the_manifest(language: Language, url: str | None) -> None:
    assert faults(slack_manifest(language, url, history=True)) == []


def test_a_name_that_is_too_long_would_be_noticed() -> None:
    manifest = slack_manifest("en")
    manifest["features"]["shortcuts"][0]["name"] = "x" * 25
    assert faults(manifest)


def test_the_file_at_the_top_is_the_english_one_for_socket_mode() -> None:
    text = (TOP / "manifest.yml").read_text("utf-8")
    assert text == as_yaml(slack_manifest("en"))
    assert yaml.safe_load(text) == slack_manifest("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_command_has_its_alias_and_says_what_it_does(language: Language) -> None:
    commands = {c["command"]: c for c in slack_manifest(language)["features"]["slash_commands"]}
    assert list(commands) == [f"/{name}" for c in COMMANDS for name in (c.name, c.alias)]
    for name, command in commands.items():
        assert name.isascii()
        assert len(name) <= 32
        assert command["description"]
    assert {name for name, c in commands.items() if "usage_hint" in c} == {
        "/sm-accounts",
        "/sm-konton",
        "/sm-decisions",
        "/sm-beslut",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_scope_has_a_reason(language: Language) -> None:
    reasons = dict(scope_reasons(language))
    assert set(reasons) == {*SCOPES, *HISTORY}
    assert all(reasons.values())


def test_history_is_asked_for_only_when_it_is_wanted() -> None:
    assert slack_manifest("en")["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    assert yaml.safe_load(run("slack", "--with-history"))["oauth_config"]["scopes"]["bot"] == [
        *SCOPES,
        *HISTORY,
    ]


@pytest.mark.parametrize("given", [URL, f"{URL}/", f"{URL}/slack/events"])
def test_with_an_address_all_requests_go_there_and_socket_mode_is_off(given: str) -> None:
    manifest = yaml.safe_load(run("slack", "--language", "sv", "--url", given))
    assert manifest == slack_manifest("sv", given)
    settings = manifest["settings"]
    addresses = {c["url"] for c in manifest["features"]["slash_commands"]}
    addresses |= {settings["interactivity"]["request_url"], settings["event_subscriptions"]["request_url"]}
    assert addresses == {f"{URL}/slack/events"}
    assert settings["socket_mode_enabled"] is False


@pytest.mark.parametrize("words", [("--language", "de"), ("--url", "http://plain.example")])
def test_what_slack_would_refuse_is_refused_here(words: tuple[str, ...]) -> None:
    assert run("slack", *words) == "exit 2"


def test_making_it_imports_no_chat_sdk() -> None:
    code = "import sys, smbot.manifest as m; m.slack_manifest('sv'); print([n for n in sys.modules if 'slack_' in n])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TOP)
    assert found.stdout.strip() == "[]"
