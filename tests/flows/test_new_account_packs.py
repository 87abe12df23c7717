"""The new account of each university's guidelines, with every branch that stops or waits, through the desk."""

from datetime import timedelta

import pytest

from bot.view import Ask, Choices, Faults, Quote, Tell, Toggle
from storage.verify import verify
from tests import spread
from tests.new_account import (
    begun,
    change,
    confirm_all,
    decisions,
    first_form,
    go_through,
    ident_of,
    judge_all,
    known,
    left,
    run_of,
    whole,
)
from tests.world import MONDAY, at, buttons, words, world

pytestmark = pytest.mark.long


def verbs(card) -> list[str]:
    return [b.verb for b in card.buttons]


# -- private, student, internal: it stops --------------------------------------------------------


@pytest.mark.parametrize(
    ("pack", "kind", "said"),
    [
        ("kth", "internal", "Interna system hör inte hit"), ("kth", "blog", "ambassadör för KTH"),
        ("kth", "private", "logotyp används aldrig privat"), ("ki-2021", "student", "inte KI:s officiella"),
        ("ki-2021", "ambassador", "talar inte för KI"), ("ki-2021", "private", "inte tala för KI"),
        ("kau", "private", "inte tala för universitetet"),
    ],
)  # fmt: skip
async def test_what_is_no_account_of_the_university_stops_and_says_where_to_go(tmp_path, pack, kind, said):
    async with world(tmp_path, pack=pack) as w:
        card = await left(w, {"what.kind": kind})
        assert card.title.startswith("Slutar här")
        assert said in words(card)
        async with w.bot.storage.read() as tx:
            assert list(await tx.open_cases("run")) == []


# -- any time, any hands -------------------------------------------------------------------------


@pytest.mark.parametrize("pack", ["kth", "ki-2021", "bth", "kau"])
async def test_it_is_resumed_after_every_step_by_whoever_of_its_people_comes_next(tmp_path, pack):
    async with world(tmp_path, pack=pack) as w:
        w.clock.at += timedelta(hours=3)
        reply = await w.fill("anna", await first_form(w), known(w))
        ident = reply.form.state.split("|")[0]
        await w.fill("anna", (await w.press("anna", "run.hand", ident)).form, {"person": "bo"})
        for n in range(60):
            who = ("bo", "anna")[n % 2]
            reply = await w.press(who, "run.continue", ident)
            if not isinstance(reply, Ask):
                break
            given = {f.id: known(w)[f.id] for f in reply.form.fields if f.id in known(w)}
            await w.fill(who, reply.form, given)
        run = await run_of(w, ident)
        assert run.next_step is None
        assert {a.by for a in run.answers.values()} == {"anna", "bo"}


@pytest.mark.parametrize("pack", ["kth", "ki-2021", "bth", "kau"])
async def test_empty_and_unknown_answers_are_refused_beside_their_fields_and_nothing_is_lost(tmp_path, pack):
    async with world(tmp_path, pack=pack) as w:
        w.clock.at += timedelta(hours=3)
        reply = Ask(form=await first_form(w))
        while isinstance(reply, Ask):
            form, needed = reply.form, [f for f in reply.form.fields if f.required]
            if needed:
                empty = await w.fill(
                    "anna", form, {f.id: () if isinstance(f, Choices) else "" for f in form.fields}
                )
                assert set(empty.by_field) == {f.id for f in needed}, form.title
            if needed or not all(isinstance(f, Toggle) for f in form.fields):
                wrong = await w.fill("anna", form, {f.id: "!" * 5000 for f in form.fields})
                assert isinstance(wrong, Faults), form.title
                assert all(text.strip() for text in wrong.by_field.values())
            given = {f.id: known(w)[f.id] for f in form.fields if f.id in known(w)}
            reply = await w.fill("anna", form, given)
        assert isinstance(reply, Tell)


@pytest.mark.parametrize("pack", ["ki-2021", "kau"])
@pytest.mark.parametrize(
    ("day", "said"), [("2026-11-24", "framtiden"), ("9999-12-31", "framtiden"), ("i går", "datum")]
)
async def test_communications_was_not_contacted_in_the_future(tmp_path, pack, day, said):
    async with world(tmp_path, pack=pack) as w:
        reply = Ask(form=await first_form(w))
        while "contacted.day" not in [f.id for f in reply.form.fields]:
            reply = await w.fill("anna", reply.form, {f.id: known(w)[f.id] for f in reply.form.fields})
        faults = await w.fill("anna", reply.form, {"contacted.day": day, "contacted.with": "karin"})
        assert said in faults.by_field["contacted.day"]


# -- Karlstad: the judgement ---------------------------------------------------------------------


async def test_karlstads_judgement_is_a_request_to_communications_that_two_people_answer(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        ident = await begun(w)
        await confirm_all(w, ident)
        early = await w.press("anna", "run.send", ident)
        assert "bedömning" in words(early.card)
        post = w.posts("kommunikation")[-1]
        for fact in ("Anna Ek", "@biologi_ny (Instagram)", "Ett ämne", "Vi vill nå nya studenter.", "@bio0"):
            assert fact in words(post.card), fact
        assert verbs(post.card) == ["run.judge", "run.judge", "run.decline", "run.read"]

        await w.press_on("karin", post.card, "run.judge")
        assert "Ja från Karin Berg; en till svarar" in words(post.card)
        again = await w.press_on("karin", post.card, "run.judge")
        assert "någon annan" in words(again.card)
        await w.press_on("kalle", post.card, "run.judge")
        assert post.card.title == "Besvarat, @biologi_ny (Instagram): ja från Karin Berg och Kalle Dahl"
        assert "har svarat" in w.posts("@anna")[-1].card.title

        await w.press("anna", "run.send", ident)
        card = w.posts("@heidi")[-1].card
        assert "ja från Karin Berg och Kalle Dahl" in words(card)
        await w.press_on("heidi", card, "approval.approve")
        (decision,) = await decisions(w)
        assert "communications" in decision.body["took_part"]
        assert {"Karin Berg", "Kalle Dahl"} <= set(decision.personal.values())


async def test_a_no_of_communications_is_a_decision_with_its_reason_and_ends_the_run(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        ident = await begun(w)
        post = w.posts("kommunikation")[-1]
        form = (await w.press_on("karin", post.card, "run.decline")).form
        assert isinstance(await w.fill("karin", form, {"text": "  "}), Faults)
        for _ in range(2):
            await w.fill("karin", form, {"text": "Ämnet har redan en sida"})
        (decision,) = await decisions(w)
        assert (decision.kind, decision.body["decided_by"]) == ("account.rejected", "communications")
        assert (decision.personal["decided_by"], decision.personal["why"]) == (
            "Karin Berg",
            "Ämnet har redan en sida",
        )
        async with w.bot.storage.read() as tx:
            assert (await verify(tx)).bad is None
        run = await run_of(w, ident)
        assert (run.state, run.is_open) == ("rejected", False)
        assert "Ämnet har redan en sida" in words(w.posts("@anna")[-1].card)
        assert post.card.title.startswith("Nej från Karin Berg")
        late = await w.press("kalle", "run.judge", f"{ident}|judgement||judgement.lead")
        assert late.card.title.startswith("Nej från Karin Berg")


async def test_what_the_judgement_rests_on_is_asked_anew_and_the_old_card_points_to_the_new_one(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        ident = await whole(w)
        old = w.posts("kommunikation")[-1]
        pressed = old.card
        w.clock.at += timedelta(minutes=5)
        await change(w, ident, "purpose", {"purpose.purpose": "Något helt annat"})
        new = w.posts("kommunikation")[-1]
        assert (old.ref, "Något helt annat" in words(new.card)) != (new.ref, False)
        assert "senare meddelandet" in old.card.title
        assert pressed.buttons == ()
        assert "bedömning" in words((await w.press("anna", "run.send", ident)).card)
        await judge_all(w, ident)
        await w.press("anna", "run.send", ident)
        assert (await run_of(w, ident)).state == "waiting"


async def test_a_card_that_was_seen_before_the_question_changed_answers_nothing(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        ident = await begun(w)
        seen = next(b for b in w.posts("kommunikation")[-1].card.buttons if b.verb == "run.judge")
        w.clock.at += timedelta(minutes=5)
        first = await w.press("karin", "run.judge", seen.arg)
        assert "Noterat" in first.card.title
        await change(w, ident, "purpose", {"purpose.purpose": "Något helt annat"})
        stale = await w.press("kalle", "run.judge", seen.arg)
        assert "har ändrats" in words(stale.card)
        assert (await run_of(w, ident)).judges((await run_of(w, ident)).open_requests[0]) == ()


async def test_where_only_one_is_left_to_answer_one_may_answer_both(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        await w.seed(lambda tx: tx.save_role("communications", ["karin"], "test:T1:kommunikation"))
        await w.seed(lambda tx: tx.save_role("director", [], None))
        ident = await begun(w)
        post = w.posts("kommunikation")[-1]
        for _ in range(2):
            await w.press_on("karin", post.card, "run.judge")
        assert (await run_of(w, ident)).open_requests == ()


@pytest.mark.parametrize("pack", ["kau", "kth"])
async def test_a_request_is_reminded_of_with_a_button_and_stands_in_today(tmp_path, pack):
    async with world(tmp_path, pack=pack, accounts=0, chemistry=0) as w:
        ident = await begun(w)
        today = (await w.say("karin", "sm-today")).card
        assert (await w.press_on("karin", today, "run.request")).card.buttons
        assert "run.request" not in [b.verb for b in buttons((await w.say("bo", "sm-today")).card)]
        await w.until(at(MONDAY.date() + timedelta(days=3), 12))
        lines = [p for p in w.posts("kommunikation") if p.key.startswith("heads:")]
        assert len(lines) == 1
        opened = await w.press_on("karin", lines[0].card, "run.request")
        assert any(b.verb.startswith("run.judge") for b in opened.card.buttons)
        assert (await run_of(w, ident)).open_requests


# -- Karlstad: sender types, groups, resources ---------------------------------------------------


async def test_when_no_sender_type_fits_communications_settles_it_in_words(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        other = {"sender-type.type": "none", "none-fits.sender": "Ett nätverk av kommuner",
                 "sender-either.profile": "own", "sender-either.shown": ("university", "unit", "cover")}  # fmt: skip
        ident = await begun(w, other)
        asked = next(p for p in w.posts("kommunikation") if "fem avsändare" in words(p.card))
        assert "Ett nätverk av kommuner" in words(asked.card)
        await confirm_all(w, ident)
        assert "En annan avsändare" in words((await w.press("anna", "run.send", ident)).card)
        form = (await w.press_on("karin", asked.card, "run.judge_words")).form
        assert isinstance(await w.fill("karin", form, {"text": ""}), Faults)
        await w.fill("karin", form, {"text": "Egen profil, namnet Nätverket, bara Instagram"})
        assert Quote(text="Egen profil, namnet Nätverket, bara Instagram") in w.posts("@anna")[-1].card.parts
        await judge_all(w, ident)
        await w.press("anna", "run.send", ident)
        card = w.posts("@heidi")[-1].card
        assert Quote(text="Egen profil, namnet Nätverket, bara Instagram") in card.parts
        await w.press_on("heidi", card, "approval.approve")
        done = await go_through(w, "anna", (await w.press("anna", "run.continue", ident)).form, other)
        assert done.title.startswith("Klart")


@pytest.mark.parametrize(
    ("sender", "platform", "form", "beside"),
    spread.first([
        ("subject", "facebook", "group", False), ("subject", "linkedin", "", True),
        ("subject", "instagram", "", False), ("subject", "facebook", "page", False), ("subject", "tiktok", "", True), ("environment", "linkedin", "", True),
        ("environment", "bluesky", "", True), ("environment", "facebook", "group", False),
        ("internal-project", "facebook", "group", False), ("internal-project", "facebook", "page", True),
        ("internal-project", "linkedin", "", True), ("internal-project", "youtube", "", False),
        ("external-project", "facebook", "page", False), ("external-project", "facebook", "group", True),
        ("external-project", "linkedin", "", True), ("external-project", "x", "", False),
        ("sub-brand", "linkedin", "", False), ("sub-brand", "mastodon", "", False), ("sub-brand", "facebook", "group", True),
    ], now=2),
)  # fmt: skip
async def test_what_the_profile_guide_does_not_have_needs_a_reason_and_communications_yes(
    tmp_path, sender, platform, form, beside
):
    async with world(tmp_path, pack="kau") as w:
        chosen = {"sender-type.type": sender, "platform.platform": platform, "page-or-group.form": form,
                  "parent.account": "bio0", "off-guide.reason": "Våra partner finns där"}  # fmt: skip
        ident = await begun(w, chosen)
        run = await run_of(w, ident)
        assert ("off-guide" in [s.id for s in run.requests]) is beside
        assert ("off-guide.reason" in run.answers) is beside
        assert ("parent.account" in run.answers) is (form == "group")


async def test_a_no_to_what_the_guide_does_not_have_ends_the_run(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        ident = await begun(
            w, {"platform.platform": "linkedin", "off-guide.reason": "Våra partner finns där"}
        )
        post = next(p for p in w.posts("kommunikation") if "Våra partner finns där" in words(p.card))
        form = (await w.press_on("karin", post.card, "run.decline")).form
        await w.fill("karin", form, {"text": "Följ guiden"})
        assert (await run_of(w, ident)).state == "rejected"


async def test_going_back_to_a_platform_of_the_guide_drops_the_reason_and_the_request(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        ident = await begun(
            w, {"platform.platform": "linkedin", "off-guide.reason": "Våra partner finns där"}
        )
        post = next(p for p in w.posts("kommunikation") if "Våra partner finns där" in words(p.card))
        await change(w, ident, "platform", {"platform.platform": "instagram"})
        run = await run_of(w, ident)
        assert "off-guide.reason" not in run.answers
        assert "off-guide" not in run.requested_at
        assert post.card.title.startswith("Inget svar behövs längre")
        await confirm_all(w, ident)
        await judge_all(w, ident)
        await w.press("anna", "run.send", ident)
        assert (await run_of(w, ident)).state == "waiting"


async def test_a_group_names_the_account_it_belongs_to_and_the_head_sees_it(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        group = {"platform.platform": "facebook", "page-or-group.form": "group", "parent.account": "bio1"}
        ident = await whole(w, changes=group)
        unknown = await change(w, ident, "parent", {"parent.account": "finns-inte"})
        assert "parent.account" in unknown.by_field
        await w.press("anna", "run.send", ident)
        said = words(w.posts("@heidi")[-1].card)
        assert "@bio1 (Instagram)" in said
        assert "En grupp är inget eget konto" in said


async def test_a_missing_resource_inventory_holds_the_request_and_nothing_else(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        card = await left(w, {"resources.inventory": "no"})
        ident = ident_of(card)
        assert "Resursinventeringen behövs" in words(card)
        assert (await run_of(w, ident)).next_step == "resources"
        await confirm_all(w, ident)
        refused = await w.press("anna", "run.send", ident)
        assert "Resurser" in words(refused.card)
        assert (await run_of(w, ident)).open_requests[0].id == "judgement"
        assert not [p for p in w.posts("kommunikation") if "run.judge" in verbs(p.card)]
        card = (await change(w, ident, "resources", {"resources.inventory": "yes"})).card
        assert "Resursinventeringen behövs" not in words(card)
        await judge_all(w, ident)
        await w.press("anna", "run.send", ident)
        assert (await run_of(w, ident)).state == "waiting"


async def test_audiences_follow_the_areas_and_those_of_a_left_area_go_with_it(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        ident = await begun(w)
        form = (await w.press("anna", "run.step_open", f"{ident}|audience")).form
        assert [o.id for o in form.fields[0].options] == [
            "staff",
            "students",
            "partners",
            "popular-science",
            "public",
        ]
        await change(w, ident, "areas", {"areas.areas": ("students",)})
        run = await run_of(w, ident)
        assert ("audience.groups" in run.answers, run.next_step) == (False, "audience")
        form = (await w.press("anna", "run.step_open", f"{ident}|audience")).form
        assert [o.id for o in form.fields[0].options] == ["students"]
        stale = await w.fill("anna", form, {"audience.groups": ("public",)})
        assert "audience.groups" in stale.by_field


async def test_strategy_and_plan_are_handed_over_before_they_are_asked_for_and_follow_later_answers(tmp_path):
    async with world(tmp_path, pack="kau") as w:
        w.clock.at += timedelta(hours=3)
        reply = Ask(form=await first_form(w))
        while reply.form.state.split("|")[1] != "documents":
            given = {f.id: known(w)[f.id] for f in reply.form.fields if f.id in known(w)}
            reply = await w.fill("anna", reply.form, given)
        ident = reply.form.state.split("|")[0]
        drafts = [p for p in w.posts("@anna") if ":draft:" in p.key]
        assert [p.card.title for p in drafts] == [
            "Utkast att kopiera: strategidokumentet, @biologi_ny (Instagram)",
            "Utkast att kopiera: den redaktionella planen, @biologi_ny (Instagram)",
        ]
        strategy, plan = ("".join(p.text for p in d.card.parts if isinstance(p, Quote)) for d in drafts)
        assert (
            "Syfte: Vi vill nå nya studenter. Mer följer.\nMålgruppen ska veta: Vad vi forskar om" in strategy
        )
        assert "När personal byts ut: Bo tar över" in strategy
        assert "Intressenter: Kommunen" in plan
        await change(w, ident, "goals", {"goals.know": "Något nytt"})
        assert "Målgruppen ska veta: Något nytt" in words(drafts[0].card).replace("\\n", "\n")
        overview = (await w.press("bo", "run.overview", ident)).card
        assert "Klart att kopiera: strategidokumentet och den redaktionella planen" in words(overview)
        shown = (await w.press_on("bo", overview, "run.drafts")).form
        assert any("Något nytt" in p.text for p in shown.intro if isinstance(p, Quote))
