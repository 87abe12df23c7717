"""`smbot backup` and `smbot restore` on both databases and across them: all of it comes back, or nothing is done."""

import asyncio
import fcntl
import gzip
import resource
import secrets
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner, Result

from bot.outgoing import RESTORED
from smbot.cli import app
from storage.backup import BadBackup, check, dump, lines_of
from storage.backup_file import PART, keep
from storage.engine import connect, lock_file, sqlite_file
from storage.migrations import REVISIONS, NotEmpty, _connected, configuration, schema_state
from storage.restore import restore
from storage.store import Store
from storage.verify import verify
from tests.contract.samples import LEASE, NOW, account, message, person, question, row
from tests.contract.test_decisions import decide, run_sql
from tests.contract.test_schema import counts, fill


async def live(url: str) -> None:
    """Some of everything: each table has a row, and three decisions are on record."""
    store = Store(connect(url))
    for _ in range(3):
        await decide(store)
    async with store.write() as tx:
        await tx.save_person(replace(person(), name="Åsa 'O\"Ek\n"))
        await tx.save_account(account("a2", stamp=None, address=""))
        await tx.enqueue([row(f"k{n}") for n in range(7)])
        await tx.add_case(question())
        await tx.add_message(message())
    await store.close()


@pytest.fixture
def lived_in(migrated_url: str) -> str:
    asyncio.run(live(migrated_url))
    return migrated_url


@pytest.fixture
def lived_in_file(migrated_sqlite: str) -> str:
    asyncio.run(live(migrated_sqlite))
    return migrated_sqlite


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def empty(request: pytest.FixtureRequest) -> str:
    """An empty database to restore into, of each kind."""
    return str(request.getfixturevalue(f"{request.param}_back"))


@pytest.fixture
def sqlite_back(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'back.db'}"


@pytest.fixture
def postgres_back(postgres_database: str) -> str:
    return postgres_database


def backed_up(url: str, path: Path) -> Path:
    with path.open("wb") as out:
        asyncio.run(dump(url, out, NOW))
    return path


def said(path: Path) -> list[object]:
    return [line for _, line in lines_of(path)]


def test_all_comes_back_into_either_database_and_goes_on_from_there(
    lived_in: str, empty: str, tmp_path: Path
) -> None:
    before = backed_up(lived_in, tmp_path / "before")
    put = restore(empty, before, moved=True)
    assert (put.made, put.rows, schema_state(empty)) == (NOW, len(rows_of(before)), "current")
    assert rows_of(backed_up(empty, tmp_path / "after")) == rows_of(before)
    asyncio.run(goes_on(empty))


def rows_of(path: Path) -> list[object]:
    return [line for line in said(path) if isinstance(line, list)]


async def goes_on(url: str) -> None:
    """Decisions hold, are never changed, and are numbered on; so are rows and messages."""
    store = Store(connect(url))
    async with store.read() as tx:
        assert (await verify(tx)).count == 3
    for statement in ("UPDATE decisions SET kind = 'x'", "DELETE FROM decisions WHERE number = 3"):
        with pytest.raises(DBAPIError, match="never changed"):
            await run_sql(url, statement)
    assert await decide(store) == 4
    async with store.write() as tx:
        await tx.enqueue([row("next")])
        await tx.add_message(message(ref="2.2"))
        claim = await tx.claim("one", NOW, LEASE, LEASE, chats=("slack",))
        assert [r.number for r in claim.rows] == [*range(1, 9)]
        assert [m.id for m in await tx.messages_of("q1")] == [1, 2]
        assert (await tx.register()).accounts["a2"].stamp is None
    await store.close()


def test_a_backup_of_an_older_smbot_is_brought_to_this_programs_schema(tmp_path: Path) -> None:
    old, new = f"sqlite:///{tmp_path}/old.db", f"sqlite:///{tmp_path}/new.db"
    with _connected(old) as connection:
        command.upgrade(configuration(connection), REVISIONS[0])
        before = fill(connection)
    restore(new, backed_up(old, tmp_path / "b"))
    assert schema_state(new) == "current"
    with _connected(new) as connection:
        after = counts(connection) | {"facts": before["facts"]}
        assert {name: rows for name, rows in after.items() if name in before} == before


@pytest.mark.long
def test_a_backup_shows_one_moment_while_others_write(
    migrated_url: str, sqlite_back: str, tmp_path: Path
) -> None:
    async def both() -> None:
        store = Store(connect(migrated_url))
        for _ in range(20):
            await decide(store)
        with (tmp_path / "b").open("wb") as out:
            done, _ = await asyncio.gather(dump(migrated_url, out, NOW), more(store))
        await store.close()
        assert done.verified.bad is None
        assert 20 <= done.verified.count <= 30

    asyncio.run(both())
    restore(sqlite_back, tmp_path / "b")
    asyncio.run(whole(sqlite_back))


async def more(store: Store) -> None:
    for _ in range(10):
        await decide(store)


async def whole(url: str) -> None:
    store = Store(connect(url))
    async with store.read() as tx:
        assert (await verify(tx)).bad is None
        assert await tx.fact(RESTORED)
    await store.close()


# -- nothing half -------------------------------------------------------------------------------


def test_a_database_that_holds_anything_is_left_as_it_is(lived_in: str, tmp_path: Path) -> None:
    path = backed_up(lived_in, tmp_path / "b")
    with pytest.raises(NotEmpty):
        restore(lived_in, path)
    assert rows_of(backed_up(lived_in, tmp_path / "again")) == rows_of(path)


def packed(*lines: str) -> bytes:
    # Without the time of the packing: the bytes name the test, and two workers may collect in different seconds.
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


HEAD = '{"kind":"smbot backup","format":%d,"schema":"%s","made":"2026-03-02T08:00:00+00:00"}'


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b"", "restore.no_backup"),
        (b"SQLite format 3\0", "restore.no_backup"),
        (packed("[1, 2]"), "restore.no_backup"),
        (packed("not JSON"), "restore.no_backup"),
        (packed(HEAD % (2, REVISIONS[-1])), "restore.newer"),
        (packed(HEAD % (1, "9999")), "restore.newer"),
        (packed(HEAD % (1, REVISIONS[-1])), "restore.damaged"),
        (packed(HEAD % (1, REVISIONS[-1]), '{"end":0,"sha256":"00"}'), "restore.damaged"),
    ],
)
def test_what_is_no_backup_of_ours_is_refused_in_its_own_words(tmp_path: Path, raw: bytes, key: str) -> None:
    (tmp_path / "b").write_bytes(raw)
    with pytest.raises(BadBackup) as bad:
        restore(f"sqlite:///{tmp_path}/new.db", tmp_path / "b")
    assert bad.value.key == key
    assert not (tmp_path / "new.db").exists()


def test_a_backup_cut_off_or_changed_anywhere_is_never_used(migrated_sqlite: str, tmp_path: Path) -> None:
    asyncio.run(live(migrated_sqlite))
    raw = backed_up(migrated_sqlite, tmp_path / "b").read_bytes()
    lines = gzip.decompress(raw).splitlines(keepends=True)
    cut = [raw[: len(raw) * n // 7] for n in range(1, 7)]
    short = [gzip.compress(b"".join(lines[:n] + lines[n + 1 :])) for n in range(1, len(lines))]
    for broken in (*cut, *short, gzip.compress(b"".join(lines).replace(b"Instagram", b"instagram"))):
        (tmp_path / "broken").write_bytes(broken)
        with pytest.raises(BadBackup):
            check(tmp_path / "broken")
    assert not (tmp_path / "new.db").exists()


def test_a_restore_that_fails_on_the_way_leaves_an_empty_database(
    lived_in_file: str, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = backed_up(lived_in_file, tmp_path / "b")
    with monkeypatch.context() as broken:
        broken.setattr("storage.restore._go_on_counting", _full)
        with pytest.raises(OSError, match="full"):
            restore(empty, path)
    assert schema_state(empty) == "empty"
    restore(empty, path)


def _full(*_: object) -> None:
    raise OSError("the disk is full")


# -- the commands -------------------------------------------------------------------------------


def smbot(monkeypatch: pytest.MonkeyPatch, url: str, *words: str) -> Result:
    monkeypatch.setenv("SMBOT_DATABASE_URL", url)
    monkeypatch.setenv("SMBOT_LANGUAGE", "en")
    return CliRunner().invoke(app, list(words))


def test_the_commands_say_what_they_did_and_what_comes_next(
    monkeypatch: pytest.MonkeyPatch, lived_in_file: str, postgres_back: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for old in ("smbot-2020-01-01T000000Z.backup", "smbot-2020-01-02T000000Z.backup", "other.backup"):
        (folder / old).touch()
    done = smbot(monkeypatch, lived_in_file, "backup", str(folder), "--keep", "2")
    made = next(folder.glob("smbot-202[1-9]*"))
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"The backup is in {made}, and could be read back whole")
    assert "One older backup was removed." in done.stdout
    kept = ["other.backup", "smbot-2020-01-02T000000Z.backup", made.name]
    assert sorted(path.name for path in folder.iterdir()) == sorted(kept)
    assert stat.S_IMODE(made.stat().st_mode) == 0o600

    back = smbot(monkeypatch, postgres_back, "restore", str(made))
    assert back.exit_code == 0, back.output
    assert "presses Answered once more" in back.stdout
    assert "All is as it was written, no. 1 to no. 3." in back.stdout
    again = smbot(monkeypatch, postgres_back, "restore", str(made))
    assert again.exit_code == 1
    assert "not empty" in again.stderr


def test_decisions_that_do_not_hold_are_backed_up_and_said_and_no_older_backup_goes(
    monkeypatch: pytest.MonkeyPatch, lived_in_file: str, tmp_path: Path
) -> None:
    (tmp_path / "smbot-2020-01-01T000000Z.backup").touch()
    asyncio.run(run_sql(lived_in_file, "DELETE FROM decision_tags WHERE number = 1"))
    done = smbot(monkeypatch, lived_in_file, "backup", str(tmp_path), "--keep", "1")
    assert done.exit_code == 1
    assert "No. 1 is as it was written, but what the search finds" in done.stderr
    assert len(list(tmp_path.glob("*.backup"))) == 2


def refused(monkeypatch: pytest.MonkeyPatch, url: str, *words: str) -> str:
    done = smbot(monkeypatch, url, *words)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    return done.stderr


def test_each_refusal_is_one_sentence_and_leaves_all_as_it_was(
    monkeypatch: pytest.MonkeyPatch, migrated_sqlite: str, tmp_path: Path
) -> None:
    none = f"sqlite:///{tmp_path}/none.db"
    (tmp_path / "there").write_text("mine")
    before = sorted(tmp_path.iterdir())
    assert "no database" in refused(monkeypatch, none, "backup", str(tmp_path))
    assert "no folder" in refused(monkeypatch, migrated_sqlite, "backup", str(tmp_path / "f"), "--keep", "3")
    assert "already" in refused(monkeypatch, migrated_sqlite, "backup", str(tmp_path / "there"))
    assert "No such file" in refused(monkeypatch, migrated_sqlite, "backup", str(tmp_path / "no/where"))
    assert "cannot be read" in refused(monkeypatch, none, "restore", str(tmp_path / "nothing"))
    with lock_file(sqlite_file(migrated_sqlite)):
        assert "running bot" in refused(monkeypatch, migrated_sqlite, "restore", str(tmp_path / "there"))
    assert (tmp_path / "there").read_text() == "mine"
    new = {path.name for path in set(tmp_path.iterdir()) - set(before)}
    assert {name for name in new if not name.endswith((".lock", "-wal", "-shm"))} == set()


@pytest.mark.long
def test_a_full_disk_leaves_no_file_and_the_next_backup_takes_what_a_kill_left(
    monkeypatch: pytest.MonkeyPatch, migrated_sqlite: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    asyncio.run(
        run_sql(migrated_sqlite, f"INSERT INTO facts VALUES ('long', '{secrets.token_hex(200_000)}')")
    )
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # -shm of SQLite is smaller, the backup is not
    try:
        said = refused(monkeypatch, migrated_sqlite, "backup", str(folder))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "File too large" in said
    assert list(folder.iterdir()) == []
    (folder / PART).write_bytes(b"half" * 500_000)
    assert smbot(monkeypatch, migrated_sqlite, "backup", str(folder)).exit_code == 0
    (made,) = folder.iterdir()
    assert check(made).schema == REVISIONS[-1]


def test_two_backups_at_once_into_one_folder_do_not_mix(
    monkeypatch: pytest.MonkeyPatch, migrated_sqlite: str, tmp_path: Path
) -> None:
    with (tmp_path / PART).open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert "Another backup" in refused(monkeypatch, migrated_sqlite, "backup", str(tmp_path))
        assert (tmp_path / PART).exists()


def test_a_damaged_database_file_is_said_and_gives_no_backup(
    monkeypatch: pytest.MonkeyPatch, migrated_sqlite: str, tmp_path: Path
) -> None:
    asyncio.run(live(migrated_sqlite))
    file = sqlite_file(migrated_sqlite)
    with _connected(migrated_sqlite) as connection:
        found = text("SELECT rootpage FROM sqlite_master WHERE name = 'outbox_live'")
        page = connection.execute(found).scalar()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * 4096 + 3)
        raw.write(b"\0\0")  # the index says that it holds nothing
    assert "damaged" in refused(monkeypatch, migrated_sqlite, "backup", str(tmp_path / "b"))
    assert not (tmp_path / "b").exists()


def test_only_the_newest_are_kept_and_nothing_else_is_touched(tmp_path: Path) -> None:
    names = [f"smbot-2026-01-0{n}T020000Z.backup" for n in range(1, 6)]
    for name in (*names, "smbot.db", "smbot-notes.backup"):
        (tmp_path / name).touch()
    assert [path.name for path in keep(tmp_path, 2)] == names[:3]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [*names[3:], "smbot-notes.backup", "smbot.db"]
    )
