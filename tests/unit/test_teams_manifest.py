"""Teams' app package: what Teams takes, every command and shortcut in it, in both languages, with icons as asked."""

import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from zipfile import ZipFile

import pytest
import typer
from jsonschema_rs import Draft4Validator
from typer.testing import CliRunner

from bot.commands import COMMANDS, SHORTCUTS, spoken
from bot.texts import LANGUAGES, Texts
from smbot.manifest import register
from smbot.manifest_teams import OFFERED, PACKAGE, TYPED_ONLY, Developer, Json, package, teams_manifest, words

TOP = Path(__file__).parents[2]
NAME = "teams-manifest.schema.1.30.json"
SCHEMA = next(
    (p for p in (TOP / "tests/schemas" / NAME, TOP.parent / "shared/schemas" / NAME) if p.exists()), None
)
"""Microsoft's own schema (github.com/microsoft/json-schemas, MIT), which the project does not hold."""
APP, URL = "11111111-2222-3333-4444-555555555555", "https://bot.uni.example"
OURS = Developer(name="Communications", website=URL, privacy=f"{URL}/personal-data", terms=f"{URL}/terms")
LIMITS = {
    "name.short": 30,
    "name.full": 100,
    "description.short": 80,
    "description.full": 4000,
    "bots[0].commandLists[0].commands[].title": 128,
    "bots[0].commandLists[0].commands[].description": 4000,
    "composeExtensions[0].commands[].title": 32,
    "composeExtensions[0].commands[].description": 128,
}
"""The longest that Teams shows, by where it stands in a file of localised words; all of it must be there."""


def run(*given: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    app = typer.Typer()
    register(app)
    result = CliRunner().invoke(
        app,
        ["manifest", "teams", *given],
        env={"MICROSOFT_APP_ID": None, "MICROSOFT_APP_ID_FILE": None, **(env or {})},
    )
    return result.exit_code, result.output


def faults(manifest: Json) -> list[str]:
    """What the schema says where it is at hand, and what it cannot say."""
    sizes = {
        f"{part}.{size}": text for part in ("name", "description") for size, text in manifest[part].items()
    }
    found = [where for where, text in sizes.items() if not 0 < len(text) <= LIMITS[where]]
    if SCHEMA is None:
        print(f"{NAME} was not found: the manifest is held against our own rules alone")
        return found
    schema = json.loads(SCHEMA.read_text("utf-8"))
    return found + [error.message for error in Draft4Validator(schema).iter_errors(manifest)]


def places(key: str) -> str:
    """A key of localised words without the numbers of commands."""
    head, _, tail = key.rpartition("commands[")
    return f"{head}commands[]{tail.partition(']')[2]}" if head else key


def pixels(png: bytes) -> list[list[tuple[int, ...]]]:
    """The pixels of a PNG of eight bits each of red, green, blue and alpha, without filters: read apart from the writer."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, *kind = struct.unpack(">IIBBBBB", png[16:29])
    assert kind == [8, 6, 0, 0, 0]
    at = png.index(b"IDAT")
    length = struct.unpack(">I", png[at - 4 : at])[0]
    body = zlib.decompress(png[at + 4 : at + 4 + length])
    assert struct.unpack(">I", png[at + 4 + length : at + 8 + length])[0] == zlib.crc32(
        png[at : at + 4 + length]
    )
    step = 1 + width * 4
    rows = [body[n * step : (n + 1) * step] for n in range(height)]
    assert {row[0] for row in rows} == {0}
    return [[tuple(row[1 + 4 * x : 5 + 4 * x]) for x in range(width)] for row in rows]


@pytest.mark.parametrize("url", [None, URL])
@pytest.mark.parametrize("developer", [Developer(), OURS])
def test_teams_takes_the_manifest(developer: Developer, url: str | None) -> None:
    assert faults(teams_manifest(APP, developer, url)) == []


def test_a_name_that_is_too_long_would_be_noticed() -> None:
    manifest = teams_manifest(APP, OURS)
    manifest["name"]["short"] = "x" * 31
    assert faults(manifest)


def test_as_many_commands_as_teams_takes_are_offered_where_the_bot_is_mentioned_and_as_slash_commands() -> (
    None
):
    (bot,) = teams_manifest(APP, OURS)["bots"]
    (offered,) = bot["commandLists"]
    assert bot["botId"] == APP
    assert set(bot["scopes"]) == set(offered["scopes"]) == {"personal", "team", "groupChat"}
    assert bot["supportsTargetedMessages"] is True
    assert offered["triggers"] == ["mention", "slash"]
    left = set(TYPED_ONLY)
    assert left < {command.name for command in COMMANDS}
    assert [command["title"] for command in offered["commands"]] == [
        c.name for c in COMMANDS if c.name not in left
    ]
    assert len(offered["commands"]) == 12


def test_the_guide_names_the_commands_that_are_only_typed() -> None:
    guide = (TOP / "docs/teams.md").read_text(encoding="utf-8")
    (line,) = [line for line in guide.splitlines() if line.startswith("| commands |")]
    assert [name for name in TYPED_ONLY if f"`{name}`" not in line] == []


def test_every_shortcut_opens_a_form_on_a_message() -> None:
    (extension,) = teams_manifest(APP, OURS)["composeExtensions"]
    assert [command["id"] for command in extension["commands"]] == list(SHORTCUTS)
    for command in extension["commands"]:
        assert (command["type"], command["context"], command["fetchTask"]) == ("action", ["message"], True)


def test_nothing_is_asked_for_that_would_let_the_bot_read_messages() -> None:
    text = json.dumps(teams_manifest(APP, OURS, URL))
    assert not any(word in text for word in ("authorization", "webApplicationInfo", "resourceSpecific"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_word_is_there_in_both_languages_and_not_too_long(language: str) -> None:
    told = words(language)  # type: ignore[arg-type]
    del told["$schema"]
    assert {places(key) for key in told} == set(LIMITS)
    assert {key: text for key, text in told.items() if not 0 < len(text) <= LIMITS[places(key)]} == {}


def test_the_english_words_are_those_of_the_manifest() -> None:
    manifest, told = teams_manifest(APP, OURS), words("en")
    assert manifest["name"]["short"] == told["name.short"]
    assert manifest["description"]["full"] == told["description.full"]
    for n, command in enumerate(manifest["bots"][0]["commandLists"][0]["commands"]):
        assert command["title"] == told[f"bots[0].commandLists[0].commands[{n}].title"]
    for n, command in enumerate(manifest["composeExtensions"][0]["commands"]):
        assert command["title"] == told[f"composeExtensions[0].commands[{n}].title"]


def test_swedish_clients_see_the_swedish_names() -> None:
    told = words("sv")
    for n, command in enumerate(OFFERED):
        assert told[f"bots[0].commandLists[0].commands[{n}].title"] == command.alias
    assert told["composeExtensions[0].commands[0].title"] == Texts("sv")(f"shortcut.{SHORTCUTS[0]}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_client_sends_for_a_chosen_command_is_understood(language: str) -> None:
    told = words(language)  # type: ignore[arg-type]
    titles = [told[f"bots[0].commandLists[0].commands[{n}].title"] for n in range(len(OFFERED))]
    assert [spoken(title) for title in titles] == [(command.name, "") for command in OFFERED]


def test_the_colour_icon_is_192_pixels_square_and_solid_with_its_sign_in_the_middle() -> None:
    rows = pixels(package(APP, OURS)["colour.png"])
    assert (len(rows), {len(row) for row in rows}) == (192, {192})
    assert {pixel[3] for row in rows for pixel in row} == {255}
    white = [(x, y) for y, row in enumerate(rows) for x, p in enumerate(row) if p[:3] == (255, 255, 255)]
    assert white
    assert all(48 <= part < 144 for point in white for part in point)


def test_the_outline_icon_is_32_pixels_square_and_white_on_nothing() -> None:
    rows = pixels(package(APP, OURS)["outline.png"])
    assert (len(rows), {len(row) for row in rows}) == (32, {32})
    assert {pixel[:3] for row in rows for pixel in row} == {(255, 255, 255)}
    seen = [pixel[3] for row in rows for pixel in row]
    assert 0.05 < sum(alpha == 255 for alpha in seen) / len(seen) < 0.5
    assert seen.count(0) > len(seen) / 2


def test_the_package_is_one_zip_with_all_it_names_at_its_top(tmp_path: Path) -> None:
    code, said = run("--out", str(tmp_path), "--app-id", APP, "--url", URL)
    assert code == 0
    with ZipFile(tmp_path / PACKAGE) as zipped:
        assert zipped.testzip() is None
        manifest = json.loads(zipped.read("manifest.json"))
        assert manifest == teams_manifest(APP, Developer(), URL)
        named = {*manifest["icons"].values(), manifest["localizationInfo"]["defaultLanguageFile"]}
        named |= {each["file"] for each in manifest["localizationInfo"]["additionalLanguages"]}
        assert set(zipped.namelist()) == {"manifest.json"} | named
    assert manifest["validDomains"] == ["bot.uni.example"]
    assert all(f"--{name}" in said for name in ("website", "privacy", "terms"))


def test_the_same_words_make_the_same_package(tmp_path: Path) -> None:
    pages = ("--website", URL, "--privacy", URL, "--terms", URL, "--developer", "Office")
    for folder in ("one", "two"):
        code, said = run("--out", str(tmp_path / folder), *pages, env={"MICROSOFT_APP_ID": APP.upper()})
        assert (code, said.split()) == (0, [str(tmp_path / folder / PACKAGE)])
    one, two = (tmp_path / folder / PACKAGE for folder in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_the_id_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "id").write_text(f"{APP}\n", encoding="ascii")
    code, _ = run("--out", str(tmp_path), env={"MICROSOFT_APP_ID_FILE": str(tmp_path / "id")})
    assert code == 0
    assert json.loads((tmp_path / "manifest.json").read_text("utf-8"))["id"] == APP


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--app-id", "smbot"),
        ("--app-id", APP, "--url", "http://plain.example"),
        ("--app-id", APP, "--privacy", "http://plain.example"),
        ("--app-id", APP, "--developer", "x" * 33),
    ],
)
def test_what_teams_would_refuse_is_refused_here(wrong: tuple[str, ...], tmp_path: Path) -> None:
    assert run("--out", str(tmp_path / "new"), *wrong)[0] == 2
    assert not (tmp_path / "new").exists()


def test_making_it_imports_no_chat_sdk() -> None:
    code = (
        "import sys; from smbot.manifest_teams import *; package('x', Developer());"
        "print([n for n in sys.modules if n.partition('.')[0] in ('botbuilder', 'botframework', 'aiohttp')])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TOP)
    assert found.stdout.strip() == "[]"
