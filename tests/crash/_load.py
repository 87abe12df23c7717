"""People at work: they log questions, raise alarms, press buttons, and try again when Slack shows them an error."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.crash._stage import Stage
from tests.fakes.slack import Message, Outcome, View

TRIES = 60
AGAIN_SECONDS = 0.3
"""After an error people do not try again at once."""
MODAL_SECONDS = 2.0
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
    if not await _fill_in(stage, ledger, me, place, "/sm-question", form, token, stop):
        return
    card = await _card(stage, place, token)
    for verb in ("question.take", "question.answered")[: stage.random.randint(0, 2)]:
        if card and await _press(stage, ledger, me, card, verb, stop):
            ledger.pressed.append((token, verb, me))


async def _alarm(stage: Stage, ledger: Ledger, me: str, place: str, stop: asyncio.Event) -> None:
    token = ledger.token("alarm")
    await _fill_in(stage, ledger, me, place, "/sm-alarm", {"kind": "threat", "line": token}, token, stop)


async def _clear(stage: Stage, ledger: Ledger, me: str, place: str, stop: asyncio.Event) -> None:
    card = next((m for m in stage.slack.posts(place) if _button(m, "round.clear")), None)
    if card and await _press(stage, ledger, me, card, "round.clear", stop):
        ledger.cleared.add(place)


async def _guard(stage: Stage, ledger: Ledger, stop: asyncio.Event) -> None:
    """The security officer says of each alarm that they have it."""
    slack, has = stage.slack, set()
    while not stop.is_set():
        cards = [m for m in slack.dms(stage.sven) if m.ts not in has and _button(m, "alarm.receive")]
        for card in cards:
            has.add(card.ts)
            token = next((t for t in ledger.said if t in card.text), "")
            if token and await _press(stage, ledger, stage.sven, card, "alarm.receive", stop):
                ledger.pressed.append((token, "alarm.receive", stage.sven))
        await asyncio.sleep(AGAIN_SECONDS)


# -- one thing that a person does ---------------------------------------------------------------------


async def _fill_in(
    stage: Stage, ledger: Ledger, me: str, place: str, command: str, form: dict[str, str], token: str,
    stop: asyncio.Event,
) -> bool:  # fmt: skip
    """Open a form, fill it in, and send it until it is taken. False: given up, and nobody was told that it is saved."""
    slack, told = stage.slack, {"response_action": "clear"}
    slack.space.stacks.pop(me, None)
    if not await _open(stage, ledger, me, place, command, stop):
        return False
    kind, sent = slack.modal(me).callback_id, None  # type: ignore[union-attr]
    while not sent and not stop.is_set() and _is_open(stage, me, kind):
        await _write(stage, me, form)
        sent = await _until_ok(ledger, lambda: slack.submit(me), stop, 1)
    if sent is None or sent.body != told:
        return False
    ledger.saved.add(token)
    return True


async def _write(stage: Stage, me: str, form: dict[str, str]) -> None:
    """Fill in the form on top: the one that a late answer to a command sent twice may have opened over the first."""
    shown = stage.slack.modal(me)
    assert shown
    await stage.slack.fill(me, {name: _labelled(shown, name, value) for name, value in form.items()})


async def _open(stage: Stage, ledger: Ledger, me: str, place: str, command: str, stop: asyncio.Event) -> bool:
    """An acknowledged command may still bring no form: the process was killed in between."""
    slack = stage.slack
    for _ in range(TRIES):
        if stop.is_set():
            return False
        if await _until_ok(ledger, lambda: slack.command(me, command, channel=place), stop, 1):
            try:
                await slack.wait_for(lambda: slack.modal(me), MODAL_SECONDS)
            except AssertionError:
                continue
            return True
    return False


async def _press(
    stage: Stage, ledger: Ledger, me: str, card: Message, verb: str, stop: asyncio.Event
) -> bool:
    """Press until it is acknowledged, or until the card shows that it is done."""
    for _ in range(TRIES):
        action = _button(card, verb)
        if not action:
            return False
        if await _until_ok(ledger, lambda action=action: stage.slack.press(me, card, action), stop, 1):
            return True
        if stop.is_set():
            return False
    return False


async def _until_ok(
    ledger: Ledger, act: Callable[[], Awaitable[Outcome]], stop: asyncio.Event, tries: int
) -> Outcome | None:
    for _ in range(tries):
        outcome = await act()
        if outcome.ok:
            return outcome
        ledger.errors += 1
        await asyncio.sleep(AGAIN_SECONDS)
        if stop.is_set():
            return None
    return None


async def _card(stage: Stage, place: str, token: str) -> Message | None:
    """The question's card, if it comes soon: a place may be held by a process that was killed."""
    slack = stage.slack
    try:
        found = await slack.wait_for(
            lambda: [m for m in slack.space.standing(place) if token in m.text], CARD_SECONDS
        )
    except AssertionError:
        return None
    return found[0]


def _is_open(stage: Stage, me: str, kind: str) -> bool:
    """Whether the form still stands there: a late answer takes its place."""
    top = stage.slack.modal(me)
    return top is not None and top.callback_id == kind


# -- reading ------------------------------------------------------------------------------------------


def _button(message: Message, verb: str) -> str:
    """The action_id of a button, "" when there is none."""
    elements = (e for b in message.blocks for e in (*b.get("elements", []), b.get("accessory") or {}))
    return next((e["action_id"] for e in elements if e.get("action_id", "").startswith(f"{verb}#")), "")


def _option(n: int) -> str:
    return f"Account {n}"


def _labelled(view: View, name: str, value: str) -> str:
    """A choice by the label that begins so: an account's option names its platform as well."""
    block = next(b for b in view.blocks if b.get("block_id") == name)
    options = block["element"].get("options", [])
    own = [o["text"]["text"] for o in options if value in (o["value"], o["text"]["text"].partition(" (")[0])]
    return own[0] if own else value
