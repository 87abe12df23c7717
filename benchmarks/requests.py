"""A command until its `views.open` arrives at Slack, and a form until it is answered: smbot against bare Bolt."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure import Measure, milliseconds
from benchmarks.programs import Bare, organisation, ready, smbot, workspace
from tests.fakes.slack import FakeSlack

AIM_MS = 5.0
WARM_UP = 10
REST_SECONDS = 0.02
CHOSEN = "account"
"""The one field that has no value yet when the form opens."""


@dataclass
class Side:
    """One of the two programs, and the seconds that each of its requests took."""

    url: str
    answers_later: bool
    """Whether a card follows the answer to a form; it is waited for, so that no request disturbs the next."""
    opened: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)


Ask = Callable[[FakeSlack, Side, str, int], Awaitable[None]]


async def run(folder: Path, pairs: int) -> Sequence[Measure]:
    """First commands alone, then forms: what smbot posts after a form is no part of opening the next one."""
    async with workspace() as slack:
        maria, file = organisation(slack, folder)
        async with both(slack, folder, file, maria) as (ours, bare):
            await _in_turn(command, slack, (ours, bare), maria, pairs)
            await _in_turn(form, slack, (ours, bare), maria, pairs)
    return [
        _measure("command to views.open", ours.opened, bare.opened),
        _measure("form to answer", ours.answered, bare.answered, "ours commits, synchronous=FULL"),
    ]


async def _in_turn(ask: Ask, slack: FakeSlack, sides: tuple[Side, Side], maria: str, pairs: int) -> None:
    """Both programs are asked in turn, each first every other time."""
    for n in range(pairs + WARM_UP):
        for side in sides if n % 2 else sides[::-1]:
            await ask(slack, side, maria, n)


@asynccontextmanager
async def both(slack: FakeSlack, folder: Path, file: str, maria: str) -> AsyncIterator[tuple[Side, Side]]:
    """smbot, and a bare program that opens the very form that smbot opens."""
    bot = smbot(slack, folder, file)
    other: Bare | None = None
    try:
        await bot.start()
        ours = Side(f"{bot.url}/slack/events", answers_later=True)
        await opened(slack, ours, maria, 0)
        other = Bare(slack, folder, _shown(slack))
        await other.spawn()
        await ready(other.url)
        yield ours, Side(f"{other.url}/slack/events", answers_later=False)
    finally:
        await bot.kill()
        if other:
            await other.kill()


def _shown(slack: FakeSlack) -> Any:
    return slack.called("views.open")[-1].args["view"]


async def command(slack: FakeSlack, side: Side, maria: str, n: int) -> None:
    side.opened.append(await opened(slack, side, maria, n))


async def form(slack: FakeSlack, side: Side, maria: str, n: int) -> None:
    """Open the form, fill it in and send it."""
    await opened(slack, side, maria, n)
    done = len(slack.calls)
    outcome = await slack.submit(maria, {CHOSEN: _account(slack, maria, n)})
    assert outcome.ok, outcome
    side.answered.append(outcome.answered_in)
    if side.answers_later:
        await slack.wait_for(lambda: any(c.method == "chat.postEphemeral" for c in slack.calls[done:]))
        await asyncio.sleep(REST_SECONDS)


async def opened(slack: FakeSlack, side: Side, maria: str, n: int) -> float:
    """Seconds from sending the command until `views.open` arrives."""
    slack.target = side.url
    slack.space.stacks.clear()
    seen, begun = len(slack.calls), slack.clock()
    place = next(c.id for c in slack.space.channels.values() if c.name == f"some-{n % 20}")
    outcome = await slack.command(maria, "/sm-question", channel=place)
    assert outcome.ok, outcome
    await slack.wait_for(lambda: slack.modal(maria))
    return next(c.at for c in slack.calls[seen:] if c.method == "views.open") - begun


def _account(slack: FakeSlack, maria: str, n: int) -> str:
    """The label of one of the accounts, each in its turn."""
    view = slack.modal(maria)
    assert view is not None
    field = next(b for b in view.blocks if b.get("block_id") == CHOSEN)
    options = field["element"]["options"]
    return str(options[n % len(options)]["text"]["text"])


def _measure(name: str, ours: Sequence[float], bare: Sequence[float], note: str = "") -> Measure:
    return Measure(name=name, ours=milliseconds(ours[WARM_UP:]), bare=milliseconds(bare[WARM_UP:]), unit="ms", aim=AIM_MS,
                   of="above", note=note)  # fmt: skip
