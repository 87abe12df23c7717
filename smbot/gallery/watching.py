"""Who watches: all are away, communications takes over, free days, and the hand-over."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.cases.watch import Watch
from bot.model import FreeDuty, Takeover
from bot.ports import DayOutcome
from bot.screens import duty, handover, overview, watching
from bot.screens.handover import Known, Meanwhile
from bot.view import Card, Form
from bot.watching import Span
from smbot.gallery import moderation
from smbot.gallery.world import ANNA, ASKED, BO, FRIDAY, HEIDI, KARIN, MONDAY, SUNDAY, Scene, at

FIRST, LAST = date(2026, 12, 21), date(2027, 1, 8)
SPANS = tuple(Span(account=a, first=FIRST, last=LAST) for a in ASKED)
ONE = (Span(account="bio", first=FIRST, last=FIRST),)
TAKEN = (Takeover(id="o1", accounts=ASKED, first=FIRST, last=LAST, by=KARIN),)
NAMED = (Takeover(id="o1", accounts=("bio",), first=FIRST, last=LAST, by=HEIDI, who=BO),)
HEAD = ("head", "off")


def watch(**changes: Any) -> Watch:
    made = Watch(
        id="g1", opened_at=at(FRIDAY, 11), what="away", reader=HEIDI, accounts=ASKED, first=FIRST, last=LAST
    )
    return replace(made, **changes)


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield from _head(s)
    yield from _office(s)
    yield from _free_days(s)
    yield from _handovers(s)


def _head(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    e, handed = s.posted.eyes, watch(handed_by=HEIDI)
    yield "watch.card", watching.card(e, watch(), SPANS, (), may=HEAD)
    yield "watch.card.one", watching.card(e, watch(accounts=("bio",)), ONE, (), may=HEAD)
    yield "watch.card.many", watching.card(e, watch(), SPANS * 9, (), may=HEAD)
    yield "watch.card.handed", watching.card(e, handed, SPANS, (), may=HEAD)
    yield "watch.card.office", watching.card(e, watch(), SPANS, (), may=(*HEAD, "office"))
    yield "watch.card.deputy", watching.card(e, watch(), SPANS, (), may=("head",))
    yield "watch.card.settled", watching.card(e, watch(), (), (), may=HEAD)
    if line := watching.line(s.eyes, watch(), SPANS):
        yield (
            "watch.line",
            overview.heads(s.eyes, (line, duty.line(s.eyes, watch(id="g2", what="free_days"))), own=False),
        )
    if line := watching.taken_line(s.eyes, watch(takeovers=("o1",)), TAKEN):
        back = watching.undone_line(s.eyes, watch(id="g3", undone=True))
        yield "watch.line.taken", overview.heads(s.eyes, (line, back), own=False)
    yield "watch.cover", watching.cover_form(s.eyes, watch())
    yield "watch.cover.one", watching.cover_form(s.eyes, watch(accounts=("bio",)))
    yield "watch.named_now", watching.named(s.eyes, BO, 3, "g1")
    yield "watch.handed_now", watching.handed_over(s.eyes)


def _office(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    e, over = s.posted.eyes, watch(takeovers=("o1",), closed_at=s.now)
    yield "watch.taken", watching.taken(e, over, TAKEN)
    yield "watch.taken.named", watching.taken(e, over, NAMED)
    yield "watch.undone", watching.undone(s.eyes, nothing=False)
    yield "watch.nothing_undone", watching.undone(s.eyes, nothing=True)
    yield "watch.told_undone", watching.told_undone(s.eyes, over)
    yield "watch.told_undone.many", watching.told_undone(s.eyes, replace(over, accounts=ASKED * 5))
    known = tuple(s.register.accounts.values())
    yield "rota.take", watching.rota_form(s.eyes, known, SPANS)
    yield "rota.take.none", watching.rota_form(s.eyes, known, ())
    yield "rota.taken", watching.rota_taken(s.eyes, ASKED, FIRST, LAST, ("g1",))
    yield "rota.taken.one", watching.rota_taken(s.eyes, ASKED[:1], FIRST, LAST, ("g1",))
    yield "rota.morning", watching.rota(s.eyes, ASKED)
    yield "rota.morning.fresh", watching.rota(s.eyes, ASKED, handover.fresh(s.eyes, _known(s)))
    yield "rota.morning.one", watching.rota(s.eyes, ASKED[:1])
    yield "rota.morning.many", watching.rota(s.eyes, ASKED * 5)


def _free_days(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    asked, e = watch(what="free_days", first=None, last=None), s.posted.eyes
    yield "duty.ask", duty.card(e, asked)
    yield "duty.ask.one", duty.card(e, replace(asked, accounts=("bio",)))
    yield "duty.ask.many", duty.card(e, replace(asked, accounts=ASKED * 5))
    yield "duty.ask.answered", duty.card(e, replace(asked, closed_at=s.now))
    every_day = Scene(language=s.language, outside=s.outside, pack_name="kau").having(
        office=replace(s.office, hr_page="https://larosatet.example/arbetstid")
    )
    yield "duty.form", duty.form(every_day.eyes, [s.account(a) for a in ASKED], "g1")
    yield "duty.form.page", duty.form(s.eyes, [s.account("biologi-fb")], "biologi-fb")
    for name, kind, instead in (
        ("nobody", "none", "comments_off"),
        ("filtered", "none", "filtered"),
        ("rota", "rota", ""),
    ):
        own: Any = FreeDuty(kind=kind, agreed_by=HEIDI, agreed_on=MONDAY, instead=instead)  # type: ignore[arg-type]
        yield f"duty.saved.{name}", duty.saved(s.eyes, [replace(s.account(), duty=own)])
    yield (
        "duty.saved",
        duty.saved(s.eyes, [replace(s.account(a), duty=s.account("biologi-fb").duty) for a in ASKED]),
    )
    why = {
        "decided": [s.eyes.account("bio")],
        "never": [s.eyes.account(a) for a in ASKED[1:]],
        "away": [s.eyes.account("bio")],
    }
    free = overview.Digest(
        asked=3, unanswered=(), nobody=(), overdue=(), waiting=0, alarms=0, gaps=(), free=why
    )
    yield "digest.free_days", overview.digest(s.eyes, free)
    given, one = duty.for_rota(e, ASKED, s.eyes.name(HEIDI)), duty.for_rota(e, ASKED[:1], s.eyes.name(HEIDI))
    handed = [watching.handed(e, watch(handed_by=HEIDI), spans) for spans in (SPANS, ONE)]
    lines = [*filter(None, handed), watching.undone_line(e, watch(undone=True)), given, one]
    yield "digest.watches", overview.digest(s.eyes, replace(free, free={}, watches=lines))
    other = {"decided": why["never"], "never": why["decided"], "away": why["never"]}
    yield "digest.free_days_other", overview.digest(s.eyes, replace(free, free=other))


def _known(s: Scene) -> Known:
    days = [DayOutcome(account=a, day=FRIDAY - timedelta(days=n), outcome="looked_at" if a == "bio" else outcome)
            for n, outcome in enumerate(("looked_at", "no_answer", "late")) for a in ASKED]  # fmt: skip
    waiting = (s.question(at(FRIDAY, 11)), s.question(at(SUNDAY, 15, 40), id="q2", kind="comment"))
    accounts = [replace(s.account(), login=s.outside.login), *(s.account(a) for a in ASKED[1:])]
    return Known(accounts=accounts, questions=waiting, days=days)


def _handovers(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    e, known = s.posted.eyes, _known(s)
    bare, alone = Known(accounts=()), [(ANNA, LAST)]
    begun = replace(known, moderations=(moderation.run(s, {}, "answer"),))
    yield "handover.several", handover.given(e, [*alone, (BO, LAST)], begun)
    yield "handover", handover.given(e, alone, known)
    yield "handover.bare", handover.given(e, alone, bare)
    yield "handover.many", handover.given(e, alone, replace(known, accounts=tuple(known.accounts) * 5))
    yield "handover.named", handover.named(e, HEIDI, NAMED, replace(known, accounts=known.accounts[:1]))
    yield "handover.named.many", handover.named(e, HEIDI, TAKEN, known)
    yield "handover.over", handover.over(e)
    meanwhile = Meanwhile(questions=known.questions, days=known.days)
    yield "handover.back", handover.back(e, [BO, ""], meanwhile, known)
    yield "handover.back.bare", handover.back(e, (), Meanwhile(), bare)
