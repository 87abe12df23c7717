"""Try it: an invented question for whoever asks, alone, with the real buttons, that leaves no trace (users.md U11)."""

from dataclasses import replace

from bot import rights
from bot.cases.practice import Practice, PracticeState, Pressed, begun, decide
from bot.model import Refused
from bot.outgoing import Row
from bot.screens import practice as screens
from bot.service.base import Feature, Handler, Verb, Work
from bot.view import Ask, Card, Reply, Tell, Values


async def start(work: Work, _arg: str = "") -> Reply:
    """One a person and day: pressed again, the one that stands begins anew. Everybody but guests may."""
    rights.staff(work.actor)
    found = await work.tx.open_cases("practice")
    mine = next((c for c in found if isinstance(c, Practice) and c.by == work.actor.id), None)
    if mine is None:
        await work.add(begun(f"x{work.bot.ids.new()}", work.actor.id, work.now, work.hours))
        return Tell(card=screens.begun(work.eyes))
    await work.apply(mine, decide(mine, Pressed(state="open"), work.now))
    return Tell(card=screens.again(work.eyes))


async def _mine(work: Work, ident: str) -> Practice:
    """It is nobody else's to press. Raises Refused once it is over."""
    rights.staff(work.actor)
    practice = await work.case(ident, Practice)
    if not practice.is_open:
        raise Refused("practice.gone")
    if practice.by != work.actor.id:
        raise Refused("right.practice")
    return practice


def _press(state: PracticeState, what: str) -> Handler:
    """What a button does: the card changes as a real one would, and the answer says what would have happened."""

    async def press(work: Work, ident: str) -> Reply:
        practice = await _mine(work, ident)
        await work.apply(practice, decide(practice, Pressed(state=state), work.now))
        return Tell(card=screens.noted(work.eyes, what))

    return press


async def hand_on(work: Work, ident: str) -> Reply:
    return Ask(form=screens.hand_on(work.eyes, await _mine(work, ident)))


async def submit_hand_on(work: Work, ident: str, _values: Values) -> Reply:
    """Nobody is asked, and nothing of it is kept."""
    await _mine(work, ident)
    return Tell(card=screens.noted(work.eyes, "hand_on"))


async def why(work: Work, ident: str) -> Reply:
    return Ask(form=screens.why(work.eyes, await _mine(work, ident)))


async def compose(work: Work, row: Row) -> Card | None:
    practice = await work.case(row.case or "", Practice)
    return screens.card(replace(work.eyes_of(row), standing=False), practice)


FEATURE = Feature(
    verbs={
        "practice.start": Verb(run=start, writes=True),
        "practice.take": Verb(run=_press("taken", "take"), writes=True),
        "practice.answered": Verb(run=_press("answered", "answered"), writes=True),
        "practice.seen": Verb(run=_press("seen", "seen"), writes=True),
        "practice.reopen": Verb(run=_press("open", "reopen"), writes=True),
        "practice.hand_on": Verb(run=hand_on, writes=False),
        "practice.why": Verb(run=why, writes=False),
    },
    forms={"practice.hand_on": submit_hand_on},
    cards={"practice": compose},
)
