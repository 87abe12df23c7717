"""What an installation is made of is whole: the container file, the units of systemd, and each command of the page."""

import re
import shlex
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from configparser import RawConfigParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import requires
from pathlib import Path
from threading import Thread

import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from smbot.cli import app
from smbot.settings import Settings

TOP = Path(__file__).parents[2]
CONTAINERFILE = (TOP / "Containerfile").read_text(encoding="utf-8")
PAGE = (TOP / "docs/operations.md").read_text(encoding="utf-8")
UNITS = sorted((TOP / "deploy").glob("smbot*.service"))


# -- the container ------------------------------------------------------------------------------


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE, re.MULTILINE)
    return [name for line in lines for name in line.split()]


def test_the_image_gets_all_that_the_wheel_needs_and_nothing_else_leaves_the_folder() -> None:
    wheel = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*wheel["packages"], *wheel["force-include"], "pyproject.toml"} <= set(copied())
    assert [name for name in copied() if not (TOP / name).exists()] == []
    ignore = (TOP / ".containerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignore
    assert {line[1:] for line in ignore if line.startswith("!")} == set(copied())


def test_the_image_is_built_from_what_the_lock_files_pin_and_run_without_rights() -> None:
    named = set(re.search(r"\^\(([\w|-]+)\)==", CONTAINERFILE)[1].split("|"))  # type: ignore[index]
    assert set(needed("hatchling")) == named
    installs = re.findall(r"pip(?: --python \S+)? install (.+)", CONTAINERFILE)
    assert all("--require-hashes" in line or "--no-index" in line for line in installs)
    assert len(installs) == 3
    assert re.findall(r"^USER (.+)$", CONTAINERFILE, re.MULTILINE) == ["10001:10001"]


def needed(name: str) -> Iterator[str]:
    """A package and all that it needs on this Python."""
    yield name
    for line in requires(name) or ():
        wanted = Requirement(line)
        if not wanted.marker or wanted.marker.evaluate({"extra": ""}):
            yield from needed(wanted.name)


class Answering(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("status", [200, 503])
def test_the_image_says_that_it_is_well_as_readyz_does(status: int) -> None:
    words = re.search(r'CMD \["python", "-c", "(.+)"\]\nENTRYPOINT', CONTAINERFILE)[1]  # type: ignore[index]
    server = HTTPServer(("127.0.0.1", 0), type("Now", (Answering,), {"status": status}))
    Thread(target=server.serve_forever, daemon=True).start()
    env = {"SMBOT_HTTP_PORT": str(server.server_port)}
    done = subprocess.run([sys.executable, "-c", words], env=env, capture_output=True, check=False)
    server.shutdown()
    server.server_close()
    assert (done.returncode == 0) == (status == 200)


# -- units and scripts --------------------------------------------------------------------------


def unit(path: Path) -> RawConfigParser:
    read = RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read_string(path.read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_there_is_without_rights_that_it_does_not_need(path: Path) -> None:
    service = unit(path)["Service"]
    program, command, *_ = service["ExecStart"].split()
    assert program == "/opt/smbot/.venv/bin/smbot"
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == (
        "smbot",
        "yes",
        "strict",
    )
    assert service["CapabilityBoundingSet"] == ""


def test_the_nightly_backup_is_the_one_of_the_page() -> None:
    command = unit(TOP / "deploy/smbot-backup.service")["Service"]["ExecStart"].partition("bin/")[2]
    assert f"    {command}\n" in PAGE
    assert "OnCalendar" in unit(TOP / "deploy/smbot-backup.timer")["Timer"]


def test_the_example_of_the_settings_names_real_ones() -> None:
    lines = (TOP / "deploy/smbot.env.example").read_text(encoding="utf-8").splitlines()
    named = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert {name.removesuffix("_FILE").lower() for name in named} <= set(Settings.model_fields)


def test_the_script_runs_the_program_with_the_settings_and_its_words_whole(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("SMBOT_LANGUAGE=en\n")
    (tmp_path / "smbot").write_text('#!/bin/sh\nprintf "%s|" "$SMBOT_LANGUAGE" "$@"\n')
    (tmp_path / "smbot").chmod(0o755)
    script = (TOP / "deploy/smbot").read_text(encoding="utf-8")
    assert (TOP / "deploy/smbot").stat().st_mode & stat.S_IXUSR
    for ours, here in (
        ("runuser -u smbot --", "env"),
        ("/etc/smbot/smbot.env", f"{tmp_path}/env"),
        ("/opt/smbot/.venv/bin/smbot", f"{tmp_path}/smbot"),
    ):
        assert ours in script
        script = script.replace(ours, here)
    done = subprocess.run(
        ["sh", "-s", "backup", "a folder"], input=script, text=True, capture_output=True, check=True
    )
    assert done.stdout == "en|backup|a folder|"


# -- the commands of the page -------------------------------------------------------------------

WELL = {"doctor": 1, "backup": 0, "restore": 0}
"""How each command ends on a database without any chat: `doctor` says that there is none."""


@pytest.mark.long
def test_each_command_of_the_page_does_what_it_says_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    database = tmp_path / "smbot.db"
    use(monkeypatch, database)
    assert CliRunner().invoke(app, ["db", "upgrade"]).exit_code == 0
    for line in re.findall(r"^ {4}smbot (.+)$", PAGE, re.MULTILINE):
        command, *words = shlex.split(line)
        if command == "backup":  # two within a second would bear one name
            for old in backups.iterdir():
                old.unlink()
        if command == "restore":
            words = [*(str(path) for path in backups.iterdir()), *words[1:]]
            database = database.with_name(f"another-{database.name}")
            use(monkeypatch, database)
        words = [str(backups) if word == "/var/lib/smbot-backups" else word for word in words]
        done = CliRunner().invoke(app, [command, *words])
        assert done.exit_code == WELL[command], (line, done.output)


def use(monkeypatch: pytest.MonkeyPatch, database: Path) -> None:
    monkeypatch.setenv("SMBOT_DATABASE_URL", f"sqlite:///{database}")
