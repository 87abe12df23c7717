"""`smbot records verify` on both databases: one line, exit code 0 or 1, nothing changed."""

import asyncio
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from smbot.cli_records import register
from storage.engine import connect
from storage.store import Store
from tests.contract.test_decisions import decide
from tests.contract.test_verify import damage, verified, without


def run(monkeypatch: pytest.MonkeyPatch, url: str, language: str = "en") -> Result:
    monkeypatch.setenv("SMBOT_DATABASE_URL", url)
    monkeypatch.setenv("SMBOT_LANGUAGE", language)
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, ["records", "verify"])


def chain(url: str, many: int) -> str:
    """So many decisions; gives the checksum of the last."""

    async def fill() -> str:
        store = Store(connect(url))
        for _ in range(many):
            await decide(store)
        last = (await verified(store)).last
        await store.close()
        return last

    return asyncio.run(fill())


def test_a_chain_that_holds_is_said_in_one_line_with_what_its_end_can_be_known_by(
    monkeypatch: pytest.MonkeyPatch, migrated_url: str
) -> None:
    last = chain(migrated_url, 3)
    done = run(monkeypatch, migrated_url)
    assert done.exit_code == 0
    assert done.stdout == f"All is as it was written, no. 1 to no. 3. The last one has the checksum {last}.\n"
    assert len(last) == 16


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (without(2), "Nr 2 saknas."),
        (("UPDATE decisions SET body = replace(body, 'N', 'M') WHERE number = 2",), "Nr 2 är inte som det skrevs."),
        (("UPDATE decision_values SET value = 'Bo' WHERE number = 3 AND name = 'approver'",), "nr 3 (approver)"),
        (("DELETE FROM decision_tags WHERE number = 1",), "sökningen"),
    ],
    ids=["missing", "changed", "value", "findings"],
)  # fmt: skip
def test_the_first_that_does_not_hold_is_named_in_the_set_language(
    monkeypatch: pytest.MonkeyPatch, migrated_url: str, statements: tuple[str, ...], said: str
) -> None:
    chain(migrated_url, 3)
    asyncio.run(damage(migrated_url, *statements))
    done = run(monkeypatch, migrated_url, "sv")
    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_no_decisions_are_no_fault(monkeypatch: pytest.MonkeyPatch, migrated_url: str) -> None:
    done = run(monkeypatch, migrated_url)
    assert (done.exit_code, done.stdout) == (0, "There are no decisions or measures yet.\n")


def test_no_database_is_made_where_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = run(monkeypatch, f"sqlite:///{tmp_path}/sub/none.db")
    assert done.exit_code == 1
    assert "smbot db upgrade" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_is_said_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "odd.db").write_bytes(b"not a database" * 100)
    done = run(monkeypatch, f"sqlite:///{tmp_path}/odd.db")
    assert done.exit_code == 1
    assert "cannot be read (DatabaseError)" in done.stderr
