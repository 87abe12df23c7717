"""Closing accounts from the first question to silence, through the desk with a real store (requirements.md 2.3)."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event

from bot import checklists, policy
from bot.cases import Moderation
from bot.cases.filing import Filing
from bot.model import Person, PersonId, Stamp, Unit
from bot.view import Ask, Facts, Faults, Tell
from storage.verify import verify
from tests import spread
from tests.closing import (
    ANSWERS,
    begun,
    closed,
    decided,
    decisions,
    first_form,
    go_through,
    run_of,
    sent,
    whole,
)
from tests.world import DAY, MONDAY, World, at, buttons, words, world

MON, TUE, WED = (date(2026, 11, day) for day in (23, 24, 25))
SEVERAL = {"accounts.accounts": ("bio0", "bio1")}


async def filings(w: World) -> list[Filing]:
    async with w.bot.storage.read() as tx:
        return [c for c in await tx.open_cases("filing") if isinstance(c, Filing)]


async def state(w: World, ident: str = "bio0") -> str:
    return (await w.register()).accounts[ident].state


async def change(w: World, ident: str, **changes: object) -> None:
    account = (await w.register()).accounts[ident]
    await w.seed(lambda tx: tx.save_account(replace(account, **changes)))


# -- from beginning to end ----------------------------------------------------------------------


@pytest.mark.parametrize("pack", spread.first(policy.names(), now=2))
async def test_from_the_first_question_to_a_closed_account(tmp_path, pack):
    async with world(tmp_path, pack) as w:
        await closed(w)
        assert await state(w) == "closed"
        (decision,) = await decisions(w)
        assert (decision.kind, decision.body["accounts"]) == ("account.closed", ["bio0"])
        (filing,) = await filings(w)
        assert (filing.what, filing.decision, filing.account) == ("closure", decision.number, "bio0")
        told = [p.card.title for p in w.posts("kommunikation")]
        assert told == ["Beslut om att avsluta: @bio0 (Instagram)", "Avslutat: @bio0 (Instagram)"]
        assert [p.card.title for p in w.posts("@bo")] == ["Avslutat: @bio0 (Instagram)"]


async def test_from_the_decision_on_the_account_is_watched_until_it_is_closed(tmp_path):
    async with world(tmp_path, "generic") as w:
        await w.until(at(MON, 10))
        ident = await decided(w)
        await w.until(at(TUE, 10))
        assert "@bio0" in words(w.posts("biologi", TUE)[0].card)
        assert await state(w) == "live"
        form = (await w.press("anna", "run.continue", ident)).form
        await go_through(w, "anna", form)
        card = w.posts("biologi", TUE)[0].card
        line = next(i for p in card.parts if hasattr(p, "items") for i in p.items if "@bio0" in i.text)
        assert line.note == "avslutat, tittas inte igenom längre"


@pytest.mark.long
async def test_after_that_nobody_hears_of_it_again(tmp_path):
    async with world(tmp_path, "generic", accounts=1, chemistry=0) as w:
        await w.until(at(MON, 9, 30))
        await closed(w)
        before = len(w.chat.posts)
        await w.until(at(MON, 10) + 30 * DAY)
        told = [
            p for p in w.chat.posts[before:] if not p.key.startswith("bundle")
        ]  # the registrar's own queue
        assert [p.card.title for p in told] == []
        assert await w.days("bio0", MON) == ["paused"]
        assert await w.days("bio0", TUE) == []
        card = w.posts("biologi", MON)[0].card
        assert card.title == "Här finns inget kvar att titta igenom."
        assert card.buttons == ()


async def test_a_line_that_was_answered_stays_as_it_was_answered(tmp_path):
    async with world(tmp_path, "generic") as w:
        await w.until(at(MON, 9, 30))
        await w.press_on("anna", w.posts("biologi", MON)[0].card, "round.clear")
        await closed(w)
        assert await w.days("bio0", MON) == ["looked_at"]


async def test_yesterdays_open_line_is_not_called_in_any_more(tmp_path):
    async with world(tmp_path, "generic", accounts=2) as w:
        await w.until(at(TUE, 9, 30))
        assert "@bio0" in words(w.posts("biologi", TUE)[0].card)
        await closed(w)
        assert await w.days("bio0", MON) == ["no_answer"]
        card = w.posts("biologi", TUE)[0].card
        assert sum("@bio0" in repr(p) for p in card.parts) == 1
        await w.until(at(WED, 12))
        assert not any("@bio0" in words(p.card) for p in w.posts("@heidi", WED))


async def test_a_line_in_the_place_that_the_account_has_left_is_not_called_in_any_more(tmp_path):
    async with world(tmp_path, "generic", accounts=2, chemistry=0) as w:
        await w.until(at(MON, 18))
        reply = await w.press("karin", "account.place", "bio0")
        await w.fill("karin", reply.form, {"place": "test:T1:kemi"})
        assert (await w.register()).accounts["bio0"].place == "test:T1:kemi"
        assert "bio0" in (await w.case("round:test:T1:biologi:2026-11-23")).unanswered
        ident = await sent(w)
        await w.press("heidi", "approval.approve", f"{ident}|1")
        await go_through(w, "anna", (await w.press("anna", "run.continue", ident)).form)
        assert await state(w) == "closed"
        assert "bio0" not in (await w.case("round:test:T1:biologi:2026-11-23")).unanswered
        assert await w.days("bio0", MON) == ["paused"]


async def test_the_address_may_be_used_again(tmp_path):
    async with world(tmp_path, "generic") as w:
        await closed(w)
        form = (await w.press("anna", "account.enter")).form
        values = {"platform": "instagram", "address": "https://instagram.com/bio0", "unit": "bio",
                  "people": ("anna", "bo"), "place": "test:T1:biologi"}  # fmt: skip
        await w.fill("anna", form, values)
        same = [
            a for a in (await w.register()).accounts.values() if a.address == "https://instagram.com/bio0"
        ]
        assert sorted(a.state for a in same) == ["closed", "live"]


async def test_the_register_keeps_the_history_of_a_closed_account_and_changes_nothing_in_it(tmp_path):
    async with world(tmp_path, "generic") as w:
        await closed(w)
        card = (await w.say("anna", "sm-accounts", "bio0")).card
        assert [b.verb for b in buttons(card)] == ["account.history"]
        history = (await w.press("anna", "account.history", "bio0")).form
        assert "Avslutat" in repr(history.intro)
        assert "beslut nr 1" in repr(history.intro)
        for verb in (
            "account.edit",
            "account.rename",
            "account.pattern",
            "account.place",
            "close.new",
            "close.resume",
        ):
            reply = await w.press("anna", verb, "bio0")
            assert "är avslutat" in words(reply.card), verb


async def test_a_question_is_not_taken_up_again_on_an_account_that_is_closed(tmp_path):
    async with world(tmp_path, "generic") as w:
        question = await ask(w)
        await end(w, question)
        await closed(w)
        reply = await w.press("anna", "question.reopen", question)
        assert "är avslutat" in words(reply.card)
        assert not (await w.case(question)).is_open


async def test_the_accounts_card_offers_to_close_it_with_that_account_filled_in(tmp_path):
    async with world(tmp_path, "generic") as w:
        card = (await w.say("karin", "sm-accounts", "bio0")).card
        assert len(card.buttons) <= 6
        form = (await w.press_on("karin", card, "close.new")).form
        assert form.fields[0].value == ("bio0",)
        await w.fill("karin", form, {})
        card = (await w.say("karin", "sm-accounts", "bio0")).card
        assert "Karin Berg håller på att avsluta" in words(card)
        assert "close.new" not in [b.verb for b in buttons(card)]


# -- several accounts, one decision -------------------------------------------------------------


async def test_several_accounts_are_closed_by_one_decision(tmp_path):
    async with world(tmp_path, "generic") as w:
        await closed(w, changes=SEVERAL)
        (decision,) = await decisions(w)
        assert decision.body["accounts"] == ["bio0", "bio1"]
        assert [await state(w, a) for a in ("bio0", "bio1", "bio2")] == ["closed", "closed", "live"]
        for account in ("bio0", "bio1"):
            assert "beslut nr 1" in repr((await w.press("anna", "account.history", account)).form.intro)
        assert len(await filings(w)) == 1


async def test_accounts_on_which_different_people_decide_are_refused_and_two_requests_advised(tmp_path):
    async with world(tmp_path, "ki") as w:
        await change(w, "bio1", level="university")
        reply = await w.fill("anna", await first_form(w), SEVERAL)
        assert isinstance(reply, Faults)
        assert "Gör två begäranden" in reply.by_field["accounts.accounts"]


async def test_where_the_deciders_part_after_it_was_sent_nothing_is_decided(tmp_path):
    async with world(tmp_path, "ki") as w:
        ident = await sent(w, changes=SEVERAL)
        await change(w, "bio1", level="university")
        reply = await w.press("heidi", "approval.approve", f"{ident}|1")
        assert "Gör två begäranden" in words(reply.card)
        assert await decisions(w) == []


# -- who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", spread.first(["university", "administration"]))
async def test_kis_director_decides_on_accounts_of_the_whole_university_and_the_administration(
    tmp_path, level
):
    async with world(tmp_path, "ki") as w:
        await change(w, "bio0", level=level)
        await sent(w)
        reply = await w.press_on("dora", w.posts("@dora")[-1].card, "approval.approve")
        (decision,) = await decisions(w)
        assert decision.body["decided_by"] == "director", reply
        assert w.posts("@heidi") == []


async def test_the_director_may_start_it_and_then_somebody_else_decides(tmp_path):
    async with world(tmp_path, "ki") as w:
        await change(w, "bio0", level="university")
        ident = await sent(w, "dora")
        assert (await run_of(w, ident)).approver is None
        form = (await w.press_on("karin", w.posts("kommunikation")[-1].card, "run.set_head")).form
        assert isinstance(await w.fill("karin", form, {"person": "dora"}), Faults)
        await w.fill("karin", form, {"person": "fia"})
        await w.press_on("fia", w.posts("@fia")[-1].card, "approval.approve")
        assert (await run_of(w, ident)).state == "second_half"


@pytest.mark.parametrize("pack", spread.first(["generic", "ki", "kau"]))
async def test_the_director_starts_nothing_on_a_units_account(tmp_path, pack):
    async with world(tmp_path, pack) as w:
        assert "kan avslutas av" in words((await w.press("dora", "close.new", "bio0")).card)


async def test_a_head_who_starts_it_is_decided_on_by_the_head_above(tmp_path):
    async with world(tmp_path, "generic") as w:
        ident = await sent(w, "heidi")
        assert (await run_of(w, ident)).approver == "fia"
        for who in ("heidi", "dag"):
            reply = await w.press(who, "approval.approve", f"{ident}|1")
            assert "gick inte" in reply.card.title, who
        assert await decisions(w) == []


@pytest.mark.parametrize(
    "who", spread.first(["anna", "karin", "bo", "sara", "dora", "fia", "gast", "borta", "ute"], now=2)
)
async def test_nobody_but_the_head_and_their_deputy_decides(tmp_path, who):
    async with world(tmp_path, "generic") as w:
        ident = await sent(w)
        for verb in ("approval.approve", "approval.deputy", "approval.back", "approval.reject"):
            reply = await w.press(who, verb, f"{ident}|1")
            assert "gick inte" in reply.card.title, verb
        assert (await run_of(w, ident)).state == "waiting"
        assert await decisions(w) == []


@pytest.mark.parametrize("who", spread.first(["sara", "gast", "olle", "rita", "dag", "borta", "ute"], now=2))
async def test_nobody_but_its_people_head_and_communications_starts_it(tmp_path, who):
    async with world(tmp_path, "generic") as w:
        for reply in (await w.say(who, "sm-close-account"), await w.press(who, "close.new", "bio0")):
            assert isinstance(reply, Tell)
            assert "gick inte" in reply.card.title
        state_of = "rforged|accounts|close-account"
        reply = await w.desk.submit(w.call(who), "run.step", state_of, {"accounts.accounts": ("bio0",)})
        assert isinstance(reply, Faults | Tell)
        async with w.bot.storage.read() as tx:
            assert await tx.open_cases("run") == []


@pytest.mark.parametrize("who", spread.first(["anna", "karin", "bo", "heidi"], now=2))
async def test_its_people_head_and_communications_start_it(tmp_path, who):
    async with world(tmp_path, "generic") as w:
        assert isinstance(await w.say(who, "sm-close-account"), Ask)
        await sent(w, who)


async def test_a_form_offers_only_accounts_that_one_may_close(tmp_path):
    async with world(tmp_path, "generic") as w:
        await change(w, "bio1", people=(PersonId("olle"),))
        options = [o.id for o in (await first_form(w)).fields[0].options]
        assert "bio0" in options
        assert "bio1" not in options


async def test_the_deputy_may_take_it(tmp_path):
    async with world(tmp_path, "generic") as w:
        await sent(w)
        await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.deputy")
        await w.press_on("dag", w.posts("@dag")[-1].card, "approval.approve")
        (decision,) = await decisions(w)
        assert decision.body["decided_by"] == "deputy"


async def test_a_deputy_of_one_unit_decides_on_no_account_of_another(tmp_path):
    async with world(tmp_path, "generic") as w:
        unit = Unit(id="kem", name="Kemi", head=PersonId("heidi"), deputy=PersonId("olle"))
        await w.seed(lambda tx: tx.save_unit(unit))
        await change(w, "bio1", unit="kem")
        ident = await sent(w, changes=SEVERAL)
        for who in ("dag", "olle"):
            assert "gick inte" in (await w.press(who, "approval.approve", f"{ident}|1")).card.title, who
        card = w.posts("@heidi")[-1].card
        assert "approval.deputy" not in [b.verb for b in card.buttons]
        await w.press_on("heidi", card, "approval.approve")
        assert len(await decisions(w)) == 1


async def test_a_head_who_left_is_replaced_by_communications(tmp_path):
    async with world(tmp_path, "generic") as w:
        ident = await sent(w)
        await w.seed(lambda tx: tx.save_person(Person(id=PersonId("heidi"), name="Heidi Berg", active=False)))
        form = (await w.press("karin", "run.set_head", ident)).form
        await w.fill("karin", form, {"person": "fia"})
        await w.press_on("fia", w.posts("@fia")[-1].card, "approval.approve")
        assert (await run_of(w, ident)).state == "second_half"


async def without_heads(w: World, *units: str) -> None:
    for unit in units:
        await w.seed(lambda tx, unit=unit: tx.save_unit(Unit(id=unit, name=unit)))


async def entered(w: World, ident: str) -> None:
    """Communications says that Fia decides."""
    form = (await w.press("karin", "run.set_head", ident)).form
    await w.fill("karin", form, {"person": "fia"})


async def test_accounts_of_two_units_without_heads_are_decided_on_by_whom_communications_enters(tmp_path):
    async with world(tmp_path, "generic") as w:
        await without_heads(w, "bio", "kem")
        await change(w, "bio1", unit="kem")
        ident = await sent(w, changes=SEVERAL)
        await entered(w, ident)
        units = (await w.register()).units
        assert (units["bio"].head, units["kem"].head) == ("fia", "fia")
        await w.press_on("fia", w.posts("@fia")[-1].card, "approval.approve")
        assert (await run_of(w, ident)).state == "second_half"
        assert len(await decisions(w)) == 1


async def test_a_unit_whose_head_is_the_runner_keeps_that_head_and_the_entered_one_decides(tmp_path):
    async with world(tmp_path, "generic") as w:
        await without_heads(w, "kem")
        await w.seed(lambda tx: tx.save_unit(Unit(id="bio", name="Biologi", head=PersonId("heidi"))))
        await change(w, "bio1", unit="kem", people=(PersonId("heidi"), PersonId("bo")))
        ident = await sent(w, "heidi", changes=SEVERAL)
        await entered(w, ident)
        assert (await w.register()).units["bio"].head == "heidi"
        await w.press_on("fia", w.posts("@fia")[-1].card, "approval.approve")
        assert (await run_of(w, ident)).state == "second_half"


# -- what blocks --------------------------------------------------------------------------------


async def ask(w: World, account: str = "bio0") -> str:
    return await w.log("anna", account, w.clock.at)


async def end(w: World, question: str) -> None:
    await w.press("anna", "question.answered", question)


async def test_a_question_blocks_the_step_and_is_named(tmp_path):
    async with world(tmp_path, "generic") as w:
        await ask(w)
        form = await first_form(w)
        reply = Ask(form=form)
        while isinstance(reply, Ask):
            form = reply.form
            reply = await w.fill("anna", form, {f.id: ANSWERS[f.id] for f in form.fields})
        assert "Obesvarad fråga på @bio0" in repr(form.intro)
        assert isinstance(reply, Faults)
        assert "@bio0" in reply.by_field["open-items.checked"]


async def test_what_comes_in_later_blocks_sending_deciding_and_finishing(tmp_path):
    async with world(tmp_path, "generic") as w:
        ident = await whole(w)
        first = await ask(w)
        card = (await w.press("anna", "run.send", ident)).card
        assert card.title.startswith("Något väntar fortfarande")
        assert "question.show" in [b.verb for b in buttons(card)]
        assert (await run_of(w, ident)).state == "draft"
        await end(w, first)
        await w.press_on("anna", card, "run.send")

        second = await ask(w)
        seen = w.posts("@heidi")[-1].card
        card = (await w.press_on("heidi", seen, "approval.approve")).card
        assert card.title.startswith("Något väntar fortfarande")
        assert await decisions(w) == []
        await end(w, second)
        await w.press_on("heidi", seen, "approval.approve")

        third = await ask(w)
        form = (await w.press("anna", "run.continue", ident)).form
        card = await go_through(w, "anna", form)
        assert card.title.startswith("Något väntar fortfarande")
        assert await state(w) == "live"
        await end(w, third)
        await w.press_on("anna", card, "run.finish")
        assert await state(w) == "closed"


@pytest.mark.parametrize(("exercise", "state"), [("", "draft"), ("yes", "waiting")])
async def test_an_alarm_blocks_and_an_exercise_does_not(tmp_path, exercise, state):
    async with world(tmp_path, "generic") as w:
        ident = await whole(w)
        form = (await w.press("anna", "alarm.open", "bio0")).form
        await w.fill("anna", form, {"kind": "threat", "account": "bio0", "exercise": exercise})
        card = (await w.press("anna", "run.send", ident)).card
        assert (await run_of(w, ident)).state == state
        assert ("alarm.show" in [b.verb for b in buttons(card)]) is (state == "draft")


async def test_a_moderation_that_is_not_done_blocks(tmp_path):
    async with world(tmp_path, "generic") as w:
        ident = await whole(w)
        copy = checklists.copied(w.bot.pack.checklists["moderate"])
        stamp = Stamp(pack="generic", version="1", digest="d")
        run = Moderation(
            id="m1", opened_at=w.clock.at, account="bio0", runner=PersonId("bo"), checklist=copy, stamp=stamp
        )
        await w.seed(lambda tx: tx.add_case(run))
        card = (await w.press("anna", "run.send", ident)).card
        assert "Ställningstagande som inte är klart" in words(card)
        assert isinstance(await w.press_on("anna", card, "moderation.overview"), Tell)
        assert (await run_of(w, ident)).state == "draft"


# -- comments off -------------------------------------------------------------------------------

OFF = {"why.reason": "nobody", "comments-off.instead": "yes", "comments-off.since": "2026-11-20"}
HAVE = [p for p in policy.names() if policy.load(p).checklists["close-account"].step("comments-off")]


@pytest.mark.parametrize("pack", spread.first(HAVE))
async def test_with_comments_off_the_account_stays_and_nobody_is_asked(tmp_path, pack):
    async with world(tmp_path, pack, accounts=1, chemistry=0) as w:
        await w.until(at(MON, 9, 30))
        card = await go_through(w, "anna", await first_form(w), OFF)
        assert "Kommentarer avstängda" in card.title
        assert await state(w) == "paused"
        assert await decisions(w) == []
        for where in ("kommunikation", "@bo"):
            told = w.posts(where)[-1].card
            assert "Kommentarerna är avstängda: @bio0" in told.title
            assert "Tryck på ”Kommentarerna är på igen” på kontots kort" in words(told)
        assert "avstängda sedan 20 november 2026" in words((await w.say("anna", "sm-accounts", "bio0")).card)
        before = len(w.chat.posts)
        await w.until(at(MON, 10) + 7 * DAY)
        assert w.chat.posts[before:] == []


@pytest.mark.parametrize("who", spread.first(["anna", "heidi", "karin"]))
async def test_comments_off_is_taken_back_and_the_account_asked_about_from_the_next_day(tmp_path, who):
    async with world(tmp_path, "generic", accounts=1, chemistry=0) as w:
        await w.until(at(MON, 9, 30))
        await go_through(w, "anna", await first_form(w), OFF)
        card = (await w.say(who, "sm-accounts", "bio0")).card
        await w.press_on(who, card, "close.resume")
        again = await w.press_on(who, card, "close.resume")
        assert "bevakas redan" in words(again.card)
        assert await state(w) == "live"
        await w.until(at(TUE, 9, 30))
        assert "@bio0" in words(w.posts("biologi", TUE)[0].card)


async def test_who_was_handed_a_step_turns_no_comments_off(tmp_path):
    async with world(tmp_path, "generic") as w:
        ident = await begun(w)
        form = (await w.press("anna", "run.hand", ident)).form
        await w.fill("anna", form, {"person": "olle"})
        form = (await w.press("olle", "run.continue", ident)).form
        reply = await w.fill("olle", form, {"why.reason": "nobody", "why.text": "Ingen hinner"})
        reply = await w.fill("olle", reply.form, {"comments-off.instead": "yes"})
        assert isinstance(reply, Faults)
        assert await state(w) == "live"
        assert "kan avslutas av" in words((await w.press("olle", "close.resume", "bio0")).card)


async def test_a_day_to_come_is_refused(tmp_path):
    async with world(tmp_path, "generic") as w:
        ident = await begun(w)
        form = (await w.press("anna", "run.continue", ident)).form
        reply = await w.fill("anna", form, {"why.reason": "nobody", "why.text": "Ingen hinner"})
        reply = await w.fill(
            "anna", reply.form, {"comments-off.instead": "yes", "comments-off.since": "2026-12-24"}
        )
        assert isinstance(reply, Faults)
        assert await state(w) == "live"


@pytest.mark.parametrize(
    "as_it_is", [{"state": "approved", "address": ""}, {"state": "imported"}], ids=["approved", "imported"]
)
async def test_comments_are_turned_off_only_on_an_account_that_is_watched(tmp_path, as_it_is):
    async with world(tmp_path, "generic", accounts=2, chemistry=0) as w:
        await change(w, "bio0", **as_it_is)
        ident = await begun(w, accounts=("bio1", "bio0"))
        form = (await w.press("anna", "run.continue", ident)).form
        reply = await w.fill("anna", form, {"why.reason": "nobody", "why.text": "Ingen hinner"})
        reply = await w.fill("anna", reply.form, {"comments-off.instead": "yes"})
        assert isinstance(reply, Faults)
        assert "bevakas inte än" in reply.by_field["comments-off.instead"]
        assert [await state(w, a) for a in ("bio0", "bio1")] == [as_it_is["state"], "live"]


async def test_an_imported_account_that_was_never_started_is_closed_like_any_other(tmp_path):
    async with world(tmp_path, "generic", accounts=1, chemistry=0) as w:
        await change(w, "bio0", state="imported")
        await closed(w)
        assert await state(w) == "closed"


# -- the decision -------------------------------------------------------------------------------


async def test_the_head_can_decide_without_opening_anything(tmp_path):
    async with world(tmp_path, "ki") as w:
        await w.until(at(MON, 9, 30))
        await w.press_on("anna", w.posts("biologi", MON)[0].card, "round.clear")
        await sent(w)
        card = w.posts("@heidi")[-1].card
        for fact in ("Anna Ek vill avsluta @bio0 (Instagram)", "Biologi; Anna Ek och Bo Lind", "senast genomgånget 23 november 2026",
                     "Ingen läser det längre", "G:/bio/bilder/start.png", "20 november 2026", "larm och ställningstaganden som väntar",
                     "Det här händer sedan", "registraturen"):  # fmt: skip
            assert fact in words(card), fact
        assert len(card.buttons) <= 6
        assert isinstance(await w.press_on("heidi", card, "run.read"), Ask)


async def test_a_decision_holds_the_five_facts_and_no_name_in_what_is_chained(tmp_path):
    async with world(tmp_path, "ki") as w:
        ident = await decided(w, "bo", SEVERAL)
        (decision,) = await decisions(w)
        personal = decision.personal
        assert (personal["decided_by"], personal["presented_by"]) == ("Heidi Berg", "Bo Lind")
        assert (personal["had_access.01"], personal["snapshot"]) == ("Anna Ek", "G:/bio/bilder/start.png")
        assert decision.body["snapshot_kept"] is True
        assert decision.body["reason"] == "inactive"
        assert "closing" in decision.body["sections"]
        assert not any(name in str(decision.body) for name in ("Anna", "Heidi", "Bo Lind", "G:/", "läser"))
        async with w.bot.storage.read() as tx:
            assert (await verify(tx)).bad is None
        page = (await w.press("rita", "run.decision", ident)).form.intro
        facts = dict(row for part in page if isinstance(part, Facts) for row in part.rows)
        assert "@bio0 (Instagram) och @bio1 (Instagram)" in facts["Beslut"]
        assert facts["Har beslutat"] == "Heidi Berg, ansvarig chef"


async def test_many_presses_make_one_decision_and_one_closing(tmp_path):
    async with world(tmp_path, "generic") as w:
        ident = await sent(w)
        card = w.posts("@heidi")[-1].card
        await asyncio.gather(*(w.press_on("heidi", card, "approval.approve") for _ in range(3)))
        assert len(await decisions(w)) == len(await filings(w)) == 1
        form = (await w.press("anna", "run.continue", ident)).form
        given = {f.id: ANSWERS[f.id] for f in form.fields}
        await asyncio.gather(*(w.fill("anna", form, given) for _ in range(3)))
        await w.press("anna", "run.finish", ident)
        assert await state(w) == "closed"
        assert len([p for p in w.posts("kommunikation") if p.card.title.startswith("Avslutat")]) == 1


async def test_a_rejection_is_a_decision_with_its_reason_and_nothing_is_closed(tmp_path):
    async with world(tmp_path, "generic") as w:
        await sent(w)
        form = (await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.reject")).form
        await w.fill("heidi", form, {"text": "Det behövs till våren."})
        (decision,) = await decisions(w)
        assert (decision.kind, decision.personal["why"]) == ("closure.rejected", "Det behövs till våren.")
        assert await state(w) == "live"
        assert await filings(w) == []
        assert "Avslutas inte" in w.posts("@anna")[-1].card.title
        assert isinstance(await w.say("anna", "sm-close-account"), Ask)


async def test_it_comes_back_with_a_question_and_goes_again(tmp_path):
    async with world(tmp_path, "generic") as w:
        ident = await sent(w)
        form = (await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.back")).form
        await w.fill("heidi", form, {"text": "Vad blir det av följarna?"})
        form = (await w.press("anna", "run.reply", ident)).form
        await w.fill("anna", form, {"text": "De får en länk."})
        card = w.posts("@heidi")[-1].card
        assert "De får en länk." in words(card)
        await w.press_on("heidi", card, "approval.approve")
        assert len(await decisions(w)) == 1


# -- two runs, and what changes meanwhile -------------------------------------------------------


async def test_a_second_run_on_an_account_is_refused_and_names_the_first(tmp_path):
    async with world(tmp_path, "generic") as w:
        await begun(w, "bo")
        reply = await w.fill("anna", await first_form(w), SEVERAL)
        assert isinstance(reply, Faults)
        assert "Bo Lind" in reply.by_field["accounts.accounts"]
        assert "välj bort kontot i listan" in reply.by_field["accounts.accounts"]


async def test_many_accounts_are_looked_up_among_the_begun_closures_at_once(tmp_path):
    async with world(tmp_path, "generic") as w:
        seen: list[str] = []
        event.listen(
            w.bot.storage._engine.sync_engine,
            "before_cursor_execute",
            lambda _c, _u, sql, *_: seen.append(sql),
        )
        read = []
        for accounts in (("bio0",), ("bio1", "bio2", "bio3", "bio4")):
            form = await first_form(w)
            seen.clear()
            assert isinstance(await w.fill("anna", form, {"accounts.accounts": accounts}), Ask)
            read.append(sum("FROM cases" in sql for sql in seen))
        assert read[0] == read[1] > 0


async def test_of_two_who_begin_at_the_same_moment_one_is_refused(tmp_path):
    async with world(tmp_path, "generic") as w:
        one, other = await first_form(w), await first_form(w, "bo")
        values = {"accounts.accounts": ("bio0",)}
        replies = await asyncio.gather(w.fill("anna", one, values), w.fill("bo", other, values))
        assert sorted(type(r).__name__ for r in replies) == ["Ask", "Faults"]


async def test_once_it_is_withdrawn_the_account_can_be_closed_by_another(tmp_path):
    async with world(tmp_path, "generic") as w:
        ident = await begun(w, "bo")
        form = (await w.press("bo", "run.withdraw", ident)).form
        await w.fill("bo", form, {"text": "Vi väntar"})
        assert isinstance(await w.fill("anna", await first_form(w), SEVERAL), Ask)


async def test_an_account_that_was_closed_meanwhile_is_not_decided_on(tmp_path):
    async with world(tmp_path, "generic") as w:
        ident = await sent(w)
        await change(w, "bio0", state="closed")
        reply = await w.press("heidi", "approval.approve", f"{ident}|1")
        assert "redan avslutat" in words(reply.card)
        assert await decisions(w) == []


async def test_what_was_left_of_a_new_account_is_not_asked_for_once_it_is_closed(tmp_path):
    from tests.new_account import approved, made

    async with world(tmp_path, "generic") as w:
        new = await approved(w)
        account = await made(w)
        await closed(w, changes={"accounts.accounts": (account.id,)})
        assert (await run_of(w, new)).state == "withdrawn"


# -- where things stand -------------------------------------------------------------------------


async def test_home_and_today_call_it_by_its_own_words(tmp_path):
    async with world(tmp_path, "generic") as w:
        ident = await begun(w)
        assert "Avsluta @bio0 (Instagram): fortsätt där du var" in words(
            (await w.say("anna", "sm-today")).card
        )
        assert "Avsluta konto" in (await w.say("anna", "sm-close-account")).card.title
        form = (await w.press("anna", "run.continue", ident)).form
        await go_through(w, "anna", form)
        await w.press("anna", "run.send", ident)
        for who, said in (
            ("anna", "väntar på beslut av Heidi Berg"),
            ("heidi", "Anna Ek vill avsluta @bio0 (Instagram)"),
        ):
            card = (await w.say(who, "sm-today")).card
            assert said in words(card)
            assert "ytt konto" not in words(card)


async def test_the_heads_message_and_the_digest_call_it_by_its_own_words(tmp_path):
    async with world(tmp_path, "generic") as w:
        await w.until(at(MON, 9, 30))
        await sent(w)
        await w.until(at(MON, 16))
        assert "Ett konto väntar på beslut om att avslutas" in words(w.posts("kommunikation")[-1].card)
        await w.until(at(MON, 10) + 4 * DAY)
        said = " ".join(words(p.card) for p in w.posts("@heidi")[1:])
        assert "beslut om att avsluta konton" in said
        assert "ytt konto" not in said


@pytest.mark.long
async def test_an_idle_draft_is_removed_and_leaves_the_account_free(tmp_path):
    async with world(tmp_path, "generic", accounts=1, chemistry=0) as w:
        ident = await begun(w)
        await w.until(MONDAY + 61 * DAY)
        assert (await run_of(w, ident)).state == "withdrawn"
        assert isinstance(
            await w.fill("bo", await first_form(w, "bo"), {"accounts.accounts": ("bio0",)}), Ask
        )


# -- from outside -------------------------------------------------------------------------------

HOSTILE = ("<!channel> <script>alert(1)</script> *x* \u202e", "x" * 1000, "'; DROP TABLE accounts; --")


@pytest.mark.parametrize("text", spread.first(HOSTILE))
async def test_any_words_are_only_words(tmp_path, text):
    async with world(tmp_path, "generic") as w:
        await closed(w, changes={"why.text": text, "snapshot.place": text[:300]})
        assert await state(w) == "closed"


@pytest.mark.parametrize(
    "accounts", [(), ("",), ("bio0", "none"), ("bio0",) * 500, tuple(f"x{n}" for n in range(500))]
)
async def test_any_choice_of_accounts_is_refused_or_taken_once(tmp_path, accounts):
    async with world(tmp_path, "generic") as w:
        reply = await w.fill("anna", await first_form(w), {"accounts.accounts": accounts})
        if accounts[:1] == ("bio0",) and "none" not in accounts:
            assert isinstance(reply, Ask)
            assert (await run_of(w, reply.form.state.partition("|")[0])).closing == ("bio0",)
        else:
            assert isinstance(reply, Faults)


async def test_too_long_words_are_refused_and_nothing_is_lost(tmp_path):
    async with world(tmp_path, "generic") as w:
        ident = await begun(w)
        form = (await w.press("anna", "run.continue", ident)).form
        reply = await w.fill("anna", form, {"why.reason": "other", "why.text": "x" * 5000})
        assert isinstance(reply, Faults)
        assert (await run_of(w, ident)).closing == ("bio0",)


@pytest.mark.long
async def test_many_accounts_fit_on_every_card(tmp_path):
    async with world(tmp_path, "generic", accounts=60) as w:
        many = tuple(f"bio{n}" for n in range(60))
        await closed(w, changes={"accounts.accounts": many})
        assert "57 konton till" in w.posts("kommunikation")[-1].card.title
        assert {await state(w, a) for a in many} == {"closed"}
