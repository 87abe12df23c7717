"""The guidelines on the command line."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.policy import load, names
from smbot.cli_policy import register

KEYS = ["arrival", "remind_at", "last_call", "answer_by", "escalate_at"]


def smbot(*words: str, given: str = "") -> Result:
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, words, input=given)


def objects(result: Result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_deadline_is_one_object_with_five_keys_in_order():
    result = smbot("deadline", "--policy", "kau", "--json", "2026-11-20T16:00:00+01:00")

    assert result.exit_code == 0
    (answer,) = objects(result)
    assert list(answer) == KEYS
    assert list(answer.values()) == [
        "2026-11-20T16:00:00+01:00",
        "2026-11-23T16:00:00+01:00",
        "2026-11-24T14:00:00+01:00",
        "2026-11-24T16:00:00+01:00",
        "2026-11-24T16:00:00+01:00",
    ]


def test_what_a_policy_does_not_have_is_null():
    (answer,) = objects(smbot("deadline", "--policy", "ki", "2026-11-18T15:00"))

    assert answer["remind_at"] is None
    assert answer["last_call"] is None


def test_a_time_without_offset_is_read_in_the_policys_zone():
    summer, winter = objects(smbot("deadline", "--policy", "ki", "2026-07-01T09:00", "2026-12-01T09:00"))

    assert summer["arrival"] == "2026-07-01T09:00:00+02:00"
    assert winter["arrival"] == "2026-12-01T09:00:00+01:00"


def test_times_come_from_standard_input_where_none_is_given():
    result = smbot("deadline", "--policy", "ki", given="2026-11-20T16:00\n\n2026-11-21T09:00:00Z\n")

    assert [answer["answer_by"] for answer in objects(result)] == [
        "2026-11-23T16:00:00+01:00",
        "2026-11-24T00:00:00+01:00",
    ]


def test_a_bad_line_is_named_and_the_rest_is_answered():
    result = smbot("deadline", "--policy", "ki", given="soon\n2026-11-20T16:00\n2150-01-01T09:00\n")

    assert result.exit_code == 2
    assert len(objects(result)) == 1
    assert "line 1: 'soon' is no time" in result.stderr
    assert "line 3: '2150-01-01T09:00' is outside the years 2000 to 2100" in result.stderr


@pytest.mark.parametrize("line", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "2100-12-31T12:00"])
def test_a_time_at_the_edge_of_the_calendar_is_refused_with_a_sentence(line):
    result = smbot("deadline", "--policy", "kau", line)

    assert result.exit_code == 2
    assert "is outside the years 2000 to 2100" in result.stderr


def test_bridge_days_are_worked_unless_said_to_be_free():
    worked = objects(smbot("deadline", "--policy", "ki", "2026-05-13T13:00"))
    free = objects(smbot("deadline", "--policy", "ki", "--bridge-days", "free", "2026-05-13T13:00"))

    assert worked[0]["answer_by"] == "2026-05-15T13:00:00+02:00"
    assert free[0]["answer_by"] == "2026-05-18T13:00:00+02:00"


@pytest.mark.parametrize(
    "words",
    [
        ["deadline", "--policy", "lund", "2026-11-20T16:00"],
        ["calendar", "--policy", "lund", "--from", "2026-01-01", "--to", "2026-01-02"],
        ["policy", "show", "lund"],
    ],
)
def test_an_unknown_policy_is_answered_with_the_names_there_are(words):
    result = smbot(*words)

    assert result.exit_code == 2
    assert result.stderr.strip() == f"There is no policy lund. There are: {', '.join(names())}."


def test_the_calendar_says_what_each_day_is():
    result = smbot("calendar", "--policy", "ki", "--from", "2026-12-23", "--to", "2026-12-27", "--json")

    assert objects(result) == [
        {"date": "2026-12-23", "working_day": True, "monitored": True, "holiday": None},
        {"date": "2026-12-24", "working_day": False, "monitored": False, "holiday": "Julafton"},
        {"date": "2026-12-25", "working_day": False, "monitored": False, "holiday": "Juldagen"},
        {"date": "2026-12-26", "working_day": False, "monitored": False, "holiday": "Annandag jul"},
        {"date": "2026-12-27", "working_day": False, "monitored": False, "holiday": None},
    ]


@pytest.mark.parametrize("name", names())
def test_the_calendar_follows_each_policys_monitored_days(name):
    days = objects(smbot("calendar", "--policy", name, "--from", "2026-01-01", "--to", "2026-12-31"))

    assert [day["date"] for day in days] == [str(date(2026, 1, 1) + timedelta(days=n)) for n in range(365)]
    every_day = load(name).monitored == "every-day"
    assert all(day["monitored"] == (every_day or day["working_day"]) for day in days)


def test_the_calendar_speaks_english_too():
    (day,) = objects(smbot("calendar", "--from", "2026-06-19", "--to", "2026-06-19", "--language", "en"))

    assert day["holiday"] == "Midsummer Eve"


@pytest.mark.parametrize(("first", "last"), [("2026-02-01", "2026-01-01"), ("2101-01-01", "2101-01-02")])
def test_a_period_that_cannot_be_shown_is_refused_with_a_sentence(first, last):
    result = smbot("calendar", "--from", first, "--to", last)

    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1


def test_the_policies_are_listed_by_name_and_title():
    lines = smbot("policy", "list", "--language", "en").stdout.splitlines()

    assert [line.split()[0] for line in lines] == list(names())
    assert lines[-1].endswith("Karlstad University's social media policy")


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("name", names())
def test_a_policy_is_shown_whole_with_its_defaults_marked(name, language):
    result = smbot("policy", "show", name, "--language", language)

    assert result.exit_code == 0
    pack = load(name)
    defaults = [key for key, value in pack.parameters.items() if value.default]
    marked = [
        line.split(" = ")[0] for line in result.stdout.splitlines() if " = " in line and "[default" in line
    ]
    assert marked == defaults
    assert all(section.heading in result.stdout for section in pack.sections)


@pytest.mark.parametrize(
    ("id", "shown"),
    [
        ("answer.hours", "answer.hours = 24  [default, as ki-2021]"),
        ("resources", "resources: Resources must exist"),
        ("KIEN-26", "KIEN-26: resources, account.resources, new-account.resources"),
        ("new-account.level", "new-account.level: Whose account is it?"),
        ("new-account.level.level", "new-account.level.level (choice): Level"),
        ("new-account", "new-account: New account in KI's name"),
        ("ladder.threat", "at-once: security, communications"),
        ("visitor-notice", "{contact}"),
    ],
)
def test_one_thing_is_shown_by_the_name_it_is_cited_by(id, shown):
    result = smbot("policy", "show", "ki", id, "--language", "en")

    assert result.exit_code == 0
    assert shown in result.stdout


@pytest.mark.parametrize("id", ["answer.hours", "ladder.threat", "new-account", "KIEN-26"])
def test_one_thing_is_also_given_as_json(id):
    assert json.loads(smbot("policy", "show", "ki", id, "--json").stdout)


def test_a_name_that_is_not_there_is_said_so():
    result = smbot("policy", "show", "ki", "KAU-44")

    assert result.exit_code == 1
    assert result.stderr.strip() == "The policy ki has nothing called KAU-44."


def test_a_faultless_file_passes_and_a_faulty_one_lists_its_faults(tmp_path):
    faulty = tmp_path / "mine.toml"
    faulty.write_text('name = "mine"\nzone = "Europe/Atlantis"\n', encoding="utf-8")

    result = smbot("policy", "check", str(faulty))

    assert result.exit_code == 1
    assert "zone: there is no time zone Europe/Atlantis" in result.stdout.splitlines()
    assert "title: Field required" in result.stdout.splitlines()


def test_a_file_that_is_not_there_is_answered_with_a_sentence(tmp_path):
    result = smbot("policy", "check", str(tmp_path / "none.toml"))

    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


PROGRAM = """
import sys, typer
from smbot.cli_policy import register
app = typer.Typer()
register(app)
app(["deadline", "--policy", "ki", "2026-11-20T16:00"], standalone_mode=False)
print(*{name.split(".")[0] for name in sys.modules}, file=sys.stderr)
"""


def test_the_guidelines_need_no_environment_no_database_and_no_chat_sdk():
    root = Path(__file__).parents[2]

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=root, env={}, capture_output=True, text=True, check=True
    )

    assert json.loads(done.stdout)["answer_by"] == "2026-11-23T16:00:00+01:00"
    assert not {"slack_bolt", "slack_sdk", "sqlalchemy", "sqlmodel", "apscheduler", "aiohttp"} & set(
        done.stderr.split()
    )


def test_the_command_line_starts_without_the_use_cases_the_database_and_the_chats():
    program = "import sys, smbot.cli; print(*(n for n in sys.modules if n.count('.') < 2))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    heavy = {"bot.service", "bot.cases", "bot.screens", "sqlalchemy", "aiohttp", "slack_bolt", "aiosmtplib"}
    assert not heavy & set(done.stdout.split())
