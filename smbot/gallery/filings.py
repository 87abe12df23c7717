"""What goes to the registrar: the queue, the day's bundle, the form for numbers, the cover sheet."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.cases.filing import Filing, FilingKind
from bot.ports import Decision
from bot.screens import filings
from bot.screens.filings import Bundle, Filed, Queue
from bot.screens.letters import letter
from bot.view import Card, Form
from smbot.gallery.made import CHECKSUM
from smbot.gallery.world import FRIDAY, KARIN, MONDAY, Scene, at


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    waiting = [_moderation(s), _closure(s), _filed(s, 14, "account", account="alumni")]
    yield from _queues(s, waiting)
    yield from _bundles(s.posted, waiting)
    yield from _numbers(s, waiting)
    yield "filing.cover", filings.cover(s.eyes, waiting[0])
    yield "filing.cover.closure", filings.cover(s.eyes, waiting[1])
    for n in (21, 22):
        yield f"filing.cover.{n}", filings.cover(s.eyes, _many(s, n))
    yield "filing.cover.purged", filings.cover(s.eyes, _over(waiting[2], number=s.outside.reason))


def _queues(s: Scene, waiting: list[Filed]) -> Iterator[tuple[str, Card]]:
    yield "filing.queue", filings.queue(s.eyes, Queue(shown=waiting, total=3, left=0))
    yield "filing.queue.one", filings.queue(s.eyes, Queue(shown=waiting[:1], total=1, left=0))
    ten = [_filed(s, n, "moderation") for n in range(20, 30)]
    yield "filing.queue.many", filings.queue(s.eyes, Queue(shown=ten, total=24, left=14))
    yield "filing.queue.one_more", filings.queue(s.eyes, Queue(shown=ten, total=11, left=1))
    yield "filing.queue.no_more", filings.queue(s.eyes, Queue(shown=(), total=3, left=0))
    yield "filing.queue.nothing", filings.queue(s.eyes, Queue(shown=(), total=0, left=0))


def _bundles(s: Scene, waiting: list[Filed]) -> Iterator[tuple[str, Card]]:
    first = _over(waiting[0], number="LS 2026/812")
    yield (
        "filing.letter",
        letter(s.eyes, filings.letter(s.eyes, Bundle(shown=waiting[:1], waits=1)), chat=True),
    )
    yield "filing.bundle", filings.bundle(s.eyes, Bundle(shown=waiting, waits=3))
    yield (
        "filing.bundle.partly",
        filings.bundle(s.eyes, Bundle(shown=(*waiting[1:], first), waits=2, earlier=1)),
    )
    alerts = s.eyes.mentions((KARIN,))
    instead = Bundle(shown=waiting[:1], waits=1, earlier=4, instead=True, alerts=alerts)
    yield "filing.bundle.instead", filings.bundle(s.eyes, instead)
    yield "filing.bundle.done", filings.bundle(s.eyes, Bundle(shown=(first,), waits=0, alerts=alerts))


def _numbers(s: Scene, waiting: list[Filed]) -> Iterator[tuple[str, Card | Form]]:
    yield "filing.form", filings.number_form(s.eyes, waiting, on_behalf=False)
    yield "filing.form.on_behalf", filings.number_form(s.eyes, waiting[:1], on_behalf=True)
    given = [_over(filed, number="LS 2026/812") for filed in waiting]
    none = [_over(filed, why_none=s.outside.alarm_why) for filed in waiting]
    yield "filing.noted", filings.noted(s.eyes, given, (), 0)
    yield "filing.noted.one", filings.noted(s.eyes, given[:1], none[1:2], 1)
    yield "filing.noted.none", filings.noted(s.eyes, none, (), 2)
    yield "filing.noted.none_one", filings.noted(s.eyes, none[:1], (), 0)
    yield "filing.noted.purged", filings.noted(s.eyes, (), [_over(waiting[0])], 0)
    yield "filing.noted.already", filings.noted(s.eyes, (), [given[0], none[1]], 0)


def _filed(s: Scene, number: int, what: FilingKind, **changes: Any) -> Filed:
    filing = Filing(id=f"f{number}", opened_at=at(FRIDAY, 15, 20), what=what, decision=number,
                    **({"account": "bio"} | changes))  # fmt: skip
    decision = Decision(number=number, at=filing.opened_at, kind=what, personal={}, previous="", hash="",
                        body={"day": FRIDAY.isoformat(), "pack": s.pack.name, "version": s.pack.version})  # fmt: skip
    return Filed(filing=filing, decision=decision)


def _moderation(s: Scene) -> Filed:
    """A pile-on: three posts, one filing, with all that a decision may hold."""
    filed = _filed(s, 12, "moderation", posts=3)
    known = {"platform": "instagram", "categories": ["threat", "other-law"], "posted": FRIDAY.isoformat(),
             "captured": True, "taken_off": True, "answer": "nothing"}  # fmt: skip
    posts = {f"post.{n:03}": f"{s.outside.question_link}{n}" for n in range(1, 4)}
    personal = {**posts, "decided_by": s.outside.person, "took_part.01": "Bo Lind", "took_part.02": "Dag Sten",
                "capture.sender": s.outside.searched, "capture.checksum": CHECKSUM,
                "capture.place": "G:/sociala-medier/2026-11-20-kommentar.png",
                "archive-only.reason": s.outside.question, "anything": s.outside.purpose}  # fmt: skip
    return _holding(filed, known, personal)


def _many(s: Scene, posts: int) -> Filed:
    """A moderation of more posts than a cover sheet lists; what was written could not be seen by the public."""
    personal = {f"post.{n:03}": s.outside.question_link for n in range(posts)}
    known = {"taken_off": "not-public", "captured": False, "answer": "later"}
    return _holding(_filed(s, 15, "moderation", posts=posts), known, personal)


def _closure(s: Scene) -> Filed:
    """Two accounts that are closed by one decision."""
    personal = {"decided_by": "Heidi Berg", "presented_by": s.outside.person, "had_access.01": "Bo Lind",
                "words": s.outside.purpose, "snapshot": "G:/sociala-medier/startsida.png"}  # fmt: skip
    known = {"accounts": ["bio", "biolab"], "platform": "instagram", "taken_off": None}
    return _holding(_filed(s, 13, "closure"), known, personal)


def _holding(filed: Filed, known: dict[str, Any], personal: dict[str, str]) -> Filed:
    body = {**filed.decision.body, **known}
    return replace(filed, decision=replace(filed.decision, body=body, personal=personal))


def _over(filed: Filed, number: str = "", why_none: str = "") -> Filed:
    over = replace(filed.filing, number=number, entered_by=KARIN, closed_at=at(MONDAY, 10, 5))
    return replace(filed, filing=over, why_none=why_none)
