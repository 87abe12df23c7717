"""What becomes of the questions on a moderation's posts, and who really hears of them."""

import pytest

from bot.model import PersonId
from bot.view import Ask
from storage.store import SqlTx
from tests.moderating import ADVERT, INSULT, POST, answer, done, first, of_kind, run, through, until
from tests.world import DAY, MONDAY, at, words, world

NINE, TEN = at(MONDAY.date(), 9), at(MONDAY.date(), 10)


async def test_a_question_of_others_is_handed_on_by_whoever_moderates_since_that_ends_nothing(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        w.clock.at = TEN.astimezone(w.clock.at.tzinfo)
        ident = await w.log("bo", "bio0", NINE, link=POST)
        card = await done(w, {"answer.what": "forward", "pass-on.to": "fia"}, who="olle")

        question = await w.case(ident)
        assert (question.forwarded_to, question.is_open) == ("fia", True)
        assert len(w.posts("@fia")) == 1
        assert "Fia Holm har fått frågan" in words(card)


async def test_the_owner_of_criticism_gets_a_question_that_others_had_logged(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        w.clock.at = TEN.astimezone(w.clock.at.tzinfo)
        ident = await w.log("bo", "bio0", NINE, link=POST, kind="criticism")
        given = {"first.kind": "criticism", "answer.what": "later", "owner.to": "fia"}
        card = await done(w, given, who="olle")

        assert (await w.case(ident)).forwarded_to == "fia"
        assert "Fia Holm har fått den" in words(card)


@pytest.mark.parametrize("to", ["karin", "anna"])
async def test_it_goes_to_whoever_was_named_also_when_they_press_last_and_it_is_the_runners(tmp_path, to):
    async with world(tmp_path, pack="generic") as w:
        given = INSULT | {"answer.what": "forward", "pass-on.to": to, "take-off.done": "office"}
        await done(w, given)
        await w.press("karin", "moderation.taken_off", (await run(w)).id)

        (question,) = await of_kind(w, "question")
        ended = await run(w)
        named = "karin" if to == "karin" else None
        assert (ended.state, question.logged_by, question.forwarded_to) == ("done", "anna", named)
        story = words((await w.press("anna", "moderation.overview", ended.id)).card)
        assert ("har fått frågan" in story) is bool(named)


async def from_question(w, where: str):
    w.clock.at = TEN.astimezone(w.clock.at.tzinfo)
    ident = await w.log("anna", "bio0", NINE, link=POST, where=where)
    form = (await w.press("anna", "question.hand_on", ident)).form
    return ident, await w.fill("anna", form, {"how": "moderate"})


@pytest.mark.parametrize(("where", "ended"), [("direct", ""), ("comment", "seen")])
async def test_only_a_comment_ends_with_nothing_to_answer(tmp_path, where, ended):
    async with world(tmp_path, pack="generic") as w:
        ident, reply = await from_question(w, where)
        card = await through(w, "anna", reply)

        question = await w.case(ident)
        assert (question.ended, question.is_open) == (ended, not ended)
        assert ("öppen kvar" in words(card)) is question.is_open


@pytest.mark.parametrize("what", ["answered", "forward"])
async def test_each_question_on_the_posts_is_ended_or_handed_on(tmp_path, what):
    async with world(tmp_path, pack="generic") as w:
        w.clock.at = TEN.astimezone(w.clock.at.tzinfo)
        links = [POST, POST + "2"]
        idents = [await w.log("bo", "bio0", NINE, link=link) for link in links]
        await done(w, {"first.posts": "\n".join(links), "answer.what": what})

        found = [await w.case(ident) for ident in idents]
        wanted = ("answered", None) if what == "answered" else ("", "olle")
        assert [(q.ended, q.forwarded_to) for q in found] == [wanted] * 2


async def test_a_question_that_the_runner_may_not_end_is_said_to_be_open(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        w.clock.at = TEN.astimezone(w.clock.at.tzinfo)
        ident = await w.log("bo", "bio0", NINE, link=POST)
        reply = await answer(w, "olle", await until(w, "olle", "answer"), {"answer.what": "answered"})

        assert (await w.case(ident)).is_open
        assert "öppen kvar" in words(reply.card)


async def test_a_head_who_is_in_communications_too_is_asked_once_about_a_house_rule(tmp_path):
    async with world(tmp_path, pack="generic") as w:

        async def merged(tx):
            await tx.save_role("communications", [PersonId("heidi"), PersonId("karin")], None)

        await w.seed(merged)
        w.clock.at = TEN.astimezone(w.clock.at.tzinfo)
        await done(w, ADVERT)

        asked = [p.to for p in w.chat.posts if "Ska det tas bort?" in p.card.title]
        assert sorted(asked) == ["@heidi", "@karin"]


@pytest.mark.parametrize(("runner", "said"), [("anna", True), ("karin", False)])
async def test_nobody_is_said_to_be_told_of_what_they_did_themselves(tmp_path, runner, said):
    async with world(tmp_path, pack="generic") as w:
        await done(w, INSULT | {"take-off.done": "office"}, who=runner)
        card = (await w.press("karin", "moderation.taken_off", (await run(w)).id)).card
        assert ("får veta det" in words(card)) is said


async def test_a_post_is_compared_only_with_what_is_open_on_its_own_account(tmp_path, monkeypatch):
    async with world(tmp_path, pack="generic", accounts=2) as w:
        await until(w, "anna", "breach", {"first.account": "bio1"})
        form = await first(w, "bo")
        asked, real = [], SqlTx.open_cases

        async def noted(self, kind=None, **of):
            asked.append((kind, of.get("account")))
            return await real(self, kind, **of)

        monkeypatch.setattr(SqlTx, "open_cases", noted)
        assert isinstance(await answer(w, "bo", form), Ask)
        assert {of for kind, of in asked if kind == "moderation"} == {"bio0"}


@pytest.mark.long
async def test_a_breach_taken_off_and_then_left_reaches_the_runner_and_then_communications(tmp_path):
    async with world(tmp_path, pack="generic", accounts=1, chemistry=0) as w:
        w.clock.at = TEN.astimezone(w.clock.at.tzinfo)
        await until(w, "anna", "answer", INSULT)
        await w.until(at(MONDAY.date() + 3 * DAY, 17))
        (told,) = [p.card for p in w.posts("@anna") if "Inte klart ännu" in p.card.title]
        assert "moderation.continue" in {b.verb for b in told.buttons}
        assert not [p for p in w.chat.posts if p.to != "@anna" and "Inte klart ännu" in words(p.card)]

        await w.until(at(MONDAY.date() + 10 * DAY, 17))
        collected = [p.card for p in w.chat.posts if "Anna Ek har påbörjat det" in words(p.card)]
        assert collected
        card = (await w.press_on("karin", collected[0], "moderation.overview")).card
        assert "Ta ställning" in card.title
