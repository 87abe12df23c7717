"""The story's last acts: what is kept, what is kept about oneself, and somebody who has left."""

from tests.flows.act import Act
from tests.flows.story_cast import ANNA, EMILY, MARIA


class Kept(Act):
    """Monday of the third week."""

    async def what_is_kept(self) -> None:
        await self.ones_own_data()
        await self.somebody_has_left()

    async def ones_own_data(self) -> None:
        """Anna sees what is kept about her, and how long; nobody else is in it."""
        p = self.player
        await p.say(ANNA, "/sm-mina-uppgifter")
        await p.sees(ANNA, "private", "Bara du ser det här.")
        await p.picture(ANNA, "my-data")
        await p.press(ANNA, "private", "Visa allt")
        await p.sees(ANNA, "private", "Dina uppgifter, sida 1")
        await p.say(ANNA, "/sm-mina-uppgifter")
        await p.press(ANNA, "private", "Vad sparas?")
        await p.sees(ANNA, "private", "jag sparar att ett konto är genomgånget, inte hur ni arbetar")
        await p.picture(ANNA, "what-is-kept")

    async def somebody_has_left(self) -> None:
        """Communications says so, and takes it back."""
        p = self.player
        await p.press(MARIA, "home", "Någon har slutat …")
        await p.fill(MARIA, {"Vem har slutat?": EMILY}, "Spara")
        await p.sees(MARIA, "private", f"Noterat: {EMILY} har slutat.")
        await p.press(MARIA, "private", "Ångra")
        await p.sees(MARIA, "private", f"{EMILY} finns kvar som förut.")
