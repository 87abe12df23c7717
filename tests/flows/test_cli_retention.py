"""`smbot retention` on both databases: the plan changes nothing, a decision is entered, a purge does what the plan said."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.retention import KINDS
from bot.texts import Texts
from smbot.cli import app
from smbot.doctor import of_retention
from storage.engine import connect, lock_file, sqlite_file
from storage.migrations import upgrade
from storage.store import Store
from tests.contract.samples import question

SV = Texts("sv")
LONG_AGO = datetime(2001, 7, 13, 12, tzinfo=UTC)


@pytest.fixture
def office(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with a question that was answered long ago."""
    monkeypatch.setenv("SMBOT_DATABASE_URL", database_url)
    monkeypatch.setenv("SMBOT_LANGUAGE", "sv")
    upgrade(database_url)
    asyncio.run(_ended(database_url))
    return database_url


async def _ended(url: str) -> None:
    store = Store(connect(url))
    async with store.write() as tx:
        await tx.add_case(replace(question(), opened_at=LONG_AGO, closed_at=LONG_AGO + timedelta(days=2)))
    await store.close()


def smbot(*words: str) -> Result:
    return CliRunner().invoke(app, ["retention", *words])


def test_a_plan_is_shown_a_decision_entered_and_what_may_go_is_destroyed(office: str) -> None:
    plan = smbot("plan")
    assert plan.exit_code == 0
    assert all(f"[{kind}]" in plan.output for kind in KINDS)
    assert "En är äldre än så och väntar på numret, från 13 juli 2001." in plan.output
    assert smbot("purge").output.strip() == SV("retention.none")
    said = smbot("decide", "questions", "LU 2026/77", "2026-09-01", "--days", "400")
    assert "efter 400 dagar enligt LU 2026/77" in said.output
    plan = smbot("plan").output
    assert "400 dagar, enligt LU 2026/77 (1 september 2026)." in plan
    assert "En skulle gallras nu, från 13 juli 2001." in plan
    assert smbot("plan").output == plan
    assert "en gallrad" in smbot("purge").output
    assert smbot("purge").output.strip() == SV("retention.none")


def test_what_is_no_kind_no_number_or_no_database_is_said_in_a_sentence(
    office: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unknown = smbot("decide", "allt", "1", "2026-09-01")
    assert (unknown.exit_code, "Välj ett av: checks, days" in unknown.stderr) == (1, True)
    assert "Utan nummer gallras inget" in smbot("decide", "checks", " ", "2026-09-01").stderr
    if file := sqlite_file(office):
        with lock_file(file):
            assert "Boten gallrar själv en gång i timmen" in smbot("purge").stderr
            assert smbot("plan").exit_code == 0
    monkeypatch.setenv("SMBOT_DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    assert smbot("plan").exit_code == 1
    assert not (tmp_path / "none.db").exists()


def test_the_doctor_says_what_waits_for_a_number_and_notes_what_is_only_undecided() -> None:
    (wrong,) = of_retention(("checks", "alarms"), KINDS, "sv")
    assert not wrong.note
    assert "dagens genomgångar och larm" in wrong.text(SV)
    (worth_knowing,) = of_retention((), KINDS[:3], "sv")
    assert worth_knowing.note
    assert list(of_retention((), (), "sv")) == []
