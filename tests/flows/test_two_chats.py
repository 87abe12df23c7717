"""One register, two chats: places move between them, people are reached where they are, the watcher is alerted once."""

from dataclasses import replace
from datetime import date

import pytest

from bot.model import Identity, Person, PersonId, Place
from bot.outgoing import Dead, to_person
from bot.ports import Address
from bot.service.compose import address
from tests.flows.test_rounds import MON, TUESDAY, round_of
from tests.flows.test_unreachable import Archived
from tests.world import MONDAY, WELCOMED, World, at, buttons, words, world

REALM = "tenant"
LAB = "teams:tenant:19:lab"


def on_teams(w: World, who: str, channel: str = "19:lab"):
    return replace(w.call(who, channel), platform="teams", realm=REALM)


async def open_teams(w: World, *people: str, bound: tuple[str, ...] = ()) -> None:
    """A channel in Teams, with some of the staff there too, and accounts that live in it."""

    async def act(tx):
        await tx.save_place(
            Place(
                id=LAB,
                platform="teams",
                realm=REALM,
                channel="19:lab",
                name="Biologi / Lab",
                welcomed=WELCOMED,
            )
        )
        for who in people:
            await tx.save_identity(Identity(platform="teams", realm=REALM, user=who, person=PersonId(who)))
        for ident in bound:
            await tx.save_account(replace((await tx.register()).accounts[ident], place=LAB))

    await w.seed(act)


async def move(w: World, account: str, place: str) -> None:
    """As communications does it in the chat where the new place is."""
    platform, realm, _ = place.split(":", 2)
    call = replace(w.call("karin"), platform=platform, realm=realm)
    form = (await w.desk.press(call, "account.place", account)).form
    moved = replace(call, key=f"{call.key}:place")
    reply = await w._then(w.desk.submit(moved, form.id, form.state, {"place": place}))
    assert "Det gick inte" not in words(reply.card)


# -- the day's one alert ------------------------------------------------------------------------------


async def test_in_teams_the_morning_card_alerts_the_watcher_and_the_reply_nobody(tmp_path):
    async with world(tmp_path, accounts=2, chemistry=0) as w:
        await open_teams(w, "anna", "bo", bound=("bio0", "bio1"))
        await w.until(at(MON, 23))
        card, reply = w.posts("19:lab", on=w.teams)

        assert (card.alerts, reply.alerts) == (["anna"], [])
        assert "Anna Ek" in words(reply.card)
        assert (card.at, reply.at, reply.thread) == (at(MON, 9), at(MON, 14), card.ref)


async def test_in_slack_it_is_as_before(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.until(at(MON, 23))

        assert [p.alerts for p in w.posts()] == [[], ["anna"]]


@pytest.mark.long
async def test_a_year_of_unanswered_days_in_teams_alerts_each_watcher_once_a_day(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await open_teams(w, "anna", "bo", bound=("bio0",))
        await w.until(at(date(2026, 12, 23), 23))
        alerts = [(p.at.date(), who) for p in w.posts("19:lab", on=w.teams) for who in p.alerts]

        assert len(alerts) > 20
        assert len(alerts) == len(set(alerts))


async def test_a_question_without_a_morning_card_still_alerts_its_watcher(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.until(at(MON, 10))
        await w.log("anna", "bio0", at(MON, 9))
        await open_teams(w, "anna", "bo", "karin")
        await w.press_on("anna", w.posts()[0].card, "round.clear")
        await move(w, "bio0", LAB)
        await w.until(at(TUESDAY, 8, 59))
        await w.seed(_no_round)
        await w.until(at(TUESDAY, 16))
        replies = [p for p in w.posts("19:lab", on=w.teams) if p.key.startswith("reply")]

        assert [p.alerts for p in replies] == [["anna"]]


async def _no_round(tx) -> None:
    for case in await tx.open_cases("round", place=LAB):
        await tx.save_case(replace(case, closed_at=case.opened_at))


# -- moving -------------------------------------------------------------------------------------------


async def test_an_account_moves_and_comes_back_without_losing_a_day_or_a_question(tmp_path):
    async with world(tmp_path, accounts=2, chemistry=0) as w:
        await open_teams(w, "anna", "bo", "karin")
        await w.until(at(MON, 9, 1))
        question = await w.log("anna", "bio0", MONDAY)
        await move(w, "bio0", LAB)
        await w.until(at(MON, 9, 5))
        here, there = w.posts()[0].card, w.posts("19:lab", on=w.teams)
        assert "frågas om i Biologi / Lab" in words(here)
        assert "@bio1" in words(here)
        assert [p.key.split(":")[0] for p in there] == [question, "round"]
        assert "står nu i Biologi / Lab" in words(w.posts()[1].card)
        assert w.posts()[1].card.buttons == ()
        reply = await w._then(w.desk.press(on_teams(w, "anna"), "round.clear", f"round:{LAB}:{MON}"))
        assert "Noterat" in reply.card.title
        assert await w.days("bio0", MON) == ["looked_at"]
        await move(w, "bio0", "test:T1:biologi")
        await w.until(at(TUESDAY, 9, 1))

        tuesday = w.posts(day=TUESDAY)[0].card
        assert "@bio0" in words(tuesday)
        assert (await w.case(question)).place == "test:T1:biologi"
        assert [b.verb for b in w.posts()[1].card.buttons][:1] == ["question.take"]
        assert next(p for p in there if p.key.startswith(question)).card.buttons == ()


async def test_the_line_that_is_still_open_goes_along_and_is_answered_once(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        await w.until(at(MON, 9, 1))
        await move(w, "bio1", "test:T1:kemi")
        old, new = w.posts()[0].card, w.posts("kemi")[0].card
        assert "@bio1" in words(new)
        await w.press_on("anna", old, "round.clear")
        assert (await w.days("bio0", MON), await w.days("bio1", MON)) == (["looked_at"], ["open"])
        await w.press_on("anna", new, "round.clear")

        assert await w.days("bio1", MON) == ["looked_at"]
        assert [line.state for line in (await w.case(round_of(MON))).lines] == ["looked_at", "moved"]


async def test_when_the_last_line_moves_the_card_says_so_and_has_no_button(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(MON, 9, 1))
        await move(w, "bio0", "test:T1:kemi")
        card = w.posts()[0].card

        assert (card.title, card.buttons) == ("Kontona här har flyttat.", ())
        reply = await w.press("anna", "round.clear", round_of(MON))
        assert "Det gick inte" in words(reply.card)
        await w.until(at(MON, 23))
        assert len(w.posts()) == 1


async def test_a_line_that_comes_back_stands_in_the_card_of_that_morning(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        await w.until(at(MON, 9, 1))
        await move(w, "bio1", "test:T1:kemi")
        await move(w, "bio1", "test:T1:biologi")

        lines = [(line.account, line.state) for line in (await w.case(round_of(MON))).lines]
        assert lines == [("bio0", "open"), ("bio1", "open")]
        assert "flytta" not in words(w.posts()[0].card)


async def test_after_closing_time_it_stays_where_it_was_asked(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await open_teams(w, "karin")
        await w.until(at(MON, 18))
        await move(w, "bio0", LAB)
        await w.until(at(MON, 19))
        await w.press("anna", "round.clear", round_of(MON))

        assert await w.days("bio0", MON) == ["looked_at"]
        assert w.posts("19:lab", on=w.teams) == []


async def test_an_escalation_in_a_place_that_was_left_points_on(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await open_teams(w, "karin")
        await w.log("anna", "bio0", MONDAY)
        await w.until(at(TUESDAY, 12))
        escalation = next(p for p in w.posts() if ":escalated:" in p.key)
        assert escalation.card.buttons != ()
        await move(w, "bio0", LAB)

        assert escalation.card.buttons == ()
        assert "Biologi / Lab" in words(escalation.card)


async def test_an_escalation_that_was_answered_shows_it_everywhere_and_alerts_nobody_again(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        question = await w.log("anna", "bio0", MONDAY)
        await w.until(at(TUESDAY, 12))
        told = [p for p in w.chat.posts if ":escalated:" in p.key]
        sent = len(w.chat.posts)
        await w.press("bo", "question.answered", question)

        assert {p.to for p in told} == {"biologi", "kommunikation"}
        assert all([b.verb for b in p.card.buttons] == ["question.reopen"] for p in told)
        assert len(w.chat.posts) == sent


# -- where somebody is reached --------------------------------------------------------------------------


async def reached(w: World, who: str, near: str | None = None, chats=("test", "teams")) -> str:
    found = address(await w.register(), to_person(PersonId(who)), chats, near)
    return found.platform if isinstance(found, Address) else "nowhere"


async def test_somebody_on_two_chats_is_reached_where_it_is_about_else_where_their_accounts_are(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await open_teams(w, "anna", "heidi")

        assert await reached(w, "anna") == "test"
        assert await reached(w, "anna", near=LAB) == "teams"
        assert await reached(w, "anna", near=LAB, chats=("test",)) == "test"
        assert await reached(w, "heidi") == "test"
        await move(w, "bio0", "test:T1:kemi")
        await open_teams(w, "karin", bound=("bio0",))
        assert await reached(w, "anna") == "teams"
        assert await reached(w, "bo") == "test"


async def test_whoever_removed_the_bot_on_one_chat_is_reached_on_the_other(tmp_path):
    async with world(tmp_path) as w:
        await open_teams(w, "anna")
        gone = Identity(platform="teams", realm=REALM, user="anna", person=PersonId("anna"), gone=True)
        await w.seed(lambda tx: tx.save_identity(gone))

        assert await reached(w, "anna", near=LAB) == "test"
        assert await reached(w, "anna", near=LAB, chats=("teams",)) == "teams"


async def test_a_message_about_a_question_in_teams_goes_to_teams(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await open_teams(w, "anna", "bo", "fia", bound=("bio0",))
        question = await w.log("anna", "bio0", MONDAY)
        await w.fill("anna", (await w.press("anna", "question.hand_on", question)).form, {"to": "fia"})

        assert [p.key for p in w.posts("@fia", on=w.teams)] != []
        assert w.posts("@fia") == []


async def test_those_out_of_reach_stand_in_the_offices_home_before_anything_waits_for_them(tmp_path):
    async with world(tmp_path) as w:
        await w.seed(lambda tx: tx.save_person(Person(id=PersonId("vera"), name="Vera Vik")))
        await w.seed(lambda tx: tx.save_role("registrar", [PersonId("vera")], None))
        office, other = await w.desk.home(w.call("karin")), await w.desk.home(w.call("anna"))

        assert "Vera Vik" in words(office)
        assert "Vera Vik" not in words(other)
        assert (await w.register()).out_of_reach({"teams"}) != (await w.register()).out_of_reach({"test"})


# -- what cannot arrive ---------------------------------------------------------------------------------


class Refusing(Archived):
    """Some channels and people are gone: Teams says 403."""

    async def post(self, envelope):
        if (envelope.to.channel or f"@{envelope.to.user}") in self._gone:
            return Dead(reason="BotNotInConversationRoster")
        return await self._chat.post(envelope)


@pytest.mark.parametrize(
    ("gone", "reader", "said"),
    [({"19:lab"}, "@bo", "Biologi / Lab"), ({"19:lab", "@bo"}, "@heidi", "Bo Lind")],
)
async def test_an_escalation_that_is_refused_goes_to_the_next_rung_at_once_and_says_so(
    tmp_path, gone, reader, said
):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await open_teams(w, "anna", "bo", "heidi", bound=("bio0",))
        await w.log("anna", "bio0", MONDAY)
        w.delivery._sender._chats["teams"] = Refusing(w.teams, gone)
        await w.until(at(TUESDAY, 12))
        (told,) = (p for p in w.posts(reader, on=w.teams) if ":escalated:substitute" in p.key)

        assert f"{said} kunde inte nås" in words(told.card)
        assert buttons(told.card) != []


async def test_a_card_that_nobody_could_see_is_no_unanswered_day(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        w.delivery._sender._chats["test"] = Archived(w.chat, {"biologi"})
        await w.until(at(date(2026, 11, 26), 16))

        assert await w.days("bio0", MON) == ["not_asked"]
        assert w.posts("@heidi") == []
