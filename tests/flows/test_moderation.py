"""A moderation on a real store: what happens to a post, from the first page to the decision."""

import asyncio
from datetime import timedelta

import pytest

from bot.commands import Quoted
from bot.texts import Texts
from bot.view import Ask, Facts, Faults
from tests.moderating import (
    ABUSE,
    ADVERT,
    INSULT,
    POST,
    answer,
    decisions,
    done,
    first,
    of_kind,
    run,
    runs,
    step_of,
    through,
    until,
)
from tests.world import DAY, MONDAY, at, buttons, words, world

FRIDAY, SATURDAY = MONDAY.date() + 4 * DAY, MONDAY.date() + 5 * DAY
NEXT_MONDAY = MONDAY.date() + 7 * DAY
TEN = at(MONDAY.date(), 10)
PACKS = ("generic", "ki", "ki-2021", "kau", "bth", "kth")


async def test_a_post_without_a_breach_is_noted_with_a_decision_and_nothing_is_filed(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        card = await done(w)

        assert "Det bryter inte mot någon regel" in words(card)
        (made,) = await decisions(w)
        assert (made.kind, made.body["categories"], made.body["answer"]) == ("moderation", [], "nothing")
        assert (await run(w)).state == "done"
        assert await of_kind(w, "filing") == []


@pytest.mark.parametrize("pack", PACKS)
async def test_a_routine_moderation_is_six_presses_in_every_guideline(tmp_path, pack):
    async with world(tmp_path, pack=pack) as w:
        presses, reply = 1, await w.say("anna", "sm-moderate")
        while isinstance(reply, Ask):
            reply = await answer(
                w, "anna", reply.form, INSULT | {"answer.case": "no" if pack in ("bth", "ki") else "general"}
            )
            presses += 1

        assert presses <= 6
        assert (await run(w)).state == "done", words(reply.card)
        assert "togs bort" in words(reply.card)


async def test_the_decision_holds_what_was_done_and_no_personal_data(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await done(w, INSULT | {"capture.sender": "@elak", "breach.which": "Förtal av en lärare"})

        (made,) = await decisions(w)
        body, personal = dict(made.body), made.personal
        assert body["categories"] == ["honour"]
        assert (body["captured"], body["taken_off"], body["registrar"], body["kept"]) == (
            True,
            True,
            True,
            "registry",
        )
        assert (body["account"], body["posts"], body["decided_by"]) == ("bio0", 1, "manager")
        assert body["run"] == (await run(w)).id
        assert (personal["post.001"], personal["capture.sender"], personal["decided_by"]) == (
            POST,
            "@elak",
            "Anna Ek",
        )
        assert not any(word in repr(body) for word in ("Anna", "@elak", "lärare", "Cx1"))


async def test_the_cover_sheet_says_where_the_picture_is_and_by_what_it_is_known_again(tmp_path):
    digits = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    given = INSULT | {"capture.place": "G:/bilder/1.png", "capture.sender": "@elak", "breach.which": "Förtal"}
    async with world(tmp_path, pack="generic") as w:
        form = await until(w, "anna", "capture", given)
        wrong = await answer(w, "anna", form, given | {"capture.checksum": digits[:-1]})
        assert "64 tecken" in wrong.by_field["capture.checksum"]
        shown = f" {digits[:32].upper()} {digits[32:].upper()}"
        given |= {"capture.checksum": shown}
        await through(w, "anna", await answer(w, "anna", form, given), given)
        (filing,) = await of_kind(w, "filing")
        card = (await w.press("rita", "filing.show", filing.id)).card
        rows = dict(next(part.rows for part in card.parts if isinstance(part, Facts)))
        assert rows["Skärmbilden finns"] == "G:/bilder/1.png"
        assert rows["Bildens checksumma (SHA-256)"] == digits
        assert (rows["Avsändare"], rows["Vad det bryter mot"]) == ("@elak", "Förtal")
        assert "Övrigt" not in rows


async def test_what_goes_to_the_registrar_is_filed_once_under_the_decision(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await done(w, INSULT)

        (filing,) = await of_kind(w, "filing")
        (made,) = await decisions(w)
        assert (filing.decision, filing.account, filing.posts, filing.what) == (
            made.number,
            "bio0",
            1,
            "moderation",
        )


async def test_the_rules_stand_in_the_decision_as_they_are_today_with_what_the_ground_cites(tmp_path):
    async with world(tmp_path, pack="bth") as w:
        await done(w, INSULT)

        (made,) = await decisions(w)
        cites = {cite for rule in made.body["rules"] for cite in rule["cites"]}
        assert {"BTH-50", "BTH-51", "BTH-71"} <= cites
        assert made.body["pack"] == "bth"


# -- a threat at night --------------------------------------------------------------------------


async def test_a_threat_at_night_is_told_at_once_whatever_is_still_to_be_answered(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        w.clock.at = at(SATURDAY, 23, 40).astimezone(w.clock.at.tzinfo)
        reply = await answer(
            w, "anna", await first(w), {"first.threat": "yes", "first.posted": at(SATURDAY, 23).isoformat()}
        )

        assert isinstance(reply, Ask)
        assert "Larm om hot har gått till säkerhetsansvarig och kommunikationsavdelningen" in repr(
            reply.form.intro
        )
        assert len(w.posts("sakerhet")) == len(w.posts("kommunikation")) == 1
        assert "112" in words(w.posts("@anna")[0].card)
        (alarm,) = await of_kind(w, "alarm")
        assert (alarm.kind, alarm.account, alarm.link) == ("threat", "bio0", POST)
        assert (await run(w)).alarms == {"threat": alarm.id}


async def test_nothing_is_to_be_taken_off_until_somebody_has_confirmed_the_alarm_and_each_step_says_so(
    tmp_path,
):
    async with world(tmp_path, pack="generic") as w:
        wait = Texts("sv")("moderation.alarmed.wait")
        first_step = await answer(w, "anna", await first(w), {"first.pile-on": "yes"})
        assert wait in repr(first_step.form.intro)
        later = await w.press("anna", "moderation.continue", (await run(w)).id)
        assert wait in repr(later.form.intro)
        (alarm,) = await of_kind(w, "alarm")
        await w.press("karin", "alarm.receive", alarm.id)
        for verb in ("continue", "overview"):
            assert wait not in repr(await w.press("anna", f"moderation.{verb}", (await run(w)).id))


async def test_a_ground_that_is_a_threat_raises_the_alarm_when_it_is_chosen(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        form = await until(w, "anna", "breach")
        assert w.posts("sakerhet") == []
        await answer(w, "anna", form, {"breach.grounds": ("threat",)})

        assert len(w.posts("sakerhet")) == 1
        assert [a.kind for a in await of_kind(w, "alarm")] == ["threat"]


async def test_an_alarm_that_stands_on_the_same_post_is_not_raised_twice(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        form = (await w.say("bo", "sm-alarm")).form
        await w.fill(
            "bo", form, {"kind": "threat", "account": "bio0", "link": POST.replace("www.", "") + "?igsh=1"}
        )
        await done(w, {"first.threat": "yes", "breach.grounds": ("threat",)})

        (alarm,) = await of_kind(w, "alarm")
        assert (await run(w)).alarms == {"threat": alarm.id}
        assert len(w.posts("sakerhet")) == 1


async def test_a_threat_waits_for_no_other_run_on_the_same_post(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await until(w, "anna", "breach")
        reply = await answer(w, "bo", await first(w, "bo"))
        assert "Anna Ek" in reply.by_field["first.posts"]
        assert "rad 1" in reply.by_field["first.posts"]
        urgent = await answer(w, "bo", await first(w, "bo"), {"first.threat": "yes"})

        assert isinstance(urgent, Ask)
        assert len(w.posts("sakerhet")) == 1


# -- a pile-on ----------------------------------------------------------------------------------


async def test_a_pile_on_of_sixty_posts_is_one_run_one_decision_and_one_filing(tmp_path):
    posts = "\n".join(f"https://www.instagram.com/p/Cx{n}" for n in range(60))
    async with world(tmp_path, pack="generic") as w:
        card = await done(w, INSULT | {"first.pile-on": "yes", "first.posts": posts})

        assert "60 inlägg" in card.title
        (made,) = await decisions(w)
        (filing,) = await of_kind(w, "filing")
        assert (made.body["posts"], filing.posts, made.body["pile_on"]) == (60, 60, True)
        assert sum(name.startswith("post.") for name in made.personal) == 60
        assert [a.kind for a in await of_kind(w, "alarm")] == ["pile_on"]


# -- a house rule -------------------------------------------------------------------------------


async def asked(w) -> str:
    """A house rule whose answer is waited for; gives the run's id."""
    w.clock.at = TEN.astimezone(w.clock.at.tzinfo)
    card = await done(w, ADVERT)
    assert "Inlägget står kvar tills ansvarig chef eller kommunikationsavdelningen har svarat" in words(card)
    return (await run(w)).id


async def test_a_house_rule_asks_head_and_communications_and_a_no_leaves_the_post(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        ident = await asked(w)
        card = w.posts("@heidi")[-1].card
        assert "Det är reklam för ett gym." in words(card)
        assert "Ska det tas bort?" in w.posts("kommunikation")[-1].card.title
        form = (await w.press_on("heidi", card, "moderation.no")).form
        await w.fill("heidi", form, {"text": "Det är en student som tipsar."})

        told = w.posts("@anna")[-1].card
        assert "Nej från ansvarig chef: inlägget står kvar" in words(told)
        assert "Svarat" in w.posts("kommunikation")[-1].card.title
        reply = await w.press("anna", "moderation.continue", ident)
        assert step_of(reply.form) == "answer"
        story = await through(w, "anna", reply)
        (made,) = await decisions(w)
        assert (made.body["house_rule"], made.body["reviewed_by"], made.body["taken_off"]) == (
            "no",
            "head",
            False,
        )
        assert "Det står kvar: Det är en student som tipsar." in words(story)


async def test_a_yes_to_a_house_rule_asks_the_runner_to_take_it_off_and_the_first_answer_holds(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        ident = await asked(w)
        card = w.posts("kommunikation")[-1].card
        await w.press_on("karin", card, "moderation.yes")
        again = await w.press_on("heidi", card, "moderation.yes")
        late = await w.press("heidi", "moderation.no", f"{ident}|")

        assert "Ja från kommunikationsavdelningen" in words(again.card)
        assert "Ja från kommunikationsavdelningen" in words(late.card)
        reply = await w.press("anna", "moderation.continue", ident)
        assert step_of(reply.form) == "take-off"


@pytest.mark.long
async def test_an_unanswered_house_rule_is_reminded_of_after_two_working_days_then_five(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await asked(w)
        await w.until(at(MONDAY.date() + 16 * DAY, 17))

        collected = [p for p in w.posts("@heidi") if "väntar på ja eller nej" in words(p.card)]
        days = [(p.at.astimezone(TEN.tzinfo).date() - MONDAY.date()).days for p in collected]
        assert days == [3, 9, 16]  # Wednesday's collected message had gone when the reminder came


# -- child abuse material -----------------------------------------------------------------------


async def test_child_abuse_material_asks_for_no_picture_and_says_whom_to_call(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        form = await until(w, "anna", "police", ABUSE)
        said = repr(form)
        assert all(number in said for number in ("112", "114 14", "08-000 00 00"))
        card = await through(w, "anna", Ask(form=form), ABUSE)

        assert "capture" not in repr((await run(w)).values)
        assert "En bild togs" not in words(card)
        (made,) = await decisions(w)
        assert (made.body["captured"], made.body["registrar"]) == (False, True)


async def test_communications_is_told_to_take_no_picture_of_child_abuse_material(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await done(w, ABUSE | {"take-off.done": "office"})
        assert "ta ingen bild" in words(w.posts("kommunikation")[-1].card)


# -- not taken off ------------------------------------------------------------------------------


@pytest.mark.long
async def test_handed_to_communications_on_a_friday_afternoon_it_is_asked_once_and_nags_nobody(tmp_path):
    async with world(tmp_path, pack="generic", accounts=1, chemistry=0) as w:
        await w.until(at(FRIDAY, 16, 30))
        before = len(w.chat.posts)
        card = await done(w, INSULT | {"take-off.done": "office", "first.posted": at(FRIDAY, 16).isoformat()})
        assert "Kommunikationsavdelningen tar bort det" in words(card)
        (asked_,) = w.chat.posts[before:]
        assert (asked_.to, asked_.alerts) == ("kommunikation", [])
        await w.until(at(NEXT_MONDAY, 7, 59))
        assert w.chat.posts[before:] == [asked_]

        await w.press_on("kalle", asked_.card, "moderation.taken_off")
        ended = await run(w)
        assert (ended.state, ended.answers["take-off.done"].by) == ("done", "kalle")
        (made,) = await decisions(w)
        assert (made.decided_by, made.personal["decided_by"], made.personal["took_part.01"]) == (
            "anna", "Anna Ek", "Kalle Dahl",
        )  # fmt: skip
        assert "Inget väntar längre" in asked_.card.title
        assert any("Klart" in p.card.title for p in w.posts("@anna"))


@pytest.mark.long
async def test_a_breach_left_on_friday_reminds_on_monday_the_runner_first_then_communications(tmp_path):
    async with world(tmp_path, pack="generic", accounts=1, chemistry=0) as w:
        await w.until(at(FRIDAY, 16, 30))
        before = len(w.chat.posts)
        await until(w, "anna", "take-off", INSULT | {"first.posted": at(FRIDAY, 16).isoformat()})
        await w.until(at(NEXT_MONDAY, 8, 29))
        assert w.chat.posts[before:] == []
        await w.until(at(NEXT_MONDAY, 15, 31))

        said = [(p.to, p.at.astimezone(TEN.tzinfo).strftime("%H:%M")) for p in w.chat.posts[before:]]
        assert said[0] == ("@anna", "08:30")
        assert ("kommunikation", "09:30") in said
        assert "Ligger kvar" in words(w.posts("kommunikation")[-1].card)


async def test_communications_cannot_take_off_what_has_not_been_captured(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await until(w, "anna", "capture", INSULT)
        await w.until(at(MONDAY.date(), 12))
        ident = (await run(w)).id
        card = w.posts("kommunikation")[-1].card
        assert "Ta en bild först" in words(card)
        assert "moderation.taken_off" not in {b.verb for b in card.buttons}
        await w.press("karin", "moderation.taken_off", ident)

        assert "take-off.done" not in (await run(w)).values
        reply = await w.press_on("karin", card, "moderation.continue")
        assert step_of(reply.form) == "capture"


# -- from a question ----------------------------------------------------------------------------


async def from_question(w, **values):
    """The first page, asked for from a question's card; with the question's id."""
    w.clock.at = TEN.astimezone(w.clock.at.tzinfo)
    ident = await w.log("anna", "bio0", at(MONDAY.date(), 9), link=POST, kind="criticism", **values)
    form = (await w.press("anna", "question.hand_on", ident)).form
    return ident, await w.fill("anna", form, {"how": "moderate"})


async def test_from_a_question_what_is_known_is_filled_in_and_an_answer_ends_it(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        ident, reply = await from_question(w)
        given = {f.id: f.value for f in reply.form.fields}
        assert (given["first.account"], given["first.posts"], given["first.kind"]) == (
            "bio0",
            POST,
            "criticism",
        )
        assert given["first.posted"] == at(MONDAY.date(), 9)
        assert given["first.threat"] == ""
        await through(w, "anna", reply, {"answer.what": "answered", "first.kind": "criticism"})

        assert (await w.case(ident)).ended == "answered"
        assert (await run(w)).question == ident


async def test_from_a_question_later_leaves_it_open_and_makes_no_second_one(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        ident, reply = await from_question(w)
        await through(w, "anna", reply, {"answer.what": "later", "first.kind": "question"})

        (question,) = await of_kind(w, "question")
        assert (question.id, question.is_open) == (ident, True)


async def test_from_a_question_forward_hands_it_on_and_its_clock_runs_on(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        ident, reply = await from_question(w)
        before = await w.case(ident)
        await through(w, "anna", reply, {"answer.what": "forward", "first.kind": "question"})

        after = await w.case(ident)
        assert (after.forwarded_to, after.answer_by) == ("olle", before.answer_by)
        assert len(w.posts("@olle")) == 1


async def test_what_is_still_to_be_answered_becomes_a_question_whose_clock_began_when_the_visitor_posted(
    tmp_path,
):
    async with world(tmp_path, pack="generic") as w:
        w.clock.at = TEN.astimezone(w.clock.at.tzinfo)
        posted = at(MONDAY.date() - 4 * DAY, 9)
        await done(w, {"answer.what": "later", "first.kind": "question", "first.posted": posted.isoformat()})

        (question,) = await of_kind(w, "question")
        assert (question.posted_at, question.link, question.account) == (posted, POST, "bio0")
        assert question.answer_by < w.clock.at
        assert (await run(w)).question == question.id
        assert any("tiden har gått ut" in words(p.card) for p in w.posts())


async def test_a_question_that_stands_on_the_same_post_is_not_doubled(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        w.clock.at = TEN.astimezone(w.clock.at.tzinfo)
        ident = await w.log("bo", "bio0", at(MONDAY.date(), 9), link=POST + "?igsh=x")
        await done(w, {"answer.what": "later"})
        assert [q.id for q in await of_kind(w, "question")] == [ident]


# -- from the morning card ----------------------------------------------------------------------


async def test_from_the_morning_card_the_line_is_found_once_the_run_is_stored(tmp_path):
    async with world(tmp_path, pack="generic", accounts=2) as w:
        await w.until(at(MONDAY.date(), 9, 1))
        form = (await w.press_on("anna", w.posts()[0].card, "round.tell")).form
        reply = await w.fill("anna", form, {"bio0": "moderate", "bio1": "clear"})
        assert isinstance(reply, Ask)
        assert {f.id: f.value for f in reply.form.fields}["first.account"] == "bio0"
        assert await w.days("bio0", MONDAY.date()) == ["open"]
        assert await w.days("bio1", MONDAY.date()) == ["looked_at"]
        bad = await answer(w, "anna", reply.form, {"first.posts": ""})
        assert isinstance(bad, Faults)
        assert await w.days("bio0", MONDAY.date()) == ["open"]
        await through(w, "anna", reply)

        assert await w.days("bio0", MONDAY.date()) == ["found"]
        assert (await run(w)).state == "done"


async def test_what_else_was_told_of_in_the_morning_card_is_named_and_its_lines_wait(tmp_path):
    async with world(tmp_path, pack="generic", accounts=3) as w:
        await w.until(at(MONDAY.date(), 9, 1))
        form = (await w.press_on("anna", w.posts()[0].card, "round.tell")).form
        reply = await w.fill("anna", form, {"bio0": "question", "bio1": "moderate", "bio2": "moderate"})

        assert {f.id: f.value for f in reply.form.fields}["first.account"] == "bio1"
        assert "@bio2 (Instagram) och @bio0 (Instagram)" in repr(reply.form.intro)
        assert await w.days("bio0", MONDAY.date()) == await w.days("bio2", MONDAY.date()) == ["open"]


# -- two at once, again and late ----------------------------------------------------------------


async def test_two_people_at_once_lose_nothing_and_see_what_the_other_answered_before_they_overwrite_it(
    tmp_path,
):
    async with world(tmp_path, pack="generic") as w:
        form = await until(w, "anna", "breach")
        ident = (await run(w)).id
        theirs = (await w.press("bo", "moderation.continue", ident)).form
        await answer(w, "bo", theirs, INSULT)
        reply = await answer(w, "anna", form)

        assert isinstance(reply, Ask)
        assert "Bo Lind har svarat på det här steget" in repr(reply.form.intro)
        assert "Förtal eller förolämpning" in repr(reply.form.intro)
        assert {f.id: f.value for f in reply.form.fields}["breach.grounds"] == ("none",)
        assert (await run(w)).values["breach.grounds"] == ("honour",)
        assert step_of((await answer(w, "anna", reply.form)).form) == "answer"
        assert (await run(w)).values["breach.grounds"] == ("none",)


async def test_the_last_page_sent_twice_chains_one_decision(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        form = await until(w, "anna", "answer", INSULT)
        once, twice = await answer(w, "anna", form), await answer(w, "anna", form)

        assert once.card.title == twice.card.title
        assert len(await decisions(w)) == len(await of_kind(w, "filing")) == 1


async def test_two_pages_sent_in_the_same_moment_are_both_kept_and_chain_one_decision(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        breach = await until(w, "anna", "breach")
        ident = (await run(w)).id
        last = (await w.press("bo", "moderation.step_open", f"{ident}|answer")).form
        await asyncio.gather(answer(w, "anna", breach), answer(w, "bo", last, {"answer.what": "answered"}))

        ended = await run(w)
        assert (ended.state, ended.values["answer.what"]) == ("done", "answered")
        assert ended.values["breach.grounds"] == ("none",)
        (made,) = await decisions(w)
        assert (made.personal["decided_by"], made.personal["took_part.01"]) == ("Anna Ek", "Bo Lind")


async def test_two_of_communications_who_take_it_off_in_the_same_moment_chain_one_decision(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await done(w, INSULT | {"take-off.done": "office"})
        ident = (await run(w)).id
        await asyncio.gather(*(w.press(who, "moderation.taken_off", ident) for who in ("karin", "kalle")))

        assert (await run(w)).state == "done"
        assert len(await decisions(w)) == len(await of_kind(w, "filing")) == 1


async def test_it_is_resumed_on_any_device_after_every_step(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        reply = Ask(form=await first(w))
        while isinstance(reply, Ask):
            reply = await answer(w, "anna", reply.form, INSULT)
            if isinstance(reply, Ask):
                ident, step = (await run(w)).id, step_of(reply.form)
                card = (await w.say("bo", "sm-moderate")).card
                assert ident in {b.arg for b in buttons(card)}
                reply = await w.press("anna", "moderation.continue", ident)
                assert step_of(reply.form) == step
        assert (await run(w)).state == "done"


async def test_going_back_to_none_drops_picture_and_taking_off(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await until(w, "anna", "answer", INSULT)
        ident = (await run(w)).id
        form = (await w.press("anna", "moderation.step_open", f"{ident}|breach")).form
        await answer(w, "anna", form)

        assert not {"capture.taken", "take-off.done"} & (await run(w)).values.keys()


async def test_a_step_of_a_branch_that_was_left_is_refused_and_saves_nothing(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        capture = await until(w, "anna", "capture", INSULT)
        ident = (await run(w)).id
        form = (await w.press("anna", "moderation.step_open", f"{ident}|breach")).form
        await answer(w, "anna", form)
        late = await answer(w, "anna", capture)

        assert "hör inte till" in words(late.card)
        assert "capture.taken" not in (await run(w)).values


# -- withdraw, idle -----------------------------------------------------------------------------


async def test_what_is_not_needed_is_withdrawn_with_a_reason_by_its_runner_or_communications(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await until(w, "anna", "breach")
        ident = (await run(w)).id
        refused = await w.press("bo", "moderation.withdraw", ident)
        form = (await w.press("karin", "moderation.withdraw", ident)).form
        empty = await w.fill("karin", form, {"text": ""})
        card = (await w.fill("karin", form, {"text": "Inlägget är redan borta"})).card

        assert "Anna Ek" in words(refused.card)
        assert isinstance(empty, Faults)
        assert "Inlägget är redan borta" in words(card)
        assert (await run(w)).state == "withdrawn"
        assert await decisions(w) == []


async def test_a_marked_breach_cannot_be_withdrawn(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await until(w, "anna", "capture", INSULT)
        ident = (await run(w)).id
        reply = await w.press("anna", "moderation.withdraw", ident)
        assert "behöver tas om hand" in words(reply.card)
        assert (await run(w)).is_open


async def test_a_draft_that_lies_still_is_told_of_and_then_removed(tmp_path):
    async with world(tmp_path, pack="generic", accounts=1, chemistry=0) as w:
        await until(w, "anna", "breach")
        async with w.bot.storage.read() as tx:
            assert await tx.next_wake(w.clock.at) is not None
        w.clock.at += timedelta(days=35, hours=2)
        await w.until(w.clock.at + timedelta(minutes=2))
        assert any("legat stilla i 30 dagar" in words(p.card) for p in w.posts("@anna"))
        w.clock.at += timedelta(days=31)
        await w.until(w.clock.at + timedelta(minutes=2))

        removed = await runs_of_state(w, "removed")
        assert len(removed) == 1
        assert removed[0].answers == {}
        card = (await w.press("anna", "moderation.overview", removed[0].id)).card
        history = repr((await w.press("heidi", "account.history", "bio0")).form)
        assert "Utkastet togs bort" in words(card)
        assert "utkastet togs bort" in history


async def runs_of_state(w, state: str):
    return [r for r in await runs(w) if r.state == state]


# -- what is known elsewhere --------------------------------------------------------------------


async def test_today_home_history_and_digest_know_it(tmp_path):
    async with world(tmp_path, pack="generic", accounts=1, chemistry=0) as w:
        await until(w, "anna", "take-off", INSULT)
        today = words((await w.say("anna", "sm-today")).card)
        home = words(await w.desk.home(w.call("bo")))
        history = repr((await w.press("heidi", "account.history", "bio0")).form)
        await w.until(at(MONDAY.date(), 15, 31))
        digest = words(w.posts("kommunikation")[-1].card)

        for said in (today, home):
            assert "Ta ställning: ett inlägg på @bio0 (Instagram)" in said
        assert "Ställningstagande till ett inlägg" in history
        assert "Ligger kvar, fast det bryter mot reglerna" in digest


async def test_whoever_is_asked_finds_it_among_what_waits(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await asked(w)
        for who, sees in (("heidi", True), ("karin", True), ("olle", False)):
            card = (await w.say(who, "sm-today")).card
            assert ("moderation.review" in {b.verb for b in buttons(card)}) is sees, who


async def test_the_shortcut_brings_the_link_and_the_time_along(tmp_path):
    async with world(tmp_path, pack="generic", accounts=1) as w:
        quoted = Quoted(text="Usch", link=POST, at=at(MONDAY.date(), 6))
        form = (await w.shortcut("anna", "moderate", quoted)).form
        given = {f.id: f.value for f in form.fields}
        assert (given["first.posts"], given["first.account"]) == (POST, "bio0")
        assert given["first.posted"] == at(MONDAY.date(), 6)


async def test_the_owner_of_what_is_criticised_hears_of_it(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await done(w, {"first.kind": "criticism", "answer.what": "answered"})
        assert any("Kritik som du ansvarar för" in p.card.title for p in w.posts("@heidi"))


async def test_whoever_gets_the_question_as_its_owner_hears_of_it_once(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await done(w, {"first.kind": "criticism", "answer.what": "later"})
        (question,) = await of_kind(w, "question")
        assert question.forwarded_to == "heidi"
        assert len(w.posts("@heidi")) == 1


async def test_criticism_that_is_passed_on_asks_for_one_person_who_then_has_the_question(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        unasked = {"pass-on.to": ""}  # asked, this answer would be refused
        await done(w, {"first.kind": "criticism", "answer.what": "forward"} | unasked)
        (question,) = await of_kind(w, "question")
        assert question.forwarded_to == "heidi"


async def test_doubt_is_said_at_once_to_whom_the_guideline_names(tmp_path):
    async with world(tmp_path, pack="bth") as w:
        form = await until(w, "anna", "breach")
        await answer(w, "anna", form, INSULT | {"breach.doubt": "management"})
        card = w.posts("@dora")[-1].card
        assert "osäker" in words(card)
        assert "Ta ställning" in (await w.press_on("dora", card, "moderation.overview")).card.title
        refused = await w.press("dora", "moderation.continue", (await run(w)).id)
        assert refused.card.title == "Det gick inte"


async def test_nothing_public_needs_no_taking_off_and_the_decision_says_so(tmp_path):
    async with world(tmp_path, pack="bth") as w:
        await done(w, INSULT | {"first.public": "no", "first.posts": "Ett direktmeddelande"})
        (made,) = await decisions(w)
        assert (made.body["taken_off"], made.body["captured"]) == ("not-public", True)
