"""The organisation file: the example loads, every fault is listed, and a register comes of it."""

from datetime import date
from pathlib import Path

import pytest

from bot.model import Contact
from bot.organisation import BadOrganisation, parse
from bot.policy import load
from bot.ports import Profile
from bot.register import Register
from bot.retention import Disposal
from bot.service.base import Bot
from bot.service.seed import Channel, Found, administrator, is_empty, look_up, seed
from smbot.wiring import RandomIds, SystemClock
from storage.engine import connect
from storage.migrations import upgrade
from storage.store import Store

EXAMPLE = Path(__file__).parent.parent.parent / "organisation.example.toml"


class Town:
    """A platform on which everybody but one is found by address, and every channel but one by name."""

    platform, realm = "slack", "T1"

    def __init__(self, lost: str = "") -> None:
        self.lost = lost

    async def by_id(self, user: str) -> Profile | None:
        return None

    async def by_email(self, email: str) -> Profile | None:
        if email == self.lost:
            return None
        name = email.partition("@")[0]
        return Profile(platform="slack", realm="T1", user=f"U-{name}", name=name, email=email)

    async def channel(self, name: str) -> str | None:
        return None if name == self.lost else f"C-{name}"

    def is_own(self, ident: str) -> bool:
        return ident[:1] in "UC"


async def seeded(url: str, text: str, town: Town, admin: str = "") -> Register:
    upgrade(url)
    store = Store(connect(url))
    bot = Bot(
        storage=store, clock=SystemClock(), ids=RandomIds(), pack=load("generic"),
        nudge=lambda: None, trouble=lambda _trace, _error: None,
    )  # fmt: skip
    file = parse(text)
    found = await look_up((town,), file)
    assert await seed(bot, file, found, "sv")
    assert not await seed(bot, file, found, "sv")
    if admin:
        await administrator(bot, (town,), admin)
    async with store.read() as tx:
        assert not await is_empty(tx)
        assert await tx.waiting() == 0
        register = await tx.register()
    await store.close()
    return register


def test_the_example_loads_and_names_all_its_people_once() -> None:
    file = parse(EXAMPLE.read_text(encoding="utf-8"))
    people = [body.who for body in file.everybody()]
    assert len(people) == len(set(people)) == 10
    assert max(sum(a.channel == c.name for a in file.accounts) for c in file.channels) == 3


async def test_the_example_makes_a_register(database_url: str) -> None:
    register = await seeded(database_url, EXAMPLE.read_text(encoding="utf-8"), Town())
    accounts = {a.name: a for a in register.accounts.values()}
    turn, alone = accounts["Biblioteket på Facebook"], accounts["International Office on X"]
    assert [a.name for a in accounts.values() if a.state == "gaps"] == [alone.name]
    assert alone.gaps == ("second_person",)
    assert all(a.asked_from and a.asked_from > date(2026, 1, 1) for a in accounts.values())
    assert turn.pattern.kind == "weeks"
    assert set(turn.pattern.order) == set(turn.people)
    assert accounts["Studentservice på Instagram"].duty.kind == "people"
    assert register.office.alarm_number
    assert register.role_places["communications"] == "slack:T1:C-kommunikation"
    assert register.contact("security").mail == register.contact("it_security").mail != ()
    assert register.contact("security").phone
    assert register.contact("director") == Contact()
    assert not any(place.confirmed for place in register.places.values())
    assert register.name(register.units["biblioteket"].deputy) == "per.holm"


async def test_whoever_is_not_found_is_kept_without_an_identity(sqlite_url: str) -> None:
    town = Town(lost="karin.ek@larosatet.example")
    register = await seeded(sqlite_url, EXAMPLE.read_text(encoding="utf-8"), town)
    karin = next(p for p in register.people.values() if p.email == town.lost)
    assert karin.name == "Karin Ek"
    assert not register.identities_of(karin.id)
    assert len(register.accounts_of(karin.id)) == 4


async def test_an_account_whose_channel_is_not_found_has_a_gap(sqlite_url: str) -> None:
    town = Town(lost="biblioteket-sociala-medier")
    register = await seeded(sqlite_url, EXAMPLE.read_text(encoding="utf-8"), town)
    lacking = [a for a in register.accounts.values() if "place" in a.gaps]
    assert len(lacking) == 3
    assert {a.state for a in lacking} == {"gaps"}


async def test_an_id_is_taken_as_it_is(sqlite_url: str) -> None:
    text = 'name = "U"\n[roles]\nadministrators = ["U9"]\n[[channel]]\nname = "some"\nid = "C9"\n'
    register = await seeded(sqlite_url, text, Town(), admin="nils@example.org")
    assert register.who("slack", "T1", "U9") is not None
    assert register.places["slack:T1:C9"].confirmed
    assert len(register.roles["administrators"]) == 2


def test_every_fault_is_listed_with_its_place() -> None:
    with pytest.raises(BadOrganisation) as bad:
        parse('name = "U"\nzone = "Mars/Base"\ncolour = 1\n[[account]]\nname = "A"\n[roles]\nking = ["x"]\n')
    said = "\n".join(bad.value.faults)
    for place in (
        "zone",
        "colour",
        "account 1, platform",
        "account 1, address",
        "account 1, unit",
        "roles, king",
    ):
        assert place in said


def test_names_that_lead_nowhere_are_listed() -> None:
    text = """
name = "U"
role_channels = { communications = "nowhere" }
office_hours = { opens = 17:00:00, closes = 08:00:00 }
person = [{ name = "Nobody" }, { id = "U1" }, { id = "U1" }]
unit = [{ id = "a", name = "A", parent = "b" }, { id = "b", name = "B", parent = "a" }, { id = "c", name = "C", parent = "x" }]
account = [
  { platform = "x", name = "One", address = "https://twitter.com/Same", unit = "q", channel = "w", people = ["U1", "U1"] },
  { platform = "x", name = "Two", address = "https://www.x.com/same/", unit = "a", pattern = { order = ["U5"] } },
  { platform = "x", name = "Three", address = "ftp://x", unit = "a" },
]
"""
    with pytest.raises(BadOrganisation) as bad:
        parse(text)
    said = "\n".join(bad.value.faults)
    for words in ("person 1", "U1 stands twice", "nowhere", "opens", "no unit q", "no channel w", "a person stands twice",
                  "same address as One", "U5", "ftp://x", "unit a", "unit b", "no unit x"):  # fmt: skip
        assert words in said


def test_what_is_no_toml_is_said_so() -> None:
    with pytest.raises(BadOrganisation, match="TOML"):
        parse("name = ")


def test_a_place_that_was_not_found_has_no_id() -> None:
    found = Found(channels={"some": None, "other": Channel(platform="slack", realm="T1", channel="C1")})
    assert found.place_id("some") is None
    assert found.place_id(None) is None
    assert found.place_id("other") == "slack:T1:C1"


def test_the_file_says_how_long_things_are_kept_and_by_which_decision() -> None:
    file = parse(
        'name = "U"\n[retention.checks]\nnumber = "LU 2026/1"\ndecided_on = 2026-09-01\n[retention.alarms]\ndays = 90'
    )
    held = file.disposals()
    assert held["checks"] == Disposal(days=30, number="LU 2026/1", decided_on=date(2026, 9, 1))
    assert held["alarms"] == Disposal(days=90)


def test_a_disposal_decision_with_no_date_and_a_kind_that_nobody_knows_are_faults() -> None:
    with pytest.raises(BadOrganisation, match="retention, checks: give number and decided_on"):
        parse('name = "U"\n[retention.checks]\nnumber = "LU 2026/1"')
    with pytest.raises(BadOrganisation, match="retention"):
        parse('name = "U"\n[retention.chekcs]\ndays = 3')
