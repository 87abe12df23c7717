"""Running: the story of the office, from the first administrator's card to the question before a season.

It is played on every platform like the story of the library, in a university that the first administrator has still to
finish: what `UNANSWERED` names is left out of the example's file.
"""

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path

from bot import policy
from bot.model import SEASONS
from bot.season import Time, asked_now, time_of
from tests.flows.player import STOCKHOLM, Value
from tests.flows.process import ROOT
from tests.flows.story_cast import (
    ANNA,
    BLUESKY,
    INSTAGRAM,
    JONAS,
    KARIN,
    LENA,
    LIBRARY,
    MARIA,
    NILS,
    OFFICE,
    OMAR,
    OUTSIDE,
    PER,
    STUDENT_INSTAGRAM,
)
from tests.flows.story_checklists import CLOSING, Checklists, half

PACK = "kau"
UNANSWERED = ("alarm_number =", "visitor_contact =", "bridge_days =", "registrar = [")
SOON = 6  # working days from the beginning to the day on which heads are asked
PETRA, RITA = "petra.sund@larosatet.example", "rita.ek@larosatet.example"  # whom no chat knows
GUARD, SMS = "vakthavande@larosatet.example", "46700000112@sms.larosatet.example"
ALARMS, REGISTRY = "larm-kommunikation@larosatet.example", "registrator@larosatet.example"
ASKED, DISPOSAL = "Får hundar följa med in?", "LU 2026/77"
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
        await self.a_question_that_is_answered()
        await self.a_decision_by_telephone()
        await self.the_registrys_bundle()
        await self.what_is_destroyed()
        await self.somebody_leaves()
        await self.the_heads_are_asked()
        await self.what_a_head_says_by_mail()

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
        await p.fill(NILS, {
            "Kontakt för besökare": "fraga@larosatet.example", "Gallringsbeslutets nummer": DISPOSAL,
            "Gallringsbeslutets datum": self.at(0, 0).date(),
        }, "Spara och gå vidare")  # fmt: skip
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
        await p.opens_letter(PETRA, "Vem bevakar ett konto på lediga dagar?")
        await self._answers_by_mail({
            "Vem bevakar på lediga dagar?": "Ingen", "Vad händer i stället?": "Kommentarerna filtreras då",
        })  # fmt: skip

    def _given_up(self) -> dict[str, Value]:
        day = self.at(0, 0).date()
        return CLOSING | {"accounts.accounts": [STUDENT_INSTAGRAM], "snapshot.day": day, "closed.day": day}

    # -- the second and the third day ---------------------------------------------------------------

    async def a_question_that_is_answered(self) -> None:
        p = self.player
        await p.say(ANNA, "/sm-fraga", LIBRARY)
        await p.fill(ANNA, {
            "Konto": INSTAGRAM, "Var finns den?": "Kommentar", "Vad är det?": "Fråga", "Vad gäller det?": ASKED,
        }, "Spara")  # fmt: skip
        self.question = await p.sees(ANNA, LIBRARY, ASKED)
        await p.press(ANNA, self.question, "Besvarat")
        await p.sees(KARIN, self.question, f"Besvarat: {INSTAGRAM}")

    async def what_is_destroyed(self) -> None:
        """A disposal decision is entered, which says first what would go; within an hour it has, in the channel too."""
        p = self.player
        await p.until(self.at(2, 11))
        await p.sees(KARIN, self.question, ASKED)  # without a number nothing goes
        await p.say(MARIA, "/sm-installningar")
        await p.press(MARIA, "private", "Namn, kontakt och annat …")
        await p.fill(MARIA, {"Vad vill du ändra?": "Hur länge uppgifter sparas"}, "Nästa")
        await p.fill(MARIA, {"Hur länge sparas vad?": "Frågor och deras text"}, "Nästa")
        await p.fill(MARIA, {
            "Sparas i så många dagar": "1", "Gallringsbeslutets nummer": DISPOSAL,
            "Gallringsbeslutets datum": self.at(0, 0).date(),
        }, "Se vad det gör")  # fmt: skip
        await p.sees(MARIA, "private", "Frågor och deras text: tas bort efter en dag.")
        await p.sees(MARIA, "private", "En är äldre än så redan nu, och tas bort inom en timme.")
        await p.sees(KARIN, self.question, ASKED)  # seeing it changes nothing
        await p.press(MARIA, "private", "Ändra")
        await p.sees(MARIA, "private", "Det gäller redan.")
        await p.until(self.at(2, 12, 5))
        await p.sees(KARIN, self.question, f"Det som stod här är gallrat enligt beslut {DISPOSAL}.")
        await p.never_sees(KARIN, self.question, ASKED)

    # -- when the quiet week is over ----------------------------------------------------------------

    async def somebody_leaves(self) -> None:
        """The library's accounts have one person left, who will be away too."""
        p, first = self.player, self._season().first
        await p.until(self.at(SOON - 1, 10))
        await p.press(MARIA, "home", "Någon har slutat …")
        await p.fill(MARIA, {"Vem har slutat?": ANNA}, "Spara")
        await p.sees(MARIA, "private", f"Noterat: {ANNA} har slutat.")
        await p.say(KARIN, "/sm-borta")
        await p.fill(KARIN, {"Från och med": first, "Till och med": first + timedelta(days=4)}, "Spara")
        await p.sees(KARIN, "private", "Noterat: borta från")

    async def the_heads_are_asked(self) -> None:
        """In one message: who has left, and who covers the season, with the days on which nobody looks."""
        p = self.player
        await p.until(self.at(SOON, 9, 31))
        asked = await p.sees(LENA, "direct", "Vem tar dina konton från")
        await p.sees(LENA, asked, f"{BLUESKY}: {ANNA} finns inte längre i")
        await p.sees(LENA, asked, "du behöver utse någon")
        await p.picture(LENA, "season")
        await p.press(LENA, asked, "Öppna")
        await p.sees(LENA, "private", "Ingen: ")
        await p.press(LENA, "private", "Utse någon …")
        await p.fill(LENA, {"Vem tittar då?": PER}, "Spara")
        await p.sees(LENA, "private", "har någon alla arbetsdagar")
        await p.press(LENA, "private", "Det ser bra ut")
        await p.sees(LENA, "private", "Du får inte frågan igen.")
        await p.until(self.at(SOON, 15, 31))
        await p.sees(MARIA, OFFICE, f"{LENA} behöver utse någon")

    async def what_a_head_says_by_mail(self) -> None:
        """The head without chat reads the same question in a letter; communications enters the answer."""
        await self.player.opens_letter(PETRA, "Vem tar dina konton från")
        await self._answers_by_mail({"Vad blev det?": "Det ser bra ut"})

    async def _answers_by_mail(self, answers: dict[str, Value]) -> None:
        p = self.player
        await p.say(MARIA, "/sm-idag")
        await p.sees(MARIA, "private", f"Skriv in svaret från {PETRA}")
        await p.press(MARIA, "private", "Öppna")
        how: dict[str, Value] = {"Hur fick du svaret?": "Med e-post", "Var finns svaret?": "Mejl samma dag"}
        await p.fill(MARIA, answers | how, "Spara")
        await p.sees(MARIA, "private", f"Svaret är infört. {PETRA} får ett brev om det.")

    def _season(self) -> Time:
        (time,) = asked_now(SEASONS, policy.load(self.pack).calendar(), self.monday)
        return time
