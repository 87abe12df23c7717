"""How a test works through a new account: form after form, until it is sent, approved or live."""

from bot.view import Ask, Card, Form, Reply, Tell
from tests.world import MONDAY, World, at

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


async def first_form(w: World, who: str = "anna") -> Form:
    start = (await w.say(who, "sm-new-account")).card
    return (await w.press_on(who, start, "run.new")).form


async def go_through(w: World, who: str, form: Form, changes: dict | None = None) -> Card:
    """Fill in form after form until a card comes."""
    reply: object = Ask(form=form)
    while isinstance(reply, Ask):
        known = ANSWERS | (changes or {})
        given = {f.id: known[f.id] for f in reply.form.fields if f.id in known}
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
    for person in people:
        await w.press(person, "run.confirm", f"{ident}|terms.read")


def ident_of(card: Card) -> str:
    return next(b.arg for b in card.buttons if b.verb.startswith("run.")).partition("|")[0]


async def whole(w: World, who: str = "anna", changes: dict | None = None) -> str:
    """A run with its first half answered and confirmed; gives its id."""
    w.clock.at = max(w.clock.at, at(MONDAY.date(), 10).astimezone(w.clock.at.tzinfo))
    card = await go_through(w, who, await first_form(w, who), changes)
    ident = ident_of(card)
    await confirm_all(w, ident, *({"anna", "bo", "olle"} - {who}))
    return ident


async def sent(w: World, who: str = "anna", changes: dict | None = None) -> str:
    ident = await whole(w, who, changes)
    reply = await w.press(who, "run.send", ident)
    assert (await run_of(w, ident)).state == "waiting", reply
    return ident


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
