"""What was found by name waits for an administrator."""

import json
from dataclasses import replace

from bot.service.people import TO_CONFIRM
from tests.world import MONDAY, at, words, world


async def test_an_administrator_confirms_what_was_found_by_name_in_one_card_and_nobody_else_may(tmp_path):
    async with world(tmp_path) as w:
        async with w.bot.storage.write() as tx:
            place = (await tx.register()).places["test:T1:kemi"]
            await tx.save_place(replace(place, confirmed=False))
            await tx.save_fact(TO_CONFIRM, json.dumps(["anna"]))
        await w.until(at(MONDAY.date(), 8, 30))
        (asked,) = w.posts("@adam")
        assert "Anna Ek" in words(asked.card)
        assert "#kemi" in words(asked.card)
        refused = await w.press_on("anna", asked.card, "setup.confirm")
        assert "sköter boten" in words(refused.card)
        before = asked.card
        await w.press_on("adam", before, "setup.confirm")
        assert asked.card.title == "Personer och kanaler är bekräftade."
        assert "Adam Fors bekräftade det här måndag 23 november kl. 08.30." in words(asked.card)
        assert asked.card.buttons == ()
        await w.until(at(MONDAY.date(), 16))
        await w.press_on("adam", before, "setup.confirm")
        assert (asked.edits, "08.30" in words(asked.card)) == (1, True)

        async with w.bot.storage.read() as tx:
            assert (await tx.register()).places["test:T1:kemi"].confirmed
        assert len(w.posts("@adam")) == 1


async def test_who_turns_up_after_an_empty_beginning_is_asked_about_all_the_same(tmp_path):
    async with world(tmp_path) as w:
        async with w.bot.storage.write() as tx:
            await tx.save_fact(TO_CONFIRM, "[]")
        await w.until(at(MONDAY.date(), 8, 30))
        assert w.posts("@adam") == []
        async with w.bot.storage.write() as tx:
            await tx.save_fact(TO_CONFIRM, json.dumps(["anna"]))
        await w.until(at(MONDAY.date(), 9, 30))
        (asked,) = w.posts("@adam")
        assert "Anna Ek" in words(asked.card)
