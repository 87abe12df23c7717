"""The story's act of the head: one list of what waits, a deputy, a decision on paper, and the page of all accounts."""

from bot import policy
from tests.flows.player import Seen, Value
from tests.flows.story_cast import KARIN, LENA, MARIA, OFFICE, OMAR, PER
from tests.flows.story_checklists import CLOSING, Checklists
from tests.flows.story_import import ANTAGNING, STUDENTLIV

ARCHIVE = "@larosatets_arkiv (Instagram)"
WISH = "Omar har fått andra uppgifter."


class Heads(Checklists):
    """Monday of the third week."""

    async def the_heads_day(self) -> None:
        asked = await self._asks(KARIN, ARCHIVE)
        await self._asks(OMAR, ANTAGNING)
        await self._one_list()
        await self._a_deputy_decides(asked)
        await self._a_reason()
        await self._on_paper()
        await self._all_accounts()

    async def _asks(self, who: str, account: str) -> Seen:
        """A closure is asked for; gives the card that the head gets."""
        p, plan = self.player, policy.load(self.pack).checklists["close-account"]
        await p.say(who, "/sm-avsluta-konto")
        day = self.on(14, 0).date()
        answers: dict[str, Value] = CLOSING | {"accounts.accounts": [account], "snapshot.day": day}
        steps = [step.id for step in plan.half("before") if not step.when]
        await self.work_through(who, plan, steps, answers)
        await p.sees(who, "private", f"Avsluta konto: {account}")
        await p.press(who, "private", "Skicka för beslut")
        return await p.sees(LENA, "direct", f"{who} vill avsluta {account}")

    async def _one_list(self) -> None:
        p = self.player
        await p.sees(LENA, "home", "Väntar på ditt beslut: två begäranden")
        await p.sees(LENA, "home", "Mina konton")
        await p.say(LENA, "/sm-idag")
        listed = await p.sees(LENA, "private", "Väntar på ditt beslut: två begäranden")
        await p.sees(LENA, listed, f"Karin Ek vill avsluta {ARCHIVE}")
        await p.sees(LENA, listed, "Svar önskas senast")
        await p.picture(LENA, "to-decide")

    async def _a_deputy_decides(self, asked: Seen) -> None:
        """In the head's place, and it is written so."""
        p = self.player
        await p.press(LENA, asked, "Låt min ställföreträdare ta det")
        theirs = await p.sees(PER, "direct", "Du svarar som ställföreträdare för Lena Strand.")
        await p.press(PER, theirs, "Besluta att avsluta")
        await p.sees(PER, theirs, f"Per Holm har beslutat att avsluta {ARCHIVE}.")
        await p.press(PER, theirs, "Visa beslutet")
        await p.sees(PER, "form", "Per Holm, ställföreträdare för Lena Strand")

    async def _a_reason(self) -> None:
        p = self.player
        await p.say(LENA, "/sm-idag")
        await p.sees(LENA, "private", "Väntar på ditt beslut: en begäran")
        await p.press(LENA, "private", "Öppna")
        await p.sees(LENA, "private", f"Omar Haddad vill avsluta {ANTAGNING}")
        await p.press(LENA, "private", "Säg nej med ett skäl …")
        await p.sees(LENA, "form", "Skälet går till den som fyllt i")
        await p.fill(LENA, {"Varför?": "Det behövs i vår."}, "Säg nej")
        await p.sees(OMAR, "direct", "Det behövs i vår.")

    async def _on_paper(self) -> None:
        p = self.player
        await p.say(LENA, "/sm-beslut")
        listed = await p.sees(LENA, "private", "Beslut och åtgärder, de nyaste först")
        await p.press(LENA, listed, "Öppna")
        await p.press(LENA, "private", "Skriv ut …")
        await p.sees(LENA, "form", "Har beslutat: Lena Strand, ansvarig chef")
        await p.picture(LENA, "paper")

    async def _all_accounts(self) -> None:
        """The whole page, a change that communications sees to, and a yes to all of it."""
        p = self.player
        await p.say(LENA, "/sm-konton")
        await p.press(LENA, "private", "Mina konton, hela sidan")
        await p.sees(LENA, "private", "konton som du ansvarar för: stämmer det?")
        await p.sees(LENA, "private", "Lediga dagar: ingen bevakning ordnad")
        await p.picture(LENA, "yearly")
        await p.press(LENA, "private", "Något ska ändras …")
        await p.sees(LENA, "form", "Ett par ord räcker.")
        await p.fill(LENA, {"Vilket konto?": STUDENTLIV, "Vad ska ändras?": WISH}, "Skicka")
        await p.sees(LENA, "private", "får veta det i sin dagliga sammanfattning")
        await p.until(self.on(14, 15, 35))
        digest = await p.sees(MARIA, OFFICE, f"Lena Strand vill få något ändrat på {STUDENTLIV}")
        await p.sees(MARIA, digest, WISH)
        await p.press(MARIA, digest, "Det är gjort")
        await p.sees(MARIA, "private", "Noterat: det är gjort.")
        await p.say(LENA, "/sm-konton")
        await p.press(LENA, "private", "Mina konton, hela sidan")
        await p.press(LENA, "private", "Allt stämmer på alla tio")
        await p.sees(LENA, "private", "Noterat måndag")
