"""`smbot doctor` says in plain words what is missing or wrong, and changes nothing."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.model import Contact, Office, Person, PersonId, Place
from bot.organisation import parse
from bot.outgoing import Row
from bot.policy import load as pack
from bot.register import Register
from bot.texts import Texts
from smbot import doctor
from smbot.manifest import OPTIONAL, SCOPES
from smbot.run import fill, prepared
from smbot.settings import Settings
from smbot.wiring import build
from tests.fakes.slack import FakeSlack
from tests.fakes.smtp import smtp

FILE = """
name = "Provuniversitetet"
{office}
[roles]
administrators = ["{nils}"]
communications = ["lena@example.org"]

[[unit]]
id = "bibliotek"
name = "Biblioteket"

[[channel]]
name = "some"

[[channel]]
name = "borta"

[[account]]
platform = "instagram"
name = "Biblioteket"
address = "https://instagram.com/bibliotek"
unit = "bibliotek"
channel = "some"
people = ["lena@example.org", "okand@example.org"]

[[account]]
platform = "x"
name = "Ensam"
address = "https://x.com/ensam"
unit = "bibliotek"
channel = "borta"
people = ["lena@example.org"]
"""


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    one = FakeSlack(
        mode="http", scopes=("chat:write", "users:read", "users:read.email", "channels:read", "groups:read")
    )
    await one.start()
    yield one
    await one.stop()


def settings(slack: FakeSlack, url: str, **more: Any) -> Settings:
    return Settings(
        slack_bot_token=SecretStr(slack.bot_token),
        slack_signing_secret=SecretStr(slack.signing_secret),
        smbot_slack_api_url=slack.api_url,
        smbot_database_url=SecretStr(url),
        **more,
    )


async def filled(given: Settings, slack: FakeSlack, office: str = "") -> None:
    """A database as `smbot run` leaves it after its first start."""
    from adapters.slack.people import SlackDirectory

    nils = slack.add_user("nils", "Nils Dahl")
    slack.add_user("lena", "Lena Strand")
    slack.add_channel("some")
    directory = SlackDirectory(slack.bot_token, slack.api_url)
    await directory.start()
    with prepared(given):
        parts = build(given)
        await fill(parts, [directory], parse(FILE.format(nils=nils, office=office)))
        await parts.store.close()


def said(found: list[doctor.Finding]) -> dict[str, list[doctor.Finding]]:
    by_key: dict[str, list[doctor.Finding]] = {}
    for finding in found:
        by_key.setdefault(finding.key, []).append(finding)
    return by_key


async def test_it_finds_what_is_missing(slack: FakeSlack, sqlite_url: str) -> None:
    given = settings(slack, sqlite_url)
    await filled(given, slack)
    found = said(await doctor.findings(given, "sv"))
    assert {f.values["scope"] for f in found["scope"] if not f.note} == set(SCOPES) - slack.methods.scopes
    assert {f.values["scope"] for f in found["scope"] if f.note} == set(OPTIONAL)
    assert [f.values["place"] for f in found["not_in_place"]] == ["#some"]
    assert [f.values["place"] for f in found["place_missing"]] == ["borta"]
    assert [f.values["name"] for f in found["person_without_id"]] == ["okand@example.org"]
    assert [f.values["account"] for f in found["account_gaps"]] == ["Ensam"]
    assert [f.values["unit"] for f in found["unit_without_head"]] == ["Biblioteket"]
    for key in (
        "bridge_days",
        "no_alarm_number",
        "no_contact",
        "no_mail",
        "role_empty",
        "person_unconfirmed",
    ):
        assert key in found


async def test_what_has_been_put_right_is_not_named_again(slack: FakeSlack, sqlite_url: str) -> None:
    given = settings(slack, sqlite_url)
    office = 'alarm_number = "08-1"\nvisitor_contact = "a@example.org"\nbridge_days = "free"'
    await filled(given, slack, office)
    slack.invite_bot(next(c.id for c in slack.space.channels.values() if c.name == "some"))
    found = said(await doctor.findings(given, "sv"))
    assert not {"bridge_days", "no_alarm_number", "no_contact", "not_in_place", "no_administrator"} & set(
        found
    )


async def test_a_channel_found_since_is_not_missing(slack: FakeSlack, sqlite_url: str) -> None:
    given = settings(slack, sqlite_url)
    await filled(given, slack)
    parts = build(given)
    async with parts.store.write() as tx:
        await tx.save_place(Place(id="slack:T1:C9", platform="slack", realm="T1", channel="C9", name="borta"))
    await parts.store.close()
    assert "place_missing" not in said(await doctor.findings(given, "sv"))


async def test_a_channel_that_another_organisation_shares_is_a_fault(
    slack: FakeSlack, sqlite_url: str
) -> None:
    given = settings(slack, sqlite_url)
    await filled(given, slack)
    some = next(c for c in slack.space.channels.values() if c.name == "some")
    slack.invite_bot(some.id)
    some.is_ext_shared = True
    found = said(await doctor.findings(given, "en"))
    assert [(f.values["place"], f.note) for f in found["place_shared"]] == [("#some", False)]
    assert "shared with another organisation" in found["place_shared"][0].text(Texts("en"))


async def test_a_refused_token_is_said_so(slack: FakeSlack, sqlite_url: str) -> None:
    given = settings(slack, sqlite_url).model_copy(update={"slack_bot_token": SecretStr("xoxb-wrong")})
    found = said(await doctor.findings(given, "en"))
    assert found["slack_refused"][0].values["why"] == "invalid_auth"
    assert "xoxb-wrong" not in "\n".join(doctor.report([f for fs in found.values() for f in fs], Texts("en")))


async def test_it_makes_no_database(slack: FakeSlack, sqlite_url: str) -> None:
    found = said(await doctor.findings(settings(slack, sqlite_url), "sv"))
    assert {"schema_empty", "no_administrator"} <= set(found)
    assert not Path(sqlite_url.removeprefix("sqlite:///")).exists()


async def test_a_database_that_does_not_answer_is_said_so(slack: FakeSlack) -> None:
    given = settings(slack, "postgresql://nobody@127.0.0.1:1/none")
    assert "no_database" in said(await doctor.findings(given, "sv"))


def test_a_token_that_a_platform_does_not_take_is_said_with_what_waits() -> None:
    (found,) = doctor.of_tokens({"slack": "token_revoked"})
    assert found.text(Texts("sv")).startswith("Slack tar inte emot min nyckel (token_revoked).")


def test_each_undeliverable_addressee_is_named_once() -> None:
    person = Person(id=PersonId("p1"), name="Karin Ek")
    rows = [
        Row(key=str(n), card="x", reader="person:p1", target="person:p1", reason="user_disabled")
        for n in range(3)
    ]
    found = list(doctor.of_delivery(rows, Register(people={person.id: person})))
    assert [f.values for f in found] == [{"target": "Karin Ek", "reason": "user_disabled"}]


def test_somebody_with_a_task_who_has_left_is_named() -> None:
    person = Person(id=PersonId("p1"), name="Karin Ek", active=False)
    register = Register(people={person.id: person}, roles={"registrar": (person.id,)})
    assert [f.key for f in doctor.of_people(register, frozenset())] == ["person_without_id"]
    from bot.model import Identity

    known = replace(register, identities=(Identity(platform="slack", realm="T", user="U", person=person.id),))
    assert [f.key for f in doctor.of_people(known, frozenset())] == ["person_inactive"]


def boxed(register: Register) -> Register:
    return replace(register, role_contacts={"security": Contact(mail=("vakt@example.org",))})


def alarms(register: Register, *, mails: bool) -> set[str]:
    return {f.key for f in doctor.of_alarms(register, pack("ki"), "sv", mails=mails)}


def test_ready_for_an_alarm_is_who_has_a_number_or_mail_for_threats_and_pile_ons() -> None:
    bare, lena = Register(), Person(id=PersonId("p1"), name="Lena", email="lena@example.org")
    assert alarms(bare, mails=False) == {"not_ready", "no_alarm_number", "no_mail"}
    assert alarms(boxed(bare), mails=False) >= {"not_ready"}
    assert alarms(boxed(bare), mails=True) == {"not_ready", "no_alarm_number", "no_mail_for"}
    whole = replace(boxed(bare), people={lena.id: lena}, roles={"communications": (lena.id,)})
    assert alarms(whole, mails=True) == {"no_alarm_number"}
    numbered = replace(bare, office=Office(alarm_number="08-1"))
    assert alarms(numbered, mails=False) == {"no_mail"}


def test_whoever_mail_alone_reaches_makes_it_needed_and_is_no_fault_once_it_is_set() -> None:
    vera = Person(id=PersonId("p1"), name="Vera", email="vera@example.org")
    register = Register(people={vera.id: vera}, roles={"registrar": (vera.id,)})
    (needed,) = doctor.of_mail(register, pack("ki"), "sv", None, mails=False)
    assert (needed.note, needed.values["names"]) == (False, "Vera")
    assert not list(doctor.of_mail(register, pack("ki"), "sv", None, mails=True))
    (found,) = doctor.of_people(register, frozenset(), mails=True)
    assert (found.key, found.note) == ("person_by_mail", True)


async def test_a_mail_server_that_does_not_let_us_in_is_named() -> None:
    async with smtp(user=("smbot", "ratt")) as box:
        url = "smtp://smbot:{}@127.0.0.1:" + str(box.port)
        wrong, right = (
            Settings(smbot_smtp_url=SecretStr(url.format(word)), smbot_mail_from="smbot@example.org")
            for word in ("fel", "ratt")
        )
        assert [f.values for f in await doctor._mail(wrong)] == [{"why": "login_535"}]
        assert await doctor._mail(right) == []
        assert box.inbox == []


@pytest.mark.parametrize("language", ["sv", "en"])
def test_each_finding_has_its_words(language: Any) -> None:
    t = Texts(language)
    register = Register()
    found = [
        *doctor.of_settings(Settings()),
        *doctor.of_pack(Settings()),
        *doctor.of_roles(register, pack("generic"), language),
        *doctor.of_setup(register),
        *doctor.of_alarms(register, pack("generic"), language),
        *doctor.of_alarms(register, pack("generic"), language, mails=True),
        *doctor.of_mail(boxed(register), pack("generic"), language, None, mails=False),
        *doctor.of_accounts(register, t),
        *doctor.of_scopes(frozenset(), language),
        *doctor.of_scopes(frozenset({"x"}), language),
    ]
    lines = list(doctor.report(found, t))
    assert len(lines) > len(found)
    assert not any("{" in line for line in lines)


def test_notes_alone_are_no_fault() -> None:
    lines = list(doctor.report([doctor.note("alarm", "no_mail")], Texts("sv")))
    assert lines[-1] == Texts("sv")("doctor.sound")


@pytest.mark.long
@pytest.mark.parametrize(
    ("environment", "words"), [({}, "smbot demo"), ({"SMBOT_POLICY": "x"}, "SMBOT_POLICY")]
)
def test_the_command_ends_with_1_when_something_is_wrong(
    environment: dict[str, str], words: str, tmp_path: Path
) -> None:
    env = {"PATH": os.environ["PATH"], "SMBOT_DATABASE_URL": f"sqlite:///{tmp_path}/none.db", **environment}
    ended = subprocess.run(
        [sys.executable, "-m", "smbot", "doctor"], env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert words in ended.stdout
    assert not ended.stderr
