"""The documents say what the code does: tables, names, links and examples, held to the real thing."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from bot.commands import COMMANDS, SHORTCUTS
from bot.policy import PACKS, load
from bot.texts import Texts
from smbot.cli import app
from smbot.manifest import EVENTS, FILE_EVENTS, OPTIONAL, SCOPES, scope_reasons
from smbot.settings import Settings

TOP = Path(__file__).parents[2]
README, SLACK, OPERATIONS = TOP / "README.md", TOP / "docs/slack.md", TOP / "docs/operations.md"
PAGES = sorted([README, TOP / "CHANGELOG.md", *(TOP / "docs").rglob("*.md")])
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
PACKAGES = "adapters|benchmarks|bot|docs|scheduler|smbot|storage|tests"
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def section(page: Path, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.split(r"^#+ ", read(page), flags=re.MULTILINE)
    return next(part for part in found if part.startswith(heading))


def rows(text: str) -> list[tuple[str, ...]]:
    """The cells of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rules = [n for n, line in enumerate(lines) if set(line) <= set("|- ")]
    heads = {n - 1 for n in rules} | set(rules)
    cells = [re.split(r"(?<!\\)\|", line.strip("|")) for n, line in enumerate(lines) if n not in heads]
    return [tuple(cell.strip().strip("`") for cell in row) for row in cells]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", read(TOP / "Makefile"), re.MULTILINE))


# -- tables -------------------------------------------------------------------------------------


def test_the_readme_lists_each_command_with_its_alias_and_help() -> None:
    t = Texts("en")
    told = [(f"/{c.name}", f"/{c.alias}", t(f"command.{c.name}.help")) for c in COMMANDS]
    assert rows(section(README, "Commands")) == told
    assert all(f"*{t(f'shortcut.{name}')}*" in read(README) for name in SHORTCUTS)


def test_the_swedish_page_lists_each_command_as_slack_shows_it() -> None:
    t = Texts("sv")
    page = TOP / "docs/lathund.md"
    assert rows(section(page, "Kommandon")) == [
        (f"/{c.alias}", t(f"command.{c.name}.help")) for c in COMMANDS
    ]
    assert f"*{t('shortcut.log_question')}*" in read(page)


def test_the_swedish_page_names_buttons_as_the_cards_do() -> None:
    catalogue = "".join(read(po) for po in sorted((TOP / "bot/locale/sv").glob("*.po")))
    labels = re.findall(r"\*\*(.+?)\*\*", read(TOP / "docs/lathund.md"))
    prose = {"dagens bevakare", "ring 112 först", "Hem", "Allt lugnt på alla …"}
    assert [label for label in labels if label not in prose and f'msgstr "{label}"' not in catalogue] == []


def test_the_readme_lists_each_setting_in_its_own_words() -> None:
    told = [(name.upper(), field.description) for name, field in Settings.model_fields.items()]
    assert rows(section(README, "Settings")) == told


def test_the_slack_page_gives_each_scope_its_reason_in_the_manifests_order() -> None:
    told = rows(section(SLACK, "2. What it may do"))
    assert told == list(scope_reasons("en"))
    assert [scope for scope, _ in told] == [*SCOPES, *OPTIONAL]


def test_the_slack_page_names_each_event() -> None:
    assert [event for event in (*EVENTS, *FILE_EVENTS) if f"`{event}`" not in read(SLACK)] == []


def test_the_page_on_dependencies_gives_each_a_reason() -> None:
    project = tomllib.loads(read(TOP / "pyproject.toml"))["project"]
    declared = [re.split(r"[\[<>=]", line)[0] for line in project["dependencies"]]
    told = dict(rows(read(TOP / "docs/decisions/dependencies.md")))
    assert sorted(told) == sorted(declared)
    assert all(told.values())


def test_the_page_on_botbuilder_says_of_each_file_what_a_move_would_change() -> None:
    told = rows(section(TOP / "docs/decisions/0008-botbuilder-behind-a-seam.md", "0008"))
    named = {name for cell, *_ in told for name in re.findall(r"(\w+\.py)", cell)}
    assert named == {p.name for p in (TOP / "adapters/teams").glob("*.py")} - {"__init__.py"}


def test_the_page_on_teams_names_each_setting_of_it() -> None:
    ours = [name.upper() for name in Settings.model_fields if name.startswith(("microsoft_", "smbot_teams_"))]
    assert [name for name in ours if f"`{name}`" not in read(TOP / "docs/teams.md")] == []


def test_the_page_on_packs_says_of_each_whether_its_checklists_are_written() -> None:
    told = {name: all_of for name, _, all_of in rows(section(TOP / "docs/packs.md", "Guidelines as data"))}
    written = {True: "written", False: "not written yet"}
    wanted = {"new-account", "moderate", "close-account"}
    assert told == {name: written[wanted <= set(load(name).checklists)] for name in PACKS}


def test_the_page_on_packs_names_real_parameters() -> None:
    named = [name for name, _ in rows(section(TOP / "docs/packs.md", "What is in the file"))]
    assert named
    assert set(named) <= set(load("generic").parameters)


def test_the_page_on_operations_lists_each_metric() -> None:
    made = set(re.findall(r'"(smbot_\w+)"', read(TOP / "smbot/health.py")))
    told = {name.partition("{")[0] for name, *_ in rows(section(OPERATIONS, "Is it well?"))}
    assert {name for name in told if name.startswith("smbot_")} == made


def test_the_page_on_working_here_lists_each_make_target() -> None:
    told = {name.removeprefix("make ") for name, _ in rows(section(TOP / "docs/contributing.md", "Begin"))}
    assert told == targets() - {"help"}


def test_each_decision_stands_in_the_index() -> None:
    folder = TOP / "docs/decisions"
    linked = {target for _, _, target in LINK.findall(read(folder / "README.md"))}
    assert linked == {page.name for page in folder.glob("*.md")} - {"README.md"}


# -- names --------------------------------------------------------------------------------------


@each_page
def test_make_targets_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"(?:`|^ {4,})make ([a-z]+)", read(page), re.MULTILINE)
    assert set(named) <= targets()


@each_page
def test_commands_of_the_command_line_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"(?:`|\$ |bin/)smbot ([a-z]+)", read(page))
    assert set(named) <= set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@each_page
def test_commands_in_chat_that_are_named_exist(page: Path) -> None:
    known = {name for command in COMMANDS for name in (command.name, command.alias)}
    assert set(re.findall(r"/(sm-[a-z-]+)", read(page))) <= known


@each_page
def test_environment_variables_that_are_named_exist(page: Path) -> None:
    known = {name.upper() for name in Settings.model_fields}
    named = re.findall(r"\b(?:SMBOT|SLACK|MICROSOFT)_[A-Z_]+\b", read(page))
    assert {name.removesuffix("_FILE") for name in named} <= {n.removesuffix("_FILE") for n in known}


@each_page
def test_files_that_are_named_exist(page: Path) -> None:
    named = re.findall(rf"`((?:{PACKAGES})/[\w./-]*\w)/?`", read(page))
    coming = {"adapters/teams", "adapters/mail"}
    assert [name for name in named if name not in coming and not (TOP / name).exists()] == []


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = section(TOP / "docs/architecture.md", "The tree")
    assert [name for name in _drawn(drawn) if not list(TOP.glob(name))] == []


def _drawn(tree: str) -> Iterator[str]:
    """`bot/**/desk.py`: the folders and modules that a tree names, under the top folder that they stand in."""
    folder = ""
    for line in tree.splitlines():
        if top := re.match(r"([a-z]+)/(?: |$)", line):
            folder = top[1]
        if folder:
            yield from (f"{folder}/**/{name}" for name in re.findall(r"\b\w+\.py\b", line))
            yield from (f"{folder}/{name}" for name in re.findall(r"^  ([a-z]+)/", line))


# -- links and examples -------------------------------------------------------------------------


@each_page
def test_no_relative_link_is_dead(page: Path) -> None:
    links = [target for _, _, target in LINK.findall(read(page)) if "://" not in target]
    assert [link for link in links if not (page.parent / link.partition("#")[0]).exists()] == []


@each_page
def test_nothing_names_a_path_of_somebodys_machine(page: Path) -> None:
    assert re.findall(r"(?<![\w.])/(?:work|home|root|Users|tmp)/\S+", read(page)) == []


def test_each_picture_is_used_described_and_small() -> None:
    shown = {
        (README.parent / target).resolve(): alt for mark, alt, target in LINK.findall(read(README)) if mark
    }
    pictures = set((TOP / "docs/pictures").iterdir())
    assert pictures == set(shown)
    assert all(len(alt) > 40 for alt in shown.values())
    assert all(picture.stat().st_size < 200_000 for picture in pictures)


def examples() -> list[tuple[str, str]]:
    """What stands after `$ smbot` in an indented block, and what it is said to print."""
    blocks = re.compile(r"^ {4}\$ smbot (.+)\n((?: {4}(?!\$).*\n)+)", re.MULTILINE)
    found = (match for page in PAGES for match in blocks.findall(read(page)))
    return [(words, re.sub(r"^ {4}", "", out, flags=re.MULTILINE)) for words, out in found]


@pytest.mark.parametrize(("words", "printed"), examples(), ids=lambda value: value.split("\n")[0][:40])
def test_an_example_prints_what_the_page_says(words: str, printed: str) -> None:
    result = CliRunner().invoke(app, words.split())
    assert (result.exit_code, result.stdout) == (0, printed)
