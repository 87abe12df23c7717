"""The page on data protection names each table and column, and each kind with its time; the page for IT security the rest."""

import re
from pathlib import Path

from bot.retention import DEFAULTS
from bot.texts import Texts
from smbot.manifest import scope_reasons
from storage import tables
from storage.rows import table_of

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGE = (DOCS / "dataskydd.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.MULTILINE)


def described() -> dict[str, list[str]]:
    part = PAGE.split("## Varje tabell och kolumn")[1].split("\n## ")[0]
    sections = part.split("\n### `")[1:]
    return {section.split("`")[0]: [name for name, _ in ROW.findall(section)] for section in sections}


def test_each_column_of_each_table_stands_in_the_page_on_data_protection_and_no_other() -> None:
    real = {table_of(m).name: [c.name for c in table_of(m).columns] for m in tables.SQLModel.__subclasses__()}
    assert described() == real


def test_each_column_says_whose_it_is_why_it_is_kept_and_how_long() -> None:
    part = PAGE.split("## Varje tabell och kolumn")[1].split("\n## ")[0]
    for name, rest in ROW.findall(part):
        cells = [cell.strip() for cell in rest.split(" | ")]
        assert len(cells) == 3, name
        assert cells[0] in ("M", "A", "M, A", "–"), name
        assert all(cells), name


def test_the_page_proposes_the_times_that_the_program_has() -> None:
    part = PAGE.split("## Hur länge")[1].split("\n### ")[0]
    told = {name: cells.split(" | ")[-1] for name, cells in ROW.findall(part)}
    assert told == {
        kind: f"{rule.days} dagar" if rule.days % 365 else f"{rule.days // 365} år"
        for kind, rule in DEFAULTS.items()
    }


def test_the_page_says_what_stands_where_something_was_destroyed() -> None:
    assert Texts("sv")("retention.gone", number="NR") in PAGE


def test_the_page_for_it_security_names_each_right_that_slack_is_asked_for() -> None:
    page = (DOCS / "it-sakerhet.md").read_text(encoding="utf-8")
    assert [scope for scope, _ in scope_reasons("sv") if f"`{scope}`" not in page] == []
