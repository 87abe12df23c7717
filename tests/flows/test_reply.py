"""The one reply of the day stands true: it follows what is answered, and ends without name or button."""

from tests.flows.test_rounds import DUTY, FRIDAY, MON, SATURDAY, TUESDAY, all_clear, change, round_of
from tests.world import at, buttons, words, world


async def test_the_reply_names_nobody_and_has_no_button_once_all_is_answered(tmp_path):
    async with world(tmp_path) as w:
        await w.until(at(MON, 14, 1))
        reply = w.posts()[1]
        assert (reply.alerts, [b.verb for b in buttons(reply.card)]) == (
            ["anna"],
            ["round.clear", "round.ask"],
        )
        await w.press_on("anna", reply.card, "round.clear")

        assert (reply.card.parts, reply.card.buttons) == ((), ())
        assert reply.card.title == "Påminnelsen är besvarad."


async def test_the_reply_follows_what_is_left_and_an_undo(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        await w.until(at(MON, 14, 1))
        reply = w.posts()[1]
        form = (await w.press("anna", "round.tell", round_of(MON))).form
        await w.fill("anna", form, {"bio0": "clear", "bio1": "not_looked"})
        assert "@bio1" in words(reply.card)
        assert "@bio0" not in words(reply.card)
        noted = await w.press("anna", "round.clear", round_of(MON))
        assert reply.card.buttons == ()
        await w.press_on("anna", noted.card, "round.undo")

        assert [b.verb for b in reply.card.buttons][:1] == ["round.clear"]


async def test_a_question_that_is_answered_leaves_the_reply(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await all_clear(w, "anna", MON)
        question = await w.log("anna", "bio0", at(MON, 9))
        await all_clear(w, "anna", TUESDAY)
        await w.until(at(TUESDAY, 16))
        (reply,) = (p for p in w.posts() if p.key.startswith("reply"))
        assert reply.alerts == ["anna"]
        await w.press("bo", "question.answered", question)

        assert reply.card.parts == ()


async def test_a_reply_of_yesterday_keeps_neither_a_name_nor_a_button(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(TUESDAY, 9, 1))
        reply = next(p for p in w.posts(day=MON) if p.key.startswith("reply"))

        assert (reply.alerts, reply.card.parts, reply.card.buttons) == (["anna"], (), ())


async def test_the_reminder_of_a_free_day_is_settled_too(tmp_path):
    async with world(tmp_path, pack="kau", accounts=1) as w:
        await change(w, "bio0", duty=DUTY)
        w.clock.at = at(FRIDAY, 17, 30)
        await w.until(at(SATURDAY, 14, 1))
        card, reply = w.posts("@bo")
        await w.press_on("bo", card.card, "round.clear")

        assert (reply.alerts, reply.card.parts, reply.card.buttons) == (["bo"], (), ())


async def test_a_line_is_found_only_once_its_question_is_saved(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await w.until(at(MON, 9, 1))
        form = (await w.press("anna", "round.tell", round_of(MON))).form
        asked = await w.fill("anna", form, {"bio0": "question"})
        before = [line.state for line in (await w.case(round_of(MON))).lines]
        await w.fill("anna", asked.form)

        assert (before, [line.state for line in (await w.case(round_of(MON))).lines]) == (["open"], ["found"])
