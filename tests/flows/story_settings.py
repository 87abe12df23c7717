"""The story's act of settings: communications sees what a change would do, makes it, and takes it back."""

from tests.flows.act import Act
from tests.flows.story_cast import KARIN, MARIA


class Settings(Act):
    """Monday of the third week, when the day's digest has been sent."""

    async def settings(self) -> None:
        """Another hour for the digest; somebody else may not."""
        p = self.player
        await p.say(MARIA, "/sm-installningar")
        await p.sees(MARIA, "private", "Välj vad du vill ändra.")
        await p.picture(MARIA, "settings")
        await p.press(MARIA, "private", "Tider och dagar …")
        await p.fill(MARIA, {"Vad vill du ändra?": "När samlade meddelanden kommer"}, "Nästa")
        assert "Sammanfattningen" in await p.asked(MARIA)
        await p.fill(MARIA, {"Sammanfattningen": "15.00"}, "Se vad det gör")
        await p.sees(MARIA, "private", "Sammanfattningen: 15.30 blir 15.00. Gäller från i morgon.")
        await p.picture(MARIA, "settings-shown")
        await p.press(MARIA, "private", "Ändra")
        await p.sees(MARIA, "private", "Det gäller redan.")
        await p.press(MARIA, "private", "Ångra")
        await p.sees(MARIA, "private", "Ändrat tillbaka")
        await p.say(KARIN, "/sm-settings")
        await p.sees(KARIN, "private", "Inställningarna ändras av")
