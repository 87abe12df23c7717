"""Three weeks at the library: the one story that every platform plays, from an account that exists to a new one.

The organisation is the example that the demo uses. Written once against a `Player`; the texts are those that the
people of the story read.
"""

from datetime import date, datetime, time, timedelta

from bot import checklists, policy
from bot.model import SEASONS
from bot.policy import Checklist, Field
from bot.season import asked_now
from bot.texts import Texts
from tests.flows.player import STOCKHOLM, Value
from tests.flows.story_cast import (
    ANNA,
    EMILY,
    FACEBOOK,
    INSTAGRAM,
    JONAS,
    KARIN,
    LENA,
    LIBRARY,
    LINKEDIN,
    MARIA,
    OFFICE,
    OMAR,
    OUTSIDE,
    PER,
    STUDENT_INSTAGRAM,
    STUDENTS,
    WORLD,
)
from tests.flows.story_checklists import Checklists, answer
from tests.flows.story_first import FirstMeeting
from tests.flows.story_heads import Heads
from tests.flows.story_import import Register
from tests.flows.story_kept import Kept
from tests.flows.story_preview import Preview
from tests.flows.story_settings import Settings
from tests.flows.story_watching import Watching

TURNS_FROM = date(2026, 1, 5)  # from when the library's Facebook goes week and week about


def first_monday(today: date) -> date:
    """The Monday after the next with three ordinary weeks from it, and one before: no holiday, no change of clocks, no
    season to ask heads about; Karin's turn."""
    calendar = policy.load("ki").calendar()
    monday = today + timedelta(days=14 - today.weekday())
    while not _ordinary(monday, calendar) or (monday - TURNS_FROM).days // 7 % 2 == 0:
        monday += timedelta(days=7)
    return monday


def _ordinary(monday: date, calendar) -> bool:
    days = [monday + timedelta(days=n) for n in range(-7, 21)]
    whole = all(calendar.is_working_day(day) == (day.weekday() < 5) for day in days)
    quiet = not any(asked_now(SEASONS, calendar, day) for day in days)
    return whole and quiet and len({datetime.combine(d, time(12), STOCKHOLM).utcoffset() for d in days}) == 1


class Story(FirstMeeting, Heads, Checklists, Kept, Settings, Register, Watching, Preview):
    """The story's acts, in order."""

    @property
    def begins(self) -> datetime:
        """Wednesday at ten, a week before: the bot is started, and each channel has its quiet week."""
        return self.on(-5, 10)

    def watched_by(self, name: str) -> str:
        """How the morning card names today's watcher."""
        return (
            f"@{name}, du är dagens bevakare." if self.player.mentions_watcher else f"Dagens bevakare: {name}"
        )

    async def play(self) -> None:
        """All of it."""
        await self.first_meeting()
        await self.an_account_that_exists()
        await self.the_day()
        await self.nobody_answers()
        await self.saturday()
        await self.sunday_night()
        await self.monday_again()
        await self.somebody_takes_over()
        await self.tuesday()
        await self.wednesday()
        await self.communications_watches()
        await self.where_things_stand()
        await self.what_is_coming()
        await self.a_new_account()
        await self.the_hand_over()
        await self.further_checklists()
        await self.the_register_that_exists()
        await self.the_heads_day()
        await self.what_is_kept()
        await self.settings()

    # -- 2 --------------------------------------------------------------------------------------

    async def an_account_that_exists(self) -> None:
        p = self.player
        await p.say(MARIA, "/sm-konton")
        await p.sees(MARIA, "private", "Sex konton i registret")
        await p.press(MARIA, "private", "Lägg in ett konto som finns")
        archive: dict[str, Value] = {
            "Plattform": "Instagram", "Adress": "https://www.instagram.com/Larosatets_Arkiv/", "Enhet": "Biblioteket",
            "Personer": [KARIN, ANNA], "Ansvarig chef": LENA, "Kanal": LIBRARY,
        }  # fmt: skip
        assert list(archive) == await p.asked(MARIA)
        await p.fill(MARIA, archive, "Spara")
        await p.sees(MARIA, "private", "@larosatets_arkiv (Instagram) finns nu i registret.")

        await p.press(MARIA, "private", "Lägg in ett konto som finns")
        await p.fill(MARIA, archive | {"Adress": "instagram.com/larosatets_arkiv?igsh=abc"}, "Spara")
        await p.sees(MARIA, "form", "Kontot finns redan: @larosatets_arkiv, Biblioteket.")

        await p.fill(MARIA, {"Adress": "https://instagram.com/bokcirkeln", "Personer": [KARIN]}, "Spara")
        await p.sees(MARIA, "private", "Inte helt klart än: en person till behövs.")
        await p.say(MARIA, "/sm-konton bokcirkeln")
        await p.sees(MARIA, "private", "bevakas inte helt: en person till behövs")

    # -- 3 --------------------------------------------------------------------------------------

    async def the_day(self) -> None:
        p = self.player
        await p.until(self.on(3, 9, 5))
        card = await p.sees(KARIN, LIBRARY, "God morgon! Fem konton att titta igenom i dag.")
        await p.sees(KARIN, card, self.watched_by(KARIN))  # the first of each account's people
        await p.picture(KARIN, "morning")
        await p.press(KARIN, card, "Allt lugnt på alla fem")
        await p.sees(KARIN, "private", "Noterat: fem konton är klara.")
        await p.sees(ANNA, card, "Genomgånget")
        await p.press(KARIN, "private", "Ångra")
        await p.sees(ANNA, card, "ingen har tittat än")
        await p.press(KARIN, card, "Något att berätta …")
        await p.fill(KARIN, {FACEBOOK: "Hittade något och tog hand om det"}, "Spara")
        await p.sees(ANNA, card, "något hittades och togs om hand")
        await p.never_sees(ANNA, card, "ingen har tittat än")

    async def nobody_answers(self) -> None:
        p = self.player
        await p.until(self.on(4, 9, 5))
        await p.sees(MARIA, OFFICE, "Dagens läge för")  # Thursday's digest
        self.friday = await p.sees(KARIN, LIBRARY, "God morgon!")
        await p.say(OMAR, "/sm-idag")
        await p.press(OMAR, "private", "Allt lugnt på mitt konto")
        await p.until(self.on(4, 14, 1))
        await p.sees(KARIN, LIBRARY, "@Karin Ek")
        await p.sees(KARIN, LIBRARY, "ingen har tittat igenom fem av kontona än")
        await p.sees(KARIN, LIBRARY, "Fråga Anna")
        await p.picture(KARIN, "reminder")
        await p.never_sees(LENA, "direct", "Biblioteket")

    # -- 4 --------------------------------------------------------------------------------------

    async def saturday(self) -> None:
        p = self.player
        await p.until(self.on(5, 11))
        assert self.friday == await p.sees(KARIN, LIBRARY, "God morgon!")
        await p.sees(
            OMAR, "direct", "God morgon!"
        )  # agreed with the head: asked on free days, and nobody else is
        await p.say(ANNA, "/sm-fraga", LIBRARY)
        await p.fill(ANNA, {
            "Konto": INSTAGRAM, "Var finns den?": "Kommentar", "När skrev besökaren?": self.on(5, 10, 30),
            "Vad är det?": "Fråga", "Länk till inlägget": "https://www.instagram.com/p/Cx1/",
            "Vad gäller det?": OUTSIDE,
        }, "Spara")  # fmt: skip
        await p.sees(ANNA, "private", f"Frågan på {INSTAGRAM} ska besvaras senast i slutet av måndagen")
        self.first = await p.sees(ANNA, LIBRARY, f"Fråga på {INSTAGRAM}")
        await p.sees(ANNA, self.first, OUTSIDE)
        await p.sees(ANNA, self.first, "senast i slutet av måndagen")
        await p.press(ANNA, self.first, "Varför?")
        await p.sees(ANNA, "form", "räknas inte: lördag")
        await p.picture(ANNA, "why")
        await self._second_question()

    async def _second_question(self) -> None:
        """By the shortcut where there is one, else by the command."""
        p = self.player
        values: dict[str, Value] = {"Konto": FACEBOOK, "Var finns den?": "Recension", "Vad är det?": "Kritik"}
        if p.has_shortcuts:
            await p.shortcut(KARIN, LIBRARY, "Lägg in som fråga", "Er öppettid stämmer inte. <!everyone>")
        else:
            await p.say(KARIN, "/sm-fraga", LIBRARY)
            values["Vad gäller det?"] = "Er öppettid stämmer inte. <!everyone>"
        await p.fill(KARIN, values, "Spara")
        self.second = await p.sees(KARIN, LIBRARY, f"Kritik på {FACEBOOK}")
        await p.sees(KARIN, self.second, "Er öppettid stämmer inte.")

    async def monday_again(self) -> None:
        p = self.player
        await p.until(self.on(7, 9, 5))
        card = await p.sees(ANNA, LIBRARY, "Kom in under de lediga dagarna")
        await p.sees(ANNA, card, f"Obesvarad fråga på {INSTAGRAM}")
        await p.sees(ANNA, card, "Ingen uppgift för fredag")
        await p.sees(ANNA, card, "@Anna Lind")
        await p.picture(ANNA, "monday")
        await p.press(KARIN, card, "Jag tittade, glömde säga till")
        await p.sees(KARIN, self.friday, "genomgånget i efterhand")
        await p.press(KARIN, card, "Allt lugnt på alla fem")
        await self._take_and_hand_on()
        await p.say(KARIN, "/sm-borta")
        await p.fill(
            KARIN, {"Från och med": self.on(9, 0).date(), "Till och med": self.on(9, 0).date()}, "Spara"
        )
        await p.sees(KARIN, "private", "Noterat: borta från")

    async def _take_and_hand_on(self) -> None:
        p = self.player
        await p.press(KARIN, self.first, "Jag tar den")
        await p.sees(ANNA, self.first, "Karin Ek")
        await p.press(KARIN, self.first, "Lämna vidare …")
        await p.fill(
            KARIN, {"Vad vill du göra?": "Fråga någon som vet svaret", "Vem ska frågas?": JONAS}, "Spara"
        )
        asked = await p.sees(JONAS, "direct", f"Kan du svara? Fråga på {INSTAGRAM}")
        await p.sees(ANNA, self.first, "Lämnad till")
        await p.press(KARIN, self.first, "Lämna vidare …")
        await p.fill(KARIN, {
            "Vad vill du göra?": "Jag har gett besökaren ett första svar",
            "När kommer resten av svaret?": self.on(8, 12),
        }, "Spara")  # fmt: skip
        await p.sees(ANNA, self.first, "ett första svar, mer kommer")
        await p.press(JONAS, asked, "Besvarat")
        await p.sees(ANNA, self.first, f"Besvarat: {INSTAGRAM}")

    async def tuesday(self) -> None:
        p = self.player
        await p.until(self.on(7, 14, 1))
        await p.sees(ANNA, LIBRARY, "en fråga väntar på svar:")
        await p.until(self.on(8, 9, 5))
        await p.sees(MARIA, OFFICE, f"Fråga utan svar på {FACEBOOK}")
        asked = await p.sees(KARIN, LIBRARY, "tiden för ett svar har gått ut. Kan du hjälpa till?")
        await p.sees(KARIN, asked, "@Karin Ek")
        await p.sees(ANNA, self.second, "ersättaren och")
        await p.picture(MARIA, "escalated")
        await p.never_sees(LENA, "direct", FACEBOOK)
        card = await p.sees(ANNA, LIBRARY, "God morgon!")
        await p.press(ANNA, card, "Allt lugnt på alla fem")

    async def wednesday(self) -> None:
        """Karin is away; the head hears of the question."""
        p = self.player
        await p.until(self.on(9, 9, 35))
        card = await p.sees(ANNA, LIBRARY, f"{MARIA} bevakar")  # for the one account that has nobody else
        await p.sees(ANNA, card, f"{ANNA} bevakar")
        await p.sees(ANNA, card, "God morgon! Fem konton att titta igenom i dag.")
        await p.sees(LENA, "direct", FACEBOOK)
        await p.picture(LENA, "head")
        await p.press(ANNA, self.second, "Besvarat")
        await p.sees(ANNA, self.second, f"Besvarat: {FACEBOOK}")

    # -- 5 --------------------------------------------------------------------------------------

    async def sunday_night(self) -> None:
        await self.player.until(self.on(6, 23, 40))
        await self._received()
        await self._nobody_receives()
        await self._exercise()

    async def _raise(self, who: str, kind: str, account: str, **more: Value) -> None:
        await self.player.say(who, "/sm-larm")
        await self.player.sees(who, "form", "Akut fara: ring 112. Larmnummer dygnet runt: 08-000 01 12.")
        values: dict[str, Value] = {"Vad händer?": kind, "Vilket konto?": account}
        await self.player.fill(who, {**values, **more}, "Larma nu")

    async def _received(self) -> None:
        p = self.player
        await self._raise(OMAR, "Hot", STUDENT_INSTAGRAM, **{"Vad gäller det? En rad räcker.": OUTSIDE})
        await p.sees(OMAR, "private", "ring 112")
        own = await p.sees(OMAR, "direct", "Ingen har kvitterat än.")
        await p.sees(OMAR, own, "Medan du väntar: ta en skärmbild")
        await p.picture(OMAR, "alarm")
        sent = await p.sees(JONAS, "direct", f"Larm: hot på {STUDENT_INSTAGRAM}")
        await p.sees(JONAS, sent, OUTSIDE)
        await p.sees(MARIA, OFFICE, "det här är för kännedom")
        await p.never_sees(KARIN, STUDENTS, "Larm: hot")
        await p.press(JONAS, sent, "Jag har det")
        await p.sees(OMAR, own, "Jonas Falk har tagit över")
        await p.sees(OMAR, own, "Du behöver inte göra mer för larmets skull.")
        await p.press(JONAS, sent, "Avsluta")
        await p.sees(OMAR, own, "Avslutat av Jonas Falk.")

    async def _nobody_receives(self) -> None:
        p = self.player
        await p.until(self.on(6, 23, 45))
        await self._raise(KARIN, "Risk för drev", LINKEDIN)
        own = await p.sees(KARIN, "direct", "Pausa det som är planerat att publiceras.")
        await p.sees(KARIN, own, f"Larm: risk för drev på {LINKEDIN}")
        await p.until(self.on(7, 0, 1))
        await p.sees(KARIN, own, "Nästa person fick larmet")
        await p.until(self.on(7, 0, 33))
        await p.sees(KARIN, own, "Ring nu.")
        await p.sees(MARIA, OFFICE, "ingen har kvitterat larmet. Ring nu.")
        await p.picture(MARIA, "loud")
        await p.press(KARIN, own, "Falskt larm …")
        await p.fill(KARIN, {"Varför? Ett ord räcker.": "missförstånd"}, "Spara")
        await p.sees(KARIN, own, "Falskt larm, enligt Karin Ek: missförstånd")
        await p.sees(MARIA, OFFICE, "Falskt larm, enligt Karin Ek: missförstånd")

    async def _exercise(self) -> None:
        p = self.player
        await self._raise(ANNA, "Hot", INSTAGRAM, **{"Det här är en övning": True})
        own = await p.sees(ANNA, "direct", "Medan du väntar: ta en skärmbild")
        await p.sees(ANNA, own, "ÖVNING. Larm: hot")
        sent = await p.sees(JONAS, "direct", "ÖVNING. Larm: hot")
        await p.press(JONAS, sent, "Jag har det")
        await p.press(JONAS, sent, "Avsluta övningen")
        await p.sees(ANNA, own, "Avslutat av Jonas Falk.")

    # -- 6 --------------------------------------------------------------------------------------

    async def where_things_stand(self) -> None:
        p = self.player
        await p.say(ANNA, "/sm-idag")
        await p.sees(ANNA, "private", "väntar på dig")
        await p.say(KARIN, "/sm-hjalp")
        await p.sees(KARIN, "private", "sm-fraga")
        await p.sees(KARIN, "private", "Jag läser inte er kanal och ser inte era konton.")
        await p.say(KARIN, "/sm-konton bluesky")
        await p.sees(KARIN, "private", "bibliotek.larosatet.example")
        await p.sees(KARIN, "private", "Karin Ek, alltid; i dag Anna Lind")
        await p.press(KARIN, "private", "Historik")
        await p.sees(KARIN, "form", "genomgånget")
        home = await p.sees(KARIN, "home", "Lägg in en fråga")
        for button in ("Larma", "Nytt konto", "Jag är borta"):
            await p.sees(KARIN, home, button)
        await p.picture(KARIN, "home")
        await p.press(KARIN, "home", "Byt till engelska (English)")
        await p.sees(KARIN, "home", "Log a question")
        await p.press(KARIN, "home", "Switch to Swedish (svenska)")
        await p.sees(KARIN, "home", "Lägg in en fråga")
        await self._in_english()

    async def _in_english(self) -> None:
        p = self.player
        en = Texts("en")
        await p.say(EMILY, "/sm-help")
        await p.sees(EMILY, "private", "sm-question")
        card = await p.sees(EMILY, WORLD, "Good morning!")
        await p.press(EMILY, card, en.many("round.do.clear", 1))
        await p.sees(EMILY, "private", en.many("round.noted", 1))
        await p.say(EMILY, "/sm-today")
        await p.sees(EMILY, "private", en("today.nothing"))

    # -- 7 --------------------------------------------------------------------------------------

    async def a_new_account(self) -> None:
        p = self.player
        plan = policy.load(self.pack).checklists["new-account"]
        await p.say(KARIN, "/sm-nytt-konto")
        await p.press(KARIN, "private", "Börja på ett nytt konto")
        await p.sees(KARIN, "form", "Steg 1 av")
        await p.picture(KARIN, "step")
        await self._fill_in(plan, "before")
        await p.sees(KARIN, "private", "Väntar på att de här bekräftar")
        for person in (ANNA, PER):
            asked = await p.sees(person, "direct", "Kan du bekräfta? @biblioteket_ny (Instagram)")
            await p.press(person, asked, "Jag bekräftar")
            await p.sees(person, asked, "Bekräftat: @biblioteket_ny (Instagram)")
        ready = await p.sees(KARIN, "direct", "Alla har bekräftat: @biblioteket_ny (Instagram)")
        await p.press(KARIN, ready, "Öppna")
        await p.press(KARIN, "private", "Skicka för godkännande")
        await self._decided()
        await self._goes_live(plan)

    async def _decided(self) -> None:
        """Back with a question, an answer, and the head's yes."""
        p = self.player
        asked = await p.sees(LENA, "direct", "Gymnasister")
        await p.picture(LENA, "approval")
        await p.press(LENA, asked, "Skicka tillbaka med en fråga …")
        await p.fill(LENA, {"Vad vill du veta, eller få ändrat?": "Hinner ni med?"}, "Skicka tillbaka")
        back = await p.sees(KARIN, "direct", "Hinner ni med?")
        await p.press(KARIN, back, "Öppna")
        overview = await p.sees(KARIN, "private", "Innan det kan godkännas behövs ett svar på det här:")
        await p.press(KARIN, overview, "Svara och skicka igen …")
        await p.fill(KARIN, {"Ditt svar": "Ja, vi har räknat på det."}, "Skicka igen")
        asked = await p.sees(LENA, "direct", "Ja, vi har räknat på det.")
        await p.press(LENA, asked, "Godkänn")
        await p.sees(LENA, asked, "Godkänt av Lena Strand")
        await p.press(LENA, asked, "Visa beslutet")
        await p.sees(LENA, "form", "Har beslutat")
        await p.picture(LENA, "decision")

    async def _goes_live(self, plan: Checklist) -> None:
        p = self.player
        told = await p.sees(KARIN, "direct", "Godkänt: @biblioteket_ny (Instagram)")
        await p.press(KARIN, told, "Öppna")
        overview = await p.sees(KARIN, "private", "Godkänt, inte igång än: @biblioteket_ny (Instagram)")
        await p.press(KARIN, overview, "Fortsätt")
        await self._fill_in(plan, "after")
        await p.sees(KARIN, "private", "Klart: @biblioteket_ny (Instagram) är igång")
        await p.sees(MARIA, OFFICE, "Nytt konto igång: @biblioteket_ny (Instagram)")
        await p.until(self.on(10, 9, 5))
        card = await p.sees(KARIN, LIBRARY, "God morgon! Sex konton att titta igenom i dag.")
        await p.sees(KARIN, card, "@biblioteket_ny (Instagram)")

    async def _fill_in(self, plan: Checklist, half: checklists.Half) -> None:
        """Step after step of one half, by what the open form asks."""
        p = self.player
        steps = [s for s in plan.half(half) if not s.when]
        own = 1 if half == "before" else 0
        for number in range(len(steps) + own):
            await p.sees(KARIN, "form", f"Steg {number + 1} av {len(steps) + own}")
            fields = steps[number].fields if number < len(steps) else ()
            await self._fill_step(steps[number].id if fields else "own-place", fields)

    async def _fill_step(self, step: str, fields: tuple[Field, ...]) -> None:
        answers = {f.ask.sv: answer(f, ANSWERS.get(f"{step}.{f.id}")) for f in fields}
        answers |= {"Kanal": LIBRARY} if step == "own-place" else {}
        asked = await self.player.asked(KARIN)
        given = {label: answers[label] for label in asked if answers.get(label) is not None}
        await self.player.fill(KARIN, given, "Spara och gå vidare")


ANSWERS: dict[str, Value] = {
    "what.kind": "account", "level.level": "unit", "level.unit": "Biblioteket", "platform.platform": "instagram",
    "platform.name": "@biblioteket_ny", "aim.aim": "dialogue", "purpose.purpose": "Vi vill nå nya studenter.",
    "benefit.operation": "Fler besök", "benefit.audience": "Svar", "audience.who": f"Gymnasister {OUTSIDE}",
    "audience.channel": "De är där", "resources.hours": "5", "resources.watching": "Anna och Karin",
    "resources.content": "Anna", "people.people": [ANNA, KARIN], "people.manager": KARIN,
    "substitutes.substitutes": [ANNA], "substitutes.cover": PER, "substitutes.free-days": "waits",
    "terms.read": True, "sender-planned.planned": True, "head.head": LENA,
    "made.address": "https://www.instagram.com/Biblioteket_Ny/", "made.name": "@biblioteket_ny",
    "sender.shown": ["university", "profile", "home-link", "unit"], "notice.posted": True,
    "access.tried": [ANNA, KARIN],
}  # fmt: skip
