"""Closing accounts from the first question to silence, as runner, head, people and communications see it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot import checklists
from bot.cases.round import Round
from bot.cases.run_state import CLOSE_ACCOUNT, Answer, Run
from bot.policy import Checklist
from bot.ports import Decision
from bot.screens import accounts, approvals, closing, decision_story, rounds, runs
from bot.screens.decision_story import Story
from bot.view import Card, Form, Value
from smbot.gallery import moderation
from smbot.gallery.made import copy_of
from smbot.gallery.world import ANNA, BO, DAG, FRIDAY, HEIDI, MONDAY, NOW, Scene, at

PACK = "kau"
"""Guidelines that offer comments off."""
TOLD = ("approved", "helper", "idle", "live", "no_approver", "rejected", "returned")
STATES: Mapping[str, Mapping[str, Any]] = {
    "draft": {}, "waiting": {}, "no_approver": {"state": "waiting", "approver": None}, "returned": {},
    "second_half": {}, "done": {"closed_at": NOW}, "rejected": {"closed_at": NOW}, "withdrawn": {"closed_at": NOW},
}  # fmt: skip
ASIDE: Any = {"edit": True, "pattern": True, "place": True, "history": True}
HISTORY: Any = dict.fromkeys(ASIDE, False) | {"history": True}


def entries(scene: Scene) -> Iterator[tuple[str, Card | Form]]:
    s = replace(scene, pack_name=PACK)
    yield from _begin(s)
    yield from _steps(s)
    yield from _overviews(s)
    yield from _approval(s.posted)
    yield from _held(s)
    yield from _told(s.posted)
    yield from _register(s)


def plan(s: Scene) -> Checklist:
    return s.pack.checklists[CLOSE_ACCOUNT]


def answers(s: Scene, **chosen: Value) -> dict[str, Value]:
    """Every step answered; `chosen` by "step__field" where another answer is meant."""
    found: dict[str, Value] = {
        checklists.CLOSING: ("bio", "biolab"), checklists.WHY_CLOSE: "inactive", checklists.WHY_CLOSE_TEXT: s.outside.answer,
        "snapshot.taken": "yes", checklists.PICTURE: "G:/biologi/startsida.png", checklists.PICTURE_DAY: FRIDAY.isoformat(),
        checklists.CHECKED: "yes", "closed.done": "yes", "closed.day": MONDAY.isoformat(),
    }  # fmt: skip
    found |= {name.replace("__", ".").replace("_", "-"): value for name, value in chosen.items()}
    return checklists.kept(plan(s), found)


def run(s: Scene, found: Mapping[str, Value] | None = None, **changes: Any) -> Run:
    values = answers(s) if found is None else found
    usual = {
        "id": "c1", "opened_at": at(FRIDAY, 9), "name": CLOSE_ACCOUNT, "stamp": s.stamp, "runner": ANNA,
        "checklist": copy_of(s.pack_name, CLOSE_ACCOUNT), "approver": HEIDI, "sent_at": NOW, "sends": 1,
        "answers": {ref: Answer(value=v, by=ANNA, at=NOW) for ref, v in values.items()},
    }  # fmt: skip
    return Run(**{**usual, **changes})


def decided(s: Scene, **changes: Any) -> Run:
    return run(s, **{"decided_by": HEIDI, "decided_at": NOW, "decision": 14, "account": "bio", **changes})


def _begin(s: Scene) -> Iterator[tuple[str, Card]]:
    begun = run(s, {checklists.CLOSING: ("bio",)})
    yield "close.start", closing.start(s.eyes, (begun, run(s, id="c2")))
    yield "close.not_written", closing.not_written(s.eyes)


def _steps(s: Scene) -> Iterator[tuple[str, Form]]:
    nobody = answers(s, why__reason="nobody", comments_off__instead="close")
    before: dict[str, Value] = {}
    for step in checklists.path(plan(s), nobody):
        yield (
            f"close.step.{step.id}",
            runs.step_form(s.eyes, plan(s), step, before, actor=ANNA, state=f"c1|{step.id}|"),
        )
        before |= {r: v for r, v in nobody.items() if r.partition(".")[0] == step.id}

    step = plan(s).steps[4]
    waiting = closing.waits(s.eyes, (s.question(), s.alarm()))
    form = runs.step_form(s.eyes, plan(s), step, nobody, actor=ANNA, state="c1|", above=waiting)
    yield "close.step.something_waits", form


def _overviews(s: Scene) -> Iterator[tuple[str, Card]]:
    why: Any = {"why": s.outside.answer, "returned_why": s.outside.question}
    for name, more in STATES.items():
        known = decided(s, **why, **{"state": name, **more}) if name in ("second_half", "done", "rejected") else run(
            s, **why, **{"state": name, **more})  # fmt: skip
        yield f"close.overview.{name}", runs.overview(s.eyes, known)
    left = answers(s)
    half = {r: v for r, v in left.items() if not r.startswith("closed.")}
    yield "close.overview.to_finish", runs.overview(s.eyes, decided(s, state="second_half"))
    yield "close.overview.to_close", runs.overview(s.eyes, replace(decided(s, state="second_half"), answers={
        r: Answer(value=v, by=ANNA, at=NOW) for r, v in half.items()}))  # fmt: skip
    off = answers(s, why__reason="nobody", comments_off__instead="yes")
    yield (
        "close.overview.comments_off",
        runs.overview(s.eyes, run(s, off, state="stopped", stop=checklists.INSTEAD)),
    )


def _approval(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    waiting = run(s, state="waiting")
    known = closing.Closing(accounts=[s.account(), s.account("biolab")], looked={"bio": date(2026, 5, 4)})
    yield "close.approval", closing.card(s.eyes, waiting, known, (DAG,))
    again = run(s, state="waiting", returned_why=s.outside.question, reply=s.outside.answer, sends=2)
    open_ = replace(known, waiting=[s.question(), s.alarm()], registrar=False)
    yield "close.approval.again", closing.card(s.eyes, again, open_, ())
    many = [s.account()] * 20
    yield "close.approval.many", closing.card(s.eyes, waiting, replace(known, accounts=many), ())
    for state in ("second_half", "rejected"):
        yield (
            f"close.approval.over.{state}",
            approvals.over(s.eyes, decided(s, state=state, why=s.outside.answer)),
        )
    yield "close.approval.everything", approvals.everything(s.eyes, waiting)
    for kind in ("account.closed", "closure.rejected"):
        yield (
            f"close.decision.{kind.partition('.')[0]}",
            decision_story.whole(s.eyes, Story(made=_decision(s, kind))),
        )
    for key in ("approved", "rejected"):
        yield f"close.approval.said.{key}", approvals.noted(s.eyes, decided(s), f"approval.noted.{key}")


def _decision(s: Scene, kind: str) -> Decision:
    body = {"unit_name": s.outside.unit, "decided_by": "head", "sections": [x.id for x in s.pack.sections[:2]],
            "pack": s.pack.name, "version": s.pack.version, "day": MONDAY.isoformat()}  # fmt: skip
    personal = {"decided_by": "Heidi Berg", "presented_by": s.outside.person, "took_part.01": "Bo Lind",
                "snapshot": "G:/biologi/startsida.png", "words": s.outside.answer, "had_access.01": "Bo Lind"}  # fmt: skip
    if kind == "closure.rejected":
        personal["why"] = s.outside.answer
    return Decision(
        number=14,
        at=NOW,
        kind=kind,
        body=body,
        personal=personal,
        names=tuple(personal),
        previous="",
        hash="",
    )


def _held(s: Scene) -> Iterator[tuple[str, Card]]:
    for state in ("draft", "waiting", "second_half"):
        yield f"close.held.{state}", closing.held(s.eyes, run(s, state=state), (s.question(), s.alarm()))
    begun = moderation.run(replace(s, pack_name="ki"), {}, "visible")
    yield "close.held.moderation", closing.held(s.eyes, run(s), (begun,))
    yield "close.held.many", closing.held(s.eyes, run(s), [s.question()] * 20)


def _told(s: Scene) -> Iterator[tuple[str, Card]]:
    for what in TOLD:
        one = decided(s, why=s.outside.answer, returned_why=s.outside.question)
        known = (
            one if what in ("approved", "live", "rejected") else replace(one, decision=None, decided_by=None)
        )
        yield (
            f"close.told.{what}",
            runs.told_card(s.eyes, known, what, None, office=what in ("live", "no_approver")),
        )
    yield "close.told.comments_off", closing.comments_off(s.eyes, [s.account(), s.account("biolab")], FRIDAY)


def _register(s: Scene) -> Iterator[tuple[str, Card]]:
    usual = s.account()
    off, over = replace(usual, state="paused"), replace(usual, state="closed")
    shown = {
        "close": closing.on_account(s.eyes, usual, close=True, run=None, since=None),
        "begun": closing.on_account(s.eyes, usual, close=True, run=run(s), since=None),
    }
    for name, below in shown.items():
        yield f"close.account.{name}", accounts.one(s.eyes, usual, **ASIDE, below=below)
    resume = closing.on_account(s.eyes, off, close=True, run=None, since=FRIDAY)
    yield "close.account.comments_off", accounts.one(s.eyes, off, **ASIDE, below=resume)
    yield (
        "close.account.closed",
        accounts.one(s.eyes, over, **HISTORY),
    )
    yield "close.resumed", closing.resumed(s.eyes, usual)
    line: Round = s.round("closed", "open", "paused")
    yield "close.round", rounds.card(s.eyes, rounds.Morning(round=line, watchers={"biologi-fb": BO}))
    yield (
        "close.round.nothing_left",
        rounds.card(s.eyes, rounds.Morning(round=s.round("closed"), watchers={})),
    )
