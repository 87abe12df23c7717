"""Starting what came in from a file: the choice of channels, the card in each, the head's list, a gap asked about later."""

from collections.abc import Iterator
from dataclasses import replace

from bot.cases.start import Start, StartLine, StartState
from bot.screens import gaps, overview, starting
from bot.screens.base import Eyes
from bot.view import Card, Form
from smbot.gallery.world import FRIDAY, KARIN, TUESDAY, Scene, at

BIOLOGI = "web:local:biologi"
GAPS = ("place", "person", "second_person", "address", "head", "purpose")


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield from _office(s)
    yield from _channel(s)
    yield "start.head", starting.head_list(s.posted.eyes, tuple(s.register.accounts.values()))
    line = starting.head_line(s.posted.eyes, tuple(s.register.accounts.values()))
    yield "start.head.line", overview.heads(s.posted.eyes, (line,), own=True)
    yield "start.head.many", starting.head_list(s.posted.eyes, tuple(s.register.accounts.values()) * 9)
    yield "gap.fill", gaps.fill_form(s.eyes, s.account(), head=False)
    yield "gap.fill.office", gaps.fill_form(s.eyes, s.account(), head=True)
    yield "gap.fill.done", gaps.filled(s.eyes, s.account())
    for gap in GAPS:
        yield f"gap.line.{gap}", overview.heads(s.eyes, (gaps.line(s.eyes, s.account(), gap),), own=False)


def nobody(s: Scene, eyes: Eyes) -> Eyes:
    """One account names nobody."""
    waiting = {a: replace(s.account(a), state="imported") for a in ("bio", "biologi-fb", "biolab")}
    waiting["biolab"] = replace(waiting["biolab"], people=(), said={"people": s.outside.person})
    return replace(eyes, register=replace(eyes.register, accounts={**eyes.register.accounts, **waiting}))


def start(bio: StartState = "open", rest: StartState = "open") -> Start:
    lines = (
        StartLine(account="bio", state=bio),
        *(StartLine(account=a, state=rest) for a in ("biologi-fb", "biolab")),
    )
    return Start(id="s1", opened_at=at(FRIDAY, 9), place=BIOLOGI, by=KARIN, lines=lines)


def _office(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    waiting = {place: tuple(s.register.accounts.values()) for place in s.register.places}
    yield "start.channels", starting.channels_form(s.eyes, waiting, (), 0, ())
    yield (
        "start.channels.again",
        starting.channels_form(s.eyes, {BIOLOGI: (s.account(),)}, (start("right"),), 2, (s.outside.place,)),
    )
    yield "start.channels.none", starting.channels_form(s.eyes, {}, (start("right"),), 1, ("a", "b"))
    yield "start.started", starting.started(s.eyes, (BIOLOGI,), now=True)
    yield "start.started.later", starting.started(s.eyes, tuple(s.register.places), now=False)


def _channel(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    posted = nobody(s, s.posted.eyes)
    yield "start.card", starting.card(posted, start())
    yield "start.card.partly", starting.card(posted, start("right"))
    yield "start.card.moved", starting.card(s.posted.eyes, start())
    yield "start.card.done", starting.card(posted, start("away", "right"))
    many = replace(start(), lines=(StartLine(account="bio"), *(StartLine(account="biologi-fb"),) * 29))
    yield "start.card.many", starting.card(posted, many)
    yield "start.change", starting.change_form(s.eyes, start(), s.account())
    yield "start.answered", starting.answered(s.eyes, 3, 0, TUESDAY)
    yield "start.answered.left", starting.answered(s.eyes, 1, 1, TUESDAY)
    yield "start.answered.none", starting.answered(s.eyes, 0, 2, TUESDAY)
