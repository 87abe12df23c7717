"""What every store promises about the register."""

from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest

from bot.changes import Change, patch
from bot.model import Contact, Person
from bot.ports import Conflict, NotFound
from bot.register import Register
from storage.store import Store
from tests.contract.samples import (
    ABSENCE,
    ANNA,
    BO,
    IDENTITY,
    NOW,
    OFFICE,
    PLACE,
    TAKEOVER,
    UNIT,
    account,
    person,
)


async def fill(store: Store) -> None:
    async with store.write() as tx:
        await tx.save_person(person("anna", language="en"))
        await tx.save_person(person("bo", standing="guest", active=False, checked=False))
        await tx.save_identity(IDENTITY)
        await tx.save_unit(UNIT)
        await tx.save_place(PLACE)
        await tx.save_account(account())
        await tx.save_absence(ABSENCE)
        await tx.save_takeover(TAKEOVER)
        await tx.save_role("communications", (BO, ANNA), "p1")
        await tx.save_role("registrar", (ANNA,), None)
        await tx.save_role_contact("registrar", Contact(mail=("registrator@example.se",), phone="08-1"))
        await tx.save_office(OFFICE)


async def register_of(store: Store) -> Register:
    async with store.read() as tx:
        return await tx.register()


async def test_the_register_comes_back_as_it_was_saved(store: Store) -> None:
    await fill(store)
    assert await register_of(store) == Register(
        people={
            ANNA: person("anna", language="en"),
            BO: person("bo", standing="guest", active=False, checked=False),
        },
        identities=(IDENTITY,),
        units={"u1": UNIT},
        places={"p1": PLACE},
        accounts={"a1": account(version=1)},
        absences=(ABSENCE,),
        takeovers=(TAKEOVER,),
        roles={"communications": (BO, ANNA), "registrar": (ANNA,)},
        role_places={"communications": "p1"},
        role_contacts={"registrar": Contact(mail=("registrator@example.se",), phone="08-1")},
        office=OFFICE,
    )


async def test_an_empty_register_has_the_default_office(store: Store) -> None:
    assert await register_of(store) == Register()


async def test_saving_again_replaces_what_stood_there(store: Store) -> None:
    await fill(store)
    async with store.write() as tx:
        await tx.save_person(Person(id=ANNA, name="Anna-Lena"))
        await tx.save_identity(replace(IDENTITY, person=BO))
        await tx.save_place(replace(PLACE, channel="C9"))
        await tx.save_role("communications", (), None)
        await tx.save_office(replace(OFFICE, name="Ett annat"))
    register = await register_of(store)
    assert register.people[ANNA] == Person(id=ANNA, name="Anna-Lena")
    assert register.identities == (replace(IDENTITY, person=BO),)
    assert register.places["p1"].channel == "C9"
    assert register.roles["communications"] == ()
    assert register.role_places == {}
    assert register.office.name == "Ett annat"


async def test_an_account_without_stamp_pattern_or_place_comes_back_so(store: Store) -> None:
    bare = account(stamp=None, place=None, asked_from=None, people=(), state="gaps", address="")
    async with store.write() as tx:
        saved = await tx.save_account(bare)
    assert (await register_of(store)).accounts["a1"] == saved == replace(bare, version=1)


async def test_what_a_file_said_and_an_older_approval_come_back(store: Store) -> None:
    told = account(
        state="imported", said={"head": "prefekten"}, approved_on=date(2019, 5, 3), approval_number="UN 1"
    )
    async with store.write() as tx:
        saved = await tx.save_account(told)
    assert (await register_of(store)).accounts["a1"] == saved == replace(told, version=1)


async def test_many_new_accounts_at_once_are_as_if_each_had_been_saved(store: Store) -> None:
    many = [account(f"m{n}", stamp=None, place=None) for n in range(3)]
    async with store.write() as tx:
        saved = await tx.add_accounts(many)
        assert (await tx.register()).accounts == {a.id: a for a in saved}
    assert (await register_of(store)).accounts == {a.id: replace(a, version=1) for a in many}
    with pytest.raises(Conflict):
        async with store.write() as tx:
            await tx.add_accounts([account("n1"), account("n2", address="https://instagram.com/m1")])
    assert len((await register_of(store)).accounts) == 3


async def test_a_transaction_sees_its_own_writes_and_a_rollback_leaves_no_trace(store: Store) -> None:
    await fill(store)
    with suppress(ZeroDivisionError):
        async with store.write() as tx:
            await tx.save_person(person("cecilia"))
            assert "cecilia" in (await tx.register()).people
            await tx.save_person(person("david"))
            assert "david" in (await tx.register()).people
            raise ZeroDivisionError
    assert set((await register_of(store)).people) == {"anna", "bo"}


async def test_after_a_rollback_another_change_is_seen_though_the_counter_is_the_same(store: Store) -> None:
    with suppress(ZeroDivisionError):
        async with store.write() as tx:
            await tx.save_person(person("anna"))
            await tx.register()
            raise ZeroDivisionError
    async with store.write() as tx:
        await tx.save_person(person("bo"))
    assert set((await register_of(store)).people) == {"bo"}


async def test_an_unchanged_register_is_not_read_again(store: Store) -> None:
    await fill(store)
    assert await register_of(store) is await register_of(store)


async def test_another_process_sees_a_change_at_its_next_transaction(store: Store, other: Store) -> None:
    await fill(store)
    assert set((await register_of(other)).people) == {"anna", "bo"}
    async with store.write() as tx:
        await tx.save_person(person("cecilia"))
    assert set((await register_of(other)).people) == {"anna", "bo", "cecilia"}
    async with other.write() as tx:
        await tx.save_account(replace((await tx.register()).accounts["a1"], name="Nytt namn"))
    assert (await register_of(store)).accounts["a1"].name == "Nytt namn"


async def test_of_two_who_change_an_account_the_second_meets_conflict(store: Store, other: Store) -> None:
    async with store.write() as tx:
        first = await tx.save_account(account())
    async with store.write() as tx:
        second = await tx.save_account(replace(first, name="Nytt namn"))
    assert (first.version, second.version) == (1, 2)
    with pytest.raises(Conflict):
        async with other.write() as tx:
            await tx.save_account(replace(first, name="Ett tredje"))
    assert (await register_of(store)).accounts["a1"] == second


async def test_the_same_account_is_refused_twice(store: Store) -> None:
    async with store.write() as tx:
        await tx.save_account(account("a1"))
    for twin in (account("a1"), account("a2", address=account("a1").address)):
        with pytest.raises(Conflict):
            async with store.write() as tx:
                await tx.save_account(twin)
    assert set((await register_of(store)).accounts) == {"a1"}


async def test_an_address_is_free_again_when_its_account_is_closed_and_may_be_missing_twice(
    store: Store,
) -> None:
    async with store.write() as tx:
        await tx.save_account(account("a1", address="https://x.com/ex", state="closed"))
        await tx.save_account(account("a2", address="https://x.com/ex"))
        await tx.save_account(account("a3", address=""))
        await tx.save_account(account("a4", address=""))
    assert set((await register_of(store)).accounts) == {"a1", "a2", "a3", "a4"}


async def test_a_reading_transaction_saves_nothing_and_tells_so(store: Store) -> None:
    async with store.read() as tx:
        with pytest.raises(RuntimeError, match="saves nothing"):
            await tx.save_person(person())
        assert not tx.wrote


async def test_a_transaction_knows_whether_it_has_saved_anything(store: Store) -> None:
    async with store.write() as tx:
        await tx.register()
        await tx.enqueue(())
        await tx.add_marks(())
        assert not tx.wrote
        await tx.save_person(person())
        assert tx.wrote


async def test_changes_are_kept_in_order_each_once_and_say_whether_they_were_taken_back(store: Store) -> None:
    unit = patch("unit", "u1", None, UNIT)
    assert unit
    first = Change(id="g1", page="unit", at=NOW, by=ANNA, patches=(unit,))
    back = Change(id="g2", page="unit", at=NOW, by=BO, patches=(unit.inverse,), undoes="g1")
    await fill(store)
    async with store.write() as tx:
        await tx.add_change(first)
        assert not await tx.taken_back("g1")
        await tx.add_change(back)
        await tx.remove_unit("u1")
    async with store.read() as tx:
        assert list(await tx.changes()) == [back, first]
        assert await tx.change("g1") == first
        assert await tx.taken_back("g1")
        assert (await tx.register()).units == {}
        with pytest.raises(NotFound):
            await tx.change("g3")
    with pytest.raises(Conflict):
        async with store.write() as tx:
            await tx.add_change(first)
