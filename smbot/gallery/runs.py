"""A new account from the first question to the first day, as the runner, a colleague and the head see it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from bot import checklists
from bot.cases.run import Answer, Run
from bot.model import PersonId
from bot.policy import Checklist, Field, Step
from bot.ports import Decision
from bot.screens import approvals, runs
from bot.screens.base import told
from bot.view import Card, Form, Value
from smbot.gallery.world import ANNA, BO, DAG, FRIDAY, HEIDI, KARIN, MONDAY, NOW, Scene, at

TOLD = ("approved", "confirm_late", "helper", "idle", "live", "no_approver", "rejected", "returned")
TO_OFFICE = ("confirm_late", "live", "no_approver")


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield from _start(s)
    yield from _steps(s)
    yield from _overviews(s)
    yield from _others(s.posted)
    yield from _approval(s.posted)
    yield from _forms(s)


def _plan(s: Scene) -> Checklist:
    return checklists.with_own_step(s.pack.checklists["new-account"])


def _value(s: Scene, step: Step, field: Field) -> Value:
    """An answer of the field's kind."""
    given: Mapping[str, Value] = {
        checklists.NAME: s.outside.account, checklists.FINAL_NAME: s.outside.account, checklists.UNIT: "bio",
        checklists.PURPOSE: s.outside.purpose, checklists.MANAGER: ANNA, checklists.COVER: KARIN,
        checklists.HEAD: HEIDI, checklists.HOURS_A_WEEK: "4", checklists.OWN_PLACE: "web:local:biologi",
        checklists.OWN_HOUR: "09-00",
    }  # fmt: skip
    known = given.get(checklists.ref(step, field))
    if known is not None:
        return known
    match field.kind:
        case "choice":
            return field.options[0].id
        case "choices":
            return tuple(o.id for o in field.options)
        case "people" | "person":
            return (ANNA, BO) if field.kind == "people" else ANNA
        case "confirm":
            return "yes" if field.confirmed_by == "runner" else checklists.ASKED
        case "link":
            return s.outside.address
        case "date" | "moment":
            return date(2027, 1, 11).isoformat() if field.kind == "date" else NOW.isoformat()
        case _:
            return s.outside.answer


def _answers(s: Scene, until: str = "") -> dict[str, Value]:
    """Answers to each step before the one named `until`."""
    found: dict[str, Value] = {}
    for step in _plan(s).steps:
        if step.id == until:
            break
        found |= {checklists.ref(step, f): _value(s, step, f) for f in checklists.asked(step)}
    return checklists.kept(_plan(s), found)


def _run(s: Scene, answers: Mapping[str, Value], **changes: Any) -> Run:
    return Run(**{
        "id": "n1", "opened_at": at(FRIDAY, 9), "name": "new-account", "stamp": s.stamp, "runner": ANNA,
        "checklist": checklists.copied(_plan(s)), "approver": HEIDI, "sent_at": NOW, "sends": 1,
        "answers": {ref: Answer(value=v, by=ANNA, at=NOW) for ref, v in answers.items()}, **changes,
    })  # fmt: skip


def _all_confirmed(s: Scene, **changes: Any) -> Run:
    """The first half is whole."""
    answers = _answers(s, "made")
    people = checklists.named(answers)
    confirmed = dict.fromkeys(checklists.each_person(_plan(s), answers), people)
    return _run(s, answers, confirmed=confirmed, **changes)


def _decided(s: Scene, **changes: Any) -> Run:
    usual = {"decided_by": HEIDI, "decided_at": NOW, "decision": 12, "account": "planned"}
    return _all_confirmed(s, **{**usual, **changes})


def _start(s: Scene) -> Iterator[tuple[str, Card]]:
    yield "run.start", runs.start(s.eyes, ())
    yield "run.start_drafts", runs.start(s.eyes, (_run(s, _answers(s, "people")), _all_confirmed(s)))
    other = Scene(language=s.language, outside=s.outside, pack_name="kth")
    yield "run.not_written", runs.not_written(other.eyes)


def _steps(s: Scene) -> Iterator[tuple[str, Form]]:
    plan, whole = _plan(s), _answers(s)
    for step in checklists.path(plan, whole):
        before = _answers(s, step.id)
        yield (
            f"run.step.{step.id}",
            runs.step_form(s.eyes, plan, step, before, actor=ANNA, state=f"n1|{step.id}|"),
        )
    level = plan.steps[2]
    found = runs.similar(s.eyes, (s.account(), s.account("biolab")))
    yield (
        "run.step_similar",
        runs.step_form(s.eyes, plan, level, whole, actor=ANNA, state="n1|", above=found),
    )


def _overviews(s: Scene) -> Iterator[tuple[str, Card]]:
    asked = s.outside.question
    shown = {
        "draft": _run(s, _answers(s, "people")),
        "unconfirmed": _run(s, _answers(s, "made")),
        "ready": _all_confirmed(s),
        "waiting": _all_confirmed(s, state="waiting"),
        "no_approver": _all_confirmed(s, state="waiting", approver=None),
        "returned": _all_confirmed(s, state="returned", returned_why=asked),
        "second_half": _decided(s, state="second_half"),
        "done": _decided(s, state="done", closed_at=NOW),
        "rejected": _decided(s, state="rejected", closed_at=NOW, why=s.outside.answer),
        "withdrawn": _all_confirmed(s, state="withdrawn", closed_at=NOW, why=s.outside.answer),
    }
    for name, run in shown.items():
        yield f"run.overview.{name}", runs.overview(s.eyes, run)
    yield "run.overview.stopped", runs.overview(s.eyes, _stopped(s))


def _stopped(s: Scene) -> Run:
    """Whoever answers that it is a private account is told where to go instead."""
    first = _plan(s).steps[0]
    field = first.fields[0]
    ends = next(o.id for o in field.options if o.then == "stop")
    return _run(s, {checklists.ref(first, field): ends}, state="stopped", closed_at=NOW)


def _others(s: Scene) -> Iterator[tuple[str, Card]]:
    run = _run(s, _answers(s, "made"))
    ref = checklists.each_person(_plan(s), run.values)[0]
    yield "run.confirm", runs.confirm_card(s.eyes, run, ref, BO)
    yield "run.confirmed", runs.confirm_card(s.eyes, _all_confirmed(s), ref, BO)
    decided = {"decided_by": HEIDI, "decision": 12}
    for what in TOLD:
        known = decided if what in ("approved", "rejected", "live") else {}
        one = _all_confirmed(s, why=s.outside.answer, returned_why=s.outside.question, **known)
        yield f"run.told.{what}", runs.told_card(s.eyes, one, what, None, office=what in TO_OFFICE)
    yield "run.said.handed", told(s.t, "run.handed", who=s.eyes.name(BO))
    yield "run.said.set_head", told(s.t, "run.set_head.done", who=s.eyes.name(HEIDI))


def _approval(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    waiting = _all_confirmed(s, state="waiting")
    yield "approval", approvals.card(s.eyes, waiting, (DAG,))
    again = _all_confirmed(
        s, state="waiting", returned_why=s.outside.question, reply=s.outside.answer, sends=2
    )
    yield "approval.again", approvals.card(s.eyes, again, ())
    yield "approval.older", approvals.older(s.eyes, waiting)
    for state in ("second_half", "rejected"):
        yield (
            f"approval.over.{state}",
            approvals.card(s.eyes, _decided(s, state=state, why=s.outside.answer), ()),
        )
    back = _all_confirmed(s, state="returned", returned_why=s.outside.question)
    yield "approval.over.returned", approvals.card(s.eyes, back, ())
    gone = _all_confirmed(s, state="withdrawn", why=s.outside.answer)
    yield "approval.over.withdrawn", approvals.card(s.eyes, gone, ())
    yield "approval.everything", approvals.everything(s.eyes, waiting)
    for kind in ("approved", "rejected"):
        yield f"approval.decision.{kind}", approvals.decision(s.eyes, _decided(s), _decision(s, kind))
    for key in ("approved", "rejected"):
        yield f"approval.said.{key}", approvals.noted(s.eyes, _decided(s), f"approval.noted.{key}")
    yield "approval.said.back", approvals.noted(s.eyes, back, "approval.noted.back")
    yield (
        "approval.said.deputy",
        approvals.noted(s.eyes, waiting, "approval.noted.deputy", who=s.eyes.name(DAG)),
    )


def _decision(s: Scene, kind: str) -> Decision:
    body = {"unit_name": s.outside.unit, "decided_by": "head", "sections": [x.id for x in s.pack.sections[:3]],
            "pack": s.pack.name, "version": s.pack.version, "day": MONDAY.isoformat()}  # fmt: skip
    personal = {"decided_by": "Heidi Berg", "presented_by": s.outside.person, "took_part.01": "Bo Lind"}
    if kind == "rejected":
        personal["why"] = s.outside.answer
    return Decision(
        number=12, at=NOW, kind=f"account.{kind}", body=body, personal=personal, previous="", hash=""
    )


def _forms(s: Scene) -> Iterator[tuple[str, Form]]:
    run = _all_confirmed(s)
    yield "run.drafts", runs.drafts(s.eyes, run)
    yield "run.hand", runs.ask_person(s.eyes, run, "hand")
    yield "run.set_head", runs.ask_person(s.eyes, run, "set_head", PersonId(HEIDI))
    for form in ("run.reply", "run.withdraw", "approval.back", "approval.reject"):
        yield f"{form}.form", runs.ask_text(s.eyes, form, run.id)
