"""`smbot doctor` on Teams: what Microsoft answers, where the app is, and whom it cannot reach."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.teams.ports import Contact, Reference
from bot.model import Account, Identity, Person, PersonId, Place
from bot.register import Register
from bot.texts import Texts
from smbot import doctor
from smbot.doctor_teams import duties_here
from smbot.on_teams import references
from smbot.run import prepared
from smbot.settings import Settings
from smbot.wiring import Parts, build
from tests.fakes.teams import FakeTeams

OTHER = "99999999-9999-4999-8999-999999999999"


@pytest.fixture
async def teams() -> AsyncIterator[FakeTeams]:
    one = FakeTeams()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def parts(teams: FakeTeams, sqlite_url: str) -> AsyncIterator[Parts]:
    given = settings(teams, smbot_database_url=SecretStr(sqlite_url))
    with prepared(given):
        made = build(given)
        yield made
        await made.store.close()


def settings(teams: FakeTeams, **other: Any) -> Settings:
    return Settings(
        **{
            "microsoft_app_id": teams.app_id,
            "microsoft_app_password": SecretStr(teams.secret),
            "microsoft_app_tenant_id": teams.tenant,
            "smbot_teams_openid_url": teams.openid_url,
            "smbot_teams_token_url": teams.tokens.url,
            **other,
        }
    )


async def found(given: Settings) -> dict[str, list[doctor.Finding]]:
    """What it finds about Teams, by key."""
    by_key: dict[str, list[doctor.Finding]] = {}
    for finding in await doctor.findings(given, "en"):
        if finding.key.startswith("teams_"):
            by_key.setdefault(finding.key, []).append(finding)
    return by_key


async def test_nothing_is_wrong_where_microsoft_answers_and_nothing_has_been_tried_yet(
    teams: FakeTeams, sqlite_url: str
) -> None:
    assert await found(settings(teams, smbot_database_url=SecretStr(sqlite_url))) == {}
    assert len(teams.tokens.fetches) == 1


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"microsoft_app_password": SecretStr("geheim-fel")}, "client secret or certificate is wrong"),
        ({"microsoft_app_id": OTHER}, "no such app in that tenant"),
    ],
)
async def test_what_microsoft_answers_is_said_in_plain_words(
    other: dict[str, Any], words: str, teams: FakeTeams, sqlite_url: str
) -> None:
    told = await found(settings(teams, smbot_database_url=SecretStr(sqlite_url), **other))
    (refused,) = told["teams_refused"]
    assert words in refused.text(Texts("en"))
    assert "geheim" not in refused.text(Texts("en"))


async def test_servers_that_cannot_be_read_are_named(teams: FakeTeams, sqlite_url: str) -> None:
    teams.tokens.trouble = teams.keys.trouble = "html"
    told = await found(settings(teams, smbot_database_url=SecretStr(sqlite_url)))
    assert told["teams_unheard"][0].values["url"] == teams.tokens.url
    assert told["teams_keys"][0].values["url"] == teams.openid_url


async def test_an_open_door_and_a_closed_one_are_named(teams: FakeTeams, sqlite_url: str) -> None:
    given = settings(
        teams,
        smbot_database_url=SecretStr(sqlite_url),
        smbot_teams_allow_unsigned=True,
        smbot_teams_tenants=OTHER,
    )
    told = await found(given)
    assert set(told) == {"teams_unsigned", "teams_tenant_out"}
    both = given.model_copy(update={"smbot_teams_tenants": f"{OTHER},{teams.tenant}"})
    (note,) = (await found(both))["teams_tenants"]
    assert (note.values, note.note) == ({"tenants": OTHER}, True)


async def test_an_endpoint_that_teams_never_reached_is_named_with_what_to_enter(parts: Parts) -> None:
    (never,) = (await found(parts.settings))["teams_never_reached"]
    assert "https://HOST/api/messages" in never.text(Texts("en"))


async def test_each_place_without_the_app_and_each_person_out_of_reach_is_named(
    teams: FakeTeams, parts: Parts
) -> None:
    names = ("Anna Lind", "Bo Ek", "Cilla Dahl", "Dan Falk")
    users = {name: teams.add_user(name) for name in names}
    team = teams.add_team("Library", [users["Bo Ek"]])
    channels = {name: teams.add_channel(team, name) for name in ("here", "removed", "never")}
    await register(parts, teams.tenant, users, channels)
    known = references(parts.store)
    here = Reference(
        tenant=teams.tenant, conversation=channels["here"], kind="channel", team=team, bot="28:x",
        service_url=teams.service_url,
    )  # fmt: skip
    await known.remember(here)
    await known.remember(replace(here, conversation=channels["removed"]))
    await known.freeze(teams.tenant, conversation=channels["removed"])
    chat = teams.chat(users["Anna Lind"])
    await known.remember(replace(here, conversation=chat, kind="personal", team="", user=users["Anna Lind"]))
    cilla = Contact(tenant=teams.tenant, user=users["Cilla Dahl"], teams_id="29:c", installed=True)
    await known.meet(cilla)

    told = await found(parts.settings)
    assert [f.values["place"] for f in told["teams_not_installed"]] == ["never"]
    assert [f.values["place"] for f in told["teams_removed"]] == ["removed"]
    assert [f.values["name"] for f in told["teams_unreachable"]] == ["Dan Falk"]
    assert set(told) == {"teams_not_installed", "teams_removed", "teams_unreachable"}


def test_whoever_is_reached_in_slack_is_not_missed_in_teams() -> None:
    ida = PersonId("ida")
    known = Register(
        people={ida: Person(id=ida, name="Ida")},
        roles={"registrar": (ida,)},
        identities=tuple(
            Identity(platform=platform, realm="T", user="U", person=ida) for platform in ("slack", "teams")
        ),
    )
    assert list(duties_here(known, other="slack")) == []
    assert [each.platform for each in duties_here(known, other="")] == ["teams"]


async def register(parts: Parts, tenant: str, users: dict[str, str], channels: dict[str, str]) -> None:
    """An account in each channel; all have a task, but somebody without one is known too."""
    people = {name: PersonId(f"p{n}") for n, name in enumerate(users)}
    async with parts.store.write() as tx:
        for name, person in people.items():
            await tx.save_person(Person(id=person, name=name))
            await tx.save_identity(Identity(platform="teams", realm=tenant, user=users[name], person=person))
        idle = PersonId("idle")
        await tx.save_person(Person(id=idle, name="Idle"))
        await tx.save_identity(Identity(platform="teams", realm=tenant, user=OTHER, person=idle))
        for name, channel in channels.items():
            place = Place(
                id=f"teams:{tenant}:{channel}", platform="teams", realm=tenant, channel=channel, name=name
            )
            await tx.save_place(place)
            await tx.save_account(
                Account(
                    id=name, platform="x", name=name, address=f"https://x.com/{name}",
                    unit="", people=tuple(people.values()), place=place.id,
                )
            )  # fmt: skip
