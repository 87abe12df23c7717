"""A decision on paper or by telephone: by mail to whoever decides, entered by communications, kept as such (users.md U8)."""

from dataclasses import replace
from datetime import date

from bot.cases.yearly import Yearly
from bot.model import Absence, PersonId
from bot.view import Ask, Faults, Tell
from tests import closing, new_account
from tests.flows.test_season import SOON
from tests.flows.test_watching import open_watches
from tests.mailing import mailed, without_chat
from tests.new_account import decisions, run_of
from tests.world import DAY, MONDAY, at, buttons, words, world

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


SAID = {"way": "mail", "reference": "Mejl till larm@ 24 november"}


async def lone_and_away(w, first: int = 2) -> None:
    """Vera, whom no chat knows, heads biology; Anna and Bo are away from that day of the week on, for two days."""
    await headed_without_chat(w)
    days = MONDAY.date() + first * DAY, MONDAY.date() + (first + 1) * DAY
    for who in ("anna", "bo"):
        absence = Absence(id=who, person=PersonId(who), first=days[0], last=days[1])
        await w.seed(lambda tx, absence=absence: tx.save_absence(absence))


def line_of(card, verb: str):
    return next(b for b in buttons(card) if b.verb == verb)


async def entries(w, account: str, what: str = "account.word_entered"):
    async with w.bot.storage.read() as tx:
        return [e for e in await tx.log(f"account:{account}") if e.what == what]


async def test_a_head_without_chat_answers_who_watches_by_mail_and_communications_enters_it(tmp_path):
    async with mailed(tmp_path) as (w, box):
        await lone_and_away(w)
        tuesday = MONDAY.date() + DAY
        await w.hop(at(tuesday, 0, 5))
        await w.hop(at(tuesday, 9, 31))
        (mail,) = box.to("vera@example.se")
        for said in (
            "borta samtidigt",
            "”Utse någon”",
            "”Stäng av kommentarerna”",
            "Ring eller skriv till",
            "08-1 23",
        ):
            assert said in mail.text, said

        waits = (await w.say("kalle", "sm-today")).card
        assert "Skriv in svaret från Vera Prefekt" in words(waits)
        card = (await w.press_on("kalle", waits, "watch.show")).card
        assert [b.verb for b in card.buttons][:1] == ["watch.enter"]
        form = (await w.press_on("kalle", card, "watch.enter")).form
        assert (await w.press("kalle", "watch.cover", form.state)).form.id == "watch.enter"
        assert (
            await w.press("kalle", "watch.hand", form.state)
        ).card.title == "Det gick inte"  # not without how and when
        begun = await w.fill("karin", form, SAID | {"answer": "off"})
        assert (begun.form.id, len(await entries(w, "bio0"))) == ("run.step", 1)
        assert "Stäng av kommentarerna" in box.to("vera@example.se")[-1].text
        named = SAID | {"answer": "cover", "who": "olle"}
        for lacking in ("reference", "way", "answer", "who"):
            assert lacking in (await w.fill("kalle", form, named | {lacking: ""})).by_field
        assert "day" in (await w.fill("kalle", form, named | {"day": "2026-11-20"})).by_field
        assert not (await w.register()).takeovers
        assert len(await entries(w, "bio0")) == 1
        done = await w.fill("kalle", form, named)
        again = await w.fill("karin", form, named)

        assert "Vera Prefekt får ett brev om det" in words(done.card)
        assert "redan löst" in words(again.card)
        (taken,) = (await w.register()).takeovers
        assert (taken.by, taken.who) == ("vera", "olle")
        entry = (await entries(w, "bio0"))[-1]
        assert (entry.by, entry.data["for"], entry.data["way"]) == ("kalle", "vera", "mail")
        assert entry.data["reference"] == SAID["reference"]
        told = box.to("vera@example.se")[-1]
        assert "Kalle Dahl har fört in ditt svar" in told.subject
        for said in ("Utse någon", "Vem: Olle", "med e-post", "Stämmer det inte?"):
            assert said in told.text, said
        history = (await w.press("karin", "account.history", "bio0")).form
        assert "Chefens svar, infört av" in repr(history)
        assert SAID["reference"] in repr(history)


async def test_a_letter_with_several_matters_says_what_can_be_answered_to_each_and_both_can_be_entered(
    tmp_path,
):
    async with mailed(tmp_path, seasons=SOON) as (w, box):
        await lone_and_away(w)
        more = Absence(id="both", person=PersonId("anna"), first=date(2026, 12, 22), last=date(2026, 12, 28))
        for who in ("anna", "bo"):
            absence = replace(more, id=f"{who}2", person=PersonId(who))
            await w.seed(lambda tx, absence=absence: tx.save_absence(absence))
        tuesday = MONDAY.date() + DAY
        await w.hop(at(tuesday, 0, 5))
        await w.hop(at(tuesday, 9, 31))
        (mail,) = box.to("vera@example.se")
        assert mail.text.count("Det här kan du svara:") == 3  # to each, and with whom to ring
        assert "”Lämna till kommunikation”" in mail.text
        assert "”Det ser bra ut”" in mail.text

        waits = (await w.say("karin", "sm-today")).card
        season = line_of(waits, "season.enter")
        for verb in ("season.fine", "season.hand", "season.cover"):
            assert "har ingen chatt med mig" in words((await w.press("karin", verb, season.arg)).card)
        form = (await w.press("karin", "season.enter", season.arg)).form
        await w.fill("karin", form, SAID | {"answer": "hand"})
        assert "redan löst" in words((await w.fill("karin", form, SAID | {"answer": "fine"})).card)
        assert "season.enter" not in repr((await w.say("karin", "sm-today")).card)
        assert "Lämna till kommunikation" in box.to("vera@example.se")[-1].text

        watch = line_of(waits, "watch.show").arg
        form = (await w.press("karin", "watch.enter", watch)).form
        await w.fill("karin", form, SAID | {"answer": "hand", "way": "meeting"})
        assert (await w.case(watch)).handed_by == "vera"
        waits = (await w.say("karin", "sm-today")).card
        assert "Skriv in svaret" not in words(waits)
        assert "watch.take" in repr((await w.press_on("karin", waits, "watch.show")).card)
        assert "vid ett möte" in box.to("vera@example.se")[-1].text


async def test_the_yearly_page_and_free_days_of_a_head_without_chat_are_entered_too(tmp_path):
    async with mailed(tmp_path) as (w, box):
        await headed_without_chat(w)
        page = Yearly(id="year:vera:2026", opened_at=w.clock.at, head=PersonId("vera"))
        await w.seed(lambda tx: tx.add_case(page))
        line = line_of((await w.say("karin", "sm-today")).card, "yearly.enter")
        form = (await w.press("karin", line.verb, line.arg)).form
        wish = SAID | {"answer": "change", "account": "bio1", "text": "Bo ska bort."}
        assert "text" in (await w.fill("karin", form, wish | {"text": ""})).by_field
        assert not await entries(w, "bio1")
        await w.fill("karin", form, wish)
        assert [x.text for x in (await w.case(page.id)).wishes] == ["Bo ska bort."]
        assert "Bo ska bort." in box.to("vera@example.se")[-1].text
        known = (await w.register()).accounts["bio1"]
        await w.seed(lambda tx: tx.save_account(replace(known, purpose="Nytt")))
        right = SAID | {"answer": "right"}
        assert "answer" in (await w.fill("karin", form, right)).by_field
        form = (await w.press("karin", line.verb, line.arg)).form
        await w.fill("karin", form, right)
        assert (await w.case(page.id)).mark
        assert [e.by for e in await entries(w, "bio2", "account.confirmed")] == ["vera"]

        own = (await w.press("karin", "account.open", "bio0")).card
        form = (await w.press_on("karin", own, "duty.open")).form
        assert form.id == "duty.enter"
        said = SAID | {"kind": "none", "instead": "filtered", "day": "2026-11-20"}
        await w.fill("karin", form, said)
        told = len(box.to("vera@example.se")), len(await entries(w, "bio0"))
        assert "Svar: Ingen, kommentarerna filtreras då" in box.to("vera@example.se")[-1].text
        assert "Det sades vem som bevakar på lediga dagar" in repr(
            (await w.press("karin", "account.history", "bio0")).form
        )
        again = await w.fill("kalle", form, said)
        assert "redan löst" in words(again.card)
        assert (len(box.to("vera@example.se")), len(await entries(w, "bio0"))) == told
        duty = (await w.register()).accounts["bio0"].duty
        assert (duty.agreed_by, duty.agreed_on, duty.way) == ("vera", date(2026, 11, 20), "mail")
        assert "infört av kommunikation" in words((await w.press("karin", "account.open", "bio0")).card)
        await w.fill("karin", form, said | {"instead": "comments_off"})
        assert "Ingen, kommentarerna är avstängda då" in box.to("vera@example.se")[-1].text


async def test_asked_anew_half_a_year_later_free_days_may_be_answered_as_before(tmp_path):
    async with mailed(tmp_path, pack="kau", accounts=1, chemistry=0) as (w, box):
        await headed_without_chat(w)
        said = SAID | {"kind": "none", "instead": "filtered", "day": "2026-11-20"}
        for day in (MONDAY.date(), MONDAY.date() + 182 * DAY):
            await w.hop(at(day, 0, 5))
            (watch,) = await open_watches(w)
            form = (await w.press("karin", "duty.open", watch.id)).form
            before = len(box.to("vera@example.se"))
            await w.fill("karin", form, said)
            assert len(box.to("vera@example.se")) == before + 1
            assert await open_watches(w) == []
            own = (await w.press("karin", "duty.open", "bio0")).form
            assert "redan löst" in words((await w.fill("kalle", own, said)).card)
            assert "redan löst" in words((await w.fill("kalle", form, said)).card)
        assert len(await entries(w, "bio0")) == 2


async def test_a_deputy_at_communications_answers_a_season_themselves_and_their_colleagues_only_enter_it(
    tmp_path,
):
    async with world(tmp_path, accounts=1, chemistry=0, seasons=SOON) as w:
        await lone_and_away(w, 29)
        unit = (await w.register()).units["bio"]
        await w.seed(lambda tx: tx.save_unit(replace(unit, deputy=PersonId("karin"))))
        arg = "christmas-2026|vera"
        colleague = (await w.press("kalle", "season.open", arg)).card
        assert [b.verb for b in buttons(colleague)] == ["season.enter"]
        for verb in ("season.cover", "season.hand", "season.fine"):
            assert "har ingen chatt med mig" in words((await w.press("kalle", verb, arg)).card)
        own = (await w.press("karin", "season.open", arg)).card
        assert [b.verb for b in buttons(own)] == ["season.cover", "season.hand", "season.fine"]
        form = (await w.press_on("karin", own, "season.cover")).form
        after = (await w.fill("karin", form, {"cover": "olle"})).card
        assert (await w.press_on("karin", after, "season.fine")).card.buttons == ()
        assert {a.cover for a in (await w.register()).absences} == {"olle"}
        assert not await entries(w, "bio0")


async def test_the_word_of_a_head_who_has_chat_is_entered_by_nobody_else(tmp_path):
    async with world(tmp_path, seasons=SOON) as w:
        await lone_and_away(w)
        heidi = (await w.register()).units["bio"]
        await w.seed(lambda tx: tx.save_unit(replace(heidi, head=PersonId("heidi"))))
        page = Yearly(id="year:heidi:2026", opened_at=w.clock.at, head=PersonId("heidi"))
        await w.seed(lambda tx: tx.add_case(page))
        tuesday = MONDAY.date() + DAY
        await w.hop(at(tuesday, 0, 5))
        await w.hop(at(tuesday, 9, 31))
        async with w.bot.storage.read() as tx:
            (watch,) = await tx.open_cases("watch")
        given = SAID | {"answer": "hand", "kind": "none", "instead": "filtered", "day": "2026-11-24"}
        asked = {"watch.enter": watch.id, "duty.enter": "bio0", "yearly.enter": page.id,
                 "season.enter": "christmas-2026|heidi"}  # fmt: skip
        for who in ("karin", "anna", "heidi", "fia", "gast"):
            for verb, arg in asked.items():
                assert not isinstance(await w.press(who, verb, arg), Ask), (who, verb)
                refused = await w.desk.submit(w.call(who), verb, arg, given)
                assert refused.card.title == "Det gick inte", (who, verb)
        for verb, arg in (("watch.cover", watch.id), ("watch.hand", watch.id), ("duty.open", "bio0")):
            assert (await w.press("karin", verb, arg)).card.title == "Det gick inte"
        assert "Skriv in svaret" not in words((await w.say("karin", "sm-today")).card)
        assert not (await w.case(watch.id)).handed_by
        assert not await entries(w, "bio0")
