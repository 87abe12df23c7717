"""Decisions of officials as their readers see them: the list, one of each kind with its story, a correction."""

from collections.abc import Iterator
from datetime import timedelta

from bot.cases.filing import Filing
from bot.decided import KINDS
from bot.model import Entry
from bot.ports import Decision
from bot.screens import decision_story, decisions, printing
from bot.screens.decision_story import Story
from bot.screens.decisions import Asked
from bot.service import records
from bot.view import Card, Form
from smbot.gallery import made
from smbot.gallery.world import ANNA, BO, HEIDI, KARIN, MONDAY, NOW, Scene

HOUR = timedelta(hours=1)


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield from _lists(s)
    for kind in (*KINDS, "older", "unknown"):
        story = _story(s.posted, kind)
        yield (
            f"decision.opened.{kind}",
            decision_story.opened(s.posted.eyes, story, correct=kind != "registered"),
        )
        yield f"decision.whole.{kind}", decision_story.whole(s.posted.eyes, story)
    one = _decision(s, "account.approved", 12)
    yield "decision.correct", decisions.correct_form(s.eyes, one)
    yield "decision.corrected", decisions.corrected(s.eyes, one, _decision(s, "correction", 19))


def _lists(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    found = [_decision(s, kind, 19 - n) for n, kind in enumerate((*KINDS, "unknown"))]
    asked = Asked(account=s.account().id, kind="moderation", category="threat", first="2026-11-01", last="2026-11-30",
                  number=s.outside.searched[:100])  # fmt: skip
    yield "decision.list.newest", decisions.listing(s.eyes, Asked(), found, Asked(before=12))
    yield "decision.list.searched", decisions.listing(s.eyes, asked, found[:1], None)
    yield "decision.list.nothing", decisions.listing(s.eyes, asked, (), None)
    yield "decision.list.none", decisions.listing(s.eyes, Asked(), (), None)
    accounts = (s.account(), s.account("biolab"))
    yield from _printed(s)
    yield "decision.search", decisions.search_form(s.eyes, asked, accounts, ("threat", "spam"))


def _printed(s: Scene) -> Iterator[tuple[str, Form]]:
    """As a head copies it."""
    story = _story(s, "account.approved")
    yield "decision.print", printing.form(s.eyes, printing.printed(s.posted.eyes, story))


def _story(s: Scene, kind: str) -> Story:
    log = [("run.begun", ANNA), ("run.saved", ANNA), ("run.saved", ANNA), ("run.confirmed", BO),
           ("run.sent", ANNA), ("run.returned", HEIDI), ("run.judged", KARIN), ("run.noticed", None)]  # fmt: skip
    entries = [Entry(what=what, by=by, at=NOW - 9 * HOUR + n * HOUR, data={"why": s.outside.answer} if n == 5 else {})
               for n, (what, by) in enumerate(log)]  # fmt: skip
    entries.append(Entry(what="run.done", by=ANNA, at=NOW + HOUR))
    later = (_decision(s, "registered", 14), _decision(s, "correction", 15))
    if kind == "unknown":
        return Story(made=_decision(s, kind, 12))
    if kind in ("registered", "correction"):
        earlier = (_decision(s, "account.approved", 12),)
        return Story(made=_decision(s, kind, 14), of=earlier)
    if kind == "moderation":
        filing = Filing(
            id="f12", opened_at=NOW, account=s.account().id, what="moderation", decision=12, posts=3
        )
        return Story(made=_decision(s, kind, 12), filing=filing)
    return Story(made=_decision(s, kind, 12), log=tuple(entries), later=later)


def _decision(s: Scene, kind: str, number: int) -> Decision:
    body, personal = _body(s, kind), _personal(s, kind)
    names = (*personal, "took_part.02") if kind == "account.rejected" else tuple(personal)
    return Decision(
        number=number, at=NOW, kind="account.approved" if kind == "older" else kind, body=body, personal=personal,
        names=names, previous="", hash="", decided_by=HEIDI, presented_by=ANNA,
    )  # fmt: skip


def _personal(s: Scene, kind: str) -> dict[str, str]:
    found = {"decided_by": "Heidi Berg", "presented_by": s.outside.person, "took_part.01": "Bo Lind"}
    match kind:
        case "account.rejected" | "closure.rejected":
            return found | {"why": s.outside.answer}
        case "account.closed":
            return found | {
                "why": s.outside.answer,
                "entered_by": "Karin Ros",
                "reference": s.outside.searched,
            }
        case "correction":
            return {"decided_by": "Heidi Berg", "text": s.outside.answer}
        case "registered":
            return {"entered_by": s.outside.person}
        case _:
            return found


def _body(s: Scene, kind: str) -> dict[str, object]:
    plan = made.plan(s)
    steps = [step for step in plan.steps if not step.default][:3]
    body: dict[str, object] = {
        "account": s.account().id, "account_name": s.outside.account, "platform": "instagram", "unit_name": s.outside.unit,
        "decided_by": "head", "rules": records.rules(s.pack, steps), "pack": s.pack.name, "version": s.pack.version,
        "day": MONDAY.isoformat(),
    }  # fmt: skip
    match kind:
        case "moderation":
            return body | {"categories": ["threat", "spam"], "posts": 3}
        case "registered":
            return {
                "of": [12],
                "diary": s.outside.searched,
                "accounts": [s.account().id],
                "entered_by": "registrar",
            }
        case "correction":
            return body | {"of": [12], "rules": []}
        case "account.closed":
            by_phone = {"way": "phone", "given_on": MONDAY.isoformat(), "entered_by": "communications"}
            return body | {"accounts": [s.account().id, "biolab"]} | by_phone
        case "older":
            return body | {"rules": [], "sections": [x.id for x in s.pack.sections[:3]]}
        case "unknown":
            return {"something": s.outside.searched, "pack": "other", "version": "1"}
        case _:
            return body
