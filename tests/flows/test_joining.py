"""One person on two chats: said first, confirmed by the office, and everything comes along."""

import json
from dataclasses import replace
from datetime import date

import pytest

from bot.model import Absence, Identity, Pattern, Person, PersonId, Unit
from bot.ports import Profile
from bot.service.joining import proposed, swapped
from bot.service.people import TO_CONFIRM
from bot.view import Ask, Tell
from tests.flows.test_rights import allowed
from tests.world import MONDAY, account, at, buttons, words, world

ANNA, TWIN = PersonId("anna"), PersonId("anna2")
MON = MONDAY.date()


async def twin(w, ident: str = "anna2", **changes: object) -> PersonId:
    """Anna once more, on another chat."""

    async def act(tx):
        person = Person(id=PersonId(ident), name="Ek, Anna", email="ANNA@example.se")
        await tx.save_person(replace(person, **changes))
        await tx.save_identity(
            Identity(platform="other", realm="T9", user=f"other-{ident}", person=PersonId(ident))
        )

    await w.seed(act)
    return PersonId(ident)


async def join(w, who: str = "karin", person: str = "anna", other: str = "Ek, Anna"):
    """Fill the two forms; gives what the last one answered."""
    form = (await w.press(who, "person.join")).form
    what = await w.fill(who, form, {"person": person, "other": other})
    return await w.fill(who, what.form) if isinstance(what, Ask) else what


async def test_what_would_happen_is_said_before_anything_is_done(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        await twin(w)
        before = await w.register()
        form = (await w.press("adam", "person.join")).form
        what = (await w.fill("adam", form, {"person": "anna", "other": "anna@example"})).form

        said = repr(what.intro)
        assert all(word in said for word in ("Anna Ek", "Ek, Anna", "@bio0", "Other", "en person"))
        assert await w.register() == before
        done = await w.fill("adam", what)
        assert "Anna Ek" in done.card.title
        assert [i.platform for i in (await w.register()).identities_of(ANNA)] == ["other", "test"]


async def test_the_list_of_accounts_offers_it_to_the_office_where_there_are_two_chats(tmp_path):
    async with world(tmp_path) as w:

        async def offered(who: str) -> bool:
            return "person.join" in [b.verb for b in (await w.say(who, "sm-accounts")).card.buttons]

        assert not await offered("karin")
        await twin(w)
        assert [await offered(who) for who in ("karin", "adam", "anna")] == [True, True, False]


async def test_from_then_on_they_act_and_are_named_as_one_on_both_chats(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await twin(w)
        await join(w)
        register = await w.register()
        await w.until(at(MON, 9, 1))
        call = replace(w.call("other-anna2"), platform="other", realm="T9")
        await w.desk.press(call, "round.clear", w.posts()[0].key.split(":card:")[0])

        assert register.who("other", "T9", "other-anna2").id == ANNA
        assert (register.people[TWIN].active, register.people[TWIN].email) == (False, "")
        assert await w.days("bio0", MON) == ["looked_at"]


async def test_the_whole_register_points_to_the_one_that_stays(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await twin(w)

        async def more(tx):
            pattern = Pattern(kind="weekdays", order=(TWIN, PersonId("bo"), TWIN))
            await tx.save_account(
                account("ny0", "kemi", people=(TWIN, ANNA, PersonId("bo")), pattern=pattern, head=TWIN)
            )
            await tx.save_unit(Unit(id="kem", name="Kemi", head=ANNA, deputy=TWIN))
            await tx.save_absence(Absence(id="w1", person=TWIN, first=MON, last=MON, cover=ANNA))
            await tx.save_absence(Absence(id="w2", person=PersonId("bo"), first=MON, last=MON, cover=TWIN))
            await tx.save_role("registrar", (TWIN, ANNA, PersonId("rita")), None)
            await tx.save_fact(TO_CONFIRM, json.dumps(["anna2", "bo"]))

        await w.seed(more)
        await join(w)
        register = await w.register()

        changed = register.accounts["ny0"]
        assert (changed.people, changed.head) == (("anna", "bo"), ANNA)
        assert changed.pattern.order == ("anna", "bo", "anna")
        assert (register.units["kem"].head, register.units["kem"].deputy) == (ANNA, None)
        assert [(a.person, a.cover) for a in register.absences] == [("anna", None), ("bo", "anna")]
        assert register.roles["registrar"] == ("anna", "rita")
        assert TWIN not in repr(replace(register, people={}, identities=()))


async def test_open_cases_and_what_waits_to_be_said_come_along_and_it_is_logged(tmp_path):
    async with world(tmp_path) as w:
        await twin(w)
        question = await w.log("anna", "bio0", MONDAY)
        await w.fill("bo", (await w.press("bo", "question.hand_on", question)).form, {"to": "anna2"})
        call = replace(w.call("other-anna2"), platform="other", realm="T9")
        await w.desk.press(call, "question.take", question)
        await join(w)
        case = await w.case(question)

        assert (case.taken_by, case.forwarded_to) == (ANNA, ANNA)
        async with w.bot.storage.read() as tx:
            (entry,) = await tx.log("person:anna")
        assert (entry.what, entry.by, entry.data) == ("person.joined", "karin", {"joined": "anna2"})


async def test_a_run_whose_approver_turns_out_to_be_its_runner_waits_for_somebody_else(tmp_path):
    from tests.new_account import sent

    async with world(tmp_path) as w:
        run = await sent(w)
        await twin(w, "heidi2", name="Heidi B", email="")

        async def runner(tx):
            await tx.save_case(replace(await tx.case(run), runner=PersonId("heidi2")))

        await w.seed(runner)
        await join(w, person="heidi", other="Heidi B")
        case = await w.case(run)

        assert case.runner == "heidi"
        assert case.approver != "heidi"


@pytest.mark.parametrize(
    ("person", "other", "said"),
    [
        ("anna", "Bo Lind", "två personer"),
        ("anna", "gast", "gäst"),
        ("anna", "Finns Inte", "ingen annan"),
        ("anna", "", "ingen annan"),
    ],
)
async def test_whoever_cannot_be_the_same_is_refused_with_a_reason(tmp_path, person, other, said):
    async with world(tmp_path) as w:
        before = await w.register()
        reply = await join(w, person=person, other=other)

        assert said in repr(reply)
        assert await w.register() == before


async def test_of_several_who_fit_one_is_chosen(tmp_path):
    async with world(tmp_path) as w:
        await twin(w)
        await twin(w, "anna3", name="Ek, Anna", email="annan@example.se")
        form = (await w.press("karin", "person.join")).form
        which = (await w.fill("karin", form, {"person": "anna", "other": "ek, anna"})).form
        assert [o.id for o in which.fields[0].options] == ["anna2", "anna3"]
        what = await w.fill("karin", which, {"other": "anna3"})
        await w.fill("karin", what.form)

        assert (await w.register()).who("other", "T9", "other-anna3").id == ANNA
        assert (await w.register()).who("other", "T9", "other-anna2").id == TWIN


async def test_one_address_on_two_chats_is_proposed_to_the_administrators_and_joined_by_nobody_else(tmp_path):
    async with world(tmp_path) as w:
        await twin(w)
        await w.until(at(MON, 9))
        (card,) = w.posts("@adam")
        assert "Kanske samma person" in words(card.card)
        assert (await w.register()).who("other", "T9", "other-anna2").id == TWIN
        (button,) = buttons(card.card)
        what = await w.press("adam", button.verb, button.arg)
        await w.fill("adam", what.form)
        await w.until(at(date(2026, 11, 26), 16))

        assert (await w.register()).who("other", "T9", "other-anna2").id == ANNA
        assert [p for p in w.posts("@adam") if p.key.startswith("setup")] == [card]


async def test_one_name_is_no_reason_to_propose_anything(tmp_path):
    async with world(tmp_path) as w:
        await twin(w, name="Anna Ek", email="")
        await twin(w, "olle2", name="Olle", email="olle@example.se")  # nobody with a task
        await twin(w, "gast2", name="gast", email="bo@example.se", standing="guest")

        assert proposed(await w.register()) == ()


@pytest.mark.parametrize(
    ("who", "may"), [("karin", True), ("adam", True), ("anna", False), ("heidi", False), ("gast", False)]
)
async def test_only_the_office_and_the_administrators_may_at_every_step(tmp_path, who, may):
    async with world(tmp_path) as w:
        await twin(w)
        form = (await w.press("karin", "person.join")).form
        what = (await w.fill("karin", form, {"person": "anna", "other": "anna@example"})).form
        tried = [
            await w.press(who, "person.join"),
            await w.press(who, "person.propose", "anna|anna2"),
            await w.fill(who, form, {"person": "anna", "other": "anna@example"}),
            await w.fill(who, replace(form, id="person.which", state="anna"), {"other": "anna2"}),
            await w.fill(who, what),
        ]

        assert [allowed(reply) for reply in tried] == [may] * 5
        assert ((await w.register()).who("other", "T9", "other-anna2").id == ANNA) is may


async def test_whoever_leaves_one_chat_stays_staff_until_they_have_left_the_other_too(tmp_path):
    async with world(tmp_path) as w:
        await twin(w)
        await join(w)
        here = Profile(platform="test", realm="T1", user="anna", name="Anna", email="x@example.se")
        there = replace(here, platform="other", realm="T9", user="other-anna2", name="Ek, Anna")

        async def met(profile):
            await w.desk.meet(profile)
            register = await w.register()
            return register.people[ANNA].may_act, register.out_of_reach()

        assert await met(there) == (True, ())
        assert await met(replace(here, active=False)) == (True, ())
        assert (await w.register()).people[ANNA].name == "Anna Ek"
        assert await met(replace(there, standing="guest")) == (False, ())
        assert await met(here) == (True, ())
        assert [i.gone for i in (await w.register()).identities_of(ANNA)] == [False, False]


async def test_a_press_that_comes_twice_joins_once(tmp_path):
    async with world(tmp_path) as w:
        await twin(w)
        form = (await w.press("karin", "person.join")).form
        what = (await w.fill("karin", form, {"person": "anna", "other": "anna@example"})).form
        await w.fill("karin", what)
        again = await w.fill("karin", what)

        assert isinstance(again, Tell) or again.by_field
        assert not allowed(again) or again.by_field
        assert len((await w.register()).identities_of(ANNA)) == 2


def test_an_id_is_swapped_where_it_stands_whole_and_nowhere_else():
    given = {"step.who|anna2": ("anna2", "anna", "anna22"), "x": "anna2 said"}

    assert swapped(given, "anna2", "anna") == {"step.who|anna": ("anna", "anna22"), "x": "anna2 said"}
