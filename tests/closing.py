"""How a test works through a closure: form after form, until it is sent, decided or closed."""

from bot.view import Ask, Card, Form, Reply, Tell
from tests.new_account import decisions, ident_of, run_of
from tests.world import MONDAY, World, at, lived

ANSWERS = {
    "accounts.accounts": ("bio0",), "why.reason": "inactive", "why.text": "Ingen läser det längre. Mer följer.",
    "comments-off.instead": "close", "snapshot.taken": "yes", "snapshot.place": "G:/bio/bilder/start.png",
    "snapshot.day": "2026-11-20", "open-items.checked": "yes", "closed.done": "yes", "closed.day": "2026-11-23",
    "web.down": "yes", "told.registry": "yes", "told.office": "yes",
}  # fmt: skip

__all__ = ["ANSWERS", "begun", "decided", "decisions", "first_form", "go_through", "run_of", "sent", "whole"]


async def first_form(w: World, who: str = "anna", account: str = "") -> Form:
    reply = await w.press(who, "close.new", account)
    assert isinstance(reply, Ask), reply
    return reply.form


async def go_through(w: World, who: str, form: Form, changes: dict | None = None) -> Card:
    """Fill in form after form until a card comes."""
    reply: Reply = Ask(form=form)
    while isinstance(reply, Ask):
        answers = ANSWERS | (changes or {})
        reply = await w.fill(
            who, reply.form, {f.id: answers[f.id] for f in reply.form.fields if f.id in answers}
        )
    assert isinstance(reply, Tell), reply
    return reply.card


@lived
async def whole(w: World, who: str = "anna", changes: dict | None = None) -> str:
    """A first half that is answered; gives its id."""
    w.clock.at = max(w.clock.at, at(MONDAY.date(), 10).astimezone(w.clock.at.tzinfo))
    return ident_of(await go_through(w, who, await first_form(w, who), changes))


@lived
async def begun(w: World, who: str = "anna", accounts: tuple[str, ...] = ("bio0",)) -> str:
    """A run whose first step is answered; gives its id."""
    form = await first_form(w, who)
    reply = await w.fill(who, form, {"accounts.accounts": accounts})
    assert isinstance(reply, Ask), reply
    return reply.form.state.partition("|")[0]


@lived
async def sent(w: World, who: str = "anna", changes: dict | None = None) -> str:
    ident = await whole(w, who, changes)
    reply = await w.press(who, "run.send", ident)
    assert (await run_of(w, ident)).state == "waiting", reply
    return ident


@lived
async def decided(w: World, who: str = "anna", changes: dict | None = None, by: str = "heidi") -> str:
    ident = await sent(w, who, changes)
    reply = await w.press_on(by, w.posts(f"@{by}")[-1].card, "approval.approve")
    assert (await run_of(w, ident)).state == "second_half", reply
    return ident


@lived
async def closed(w: World, who: str = "anna", changes: dict | None = None, by: str = "heidi") -> str:
    ident = await decided(w, who, changes, by)
    form = (await w.press(who, "run.continue", ident)).form
    await go_through(w, who, form, changes)
    assert (await run_of(w, ident)).state == "done"
    return ident
