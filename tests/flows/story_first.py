"""The first meeting: a welcome, a card, an invented question, and a quiet week, by people who have read nothing (U11)."""

from tests.flows.act import Act
from tests.flows.player import Value
from tests.flows.story_cast import ANNA, BLUESKY, KARIN, LENA, LIBRARY, MARIA, OFFICE, OMAR, STUDENTS


class FirstMeeting(Act):
    """The first week of each channel, from Wednesday at ten to the Wednesday after."""

    async def first_meeting(self) -> None:
        await self._welcome()
        await self._practice()
        await self._a_quiet_week()
        await self._the_trial()

    async def _welcome(self) -> None:
        p = self.player
        card = await p.sees(KARIN, LIBRARY, "Hej! Jag påminner om")
        await p.sees(KARIN, card, "Jag läser inte er kanal och ser inte era konton.")
        await p.sees(KARIN, card, "går ingenting vidare till någon annan")
        await p.picture(KARIN, "welcome")
        await p.press(ANNA, card, "Vem bevakar när?")
        await p.sees(ANNA, "private", "Vem bevakar när i")
        await p.press(ANNA, card, "Vad sparas?")
        await p.sees(ANNA, "private", "Ingen ser det sedan.")
        await p.press(KARIN, card, "Ändra tid")
        await p.fill(KARIN, {"När ska kortet komma?": "09.00"}, "Spara")
        await p.sees(KARIN, "private", "Sparat: kortet kommer till")

    async def _practice(self) -> None:
        p = self.player
        await p.press(OMAR, STUDENTS, "Prova med en påhittad fråga")
        card = await p.sees(OMAR, "direct", "Det här är en övning.")
        await p.picture(OMAR, "practice")
        await p.press(OMAR, card, "Jag tar den")
        await p.sees(OMAR, card, OMAR)
        await p.press(OMAR, card, "Besvarat")
        await p.sees(OMAR, "private", "Övning: nu hade frågan varit klar")
        await p.never_sees(KARIN, STUDENTS, "exempelkontot")
        self.practice = card

    async def _a_quiet_week(self) -> None:
        """A question waits over its time, and goes on to nobody."""
        p = self.player
        await p.until(self.on(-4, 9, 5))
        await p.sees(KARIN, LIBRARY, "God morgon!")
        await p.sees(OMAR, self.practice, "Övningen är över.")
        await p.say(ANNA, "/sm-fraga", LIBRARY)
        asked: dict[str, Value] = {"Konto": BLUESKY, "Var finns den?": "Kommentar", "Vad är det?": "Fråga"}
        await p.fill(ANNA, asked, "Spara")
        card = await p.sees(ANNA, LIBRARY, f"Fråga på {BLUESKY}")
        await p.until(self.on(1, 9, 5))
        # the morning's card says so too, and came in the same minute
        held = await p.sees(ANNA, LIBRARY, f"Frågan på {BLUESKY} väntar fortfarande")
        await p.sees(ANNA, held, "Första veckan går ingenting vidare till någon annan.")
        await p.picture(ANNA, "quiet")
        await p.never_sees(MARIA, OFFICE, f"Fråga utan svar på {BLUESKY}")
        await p.never_sees(LENA, "direct", BLUESKY)
        await p.press(ANNA, card, "Besvarat")
        await p.sees(ANNA, card, f"Besvarat: {BLUESKY}")

    async def _the_trial(self) -> None:
        """Communications tries it in one channel for some days; the others hear nothing."""
        p = self.player
        await p.say(MARIA, "/sm-konton")
        await p.press(MARIA, "private", "Prova i några kanaler …")
        tried = {"Var ska jag höras?": "Bara i de här kanalerna", "Kanaler": [LIBRARY]}
        await p.fill(MARIA, tried, "Spara")
        await p.sees(MARIA, "private", "Sparat: jag hörs bara i")
        await p.sees(MARIA, "home", "Jag provas i")
        await p.press(MARIA, "home", "Prova i några kanaler …")
        await p.fill(MARIA, {"Var ska jag höras?": "I alla kanaler"}, "Spara")
        await p.sees(MARIA, "private", "Sparat: jag hörs i alla kanaler.")
        await p.until(self.on(2, 10))
