"""The first meeting: one welcome a place, five quiet days, three lines for a new person, practice without a trace (U11)."""

import json
from dataclasses import replace

import pytest

from bot.model import PersonId
from bot.outgoing import Dead
from bot.texts import Texts
from bot.view import Tell
from tests.world import DAY, MONDAY, account, at, buttons, unmet, words, world

TODAY = MONDAY.date()
SV = Texts("sv")


def kinds(posts) -> list[str]:
    return [p.key.split(":")[0] for p in posts]


async def test_a_place_is_welcomed_once_and_asked_from_the_next_working_day(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        await unmet(w, "biologi", "kemi")
        await w.until(at(TODAY, 23))
        [post] = w.posts(day=TODAY)

        assert post.at == at(TODAY, 8)  # when the office opens
        assert "Kommunikation" in words(post.card)
        assert w.bot.pack.title.sv in words(post.card)
        for said in ("welcome.look_at", "welcome.sees", "welcome.quiet", "welcome.free_days"):
            assert SV(said) in words(post.card)
        assert [b.verb for b in post.card.buttons] == [
            "welcome.hour",
            "welcome.watch",
            "practice.start",
            "kept",
        ]
        assert await w.days("bio0", TODAY) == []

        await w.until(at(TODAY + DAY, 10))
        assert kinds(w.posts()) == ["welcome", "round"]
        assert kinds(w.posts("kemi")) == ["welcome", "round"]
        assert await w.days("bio0", TODAY + DAY) == ["open"]


async def test_whoever_enters_the_first_account_is_named_and_a_later_one_is_a_line_in_the_next_card(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await unmet(w, "biologi")
        await w.until(at(TODAY + 4 * DAY, 16))  # a Friday
        await _enter(w, "anna", "forsta")
        saved = await _enter(w, "anna", "andra")
        await w.until(at(TODAY + 4 * DAY, 16, 30))
        [post] = w.posts()
        assert SV("welcome.by", who="Anna Ek", rules=w.bot.pack.title.sv) in words(post.card)
        assert "@forsta" in post.card.title
        monday = TODAY + 7 * DAY
        assert SV("account.saved.asked", day=SV.long_date(monday)) in words(saved.card)

        await w.until(at(monday, 10))
        assert "Ny" not in words(w.posts(day=monday)[0].card)
        await _enter(w, "anna", "tredje")
        await w.until(at(monday + DAY, 10))
        card = w.posts(day=monday + DAY)[0].card
        assert kinds(w.posts()).count("welcome") == 1
        assert SV.many("round.new", 1, accounts="@tredje (Instagram)") in words(card)


async def _enter(w, who: str, name: str):
    form = (await w.press(who, "account.enter")).form
    return await w.fill(who, form, {"address": f"https://instagram.com/{name}", "unit": "bio",
                                    "people": (who, "bo"), "place": "test:T1:biologi"})  # fmt: skip


@pytest.mark.long
async def test_in_the_first_week_nothing_goes_on_to_anybody_else_and_then_it_does(tmp_path):
    """Nobody answers for two weeks; a question waits the whole time."""
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await unmet(w, "biologi")
        await w.until(at(TODAY + DAY, 9, 30))
        question = await w.log("anna", "bio0", at(TODAY + DAY, 9))
        quiet_until = TODAY + 7 * DAY  # Monday, the fifth working day
        await w.until(at(quiet_until, 23, 59))

        told = [p for p in w.chat.posts if p.to in ("kommunikation", "@heidi", "@karin")]
        assert {p.key.partition(":")[0] for p in told} == {"digest"}
        assert {words(p.card) for p in told} == {SV("digest.all_well")}
        assert "utan uppgift det senaste året" not in words((await w.press("heidi", "yearly.page")).card)
        assert "bo" not in [who for p in w.posts() for who in p.alerts]
        [soft] = [p for p in w.posts() if p.key == f"{question}:quiet"]
        assert soft.thread
        assert soft.alerts == []
        assert "går ingenting vidare" in words(soft.card)
        assert "Det är" not in soft.card.title
        assert all(SV("round.quiet") in words(p.card) for p in w.posts(day=quiet_until) if "round" in p.key)

        await w.until(at(quiet_until + 3 * DAY, 23))
        escalated = [p for p in w.chat.posts if p.key.startswith(f"{question}:escalated")]
        assert {p.to for p in escalated} == {"biologi", "kommunikation"}
        assert {p.at for p in escalated} == {at(quiet_until + DAY, 8)}
        told = [p for p in w.posts("@heidi") if p.key.startswith("heads")]
        assert [p.at.date() for p in told][:1] == [
            quiet_until + 2 * DAY
        ]  # the question; two days unanswered come later
        assert soft.card.title == SV("question.quiet.over", account="@bio0 (Instagram)")


async def test_what_an_account_of_the_first_week_lacks_is_told_to_head_and_communications_when_it_is_over(
    tmp_path,
):
    """One of two has left, the other is away all the time: nobody looks, and nobody else hears of it before."""
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await unmet(w, "biologi")
        await w.until(at(TODAY, 9))
        form = (await w.press("anna", "away.new")).form
        days = {"first": TODAY.isoformat(), "last": (TODAY + 20 * DAY).isoformat()}
        await w.fill("anna", form, days)
        person = (await w.register()).people[PersonId("bo")]
        await w.seed(lambda tx: tx.save_person(replace(person, active=False)))
        over = TODAY + 8 * DAY  # Tuesday, after the fifth working day
        for day in [TODAY + n * DAY for n in (1, 2, 3, 4, 7)]:
            for hour, minute in ((0, 5), (9, 31), (14, 1), (15, 31)):
                await w.hop(at(day, hour, minute))
        others = [p for p in w.chat.posts if p.to in ("kommunikation", "@heidi", "@karin")]
        assert {p.key.partition(":")[0] for p in others} == {"digest"}
        assert {words(p.card) for p in others} == {SV("digest.all_well")}
        assert {who for p in w.posts() for who in p.alerts} == set()
        assert not [p for p in w.posts() if "Karin Berg" in words(p.card) and "welcome" not in p.key]

        for hour, minute in ((0, 5), (9, 31), (15, 31)):
            await w.hop(at(over, hour, minute))
        heads = "\n".join(words(p.card) for p in w.posts("@heidi", over))
        assert "Bo Lind finns inte längre" in heads
        assert "borta samtidigt" in heads
        assert [p for p in w.posts("@karin", over) if p.key.startswith("rota:")]
        assert "@bio0" in "\n".join(words(p.card) for p in w.posts("kommunikation", over))


async def test_alarms_and_ones_own_press_reach_others_in_the_first_week(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await unmet(w, "biologi")
        await w.until(at(TODAY + DAY, 15))
        card = next(p for p in w.posts() if p.key.startswith("round")).card
        await w.press("anna", "round.ask", buttons(card)[0].arg)
        form = (await w.say("anna", "sm-alarm")).form
        await w.fill("anna", form, {"kind": "threat", "account": "bio0"})
        assert [p for p in w.posts("@bo") if ":asked:" in p.key]
        assert w.posts("@sven") or w.posts("sakerhet")


async def test_an_imported_channel_is_welcomed_by_the_card_that_asks_it(tmp_path):
    async with world(tmp_path, accounts=0, chemistry=0) as w:
        await unmet(w, "biologi")
        w.clock.at = at(TODAY, 9)
        await w.seed(lambda tx: tx.save_account(account("a", "biologi", state="imported")))
        form = (await w.press("karin", "start.channels")).form
        await w.fill("karin", form, {"places": ("test:T1:biologi",)})
        await w.until(at(TODAY + 7 * DAY, 10))  # nobody answers for a week
        [post] = w.posts()
        assert SV("welcome.quiet") in words(post.card)
        assert len(post.card.buttons) <= 6
        assert "Karin Berg" in words(post.card)

        await w.press_on("anna", post.card, "start.confirm")
        assert SV("welcome.quiet") in words(post.card)
        await w.until(at(TODAY + 8 * DAY, 10))
        assert kinds(w.posts()) == ["start", "round"]
        assert (await w.register()).places["test:T1:biologi"].welcomed == TODAY + 7 * DAY


async def test_an_account_that_moves_to_a_place_that_has_not_met_the_bot_is_asked_there_after_the_welcome(
    tmp_path,
):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await unmet(w, "kemi")
        await w.until(at(TODAY, 7, 30))  # the day is planned
        form = (await w.press("karin", "account.place", "bio0")).form
        await w.fill("karin", form, {"place": "test:T1:kemi"})
        await w.until(at(TODAY + DAY, 10))
        assert kinds(w.posts("kemi", TODAY)) == ["welcome"]
        assert kinds(w.posts("biologi", TODAY))[0] == "round"
        assert kinds(w.posts("kemi", TODAY + DAY)) == ["round"]


async def test_where_the_welcome_cannot_arrive_nobody_is_asked_before_it_does(tmp_path, monkeypatch):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await unmet(w, "biologi")
        post = w.chat.post

        async def shut(envelope):
            return Dead(reason="not_in_channel") if envelope.to.channel == "biologi" else await post(envelope)

        monkeypatch.setattr(w.chat, "post", shut)
        await w.until(at(TODAY + DAY, 16))
        assert w.posts() == []
        assert (await w.register()).places["test:T1:biologi"].welcomed is None
        monkeypatch.undo()
        await w.until(at(TODAY + 3 * DAY, 10))
        assert [(p.key.split(":")[0], p.at) for p in w.posts()] == [
            ("welcome", at(TODAY + 2 * DAY, 8)), ("round", at(TODAY + 3 * DAY, 9)),
        ]  # fmt: skip


async def test_a_new_person_on_an_account_hears_it_once_in_three_lines(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.until(at(TODAY, 9, 30))
        await w.log("anna", "bio0", at(TODAY, 9))
        await _people(w, ("anna", "bo", "olle"))
        await _people(w, ("anna", "bo"))
        await _people(w, ("anna", "bo", "olle"))

        [hello] = [p for p in w.posts("@olle") if p.key.startswith("newcomer")]
        assert len(hello.card.parts) == 3
        assert SV.many("newcomer.waits", 1) in words(hello.card)
        assert SV("newcomer.ask", names="Anna Ek och Bo Lind") in words(hello.card)
        assert not [p for p in w.chat.posts if p.key.startswith("newcomer") and p.to != "@olle"]


async def _people(w, people: tuple[str, ...]) -> None:
    form = (await w.press("karin", "account.edit", "bio0")).form
    await w.fill("karin", form, {"people": people})


# -- practice -----------------------------------------------------------------------------------


async def test_practice_works_like_a_question_leaves_no_trace_and_is_gone_the_next_day(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.until(at(TODAY, 10))
        before = [p.key for p in w.chat.posts]
        told = await w.press("anna", "practice.start")
        again = await w.press("anna", "practice.start")
        [post] = w.posts("@anna")
        assert told.card.title == SV("practice.begun")
        assert again.card.title == SV("practice.again")
        assert post.card.title.startswith("ÖVNING")
        assert "alarm.open" not in [b.verb for b in post.card.buttons]

        await w.press_on("anna", post.card, "practice.take")
        assert "Anna Ek" in words(post.card)
        form = (await w.press_on("anna", post.card, "practice.hand_on")).form
        handed = await w.fill("anna", form)
        assert handed.card.title == SV("practice.noted.hand_on")
        assert (await w.press_on("anna", post.card, "practice.why")).form.writes is False
        await w.press_on("anna", post.card, "practice.answered")
        assert [b.verb for b in post.card.buttons] == ["practice.reopen"]
        refused = await w.press("bo", "practice.take", post.card.buttons[0].arg)
        assert SV("right.practice") in words(refused.card)

        await w.until(at(TODAY, 16))
        digest = next(p for p in w.posts("kommunikation") if p.key.startswith("digest"))
        home = await w.desk.home(w.call("anna"))
        assert "Övning" not in words(digest.card) + words(home).replace(SV("home.practice"), "")
        await w.until(at(TODAY + DAY, 0, 1))
        assert words(post.card) == SV("practice.over")
        stale = await w.press("anna", "practice.take", told.card.title and _id(post))
        assert SV("practice.gone") in words(stale.card)
        case = await w.case(_id(post))
        assert "anna" not in json.dumps(str(case))
        assert await _traces(w, case.id) == ([], [])
        assert [p.key for p in w.posts("@anna") if p.key not in before] == [post.key]


def _id(post) -> str:
    return post.key.split(":")[0]


async def _traces(w, ident: str) -> tuple[list, list]:
    async with w.bot.storage.read() as tx:
        return list(await tx.log(ident)), list(await tx.decisions())


async def test_a_guest_practises_nothing(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        for verb in ("practice.start", "home.more", "welcome.watch"):
            told = await w.press("gast", verb, "test:T1:biologi")
            assert isinstance(told, Tell)
            assert SV("right.staff") in words(told.card)
        async with w.bot.storage.read() as tx:
            assert await tx.open_cases("practice") == []


# -- what the welcome's buttons open ----------------------------------------------------------------


async def test_the_hour_is_changed_by_whoever_may_edit_an_account_there_and_by_nobody_else(tmp_path):
    async with world(tmp_path, accounts=2, chemistry=0) as w:
        place = "test:T1:biologi"
        for who in ("bo", "olle", "gast", "ute", "borta"):
            told = await w.press(who, "welcome.hour", place)
            assert SV("refused.title") == told.card.title
            forged = await w.desk.submit(w.call(who), "welcome.hour", place, {"hour": "10:00"})
            assert SV("refused.title") == forged.card.title
        assert (await w.register()).places[place].hour.hour == 9
        form = (await w.press("anna", "welcome.hour", place)).form
        await w.fill("anna", form, {"hour": "10:00"})
        assert (await w.register()).places[place].hour.hour == 10
        watch = await w.press("olle", "welcome.watch", place)
        assert not buttons(watch.card)
        mine = await w.press("bo", "welcome.watch", place)
        assert {b.verb for b in buttons(mine.card)} == {"account.pattern"}


async def test_what_is_kept_and_the_rest_are_found_from_home(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        home = await w.desk.home(w.call("anna"))
        verbs = [b.verb for b in buttons(home)]
        assert verbs[:4] == ["question.open", "alarm.open", "run.start", "away.open"]
        assert {"kept", "help", "practice.start", "home.more", "language"} <= set(verbs)
        more = await w.press("anna", "home.more")
        assert [b.verb for b in buttons(more.card)] == ["moderation.start", "close.start", "decision.list"]
        for verb in ("moderation.start", "close.start", "decision.list", "kept", "help"):
            reply = await w.press("anna", verb)
            assert not isinstance(reply, Tell) or reply.card.title != SV("refused.title"), verb
        office = await w.press("karin", "home.more")
        assert "pilot.open" in [b.verb for b in buttons(office.card)]


async def test_a_new_person_who_has_left_again_before_it_is_sent_hears_nothing(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.seed(lambda tx: _hello_late(w, tx))
        await w.delivery.run_pass(w.clock.now())
        assert w.posts("@olle") == []


async def _hello_late(w, tx) -> None:
    from bot.service.compose import at_work
    from bot.service.newcomers import greet

    work = await at_work(w.bot, tx, w.clock.now())
    known = work.register.accounts["bio0"]
    await greet(work, known, replace(known, people=(*known.people, PersonId("olle"))))
