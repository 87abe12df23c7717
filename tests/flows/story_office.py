"""Running: the story of the office, from the first administrator's card to the question before a season.

It is played on every platform like the story of the library, in a university that the first administrator has still to
finish: what `UNANSWERED` names is left out of the example's file.
"""

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path

from bot import policy
from bot.model import SEASONS
from bot.season import time_of
from tests.flows.player import STOCKHOLM, Value
from tests.flows.process import ROOT
from tests.flows.story_cast import (
    JONAS,
    MARIA,
    NILS,
    OMAR,
    OUTSIDE,
    STUDENT_INSTAGRAM,
)
from tests.flows.story_checklists import CLOSING, Checklists, half

PACK = "kau"
UNANSWERED = ("alarm_number =", "visitor_contact =", "bridge_days =", "registrar = [")
SOON = 8  # working days from the beginning to the day on which heads are asked
PETRA, RITA = "petra.sund@larosatet.example", "rita.ek@larosatet.example"  # whom no chat knows
GUARD, SMS = "vakthavande@larosatet.example", "46700000112@sms.larosatet.example"
ALARMS, REGISTRY = "larm-kommunikation@larosatet.example", "registrator@larosatet.example"
NUMBER = "08-000 02 12"


def organisation() -> str:
    """The example's file without what the first administrator answers."""
    text = (ROOT / "organisation.example.toml").read_text(encoding="utf-8")
    for name in UNANSWERED:
        text, n = re.subn(rf"^{re.escape(name)}.*\n", "", re.sub(" +=", " =", text), flags=re.MULTILINE)
        assert n == 1, name
    return text


def environment(folder: Path) -> dict[str, str]:
    """What a bot is started with to play it."""
    file = folder / "organisation.toml"
    file.write_text(organisation(), encoding="utf-8")
    return {"SMBOT_POLICY": PACK, "SMBOT_ORGANISATION": str(file)}


def asked_on(today: date) -> date:
    """The next day on which heads are asked who covers a season, with time enough before it."""
    calendar = policy.load(PACK).calendar()
    years = (today.year, today.year + 1)
    days = sorted(time_of(season, calendar, year).asks for season in SEASONS for year in years)
    return next(day for day in days if day - timedelta(days=21) > today)


class Running(Checklists):
    """`monday` is the day on which heads are asked who covers; days are counted from it in working days."""

    @property
    def begins(self) -> datetime:
        return self.at(0, 10)

    def at(self, day: int, hour: int, minute: int = 0) -> datetime:
        """A moment of the story's working day of that number, the first being 0."""
        calendar, found = policy.load(self.pack).calendar(), self.monday
        for _ in range(SOON - day):
            found = calendar.previous_working_day(found)
        return datetime.combine(found, time(hour, minute), STOCKHOLM)

    async def play(self) -> None:
        """All of it."""
        await self.the_first_questions()
        await self.a_head_without_chat()
        await self.an_alarm_by_two_wires()
        await self.a_decision_by_telephone()
        await self.the_registrys_bundle()

    # -- the first day ----------------------------------------------------------------------------

    async def the_first_questions(self) -> None:
        """What the file leaves out is asked of the first administrator."""
        p = self.player
        card = await p.sees(NILS, "direct", "Välkommen. Här är de första frågorna")
        await p.sees(NILS, card, "Vem är registrator?")
        await p.press(NILS, card, "Svara på frågorna …")
        await p.fill(NILS, {"Registrator, med e-post": RITA}, "Spara och gå vidare")
        await p.sees(NILS, "form", "vilket nummer svarar dygnet runt?")
        await p.fill(NILS, {"Larmnummer dygnet runt": NUMBER}, "Spara och gå vidare")
        await p.sees(NILS, "form", "är klämdagar lediga?")
        await p.fill(NILS, {"Klämdagar": "arbetsdagar"}, "Spara och gå vidare")
        await p.fill(NILS, {"Kontakt för besökare": "fraga@larosatet.example"}, "Spara och gå vidare")
        await p.sees(NILS, "private", "Tack, det var alla frågor")

    async def a_head_without_chat(self) -> None:
        """Communications names them by address."""
        p = self.player
        await p.say(MARIA, "/sm-installningar")
        await p.press(MARIA, "private", "Enheter …")
        await p.fill(MARIA, {"Vilken enhet?": "Studentservice"}, "Nästa")
        await p.fill(MARIA, {"Eller chefen med e-post": PETRA}, "Se vad det gör")
        await p.press(MARIA, "private", "Ändra")
        await p.sees(MARIA, "private", "Det gäller redan.")

    async def an_alarm_by_two_wires(self) -> None:
        """In chat and by mail, before time has passed; a letter says where to ring, and another who has it."""
        p = self.player
        await p.say(OMAR, "/sm-larm")
        await p.fill(OMAR, {
            "Vad händer?": "Hot", "Vilket konto?": STUDENT_INSTAGRAM,
            "Vad gäller det? En rad räcker.": OUTSIDE,
        }, "Larma nu")  # fmt: skip
        sent = await p.sees(JONAS, "direct", f"Larm: hot på {STUDENT_INSTAGRAM}")
        for address in (GUARD, SMS, ALARMS):
            await p.opens_letter(address, f"Larm: hot på {STUDENT_INSTAGRAM}")
        await p.opens_letter(SMS, "Ingen har kvitterat")
        await p.press(JONAS, sent, "Jag har det")
        for address in (GUARD, SMS, ALARMS):
            await p.opens_letter(address, f"{JONAS} har tagit över")
        await p.press(JONAS, sent, "Avsluta")

    async def a_decision_by_telephone(self) -> None:
        """The head reads the request in a letter; communications enters what they say, and they are told of it."""
        p, plan = self.player, policy.load(self.pack).checklists["close-account"]
        await p.say(OMAR, "/sm-avsluta-konto")
        await self.work_through(OMAR, plan, half(plan, "before"), self._given_up())
        await p.press(OMAR, "private", "Skicka för beslut")
        await p.opens_letter(PETRA, f"{OMAR} vill avsluta {STUDENT_INSTAGRAM}")
        await p.opens_letter(PETRA, "Det här kan du svara: ”Besluta att avsluta”")
        await p.say(MARIA, "/sm-idag")
        await p.sees(MARIA, "private", "Skriv in ett beslut på papper/telefon")
        await p.press(MARIA, "private", "Öppna")
        await p.fill(MARIA, {
            "Vem har beslutat?": PETRA, "Vad blev det?": "Ja", "Hur fick du veta det?": "Per telefon",
            "Vilken dag lämnades beslutet?": self.at(0, 0).date(), "Var finns beslutet?": "Min anteckning",
        }, "Spara")  # fmt: skip
        await p.opens_letter(PETRA, f"{MARIA} har fört in ditt svar")

    async def the_registrys_bundle(self) -> None:
        """The account is closed; next morning its cover sheet is in the day's one letter to the registry."""
        p, plan = self.player, policy.load(self.pack).checklists["close-account"]
        told = await p.sees(OMAR, "direct", f"Beslut om att avsluta: {STUDENT_INSTAGRAM}")
        await p.press(OMAR, told, "Öppna")
        overview = await p.sees(OMAR, "private", f"Beslutat, inte avslutat än: {STUDENT_INSTAGRAM}")
        await p.press(OMAR, overview, "Fortsätt")
        await self.work_through(OMAR, plan, half(plan, "after"), self._given_up())
        await p.sees(OMAR, "direct", "Ingen tillfrågas om det längre.")
        await p.until(self.at(1, 10, 5))
        await p.opens_letter(REGISTRY, STUDENT_INSTAGRAM)
        await p.opens_letter(REGISTRY, "Svara inte på det här brevet")

    def _given_up(self) -> dict[str, Value]:
        day = self.at(0, 0).date()
        return CLOSING | {"accounts.accounts": [STUDENT_INSTAGRAM], "snapshot.day": day, "closed.day": day}
