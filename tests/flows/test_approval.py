"""What the head sees, and what may be decided by whom (users.md U9), through the desk with a real store."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import Person, PersonId, Unit
from bot.service.compose import SHARED_PLACES
from bot.view import Ask, Cite, Facts, Faults, Quote, Tell
from storage.verify import verify
from tests.new_account import (
    approved,
    decisions,
    first_form,
    go_through,
    go_to,
    made,
    run_of,
    sent,
    whole,
)
from tests.world import MONDAY, buttons, words, world


async def test_the_head_can_decide_without_opening_anything(tmp_path):
    async with world(tmp_path) as w:
        await sent(w)
        card = w.posts("@heidi")[-1].card
        said = words(card)
        for fact in ("Anna Ek", "@biologi_ny (Instagram)", "Vi vill nå nya studenter.", "Gymnasister", "Bo Lind",
                     "Timmar i veckan", "Olle Utan", "Det väntar till nästa arbetsdag", "Det här tar du på dig",
                     "Responsibility", "@bio0", "Jag har bedömt", "Lämnat tomt"):  # fmt: skip
            assert fact in said, fact
        verbs = [b.verb for b in card.buttons]
        assert verbs == [
            "approval.approve",
            "approval.back",
            "approval.reject",
            "approval.deputy",
            "run.read",
        ]
        everything = (await w.press_on("heidi", card, "run.read")).form
        assert everything.submit == ""
        assert "Fler sökande" in repr(everything.intro)


async def test_a_decision_is_chained_once_though_pressed_twice(tmp_path):
    async with world(tmp_path) as w:
        await sent(w)
        card = w.posts("@heidi")[-1].card
        replies = await asyncio.gather(*(w.press_on("heidi", card, "approval.approve") for _ in range(3)))
        assert all("Beslut nr 1" in r.card.title for r in replies)
        (decision,) = await decisions(w)
        assert decision.kind == "account.approved"
        assert decision.body["sections"][:2] == ["introduction", "setting-up"]
        assert decision.body["decided_by"] == "head"
        assert (decision.personal["decided_by"], decision.personal["presented_by"]) == (
            "Heidi Berg",
            "Anna Ek",
        )
        assert not any(name in str(decision.body) for name in ("Anna", "Heidi", "Bo Lind", "Olle"))
        async with w.bot.storage.read() as tx:
            assert (await verify(tx)).bad is None
        assert "Beslut nr 1" in words(w.posts("@anna")[-1].card)
        assert w.posts("@heidi")[-1].card.title.startswith("Godkänt av Heidi Berg")


async def test_a_decision_fits_on_one_page_in_the_organisations_language(tmp_path):
    async with world(tmp_path) as w:
        ident = await approved(w)
        await w.press("rita", "language", "en")
        form = (await w.press("rita", "run.decision", ident)).form
        facts = dict(next(p.rows for p in form.intro if isinstance(p, Facts) and "Dag" in dict(p.rows)))
        assert form.title == "Beslut nr 1"
        assert facts["Har beslutat"] == "Heidi Berg, ansvarig chef"
        assert facts["Har lagt fram"] == "Anna Ek"
        assert "Setting up an account" in facts["Avsnitt i riktlinjerna"]
        assert "2026.2" in facts["Riktlinjer"]
        assert isinstance(await w.press("sara", "run.decision", ident), Tell)


@pytest.mark.parametrize("who", ["anna", "bo", "karin", "sara", "dora", "gast", "borta"])
async def test_nobody_but_the_head_and_their_deputy_decides_and_the_runner_never(tmp_path, who):
    async with world(tmp_path) as w:
        ident = await sent(w)
        for verb in ("approval.approve", "approval.deputy", "approval.back", "approval.reject"):
            reply = await w.press(who, verb, f"{ident}|1")
            assert isinstance(reply, Tell)
            assert "gick inte" in reply.card.title
        assert (await run_of(w, ident)).state == "waiting"
        assert await decisions(w) == []


async def test_the_deputy_may_take_it(tmp_path):
    async with world(tmp_path) as w:
        ident = await sent(w)
        reply = await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.deputy")
        assert "Dag Sten" in reply.card.title
        await w.press_on("dag", w.posts("@dag")[-1].card, "approval.approve")
        (decision,) = await decisions(w)
        assert decision.body["decided_by"] == "deputy"
        assert (await run_of(w, ident)).decided_by == "dag"


async def test_a_deputy_never_approves_what_they_run_themselves(tmp_path):
    async with world(tmp_path) as w:
        people = {"people.people": ("dag", "bo"), "people.manager": "dag"}
        ident = await whole(w, "dag", people)
        await w.press("dag", "run.send", ident)
        reply = await w.press("dag", "approval.approve", f"{ident}|1")
        assert "sin egen begäran" in words(reply.card)
        assert "approval.deputy" not in [b.verb for b in w.posts("@heidi")[-1].card.buttons]


async def test_a_deputy_never_approves_an_account_that_they_shall_manage(tmp_path):
    async with world(tmp_path) as w:
        ident = await whole(w, "anna", {"people.people": ("dag", "anna"), "people.manager": "dag"})
        await w.press("dag", "run.confirm", f"{ident}|terms.read")
        await w.press("anna", "run.send", ident)
        reply = await w.press("dag", "approval.approve", f"{ident}|1")
        assert "sin egen begäran" in words(reply.card)
        assert "approval.deputy" not in [b.verb for b in w.posts("@heidi")[-1].card.buttons]
        assert "run.approval" not in [b.verb for b in buttons((await w.say("dag", "sm-today")).card)]
        assert (await run_of(w, ident)).state == "waiting"


async def test_neither_the_runner_nor_the_manager_is_entered_as_who_approves(tmp_path):
    async with world(tmp_path) as w:
        await w.seed(lambda tx: tx.save_unit(Unit(id="ny", name="Nya institutionen")))
        people = {
            "people.people": ("bo", "anna"),
            "people.manager": "bo",
            "substitutes.substitutes": ("anna",),
        }
        ident = await sent(w, changes={"level.unit": "ny", **people})
        form = (await w.press_on("karin", w.posts("kommunikation")[-1].card, "run.set_head")).form
        for person in ("anna", "bo"):
            assert isinstance(await w.fill("karin", form, {"person": person}), Faults), person
        assert (await run_of(w, ident)).approver is None


async def test_a_heads_own_account_goes_to_the_head_of_the_parent_unit(tmp_path):
    async with world(tmp_path) as w:
        people = {"people.people": ("heidi", "bo"), "people.manager": "heidi", "head.head": "fia"}
        ident = await whole(w, "heidi", people)
        await w.press("heidi", "run.send", ident)
        assert (await run_of(w, ident)).approver == "fia"
        assert "vill starta" in w.posts("@fia")[-1].card.title


async def test_an_administration_account_goes_to_the_director(tmp_path):
    async with world(tmp_path) as w:
        ident = await sent(w, changes={"level.level": "administration"})
        assert (await run_of(w, ident)).approver == "dora"
        await w.press_on("dora", w.posts("@dora")[-1].card, "approval.approve")
        assert (await decisions(w))[0].body["decided_by"] == "director"


async def test_where_no_head_is_known_communications_enters_one_and_the_request_goes_there(tmp_path):
    async with world(tmp_path) as w:
        await w.seed(lambda tx: tx.save_unit(Unit(id="ny", name="Nya institutionen")))
        ident = await sent(w, changes={"level.unit": "ny"})
        card = w.posts("kommunikation")[-1].card
        assert "Ingen kan godkänna" in card.title
        assert isinstance(await w.press("sara", "run.set_head", ident), Tell)
        form = (await w.press_on("karin", card, "run.set_head")).form
        assert isinstance(await w.fill("karin", form, {"person": "anna"}), Faults)
        await w.fill("karin", form, {"person": "fia"})
        assert "vill starta" in w.posts("@fia")[-1].card.title
        assert (await run_of(w, ident)).approver == "fia"


async def test_a_head_who_left_is_replaced_by_communications_and_the_request_goes_on(tmp_path):
    async with world(tmp_path) as w:
        ident = await sent(w)
        await w.seed(lambda tx: tx.save_person(Person(id=PersonId("heidi"), name="Heidi Berg", active=False)))
        today = (await w.say("karin", "sm-today")).card
        form = (await w.press_on("karin", today, "run.set_head")).form
        await w.fill("karin", form, {"person": "fia"})
        assert (await run_of(w, ident)).approver == "fia"
        await w.press_on("fia", w.posts("@fia")[-1].card, "approval.approve")
        assert len(await decisions(w)) == 1
        assert isinstance(await w.press("karin", "run.set_head", ident), Tell)


async def test_a_deputy_to_whom_it_was_handed_on_decides_though_the_head_has_left(tmp_path):
    async with world(tmp_path) as w:
        ident = await sent(w)
        await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.deputy")
        gone = Person(id=PersonId("heidi"), name="Heidi Berg", active=False)
        await w.seed(lambda tx: tx.save_person(gone))
        await w.seed(lambda tx: tx.save_unit(Unit(id="bio", name="Biologi", head=PersonId("fia"))))
        await w.until(w.clock.at + timedelta(minutes=2))
        assert (await run_of(w, ident)).approver is None
        assert "run.approval" in [b.verb for b in buttons((await w.say("dag", "sm-today")).card)]
        await w.press_on("dag", w.posts("@dag")[-1].card, "approval.approve")
        (decision,) = await decisions(w)
        assert decision.body["decided_by"] == "deputy"
        assert decision.personal["decided_by"] == "Dag Sten"


async def test_handing_on_to_the_deputy_asks_first_and_names_them(tmp_path):
    async with world(tmp_path) as w:
        await sent(w)
        (button,) = [b for b in w.posts("@heidi")[-1].card.buttons if b.verb == "approval.deputy"]
        assert "Dag Sten får begäran" in button.confirm.text


async def test_that_something_is_our_default_is_said_once_a_form(tmp_path):
    async with world(tmp_path) as w:
        await sent(w)
        card = w.posts("@heidi")[-1].card
        everything = (await w.press_on("heidi", card, "run.read")).form
        for parts in (card.parts, everything.intro):
            assert sum(isinstance(p, Cite) and p.default for p in parts) <= 1
        assert any("förvald" in getattr(p, "text", "") for p in everything.intro)


async def test_the_card_says_by_when_an_answer_is_wished_and_that_this_is_a_default(tmp_path):
    async with world(tmp_path) as w:
        await sent(w)
        assert "senast måndag 30 november (förvalt)" in words(w.posts("@heidi")[-1].card)


@pytest.mark.long
async def test_what_was_agreed_about_free_days_holds_once_the_account_is_live(tmp_path):
    async with world(tmp_path) as w:
        ident = await sent(w, changes={"substitutes.free-days": "agreed"})
        card = w.posts("@heidi")[-1].card
        assert "bekräftar du att Anna Ek och Bo Lind bevakar på lediga dagar" in words(card)
        await w.press_on("heidi", card, "approval.approve")
        assert (await made(w)).duty.kind == "none"
        form = (await w.press("anna", "run.continue", ident)).form
        await go_through(w, "anna", form)
        duty = (await made(w)).duty
        assert (duty.kind, duty.people, duty.agreed_by) == ("people", ("anna", "bo"), "heidi")
        assert duty.agreed_on == MONDAY.date()


async def test_nobody_watches_on_free_days_where_nothing_was_agreed(tmp_path):
    async with world(tmp_path) as w:
        ident = await approved(w)
        await go_through(w, "anna", (await w.press("anna", "run.continue", ident)).form)
        assert (await made(w)).duty.kind == "none"


async def test_a_shared_channel_is_refused_when_it_is_chosen(tmp_path):
    async with world(tmp_path) as w:
        await w.seed(lambda tx: tx.save_fact(SHARED_PLACES, '["test:T1:biologi"]'))
        reply = await go_to(w, "own-place.place")
        assert isinstance(reply, Faults)
        assert "own-place.place" in reply.by_field


async def test_a_question_goes_to_the_runner_and_the_answer_comes_back_on_top(tmp_path):
    async with world(tmp_path) as w:
        ident = await sent(w)
        old = w.posts("@heidi")[-1].card
        form = (await w.press_on("heidi", old, "approval.back")).form
        assert isinstance(await w.fill("heidi", form, {"text": "  "}), Faults)
        await w.fill("heidi", form, {"text": "Vem svarar i juli?"})
        told = w.posts("@anna")[-1].card
        assert Quote(text="Vem svarar i juli?") in told.parts
        overview = (await w.press_on("anna", told, "run.overview")).card
        reply = (await w.press_on("anna", overview, "run.reply")).form
        await w.fill("anna", reply, {"text": "Bo"})
        new = w.posts("@heidi")[-1].card
        assert Quote(text="Bo") in new.parts
        stale = await w.press_on("heidi", old, "approval.approve")
        assert "har ändrats" in words(stale.card)
        assert "se det senare meddelandet" in w.posts("@heidi")[-2].card.title
        await w.press_on("heidi", new, "approval.approve")
        assert (await run_of(w, ident)).state == "second_half"


async def test_a_rejection_is_a_decision_with_its_reason(tmp_path):
    async with world(tmp_path) as w:
        ident = await sent(w)
        form = (await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.reject")).form
        await w.fill("heidi", form, {"text": "Det finns redan ett"})
        await w.fill("heidi", form, {"text": "Det finns redan ett"})
        (decision,) = await decisions(w)
        assert (decision.kind, decision.personal["why"]) == ("account.rejected", "Det finns redan ett")
        assert "why" not in decision.body
        assert "Det finns redan ett" in words(w.posts("@anna")[-1].card)
        assert not (await run_of(w, ident)).is_open


async def test_somebody_who_could_not_be_looked_up_blocks_the_approval_until_they_are(tmp_path):
    async with world(tmp_path) as w:
        unsure = Person(id=PersonId("olle"), name="Olle Utan", checked=False)
        await sent(w)
        await w.seed(lambda tx: tx.save_person(unsure))
        card = w.posts("@heidi")[-1].card
        reply = await w.press_on("heidi", card, "approval.approve")
        assert "Olle Utan" in words(reply.card)
        assert await decisions(w) == []
        await w.seed(lambda tx: tx.save_person(replace(unsure, checked=True)))
        await w.press_on("heidi", card, "approval.approve")
        assert len(await decisions(w)) == 1


async def test_what_waits_for_the_head_opens_from_today_with_its_buttons(tmp_path):
    async with world(tmp_path) as w:
        await sent(w)
        today = (await w.say("heidi", "sm-today")).card
        opened = (await w.press_on("heidi", today, "run.approval")).card
        assert opened.buttons[0].verb == "approval.approve"


async def test_what_somebody_has_to_confirm_opens_from_today(tmp_path):
    async with world(tmp_path) as w:
        await go_through(w, "anna", await first_form(w))
        today = (await w.say("bo", "sm-today")).card
        asked = (await w.press_on("bo", today, "run.asked")).card
        await w.press_on("bo", asked, "run.confirm")
        assert "run.asked" not in [b.verb for b in buttons((await w.say("bo", "sm-today")).card)]


async def test_every_button_that_communications_is_shown_can_be_used_by_them(tmp_path):
    async with world(tmp_path) as w:
        await approved(w)
        card = w.posts("kommunikation")[-1].card
        assert [b.verb for b in card.buttons] == ["run.read", "run.decision"]
        for button in card.buttons:
            assert isinstance(await w.press("karin", button.verb, button.arg), Ask)
