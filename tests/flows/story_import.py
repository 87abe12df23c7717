"""The story's act of the register: a table is pasted, looked at and imported; a channel is started and answers."""

from collections.abc import Sequence

from tests.flows.act import Act
from tests.flows.player import Value
from tests.flows.story_cast import KARIN, LENA, MARIA, OMAR, STUDENTS

HEADINGS = ("Plattform", "Namn", "Adress", "Enhet", "Kontoansvarig", "Ersättare", "Prefekt", "Kanal", "Syfte",
            "Godkänt", "Dnr")  # fmt: skip
OMARS, KARINS = "omar.haddad@larosatet.example", "karin.ek@larosatet.example"
ROWS = (
    ("Facebook", "Antagning", "facebook.com/larosatet.antagning", "Studentservice", OMARS, KARINS, "prefekten",
     STUDENTS, "", "2019-05-03", "UN 12/2019"),
    ("TikTok", "Karriär", "tiktok.com/@larosatet_karriar", "Studentservice", "studentmedarbetaren", "", "",
     STUDENTS, "Visa jobb", "våren 2019", ""),
    ("Instagram", "Studentliv", "https://www.instagram.com/larosatet_studentliv/", "Studentservice", OMARS, "", "",
     STUDENTS, "Visa studentlivet", "", ""),
    ("Instagram", "STUDENTLIV", "HTTPS://M.instagram.com/larosatet_studentliv?utm_source=x", "", "", "", "", "", "", "",
     ""),
    ("", "", "", "Biblioteket", "", "", "", "", "", "", ""),
)  # fmt: skip
ANTAGNING, KARRIAR, STUDENTLIV = "Antagning (Facebook)", "Karriär (TikTok)", "Studentliv (Instagram)"


def pasted(*rows: Sequence[str]) -> str:
    """As rows that were copied in a spreadsheet."""
    return "\n".join("\t".join(row) for row in (HEADINGS, *rows))


class Register(Act):
    """Friday of the second week and the Monday after it."""

    async def the_register_that_exists(self) -> None:
        await self.player.until(self.on(11, 10))
        await self._looked_at()
        await self._imported()
        await self._started()
        await self._answered()
        await self._watched()

    async def _looked_at(self) -> None:
        """Every fault by row and column, and nothing done."""
        p = self.player
        await self._paste(*ROWS)
        await p.sees(
            MARIA, "form", "Nya konton: 3. Ändrade: 0. Som förut: 0. Dubbletter: 1. Läggs inte in: 1."
        )
        await p.sees(MARIA, "form", "Rad 3, Kontoansvarig: studentmedarbetaren")
        await p.sees(MARIA, "form", "Rad 3, Godkänt: våren 2019")
        await p.sees(MARIA, "form", "Rad 5")
        await p.sees(MARIA, "form", "Ingen får något meddelande av importen.")
        await p.picture(MARIA, "import")

    async def _paste(self, *rows: Sequence[str]) -> None:
        p = self.player
        await p.say(MARIA, "/sm-konton")
        await p.press(MARIA, "private", "Importera …")
        await p.fill(MARIA, {"Rader 1": pasted(*rows)}, "Visa vad som händer")

    async def _imported(self) -> None:
        p = self.player
        await p.fill(MARIA, {}, "Importera dem här")
        await p.sees(MARIA, "private", "Tre konton är införda.")
        await p.never_sees(OMAR, STUDENTS, "Stämmer det här om")
        await p.never_sees(LENA, "direct", ANTAGNING)
        await self._paste((*ROWS[0][:8], "Svara sökande", *ROWS[0][9:]))
        await p.sees(MARIA, "form", "Syfte: var tomt, blir ”Svara sökande”")
        await p.fill(MARIA, {}, "Importera dem här")
        await p.sees(MARIA, "private", "Inget nytt konto.")

    async def _started(self) -> None:
        p = self.player
        await p.say(MARIA, "/sm-konton")
        await p.press(MARIA, "private", "Starta kanaler …")
        chosen: dict[str, Value] = {"Vilka kanaler ska få frågan nu?": [STUDENTS]}
        await p.fill(MARIA, chosen, "Fråga i de här kanalerna")
        await p.sees(MARIA, "private", "Kanalen får frågan nu.")
        await p.until(self.on(11, 10, 10))
        await p.never_sees(LENA, "direct", "Du behöver inte göra något om det stämmer.")

    async def _answered(self) -> None:
        """One line is changed, the rest confirmed, and what named nobody is taken on."""
        p = self.player
        card = await p.sees(OMAR, STUDENTS, "Stämmer det här om de tre kontona?")
        await p.picture(OMAR, "start")
        await p.press(OMAR, card, "Ändra …")
        await p.fill(OMAR, {"Syfte": "Svara sökande, på vardagar"}, "Spara")
        await p.sees(OMAR, "private", "Första kortet kommer måndag")
        await p.press(OMAR, card, "Allt stämmer")
        await p.press(KARIN, card, "Jag sköter det")
        await p.sees(KARIN, card, "Tack, alla konton här är genomgångna")

    async def _watched(self) -> None:
        p = self.player
        await p.until(self.on(14, 8, 35))
        card = await p.sees(OMAR, STUDENTS, "God morgon! Fyra konton att titta igenom i dag.")
        for account in (ANTAGNING, KARRIAR, STUDENTLIV):
            await p.sees(OMAR, card, account)
        await p.until(self.on(14, 9, 31))  # the head's list comes with the day's collected message
        await p.sees(LENA, "direct", "Du behöver inte göra något om det stämmer.")
