"""What chat has made of the organisation is written as a file that fills an empty database to the same state."""

import os
import subprocess
import sys
from dataclasses import fields, is_dataclass, replace
from datetime import date, time
from pathlib import Path

import pytest

from bot import policy
from bot.model import (
    SEASONS,
    Absence,
    Contact,
    FreeDuty,
    Identity,
    Office,
    Pattern,
    Person,
    PersonId,
    Place,
    Takeover,
)
from bot.organisation import parse
from bot.ports import Profile
from bot.register import Register
from bot.retention import Disposal
from bot.service.arrivals import Wanted, wanted
from bot.service.base import Bot
from bot.service.exporting import organisation
from bot.service.seed import look_up, seed
from tests.flows.test_beginning import empty
from tests.world import account, world

CHANGED = Office(
    name='Provuniversitetet "P"', language="en", zone="Europe/Helsinki", alarm_number="08-1", visitor_contact="x@example.se",
    communications_name={"sv": "press"}, opens=time(7, 30), closes=time(16), collect_early=time(11), collect=time(13),
    heads_at=time(9), digest_at=time(15), registrar_at=time(11), bridge_days_free=True,
    closed=frozenset({date(2027, 7, 19)}), receipt_minutes=10, unlooked_days=3, head_at_once=True,
    retention={"log": Disposal(days=400, number="G 1", decided_on=date(2026, 11, 1), ground="Vår plan")},
    role_names={"director": {"en": "the boss"}}, policy="kau", steps={"approval.remind_days": 3},
    hearers={"question.goes-on": ("substitute",), "round.head": ()},
    changers=(PersonId("anna"),), guidelines="https://example.se/riktlinjer", about="https://example.se/smbot",
    hr_page="https://example.se/arbetstid", pilot=frozenset({"test:T1:kemi"}),
    seasons=(replace(SEASONS[0], asked=""), replace(SEASONS[1], last="01-07")),
)  # fmt: skip
"""Each value another than as it begins."""


WAITING = (Wanted(name="fysik", hour=time(8), language="en", roles=("director",), welcomed=date(2026, 9, 4)),)
"""A channel that nobody has found yet."""


class Chat:
    """A platform that knows nobody by name or address: ids are taken as they are."""

    platform, realm = "test", "T1"

    async def by_id(self, user: str) -> Profile | None:
        return None

    async def by_email(self, email: str) -> Profile | None:
        return None

    async def channel(self, name: str) -> str | None:
        return None

    def is_own(self, ident: str) -> bool:
        return True


async def lived_in(tx) -> None:
    """Something of everything that chat can change."""
    await tx.save_office(CHANGED)
    await tx.save_person(
        Person(id=PersonId("ny"), name="Ny", email="ny@example.se", phone="08-3", checked=False)
    )
    await tx.save_identity(Identity(platform="test", realm="T1", user="anna2", person=PersonId("anna")))
    await tx.save_role("registrar", [PersonId("ny")], "test:T1:kemi")
    await tx.save_role_contact("registrar", Contact(mail=("a@example.se", "b@example.se"), phone="08-2"))
    twin = Place(
        id="test:T1:C9",
        platform="test",
        realm="T1",
        channel="C9",
        name="biologi",
        kind="group",
        hour=time(10),
        language="en",
        welcomed=date(2026, 9, 2),
    )
    await tx.save_place(twin)
    await tx.save_account(
        account("vila", "biologi", pattern=Pattern(kind="weekdays", order=(PersonId("anna"), PersonId("bo"), PersonId("anna"))),
                state="paused", login="Lösenordsvalvet", said={"hos": 'i "källaren"\n'}, approval_number="V 1", approved_on=date(2026, 1, 2),
                duty=FreeDuty(kind="people", people=(PersonId("bo"),), agreed_by="heidi", agreed_on=date(2026, 9, 1)))
    )  # fmt: skip
    nobody = FreeDuty(agreed_by="heidi", agreed_on=date(2026, 9, 2), instead="comments_off", way="phone")
    await tx.save_account(
        account(
            "ledig",
            "biologi",
            duty=nobody,
            head=PersonId("heidi"),
            purpose="Vi berättar",
            level="university",
            asked_from=date(2026, 9, 3),
        )
    )
    await tx.save_account(
        replace(account("blivande", "biologi"), address="", state="approved", place="test:T1:C9")
    )
    over = Takeover(id="t1", accounts=("bio0", "vila"), first=date(2026, 12, 1), last=date(2026, 12, 4),
                    by=PersonId("karin"), who=PersonId("bo"))  # fmt: skip
    await tx.save_takeover(over)
    await tx.save_takeover(replace(over, id="t2", accounts=("kem0",), who=None))
    away = Absence(
        id="w", person=PersonId("bo"), first=date(2026, 12, 1), last=date(2026, 12, 4), cover=PersonId("olle")
    )
    await tx.save_absence(away)


async def filled(bot: Bot, text: str) -> Register:
    file = parse(text)
    assert await seed(bot, file, await look_up((Chat(),), file), "sv")
    async with bot.storage.read() as tx:
        return await tx.register()


OWN_IDS = ("id", "version")
"""What a database gives its rows itself, and no file says."""


def state(register: Register) -> dict:
    """Everything with people and accounts by their names, for ids are given anew."""
    names = {p.id: p.name for p in register.people.values()} | {
        a.id: a.name for a in register.accounts.values()
    }

    def plain(value):
        if is_dataclass(value):
            return {f.name: plain(getattr(value, f.name)) for f in fields(value) if f.name not in OWN_IDS}
        if isinstance(value, tuple):
            return [plain(each) for each in value]
        return names.get(value, value) if isinstance(value, str) else value

    accounts = sorted(map(plain, register.accounts.values()), key=lambda a: a["name"])
    places = {ident: plain(place) for ident, place in register.places.items()}
    return {"accounts": accounts, "places": places, "units": plain(tuple(register.units.values())),
            "roles": {role: plain(held) for role, held in register.roles.items()}, "contacts": register.role_contacts,
            "role_places": register.role_places, "absences": plain(register.absences),
            "takeovers": plain(register.takeovers)}  # fmt: skip


def untouched(*things) -> set[str]:
    """Fields that are as they begin in everything of their kind: the test would not see them lost."""
    found: dict[str, bool] = {}
    for thing in things:
        for f in fields(thing):
            name = f"{type(thing).__name__}.{f.name}"
            found[name] = found.get(name, False) or getattr(thing, f.name) != f.default
    return {name for name, changed in found.items() if not changed}


async def test_an_exported_organisation_fills_an_empty_database_to_the_same_state(tmp_path):
    unchanged = {name for name in vars(CHANGED) if getattr(CHANGED, name) == getattr(Office(), name)}
    assert unchanged == {"pilot_over"}  # the program's own: a trial that is on has not ended
    async with world(tmp_path) as w:
        await w.seed(lived_in)
        before = await w.register()
    text = organisation(before, WAITING)
    there = empty(tmp_path)
    after = await filled(there.bot, text)
    (anna,) = after.office.changers
    assert {i.user for i in after.identities_of(anna)} == {"anna", "anna2"}
    assert replace(after.office, changers=()) == replace(CHANGED, changers=())
    async with there.bot.storage.read() as tx:
        assert await wanted(tx) == WAITING
    assert organisation(after, WAITING) == text
    assert state(after) == state(before)
    known = (*before.places.values(), *before.takeovers, *before.absences, *before.accounts.values())
    assert untouched(*known, *(a.duty for a in before.accounts.values())) == {
        "Place.gone",  # the platform tells of it again
        "Place.confirmed",  # what nobody has confirmed is looked up by its name again
    }
    assert policy.load("kau").name == after.office.policy
    await there.bot.storage.close()


@pytest.mark.process
def test_the_command_writes_a_file_that_loads(tmp_path: Path):
    file = tmp_path / "organisation.toml"
    settings = {**os.environ, "SMBOT_DATABASE_URL": f"sqlite:///{tmp_path}/smbot.db"}
    smbot = Path(sys.executable).with_name("smbot")
    for words in (["db", "upgrade"], ["organisation", "export", str(file)]):
        subprocess.run([smbot, *words], check=True, env=settings, cwd=tmp_path)
    assert parse(file.read_text(encoding="utf-8")).name == Office().name


@pytest.mark.process
def test_where_there_is_no_database_the_command_says_so_and_makes_none(tmp_path: Path):
    settings = {**os.environ, "SMBOT_DATABASE_URL": f"sqlite:///{tmp_path}/smbot.db"}
    smbot = Path(sys.executable).with_name("smbot")
    done = subprocess.run(
        [smbot, "organisation", "export"],
        check=False,
        env=settings,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert list(tmp_path.iterdir()) == []
