"""Answering the day: one card, one press, and what happens to what nobody answers."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from bot.model import Absence, Account, FreeDuty, PersonId
from bot.texts import Texts
from bot.view import Ask, Tell
from tests.world import DAY, MONDAY, at, buttons, words, world

MON = MONDAY.date()
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (MON + n * DAY for n in range(1, 7))
NEXT_MONDAY = MON + 7 * DAY


ALREADY = Texts("sv")("round.already")


def round_of(day: date, place: str = "biologi") -> str:
    return f"round:test:T1:{place}:{day}"


async def states(w, day: date = MON) -> list[str]:
    return [line.state for line in (await w.case(round_of(day))).lines]


async def all_clear(w, who: str, *days: date) -> None:
    for day in days:
        await w.until(at(day, 9, 1))
        await w.press(who, "round.clear", round_of(day))


async def change(w, *idents: str, **changes: object) -> None:
    accounts = (await w.register()).accounts

    async def act(tx):
        for ident in idents or tuple(accounts):
            await tx.save_account(replace(accounts[ident], **changes))

    await w.seed(act)


DUTY = FreeDuty(kind="people", people=(PersonId("bo"),), agreed_by="heidi", agreed_on=MON)


# -- one press ----------------------------------------------------------------------------------


async def test_one_press_answers_for_all_and_the_second_changes_nothing(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MON, 9, 1))
        card = w.posts()[0].card
        await w.press_on("anna", card, "round.clear")
        before = await w.case(round_of(MON))
        reply = await w.press_on("bo", card, "round.clear")

        assert reply.card.title == ALREADY
        assert await w.case(round_of(MON)) == before
        assert await w.days("bio0", MON) == ["looked_at"]


async def test_a_press_that_is_sent_again_gets_the_same_answer_and_has_no_second_effect(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MON, 9, 1))
        call = w.call("anna", "biologi")
        first = await w.desk.press(call, "round.clear", round_of(MON))
        before = await w.case(round_of(MON))

        assert await w.desk.press(call, "round.clear", round_of(MON)) == first
        assert await w.case(round_of(MON)) == before


async def test_undo_opens_just_those_lines_again(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        await w.until(at(MON, 9, 1))
        form = (await w.press("anna", "round.tell", round_of(MON))).form
        await w.fill("anna", form, {"bio0": "found", "bio1": "not_looked"})
        reply = await w.press("bo", "round.clear", round_of(MON))
        assert await states(w) == ["found", "looked_at"]
        await w.press_on("bo", reply.card, "round.undo")

        assert await states(w) == ["found", "open"]
        assert await w.days("bio1", MON) == ["open"]


async def test_with_something_to_tell_each_line_is_told_and_questions_are_asked_for_one_by_one(tmp_path):
    async with world(tmp_path, accounts=4) as w:
        await w.until(at(MON, 9, 1))
        form = (await w.press_on("anna", w.posts()[0].card, "round.tell")).form
        told = {"bio0": "question", "bio1": "found", "bio2": "question", "bio3": "not_looked"}
        first = await w.fill("anna", form, told)
        assert isinstance(first, Ask)
        assert next(f.value for f in first.form.fields if f.id == "account") == "bio0"
        second = await w.fill("anna", first.form)
        assert next(f.value for f in second.form.fields if f.id == "account") == "bio2"
        last = await w.fill("anna", second.form)

        assert isinstance(last, Tell)
        assert await states(w) == ["found", "found", "found", "not_looked"]
        assert len([p for p in w.posts() if p.key.startswith("q")]) == 2
        assert "fråga på @bio2" in words(w.posts()[0].card)


async def test_the_form_shows_how_each_line_stands_and_may_change_it(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        await w.until(at(MON, 9, 1))
        form = (await w.press("anna", "round.tell", round_of(MON))).form
        await w.fill("anna", form, {"bio0": "found"})
        again = (await w.press("anna", "round.tell", round_of(MON))).form
        assert [f.value for f in again.fields] == ["found", "clear"]
        await w.fill("anna", again, {"bio0": "clear", "bio1": "not_looked"})

        assert await states(w) == ["looked_at", "not_looked"]


@pytest.mark.parametrize("value", ["", "on fire", "looked_at", ("clear",)])
async def test_a_line_without_a_word_that_is_known_stays_as_it_is(tmp_path, value):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(MON, 9, 1))
        form = (await w.press("anna", "round.tell", round_of(MON))).form
        reply = await w.fill("anna", form, {"bio0": value, "kem0": "clear", "no-such": "clear"})

        assert isinstance(reply, Tell)
        assert await states(w) == ["open"]


async def test_not_looked_at_is_reminded_of_and_can_still_be_answered(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(MON, 9, 1))
        form = (await w.press("anna", "round.tell", round_of(MON))).form
        await w.fill("anna", form, {"bio0": "not_looked"})
        await w.until(at(MON, 14, 1))
        assert [p.key.split(":")[0] for p in w.posts()] == ["round", "reply"]
        await w.press_on("bo", w.posts()[1].card, "round.clear")

        assert await states(w) == ["looked_at"]


async def test_all_clear_for_everything_of_mine_covers_every_channel_and_nothing_of_others(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        await change(w, "bio1", people=(PersonId("olle"), PersonId("bo")))
        await w.until(at(MON, 9, 1))
        reply = await w.press("anna", "round.clear_mine")
        again = await w.press("anna", "round.clear_mine")

        assert "två konton" in reply.card.title
        assert again.card.title == ALREADY
        assert await states(w) == ["looked_at", "open"]
        assert await w.days("kem0", MON) == ["looked_at"]


async def test_whoever_may_answer_for_some_of_the_accounts_answers_for_those(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        await change(w, "bio1", people=(PersonId("olle"), PersonId("bo")))
        await w.until(at(MON, 9, 1))
        await w.press("olle", "round.clear", round_of(MON))

        assert await states(w) == ["open", "looked_at"]


# -- reminders ----------------------------------------------------------------------------------


async def test_the_substitute_is_asked_by_a_direct_message_once(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MON, 14, 1))
        reply = w.posts()[1].card
        await w.press_on("anna", reply, "round.ask")
        await w.press_on("anna", reply, "round.ask")
        (asked,) = w.posts("@bo")
        await w.press_on("bo", asked.card, "round.clear")

        assert await states(w) == ["looked_at"] * 5
        assert buttons(asked.card) == []


async def test_when_all_is_answered_before_14_nobody_is_reminded(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MON, 13, 59))
        await w.press("anna", "round.clear", round_of(MON))
        await w.until(at(MON, 23))

        assert [p.key.split(":")[0] for p in w.posts()] == ["round"]


async def test_a_card_with_its_hour_after_14_is_not_reminded_of_the_same_minute(tmp_path):
    async with world(tmp_path) as w:
        place = replace((await w.register()).places["test:T1:biologi"], hour=at(MON, 15).time())
        await w.seed(lambda tx: tx.save_place(place))
        await w.until(at(MON, 23))

        assert [(p.key.split(":")[0], p.at) for p in w.posts()] == [("round", at(MON, 15))]


async def test_the_next_morning_the_watcher_may_say_that_they_did_look_and_it_is_late(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(TUESDAY, 9, 1))
        await w.press_on("anna", w.posts(day=TUESDAY)[0].card, "round.forgot")

        assert await states(w) == ["late"]
        assert await w.days("bio0", MON) == ["late"]
        assert "glömde säga till" not in words(w.posts(day=TUESDAY)[0].card)


async def test_a_line_can_be_answered_until_the_round_after_the_next_is_posted(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(WEDNESDAY, 8, 59))
        await w.press("anna", "round.clear", round_of(MON))
        await w.press("anna", "round.undo", f"{round_of(MON)}|bio0")
        await w.until(at(WEDNESDAY, 9, 1))
        replies = [
            await w.press("anna", verb, round_of(MON)) for verb in ("round.clear", "round.tell", "round.ask")
        ]

        assert {r.card.title for r in replies} == {"Det gick inte"}
        assert await states(w) == ["no_answer"]
        assert await w.days("bio0", MON) == ["no_answer"]
        assert w.posts(day=MON)[0].card.buttons == ()


# -- the bot was down ---------------------------------------------------------------------------


@pytest.mark.parametrize(("back", "posted"), [(at(TUESDAY, 11), True), (at(TUESDAY, 16, 59), True), (at(TUESDAY, 17, 1), False)])  # fmt: skip
async def test_back_the_same_day_the_card_is_posted_until_17_and_reminds_of_nothing_it_just_said(
    tmp_path, back, posted
):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(MON, 23))
        w.clock.at = back
        await w.until(back)
        await w.until(back + timedelta(minutes=2))

        expected = ["round"] if posted else []
        assert [p.key.split(":")[0] for p in w.posts(day=TUESDAY)] == expected
        assert await w.days("bio0", TUESDAY) == (["open"] if posted else ["not_asked"])


async def test_where_a_file_has_put_the_hour_at_closing_time_a_pass_that_is_late_still_asks(tmp_path):
    async with world(tmp_path, accounts=1) as w:

        async def late(tx):
            place = (await tx.register()).places["test:T1:biologi"]
            await tx.save_place(replace(place, hour=time(17)))

        await w.seed(late)
        await w.hop(at(TUESDAY, 0, 1))
        await w.hop(at(TUESDAY, 17) + timedelta(seconds=3))

        assert [p.key.split(":")[0] for p in w.posts(day=TUESDAY)] == ["round"]
        assert await w.days("bio0", TUESDAY) == ["open"]


async def test_days_on_which_the_bot_was_down_are_written_so_and_said_once(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(MON, 23))
        w.clock.at = at(THURSDAY, 8, 30)
        await w.until(at(FRIDAY, 9, 1))

        assert [await w.days("bio0", day) for day in (TUESDAY, WEDNESDAY)] == [["not_asked"]] * 2
        assert "tisdag 24 november och onsdag 25 november" in words(w.posts(day=THURSDAY)[0].card)
        assert "tisdag 24 november" not in words(w.posts(day=FRIDAY)[0].card)
        assert w.posts("@heidi") == []


# -- free days ----------------------------------------------------------------------------------


async def test_on_a_free_day_those_with_the_duty_are_asked_directly_and_reminded_among_themselves(tmp_path):
    async with world(tmp_path, pack="kau", accounts=2) as w:
        await change(w, "bio0", duty=DUTY)
        w.clock.at = at(FRIDAY, 17, 30)
        await w.until(at(SUNDAY, 23))

        weekend = [p for p in w.chat.posts if p.at >= at(SATURDAY, 0)]
        assert {p.to for p in weekend} == {"@bo"}
        assert [p.at for p in weekend] == [at(SATURDAY, 9), at(SATURDAY, 14), at(SUNDAY, 9), at(SUNDAY, 14)]
        assert await w.days("bio1", SATURDAY) == ["no_watch"]


async def test_a_free_day_that_is_answered_is_not_reminded_of(tmp_path):
    async with world(tmp_path, pack="kau", accounts=1) as w:
        await change(w, "bio0", duty=DUTY)
        w.clock.at = at(FRIDAY, 17, 30)
        await w.until(at(SATURDAY, 9, 1))
        await w.press_on("bo", w.posts("@bo")[0].card, "round.clear")
        await w.until(at(SATURDAY, 23))

        assert len(w.posts("@bo")) == 1
        assert await w.days("bio0", SATURDAY) == ["looked_at"]


async def test_a_free_day_without_an_answer_makes_no_second_working_day_for_the_head(tmp_path):
    async with world(tmp_path, pack="kau", accounts=1, chemistry=0) as w:
        await change(w, "bio0", duty=DUTY)
        await all_clear(w, "anna", MON, TUESDAY, WEDNESDAY, THURSDAY)
        await w.until(at(NEXT_MONDAY, 9, 40))

        assert w.posts("@heidi") == []


@pytest.mark.long
async def test_two_working_days_around_a_weekend_with_duty_reach_the_head(tmp_path):
    async with world(tmp_path, pack="kau", accounts=1, chemistry=0) as w:
        await change(w, "bio0", duty=DUTY)
        await all_clear(w, "anna", MON, TUESDAY, WEDNESDAY)
        await all_clear(w, "bo", SATURDAY, SUNDAY)
        await w.until(at(NEXT_MONDAY, 9, 31))

        assert [p.at for p in w.posts("@heidi")] == [at(NEXT_MONDAY, 9, 30)]


async def test_a_pack_that_asks_on_working_days_alone_says_nothing_of_free_ones(tmp_path):
    async with world(tmp_path, pack="ki", accounts=1) as w:
        w.clock.at = at(FRIDAY, 17, 30)
        await w.until(at(SUNDAY, 23))

        assert await w.days("bio0", SATURDAY) == []


async def test_what_came_in_on_free_days_stands_in_mondays_card_and_not_in_tuesdays(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        w.clock.at = at(SUNDAY, 18)
        await w.log("anna", "bio0", at(SATURDAY, 12))
        await w.until(at(NEXT_MONDAY + DAY, 9, 1))

        assert "Kom in" in words(w.posts(day=NEXT_MONDAY)[0].card)
        assert "Kom in" not in words(w.posts(day=NEXT_MONDAY + DAY)[0].card)


# -- who watches --------------------------------------------------------------------------------


async def test_somebody_away_is_neither_named_nor_alerted_and_todays_card_follows(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(MON, 9, 1))
        assert "Anna Ek" in words(w.posts()[0].card)
        form = (await w.say("anna", "sm-away")).form
        await w.fill("anna", form, {"last": MON.isoformat(), "cover": "olle"})
        assert "Olle Utan" in words(w.posts()[0].card)
        await w.until(at(MON, 14, 1))

        assert w.posts()[1].alerts == ["olle"]


async def test_with_everybody_away_communications_is_asked_never_nobody(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        for who in ("anna", "bo"):
            absence = Absence(id=who, person=PersonId(who), first=TUESDAY, last=TUESDAY)
            await w.seed(lambda tx, absence=absence: tx.save_absence(absence))
        await w.until(at(TUESDAY, 14, 1))
        card, reply = w.posts(day=TUESDAY)
        assert "Karin Berg" in words(card.card)
        assert reply.alerts == ["karin"]
        await w.press_on("karin", reply.card, "round.clear")

        assert [(line.state, line.role) for line in (await w.case(round_of(TUESDAY))).lines] == [
            ("looked_at", "communications")
        ]


async def test_a_new_account_is_first_asked_about_on_the_day_after(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        form = (await w.press("anna", "account.enter")).form
        values = {"address": "@ny", "unit": "bio", "people": ("anna", "bo"), "place": "test:T1:biologi"}
        reply = await w.fill("anna", form, values)
        await w.until(at(TUESDAY, 9, 1))

        assert "tisdag 24 november" in words(reply.card)
        assert [p.at for p in w.posts()] == [at(TUESDAY, 9)]


async def test_an_account_that_was_closed_meanwhile_harms_no_card(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        await w.until(at(MON, 9, 1))
        await change(w, "bio1", state="closed")
        await w.press("anna", "round.clear", round_of(MON))
        await w.until(at(WEDNESDAY, 9, 1))

        assert [line.account for line in (await w.case(round_of(WEDNESDAY))).lines] == ["bio0"]


def test_an_account_is_never_required_without_a_place():
    assert not Account(id="x", platform="x", name="x", address="", unit="u", people=(PersonId("a"),)).is_asked
