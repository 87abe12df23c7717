"""Closing accounts from the first question to silence, through the desk with a real store (requirements.md 2.3)."""

from tests.closing import closed, decisions
from tests.world import words, world


async def test_from_the_first_question_to_a_closed_account(tmp_path):
    async with world(tmp_path, "generic") as w:
        await closed(w)
        assert (await w.register()).accounts["bio0"].state == "closed"
        (decision,) = await decisions(w)
        assert (decision.kind, decision.body["accounts"]) == ("account.closed", ["bio0"])
        assert "Avslutat: @bio0 (Instagram)" in words(w.posts("kommunikation")[-1].card)
