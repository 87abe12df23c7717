"""Whoever has the agreed duty of a free day answers for it, and is forgotten when the day is over."""

import pytest

from bot.model import FreeDuty, PersonId
from tests.flows.test_rounds import FRIDAY, MON, NEXT_MONDAY, SATURDAY, change, round_of
from tests.world import DAY, at, buttons, world

OLLE = FreeDuty(kind="people", people=(PersonId("olle"),), agreed_by="heidi", agreed_on=MON)
ROTA = FreeDuty(kind="rota", agreed_by="heidi", agreed_on=MON)


@pytest.mark.parametrize(("duty", "who"), [(OLLE, "olle"), (ROTA, "karin")])
@pytest.mark.parametrize("mine", [False, True])
async def test_whoever_has_the_free_days_duty_answers_as_a_substitute(tmp_path, duty, who, mine):
    async with world(tmp_path, pack="kau", accounts=1, chemistry=0) as w:
        await change(w, "bio0", duty=duty)
        w.clock.at = at(FRIDAY, 17, 30)
        await w.until(at(SATURDAY, 9, 1))
        assert w.posts(f"@{who}")
        await w.press(who, "round.clear_mine" if mine else "round.clear", "" if mine else round_of(SATURDAY))

        assert [(line.state, line.role) for line in (await w.case(round_of(SATURDAY))).lines] == [
            ("looked_at", "substitute")
        ]


async def test_on_a_working_day_the_free_days_duty_gives_no_right(tmp_path):
    async with world(tmp_path, pack="kau", accounts=1, chemistry=0) as w:
        await change(w, "bio0", duty=OLLE)
        await w.until(at(MON, 9, 1))
        reply = await w.press("olle", "round.clear", round_of(MON))

        assert reply.card.title == "Det gick inte"


async def test_today_and_its_questions_know_whoever_has_the_duty_of_a_free_day(tmp_path):
    async with world(tmp_path, pack="kau", accounts=1, chemistry=0) as w:
        await change(w, "bio0", duty=OLLE)
        w.clock.at = at(FRIDAY, 17, 30)
        await w.until(at(SATURDAY, 9, 1))
        await w.log("anna", "bio0", at(SATURDAY, 8))
        verbs = [b.verb for b in buttons((await w.say("olle", "sm-today")).card)]
        assert {"round.tell", "question.show", "round.clear_mine"} <= set(verbs)

        w.clock.at = at(NEXT_MONDAY, 9, 1)
        verbs = [b.verb for b in buttons((await w.say("olle", "sm-today")).card)]
        assert not {"round.tell", "question.show"} & set(verbs)


async def test_no_name_is_kept_with_a_free_day_that_is_over(tmp_path):
    async with world(tmp_path, pack="kau", accounts=1, chemistry=0) as w:
        await change(w, "bio0", duty=OLLE)
        w.clock.at = at(FRIDAY, 17, 30)
        await w.until(at(NEXT_MONDAY + DAY, 9, 1))
        saturday = await w.case(round_of(SATURDAY))

        assert (saturday.is_open, saturday.duty) == (False, ())


async def test_no_name_is_kept_with_a_free_day_that_was_not_asked(tmp_path):
    async with world(tmp_path, pack="kau", accounts=1, chemistry=0) as w:
        await change(w, "bio0", duty=OLLE)
        w.clock.at = at(SATURDAY, 8)
        await w.until(at(SATURDAY, 8, 1))
        assert (await w.case(round_of(SATURDAY))).duty == ("olle",)
        w.clock.at = at(SATURDAY, 18)
        await w.until(at(SATURDAY, 18, 1))
        saturday = await w.case(round_of(SATURDAY))

        assert (saturday.posted, saturday.duty) == (False, ())
