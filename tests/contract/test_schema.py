"""What holds for the database itself: its address, its schema, and who may use its file."""

import asyncio
import multiprocessing
import sqlite3
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, event, func, select, text
from sqlmodel import SQLModel

from storage import tables
from storage.engine import InUse, address, connect, lock_file, sqlite_file
from storage.migrations import REVISIONS, Newer, _connected, configuration, schema_state, upgrade
from storage.store import Store
from tests.contract.samples import NOW, person


def test_an_empty_database_becomes_current_and_stays_so(database_url: str) -> None:
    assert schema_state(database_url) == "empty"
    upgrade(database_url)
    assert schema_state(database_url) == "current"
    upgrade(database_url)
    assert schema_state(database_url) == "current"


@pytest.mark.long
def test_each_revision_keeps_what_stood_in_the_one_before(database_url: str) -> None:
    script = ScriptDirectory.from_config(configuration())
    for revision in reversed(list(script.walk_revisions())):
        with _connected(database_url) as connection:
            before = fill(connection)
            command.upgrade(configuration(connection), revision.revision)
            assert {name: rows for name, rows in counts(connection).items() if name in before} == before
    assert schema_state(database_url) == "current"


def reflected(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    return found


def counts(connection: Connection) -> dict[str, int]:
    tables_there = reflected(connection).sorted_tables
    return {t.name: connection.scalar(select(func.count()).select_from(t)) for t in tables_there}


def fill(connection: Connection) -> dict[str, int]:
    """A row in each table that has none of ours yet; gives how many stand in each."""
    for table in reflected(connection).sorted_tables:
        if table.name != "alembic_version":
            values = {c.name: SAMPLES[c.type.python_type] for c in table.columns}
            key = [table.c[c.name] == values[c.name] for c in table.primary_key]
            if not connection.scalar(select(func.count()).select_from(table).where(*key)):
                connection.execute(table.insert().values(values))
    return {name: rows for name, rows in counts(connection).items() if name != "alembic_version"}


SAMPLES = {
    str: "x", int: 7, float: 7.5, bool: True, object: [], date: NOW.date(), time: NOW.time(), datetime: NOW.replace(tzinfo=None),
}  # fmt: skip


def test_looking_at_the_schema_makes_no_file(sqlite_url: str) -> None:
    assert schema_state(sqlite_url) == "empty"
    assert not sqlite_file(sqlite_url).exists()


def test_after_the_revisions_autogenerate_finds_no_difference(migrated_url: str) -> None:
    with _connected(migrated_url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.SQLModel.metadata) == []


def test_the_partial_indices_of_the_revisions_are_those_of_the_tables(migrated_url: str) -> None:
    """Autogenerate looks at their columns alone."""
    if migrated_url.startswith("postgres"):
        wanted = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        refresh = "DROP SCHEMA public CASCADE", "CREATE SCHEMA public"
    else:
        wanted = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        refresh = ()
    with _connected(migrated_url) as connection:
        migrated = {name: " ".join(sql.split()) for name, sql in connection.execute(text(wanted))}
        for statement in refresh:
            connection.execute(text(statement))
        if not refresh:
            for name in ("no_UPDATE", "no_DELETE"):
                connection.execute(text(f"DROP TRIGGER decisions_{name}"))
            SQLModel.metadata.drop_all(connection)
        SQLModel.metadata.create_all(connection)
        made = {name: " ".join(sql.split()) for name, sql in connection.execute(text(wanted))}
    migrated.pop("alembic_version_pkc", None)
    assert migrated == made


def test_a_schema_newer_than_the_program_is_refused(migrated_url: str) -> None:
    with _connected(migrated_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert schema_state(migrated_url) == "newer"
    with pytest.raises(Newer, match="newer smbot"):
        upgrade(migrated_url)


@pytest.mark.long
def test_processes_that_start_at_once_migrate_once(database_url: str) -> None:
    start = multiprocessing.get_context("spawn")
    processes = [start.Process(target=upgrade, args=(database_url,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert schema_state(database_url) == "current"


async def test_an_upgraded_database_is_ready_for_a_store(database_url: str) -> None:
    await asyncio.to_thread(upgrade, database_url)
    store = Store(connect(database_url))
    async with store.write() as tx:
        await tx.save_person(person())
    async with store.read() as tx:
        assert len((await tx.register()).people) == 1
    await store.close()


async def test_sqlite_writes_ahead_syncs_fully_and_keeps_foreign_keys(migrated_file: Path) -> None:
    engine = connect(f"sqlite:///{migrated_file}")
    async with engine.connect() as connection:
        found = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    await engine.dispose()
    assert found == ["wal", 2, 1, 2000]


@pytest.mark.parametrize("more", [{}, {"account": "bio"}, {"place": "C1"}], ids=["kind", "account", "place"])
async def test_on_sqlite_open_cases_are_found_without_reading_a_closed_one(
    migrated_sqlite: str, more: dict[str, str]
) -> None:
    """A heartbeat asks for them each minute, and closed ones grow for years."""
    engine = connect(migrated_sqlite)
    asked: list[tuple[str, tuple[str, ...]]] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    async with Store(engine).read() as tx:
        await tx.open_cases("question", **more)
    await engine.dispose()
    with closing(sqlite3.connect(sqlite_file(migrated_sqlite) or "")) as connection:
        statement, values = asked[-1]
        (way, *_) = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
    assert way[3].startswith("SEARCH cases USING INDEX cases_open (kind=?")


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("sqlite+pysqlite:////a/b.db", "sqlite+aiosqlite:////a/b.db"),
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d?sslmode=require", "postgresql+psycopg://u@h/d?sslmode=require"),
        ("postgresql+asyncpg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg2://u@h/d", "postgresql+psycopg://u@h/d"),
    ],
)
def test_a_database_is_named_with_or_without_a_driver(given: str, used: str) -> None:
    assert str(address(given)) == used


@pytest.mark.parametrize("given", ["mysql://u@h/d", "sqlite://", "sqlite:///:memory:"])
def test_another_kind_of_database_is_refused_with_a_sentence(given: str) -> None:
    with pytest.raises(ValueError, match="SMBOT_DATABASE_URL"):
        connect(given)


def test_a_sqlite_file_serves_one_process_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "smbot.db"
    with lock_file(path), pytest.raises(InUse, match="Another smbot"), lock_file(path):
        pass
    with lock_file(path):
        assert not path.exists()


def test_the_files_of_the_revisions_are_named_by_their_numbers_in_order() -> None:
    script = ScriptDirectory.from_config(configuration())
    chain = [revision.revision for revision in script.walk_revisions()]
    assert chain[::-1] == REVISIONS
