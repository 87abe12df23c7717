"""How a test works through a new account: form after form, until it is sent, approved or live."""

from datetime import timedelta

from bot import checklists
from bot.view import Ask, Card, Form, Reply, Tell
from tests.world import MONDAY, World, at, lived

ANSWERS = {
    "what.kind": "account", "level.level": "unit", "level.unit": "bio", "platform.platform": "instagram",
    "platform.name": "@biologi_ny", "aim.aim": "dialogue", "purpose.purpose": "Vi vill nå nya studenter. Mer följer.",
    "benefit.operation": "Fler sökande", "benefit.audience": "Svar", "audience.who": "Gymnasister",
    "audience.channel": "De är där", "resources.hours": "5", "resources.watching": "Anna och Bo",
    "resources.content": "Anna", "people.people": ("anna", "bo"), "people.manager": "anna",
    "substitutes.substitutes": ("bo",), "substitutes.cover": "olle", "substitutes.free-days": "waits",
    "terms.read": "yes", "sender-planned.planned": "yes", "head.head": "heidi",
    "own-place.place": "test:T1:biologi", "own-place.hour": "09-00",
    "made.address": "https://www.instagram.com/Biologi_Ny/", "made.name": "@biologi_ny",
    "sender.shown": ("university", "profile", "home-link", "unit"), "notice.posted": "yes",
    "access.tried": ("anna", "bo"),
}  # fmt: skip

OF_PACK = {
    "kth": {
        "stance.read": "yes", "what.kind": "external", "existing.found": "Inget", "complement.address": "https://www.kth.se/bio",
        "complement.complements": "yes", "resources.quality": "yes", "stand.known": "yes", "terms.clash": "none",
        "brand.fits": "yes", "law.known": "yes", "sender.shown": ("picture", "bio", "description"),
    },
    "ki-2021": {
        "read.read": "yes", "what.kind": "employee", "level.level": "department", "contacted.day": "2026-11-20",
        "contacted.with": "karin", "existing.found": "none", "audience.operation": "Fler sökande",
        "follow-up.measured": "Vi räknar frågor", "values.kept": "yes", "notice.posted": "posted",
        "sender.shown": ("university", "staff", "profile", "name", "home-link", "cover", "logo-rules"),
    },
    "bth": {
        "what.kind": "employee", "substitutes.substitutes": ("anna", "bo"), "assignment.holds": ("answer", "pass-on", "take-off"),
        "terms.kind": "page", "moderation.possible": "yes", "purpose.dialogue": "Studier i biologi",
        "limits.not-accepted": "Påhopp", "limits.consequence": "Vi tar bort det", "limits.removal": "yes",
        "points.said": ("marketing", "report"), "reach.contact": "info@example.se", "security.known": "yes",
        "sender.shown": ("organisation",), "web.address": "https://www.bth.se/sociala-medier",
    },
    "kau": {
        "what.read": "yes", "what.kind": "university", "contacted.day": "2026-11-20", "contacted.with": "karin",
        "existing.found": "none", "areas.areas": ("students", "knowledge"), "audience.groups": ("students", "public"),
        "audience.stakeholders": "Kommunen", "goals.know": "Vad vi forskar om", "goals.feel": "Lust att läsa mer",
        "goals-do.do": "Söka hit", "work.sharing": "Anna skriver, Bo svarar", "work.change": "Bo tar över",
        "resources.inventory": "yes", "sender-type.type": "subject", "page-or-group.form": "page",
        "own-channel.operational": "yes", "documents.strategy": "G:/bio/strategi", "documents.content": "G:/bio/strategi",
        "documents.plan": "G:/bio/plan", "head.form": "G:/bio/blankett", "staff.visible": "yes", "notice.posted": "posted",
        "sender.shown": ("university", "profile", "unit", "cover", "logo"),
    },
}  # fmt: skip
"""What each of the other guidelines asks otherwise."""


def known(w: World, changes: dict | None = None) -> dict:
    """An answer to each question of the guidelines that hold."""
    return ANSWERS | OF_PACK.get(w.bot.pack.name, {}) | (changes or {})


async def first_form(w: World, who: str = "anna") -> Form:
    start = (await w.say(who, "sm-new-account")).card
    return (await w.press_on(who, start, "run.new")).form


async def go_through(w: World, who: str, form: Form, changes: dict | None = None) -> Card:
    """Fill in form after form until a card comes."""
    reply: object = Ask(form=form)
    while isinstance(reply, Ask):
        answers = known(w, changes)
        given = {f.id: answers[f.id] for f in reply.form.fields if f.id in answers}
        reply = await w.fill(who, reply.form, given)
    assert isinstance(reply, Tell), reply
    return reply.card


async def go_to(w: World, field: str, who: str = "anna") -> Reply:
    """What the step with that field is answered with."""
    reply: Reply = Ask(form=await first_form(w, who))
    while isinstance(reply, Ask):
        last, given = field in {f.id for f in reply.form.fields}, reply.form.fields
        reply = await w.fill(who, reply.form, {f.id: ANSWERS[f.id] for f in given if f.id in ANSWERS})
        if last:
            break
    return reply


async def confirm_all(w: World, ident: str, *people: str) -> None:
    for ref, person in (await run_of(w, ident)).unconfirmed:
        if not people or person in people:
            await w.press(person, "run.confirm", f"{ident}|{ref}")


async def judge_all(w: World, ident: str, *, said: str = "Det går bra") -> None:
    """Communications says yes to all that it is asked, each to one thing."""
    for step in (await run_of(w, ident)).open_requests:
        for who in ("karin", "kalle")[: len(checklists.by_communications(step))]:
            card = (await w.press(who, "run.request", f"{ident}|{step.id}")).card
            yes = next(b for b in card.buttons if b.verb.startswith("run.judge"))
            reply = await w.press_on(who, card, yes.verb)
            if isinstance(reply, Ask):
                await w.fill(who, reply.form, {"text": said})


def ident_of(card: Card) -> str:
    return next(b.arg for b in card.buttons if b.verb.startswith("run.")).partition("|")[0]


@lived
async def whole(w: World, who: str = "anna", changes: dict | None = None) -> str:
    """A run with its first half answered and confirmed; gives its id."""
    w.clock.at = max(w.clock.at, at(MONDAY.date(), 10).astimezone(w.clock.at.tzinfo))
    card = await go_through(w, who, await first_form(w, who), changes)
    ident = ident_of(card)
    await confirm_all(w, ident)
    await judge_all(w, ident)
    return ident


@lived
async def sent(w: World, who: str = "anna", changes: dict | None = None) -> str:
    ident = await whole(w, who, changes)
    reply = await w.press(who, "run.send", ident)
    assert (await run_of(w, ident)).state == "waiting", reply
    return ident


@lived
async def approved(w: World) -> str:
    ident = await sent(w)
    await w.press_on("heidi", w.posts("@heidi")[-1].card, "approval.approve")
    return ident


async def run_of(w: World, ident: str):
    async with w.bot.storage.read() as tx:
        return await tx.case(ident)


async def made(w: World):
    async with w.bot.storage.read() as tx:
        return next(a for a in (await tx.register()).accounts.values() if a.name == "@biologi_ny")


async def decisions(w: World) -> list:
    async with w.bot.storage.read() as tx:
        return list(await tx.decisions())


@lived
async def begun(w: World, changes: dict | None = None, who: str = "anna") -> str:
    """A first half as its runner leaves it; nobody else has answered yet."""
    return ident_of(await left(w, changes, who))


@lived
async def left(w: World, changes: dict | None = None, who: str = "anna") -> Card:
    """What the runner sees when the first half is answered, or ended on the way."""
    w.clock.at += timedelta(hours=3)
    return await go_through(w, who, await first_form(w, who), changes)


async def change(w: World, ident: str, step: str, values: dict, who: str = "anna") -> Reply:
    """Go back to a step and answer it anew."""
    form = (await w.press(who, "run.step_open", f"{ident}|{step}")).form
    return await w.fill(who, form, values)
