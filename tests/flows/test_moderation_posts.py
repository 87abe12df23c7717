"""Which posts others are shown: all of them where they may be passed on, none where they must not."""

import pytest

from bot.view import Items
from tests.moderating import ABUSE, ADVERT, INSULT, POST, answer, done, run, until
from tests.world import MONDAY, at, buttons, words, world

TEN = at(MONDAY.date(), 10)
MANY = "\n".join(f"https://www.instagram.com/p/{'x' * 9}{n}" for n in range(60))


@pytest.mark.parametrize(("given", "reader"), [(INSULT, "kommunikation"), (ADVERT, "@heidi")])
async def test_every_post_is_a_press_away_on_what_others_are_asked(tmp_path, given, reader):
    async with world(tmp_path, pack="generic") as w:
        w.clock.at = TEN.astimezone(w.clock.at.tzinfo)
        await done(w, given | {"take-off.done": "office", "first.posts": MANY})
        card = next(
            p.card for p in w.posts(reader) if "moderation.posts" in {b.verb for b in buttons(p.card)}
        )
        shown = [i.text for part in card.parts if isinstance(part, Items) for i in part.items]
        assert shown[0] == MANY.splitlines()[0]
        assert len(card.buttons) <= 6

        form = (await w.press_on("karin", card, "moderation.posts")).form
        found = [i.text for part in form.intro if isinstance(part, Items) for i in part.items]
        assert found == MANY.splitlines()


async def test_all_posts_are_shown_only_to_whoever_may_see_the_run(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await done(w, INSULT | {"take-off.done": "office", "first.posts": MANY})
        refused = await w.press("olle", "moderation.posts", (await run(w)).id)
        assert refused.card.title == "Det gick inte"


async def test_the_address_of_child_abuse_material_is_sent_to_nobody(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        given = {"breach.grounds": ("abuse", "threat"), "take-off.done": "office", "answer.what": "later"}
        await done(w, given | {"first.kind": "criticism"})
        ident = (await run(w)).id
        asked = next(p.card for p in w.posts("kommunikation") if "Att ta bort" in p.card.title)

        opened = await w.press_on("karin", asked, "moderation.overview")
        assert POST in words(opened.card)
        await w.press_on("karin", asked, "moderation.taken_off")
        assert (await w.case(ident)).state == "done"
        assert all(POST not in repr(p.card) for p in w.chat.posts)


async def test_whoever_is_asked_in_doubt_is_not_sent_the_address_of_child_abuse_material(tmp_path):
    async with world(tmp_path, pack="bth") as w:
        form = await until(w, "anna", "breach")
        await answer(w, "anna", form, ABUSE | {"breach.doubt": "management"})
        card = w.posts("@dora")[-1].card
        assert "osäker" in words(card)
        assert POST not in repr(card)


async def test_the_owner_of_what_is_criticised_hears_what_has_been_done(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        await done(w, {"first.kind": "criticism", "answer.what": "answered"})
        (card,) = [p.card for p in w.posts("@heidi") if "Kritik som du ansvarar för" in p.card.title]
        assert "Det är besvarat" in words(card)
