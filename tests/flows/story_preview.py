"""The story's look ahead: communications sees all that is coming, others their own."""

from tests.flows.act import Act
from tests.flows.story_cast import EMILY, KARIN, LIBRARY, MARIA, WORLD

LIBRARYS, WORLDS = (place.removeprefix("#") for place in (LIBRARY, WORLD))
"""Without the sign: Teams shows a channel with its team's name."""


class Preview(Act):
    """Wednesday of the second week."""

    async def what_is_coming(self) -> None:
        """Every channel for communications; their own for Karin; in English for Emily."""
        p = self.player
        await p.say(MARIA, "/sm-kommande")
        card = await p.sees(MARIA, "private", "Så här blir det om ingen svarar på något.")
        for told in (LIBRARYS, WORLDS, "Till personer", "Lediga dagar"):
            await p.sees(MARIA, card, told)
        await p.picture(MARIA, "coming")
        await p.press(MARIA, "private", "Visa")
        await p.sees(MARIA, "private", "Morgonkort.")
        await p.press(MARIA, "private", "Alla kanaler")
        await p.sees(MARIA, "private", LIBRARYS)

        await p.say(KARIN, "/sm-kommande")
        card = await p.sees(KARIN, "private", LIBRARYS)
        await p.never_sees(KARIN, card, WORLDS)
        await p.say(EMILY, "/sm-preview")
        await p.sees(EMILY, "private", "This is what happens if nobody answers anything.")
