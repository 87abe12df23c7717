"""How a test works through a moderation: page after page, until it ends or waits."""

from bot.cases.moderation import Moderation
from bot.view import Ask, Card, Form, Reply, Tell
from tests.world import MONDAY, World, at

POST = "https://www.instagram.com/p/Cx1"
QUIET = {
    "first.threat": "no", "first.pile-on": "no", "first.account": "bio0", "first.posts": POST,
    "first.posted": at(MONDAY.date(), 6, 30).isoformat(), "first.kind": "comment", "first.source": "own",
    "first.public": "yes", "breach.grounds": ("none",), "breach.doubt": "no", "police.called": "yes",
    "capture.taken": "yes", "capture.kept": "registry", "house-rule.reason": "Det är reklam för ett gym.",
    "take-off.done": "now", "archive-only.reason": "Samma bild finns redan där.", "answer.what": "nothing",
    "answer.case": "no", "pass-on.to": "olle", "owner.to": "heidi",
}  # fmt: skip
"""An answer to each question: nothing is wrong, and there is nothing to answer."""
INSULT = {"breach.grounds": ("honour",)}
ADVERT = {"breach.grounds": ("advertising",)}
ABUSE = {"breach.grounds": ("abuse",)}


async def first(w: World, who: str = "anna") -> Form:
    reply = await w.say(who, "sm-moderate")
    return (
        reply.form if isinstance(reply, Ask) else (await w.press_on(who, reply.card, "moderation.new")).form
    )


async def answer(w: World, who: str, form: Form, changes: dict | None = None) -> Reply:
    """Submit one page."""
    answers = QUIET | (changes or {})
    return await w.fill(who, form, {f.id: answers[f.id] for f in form.fields if f.id in answers})


async def through(w: World, who: str, reply: Reply, changes: dict | None = None) -> Card:
    """Submit page after page until a card comes."""
    while isinstance(reply, Ask):
        reply = await answer(w, who, reply.form, changes)
    assert isinstance(reply, Tell), reply
    return reply.card


async def until(
    w: World, who: str, step: str, changes: dict | None = None, reply: Reply | None = None
) -> Form:
    """The page of that step, with those before it answered."""
    reply = reply or Ask(form=await first(w, who))
    while isinstance(reply, Ask) and step_of(reply.form) != step:
        reply = await answer(w, who, reply.form, changes)
    assert isinstance(reply, Ask), reply
    return reply.form


def step_of(form: Form) -> str:
    return form.state.split("|")[1]


async def done(w: World, changes: dict | None = None, who: str = "anna") -> Card:
    return await through(w, who, Ask(form=await first(w, who)), changes)


async def runs(w: World) -> list[Moderation]:
    """All of them, the newest first."""
    async with w.bot.storage.read() as tx:
        ids = list((await tx.register()).accounts)
        found = [c for a in ids for c in await tx.cases_of(a)]
    return [c for c in found if isinstance(c, Moderation)]


async def run(w: World) -> Moderation:
    """The only one."""
    (found,) = await runs(w)
    return found


async def decisions(w: World) -> list:
    async with w.bot.storage.read() as tx:
        return list(await tx.decisions())


async def of_kind(w: World, kind: str) -> list:
    async with w.bot.storage.read() as tx:
        return list(await tx.open_cases(kind))
