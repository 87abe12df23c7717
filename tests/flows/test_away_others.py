"""Away is said by oneself, by one's head or by communications."""

import pytest

from bot.view import Faults, Tell
from tests.world import DAY, MONDAY, words, world

TUESDAY = MONDAY.date() + DAY


async def say_away(w, who: str, **values: object):
    form = (await w.press(who, "away.new")).form
    return form, await w.fill(who, form, {"first": TUESDAY.isoformat(), "last": TUESDAY.isoformat()} | values)


async def absent(w) -> list[str]:
    return [a.person for a in (await w.register()).absences if a.last >= TUESDAY]


@pytest.mark.parametrize("who", ["heidi", "karin"])
async def test_the_head_and_communications_may_say_that_somebody_is_away_and_back(tmp_path, who):
    async with world(tmp_path, accounts=1) as w:
        form, reply = await say_away(w, who, person="anna", cover="olle")
        assert "person" in [f.id for f in form.fields]
        assert "Olle Utan" in words(reply.card)
        assert await absent(w) == ["anna"]
        await w.press_on(who, reply.card, "away.back")

        assert await absent(w) == []


async def test_left_empty_it_is_oneself(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        await say_away(w, "karin")

        assert await absent(w) == ["karin"]


async def test_others_are_not_asked_who_is_away_and_cannot_say_it(tmp_path):
    async with world(tmp_path, accounts=1) as w:
        form, reply = await say_away(w, "olle", person="anna")

        assert "person" not in [f.id for f in form.fields]
        assert isinstance(reply, Tell)
        assert reply.card.title == "Det gick inte"
        assert await absent(w) == []


@pytest.mark.parametrize(("values", "field"), [({"person": "nobody"}, "person"), ({"person": "anna", "cover": "anna"}, "cover")])  # fmt: skip
async def test_somebody_unknown_is_not_away_and_nobody_covers_for_themselves(tmp_path, values, field):
    async with world(tmp_path, accounts=1) as w:
        _form, reply = await say_away(w, "karin", **values)

        assert isinstance(reply, Faults)
        assert list(reply.by_field) == [field]
