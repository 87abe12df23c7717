"""Starting what came in from a file: one card a channel, one list a head, watched from the next working day, gaps later."""

from datetime import timedelta
from itertools import pairwise

import pytest

from bot.model import Account, PersonId, Place
from bot.texts import Texts
from bot.view import Ask, Faults, Items, Tell
from tests.world import DAY, MONDAY, account, at, buttons, words, world

TODAY = MONDAY.date()
TUESDAY = TODAY + DAY
SV = Texts("sv")


def imported(ident: str, place: str | None = "biologi", **changes: object) -> Account:
    return account(
        ident, place or "", state="imported", **({"place": None} if place is None else {}) | changes
    )


async def scene(w, *accounts: Account) -> None:
    """Monday at nine, with accounts that came in from a file."""
    w.clock.at = at(TODAY, 9)

    async def save(tx):
        for each in accounts or (imported("a"), imported("b", people=()), imported("k", "kemi")):
            await tx.save_account(each)

    await w.seed(save)


async def start(w, *places: str, who: str = "karin"):
    form = (await w.press(who, "start.channels")).form
    return await w.fill(who, form, {"places": tuple(f"test:T1:{p}" for p in places)})


async def a_minute(w) -> None:
    await w.until(w.clock.at + timedelta(minutes=1))


async def state_of(w, ident: str) -> tuple:
    found = (await w.register()).accounts[ident]
    return found.state, found.asked_from, found.people


def lines(card) -> dict[str, str]:
    return {i.text: i.note for p in card.parts if isinstance(p, Items) for i in p.items}


async def test_a_channel_gets_one_card_and_each_head_one_list(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w)
        await start(w, "biologi", "kemi")
        await w.until(at(TODAY, 9, 31))
        assert len(w.posts("biologi")) == len(w.posts("kemi")) == 1
        [head] = w.posts("@heidi")
        assert head.at >= at(TODAY, 9, 30)
        assert len(lines(head.card)) == 3
        assert {p.to for p in w.chat.posts} == {"biologi", "kemi", "@heidi"}


async def test_a_head_hears_again_only_of_accounts_that_are_new(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w)
        await start(w, "biologi")
        await w.until(at(TODAY, 10))
        await start(w, "kemi")
        await w.until(at(TODAY, 11))
        assert len(w.posts("@heidi")) == 1
        await w.seed(lambda tx: tx.save_account(imported("ny", "kemi")))
        w.clock.at = at(TUESDAY, 9)
        await start(w, "kemi")
        await w.until(at(TUESDAY, 10))
        assert len(w.posts("@heidi")) == 2


@pytest.mark.long
async def test_in_two_weeks_with_lists_and_collected_messages_a_head_never_gets_two_on_one_day(tmp_path):
    """Nobody looks, and communications starts a channel each second day, before the heads' hour and after it."""
    async with world(tmp_path, accounts=1, chemistry=1) as w:
        days = [TODAY + n * DAY for n in range(14) if (TODAY + n * DAY).weekday() < 5]
        for n, day in enumerate(days):
            if n % 2 == 0:
                await w.seed(
                    lambda tx, n=n: tx.save_account(imported(f"ny{n}", "biologi" if n % 4 else "kemi"))
                )
                await w.hop(at(day, 8 if n % 4 else 11))
                await start(w, "biologi" if n % 4 else "kemi")
            if n == 2:  # two accounts come of a kind that the head hears of in two working days
                await w.log("anna", "bio0", at(TODAY, 9))
            for hour, minute in ((0, 5), (8, 5), (9, 5), (9, 31), (11, 5), (14, 1)):
                if at(day, hour, minute) > w.clock.at:
                    await w.hop(at(day, hour, minute))
        told = [p.at.astimezone(MONDAY.tzinfo).date() for p in w.posts("@heidi")]
        assert len(told) == len(set(told))
        said = [words(p.card) for p in w.posts("@heidi")]
        lists = [text for text in said if "som du ansvarar för" in text]
        assert len(lists) == 5
        assert any("arbetsdagar i rad" in text or "bio0" in text for text in lists), "one message for both"


async def test_one_press_confirms_and_the_first_card_comes_on_the_next_working_day(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w, imported("a"), imported("b", people=(PersonId("bo"),)))
        await start(w, "biologi")
        await a_minute(w)
        [post] = w.posts()
        told = await w.press_on("anna", post.card, "start.confirm")
        assert SV("start.answered.first", day=SV.long_date(TUESDAY)) in words(told.card)
        assert SV.many("start.answered.left", 1) in words(told.card)
        assert await state_of(w, "a") == ("live", TUESDAY, ("anna", "bo"))
        assert (await state_of(w, "b"))[0] == "imported", "Anna is not among its people"
        await w.press_on("bo", post.card, "start.confirm")
        assert await state_of(w, "b") == ("gaps", TUESDAY, ("bo",))
        assert post.card.title == SV("start.card.done")
        await w.until(at(TODAY, 18))
        assert len(w.posts(day=TODAY)) == 1
        await w.until(at(TUESDAY, 10))
        [morning] = w.posts(day=TUESDAY)
        assert set(lines(morning.card)) == {"@a (Instagram)", "@b (Instagram)"}


async def test_confirmed_on_a_friday_it_begins_on_monday(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w, imported("a"))
        w.clock.at = at(TODAY + 4 * DAY, 15)
        await start(w, "biologi")
        await a_minute(w)
        await w.press_on("anna", w.posts()[0].card, "start.confirm")
        assert (await state_of(w, "a"))[1] == TODAY + 7 * DAY


async def test_whoever_looks_after_an_account_that_names_nobody_takes_it_with_one_press(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w)
        await start(w, "biologi")
        await a_minute(w)
        [post] = w.posts()
        taken = next(b for b in buttons(post.card) if b.verb == "start.mine")
        await w.press("olle", "start.mine", taken.arg)
        assert await state_of(w, "b") == ("gaps", TUESDAY, ("olle",))
        second = await w.press("bo", "start.mine", taken.arg)
        assert SV("start.answered_already") in words(second.card)
        assert (await state_of(w, "b"))[2] == ("olle",)


@pytest.mark.parametrize("who", ["olle", "dag", "adam", "rita", "gast", "ute", "borta"])
async def test_who_has_nothing_to_do_with_an_account_confirms_and_changes_nothing(tmp_path, who):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w, imported("a"))
        await start(w, "biologi")
        await a_minute(w)
        [post] = w.posts()
        before = (await w.register()).accounts
        case = post.card.buttons[0].arg
        values = {"whose": "away", "people": ("olle",), "address": "", "purpose": ""}
        for reply in (
            await w.press(who, "start.confirm", case), await w.press(who, "start.change", f"{case}|a"),
            await w.press(who, "start.mine", f"{case}|a"),
            await w.desk.submit(w.call(who), "start.change", f"{case}|a", values),
        ):  # fmt: skip
            assert isinstance(reply, Tell), reply
            assert reply.card.title == SV("refused.title")
        assert (await w.register()).accounts == before


@pytest.mark.parametrize("who", ["anna", "heidi", "adam", "gast"])
async def test_nobody_but_communications_starts_a_channel(tmp_path, who):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w)
        form = (await w.press("karin", "start.channels")).form
        reply = await w.fill(who, form, {"places": ("test:T1:biologi",)})
        assert reply.card.title == SV("refused.title")
        await w.until(at(TODAY, 12))
        assert w.chat.posts == []


async def test_a_line_that_is_wrong_is_put_right_and_confirmed_with_it(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w, imported("a"))
        await start(w, "biologi")
        await a_minute(w)
        form = (await w.press_on("anna", w.posts()[0].card, "start.change")).form
        await w.fill("anna", form, {"people": ("bo", "olle"), "address": "@ratt", "purpose": "Visa"})
        after = (await w.register()).accounts["a"]
        assert (after.people, after.address, after.purpose, after.state) == (
            ("bo", "olle"), "https://instagram.com/ratt", "Visa", "live",
        )  # fmt: skip


async def test_what_is_not_theirs_goes_back_to_communications(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w, imported("a"))
        await start(w, "biologi")
        await a_minute(w)
        [post] = w.posts()
        form = (await w.press_on("anna", post.card, "start.change")).form
        await w.fill("anna", form, {"whose": "away"})
        after = (await w.register()).accounts["a"]
        assert (after.place, after.state) == (None, "imported")
        assert post.card.title == SV("start.card.done")
        choice = (await w.press("karin", "start.channels")).form
        assert SV.many("start.homeless", 1) in repr(choice.intro)


async def test_at_most_ten_channels_are_asked_at_once_and_none_twice(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        names = [f"kanal{n:02}" for n in range(11)]

        async def places(tx):
            for name in names:
                await tx.save_place(
                    Place(id=f"test:T1:{name}", platform="test", realm="T1", channel=name, name=name)
                )

        await w.seed(places)
        await scene(w, *(imported(f"x{n}", name) for n, name in enumerate(names)))
        form = (await w.press("karin", "start.channels")).form
        everything = {"places": tuple(o.id for o in form.fields[0].options)}
        refused = await w.fill("karin", form, everything)
        assert refused == Faults(by_field={"places": SV("start.too_many", most=10)})
        ten = {"places": everything["places"][:10]}
        await w.fill("karin", form, ten)
        second = await w.fill("karin", form, ten)
        assert SV("start.already") in words(second.card)
        await a_minute(w)
        assert sorted(p.to for p in w.chat.posts if p.to.startswith("kanal")) == names[:10]


async def test_outside_office_hours_the_channel_is_asked_when_the_office_opens(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w)
        w.clock.at = at(TODAY, 21)
        told = await start(w, "biologi")
        assert told.card.title == SV.many("start.started_later", 1)
        await w.until(at(TUESDAY, 7, 59))
        assert w.chat.posts == []
        await w.until(at(TUESDAY, 8, 5))
        assert {p.to for p in w.chat.posts} == {"biologi"}
        await w.until(at(TUESDAY, 9, 31))
        assert {p.to for p in w.chat.posts} == {"biologi", "@heidi"}


async def test_nobody_is_reminded_of_a_card_that_nobody_answers_and_communications_sees_it(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w)
        await start(w, "biologi")
        await w.until(at(TODAY + 10 * DAY, 12))
        assert len(w.posts("biologi")) == 1
        form = (await w.press("karin", "start.channels")).form
        assert "#biologi" in repr(form.intro)
        assert [o.id for o in form.fields[0].options] == ["test:T1:kemi"]


@pytest.mark.long
async def test_gaps_are_asked_one_at_a_time_in_the_collected_message_and_each_once(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w, imported("a", people=(PersonId("anna"),)), imported("b", people=(PersonId("anna"),)))
        await start(w, "biologi")
        await a_minute(w)
        await w.press_on("anna", w.posts()[0].card, "start.confirm")
        await w.until(at(TODAY + 6 * DAY, 20))
        assert w.posts("@anna") == [], "nothing in the first week"
        for week in range(1, 6):
            await w.until(at(TODAY + (7 * week + 6) * DAY, 20))
        told = [line for post in w.posts("@anna") for line in lines(post.card)]
        assert len(w.posts("@anna")) == len(told) == len(set(told)), "one line a message, and none twice"
        assert len(told) == 4, told
        mondays = [p.at.date() for p in w.posts("@anna")]
        assert all(b - a >= timedelta(days=7) for a, b in pairwise(mondays))


async def test_a_gap_is_filled_from_its_line_by_whoever_may(tmp_path):
    async with world(tmp_path) as w:
        form = (await w.press("anna", "gap.fill", "bio0")).form
        await w.fill("anna", form, {"purpose": "Visa vår forskning", "head": "olle"})
        after = (await w.register()).accounts["bio0"]
        assert (after.purpose, after.head) == ("Visa vår forskning", None), (
            "the head is communications' to enter"
        )
        office = (await w.press("karin", "gap.fill", "bio0")).form
        await w.fill("karin", office, {"head": "fia"})
        assert (await w.register()).accounts["bio0"].head == "fia"
        assert isinstance(await w.press("anna", "gap.fill", "bio0"), Ask)
        refused = await w.fill("bo", form, {"purpose": "Annat"})
        assert refused.card.title == SV("refused.title")


async def test_an_account_that_gets_another_channel_meanwhile_is_asked_about_there_and_not_here(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w, imported("a"), imported("b"))
        await start(w, "biologi")
        await a_minute(w)
        [post] = w.posts()
        form = (await w.press("karin", "account.place", "a")).form
        await w.fill("karin", form, {"place": "test:T1:kemi"})
        assert lines(post.card)["@a (Instagram)"] == SV("start.line.moved")
        await start(w, "kemi")
        await a_minute(w)
        await w.press_on("anna", post.card, "start.confirm")
        assert ((await state_of(w, "a"))[0], (await state_of(w, "b"))[0]) == ("imported", "live")
        await w.press_on("anna", w.posts("kemi")[0].card, "start.confirm")
        assert (await state_of(w, "a"))[0] == "live"


async def test_communications_names_somebody_and_the_card_that_stands_shows_it(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await scene(w, imported("a", people=()))
        await start(w, "biologi")
        await a_minute(w)
        form = (await w.press("karin", "account.edit", "a")).form
        await w.fill("karin", form, {"people": ("olle",)})
        assert "Olle Utan" in lines(w.posts()[0].card)["@a (Instagram)"]
