"""A moderation on a real store: what happens to a post, from the first page to the decision."""

from tests.moderating import decisions, done, run
from tests.world import words, world


async def test_a_post_without_a_breach_is_noted_with_a_decision_and_nothing_is_filed(tmp_path):
    async with world(tmp_path, pack="generic") as w:
        card = await done(w)

        assert "Det bryter inte mot någon regel" in words(card)
        (made,) = await decisions(w)
        assert (made.kind, made.body["categories"], made.body["answer"]) == ("moderation", [], "nothing")
        assert (await run(w)).state == "done"
