"""A decision on paper or by telephone: by mail to whoever decides, entered by communications, kept as such (users.md U8)."""

from dataclasses import replace

from bot.model import PersonId
from bot.view import Ask, Faults, Tell
from tests import closing, new_account
from tests.mailing import mailed, without_chat
from tests.new_account import decisions, run_of
from tests.world import DAY, MONDAY, at, words, world

GIVEN = {"who": "vera", "answer": "approve", "way": "phone", "reference": "UN 12, min anteckning"}


async def headed_without_chat(w) -> None:
    await without_chat(w, "vera", "Vera Prefekt")
    unit = (await w.register()).units["bio"]
    await w.seed(lambda tx: tx.save_unit(replace(unit, head=PersonId("vera"))))


async def opened(w, who: str, run: str):
    return await w.press(who, "approval.enter", f"{run}|1")


async def test_a_head_without_chat_decides_by_telephone_and_the_decision_says_so(tmp_path):
    async with mailed(tmp_path) as (w, box):
        await headed_without_chat(w)
        run = await new_account.sent(w)
        (mail,) = box.to("vera@example.se")
        for said in (
            "@biologi_ny",
            "Det här tar du på dig",
            "Fler sökande",
            "Godkänn",
            "08-1 23",
            "Jag läser inga",
        ):
            assert said.casefold() in mail.text.casefold(), said
        assert "https://" not in mail.html.replace("https://instagram.com", "")

        card = (await w.say("karin", "sm-today")).card
        line = next(
            i
            for p in card.parts
            if hasattr(p, "items")
            for i in p.items
            if i.button and "approval.enter" in i.button.verb
        )
        form = (await w.press("karin", line.button.verb, line.button.arg)).form
        assert [o.label for o in form.fields[0].options] == ["Vera Prefekt", "Dag Sten"]
        first = await w.fill("karin", form, GIVEN | {"reference": ""})
        assert isinstance(first, Faults)
        assert "reference" in first.by_field
        late = await w.fill("karin", form, GIVEN | {"day": "2026-12-24"})
        assert "day" in late.by_field
        done = await w.fill("karin", form, GIVEN)
        again = await w.fill("kalle", form, GIVEN)

        assert "Beslut nr 1" in done.card.title
        assert isinstance(again, Tell)
        (made,) = await decisions(w)
        assert (made.kind, made.body["way"], made.body["decided_by"], made.body["entered_by"]) == (
            "account.approved", "phone", "head", "communications"
        )  # fmt: skip
        assert "Karin" not in repr(made.body) and "UN 12" not in repr(made.body)  # noqa: PT018
        assert (made.personal["decided_by"], made.personal["entered_by"]) == ("Vera Prefekt", "Karin Berg")
        assert (await run_of(w, run)).decided_by == "vera"
        story = words((await w.press("karin", "decision.open", "1")).card)
        assert "Enligt besked per telefon av Vera Prefekt" in story
        assert "infört av Karin Berg" in story
        assert "UN 12, min anteckning" in story
        told = box.to("vera@example.se")[-1]
        assert "Karin Berg har fört in ditt svar" in told.subject
        assert "Stämmer det inte?" in told.text


async def test_a_closure_is_entered_as_well_with_its_reason_when_it_is_no(tmp_path):
    async with world(tmp_path) as w:
        run = await closing.sent(w)
        await w.until(w.clock.at + 3 * DAY)  # reminded: communications has the line too
        assert "approval.enter" in repr((await w.say("karin", "sm-today")).card)
        form = (await opened(w, "karin", run)).form
        no = {"who": "heidi", "answer": "reject", "way": "paper", "reference": "UN 13"}
        assert "why" in (await w.fill("karin", form, no)).by_field
        await w.fill("karin", form, no | {"why": "Vi behöver kontot."})

        made = (await decisions(w))[-1]
        assert (made.kind, made.body["way"], made.personal["why"]) == (
            "closure.rejected",
            "paper",
            "Vi behöver kontot.",
        )
        assert made.personal["decided_by"] == "Heidi Berg"
        assert any("har fört in ditt svar" in p.card.title for p in w.posts("@heidi"))


async def test_nobody_but_communications_enters_what_another_decided_and_nobody_on_their_own_request(
    tmp_path,
):
    async with world(tmp_path) as w:
        run = await new_account.sent(w)
        form = (await opened(w, "karin", run)).form
        for who in ("anna", "heidi", "rita", "adam", "gast", "ute", "borta"):
            for reply in (await opened(w, who, run), await w.fill(who, form, GIVEN | {"who": "heidi"})):
                assert not isinstance(reply, Ask), who
        for who in (
            "karin",
            "anna",
            "fia",
            "vera",
            "",
        ):  # whoever enters it, the runner, other heads, strangers
            assert isinstance(await w.fill("karin", form, GIVEN | {"who": who}), Faults)
        await w.seed(lambda tx: tx.save_role("communications", [PersonId("anna"), PersonId("karin")], None))
        assert "sin egen begäran" in words((await opened(w, "anna", run)).card)
        assert (await run_of(w, run)).state == "waiting"
        assert not await decisions(w)


async def test_a_confirmation_on_paper_is_entered_too_and_told_to_whoever_gave_it(tmp_path):
    async with mailed(tmp_path) as (w, box):
        await without_chat(w, "vera", "Vera Vik")
        w.clock.at = at(MONDAY.date(), 10).astimezone(w.clock.at.tzinfo)
        named = {"people.people": ("anna", "vera"), "substitutes.substitutes": ("vera",)}
        card = await new_account.go_through(w, "anna", await new_account.first_form(w, "anna"), named)
        run = new_account.ident_of(card)
        (asked,) = box.to("vera@example.se")
        assert "läst" in asked.text
        assert "08-1 23" in asked.text

        assert "confirm.enter" in repr((await w.say("karin", "sm-today")).card)
        form = (await w.press("karin", "confirm.enter", run)).form
        given = {"who": "vera", "way": "paper", "reference": "Pärm 3"}
        for who in ("anna", "heidi", "gast"):
            assert not isinstance(await w.fill(who, form, given), Faults)
            assert not isinstance(await w.press(who, "confirm.enter", run), Ask)
        assert "vera" not in repr((await run_of(w, run)).confirmed)
        assert isinstance(await w.fill("karin", form, given | {"who": "bo"}), Faults)
        await w.fill("karin", form, given)
        again = await w.fill("karin", form, given)

        assert {p for people in (await run_of(w, run)).confirmed.values() for p in people} >= {"vera"}
        assert isinstance(again, Tell)
        assert "Karin Berg har fört in ditt svar" in box.to("vera@example.se")[-1].subject
        async with w.bot.storage.read() as tx:
            (entry,) = [e for e in await tx.log(run) if e.what == "run.confirm_entered"]
        assert (entry.by, entry.data["reference"]) == ("karin", "Pärm 3")
