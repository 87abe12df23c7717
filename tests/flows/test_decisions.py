"""Decisions of officials: found, read with their story, corrected, by whom (users.md U6, U8, U9), through the desk."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.slack.forms import modal
from adapters.teams.forms import Choices, dialog
from bot.cases import Filing, Record
from bot.cases.filing import Registered, decide
from bot.decided import KINDS
from bot.model import Account, PersonId
from bot.ports import Decision
from bot.texts import Texts
from bot.view import Ask, Card, Faults, Form, Items, Tell
from storage.verify import verify
from tests.closing import decided as closed_by_head
from tests.contract.test_decisions import run_sql
from tests.flows.test_joining import join, twin
from tests.new_account import approved, decisions, sent
from tests.world import MONDAY, World, account, buttons, words, world

DAY = timedelta(days=1)


async def write(w: World, kind: str = "moderation", *, by: str = "anna", **body: object) -> int:
    """A decision as another use case would chain it; its number."""
    made = Record(
        kind=kind, body={"account": "bio0", "decided_by": "head", **body}, personal={"decided_by": by.title()},
        decided_by=PersonId(by),
    )  # fmt: skip
    async with w.bot.storage.write() as tx:
        return (await tx.add_decision(made, w.clock.now(), {"decided_by": w.bot.ids.salt()})).number


async def newest(w: World, who: str, given: str = "") -> Card:
    reply = await w.say(who, "sm-decisions", given)
    assert isinstance(reply, Tell), reply
    return reply.card


def numbers(card: Card) -> list[int]:
    return [int(b.arg) for b in buttons(card) if b.verb == "decision.open"]


async def search(w: World, who: str, **values: object) -> object:
    form = (await w.press_on(who, await newest(w, who), "decision.search")).form
    return await w.fill(who, form, values)


def refused(reply: object) -> bool:
    return isinstance(reply, Tell) and reply.card.title == "Det gick inte"


# -- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("karin", [3, 2, 1]),
        ("rita", [3, 2, 1]),
        ("heidi", [2, 1]),
        ("dag", [2, 1]),
        ("bo", [2, 1]),
        ("sven", [3]),
    ],
)
async def test_each_sees_what_they_may_open_and_no_more(tmp_path, who, seen):
    async with world(tmp_path) as w:
        await scene(w)
        assert numbers(await newest(w, who)) == seen
        for number in (1, 2, 3):
            opened = await w.press(who, "decision.open", str(number))
            read = await w.press(who, "decision.read", str(number))
            assert refused(opened) is refused(read) is (number not in seen)


async def scene(w: World) -> None:
    """Two decisions about Anna's and Bo's account, and one about Olle's, of another unit, that Sven took."""
    await write(w)
    await write(w, "account.closed", by="heidi")
    await w.seed(lambda tx: tx.save_account(elsewhere()))
    await write(w, by="sven", account="fys")


def elsewhere() -> Account:
    return account("fys", "kemi", unit="fak", people=(PersonId("olle"),), head=PersonId("fia"))


@pytest.mark.parametrize("who", ["adam", "sara", "gast", "ute", "borta"])
async def test_others_are_told_who_may_and_see_nothing(tmp_path, who):
    async with world(tmp_path) as w:
        await scene(w)
        replies = [
            await w.say(who, "sm-decisions"),
            await w.say(who, "sm-beslut", "1"),
            await w.press(who, "decision.open", "1"),
            await w.press(who, "decision.read", "1"),
            await w.press(who, "decision.correct", "1"),
            await w.press(who, "decision.open", "99"),
        ]
        assert all(refused(reply) for reply in replies)
        assert len({words(r.card) for r in replies[1:]}) == 1, (
            "what is not there and what may not be read differ"
        )
        if who in ("adam", "sara"):
            assert "registrator" in words(replies[0].card)
        form = Form(id="decision.correct", title="", state="1")
        assert refused(await w.fill(who, form, {"text": "Jag ändrar"}))
        assert len(await decisions(w)) == 3


async def test_a_search_for_what_one_may_not_open_finds_as_little_as_one_for_nothing(tmp_path):
    async with world(tmp_path) as w:
        await scene(w)
        await write(
            w, "registered", by="rita", account=None, of=[1, 3], diary="V-7", accounts=["bio0", "fys"]
        )
        for values in ({"number": "3"}, {"account": "fys"}, {"number": "v-9"}):
            reply = await search(w, "anna", **values)
            assert numbers(reply.card) == []
        assert numbers((await search(w, "anna", number="V-7")).card) == [4, 1]
        assert numbers((await search(w, "rita", number="v-7")).card) == [4, 3, 1]
        form = (await w.press_on("anna", await newest(w, "anna"), "decision.search")).form
        offered = next(f for f in form.fields if f.id == "account").options
        assert "fys" not in {option.id for option in offered}


async def shared(w: World, **values: str) -> None:
    """One row of the registrar's for Anna's account and for one of another unit, which Sven decided about."""
    await write(w)
    await w.seed(lambda tx: tx.save_account(elsewhere()))
    await write(w, by="sven", account="fys")
    async with w.bot.storage.write() as tx:
        row = Record(
            kind="registered",
            personal={"entered_by": "Rita Ros", **values},
            decided_by=PersonId("rita"),
            body={
                "account": "fys",
                "accounts": ["fys", "bio0"],
                "of": [1, 2],
                "diary": None if values else "V-7",
            },
        )
        await tx.add_decision(row, w.clock.now(), {name: w.bot.ids.salt() for name in row.personal})


async def test_a_shared_number_shows_each_reader_only_what_they_may_open(tmp_path):
    async with world(tmp_path) as w:
        await shared(w)
        for story in (await newest(w, "anna", "3"), (await w.press("anna", "decision.read", "3")).form):
            said = repr(story)
            assert "nr 1" in said
            for hidden in ("@fys", "nr 2", "Sven"):
                assert hidden not in said
        assert numbers(await newest(w, "anna", "3")) == [1]
        for given in ("", "V-7", "1"):
            assert "@fys" not in repr(await newest(w, "anna", given))
        assert "@bio0" in words(await newest(w, "anna", "3"))
        whole = words(await newest(w, "rita", "3"))
        assert all(held in whole for held in ("@fys", "@bio0", "nr 2", "Sven"))


@pytest.mark.parametrize(("who", "may"), [("anna", False), ("sven", False), ("karin", True), ("rita", True)])
async def test_one_reason_for_several_is_read_by_whoever_may_open_all_of_them(tmp_path, who, may):
    async with world(tmp_path) as w:
        await shared(w, why="Kem fick mest")
        own = "2" if who == "sven" else "1"
        for number in (own, "3") if who != "sven" else (own,):
            for verb in ("decision.open", "decision.read"):
                assert ("Kem fick mest" in repr(await w.press(who, verb, number))) is may
        if who == "anna":
            fys = replace((await w.register()).accounts["fys"], head=PersonId("anna"))
            await w.seed(lambda tx: tx.save_account(fys))
            assert "Kem fick mest" in repr(await w.press(who, "decision.open", "1"))


# -- search -------------------------------------------------------------------------------------


async def test_the_search_narrows_by_account_kind_days_and_category(tmp_path):
    async with world(tmp_path) as w:
        await write(w, categories=["threat"])
        w.clock.at += DAY
        await write(w, account="bio1", categories=["spam"])
        w.clock.at += DAY
        await write(w, "account.closed", accounts=["bio0", "bio1"])
        first, second = MONDAY.date(), MONDAY.date() + DAY
        for values, wanted in (
            ({"account": "bio1"}, [3, 2]), ({"kind": "moderation"}, [2, 1]), ({"category": "threat"}, [1]),
            ({"first": second.isoformat()}, [3, 2]), ({"last": first.isoformat()}, [1]),
            ({"first": second.isoformat(), "last": second.isoformat(), "kind": "moderation"}, [2]),
            ({"number": "2"}, [2]), ({"number": "2", "kind": "account.closed"}, []), ({"number": "#1"}, [1]),
        ):  # fmt: skip
            assert numbers((await search(w, "karin", **values)).card) == wanted, values


async def test_more_shows_the_next_ten_of_the_same_search(tmp_path):
    async with world(tmp_path) as w:
        for n in range(23):
            await write(w, account=f"bio{n % 2}")
        card = (await search(w, "anna", account="bio0")).card
        assert numbers(card) == list(range(23, 3, -2))
        following = (await w.press_on("anna", card, "decision.more")).card
        assert numbers(following) == [3, 1]
        assert "decision.more" not in {b.verb for b in following.buttons}
        assert "23" not in {b.label for b in buttons(card)}


async def test_words_after_the_command_are_a_number_or_an_account(tmp_path):
    async with world(tmp_path) as w:
        await scene(w)
        await write(w, "registered", by="rita", of=[1], diary="V-2026/1")
        assert (await newest(w, "anna", "2")).title == "Beslut nr 2"
        assert numbers(await newest(w, "rita", "@fys")) == [3]
        assert numbers(await newest(w, "rita", "V-2026/1")) == [4, 1]
        assert refused(await w.say("rita", "sm-decisions", "bio"))


async def test_a_diary_number_of_digits_is_found_by_the_command_too_by_whoever_may_read(tmp_path):
    async with world(tmp_path) as w:
        await scene(w)
        await write(w, "registered", by="rita", of=[1], diary="12345")
        for given in ("12345", " 12345 "):
            assert numbers(await newest(w, "anna", given)) == [4, 1]
        assert (await newest(w, "anna", "2")).title == "Beslut nr 2"
        assert refused(await w.say("anna", "sm-decisions", "54321"))
        assert refused(await w.say("olle", "sm-decisions", "12345"))


@pytest.mark.parametrize(
    ("field", "given"),
    [("last", "2026-11-01"), ("first", "0001-01-01"), ("last", "9999-12-31")],
)
async def test_days_that_cannot_be_stay_in_the_form_with_a_sentence(tmp_path, field, given):
    async with world(tmp_path) as w:
        await write(w)
        reply = await search(w, "anna", **{"first": "2026-11-02", field: given})
        assert isinstance(reply, Faults)
        assert set(reply.by_field) == {field}


@pytest.mark.parametrize(
    "arg", ["", "x", "-1", "0", "9" * 400, "1.5", "٣", "{}", "[1]", '{"before": "x"}', '{"x": 1}']
)
async def test_an_argument_that_is_none_of_ours_gets_a_sentence(tmp_path, arg):
    async with world(tmp_path) as w:
        await write(w)
        for verb in ("decision.open", "decision.read", "decision.correct"):
            assert refused(await w.press("karin", verb, arg))
        for verb in ("decision.more", "decision.search"):
            assert isinstance(await w.press("karin", verb, arg), Tell | Ask)
        for values in ({"number": arg}, {"account": arg}, {"kind": arg}, {"category": arg}):
            assert isinstance(await search(w, "karin", **values), Tell)


# -- open ---------------------------------------------------------------------------------------


async def test_an_approval_tells_its_story_in_order_with_the_rules_of_that_day(tmp_path):
    async with world(tmp_path) as w:
        await approved(w)
        card = await newest(w, "heidi", "1")
        said = words(card)
        order = ["Anna Ek började", "Anna Ek skickade det", "Heidi Berg godkände", "@biologi_ny", "Heidi Berg, ansvarig chef",
                 "Anna Ek", "Bo Lind"]  # fmt: skip
        places = [said.index(part) for part in order[:3]]
        assert places == sorted(places)
        assert all(part in said for part in order)
        whole = repr((await w.press_on("heidi", card, "decision.read")).form.intro)
        made = (await decisions(w))[0]
        rule = made.body["rules"][0]
        assert rule["says"]["sv"] in whole
        assert rule["cites"][0] in whole


async def test_a_closure_is_decided_and_an_approval_approved_in_what_led_to_it(tmp_path):
    async with world(tmp_path) as w:
        await closed_by_head(w)
        said = words(await newest(w, "heidi", "1"))
        assert "skickade det för beslut" in said
        assert "Heidi Berg beslutade att avsluta" in said
        assert "godkän" not in said.casefold()


async def test_the_rules_stay_as_they_stood_when_the_guidelines_have_changed(tmp_path):
    async with world(tmp_path) as w:
        await approved(w)
        before = (await w.press("heidi", "decision.read", "1")).form
        section = w.bot.pack.sections[0]
        changed = section.model_copy(
            update={"says": section.says.model_copy(update={"sv": "Något helt annat."})}
        )
        pack = w.bot.pack.model_copy(
            update={"sections": (changed, *w.bot.pack.sections[1:]), "version": "2099"}
        )
        object.__setattr__(w.bot, "pack", pack)
        after = (await w.press("heidi", "decision.read", "1")).form
        assert after == before


async def test_words_of_newer_guidelines_than_a_run_was_begun_under_stand_under_their_own_version(tmp_path):
    async with world(tmp_path) as w:
        ident = await sent(w)
        old, gone = w.bot.pack, "purpose"
        fewer = tuple(s for s in old.sections if s.id != gone)
        object.__setattr__(w.bot, "pack", old.model_copy(update={"sections": fewer, "version": "2099"}))
        await w.press("heidi", "approval.approve", f"{ident}|1")
        body = (await decisions(w))[0].body
        assert (body["version"], body["rules_of"]["version"]) == (old.version, "2099")
        assert gone in [r["section"] for r in body["rules"]]
        assert [r["section"] for r in body["rules"]] == body["sections"]
        before, _, after = repr((await w.press("heidi", "decision.read", "1")).form.intro).partition(
            "Så stod reglerna den dagen: "
        )
        assert "2099" in after.partition("'")[0]
        assert old.version in before
        assert "2099" not in before
        assert "fanns inte kvar i riktlinjerna" in after


async def test_what_has_been_purged_says_so(tmp_path):
    async with world(tmp_path) as w:
        await approved(w)
        await run_sql(url_of(w), "DELETE FROM decision_values WHERE name IN ('decided_by', 'took_part.01')")
        said = words(await newest(w, "karin", "1"))
        assert "Heidi Berg" not in said
        assert "uppgiften är gallrad godkände".casefold() in said.casefold()
        assert "Anna Ek" in said


def url_of(w: World) -> str:
    return str(w.bot.storage._engine.url)  # the file that the world made


@pytest.mark.parametrize("kind", [*KINDS, "something.new"])
async def test_every_kind_opens_also_one_that_is_not_known_yet(tmp_path, kind):
    async with world(tmp_path) as w:
        await write(w)
        number = await write(w, kind, of=[1], platform="instagram", diary="V-1", more={"deep": 1}, rules=[{"x": 1}, "y"],
                             categories=["threat"], posts=3, pack="other", version="1", run="gone")  # fmt: skip
        card = await newest(w, "karin", str(number))
        assert f"{number}" in card.title
        assert "Anna" in words(card)
        assert isinstance(await w.press("karin", "decision.read", str(number)), Ask)


async def test_what_waits_with_the_registrar_is_shown_and_then_its_number(tmp_path):
    async with world(tmp_path) as w:
        await write(w)
        filing = Filing(id="f1", opened_at=w.clock.now(), what="moderation", decision=1)
        await w.seed(lambda tx: tx.add_case(filing))
        assert "Väntar hos" in words(await newest(w, "anna", "1"))

        async def number(tx):
            await tx.save_case(
                decide(await tx.case("f1"), Registered(by=PersonId("rita"), number="V-1"), w.clock.now()).case
            )

        await w.seed(number)
        assert "Har diarienummer V-1" in words(await newest(w, "anna", "1"))
        await write(w, "registered", by="rita", of=[1], diary="V-1")
        said = words(await newest(w, "anna", "1"))
        assert "Fick diarienummer V-1" in said
        assert "Har diarienummer" not in said


async def test_whoever_read_the_run_reads_its_decision_from_the_run_too(tmp_path):
    async with world(tmp_path) as w:
        ident = await approved(w)
        by_run = (await w.press("anna", "run.decision", ident)).form
        assert by_run == (await w.press("anna", "decision.read", "1")).form


async def test_decisions_of_an_account_that_is_closed_stay_with_its_people(tmp_path):
    async with world(tmp_path) as w:
        await write(w)
        closed = replace((await w.register()).accounts["bio0"], state="closed")
        await w.seed(lambda tx: tx.save_account(closed))
        assert numbers(await newest(w, "bo")) == [1]


async def test_whoever_began_what_was_turned_down_and_whoever_decided_find_it(tmp_path):
    async with world(tmp_path) as w:
        await sent(w, "olle")
        form = (await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.reject")).form
        await w.fill("heidi", form, {"text": "Vi har redan två"})
        assert numbers(await newest(w, "olle")) == numbers(await newest(w, "heidi")) == [1]
        assert "Vi har redan två" in words(await newest(w, "olle", "1"))


async def test_of_two_people_who_are_one_the_one_that_stays_finds_what_the_other_took(tmp_path):
    async with world(tmp_path) as w:
        await twin(w)
        await write(w, by="anna2", account="gone")
        assert numbers(await newest(w, "anna")) == []
        await join(w)
        assert numbers(await newest(w, "anna")) == [1]
        assert "decision.correct" in {b.verb for b in (await newest(w, "anna", "1")).buttons}


async def test_the_page_that_holds_everything_holds_each_post_and_each_long_word_on_slack_and_teams(tmp_path):
    async with world(tmp_path) as w:
        posts = {f"post.{n:03}": f"https://instagram.com/p/A&B{n:03}?{'x' * 80}." for n in range(150)}
        long = {"reason": " ".join(f"ord{n}." for n in range(400))}
        await written(w, posts | long)
        form = (await w.press("anna", "decision.read", "1")).form
        views = modal(form, Texts("sv"), {}), dialog(form, Texts("sv"), {}, Choices())
        assert len(views[0]["blocks"]) <= 100
        for shown in (repr(views[0]), repr(views[1])):
            assert [p for p in posts.values() if p.partition("?")[0] not in shown] == []
            assert [n for n in range(400) if f"ord{n}." not in shown] == []


async def written(w: World, personal: dict[str, str]) -> None:
    async with w.bot.storage.write() as tx:
        made = Record(kind="moderation", body={"account": "bio0"}, personal=personal)
        await tx.add_decision(made, w.clock.now(), {name: w.bot.ids.salt() for name in personal})


# -- correct ------------------------------------------------------------------------------------


async def test_a_correction_is_a_new_decision_and_both_show_each_other(tmp_path):
    async with world(tmp_path) as w:
        await write(w, by="anna", categories=["threat"])
        (old,) = await decisions(w)
        form = (await w.press_on("anna", await newest(w, "anna", "1"), "decision.correct")).form
        reply = await w.fill("anna", form, {"text": "Det var onsdagen, inte tisdagen."})
        made, still = await decisions(w)
        assert still == old
        assert (made.number, made.kind, made.body["of"], made.body["categories"]) == (
            2,
            "correction",
            [1],
            ["threat"],
        )
        assert made.personal == {"decided_by": "Anna Ek", "text": "Det var onsdagen, inte tisdagen."}
        assert numbers(reply.card) == [2, 1]
        first, second = await newest(w, "anna", "1"), await newest(w, "bo", "2")
        assert numbers(first) == [2]
        assert numbers(second) == [1]
        assert "Det var onsdagen" in words(first)
        assert "Det var onsdagen" in words(second)
        async with w.bot.storage.read() as tx:
            assert (await verify(tx)).bad is None


async def test_a_correction_sent_twice_is_one(tmp_path):
    async with world(tmp_path) as w:
        await write(w)
        form = (await w.press("anna", "decision.correct", "1")).form
        call = w.call("anna", "biologi")
        sent_once = [await w.desk.submit(call, form.id, form.state, {"text": "Fel dag"}) for _ in range(2)]
        again = await w.fill("anna", form, {"text": "Fel dag"})
        assert sent_once == [again, again]
        assert len(await decisions(w)) == 2


async def test_a_correction_without_words_stays_in_the_form(tmp_path):
    async with world(tmp_path) as w:
        await write(w)
        form = (await w.press("anna", "decision.correct", "1")).form
        assert isinstance(await w.fill("anna", form, {"text": "  "}), Faults)
        assert len(await decisions(w)) == 1


@pytest.mark.parametrize(
    ("who", "may"), [("anna", True), ("karin", True), ("bo", False), ("heidi", False), ("rita", False)]
)
async def test_whoever_took_it_and_communications_may_correct(tmp_path, who, may):
    async with world(tmp_path) as w:
        await write(w, by="anna")
        card = await newest(w, who, "1")
        assert ("decision.correct" in {b.verb for b in card.buttons}) is may
        form = Form(id="decision.correct", title="", state="1")
        replies = [await w.press(who, "decision.correct", "1"), await w.fill(who, form, {"text": "Rättat"})]
        assert [refused(reply) for reply in replies] == [not may, not may]
        found: list[Decision] = await decisions(w)
        assert len(found) == 1 + may
        if may:
            assert found[0].body["decided_by"] == ("head" if who == "anna" else "communications")


async def test_a_card_has_at_most_six_buttons_of_its_own_and_ten_lines(tmp_path):
    async with world(tmp_path) as w:
        for _ in range(30):
            await write(w)
        card = await newest(w, "karin")
        assert len(card.buttons) <= 6
        assert sum(len(part.items) for part in card.parts if isinstance(part, Items)) == 10
