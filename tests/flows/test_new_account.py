"""A new account from the first question to the first card, through the desk with a real store (users.md U5)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import policy
from bot.desk import Desk
from bot.texts import Texts
from bot.view import Ask, Faults, Quote, Tell
from tests import spread
from tests.new_account import (
    ANSWERS,
    approved,
    begun,
    confirm_all,
    decisions,
    first_form,
    go_through,
    ident_of,
    judge_all,
    made,
    run_of,
    sent,
    whole,
)
from tests.world import MONDAY, at, buttons, words, world

ALL_CONFIRMED = "Alla har bekräftat: @biologi_ny (Instagram)"

# -- the way through ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pack", "language"), spread.first([(p, w) for w in ("sv", "en") for p in policy.names()])
)
async def test_from_the_first_question_to_a_live_account(tmp_path, pack, language):
    async with world(tmp_path, pack=pack, language=language) as w:
        ident = await approved(w)
        account = await made(w)
        assert (account.state, account.address, account.people) == ("approved", "", ("anna", "bo"))
        assert account.stamp.pack == pack

        going = (await w.press("anna", "run.continue", ident)).form
        card = await go_through(w, "anna", going)
        assert card.title == Texts(language)("run.title.done", name="@biologi_ny (Instagram)")
        live = await made(w)
        assert (live.state, live.address) == ("live", "https://instagram.com/biologi_ny")
        assert live.asked_from == MONDAY.date() + timedelta(days=1)
        assert [p.key for p in w.posts("kommunikation") if p.key.startswith(f"{ident}:live")]

        await w.until(at(MONDAY.date() + timedelta(days=1), 9, 1))
        assert "@biologi_ny" in words(w.posts(day=MONDAY.date() + timedelta(days=1))[0].card)


async def test_the_first_form_says_how_long_it_takes_and_each_says_which_step_it_is(tmp_path):
    async with world(tmp_path) as w:
        form = await first_form(w)
        assert "20 minuter" in form.intro[0].text
        assert form.title == "Steg 1 av 16: Vad är det för konto?"
        assert form.intro[-1].text == "Stänger du nu sparas ingenting."
        second = (await w.fill("anna", form, ANSWERS)).form
        assert "sparas inte det här steget" in second.intro[-1].text
        assert "Därför:" in form.fields[-1].hint
        assert "Social media guidelines" in form.fields[-1].hint


async def test_no_client_can_put_a_run_where_tomorrows_round_will_stand(tmp_path):
    async with world(tmp_path) as w:
        form = await first_form(w)
        tomorrow = MONDAY.date() + timedelta(days=1)
        forged = f"round:test:T1:biologi:{tomorrow}|{form.state.split('|', 1)[1]}"
        refused = await w.fill("anna", replace(form, state=forged), ANSWERS)
        assert Texts("sv")("case.gone") in words(refused.card)
        await w.until(at(tomorrow, 9, 1))
        assert "@bio0" in words(w.posts("biologi", day=tomorrow)[0].card)


async def test_nothing_is_stored_before_the_first_answer_and_the_same_form_twice_is_one_run(tmp_path):
    async with world(tmp_path) as w:
        form = await first_form(w)
        async with w.bot.storage.read() as tx:
            assert list(await tx.open_cases("run")) == []
        await asyncio.gather(w.fill("anna", form, ANSWERS), w.fill("anna", form, ANSWERS))
        async with w.bot.storage.read() as tx:
            assert len(await tx.open_cases("run")) == 1


async def test_an_account_that_exists_leads_to_six_fields_and_no_checklist(tmp_path):
    async with world(tmp_path) as w:
        start = (await w.say("anna", "sm-new-account")).card
        assert (await w.press_on("anna", start, "run.exists")).form.id == "account.enter"


async def test_guidelines_without_a_checklist_say_so_and_what_can_be_done_instead(tmp_path):
    async with world(tmp_path) as w:
        bare = w.bot.pack.model_copy(update={"checklists": {}})
        w.desk = Desk(replace(w.bot, pack=bare))
        card = (await w.say("anna", "sm-new-account")).card
        assert "inte skriven än" in card.title
        assert [b.verb for b in card.buttons] == ["run.exists"]


async def test_a_private_account_stops_with_an_explanation(tmp_path):
    async with world(tmp_path) as w:
        reply = await w.fill("anna", await first_form(w), {"what.kind": "private"})
        assert "Slutar här" in reply.card.title
        assert "Privata konton registreras inte" in words(reply.card)


async def test_a_draft_is_taken_up_by_its_people_where_it_was_left_and_by_nobody_else(tmp_path):
    async with world(tmp_path) as w:
        reply = Ask(form=await first_form(w))
        for _ in range(10):
            reply = await w.fill(
                "anna", reply.form, {f.id: ANSWERS[f.id] for f in reply.form.fields if f.id in ANSWERS}
            )
        open_step = reply.form.state.split("|")[1]
        start = (await w.say("bo", "sm-new-account", channel="")).card
        overview = (await w.press_on("bo", start, "run.overview")).card
        again = await w.press_on("bo", overview, "run.continue")
        assert again.form.state.split("|")[1] == open_step

        assert "run.overview" not in [b.verb for b in buttons((await w.say("sara", "sm-new-account")).card)]
        refused = await w.press("sara", "run.continue", again.form.state.split("|")[0])
        assert "Anna Ek" in words(refused.card)
        assert isinstance(await w.fill("sara", again.form), Tell)


async def test_a_step_can_be_handed_to_a_colleague(tmp_path):
    async with world(tmp_path) as w:
        w.clock.at += timedelta(hours=3)
        reply = await w.fill("anna", await first_form(w), ANSWERS)
        ident = reply.form.state.split("|")[0]
        form = (await w.press("anna", "run.hand", ident)).form
        await w.fill("anna", form, {"person": "sara"})
        card = w.posts("@sara")[-1].card
        assert "Kan du hjälpa till" in card.title
        assert (await w.press_on("sara", card, "run.overview")).card.title.startswith("Nytt konto")


async def test_going_back_and_changing_a_branch_drops_the_other_branchs_answers(tmp_path):
    async with world(tmp_path) as w:
        inward = {"aim.aim": "internal", "aim-reason.reason": "Vi behöver det"}
        card = await go_through(w, "anna", await first_form(w), inward)
        ident = ident_of(card)
        assert "aim-reason.reason" in (await run_of(w, ident)).answers
        form = (await w.press("anna", "run.step_open", f"{ident}|aim")).form
        await w.fill("anna", form, {"aim.aim": "dialogue"})
        assert "aim-reason.reason" not in (await run_of(w, ident)).answers
        gone = await w.press("anna", "run.step_open", f"{ident}|aim-reason")
        assert "hör inte längre till" in words(gone.card)


async def test_each_named_person_is_asked_at_once_and_it_waits_for_all(tmp_path):
    async with world(tmp_path) as w:
        w.clock.at += timedelta(hours=3)
        card = await go_through(w, "anna", await first_form(w))
        ident = ident_of(card)
        assert "run.send" not in [b.verb for b in card.buttons]
        assert "Bo Lind" in words(card)
        early = await w.press("anna", "run.send", ident)
        assert "när alla har bekräftat" in words(early.card)
        for person in ("bo", "olle"):
            asked = w.posts(f"@{person}")[-1]
            assert [b.verb for b in asked.card.buttons] == ["run.confirm"]
            pressed = asked.card
            for _ in range(2):
                await w.press_on(person, pressed, "run.confirm")
            assert "Bekräftat" in asked.card.title
        assert (await run_of(w, ident)).unconfirmed == ()
        refused = await w.press("sara", "run.confirm", f"{ident}|terms.read")
        assert "inte bekräfta" in words(refused.card)


async def test_the_runner_is_told_once_when_everybody_has_confirmed_and_sends_it_from_there(tmp_path):
    async with world(tmp_path) as w:
        ident = await begun(w)
        await confirm_all(w, ident, "bo")
        assert all(p.card.title != ALL_CONFIRMED for p in w.posts("@anna"))
        for _ in range(2):
            await w.press("olle", "run.confirm", f"{ident}|terms.read")
        (told,) = [p for p in w.posts("@anna") if p.card.title == ALL_CONFIRMED]
        assert "Nu kan det skickas för godkännande." in words(told.card)
        overview = (await w.press_on("anna", told.card, "run.overview")).card
        await w.press_on("anna", overview, "run.send")
        assert (await run_of(w, ident)).state == "waiting"


@pytest.mark.long
async def test_where_communications_confirms_last_its_answer_says_that_it_can_be_sent(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        ident = await begun(w)
        await confirm_all(w, ident)
        assert "kan det skickas" not in words(w.posts("@anna")[-1].card)
        await judge_all(w, ident)
        assert "Alla har bekräftat. Nu kan det skickas för godkännande." in words(w.posts("@anna")[-1].card)


@pytest.mark.long
async def test_what_waits_names_the_account_and_says_where_it_stands(tmp_path):
    async with world(tmp_path) as w:
        form = await first_form(w)
        w.clock.at += timedelta(hours=3)
        card = await go_through(w, "anna", form)
        ident = ident_of(card)
        assert await stands(w) == "väntar på att två personer bekräftar"
        await confirm_all(w, ident, "bo")
        assert await stands(w) == "väntar på att en person bekräftar"
        await confirm_all(w, ident)
        assert await stands(w) == "klart att skickas"
        await w.press("anna", "run.send", ident)
        assert await stands(w) == "väntar på svar från Heidi Berg"
        form = (await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.back")).form
        await w.fill("heidi", form, {"text": "Hinner ni?"})
        assert await stands(w) == "har kommit tillbaka med en fråga till dig"
        await w.fill("anna", (await w.press("anna", "run.reply", ident)).form, {"text": "Ja"})
        await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.approve")
        assert await stands(w) == "godkänt, inte igång än"


async def stands(w) -> str:
    """Where the only new account stands, as its runner reads it."""
    card = (await w.say("anna", "sm-today")).card
    found = [item.text for part in card.parts if part.type == "items" for item in part.items]
    (line,) = [text for text in found if text.startswith("Nytt konto @biologi_ny (Instagram): ")]
    return line.partition(": ")[2]


# -- after it -----------------------------------------------------------------------------------


@pytest.mark.long
async def test_an_approved_account_is_not_asked_about_and_is_reminded_of_once(tmp_path):
    async with world(tmp_path, accounts=0) as w:
        await approved(w)
        await w.until(at(MONDAY.date() + timedelta(days=30), 16))
        assert w.posts() == []
        reminders = [p for p in w.posts("@anna") if p.key.startswith("heads:")]
        assert len(reminders) == 1
        assert "inte igång" in words(reminders[0].card)
        account = await made(w)
        assert account.state == "approved"
        assert Texts("sv")("account.state.approved") in words(
            (await w.press("anna", "account.open", account.id)).card
        )


async def test_the_finished_account_must_be_the_approved_one_and_nobody_elses(tmp_path):
    async with world(tmp_path) as w:
        ident = await approved(w)
        form = (await w.press("anna", "run.continue", ident)).form
        taken = await w.fill("anna", form, {"made.address": "instagram.com/bio1/"})
        assert "@bio1" in taken.by_field["made.address"]
        other = await w.fill("anna", form, {"made.address": "https://facebook.com/biologi"})
        assert "Facebook" in other.by_field["made.address"]
        nonsense = await w.fill("anna", form, {"made.address": "inte än"})
        assert "made.address" in nonsense.by_field


async def test_the_notice_to_visitors_is_drafted_with_the_offices_contact(tmp_path):
    async with world(tmp_path, visitor_contact="kontakt@example.se") as w:
        ident = await approved(w)
        form = (await w.press("anna", "run.step_open", f"{ident}|notice")).form
        quotes = [p.text for p in form.intro if isinstance(p, Quote)]
        assert len(quotes) == 2
        assert all("kontakt@example.se" in q for q in quotes)
        drafts = (await w.press("bo", "run.drafts", ident)).form
        assert "Vi vill nå nya studenter." in next(p.text for p in drafts.intro if isinstance(p, Quote))


@pytest.mark.long
async def test_a_new_account_without_a_channel_shows_its_gap_and_nobody_is_asked(tmp_path):
    async with world(tmp_path) as w:
        ident = await whole(w, changes={"own-place.place": ""})
        await w.press("anna", "run.send", ident)
        assert "Kanal" in words(w.posts("@heidi")[-1].card)
        await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.approve")
        await go_through(w, "anna", (await w.press("anna", "run.continue", ident)).form)
        account = await made(w)
        assert (account.state, account.gaps) == ("gaps", ("place",))


async def test_it_is_withdrawn_with_a_reason_by_the_runner_or_communications(tmp_path):
    async with world(tmp_path) as w:
        ident = await sent(w)
        assert isinstance(await w.press("bo", "run.withdraw", ident), Tell)
        form = (await w.press("anna", "run.withdraw", ident)).form
        assert isinstance(await w.fill("anna", form, {"text": ""}), Faults)
        await w.fill("anna", form, {"text": "Vi väntar"})
        run = await run_of(w, ident)
        assert (run.state, run.why, run.is_open) == ("withdrawn", "Vi väntar", False)
        assert w.posts("@heidi")[-1].card.title.startswith("Tillbakadraget")
        late = await w.press("heidi", "approval.approve", f"{ident}|1")
        assert late.card.title.startswith("Tillbakadraget")
        assert await decisions(w) == []


async def test_a_guest_starts_nothing(tmp_path):
    async with world(tmp_path) as w:
        for who in ("gast", "ute", "borta"):
            assert "gick inte" in (await w.say(who, "sm-new-account")).card.title
            assert "gick inte" in (await w.press(who, "run.new")).card.title
