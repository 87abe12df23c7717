"""What goes to the registrar in the tests' university."""

from bot.service import records
from bot.service.compose import at_work
from tests.world import World


async def file(
    w: World, what: str = "moderation", account: str | None = "bio0", posts: int = 1, **body: object
) -> str:
    """A moderation or a closure is finished: its decision is chained and filed. Gives the filing's id."""
    personal = {"reason": "Ni är hemska!", "decided_by": "Anna Ek", "place": "G:/arkiv/bild.png",
                "post.001": "https://instagram.com/p/1"}  # fmt: skip

    async def act(tx):
        work = await at_work(w.bot, tx, w.clock.now())
        decision = await records.record(work, what, {"account": account, **body}, personal)
        return (await records.file(work, what, decision, account, posts)).id

    async with w.bot.storage.write() as tx:
        return await act(tx)
