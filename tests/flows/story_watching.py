"""Who watches: everybody of an account is away, communications takes over, a cover gets the hand-over, free days."""

from bot import policy
from bot.texts import capital
from tests.flows.act import Act
from tests.flows.story_cast import ANNA, KARIN, LENA, MARIA, OMAR


class Watching(Act):
    """Monday to Thursday of the second week."""

    async def somebody_takes_over(self) -> None:
        """On Monday Karin has said that she is away on Wednesday; one account has nobody but her."""
        p = self.player
        office = capital(policy.load(self.pack).names.communications.sv)
        await p.until(self.on(7, 9, 31))
        asked = await p.sees(LENA, "direct", "Alla som bevakar ett konto är borta samtidigt")
        await p.press(LENA, asked, "Öppna")
        await p.sees(LENA, "private", "@bokcirkeln (Instagram)")
        await p.picture(LENA, "everybody-away")
        await p.press(LENA, "private", f"Lämna till {office[:1].lower()}{office[1:]}")
        await p.say(MARIA, "/sm-idag")
        await p.sees(MARIA, "private", "Alla som bevakar ett konto är borta samtidigt")
        await p.press(MARIA, "private", "Öppna")
        await p.press(MARIA, "private", f"{office} tar över")
        await p.sees(MARIA, "private", "Det slutar av sig självt")

    async def communications_watches(self) -> None:
        """Wednesday, when the head has read what waits."""
        p = self.player
        office = capital(policy.load(self.pack).names.communications.sv)
        await p.sees(LENA, "direct", f"{office} bevakar ett konto en tid")
        morning = await p.sees(MARIA, "direct", "Du bevakar ett konto åt andra i dag")
        await p.press(MARIA, morning, "Allt lugnt på mitt konto")
        await p.say(KARIN, "/sm-borta")
        await p.press(KARIN, "private", "Ändra …")
        await p.sees(KARIN, "form", KARIN)
        await p.fill(KARIN, {}, "Spara")
        await p.say(OMAR, "/sm-borta")
        day = self.on(10, 0).date()
        await p.fill(OMAR, {"Från och med": day, "Till och med": day, "Vem ersätter dig?": ANNA}, "Spara")
        await p.sees(OMAR, "private", "Anna Lind ersätter dig.")
        await self._free_days()

    async def _free_days(self) -> None:
        """Set from the account's page; the pattern shows the next four weeks."""
        p = self.player
        await p.say(LENA, "/sm-konton bluesky")
        await p.press(LENA, "private", "Lediga dagar …")
        await p.fill(LENA, {
            "Vem bevakar på lediga dagar?": "Ingen", "Vad händer i stället?": "Kommentarerna filtreras då",
        }, "Spara")  # fmt: skip
        await p.sees(LENA, "private", "ingen bevakning ordnad, chefens beslut")
        await p.say(KARIN, "/sm-konton bluesky")
        await p.press(KARIN, "private", "Vem bevakar när …")
        await p.fill(KARIN, {"I vilken ordning?": [KARIN, ANNA]}, "Spara")
        await p.sees(KARIN, "private", "Så här blir det de närmaste fyra veckorna")

    async def the_hand_over(self) -> None:
        """Thursday morning."""
        p = self.player
        given = await p.sees(ANNA, "direct", "Du ersätter Omar Haddad till och med torsdag")
        await p.sees(ANNA, given, "Studentservice på Instagram")
        await p.sees(ANNA, given, "Frågor och stöd")
        await p.picture(ANNA, "hand-over")
