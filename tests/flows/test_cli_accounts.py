"""`smbot accounts` on both databases: template, dry run, import, export, start; faults in a sentence and nothing half done."""

import asyncio
import re
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from bot.importing.sheet import read
from bot.model import Identity, Person, PersonId, Place
from bot.texts import Texts
from smbot.cli import app
from storage.engine import connect, lock_file, sqlite_file
from storage.migrations import upgrade
from storage.store import Store
from tests import spread
from tests.register_table import ACCOUNTS, DOUBLES, mixed, rows, table
from tests.workbooks import workbook

SV = Texts("sv")


@pytest.fixture
def office(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An office with three people and two channels, and an empty register."""
    monkeypatch.setenv("SMBOT_DATABASE_URL", database_url)
    monkeypatch.setenv("SMBOT_LANGUAGE", "sv")
    upgrade(database_url)
    asyncio.run(_in(database_url, _fill, writes=True))
    return database_url


async def _in(url: str, act, *, writes: bool = False):
    store = Store(connect(url))
    async with store.write() if writes else store.read() as tx:
        found = await act(tx)
    await store.close()
    return found


async def _fill(tx) -> None:
    for ident in ("anna", "bo", "karin", "heidi"):
        await tx.save_person(Person(id=PersonId(ident), name=ident, email=f"{ident}@example.se"))
        await tx.save_identity(Identity(platform="slack", realm="T1", user=ident, person=PersonId(ident)))
    await tx.save_person(Person(id=PersonId("borta"), name="borta", email="borta@example.se", active=False))
    for name in ("biologi", "kemi"):
        await tx.save_place(
            Place(id=f"slack:T1:{name}", platform="slack", realm="T1", channel=name, name=name)
        )
    await tx.save_role("communications", [PersonId("karin")], None)


def register(url: str):
    return asyncio.run(_in(url, lambda tx: tx.register()))


def messages(url: str) -> int:
    return asyncio.run(_in(url, lambda tx: tx.waiting()))


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["accounts", *words])


def digest(result: Result) -> str:
    return re.search(r"--apply (\w+)", result.stdout)[1]


def saved(folder: Path, raw: bytes, name: str = "register.csv") -> str:
    (folder / name).write_bytes(raw)
    return str(folder / name)


def test_140_rows_are_in_and_the_first_channel_started_by_six_commands_and_nothing_is_said_before(
    office, tmp_path
):
    file = saved(tmp_path, mixed(table().splitlines()))
    dry = run("import", file)
    assert dry.exit_code == 0, dry.output
    assert SV("import.note.double") in dry.stdout
    assert "Rad 15, Kontoansvarig: borta@example.se" in dry.stdout
    assert register(office).accounts == {}

    book = run("import", saved(tmp_path, workbook(rows()), "register.xlsx"))
    assert digest(book) == digest(dry), "a workbook would do what the CSV does that it is saved as"
    done = run("import", file, "--apply", digest(dry))
    assert done.exit_code == 0, done.output
    assert len(register(office).accounts) == ACCOUNTS - DOUBLES
    assert {a.state for a in register(office).accounts.values()} == {"imported"}
    assert "#biologi" in run("channels").stdout
    assert messages(office) == 0
    assert asyncio.run(_in(office, lambda tx: tx.open_cases())) == []

    started = run("start", "#biologi")
    assert started.exit_code == 0, started.output
    [case] = asyncio.run(_in(office, lambda tx: tx.open_cases("start")))
    assert (case.place, len(case.lines), case.by) == ("slack:T1:biologi", len(case.open_lines), None)
    assert run("start", "biologi").exit_code == 1
    assert "#biologi" not in run("channels").stdout


def test_an_export_into_a_file_imported_again_changes_nothing(office, tmp_path):
    file = saved(tmp_path, table(",").encode("cp1252"))
    run("import", file, "--apply", digest(run("import", file)))
    before = register(office).accounts
    out = tmp_path / "out.csv"
    assert run("export", str(out)).exit_code == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    again = run("import", str(out))
    assert SV("import.nothing_new") in again.stdout
    assert "--apply" not in again.stdout
    assert register(office).accounts == before
    refused = run("export", str(out))
    assert (refused.exit_code, refused.stderr.strip()) == (1, SV("import.exists", path=out))


def test_without_a_file_an_export_goes_to_standard_output(office):
    assert run("export").stdout_bytes.decode("utf-8-sig").startswith("Plattform;Namn;Adress")


def test_what_was_not_shown_is_not_done_and_twice_is_once(office, tmp_path):
    file = saved(tmp_path, table().encode())
    word = digest(run("import", file))
    assert run("import", file, "--apply", "0000000000").exit_code == 1
    assert register(office).accounts == {}
    saved(tmp_path, table().replace("konto7", "konto7b").encode())
    changed = run("import", file, "--apply", word)
    assert (changed.exit_code, changed.stderr.strip()) == (1, SV("import.changed"))
    assert register(office).accounts == {}
    word = digest(run("import", file))
    assert run("import", file, "--apply", word).exit_code == 0
    assert run("import", file, "--apply", word).exit_code == 1
    assert len(register(office).accounts) == ACCOUNTS - DOUBLES


@pytest.mark.parametrize(
    ("raw", "key"),
    spread.first([
        (b"PK\x03\x04" + b"\0" * 50, "import.workbook"), (b"", "import.empty"), (b"hej;du\n", "import.no_headings"),
        (b"Namn\n", "import.no_rows"), (b"%PDF-1.4", "import.binary"),
    ]),
)  # fmt: skip
def test_a_file_that_is_no_table_is_answered_with_what_to_do(office, tmp_path, raw, key):
    result = run("import", saved(tmp_path, raw))
    assert (result.exit_code, result.stderr.strip()) == (1, SV(key))


def test_a_file_that_is_not_there_is_named(office, tmp_path):
    missing = tmp_path / "saknas.csv"
    result = run("import", str(missing))
    assert (result.exit_code, result.stderr.strip()) == (1, SV("import.no_file", path=missing))


@pytest.mark.long
def test_five_thousand_rows_go_in(office, tmp_path):
    made = "".join(
        f"Instagram;konto{n};instagram.com/konto{n};Biologi;anna@example.se\n" for n in range(5_000)
    )
    file = saved(tmp_path, ("Plattform;Namn;Adress;Enhet;Ansvarig\n" + made).encode())
    assert run("import", file, "--apply", digest(run("import", file))).exit_code == 0
    assert len(register(office).accounts) == 5_000


@pytest.mark.parametrize(("language", "first"), [("sv", "Plattform;Namn"), ("en", "Platform;Name")])
def test_the_template_opens_in_excel_and_needs_no_database(tmp_path, monkeypatch, language, first):
    monkeypatch.setenv("SMBOT_LANGUAGE", language)
    monkeypatch.setenv("SMBOT_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    out = tmp_path / "mall.csv"
    assert run("template", str(out)).exit_code == 0
    text = out.read_bytes().decode("utf-8-sig")
    assert text.startswith(first)
    assert text.endswith("\r\n")
    assert read(text + "Instagram;@x\r\n").unknown == ()


def test_while_the_bot_holds_a_sqlite_file_it_says_what_to_do_instead(sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setenv("SMBOT_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("SMBOT_LANGUAGE", "sv")
    upgrade(sqlite_url)
    path = sqlite_file(sqlite_url)
    with lock_file(path):
        result = run("import", saved(tmp_path, table().encode()))
    assert (result.exit_code, result.stderr.strip()) == (1, SV("import.in_use", path=path))


def test_on_postgresql_it_works_while_others_use_the_database(postgres_database, tmp_path, monkeypatch):
    monkeypatch.setenv("SMBOT_DATABASE_URL", postgres_database)
    monkeypatch.setenv("SMBOT_LANGUAGE", "sv")
    upgrade(postgres_database)
    file = saved(tmp_path, table().encode())
    with psycopg.connect(postgres_database) as bot:
        bot.execute("SELECT count(*) FROM accounts").fetchone()
        assert run("import", file, "--apply", digest(run("import", file))).exit_code == 0
