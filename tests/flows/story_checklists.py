"""The story's later acts: what is done about a post, its number and its story, and an account that is closed.

A checklist is worked through by what its steps ask, so a step that a guideline adds or leaves out needs no line here.
"""

from collections.abc import Iterable, Mapping

from bot import checklists, policy
from bot.policy import Checklist, Field, Step
from tests.flows.act import Act
from tests.flows.player import Value
from tests.flows.story_cast import (
    ANNA,
    BLUESKY,
    FACEBOOK,
    INSTAGRAM,
    JONAS,
    KARIN,
    LENA,
    LIBRARY,
    OUTSIDE,
    PER,
)

DIARY = "V-2026/117"
INSULT, THREAT = "https://www.instagram.com/p/Cx2/", "https://www.facebook.com/larosatetsbibliotek/posts/77"
SAVE = "Spara och gå vidare"


class Checklists(Act):
    """Thursday and Friday of the second week."""

    async def further_checklists(self) -> None:
        """After the new account."""
        await self.a_post_that_breaks_the_law()
        await self.a_threat()
        await self.the_registrar()
        await self.a_decision_and_its_story()
        await self.an_account_that_closes()

    # -- 8 --------------------------------------------------------------------------------------

    async def a_post_that_breaks_the_law(self) -> None:
        """By the shortcut where there is one, else by the command; it is taken off, and answered later."""
        p, plan = self.player, self._checklist("moderate")
        written = f"Titta på den här: {INSULT}"
        if p.has_shortcuts:
            await p.shortcut(KARIN, LIBRARY, "Ta ställning", written)
        else:
            await p.say(KARIN, "/sm-moderera", LIBRARY)
        await p.sees(KARIN, "form", "Akut fara: ring 112.")
        await p.picture(KARIN, "moderation-first")
        await self.work_through(KARIN, plan, ("first", "breach"), BROKEN | self._of(INSTAGRAM, INSULT))
        await p.sees(KARIN, "form", _step(plan, "capture").title.sv)
        await p.picture(KARIN, "moderation-capture")
        await self.work_through(KARIN, plan, ("capture", "take-off", "answer"), BROKEN)
        await p.sees(KARIN, "private", f"Klart: ett inlägg på {INSTAGRAM}")
        await p.picture(KARIN, "moderation-done")
        card = await p.sees(KARIN, LIBRARY, f"Kommentar på {INSTAGRAM}")
        await p.sees(ANNA, card, "senast fredag")
        await p.press(ANNA, card, "Besvarat")
        await p.sees(KARIN, card, f"Besvarat: {INSTAGRAM}")

    async def a_threat(self) -> None:
        """Security hears while the rest is still to be answered."""
        p, plan = self.player, self._checklist("moderate")
        await p.say(ANNA, "/sm-moderera")
        await self.work_through(ANNA, plan, ("first",), THREATENING | self._of(FACEBOOK, THREAT))
        await p.sees(ANNA, "form", "Larm om hot har gått till säkerhetsansvarig")
        sent = await p.sees(JONAS, "direct", f"Larm: hot på {FACEBOOK}")
        await p.press(JONAS, sent, "Jag har det")
        await self.work_through(ANNA, plan, ("breach", "capture", "take-off", "answer"), THREATENING)
        await p.sees(ANNA, "private", f"Klart: ett inlägg på {FACEBOOK}")
        await p.press(JONAS, sent, "Avsluta")

    # -- 9 --------------------------------------------------------------------------------------

    async def the_registrar(self) -> None:
        """One number for all that waits."""
        p = self.player
        await p.say(PER, "/sm-registrator")
        await p.sees(PER, "private", "väntar på diarienummer")
        await p.sees(PER, "private", f"åtgärd för ett inlägg, {INSTAGRAM}")
        await p.picture(PER, "registrar")
        await p.press(PER, "private", "Lägg in nummer …")
        await p.fill(PER, {"Diarienummer": DIARY}, "Spara")
        await p.sees(PER, "private", f"har fått nummer {DIARY}")
        await p.say(PER, "/sm-registrator")
        await p.sees(PER, "private", "Inget väntar på diarienummer.")

    async def a_decision_and_its_story(self) -> None:
        p = self.player
        await p.say(KARIN, "/sm-beslut")
        await p.sees(KARIN, "private", "Beslut och åtgärder, de nyaste först")
        await p.press(KARIN, "private", "Sök …")
        await p.fill(KARIN, {"Konto": INSTAGRAM, "Slag": "Åtgärd om inlägg", "Nummer": DIARY}, "Sök")
        await p.sees(KARIN, "private", f"Du sökte: {INSTAGRAM}")
        await p.press(KARIN, "private", "Öppna")
        await p.sees(KARIN, "private", f"Fick diarienummer {DIARY}")
        await p.picture(KARIN, "decision-story")
        await p.press(KARIN, "private", "Rätta …")
        await p.fill(
            KARIN, {"Vad är fel, och hur ska det vara?": f"Det var två inlägg. {OUTSIDE}"}, "Spara rättelsen"
        )
        await p.sees(KARIN, "private", "Rättelsen är sparad som nr")

    # -- 10 -------------------------------------------------------------------------------------

    async def an_account_that_closes(self) -> None:
        p, plan = self.player, self._checklist("close-account")
        await p.say(KARIN, "/sm-avsluta-konto")
        await self.work_through(KARIN, plan, half(plan, "before"), self._closing())
        await p.sees(KARIN, "private", f"Avsluta konto: {BLUESKY}")
        await p.press(KARIN, "private", "Skicka för beslut")
        asked = await p.sees(LENA, "direct", f"Karin Ek vill avsluta {BLUESKY}")
        await p.picture(LENA, "closure")
        await p.press(LENA, asked, "Besluta att avsluta")
        await p.sees(LENA, asked, f"Lena Strand har beslutat att avsluta {BLUESKY}.")
        told = await p.sees(KARIN, "direct", f"Beslut om att avsluta: {BLUESKY}")
        await p.press(KARIN, told, "Öppna")
        overview = await p.sees(KARIN, "private", f"Beslutat, inte avslutat än: {BLUESKY}")
        await p.press(KARIN, overview, "Fortsätt")
        await self.work_through(KARIN, plan, half(plan, "after"), self._closing())
        await p.sees(KARIN, "direct", "Ingen tillfrågas om det längre.")
        await p.sees(ANNA, "direct", f"Avslutat: {BLUESKY}")
        await p.until(self.on(11, 9, 5))
        card = await p.sees(KARIN, LIBRARY, "God morgon! Fem konton att titta igenom i dag.")
        await p.never_sees(KARIN, card, BLUESKY)
        await p.picture(KARIN, "morning-after")

    # -- inside ---------------------------------------------------------------------------------

    def _checklist(self, name: str) -> Checklist:
        return policy.load(self.pack).checklists[name]

    def _of(self, account: str, post: str) -> dict[str, Value]:
        """What it is about: written this morning."""
        return {"first.account": account, "first.posts": post, "first.posted": self.on(10, 8, 50)}

    def _closing(self) -> dict[str, Value]:
        day = self.on(10, 0).date()
        return CLOSING | {"snapshot.day": day, "closed.day": day}

    async def work_through(
        self, who: str, plan: Checklist, steps: Iterable[str], answers: Mapping[str, Value]
    ) -> None:
        """Page after page, each as it stands open."""
        for ident in steps:
            step = _step(plan, ident)
            await self.player.sees(who, "form", step.title.sv)
            await self._fill_page(who, step, answers)

    async def _fill_page(self, who: str, step: Step, answers: Mapping[str, Value]) -> None:
        given = {f.ask.sv: answer(f, answers.get(f"{step.id}.{f.id}")) for f in step.fields}
        asked = await self.player.asked(who)
        await self.player.fill(who, {a: given[a] for a in asked if given.get(a) is not None}, SAVE)


def _step(plan: Checklist, ident: str) -> Step:
    return next(step for step in plan.steps if step.id == ident)


def half(plan: Checklist, half: checklists.Half) -> list[str]:
    return [step.id for step in plan.half(half) if not step.when]


def answer(field: Field, given: Value | None) -> Value | None:
    """An option's id as its label."""
    labels = {option.id: option.label.sv for option in field.options}
    if isinstance(given, str):
        return labels.get(given, given)
    if isinstance(given, list):
        return [labels.get(each, each) for each in given]
    return given


HANDLED: dict[str, Value] = {
    "first.pile-on": "no", "first.kind": "comment", "first.source": "own", "first.public": "yes", "breach.doubt": "no",
    "capture.taken": True, "capture.place": f"G:/biblioteket/bilder {OUTSIDE}", "capture.sender": OUTSIDE,
    "capture.kept": "registry", "take-off.done": "now", "answer.case": "yes",
}  # fmt: skip
BROKEN = HANDLED | {
    "first.threat": "no", "breach.grounds": ["honour"], "answer.what": "later",
}  # fmt: skip
THREATENING = HANDLED | {
    "first.threat": "yes", "breach.grounds": ["threat"], "answer.what": "nothing",
}  # fmt: skip
CLOSING: dict[str, Value] = {
    "accounts.accounts": [BLUESKY], "why.reason": "inactive", "why.text": f"Ingen läser det längre. {OUTSIDE}",
    "snapshot.taken": True, "snapshot.place": "G:/biblioteket/bilder/bluesky.png", "open-items.checked": True,
    "closed.done": True, "told.registry": True, "told.office": True,
}  # fmt: skip
