"""The new account of KI 2021, BTH and KTH where they differ, through the desk."""

from datetime import timedelta

import pytest

from bot.view import Quote
from tests.new_account import begun, change, confirm_all, go_through, ident_of, left, made, run_of, whole
from tests.world import MONDAY, at, words, world


def verbs(card) -> list[str]:
    return [b.verb for b in card.buttons]


# -- KI 2021 -------------------------------------------------------------------------------------


async def test_what_exists_already_gets_communications_words_before_the_manager_is_asked(tmp_path):
    async with world(tmp_path, pack="ki-2021") as w:
        some = {"existing.found": "some", "existing-which.which": "Fakultetens Instagram"}
        ident = await begun(w, some)
        post = w.posts("kommunikation")[-1]
        assert "Fakultetens Instagram" in words(post.card)
        await confirm_all(w, ident)
        assert "Det som redan finns" in words((await w.press("anna", "run.send", ident)).card)
        form = (await w.press_on("karin", post.card, "run.judge_words")).form
        await w.fill("karin", form, {"text": "Fakultetens konto når inte gymnasister"})
        await w.press("anna", "run.send", ident)
        assert Quote(text="Fakultetens konto når inte gymnasister") in w.posts("@heidi")[-1].card.parts


async def test_nothing_that_exists_asks_communications_nothing(tmp_path):
    async with world(tmp_path, pack="ki-2021") as w:
        ident = await begun(w)
        assert (await run_of(w, ident)).requests == ()
        assert not [p for p in w.posts("kommunikation") if ":request:" in p.key]


# -- BTH -----------------------------------------------------------------------------------------


async def test_somebody_elses_account_without_the_logo_stops(tmp_path):
    async with world(tmp_path, pack="bth") as w:
        card = await left(w, {"what.kind": "other", "logo.wish": "none"})
        assert "utan BTH:s logotyp och utan BTH:s namn" in words(card)


@pytest.mark.parametrize("answer", ["yes", "no"])
async def test_an_exception_for_the_logo_is_the_information_departments_and_never_an_account(
    tmp_path, answer
):
    async with world(tmp_path, pack="bth") as w:
        other = {"what.kind": "other", "logo.wish": "logo", "logo-exception.account": "@studenter, studentkåren",
                 "logo-exception.reason": "Mässan i mars"}  # fmt: skip
        card = await left(w, other)
        ident = ident_of(card)
        assert "run.send" not in verbs(card)
        post = w.posts("kommunikation")[-1]
        assert "Mässan i mars" in words(post.card)
        if answer == "yes":
            await w.press_on("karin", post.card, "run.judge")
            assert "Kontot är inte BTH:s och registreras inte" in words(w.posts("@anna")[-1].card)
        else:
            form = (await w.press_on("karin", post.card, "run.decline")).form
            await w.fill("karin", form, {"text": "Det kan missförstås"})
            assert "Det kan missförstås" in words(w.posts("@anna")[-1].card)
        run = await run_of(w, ident)
        assert (run.state, run.is_open, run.account) == (
            "stopped" if answer == "yes" else "rejected",
            False,
            None,
        )
        assert len((await w.register()).accounts) == 6


async def test_the_manager_gives_the_assignment_with_its_three_parts_and_is_told_what_the_answers_mean(
    tmp_path,
):
    async with world(tmp_path, pack="bth") as w:
        ident = await whole(w, changes={"terms.kind": "profile", "moderation.possible": "no"})
        partly = await change(w, ident, "assignment", {"assignment.holds": ("answer", "pass-on")})
        assert "avbockade" in partly.by_field["assignment.holds"]
        await w.press("anna", "run.send", ident)
        said = words(w.posts("@heidi")[-1].card)
        for fact in ("att svara, att skicka vidare och att ta bort", "Personliga profiler är ofta inte tillåtna",
                     "Kontot bevakas ändå"):  # fmt: skip
            assert fact in said, fact


@pytest.mark.long
async def test_the_notice_to_visitors_is_made_of_the_answers_in_both_languages(tmp_path):
    async with world(tmp_path, pack="bth") as w:
        ident = await whole(w)
        sv, en = (p.text for p in w.posts("@anna") if "texten till besökare" in p.card.title
                  for p in p.card.parts if isinstance(p, Quote))  # fmt: skip
        assert "Det här accepterar vi inte: Påhopp" in sv
        assert "Marknadsföring av varor och tjänster är inte tillåten här." in sv
        assert "What we do not accept: Påhopp" in en
        assert "Egna frågor" not in sv
        await w.press("anna", "run.send", ident)
        await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.approve")
        form = (await w.press("anna", "run.step_open", f"{ident}|notice")).form
        assert [p.text for p in form.intro if isinstance(p, Quote)] == [sv, en]


@pytest.mark.long
async def test_the_web_listing_may_wait_is_chased_in_collected_messages_alone_and_closes_the_run(tmp_path):
    async with world(tmp_path, pack="bth") as w:
        ident = await whole(w)
        await w.press("anna", "run.send", ident)
        await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.approve")
        card = await go_through(
            w, "anna", (await w.press("anna", "run.continue", ident)).form, {"web.address": ""}
        )
        assert card.title.startswith("Igång, en sak återstår")
        assert (await made(w)).state == "live"
        before = len([p for p in w.posts("@anna") if not p.key.startswith("heads:")])
        await w.until(at(MONDAY.date() + timedelta(days=22), 16))
        chased = [
            p for p in w.posts("@anna") if p.key.startswith("heads:") and "en sak återstår" in words(p.card)
        ]
        assert [p.at.date() for p in chased] == [MONDAY.date() + timedelta(days=n) for n in (14, 21)]
        others = [p for p in w.posts("@anna") if not p.key.startswith("heads:")]
        assert len(others) == before
        refused = await w.press("anna", "run.step_open", f"{ident}|made")
        assert "hör inte längre till" in words(refused.card)
        done = await change(w, ident, "web", {"web.address": "https://www.bth.se/sociala-medier"})
        assert done.card.title.startswith("Klart")
        run = await run_of(w, ident)
        assert (run.state, run.is_open, run.values["web.address"]) == (
            "done",
            False,
            "https://bth.se/sociala-medier",
        )


# -- KTH -----------------------------------------------------------------------------------------


@pytest.mark.long
async def test_kths_office_is_told_and_after_five_working_days_that_is_enough(tmp_path):
    async with world(tmp_path, pack="kth", accounts=0, chemistry=0) as w:
        ident = await begun(w)
        await confirm_all(w, ident)
        assert "Samordning" in words((await w.press("anna", "run.send", ident)).card)
        await w.until(at(MONDAY.date() + timedelta(days=6), 12))
        assert "Samordning" in words((await w.press("anna", "run.send", ident)).card)
        await w.until(at(MONDAY.date() + timedelta(days=7), 12))
        assert "du kan gå vidare" in w.posts("@anna")[-1].card.title
        assert "inte sagt emot" in w.posts("kommunikation")[0].card.title
        await w.press("anna", "run.send", ident)
        assert "inte sagt emot" in words(w.posts("@heidi")[-1].card)


async def test_use_the_existing_channel_ends_the_run_as_refused(tmp_path):
    async with world(tmp_path, pack="kth") as w:
        ident = await begun(w)
        post = w.posts("kommunikation")[-1]
        assert "Använd den kanal som finns …" in [b.label for b in post.card.buttons]
        form = (await w.press_on("karin", post.card, "run.decline")).form
        await w.fill("karin", form, {"text": "KTH:s Instagram tar gärna emot biologi"})
        run = await run_of(w, ident)
        assert (run.state, run.decision) == ("rejected", 1)
        assert "tar gärna emot biologi" in words(w.posts("@anna")[-1].card)


@pytest.mark.long
async def test_a_clash_with_the_channels_terms_goes_along_to_the_head(tmp_path):
    async with world(tmp_path, pack="kth") as w:
        ident = await whole(w, changes={"terms.clash": "some", "clash.what": "De äger bilderna"})
        await w.press("anna", "run.send", ident)
        assert Quote(text="De äger bilderna") in w.posts("@heidi")[-1].card.parts


@pytest.mark.long
async def test_each_person_confirms_that_they_stand_for_kth_once_whatever_the_platform(tmp_path):
    async with world(tmp_path, pack="kth") as w:
        ident = await begun(w)
        await confirm_all(w, ident)
        await change(w, ident, "platform", {"platform.platform": "tiktok"})
        assert (await run_of(w, ident)).unconfirmed == ()
