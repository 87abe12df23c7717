"""What goes to the registrar, through the desk with a real store (users.md U8, requirements.md C-09, C-40)."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from adapters.slack.forms import modal
from adapters.slack.render import message
from adapters.teams.render import in_dialog
from bot.cases.filing import Filing
from bot.model import Person, PersonId, Place
from bot.service import day as planning
from bot.texts import Texts
from bot.view import Ask, Faults, Tell
from smbot import doctor
from storage.verify import verify
from tests.contract.test_decisions import run_sql
from tests.filed import file
from tests.world import MONDAY, Post, World, at, buttons, words, world

TUESDAY, SATURDAY = date(2026, 11, 24), date(2026, 11, 28)
NEXT_MONDAY = date(2026, 11, 30)
REFUSED = "Det gick inte"


def bundles(w: World, to: str = "@rita", day: date | None = None) -> list[Post]:
    return [p for p in w.posts(to, day) if p.key.startswith("bundle:")]


async def number(w: World, who: str, *items: str, **given: object):
    """Fill in the form for these things."""
    form = (await w.press(who, "filing.number", ",".join(items))).form
    return await w.fill(who, form, given)


async def registered(w: World) -> list:
    async with w.bot.storage.read() as tx:
        assert (await verify(tx)).bad is None
        return [d for d in await tx.decisions() if d.kind == "registered"]


async def open_filings(w: World) -> list[Filing]:
    async with w.bot.storage.read() as tx:
        return list(await tx.open_cases("filing"))


async def with_channel(w: World, **changes: object) -> None:
    place = Place(id="test:T1:diariet", platform="test", realm="T1", channel="diariet", name="diariet")

    async def act(tx):
        await tx.save_place(replace(place, **changes))
        await tx.save_role("registrar", [PersonId("rita")], place.id)

    await w.seed(act)


# -- the queue ------------------------------------------------------------------------------------


async def test_the_queue_shows_what_waits_oldest_first_with_account_kind_day_and_grounds(tmp_path):
    async with world(tmp_path) as w:
        await file(w, posts=3, categories=["husfrid"])
        await file(w, "closure", "kem0")
        card = (await w.say("rita", "sm-registrar")).card
        said = words(card)
        assert card.title == "Två saker väntar på diarienummer"
        assert said.index("åtgärd för tre inlägg, @bio0") < said.index("avslutat konto, @kem0")
        assert "23 november 2026. Husfrid. Väntar sedan i dag kl. 07.00" in said
        assert words((await w.say("rita", "sm-registrator")).card) == said


async def test_the_queue_is_paged_by_ten_and_loses_nothing_when_a_page_is_numbered_meanwhile(tmp_path):
    async with world(tmp_path) as w:
        idents = [await file(w) for _ in range(23)]
        first = (await w.say("rita", "sm-registrar")).card
        await number(w, "rita", *idents[:10], number="2026/1")
        second = (await w.press_on("rita", first, "filing.queue")).card
        third = (await w.press_on("rita", second, "filing.queue")).card
        seen = [[b.arg for b in buttons(card) if b.verb == "filing.show"] for card in (first, second, third)]
        assert seen == [idents[:10], idents[10:20], idents[20:]]
        assert "filing.queue" not in [b.verb for b in buttons(third)]
        assert "inget mer" in (await w.press("rita", "filing.queue", "23")).card.title


async def test_a_page_that_nobody_ever_saw_is_read_as_the_first(tmp_path):
    async with world(tmp_path) as w:
        await file(w)
        for forged in ("-1", "9" * 5000, "x", "١"):
            assert (
                await w.press("rita", "filing.queue", forged)
            ).card.title == "En sak väntar på diarienummer"


async def test_the_cover_sheet_holds_what_the_decision_holds(tmp_path):
    async with world(tmp_path) as w:
        ident = await file(
            w, posts=2, posted="2026-11-22", captured=True, taken_off="not-public", answer="later"
        )
        said = words((await w.press("rita", "filing.show", ident)).card)
        for held in ("@bio0", "instagram.com/bio0", "Biologi", "22 november 2026", "Ni är hemska!", "Anna Ek", "tagen",
                     "G:/arkiv/bild.png", "syntes inte utåt", "kommer senare", "https://instagram.com/p/1"):  # fmt: skip
            assert held in said


async def test_a_cover_sheet_with_odd_contents_still_opens(tmp_path):
    async with world(tmp_path) as w:
        ident = await file(w, account=None, categories=3, posted=[], names={}, accounts=7, captured="x")
        assert "Nr 1" in (await w.press("rita", "filing.show", ident)).card.title


# -- a number -------------------------------------------------------------------------------------


async def test_many_things_take_one_number_in_one_chained_row(tmp_path):
    async with world(tmp_path) as w:
        idents = [await file(w), await file(w, "closure", "kem0"), await file(w, account=None)]
        card = (await w.say("rita", "sm-registrar")).card
        form = (await w.press_on("rita", card, "filing.number")).form
        assert form.fields[0].value == tuple(idents)
        reply = await w.fill("rita", form, {"number": " 2026/17 "})
        assert reply.card.title == "Sparat: tre saker har fått nummer 2026/17."
        assert await open_filings(w) == []
        (row,) = await registered(w)
        stamp = {"pack": w.bot.pack.name, "version": w.bot.pack.version, "digest": w.bot.pack.digest}
        assert row.body == {
            "day": "2026-11-23", "of": [1, 2, 3], "diary": "2026/17", "accounts": ["bio0", "kem0"], "account": "bio0",
            "on_behalf": False, "entered_by": "registrar", **stamp,
        }  # fmt: skip
        assert row.personal == {"entered_by": "Rita Ros"}


async def test_no_number_with_a_reason_closes_too_and_the_reason_is_no_part_of_the_chain(tmp_path):
    async with world(tmp_path) as w:
        ident = await file(w)
        reply = await number(w, "rita", ident, why="Allmän fråga")
        assert reply.card.title == "Sparat: en sak behöver inget nummer."
        (row,) = await registered(w)
        assert (row.body["diary"], row.personal["why"]) == (None, "Allmän fråga")
        assert "Allmän fråga" not in repr(await w.case(ident))
        assert "Behöver inget nummer: Allmän fråga (Rita Ros)" in words(
            (await w.press("rita", "filing.show", ident)).card
        )


async def test_a_reason_that_is_purged_is_shown_nowhere_also_not_from_an_older_case(tmp_path):
    async with world(tmp_path) as w:
        ident = await file(w)
        await number(w, "rita", ident, why="Allmän fråga")
        older = replace(await w.case(ident), why_none="Allmän fråga")
        await w.seed(lambda tx: tx.save_case(older))
        assert "Allmän fråga" in repr(await w.press("anna", "account.history", "bio0"))
        await run_sql(str(w.bot.storage._engine.url), "DELETE FROM decision_values")
        seen = [
            await w.press("rita", "filing.show", ident),
            await w.press("anna", "account.history", "bio0"),
            await w.press("anna", "decision.open", "1"),
            await w.press("rita", "filing.number", ident),
        ]
        assert [str(reply) for reply in seen if "Allmän fråga" in repr(reply)] == []
        assert "Behöver inget nummer (Rita Ros)" in words(seen[0].card)
        assert "behövde inget diarienummer" in repr(seen[1])


async def test_the_history_of_an_account_keeps_a_reason_that_is_also_about_what_its_people_may_not_open(
    tmp_path,
):
    async with world(tmp_path) as w:
        idents = [await file(w), await file(w, account=None)]
        await number(w, "rita", *idents, why="Kem fick mest")
        said = repr(await w.press("anna", "account.history", "bio0"))
        assert "behövde inget diarienummer" in said
        assert "Kem fick mest" not in said
        assert "Kem fick mest" in repr(await w.press("karin", "account.history", "bio0"))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "number"),
        ({"number": "  "}, "number"),
        ({"number": "1", "why": "x"}, "why"),
        ({"number": "1", "items": ()}, "items"),
    ],
)
async def test_what_is_missing_or_too_much_is_said_beside_its_field_and_nothing_is_saved(
    tmp_path, given, field
):
    async with world(tmp_path) as w:
        reply = await number(w, "rita", await file(w), **given)
        assert isinstance(reply, Faults)
        assert list(reply.by_field) == [field]
        assert len(await open_filings(w)) == 1
        assert await registered(w) == []


async def test_communications_enters_it_on_the_registrars_behalf_and_it_is_marked_so(tmp_path):
    async with world(tmp_path) as w:
        ident = await file(w)
        form = (await w.press("karin", "filing.number", ident)).form
        assert "för registraturens räkning" in repr(form.intro)
        await w.fill("karin", form, {"number": "2026/2"})
        (row,) = await registered(w)
        assert (row.body["on_behalf"], row.body["entered_by"]) == (True, "communications")


async def test_a_second_number_changes_nothing_and_says_who_was_first(tmp_path):
    async with world(tmp_path) as w:
        first, second = await file(w), await file(w)
        theirs = (await w.press("karin", "filing.number", f"{first},{second}")).form
        await number(w, "rita", first, number="2026/3")
        reply = await w.fill("karin", theirs, {"number": "2026/4"})
        assert "Diarienummer 2026/3, inlagt av Rita Ros" in words(reply.card)
        assert [(await w.case(i)).number for i in (first, second)] == ["2026/3", "2026/4"]
        assert [row.body["of"] for row in reversed(await registered(w))] == [[1], [2]]
        again = await w.fill("karin", theirs, {"number": "2026/5"})
        assert "inget ändras" in again.card.title
        assert isinstance(await w.press("rita", "filing.number", first), Tell)
        assert len(await registered(w)) == 2


async def test_two_registrars_at_the_same_moment_give_each_thing_one_number(tmp_path):
    async with world(tmp_path) as w:
        ident = await file(w)
        form = (await w.press("rita", "filing.number", ident)).form
        calls = [w.desk.submit(w.call(who), form.id, form.state, {"items": (ident,), "number": n, "why": ""})
                 for who, n in (("rita", "2026/6"), ("karin", "2026/7"))]  # fmt: skip
        replies = await asyncio.gather(*calls)
        (row,) = await registered(w)
        assert (await w.case(ident)).number == row.body["diary"]
        assert sum("inget ändras" in reply.card.title for reply in replies) == 1


async def test_one_request_that_comes_twice_is_one_row(tmp_path):
    async with world(tmp_path) as w:
        ident = await file(w)
        call = w.call("rita")
        given = {"items": (ident, ident), "number": "2026/8", "why": ""}
        first = await w.desk.submit(call, "filing.number", "", given)
        assert await w.desk.submit(call, "filing.number", "", given) == first
        (row,) = await registered(w)
        assert row.body["of"] == [1]


async def test_a_button_for_what_is_no_filing_is_refused(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MONDAY.date(), 9, 1))
        question = await w.log("anna", "bio0", MONDAY)
        for verb in ("filing.show", "filing.number"):
            for arg in (question, "", "f99", "x,y"):
                assert (await w.press("rita", verb, arg)).card.title == REFUSED


# -- who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who", ["anna", "bo", "heidi", "dag", "sven", "adam", "dora", "olle", "gast", "ute", "borta"]
)
async def test_whoever_is_neither_registrar_nor_communications_is_refused_in_words_and_changes_nothing(
    tmp_path, who
):
    async with world(tmp_path) as w:
        ident = await file(w)
        tries = [w.say(who, "sm-registrar"), w.say(who, "sm-registrator"), w.press(who, "filing.queue"),
                 w.press(who, "filing.show", ident), w.press(who, "filing.number", ident)]  # fmt: skip
        replies = [await each for each in tries]
        replies.append(
            await w.desk.submit(w.call(who), "filing.number", "", {"items": (ident,), "number": "1"})
        )
        assert [reply.card.title for reply in replies] == [REFUSED] * 6
        assert "registrator, eller av kommunikationsavdelningen" in words(replies[0].card)
        assert (await w.case(ident)).is_open
        assert await registered(w) == []


async def test_a_registrar_who_has_left_may_no_more(tmp_path):
    async with world(tmp_path) as w:
        ident = await file(w)
        form = (await w.press("rita", "filing.number", ident)).form
        await w.seed(lambda tx: tx.save_person(Person(id=PersonId("rita"), name="Rita Ros", active=False)))
        assert (await w.fill("rita", form, {"number": "1"})).card.title == REFUSED
        assert (await w.case(ident)).is_open


# -- the day's bundle -------------------------------------------------------------------------------


async def test_what_has_come_is_one_message_at_ten_to_the_registrar_and_never_one_a_thing(tmp_path):
    async with world(tmp_path) as w:
        for _ in range(4):
            await file(w)
        await w.until(at(MONDAY.date(), 11))
        await file(w)
        await w.until(at(MONDAY.date(), 23))
        (post,) = bundles(w)
        assert post.at == at(MONDAY.date(), 10)
        assert post.card.title == "Fyra saker väntar på diarienummer"
        assert post.alerts == []
        await w.until(at(TUESDAY, 23))
        (later,) = bundles(w, day=TUESDAY)
        assert later.card.title == "En sak väntar på diarienummer"
        assert "Fyra saker till väntar" in words(later.card)


@pytest.mark.long
async def test_what_is_only_open_from_before_is_said_once_a_week_and_nothing_on_free_days(tmp_path):
    async with world(tmp_path) as w:
        await file(w)
        await w.until(at(NEXT_MONDAY, 23))
        assert [p.at for p in bundles(w)] == [at(MONDAY.date(), 10), at(NEXT_MONDAY, 10)]


@pytest.mark.long
async def test_what_is_filed_on_a_weekend_waits_for_the_next_working_day(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(SATURDAY, 12))
        await file(w)
        await w.until(at(NEXT_MONDAY, 23))
        assert [p.at for p in bundles(w)] == [at(NEXT_MONDAY, 10)]


async def test_an_empty_queue_says_nothing(tmp_path):
    async with world(tmp_path) as w:
        await number(w, "rita", await file(w), number="1")
        await w.until(at(NEXT_MONDAY, 23))
        assert bundles(w) == []


async def test_what_is_numbered_before_it_could_be_sent_is_not_told(tmp_path):
    async with world(tmp_path) as w:
        ident = await file(w)
        await w.until(at(MONDAY.date(), 9, 59))
        form = (await w.press("rita", "filing.number", ident)).form
        w.clock.at = at(MONDAY.date(), 10)
        await planning.plan(w.bot, w.clock.now())
        await w.desk.submit(w.call("rita"), form.id, "", {"items": (ident,), "number": "1"})
        await w.until(at(MONDAY.date(), 23))
        assert bundles(w) == []


async def test_the_card_follows_what_is_numbered_and_in_the_end_says_that_all_is_done(tmp_path):
    async with world(tmp_path) as w:
        await with_channel(w)
        idents = [await file(w), await file(w)]
        await w.until(at(MONDAY.date(), 10, 5))
        (post,) = bundles(w, "diariet")
        await number(w, "rita", idents[1], number="2026/9")
        assert post.card.title == "En sak väntar på diarienummer"
        assert "Diarienummer 2026/9" in words(post.card)
        await number(w, "rita", idents[0], why="Rör ingen")
        assert post.card.title == "Allt det här är klart."
        assert [b.verb for b in post.card.buttons] == []
        assert len(w.posts("diariet")) == 1
        assert bundles(w) == []


@pytest.mark.long
async def test_every_card_that_lists_a_thing_follows_it(tmp_path):
    async with world(tmp_path) as w:
        ident = await file(w)
        await w.until(at(NEXT_MONDAY, 11))
        await number(w, "rita", ident, number="2026/10")
        assert [p.card.title for p in bundles(w)] == ["Allt det här är klart."] * 2


async def test_where_a_post_without_a_mention_reaches_nobody_the_registrar_is_mentioned(tmp_path):
    async with world(tmp_path) as w:
        await with_channel(w, id="teams:T1:diariet", platform="teams")
        await w.seed(lambda tx: tx.save_role("registrar", [PersonId("rita")], "teams:T1:diariet"))
        await file(w)
        await w.until(at(MONDAY.date(), 10, 5))
        (post,) = w.posts("diariet", on=w.teams)
        assert post.alerts == ["rita"]


async def test_without_a_registrar_communications_gets_it_and_is_told_why(tmp_path):
    async with world(tmp_path) as w:
        await w.seed(lambda tx: tx.save_role("registrar", [], None))
        ident = await file(w)
        await w.until(at(MONDAY.date(), 10, 5))
        (post,) = bundles(w, "kommunikation")
        assert "Ingen är inlagd för registraturen" in words(post.card)
        assert "filing.queue" in [b.verb for b in buttons((await w.say("karin", "sm-today")).card)]
        await number(w, "karin", ident, number="2026/11")
        assert post.card.title == "Allt det här är klart."
        assert "Ingen är inlagd" not in words(post.card)


# -- where it stands besides ------------------------------------------------------------------------


async def test_home_and_today_of_the_registrar_have_one_line_that_opens_the_queue(tmp_path):
    async with world(tmp_path) as w:
        for _ in range(3):
            await file(w)
        for card in ((await w.say("rita", "sm-today")).card, await w.desk.home(w.call("rita"))):
            assert words(card).count("Tre saker väntar på diarienummer") >= 1
            opened = await w.press_on("rita", card, "filing.queue")
            assert opened.card.title == "Tre saker väntar på diarienummer"
        for other in ("karin", "anna", "adam"):
            assert "diarienummer" not in words((await w.say(other, "sm-today")).card)


async def test_the_accounts_history_says_number_waiting_or_why_none(tmp_path):
    async with world(tmp_path) as w:
        first, second, _third = [await file(w) for _ in range(3)]
        await number(w, "rita", first, number="2026/12")
        await number(w, "rita", second, why="Rör ingen")
        reply = await w.press("anna", "account.history", "bio0")
        assert isinstance(reply, Ask)
        said = repr(reply.form.intro)
        for held in (
            "diarienummer 2026/12",
            "behövde inget diarienummer: Rör ingen",
            "väntar hos registraturen",
        ):
            assert held in said
        assert "Rita" not in said


async def waits_unheard(w: World) -> list[str]:
    async with w.bot.storage.read() as tx:
        found = await doctor.of_office(tx, w.bot.pack, "sv")
    return [f.text(Texts("sv")) for f in found if f.key == "filings_wait"]


async def test_the_doctor_says_that_something_waits_while_nobody_is_registrar(tmp_path):
    async with world(tmp_path) as w:
        ident = await file(w)
        assert await waits_unheard(w) == []
        await w.seed(lambda tx: tx.save_role("registrar", [], None))
        (said,) = await waits_unheard(w)
        assert "ingen är inlagd för registraturen" in said
        await number(w, "karin", ident, number="1")
        assert await waits_unheard(w) == []


async def test_where_communications_has_no_channel_each_of_them_gets_the_card_and_it_follows(tmp_path):
    async with world(tmp_path) as w:
        await w.seed(lambda tx: tx.save_role("registrar", [], None))
        await w.seed(lambda tx: tx.save_role("communications", [PersonId("karin"), PersonId("kalle")], None))
        ident = await file(w)
        await w.until(at(MONDAY.date(), 12))
        posts = [*bundles(w, "@karin"), *bundles(w, "@kalle")]
        assert [p.card.title for p in posts] == ["En sak väntar på diarienummer"] * 2
        await number(w, "kalle", ident, number="2026/13")
        assert [p.card.title for p in posts] == ["Allt det här är klart."] * 2


@pytest.mark.long
async def test_two_hundred_that_wait_fit_the_card_the_queue_and_the_form_of_both_platforms(tmp_path):
    async with world(tmp_path) as w:
        for _ in range(200):
            await file(w, posts=60, categories=["husfrid"])
        await w.until(at(MONDAY.date(), 10, 5))
        (post,) = bundles(w)
        queue = (await w.say("rita", "sm-registrar")).card
        for card in (post.card, queue):
            shown = message(card, Texts("sv"), {})
            assert len(shown.blocks) <= 50
            assert len(shown.text) <= 3_900
            assert "Nr 10:" in shown.text
            assert "Nr 10:" in repr(in_dialog(card, Texts("sv"), {}))
        form = (await w.press_on("rita", queue, "filing.number")).form
        assert len(modal(form, Texts("sv"), {})["blocks"]) <= 100
        await w.fill("rita", form, {"number": "2026/20"})
        assert len(await open_filings(w)) == 190


async def test_a_filing_whose_personal_values_are_all_purged_still_opens_and_takes_its_number(tmp_path):
    async with world(tmp_path) as w:
        ident = await file(w, posts=3, captured=True)
        await run_sql(str(w.bot.storage._engine.url), "DELETE FROM decision_values")
        said = words((await w.press("rita", "filing.show", ident)).card)
        assert "Nr 1: åtgärd för tre inlägg, @bio0" in said
        assert "Ni är hemska" not in said
        assert "gallrad" in words((await w.press("rita", "decision.open", "1")).card)
        await number(w, "rita", ident, number="2026/21")
        assert await open_filings(w) == []
