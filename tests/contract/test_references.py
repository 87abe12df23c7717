"""The contract of `References`, on both databases: where somebody is reached on Teams."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.teams.ports import Contact, Reference, References
from storage.references import SqlReferences
from storage.store import Store

EU, US = "https://eu.example.org/", "https://us.example.org/"
CHANNEL = Reference(
    tenant="t1", conversation="19:some@thread.tacv2", kind="channel", service_url=EU, bot="28:app",
    team="19:team@thread.tacv2", name="Sociala medier",
)  # fmt: skip
CHAT = Reference(
    tenant="t1", conversation="a:anna", kind="personal", service_url=EU, bot="28:app", user="anna"
)
ANNA = Contact(
    tenant="t1", user="anna", teams_id="29:anna", name="Anna Ek", email="anna@example.org", guest=False
)


@pytest.fixture
def references(store: Store) -> References:
    return SqlReferences(store, Reference, Contact)


@pytest.fixture
def elsewhere(other: Store) -> References:
    """What another process has."""
    return SqlReferences(other, Reference, Contact)


async def test_a_conversation_is_remembered_once_and_found_by_every_process(
    references: References, elsewhere: References
) -> None:
    assert await references.remember(CHANNEL)
    assert not await elsewhere.remember(CHANNEL)
    assert await elsewhere.conversation("t1", CHANNEL.conversation) == CHANNEL
    assert await references.conversation("t1", "19:other@thread.tacv2") is None


async def test_what_a_renewal_does_not_say_stays_known(references: References) -> None:
    await references.remember(CHANNEL)
    await references.remember(replace(CHANNEL, service_url=US, team="", name=""))
    assert await references.conversation("t1", CHANNEL.conversation) == replace(CHANNEL, service_url=US)


async def test_tenants_are_kept_apart(references: References) -> None:
    await references.remember(CHAT)
    await references.meet(ANNA)
    assert await references.conversation("t2", CHAT.conversation) is None
    assert await references.personal("t2", "anna") is None
    assert await references.any_of("t2") is None
    assert await references.all_of("t2") == ()
    assert await references.freeze("t2", user="anna") == ()
    assert await references.contact("t2", "anna") is None
    assert await references.contacts("t2") == ()
    assert await references.personal("t1", "anna") == CHAT


async def test_the_service_address_that_was_heard_last_serves_the_tenant(references: References) -> None:
    await references.remember(CHANNEL)
    await references.remember(replace(CHAT, service_url=US))
    assert (await references.any_of("t1") or CHANNEL).service_url == US
    await references.remember(CHANNEL)  # nothing new about it, but it is what holds now
    assert (await references.any_of("t1") or CHAT).service_url == EU
    await references.freeze("t1", conversation=CHANNEL.conversation)
    assert (await references.any_of("t1") or CHANNEL).service_url == US


async def test_what_is_frozen_is_told_once_and_thaws_when_it_is_remembered(references: References) -> None:
    await references.remember(CHANNEL)
    assert await references.freeze("t1", conversation=CHANNEL.conversation) == (CHANNEL,)
    assert await references.freeze("t1", conversation=CHANNEL.conversation) == ()
    assert await references.conversation("t1", CHANNEL.conversation) == replace(CHANNEL, frozen=True)
    assert await references.any_of("t1") is None
    assert await references.remember(CHANNEL)
    assert await references.conversation("t1", CHANNEL.conversation) == CHANNEL


async def test_a_team_is_frozen_with_all_its_channels(references: References) -> None:
    general = replace(CHANNEL, conversation=CHANNEL.team, team="")
    neighbour = replace(CHANNEL, conversation="19:next@thread.tacv2", team="19:neighbour@thread.tacv2")
    for reference in (CHANNEL, general, neighbour, CHAT):
        await references.remember(reference)
    assert set(await references.freeze("t1", team=CHANNEL.team)) == {CHANNEL, general}
    assert {r for r in await references.all_of("t1") if not r.frozen} == {neighbour, CHAT}


@pytest.mark.parametrize("how", [{"user": "anna"}, {"conversation": "a:anna"}])
async def test_who_removed_the_app_cannot_be_written_to_until_it_is_back(
    references: References, how: dict[str, str]
) -> None:
    await references.remember(CHAT)
    await references.meet(replace(ANNA, installed=True))
    assert await references.freeze("t1", **how) == (CHAT,)
    assert await references.personal("t1", "anna") == replace(CHAT, frozen=True)
    assert await references.contact("t1", "anna") == ANNA
    await references.remember(replace(CHAT, conversation="a:anna-again"))
    assert await references.personal("t1", "anna") == replace(CHAT, conversation="a:anna-again")


async def test_nothing_is_frozen_without_saying_what(references: References) -> None:
    await references.remember(CHAT)
    with pytest.raises(ValueError, match="frozen"):
        await references.freeze("t1")
    assert await references.personal("t1", "anna") == CHAT


async def test_whom_it_meets_again_it_knows_better_and_not_worse(references: References) -> None:
    await references.meet(replace(ANNA, installed=True, guest=True))
    await references.meet(Contact(tenant="t1", user="anna", teams_id="29:new"))
    assert await references.contact("t1", "anna") == replace(
        ANNA, teams_id="29:new", installed=True, guest=True
    )
    await references.meet(ANNA)
    assert await references.contact("t1", "anna") == replace(ANNA, installed=True)


async def test_contacts_come_by_name(references: References) -> None:
    for user, name in (("2", "Bo"), ("1", "Cecilia"), ("3", "Anna")):
        await references.meet(Contact(tenant="t1", user=user, teams_id=f"29:{user}", name=name))
    assert [contact.name for contact in await references.contacts("t1")] == ["Anna", "Bo", "Cecilia"]


async def test_of_processes_that_hear_of_it_at_once_one_is_the_first(
    open_store: Callable[[], Store],
) -> None:
    processes = [SqlReferences(open_store(), Reference, Contact) for _ in range(3)]
    first = await asyncio.gather(*(each.remember(CHANNEL) for each in processes))
    assert sorted(first) == [False, False, True]
    await processes[0].freeze("t1", conversation=CHANNEL.conversation)
    thawed = await asyncio.gather(*(each.remember(CHANNEL) for each in processes))
    assert sorted(thawed) == [False, False, True]
