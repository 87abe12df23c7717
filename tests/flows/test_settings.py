"""`/sm-settings`: chosen, seen before it is done, done once, taken back; what waits follows."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.service import retention
from bot.service.passes import housekeeping
from bot.service.settings import DRAFTS
from bot.view import Ask, Card, Faults, Tell
from tests.flows.test_alarms import raise_alarm
from tests.mailing import VAKT, mailed
from tests.new_account import run_of, sent
from tests.world import DAY, MONDAY, World, at, buttons, words, world

TODAY = MONDAY.date()
BIO = "test:T1:biologi"


def cards(w: World, place: str = "biologi", day=None) -> list:
    """The morning cards; what stands in their threads comes later in the day."""
    return [post for post in w.posts(place, day) if not post.thread]


async def page(w: World, who: str, group: str, what: str):
    """The form of one page."""
    form = (await w.press(who, "settings.open", group)).form
    return (await w.fill(who, form, {"what": what})).form


async def see(w: World, who: str, group: str, what: str, values: dict) -> Card:
    """The card that shows what it would do."""
    reply = await w.fill(who, await page(w, who, group, what), values)
    assert isinstance(reply, Tell), reply
    return reply.card


async def change(w: World, who: str, group: str, what: str, values: dict) -> Card:
    """See it, and agree."""
    shown = await see(w, who, group, what, values)
    return (await w.press_on(who, shown, "settings.apply")).card


async def test_an_hour_of_all_channels_is_seen_before_it_is_changed_and_taken_back_in_one_press(tmp_path):
    async with world(tmp_path, bridge_days_free=False) as w:
        await w.until(at(TODAY, 9, 5))
        menu = (await w.say("karin", "sm-installningar")).card
        assert len(menu.buttons) == 6
        shown = await see(w, "karin", "channel", "*", {"hour": "8.30"})
        assert "Två kort flyttas från 09.00 till 08.30. Gäller från i morgon." in words(shown)
        assert (await w.register()).places[BIO].hour == time(9)

        first, second = [await w.press_on("karin", shown, "settings.apply") for _ in range(2)]
        assert "Ändrat" in words(first.card)
        assert "redan ändrat" in words(second.card)
        assert (await w.register()).places[BIO].hour == time(8, 30)
        await w.until(at(TODAY + DAY, 8, 31))
        assert len(cards(w, day=TODAY)) == 1
        assert len(cards(w, day=TODAY + DAY)) == 1

        listed = (await w.press("kalle", "settings.log")).card
        assert "Karin Berg" in words(listed)
        undone = await w.press_on("kalle", listed, "settings.undo")
        assert "Ändrat tillbaka" in words(undone.card)
        again = await w.press_on("kalle", listed, "settings.undo")
        assert "redan ändrat tillbaka" in words(again.card)
        assert (await w.register()).places[BIO].hour == time(9)


async def test_a_proposal_that_would_do_something_else_by_now_is_shown_anew(tmp_path):
    async with world(tmp_path, bridge_days_free=False) as w:
        shown = await see(w, "karin", "channel", "*", {"hour": "8"})
        await change(w, "kalle", "channel", BIO, {"hour": "8"})
        anew = (await w.press_on("karin", shown, "settings.apply")).card
        assert "Något har ändrats sedan du tittade" in words(anew)
        old = (await w.press_on("karin", shown, "settings.apply")).card
        assert "gäller inte längre" in words(old)
        assert (await w.register()).places["test:T1:kemi"].hour == time(9)
        await w.press_on("karin", anew, "settings.apply")
        assert (await w.register()).places["test:T1:kemi"].hour == time(8)
        listed = (await w.press("karin", "settings.log")).card
        await change(w, "karin", "channel", "test:T1:kemi", {"hour": "10"})
        late = (await w.press_on("karin", listed, "settings.undo")).card
        assert "ändrats igen sedan dess" in words(late)


async def test_an_hour_moved_over_now_posts_todays_card_once_and_never_loses_it(tmp_path):
    async with world(tmp_path, bridge_days_free=False) as w:
        await w.until(at(TODAY, 8, 15))
        await change(w, "karin", "channel", BIO, {"hour": "8.10"})  # not posted: what is past comes at once
        await w.until(at(TODAY, 8, 20))
        assert len(cards(w)) == 1
        await change(w, "karin", "channel", BIO, {"hour": "10"})  # posted: not a second time
        await change(w, "karin", "channel", "test:T1:kemi", {"hour": "11"})
        await w.until(at(TODAY, 10, 59))
        assert len(cards(w)) == 1
        assert cards(w, "kemi") == []
        await w.until(at(TODAY, 11, 1))
        assert len(cards(w, "kemi")) == 1


async def test_no_channel_is_given_an_hour_at_which_the_office_has_closed(tmp_path):
    async with world(tmp_path, accounts=1, bridge_days_free=False, closes=time(16)) as w:
        for of in (BIO, "*"):
            reply = await w.fill("karin", await page(w, "karin", "channel", of), {"hour": "16"})
            assert "kontoret har stängt" in reply.by_field["hour"]
        form = (await w.press("anna", "account.edit", "bio0")).form
        assert "#biologi" in (await w.fill("anna", form, {"hour": "16:30"})).by_field["hour"]

        await change(w, "karin", "times", "hours", {"closes": "17"})
        await change(w, "karin", "channel", BIO, {"hour": "16"})
        listed = (await w.press("karin", "settings.log")).card
        back = [b for b in buttons(listed) if b.verb == "settings.undo"][1]
        assert "kontoret har stängt" in words((await w.press("karin", "settings.undo", back.arg)).card)
        reply = await w.fill("karin", await page(w, "karin", "times", "hours"), {"closes": "16"})
        assert "kontoret har stängt" in reply.by_field["closes"]
        assert (await w.register()).office.closes == time(17)


async def test_collected_messages_that_have_come_today_come_no_second_time_and_what_is_promised_comes(
    tmp_path,
):
    async with world(tmp_path, bridge_days_free=False) as w:
        await w.until(at(TODAY, 15, 31))
        assert len(w.posts("kommunikation")) == 1
        shown = await change(w, "karin", "times", "messages", {"digest_at": "16"})
        assert "16.00" in words(shown)
        await change(
            w, "karin", "role", "communications", {"no_place": "yes"}
        )  # the role hears elsewhere from now on
        await w.until(at(TODAY, 16, 30))
        assert len(w.posts("kommunikation") + w.posts("@karin") + w.posts("@kalle")) == 1
        await w.until(at(TODAY + DAY, 15, 59))
        assert w.posts("@karin", TODAY + DAY) == []
        await w.until(at(TODAY + DAY, 16, 1))
        assert len(w.posts("@karin", TODAY + DAY)) == 1


async def test_a_day_that_is_closed_this_morning_asks_nobody_and_open_questions_keep_their_time(tmp_path):
    async with world(tmp_path, bridge_days_free=False) as w:
        await w.until(at(TODAY, 7, 30))
        question = await w.log("anna", "bio0", at(TODAY, 7, 10))
        promised = (await w.case(question)).answer_by
        shown = await see(w, "karin", "times", "days", {"bridge": "worked", "closed": TODAY.isoformat()})
        assert "En arbetsdag blir ledig: 23 november 2026." in words(shown)
        assert "sex konton färre" in words(shown)
        assert "En öppen fråga behåller sin tid." in words(shown)
        await w.press_on("karin", shown, "settings.apply")
        await w.until(at(TODAY, 18))
        assert [p for p in w.posts() if p.key.startswith("round")] == []
        assert await w.days("bio0", TODAY) == ["not_asked"]
        assert (await w.case(question)).answer_by == promised


async def test_the_last_administrator_stays_and_an_empty_office_is_said_aloud(tmp_path):
    async with world(tmp_path) as w:
        form = await page(w, "adam", "role", "administrators")
        reply = await w.fill("adam", form, {"people": ()})
        assert isinstance(reply, Faults)
        assert "Lägg till någon annan först" in reply.by_field["people"]
        unknown = await w.fill("adam", form, {"people": (), "email": "ny@example.se"})
        assert isinstance(unknown, Faults)  # somebody whom no chat knows yet does not do

        shown = await see(w, "karin", "role", "communications", {"people": ()})
        assert "Ingen har då rollen" in words(shown)
        assert "Adam Fors" in words(shown)
        await w.press_on("karin", shown, "settings.drop")
        assert (await w.register()).roles["communications"] == ("karin", "kalle")


async def test_a_role_may_be_somebody_named_by_e_mail_with_mailbox_and_telephone(tmp_path):
    async with world(tmp_path) as w:
        bad = await w.fill("karin", await page(w, "karin", "role", "registrar"), {"mail": "inget"})
        assert isinstance(bad, Faults)
        assert "mail" in bad.by_field
        given = {"people": (), "email": "Arkiv@example.se", "mail": "registrator@example.se", "phone": "08-1"}
        await change(w, "karin", "role", "registrar", given | {"name_sv": "arkivet"})
        register = await w.register()
        (holder,) = register.roles["registrar"]
        assert register.people[holder].email == "arkiv@example.se"
        assert register.role_contacts["registrar"].mail == ("registrator@example.se",)
        assert register.office.role_names["registrar"] == {"sv": "arkivet"}
        await change(w, "karin", "role", "registrar", {"people": ("olle",), "phone": "08-2"})
        assert (await w.register()).roles["registrar"] == (holder, "olle")  # whom no picker shows, stays
        await change(w, "karin", "role", "registrar", {"people": ()})
        same = await see(w, "karin", "role", "registrar", {"email": "arkiv@example.se"})
        assert "Allt är redan så" in words(same)  # the same address is the same person
        await change(w, "karin", "role", "registrar", {"kept": ()})
        assert (await w.register()).roles["registrar"] == ()


async def test_what_was_shown_and_not_agreed_to_is_forgotten_after_a_day(tmp_path):
    async def kept() -> str:
        async with w.bot.storage.read() as tx:
            return await tx.fact(DRAFTS) or ""

    async with world(tmp_path) as w:
        shown = await see(w, "karin", "role", "registrar", {"email": "nora@example.se"})
        await housekeeping(w.bot, w.clock.at + timedelta(hours=23))
        assert "nora@example.se" in await kept()
        await housekeeping(w.bot, w.clock.at + timedelta(hours=25))
        assert "nora@example.se" not in await kept()
        assert "settings.apply" not in {
            b.verb for b in (await w.press_on("karin", shown, "settings.apply")).card.buttons
        }
        assert "nora@example.se" not in {p.email for p in (await w.register()).people.values()}


async def test_a_unit_is_added_renamed_and_removed_unless_it_is_in_use(tmp_path):
    async with world(tmp_path) as w:
        await change(w, "karin", "unit", "+", {"name": "Kemi", "head": "heidi", "parent": "fak"})
        (made,) = [u for u in (await w.register()).units.values() if u.name == "Kemi"]
        circle = await w.fill("karin", await page(w, "karin", "unit", "fak"), {"parent": made.id})
        assert isinstance(circle, Faults)
        fields = {f.id for f in (await page(w, "karin", "unit", "bio")).fields}
        assert "remove" not in fields
        removed = await change(w, "karin", "unit", made.id, {"remove": "yes"})
        assert made.id not in (await w.register()).units
        await w.press_on("karin", removed, "settings.undo")
        assert (await w.register()).units[made.id] == made


async def test_whom_the_office_has_named_may_change_settings_but_not_say_who_may(tmp_path):
    async with world(tmp_path) as w:
        before = await w.register()
        for who in ("anna", "heidi", "rita", "gast"):
            for reply in (await w.say(who, "sm-settings"), await w.press(who, "settings.open", "times"),
                          await w.press(who, "settings.log"), await w.press(who, "settings.undo", "g1")):  # fmt: skip
                assert "Inställningarna ändras av" in words(reply.card)
        await change(w, "karin", "words", "changers", {"changers": ("anna",)})
        await change(w, "anna", "words", "contact", {"visitor_contact": "x@example.se"})
        form = (await w.press("anna", "settings.open", "words")).form
        assert "kan bara" in words((await w.fill("anna", form, {"what": "changers"})).card)
        listed = (await w.press("anna", "settings.log")).card
        for who in (b for p in listed.parts for i in getattr(p, "items", ()) if (b := i.button)):
            told = await w.press("anna", "settings.undo", who.arg)
        assert "kan bara" in words(told.card)  # the oldest is who may change
        after = (await w.register()).office
        assert (after.changers, after.visitor_contact) == (("anna",), before.office.visitor_contact)


async def test_whom_the_office_has_named_gives_themselves_no_task_and_no_disposal_decision(tmp_path):
    async def refused(group: str, what: str, values: dict) -> None:
        reply = await w.fill("anna", await page(w, "anna", group, what), values)
        assert "de som sköter boten" in words(reply.card), (what, reply)
        assert "settings.apply" not in {b.verb for b in reply.card.buttons}

    async with world(tmp_path) as w:
        undone = await change(w, "karin", "role", "registrar", {"people": ("rita", "anna")})
        await w.press_on("karin", undone, "settings.undo")
        await change(w, "karin", "words", "changers", {"changers": ("anna",)})
        before = await w.register()
        for role in ("registrar", "director"):
            await refused("role", role, {"people": ("rita", "anna")})
        for values in ({"head": "anna"}, {"deputy": "anna"}):
            await refused("unit", "bio", values)
        await refused("unit", "+", {"name": "Ny", "head": "anna"})
        kept = {"days": "1", "number": "G 1", "decided_on": "2026-11-01"}
        await refused("retention", "questions", kept)
        listed = (await w.press("anna", "settings.log")).card
        for button in [b for p in listed.parts for i in getattr(p, "items", ()) if (b := i.button)]:
            assert "de som sköter boten" in words((await w.press("anna", "settings.undo", button.arg)).card)
        assert await w.register() == before
        await change(w, "anna", "unit", "bio", {"head": "dag", "deputy": ""})
        await change(w, "anna", "retention", "questions", {"days": "30"})
        await change(w, "karin", "retention", "questions", kept)
        await refused("retention", "questions", kept | {"days": "2"})


async def test_a_disposal_decision_is_shown_with_what_would_go_at_once_and_more_of_it_is_no_other_promise(
    tmp_path,
):
    kept = {"days": "1", "number": "LU 2026/77", "decided_on": "2026-11-01"}
    async with world(tmp_path) as w:
        for _ in range(2):
            ident = await w.log("anna", "bio0", MONDAY)
            await w.press("anna", "question.answered", ident)
            w.clock.at += DAY / 2
        empty = await see(w, "karin", "retention", "questions", kept | {"days": "30"})
        assert "Inget är äldre än så i dag." in words(empty)
        w.clock.at += DAY / 4
        shown = await see(w, "karin", "retention", "questions", kept)
        assert "En är äldre än så redan nu, och tas bort inom en timme." in words(shown)
        w.clock.at += DAY / 2
        assert "Ändrat" in words((await w.press_on("karin", shown, "settings.apply")).card)
        assert set(await retention.run(w.bot, w.clock.now())) == {"questions"}


async def test_steps_that_the_guideline_sets_are_shown_with_their_section_and_the_others_change(tmp_path):
    async with world(tmp_path, pack="kau", bridge_days_free=False) as w:
        form = await page(w, "karin", "times", "steps")
        assert {f.id for f in form.fields}.isdisjoint({"answer.hours", "answer.escalate_hours"})
        assert "48 timmar" in words(Card(title="", parts=form.intro))
    async with world(tmp_path, pack="ki", bridge_days_free=False) as w:
        shown = await see(w, "karin", "times", "steps", {"answer.hours": "48", "answer.escalate_hours": "48"})
        assert "En fråga som kommer i dag kl. 08.00 ska ha svar" in words(shown)
        w.clock.at += timedelta(minutes=2)  # reading takes a while, and is no reason to show it anew
        await w.press_on("karin", shown, "settings.apply")
        question = await w.case(await w.log("anna", "bio0", at(TODAY, 6, 30)))
        assert question.escalate_at == at(TODAY + 2 * DAY, 6, 30)
        assert isinstance(await w.press("karin", "settings.open", "words"), Ask)


@pytest.mark.long
async def test_what_waits_for_the_old_head_waits_for_the_new_one_and_comes_back_with_undo(tmp_path):
    async with world(tmp_path, bridge_days_free=False) as w:
        ident = await sent(w)
        asked = w.posts("@heidi")[-1]
        assert "approval.approve" in {b.verb for b in asked.card.buttons}
        shown = await see(w, "karin", "unit", "bio", {"head": "dag", "deputy": ""})
        assert "Sex konton får Dag Sten som ansvarig chef." in words(shown)
        assert "En begäran som väntar går till Dag Sten." in words(shown)
        done = (await w.press_on("karin", shown, "settings.apply")).card
        assert (await run_of(w, ident)).approver == "dag"
        assert asked.card.buttons == ()
        assert "väntar nu på Dag Sten" in asked.card.title
        await w.press_on("karin", done, "settings.undo")
        assert (await run_of(w, ident)).approver == "heidi"
        assert "approval.approve" in {b.verb for b in asked.card.buttons}


async def test_a_head_without_chat_is_named_by_address_and_then_by_name_and_number(tmp_path):
    async with mailed(tmp_path) as (w, _box):
        form = await page(w, "karin", "unit", "bio")
        named = {"head_email": "Vera@example.se"}
        assert set((await w.fill("karin", form, {"head_email": "vera"})).by_field) == {"head_email"}
        both = named | {"deputy_email": "vera@example.se"}
        assert set((await w.fill("karin", form, both)).by_field) == {"deputy_email"}
        shown = await see(w, "karin", "unit", "bio", named)
        assert "heter som sin adress" in words(shown)
        done = (await w.press_on("karin", shown, "settings.apply")).card
        register = await w.register()
        vera = register.units["bio"].head
        assert (register.people[vera].email, register.units["bio"].deputy) == ("vera@example.se", "dag")
        assert not register.identities_of(vera)

        for who in ("anna", "heidi", "gast"):
            assert (await w.press(who, "settings.open", "person")).card.title == "Det gick inte"
            refused = await w.desk.submit(w.call(who), "settings.page", f"person|{vera}", {"name": "Kapat"})
            assert refused.card.title == "Det gick inte"
        assert (
            "name" in (await w.fill("karin", await page(w, "karin", "person", vera), {"name": ""})).by_field
        )
        both = {"name": "Vera Prefekt", "phone": "08-77"}
        shown = await see(w, "karin", "person", vera, both)
        assert "Nya brev, kort och handlingar säger Vera Prefekt" in words(shown)
        assert "Numret till Vera Prefekt visas i larm" in words(shown)
        change = (await w.press_on("karin", shown, "settings.apply")).card
        known = (await w.register()).people[vera]
        assert (known.name, known.phone) == ("Vera Prefekt", "08-77")
        listed = words((await w.press("kalle", "settings.log")).card)
        assert "vera@example.se blir Vera Prefekt" in listed
        await w.press_on("kalle", change, "settings.undo")
        assert (await w.register()).people[vera] == replace(known, name="vera@example.se", phone="")
        await w.press_on("karin", done, "settings.undo")
        assert (await w.register()).units["bio"].head == "heidi"


async def test_of_somebody_in_chat_only_the_number_is_entered_and_an_alarm_by_mail_says_it(tmp_path):
    async with mailed(tmp_path) as (w, box):
        choice = (await w.press("karin", "settings.open", "person")).form
        form = (await w.fill("karin", choice, {"person": "anna"})).form
        assert [f.id for f in form.fields] == ["phone"]
        shown = (await w.fill("karin", form, {"phone": "070-99", "name": "Någon annan"})).card
        await w.press_on("karin", shown, "settings.apply")
        assert (await w.register()).people["anna"].name == "Anna Ek"
        await raise_alarm(w)
        assert "070-99" in box.to(VAKT)[0].text
        for state in ("person|", "person|ingen", "person|borta"):
            gone = await w.desk.submit(w.call("karin"), "settings.page", state, {"phone": "08-1"})
            assert "phone" not in repr(gone)
            assert isinstance(gone, Tell | Faults)
        assert (await w.register()).people["borta"].phone == ""
