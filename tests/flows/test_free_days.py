"""Free days are the head's decision, where every date is to be watched (users.md U3)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.model import PersonId
from tests.flows.test_watching import comes
from tests.world import MONDAY, at, words, world

MON = MONDAY.date()
SATURDAY, NEXT_MONDAY = MON + timedelta(days=5), MON + timedelta(days=7)


def asked(w, who: str = "heidi") -> list:
    return [p for p in w.posts(f"@{who}") if "på lediga dagar?" in words(p.card)]


async def duties(w) -> list[tuple]:
    accounts = (await w.register()).accounts.values()
    return [
        (a.id, a.duty.kind, a.duty.people, a.duty.agreed_by, a.duty.agreed_on, a.duty.instead)
        for a in accounts
    ]


@pytest.mark.long
async def test_the_head_is_asked_once_for_all_accounts_answers_for_each_and_is_asked_again_in_half_a_year(
    tmp_path,
):
    async with world(tmp_path, pack="kau", accounts=3, chemistry=0) as w:
        await w.until(at(MON, 9, 31))
        (message,) = asked(w)
        assert message.card.title == "Vem bevakar tre konton på lediga dagar?"
        form = (await w.press_on("heidi", message.card, "duty.open")).form
        nothing = {"kind": "people", "people": (), "agreed": "", "instead": ""}
        faults = [await w.fill("heidi", form, nothing | given) for given in (
            {}, {"people": ("olle",)}, {"people": ("gast",)}, {"kind": "none"}, {"kind": ""}, {"accounts": ()},
        )]  # fmt: skip
        assert [list(f.by_field) for f in faults] == [
            ["people"], ["agreed"], ["people"], ["instead"], ["kind"], ["accounts"],
        ]  # fmt: skip
        await w.fill("heidi", form, nothing | {"accounts": ("bio0",), "people": ("olle",), "agreed": "yes"})
        left = (await w.press("heidi", "watch.show", form.state)).card
        form = (await w.press_on("heidi", left, "duty.open")).form
        await w.fill("heidi", form, nothing | {"accounts": ("bio1",), "kind": "rota"})
        last = (await w.press("heidi", "duty.open", form.state)).form
        reply = await w.fill("heidi", last, nothing | {"kind": "none", "instead": "filtered"})

        assert "chefens beslut 23 november 2026, kommentarerna filtreras då" in words(reply.card)
        assert await duties(w) == [
            ("bio0", "people", ("olle",), "heidi", MON, ""), ("bio1", "rota", (), "heidi", MON, ""),
            ("bio2", "none", (), "heidi", MON, "filtered"),
        ]  # fmt: skip
        for _ in range(2):  # the second says what holds already
            rota = (await w.press("heidi", "duty.open", "bio1")).form
            await w.fill("heidi", rota, nothing | {"kind": "rota"})
        assert w.posts("kommunikation") == []
        assert (await w.fill("heidi", last, nothing | {"kind": "rota"})).card.title == "Det gick inte"
        for offset in range(2):
            await comes(w, at(MON + timedelta(days=offset), 16))
        digests = [words(p.card) for p in w.posts("kommunikation")]
        said = "Heidi Berg vill att kommunikationsavdelningen bevakar ett konto"
        assert [text.count(said) for text in digests] == [1, 0]
        await comes(w, at(SATURDAY, 9))
        assert [bool(w.posts(f"@{who}", SATURDAY)) for who in ("olle", "karin", "anna")] == [
            True,
            True,
            False,
        ]
        assert await w.days("bio2", SATURDAY) == ["no_watch"]
        await comes(w, at(NEXT_MONDAY, 15, 30))
        digest = w.posts("kommunikation", NEXT_MONDAY)[-1].card
        assert "chefens beslut: @bio2 (Instagram) (23 november 2026)" in words(digest)
        history = (await w.press("heidi", "account.history", "bio2")).form
        assert "chefens beslut 23 november 2026" in repr(history.intro)
        assert len(asked(w)) == 1
        await comes(w, at(date(2027, 5, 31), 9, 30))

        assert [p.card.title for p in asked(w)[1:]] == ["Vem bevakar tre konton på lediga dagar?"]


async def test_what_waits_for_a_former_head_is_asked_once_of_the_one_who_came_after_and_the_rest_stays(
    tmp_path,
):
    async with world(tmp_path, pack="kau", accounts=1, chemistry=1) as w:
        await w.until(at(MON, 9, 31))
        (both,) = asked(w)
        unit = (await w.register()).units["bio"]
        chemistry = replace((await w.register()).accounts["kem0"], unit="kem")
        await w.seed(lambda tx: tx.save_unit(replace(unit, id="kem", name="Kemi", head=PersonId("fia"))))
        await w.seed(lambda tx: tx.save_account(chemistry))
        for day in (MON + timedelta(days=1), MON + timedelta(days=2)):
            await comes(w, at(day, 9, 31))

        (theirs,) = asked(w, "fia")
        assert "@kem0" in words(theirs.card)
        assert theirs.card.title == "Vem bevakar ett konto på lediga dagar?"
        assert len(asked(w)) == 1
        form = (await w.press_on("heidi", both.card, "duty.open")).form
        await w.fill("heidi", form, {"kind": "none", "instead": "filtered"})
        assert {(ident, by) for ident, _, _, by, *_ in await duties(w)} == {("bio0", "heidi"), ("kem0", "")}


async def test_what_waits_for_a_head_who_has_left_is_asked_of_the_deputy_the_morning_after(tmp_path):
    async with world(tmp_path, pack="kau", accounts=1, chemistry=0) as w:
        await w.until(at(MON, 9, 31))
        assert len(asked(w)) == 1
        form = (await w.press("karin", "left.open")).form
        await w.fill("karin", form, {"person": "heidi"})
        assert (await w.register()).units["bio"].head == "heidi"
        await comes(w, at(MON + timedelta(days=1), 9, 31))
        await comes(w, at(MON + timedelta(days=2), 9, 31))

        (theirs,) = asked(w, "dag")
        assert "@bio0" in words(theirs.card)


async def test_where_no_head_has_answered_it_is_no_watch_arranged_and_no_name_stands_there(tmp_path):
    async with world(tmp_path, pack="kau", accounts=2, chemistry=0) as w:
        await w.until(at(MON, 9, 31))
        await comes(w, at(SATURDAY, 9))
        await comes(w, at(NEXT_MONDAY, 15, 30))
        digest = words(w.posts("kommunikation", NEXT_MONDAY)[-1].card)

        assert (
            "Ingen bevakning ordnad på lediga dagar för två konton, cheferna har inte svarat: @bio0 (Instagram), @bio1"
            in digest
        )
        assert "Anna" not in digest
        history = repr((await w.press("heidi", "account.history", "bio0")).form.intro)
        assert "ingen bevakning ordnad" in history
        assert "beslut" not in history
        form = (
            await w.press_on("heidi", asked(w)[0].card, "duty.open")
        ).form  # the question still waits, for both
        assert form.fields[0].value == ("bio0", "bio1")


async def test_where_working_days_are_enough_nobody_asks_and_the_head_may_say_it_on_the_accounts_page(
    tmp_path,
):
    async with world(tmp_path, accounts=1, chemistry=0, hr_page="https://hr.example/ob") as w:
        await w.until(at(MON, 9, 31))
        assert asked(w) == []
        page = (await w.press("heidi", "account.open", "bio0")).card
        form = (await w.press_on("heidi", page, "duty.open")).form
        assert "https://hr.example/ob" in repr(form.intro)
        values = {"kind": "people", "people": ("bo",), "agreed": "yes", "instead": ""}
        for who in ("anna", "bo", "dag", "karin", "olle", "gast"):
            assert "duty.open" not in words((await w.press(who, "account.open", "bio0")).card), who
            assert (await w.press(who, "duty.open", "bio0")).card.title == "Det gick inte", who
            assert (await w.fill(who, form, values)).card.title == "Det gick inte", who
        assert (await duties(w))[0][1] == "none"
        await w.fill("heidi", form, values)

        assert (await duties(w))[0][1:3] == ("people", ("bo",))
