"""People at work: they log questions, raise alarms, press buttons, and try again when the chat shows them an error."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.crash._chat import Done, Post
from tests.crash._stage import Stage

TRIES = 60
AGAIN_SECONDS = 0.3
"""After an error people do not try again at once."""
CARD_SECONDS = 3.0


@dataclass
class Ledger:
    """What people did, and what they were told. A token is a question's text or an alarm's line."""

    said: dict[str, str] = field(default_factory=dict)  # token -> "question" or "alarm"
    saved: set[str] = field(default_factory=set)  # tokens whose form was acknowledged as saved
    pressed: list[tuple[str, str, str]] = field(default_factory=list)  # acknowledged: token, verb, person
    cleared: set[str] = field(default_factory=set)  # places whose round was answered and acknowledged
    errors: int = 0
    number: int = 0

    def token(self, kind: str) -> str:
        self.number += 1
        token = f"{kind}-{self.number:04d}"
        self.said[token] = kind
        return token


@asynccontextmanager
async def at_work(stage: Stage, pause: tuple[float, float] = (0.2, 1.2)) -> AsyncIterator[Ledger]:
    """Everybody works until the block ends; then each finishes what they are at."""
    ledger, stop = Ledger(), asyncio.Event()
    people = [asyncio.create_task(_person(stage, ledger, person, stop, pause)) for person in stage.people]
    people.append(asyncio.create_task(_guard(stage, ledger, stop)))
    try:
        yield ledger
        stop.set()
        await asyncio.gather(*people)
    finally:
        for task in people:
            task.cancel()
        await asyncio.gather(*people, return_exceptions=True)


async def _person(
    stage: Stage, ledger: Ledger, me: str, stop: asyncio.Event, pause: tuple[float, float]
) -> None:
    mine = stage.places_of(me)
    while not stop.is_set():
        place, dice = stage.random.choice(mine), stage.random.random()
        if dice < 0.15:
            await _alarm(stage, ledger, me, place, stop)
        elif dice < 0.3:
            await _clear(stage, ledger, me, place, stop)
        else:
            await _question(stage, ledger, me, place, stop)
        try:
            async with asyncio.timeout(stage.random.uniform(*pause)):
                await stop.wait()
        except TimeoutError:
            continue


async def _question(stage: Stage, ledger: Ledger, me: str, place: str, stop: asyncio.Event) -> None:
    token = ledger.token("question")
    n = stage.places.index(place)
    form = {"account": _option(n), "text": token}
    if not await _fill_in(stage, ledger, me, place, "sm-question", form, token, stop):
        return
    card = await _card(stage, place, token)
    for verb in ("question.take", "question.answered")[: stage.random.randint(0, 2)]:
        if card and await _press(stage, ledger, me, card, verb, stop):
            ledger.pressed.append((token, verb, me))


async def _alarm(stage: Stage, ledger: Ledger, me: str, place: str, stop: asyncio.Event) -> None:
    token = ledger.token("alarm")
    await _fill_in(stage, ledger, me, place, "sm-alarm", {"kind": "threat", "line": token}, token, stop)


async def _clear(stage: Stage, ledger: Ledger, me: str, place: str, stop: asyncio.Event) -> None:
    chat = stage.chat
    card = next((m for m in chat.posts(place) if chat.has(m, "round.clear")), None)
    if card and await _press(stage, ledger, me, card, "round.clear", stop):
        ledger.cleared.add(place)


async def _guard(stage: Stage, ledger: Ledger, stop: asyncio.Event) -> None:
    """The security officer says of each alarm that they have it."""
    chat, has = stage.chat, set()
    while not stop.is_set():
        fresh = [m for m in chat.direct(stage.sven) if id(m) not in has and chat.has(m, "alarm.receive")]
        for card in fresh:
            has.add(id(card))
            token = next((t for t in ledger.said if t in chat.words(card)), "")
            if token and await _press(stage, ledger, stage.sven, card, "alarm.receive", stop):
                ledger.pressed.append((token, "alarm.receive", stage.sven))
        await asyncio.sleep(AGAIN_SECONDS)


# -- one thing that a person does ---------------------------------------------------------------------


async def _fill_in(
    stage: Stage, ledger: Ledger, me: str, place: str, command: str, form: dict[str, str], token: str,
    stop: asyncio.Event,
) -> bool:  # fmt: skip
    """Open a form, fill it in, and send it until it is taken. False: given up, and nobody was told that it is saved.

    Once sent it is never sent by another form: the first may have been saved, and whoever fills in two logs two questions.
    """
    chat = stage.chat
    chat.close(me)
    if not await _open(stage, ledger, me, place, command, stop):
        return False
    window, sent = chat.form(me), None
    while not sent and not stop.is_set() and chat.form(me) == window:
        await chat.fill(me, form)
        sent = await _tried(ledger, lambda: chat.submit(me), stop)
    if sent is None or not sent.saved:
        return False
    ledger.saved.add(token)
    return True


async def _open(stage: Stage, ledger: Ledger, me: str, place: str, command: str, stop: asyncio.Event) -> bool:
    """An acknowledged command may still bring no form: the process was killed in between."""
    for _ in range(TRIES):
        if stop.is_set():
            return False
        with suppress(AssertionError):
            if await _tried(ledger, lambda: stage.chat.open(me, place, command), stop):
                return True
    return False


async def _press(stage: Stage, ledger: Ledger, me: str, card: Post, verb: str, stop: asyncio.Event) -> bool:
    """Press until it is acknowledged, or until the card shows that it is done."""
    for _ in range(TRIES):
        if not stage.chat.has(card, verb):
            return False
        if await _tried(ledger, lambda: stage.chat.press(me, card, verb), stop):
            return True
        if stop.is_set():
            return False
    return False


async def _tried(ledger: Ledger, act: Callable[[], Awaitable[Done]], stop: asyncio.Event) -> Done | None:
    """One try; after an error a pause. None when nobody was told that it is done."""
    done = await act()
    if done.ok:
        return done
    ledger.errors += 1
    if not stop.is_set():
        await asyncio.sleep(AGAIN_SECONDS)
    return None


async def _card(stage: Stage, place: str, token: str) -> Post | None:
    """The question's card, if it comes soon: a place may be held by a process that was killed."""
    chat = stage.chat
    try:
        found = await chat.wait_for(
            lambda: [m for m in chat.posts(place) if token in chat.words(m)], CARD_SECONDS
        )
    except AssertionError:
        return None
    return found[0]


def _option(n: int) -> str:
    return f"Account {n}"
