"""The register: enter what exists, change it, move it."""

import json
from dataclasses import replace
from datetime import time

import pytest

from bot.model import Person, PersonId
from bot.service.compose import SHARED_PLACES
from bot.texts import Texts
from bot.view import Ask, Faults, Tell
from tests.world import DAY, MONDAY, at, words, world

TUESDAY = MONDAY.date() + DAY
GOOD = {"platform": "instagram", "address": "@biologen", "unit": "bio", "people": ("anna", "bo"),
        "place": "test:T1:kemi"}  # fmt: skip


async def enter(w, who: str = "anna", **values: object):
    form = (await w.press(who, "account.enter")).form
    return await w.fill(who, form, GOOD | values)


async def newest(w):
    accounts = (await w.register()).accounts
    return accounts[max(a for a in accounts if a.startswith("c"))]


async def test_six_fields_make_an_account_that_is_live_at_once(tmp_path):
    async with world(tmp_path) as w:
        form = (await w.press("anna", "account.enter")).form
        assert [f.id for f in form.fields] == [
            "platform",
            "address",
            "unit",
            "people",
            "head",
            "place",
        ]
        reply = await w.fill("anna", form, GOOD)
        saved = await newest(w)

        assert (saved.state, saved.name, saved.address) == (
            "live",
            "@biologen",
            "https://instagram.com/biologen",
        )
        assert saved.gaps == ()
        assert "@biologen" in reply.card.title


@pytest.mark.parametrize(
    ("values", "gaps", "asked"),
    [
        ({"place": ""}, ("place",), False),
        ({"people": ("anna",)}, ("second_person",), True),
        ({"people": ("anna",), "place": ""}, ("place", "second_person"), False),
    ],
)
async def test_with_gaps_it_is_entered_its_gaps_are_shown_and_it_is_asked_about_as_soon_as_it_can_be(tmp_path, values, gaps, asked):  # fmt: skip
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        reply = await enter(w, **values)
        saved = await newest(w)
        await w.until(at(TUESDAY, 9, 1))

        assert (saved.state, saved.gaps) == ("gaps", gaps)
        assert all(Texts("sv")(f"gap.{gap}") in words(reply.card) for gap in gaps)
        assert [p.at for p in w.posts("kemi")] == ([at(TUESDAY, 9)] if asked else [])


async def test_a_gap_that_is_filled_makes_it_live_and_it_is_asked_about_from_the_next_day(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await enter(w, place="", people=("anna",))
        ident = (await newest(w)).id
        await w.until(at(TUESDAY, 8))
        await w.fill("anna", (await w.press("anna", "account.place", ident)).form, {"place": "test:T1:kemi"})
        await w.fill("anna", (await w.press("anna", "account.edit", ident)).form, {"people": ("anna", "bo")})
        await w.until(at(TUESDAY + DAY, 9, 1))

        assert (await newest(w)).state == "live"
        assert [p.at for p in w.posts("kemi")] == [at(TUESDAY + DAY, 9)]


@pytest.mark.parametrize(
    "address",
    ["https://www.instagram.com/Bio0/", "@BIO0", "instagr.am/bio0?hl=sv", "http://m.instagram.com/bio0#x"],
)
async def test_the_same_account_in_other_spelling_is_refused_and_named(tmp_path, address):
    async with world(tmp_path) as w:
        reply = await enter(w, address=address)

        assert isinstance(reply, Faults)
        assert "@bio0, Biologi" in reply.by_field["address"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("platform", ""),
        ("platform", "myspace"),
        ("address", ""),
        ("address", "https://[bad"),
        ("address", "https://instagram.com/"),
        ("address", "javascript:alert(1)"),
        ("address", "https://instagram.com/" + "x" * 5000),
        ("unit", ""),
        ("unit", "no-such"),
        ("people", ()),
        ("people", ("anna", "gast")),
        ("people", ("anna", "borta")),
        ("people", ("anna", "no-such")),
        ("head", "ute"),
        ("head", "no-such"),
        ("place", "a"),
        ("place", "slack:T1:C1"),
        ("place", "test:T9:C1"),
    ],
)
async def test_a_value_that_cannot_be_is_refused_beside_its_field(tmp_path, field, value):
    async with world(tmp_path) as w:
        before = await w.register()
        reply = await enter(w, **{field: value})

        assert isinstance(reply, Faults)
        assert list(reply.by_field) == [field]
        assert (await w.register()).accounts == before.accounts


async def test_a_channel_that_another_organisation_shares_is_refused(tmp_path):
    async with world(tmp_path) as w:
        async with w.bot.storage.write() as tx:
            await tx.save_fact(SHARED_PLACES, json.dumps(["test:T1:C1"]))
        before = await w.register()
        reply = await enter(w, place="test:T1:C1")

        assert isinstance(reply, Faults)
        assert list(reply.by_field) == ["place"]
        assert "delas med en annan organisation" in reply.by_field["place"]
        assert (await w.register()).accounts == before.accounts


async def test_one_person_named_twice_is_one_person(tmp_path):
    async with world(tmp_path) as w:
        await enter(w, people=("anna", "anna"))

        assert (await newest(w)).gaps == ("second_person",)


async def test_the_address_decides_the_platform(tmp_path):
    async with world(tmp_path) as w:
        await enter(w, address="https://facebook.com/Biologi")

        assert ((await newest(w)).platform, (await newest(w)).name) == ("facebook", "biologi")


async def test_a_channel_that_is_new_to_the_bot_is_asked_at_nine_until_its_people_choose_another_hour(
    tmp_path,
):
    async with world(tmp_path) as w:
        await enter(w, place="test:T1:C777")
        assert (await w.register()).places["test:T1:C777"].hour == time(9)
        form = (await w.press("anna", "account.edit", (await newest(w)).id)).form
        for never in ("", "25:00", "03:00", "09:00:00+02:00"):
            await w.fill("anna", form, {"hour": never})
        assert (await w.register()).places["test:T1:C777"].hour == time(9)
        await w.fill("anna", form, {"hour": "08:30"})
        assert (await w.register()).places["test:T1:C777"].hour == time(8, 30)


async def test_entered_twice_by_a_redelivered_form_it_is_one_account_and_one_answer(tmp_path):
    async with world(tmp_path) as w:
        call = w.call("anna", "kemi")
        first = await w.desk.submit(call, "account.enter", "", GOOD)
        second = await w.desk.submit(call, "account.enter", "", GOOD)

        assert isinstance(first, Tell)
        assert first == second


# -- change -------------------------------------------------------------------------------------


async def test_change_of_place_moves_open_questions_and_the_old_cards_point_on(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        question = await w.log("anna", "bio0", MONDAY)
        done = await w.log("anna", "bio0", MONDAY)
        await w.press("anna", "question.answered", done)
        form = (await w.press("karin", "account.place", "bio0")).form
        await w.fill("karin", form, {"place": "test:T1:kemi"})
        old, *_ = [p for p in w.posts() if p.key.startswith(question)]
        (new,) = [p for p in w.posts("kemi") if p.key.startswith("q")]

        assert old.card.buttons == ()
        assert "#kemi" in words(old.card)
        assert new.card.buttons != ()
        assert (await w.case(question)).place == "test:T1:kemi"
        await w.press("anna", "question.answered", question)
        assert [b.verb for b in new.card.buttons] == ["question.reopen"]


async def test_moved_back_again_each_question_has_one_card_with_buttons(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        question = await w.log("anna", "bio0", MONDAY)
        for place in ("kemi", "biologi", "kemi", "biologi"):
            form = (await w.press("karin", "account.place", "bio0")).form
            assert isinstance(await w.fill("karin", form, {"place": f"test:T1:{place}"}), Tell)

        live = [p.to for p in w.chat.posts if p.key.startswith(question) and p.card.buttons]
        assert live == ["biologi"]


async def test_a_question_opened_again_after_the_move_stands_in_the_new_place(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        question = await w.log("anna", "bio0", MONDAY)
        await w.press("anna", "question.answered", question)
        form = (await w.press("karin", "account.place", "bio0")).form
        await w.fill("karin", form, {"place": "test:T1:kemi"})
        await w.press("anna", "question.reopen", question)

        assert (await w.case(question)).place == "test:T1:kemi"
        assert [p.key for p in w.posts("kemi")] != []


async def test_the_same_place_again_changes_nothing(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        before = (await w.register()).accounts["bio0"]
        form = (await w.press("karin", "account.place", "bio0")).form
        await w.fill("karin", form)

        assert (await w.register()).accounts["bio0"] == before


async def test_a_new_hour_holds_from_the_next_day(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(MONDAY.date(), 7, 30))
        form = (await w.press("anna", "account.edit", "bio0")).form
        await w.fill("anna", form, {"hour": "10:30"})
        await w.until(at(TUESDAY, 23))

        assert [p.at for p in w.posts() if p.key.startswith("round")] == [
            at(MONDAY.date(), 9),
            at(TUESDAY, 10, 30),
        ]


async def test_the_pattern_is_chosen_among_the_accounts_people_and_todays_card_follows(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(MONDAY.date(), 9, 1))
        form = (await w.press("bo", "account.pattern", "bio0")).form
        wrong = await w.fill("bo", form, {"order": ("fia",)})
        nobody = await w.fill("bo", form, {"order": ()})
        kind = await w.fill("bo", form, {"kind": "by the moon"})
        await w.fill("bo", form, {"kind": "weeks", "order": ("bo", "anna")})

        assert [list(r.by_field) for r in (wrong, nobody, kind)] == [["order"], ["order"], ["kind"]]
        assert "Bo Lind" in words(w.posts()[0].card)


async def test_somebody_who_leaves_is_asked_no_more_and_the_next_person_is(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.seed(lambda tx: tx.save_person(Person(id=PersonId("anna"), name="Anna Ek", active=False)))
        await w.until(at(MONDAY.date(), 14, 1))
        form = (await w.press("karin", "account.edit", "bio0")).form
        fault = await w.fill("karin", form)

        assert w.posts()[1].alerts == ["bo"]
        assert "Anna Ek" in fault.by_field["people"]
        assert (
            await w.press("anna", "round.clear", w.posts()[0].key.split(":card:")[0])
        ).card.title == "Det gick inte"


async def test_two_who_change_it_at_once_both_get_an_answer(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        first = (await w.press("anna", "account.edit", "bio0")).form
        second = (await w.press("karin", "account.edit", "bio0")).form
        replies = [await w.fill("anna", first, {"people": ("anna", "fia")}),
                   await w.fill("karin", second, {"people": ("anna", "kalle")})]  # fmt: skip

        assert all(isinstance(r, Tell) for r in replies)
        assert (await w.register()).accounts["bio0"].people == ("anna", "kalle")


# -- look ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("bio1", ["@bio1 (Instagram)"]),
        ("INSTAGRAM kem", ["@kem0 (Instagram)"]),
        ("%_\x00", []),
        ("x" * 5000, []),
    ],
)
async def test_the_list_is_searched_by_words_and_one_match_opens(tmp_path, given, names):
    async with world(tmp_path) as w:
        card = (await w.say("olle", "sm-accounts", given)).card

        assert [card.title] == names or (not names and not card.parts[1:])


@pytest.mark.parametrize("verb", ["open", "edit", "pattern", "place", "history"])
@pytest.mark.parametrize("ident", ["", "no-such", "\ud800"])
async def test_an_account_that_is_not_there_is_answered_in_words(tmp_path, verb, ident):
    async with world(tmp_path) as w:
        reply = await w.press("karin", f"account.{verb}", ident)

        assert reply.card.title == "Det gick inte"


async def test_a_history_names_days_and_cases_and_nobody_who_looked(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.log("olle", "bio0", MONDAY)
        await w.until(at(MONDAY.date(), 9, 1))
        await w.press("anna", "round.clear", w.posts()[1].key.split(":card:")[0])
        reply = await w.press("rita", "account.history", "bio0")

        assert isinstance(reply, Ask)
        said = repr(reply.form)
        assert Texts("sv")("day.looked_at") in said
        assert "Fråga" in said
        assert not any(name in said for name in ("Anna Ek", "Olle Utan"))


async def test_one_accounts_card_shows_each_reader_only_what_they_may_press(tmp_path):
    async with world(tmp_path) as w:
        seen = {who: [b.verb for b in (await w.press(who, "account.open", "bio0")).card.buttons]
                for who in ("anna", "bo", "karin", "rita", "olle")}  # fmt: skip

        assert seen == {
            "anna": ["account.edit", "account.rename", "account.pattern", "account.history", "question.open"],
            "bo": ["account.pattern", "account.history", "question.open"],
            "karin": [
                "account.edit",
                "account.rename",
                "account.pattern",
                "account.place",
                "account.history",
                "question.open",
            ],
            "rita": ["account.history", "question.open"],
            "olle": ["question.open"],
        }


async def test_an_account_gets_another_name_address_and_unit_and_its_history_says_what_it_was(tmp_path):
    async with world(tmp_path) as w:
        form = (await w.press("anna", "account.rename", "bio0")).form
        await w.fill(
            "anna", form, {"name": "@biologi", "address": "https://www.instagram.com/Biologi/", "unit": "fak"}
        )

        account = (await w.register()).accounts["bio0"]
        assert (account.name, account.address, account.unit) == (
            "@biologi",
            "https://instagram.com/biologi",
            "fak",
        )
        history = (await w.press("anna", "account.history", "bio0")).form
        assert "var förut @bio0" in repr(history.intro)
        assert "Anna Ek" not in repr(history.intro)


async def test_who_renames_an_account_hears_of_its_first_card_only_while_that_is_to_come(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        today, said = MONDAY.date(), []
        for first in (today - DAY, today, today + DAY, today + 5 * DAY):
            account = replace((await w.register()).accounts["bio0"], asked_from=first)
            await w.seed(lambda tx, account=account: tx.save_account(account))
            form = (await w.press("anna", "account.rename", "bio0")).form
            said.append(words((await w.fill("anna", form, {"name": f"@bio{first.day}"})).card))

        assert ["Första kortet kommer" in card for card in said] == [False, False, True, True]
        assert "måndag" in said[-1]  # the fifth day on is a Saturday


async def test_an_account_is_not_given_the_address_of_another_nor_no_name(tmp_path):
    async with world(tmp_path) as w:
        taken = (await w.register()).accounts["bio1"].address
        form = (await w.press("karin", "account.rename", "bio0")).form
        assert "address" in (await w.fill("karin", form, {"address": taken})).by_field
        assert "name" in (await w.fill("karin", form, {"name": " "})).by_field
        assert (await w.register()).accounts["bio0"].version == 1


async def test_only_manager_head_and_communications_rename_an_account(tmp_path):
    async with world(tmp_path) as w:
        form = (await w.press("karin", "account.rename", "bio0")).form
        for who in ("bo", "olle", "dag"):
            assert (await w.fill(who, form, {"name": "@annat"})).card.title == "Det gick inte"
        await w.fill("heidi", form, {"name": "@annat"})
        assert (await w.register()).accounts["bio0"].name == "@annat"
