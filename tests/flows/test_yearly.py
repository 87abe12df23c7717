"""Once a year each head gets all of their accounts on one page: confirmed, answered with a change, or left."""

from dataclasses import replace
from datetime import date

import pytest

from bot.model import Absence, PersonId, Unit
from bot.outgoing import Mark, to_person
from bot.ports import DayOutcome
from bot.texts import Texts
from bot.view import Ask, Items, Tell
from tests.world import DAY, World, account, at, buttons, words, world

SEPTEMBER = date(2027, 9, 1)  # a Wednesday
SV = Texts("sv")


async def skipped_to(w: World, day: date) -> None:
    """The bot has been down since; the days between were not asked."""
    await w.seed(lambda tx: tx.save_fact("planned_day", (day - DAY).isoformat()))
    w.clock.at = at(day, 9)


def collected(w: World, day: date, who: str = "heidi"):
    return [p for p in w.posts(f"@{who}", day) if p.key.startswith("heads:")]


async def with_page(w: World):
    await skipped_to(w, SEPTEMBER)
    await w.until(at(SEPTEMBER, 9, 40))
    [post] = collected(w, SEPTEMBER)
    return post


async def logged(w: World, ident: str) -> list[str]:
    async with w.bot.storage.read() as tx:
        return [entry.what for entry in await tx.log(f"account:{ident}")]


async def digest(w: World, day: date):
    await w.until(at(day, 16))
    return next(p for p in w.posts("kommunikation", day) if p.key.startswith("digest:"))


async def test_on_the_first_working_day_of_september_each_head_gets_one_page_that_is_the_days_message(
    tmp_path,
):
    async with world(tmp_path) as w:
        await w.seed(
            lambda tx: tx.save_account(
                account("eget", "kemi", head=PersonId("fia"), people=(PersonId("bo"),))
            )
        )
        await skipped_to(w, SEPTEMBER)
        await w.until(at(SEPTEMBER + DAY, 10))
        for who, number in (("heidi", 6), ("fia", 1)):
            [post] = collected(w, SEPTEMBER, who)
            assert post.card.title == SV.many("yearly.title", number)
            assert len([p for p in w.posts(f"@{who}") if "yearly.confirm" in words_of(p.card)]) == 1


def words_of(card) -> set[str]:
    return {b.verb for b in buttons(card)}


async def test_the_page_says_of_each_account_all_that_a_head_decides_about_and_nothing_of_a_person(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        known = (await w.register()).accounts["bio0"]
        await w.seed(lambda tx: tx.save_account(replace(known, people=(PersonId("anna"),), state="gaps")))
        for n, outcome in enumerate(("no_answer", "late", "open", "looked_at")):
            row = DayOutcome(account="bio0", day=SEPTEMBER - (30 + n) * DAY, outcome=outcome, role="manager")
            await w.seed(lambda tx, row=row: tx.save_day(row))
        post = await with_page(w)
        [line] = next(p for p in post.card.parts if isinstance(p, Items)).items
        assert line.note == (
            "Personer: Anna Ek. Bevakar: Anna Ek, alltid. Lediga dagar: ingen bevakning ordnad. "
            "2 dagar utan uppgift det senaste året. Luckor: en person till behövs och syfte saknas. "
            "Inget beslut i registret."
        ).replace("2 dagar", SV.many("yearly.unanswered", 2).partition(" utan")[0])


async def test_one_press_confirms_all_of_them_once_and_the_page_and_each_history_say_so(tmp_path):
    async with world(tmp_path) as w:
        post = await with_page(w)
        shown = next(b for b in post.card.buttons if b.verb == "yearly.confirm")
        told = await w.press_on("heidi", post.card, "yearly.confirm")
        again = await w.press("heidi", "yearly.confirm", shown.arg)
        assert told == again
        assert (await logged(w, "bio0")).count("account.confirmed") == 1
        assert post.card.title == SV.many("yearly.over.confirmed", 6, day=SV.short_date(SEPTEMBER))
        history = await w.press("heidi", "account.history", "bio0")
        assert SV("history.confirmed") in repr(history.form)
        assert "Heidi" not in repr(history.form)
        async with w.bot.storage.read() as tx:
            assert await tx.decisions() == [], "it is a note, no decision"


async def test_what_was_shown_is_what_is_confirmed_else_it_is_shown_again(tmp_path):
    async with world(tmp_path) as w:
        post = await with_page(w)
        stale = next(b for b in post.card.buttons if b.verb == "yearly.confirm")
        known = (await w.register()).accounts["bio0"]
        await w.seed(lambda tx: tx.save_account(replace(known, people=(PersonId("bo"),))))
        reply = await w.press("heidi", "yearly.confirm", stale.arg)
        assert SV("yearly.changed") in words(reply.card)
        assert "account.confirmed" not in await logged(w, "bio0")
        await w.press_on("heidi", reply.card, "yearly.confirm")
        assert "account.confirmed" in await logged(w, "bio0")


async def test_a_change_goes_to_communications_in_the_digest_until_they_say_that_it_is_done(tmp_path):
    async with world(tmp_path) as w:
        post = await with_page(w)
        form = (await w.press_on("heidi", post.card, "yearly.change")).form
        for _ in range(2):  # sent twice, it is one wish
            await w.fill("heidi", form, {"account": "bio1", "text": "Bo har slutat med det."})
        [line] = next(p for p in (await digest(w, SEPTEMBER)).card.parts if isinstance(p, Items)).items[-1:]
        assert (line.text, line.note) == (
            SV("yearly.wish", name="Heidi Berg", account="@bio1 (Instagram)"), "Bo har slutat med det.")  # fmt: skip
        for who in ("heidi", "anna", "dag", "gast", "borta"):
            await w.press(who, line.button.verb, line.button.arg)
        assert (await w.case("year:heidi:2027")).wishes
        for _ in range(2):
            assert SV("yearly.noted") in words(
                (await w.press("karin", line.button.verb, line.button.arg)).card
            )
        assert not (await w.case("year:heidi:2027")).is_open
        assert "Heidi" not in words((await digest(w, SEPTEMBER + DAY)).card)


async def test_communications_hears_after_twenty_working_days_who_has_not_answered(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await with_page(w)
        late = (await w.case("year:heidi:2027")).late_at.date()
        assert late == SEPTEMBER + 28 * DAY
        await skipped_to(w, late - DAY)
        assert "Heidi" not in words((await digest(w, late - DAY)).card)
        assert SV.many("yearly.late", 1, names="Heidi Berg") in words((await digest(w, late)).card)


async def test_the_page_waits_for_the_next_day_where_the_head_has_had_that_days_message(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        ident = await w.log("anna", "bio0", at(date(2026, 11, 23), 6))
        await skipped_to(w, SEPTEMBER)
        mark = Mark(case=ident, rung="head", reader=to_person(PersonId("heidi")), at=w.clock.at)
        await w.seed(lambda tx: tx.add_marks((mark,)))
        await w.until(at(SEPTEMBER, 18))
        [post] = collected(w, SEPTEMBER)
        assert "yearly.confirm" in words_of(post.card), "one message holds both"
        assert "@bio0" in words(post.card)


async def test_nobody_but_a_head_sees_answers_or_confirms_the_page(tmp_path):
    async with world(tmp_path) as w:
        page = (await w.press("heidi", "yearly.page")).card
        form = (await w.press("heidi", "yearly.change")).form
        for who in ("anna", "dag", "karin", "adam", "rita", "gast", "ute", "borta"):
            replies = [
                await w.press(who, "yearly.page"), await w.press_on(who, page, "yearly.confirm"),
                await w.press(who, "yearly.change"), await w.fill(who, form, {"account": "bio0", "text": "Nej"}),
            ]  # fmt: skip
            assert {r.card.title for r in replies if isinstance(r, Tell)} == {SV("refused.title")}
            assert not [r for r in replies if isinstance(r, Ask)]
        async with w.bot.storage.read() as tx:
            assert await tx.open_cases("yearly") == []
        assert "account.confirmed" not in await logged(w, "bio0")


async def test_the_page_waits_for_a_head_who_is_away_and_goes_to_the_deputy_of_one_who_has_left(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        trip = Absence(id="trip", person=PersonId("heidi"), first=SEPTEMBER, last=SEPTEMBER + DAY)
        await w.seed(lambda tx: tx.save_absence(trip))
        await w.seed(
            lambda tx: tx.save_account(
                account("eget", "kemi", head=PersonId("sara"), people=(PersonId("bo"),))
            )
        )
        await w.seed(
            lambda tx: tx.save_unit(
                Unit(id="fys", name="Fysik", head=PersonId("sven"), deputy=PersonId("olle"))
            )
        )
        await w.seed(lambda tx: tx.save_account(account("fys0", "kemi", unit="fys")))
        for who in ("sara", "sven"):
            await w.fill("karin", (await w.press("karin", "left.open")).form, {"person": who})
        await skipped_to(w, SEPTEMBER)
        await w.until(at(SEPTEMBER + 2 * DAY, 10))

        assert [len(collected(w, SEPTEMBER, who)) for who in ("heidi", "dag", "olle", "karin", "sven")] == [
            0,
            0,
            1,
            1,
            0,
        ]
        assert len(collected(w, SEPTEMBER + 2 * DAY)) == 1
        [post] = collected(w, SEPTEMBER, "olle")
        await w.press_on("olle", post.card, "yearly.confirm")
        assert "account.confirmed" in await logged(w, "fys0")


async def test_a_head_finds_the_page_at_any_time_and_changes_only_what_they_lead(tmp_path):
    async with world(tmp_path) as w:
        listing = await w.say("heidi", "sm-accounts")
        page = await w.press_on("heidi", listing.card, "yearly.page")
        assert {"yearly.confirm", "yearly.change", "close.new"} <= words_of(page.card)
        await w.seed(lambda tx: tx.save_account(account("annat", "kemi", head=PersonId("fia"))))
        form = (await w.press_on("heidi", page.card, "yearly.change")).form
        assert "annat" not in {o.id for o in form.fields[0].options}
        reply = await w.fill("heidi", form, {"account": "annat", "text": "Ta bort"})
        assert "annat" not in repr(reply)
        assert not isinstance(reply, Tell)
        await w.press_on("heidi", page.card, "yearly.confirm")
        assert (await logged(w, "bio0")).count("account.confirmed") == 1


@pytest.mark.long
async def test_many_accounts_are_shown_some_at_a_time(tmp_path):
    async with world(tmp_path, accounts=33, chemistry=0) as w:
        page = (await w.press("heidi", "yearly.page")).card
        seen = 0
        while True:
            seen += len([i for p in page.parts if isinstance(p, Items) for i in p.items])
            following = [b for b in page.buttons if b.verb == "yearly.page"]
            if not following:
                break
            page = (await w.press("heidi", "yearly.page", following[0].arg)).card
        assert seen == 33
        assert (await w.press("heidi", "yearly.page", "999999")).card.title == page.title


async def test_no_page_comes_in_another_month(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await skipped_to(w, date(2027, 10, 1))
        await w.until(at(date(2027, 10, 1), 18))
        assert collected(w, date(2027, 10, 1)) == []
