"""The schema and its revisions: `upgrade` brings a database to this program's, `schema_state` tells where it is.

Both are synchronous: they run before anything else does, or in a thread. Alembic is imported only where there is
something to migrate: it takes as much time and memory as all the rest of the database's code.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.pool import NullPool

from storage.engine import address, held, sqlite_file

if TYPE_CHECKING:
    from alembic.config import Config

State = Literal["empty", "behind", "current", "newer"]
LOCK = 0x736D626F74  # "smbot", as an advisory lock
MINUTE = 60
VERSIONS = Path(__file__).parent / "versions"
REVISIONS = sorted(file.name.partition("_")[0] for file in VERSIONS.glob("[0-9]*.py"))
"""All revisions in their order; a file's name begins with its revision's number."""


class Newer(Exception):
    """The database was made by a newer smbot, which alone knows how to use it."""


class NotEmpty(Exception):
    """A database that is to be filled holds something already."""


def upgrade(url: str) -> None:
    """Bring the schema to this program's in one transaction; of processes that start at once, one does it.

    Raises Newer when the schema is ahead of the program.
    """
    with _alone(url) as connection:
        match _state(connection):
            case "newer":
                raise Newer(
                    "The database was made by a newer smbot: start that version, or restore a backup."
                )
            case "empty" | "behind":
                from alembic import command

                command.upgrade(configuration(connection), "head")
            case "current":
                pass


@contextmanager
def begun(url: str, revision: str) -> Iterator[Connection]:
    """An empty database at a revision, to be filled; at the end it is brought to this program's. One transaction.

    Raises NotEmpty.
    """
    from alembic import command

    with _alone(url) as connection:
        if inspect(connection).get_table_names():
            raise NotEmpty
        command.upgrade(configuration(connection), revision)
        yield connection
        command.upgrade(configuration(connection), "head")


def schema_state(url: str) -> State:
    """Where the schema stands; nothing is made or changed."""
    path = sqlite_file(url)
    if path and not path.exists():
        return "empty"
    with _connected(url) as connection:
        return _state(connection)


def configuration(connection: Connection | None = None) -> "Config":
    """Alembic's settings; with a connection, its transaction is used."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _state(connection: Connection) -> State:
    if not inspect(connection).has_table("alembic_version"):
        return "empty"
    here = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if here is None:
        return "empty"
    if here == REVISIONS[-1]:
        return "current"
    return "behind" if here in REVISIONS else "newer"


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """One transaction, while no other process changes the schema."""
    path = sqlite_file(url)
    alone = held(path.with_name(f"{path.name}.migrating"), wait=True) if path else nullcontext()
    with alone, _connected(url) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        yield connection


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """One transaction on a connection of its own."""
    path = sqlite_file(url)
    arguments = {"isolation_level": None, "timeout": MINUTE} if path else {}
    engine = create_engine(address(url, sync=True), poolclass=NullPool, connect_args=arguments)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        yield connection
