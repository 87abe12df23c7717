"""A new account from the first question to the first day, as the runner, a colleague and the head see it."""

from collections.abc import Iterator
from dataclasses import replace

from bot import checklists
from bot.cases.run_state import Run
from bot.model import PersonId
from bot.screens import approvals, drafts, entered, runs
from bot.screens.base import told
from bot.screens.letters import letter
from bot.view import Card, Form
from smbot.gallery import made
from smbot.gallery.world import ANNA, BO, DAG, HEIDI, KARIN, NOW, Scene

TOLD = (
    "approved",
    "confirm_late",
    "confirmed",
    "helper",
    "idle",
    "live",
    "no_approver",
    "rejected",
    "returned",
)
TO_OFFICE = ("confirm_late", "live", "no_approver")


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    yield from _start(s)
    yield from _steps(s)
    yield from _overviews(s)
    yield from _others(s.posted)
    yield from _approval(s.posted)
    yield from _forms(s)


def _start(s: Scene) -> Iterator[tuple[str, Card]]:
    yield "run.start", runs.start(s.eyes, ())
    yield (
        "run.start_drafts",
        runs.start(s.eyes, (made.run(s, made.answers(s, "people")), made.all_confirmed(s))),
    )
    bare = s.pack.model_copy(update={"checklists": {}})
    yield "run.not_written", runs.not_written(replace(s.eyes, pack=bare))


def _steps(s: Scene) -> Iterator[tuple[str, Form]]:
    plan, whole = made.plan(s), made.answers(s)
    for step in checklists.path(plan, whole):
        before = made.answers(s, step.id)
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
        "draft": made.run(s, made.answers(s, "people")),
        "unconfirmed": made.run(s, made.answers(s, "made")),
        "ready": made.all_confirmed(s),
        "waiting": made.all_confirmed(s, state="waiting"),
        "no_approver": made.all_confirmed(s, state="waiting", approver=None),
        "returned": made.all_confirmed(s, state="returned", returned_why=asked),
        "second_half": made.decided(s, state="second_half"),
        "done": made.decided(s, state="done", closed_at=NOW),
        "rejected": made.decided(s, state="rejected", closed_at=NOW, why=s.outside.answer),
        "withdrawn": made.all_confirmed(s, state="withdrawn", closed_at=NOW, why=s.outside.answer),
    }
    for name, run in shown.items():
        yield f"run.overview.{name}", runs.overview(s.eyes, run)
    yield "run.overview.stopped", runs.overview(s.eyes, _stopped(s))


def _stopped(s: Scene) -> Run:
    """Whoever answers that it is a private account is told where to go instead."""
    first = made.plan(s).steps[0]
    field = first.fields[0]
    ends = next(o.id for o in field.options if o.then == "stop")
    return made.run(s, {checklists.ref(first, field): ends}, state="stopped", closed_at=NOW)


def _others(s: Scene) -> Iterator[tuple[str, Card]]:
    run = made.run(s, made.answers(s, "made"))
    ref = checklists.each_person(made.plan(s), run.values)[0]
    yield "run.confirm", runs.confirm_card(s.eyes, run, ref, BO)
    yield "run.confirmed", runs.confirm_card(s.eyes, made.all_confirmed(s), ref, BO)
    decided = {"decided_by": HEIDI, "decision": 12}
    for what in TOLD:
        known = decided if what in ("approved", "rejected", "live") else {}
        one = made.all_confirmed(s, why=s.outside.answer, returned_why=s.outside.question, **known)
        yield f"run.told.{what}", runs.told_card(s.eyes, one, what, None, office=what in TO_OFFICE)
    yield "run.said.handed", told(s.t, "run.handed", who=s.eyes.name(BO))
    yield "run.said.set_head", told(s.t, "run.set_head.done", who=s.eyes.name(HEIDI))


def _approval(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    waiting = made.all_confirmed(s, state="waiting")
    yield "approval", approvals.card(s.eyes, waiting, (DAG,))
    again = made.all_confirmed(
        s, state="waiting", returned_why=s.outside.question, reply=s.outside.answer, sends=2
    )
    whole = approvals.with_everything(s.eyes, waiting, approvals.card(s.eyes, waiting, (DAG,)))
    yield "approval.letter", letter(s.eyes, whole, chat=False)
    yield (
        "approval.letter.missed",
        letter(s.eyes, approvals.card(s.eyes, waiting, ()), chat=True, missed=True),
    )
    yield "entered.confirm", entered.confirm_form(s.eyes, made.run(s, made.answers(s)), (BO,), s.eyes.today)
    yield "entered.form", entered.form(s.eyes, waiting, (HEIDI, DAG), s.eyes.today)
    over = made.decided(s, state="second_half")
    for way in entered.WAYS:
        yield f"entered.told.{way}", entered.told(s.eyes, over, way, s.eyes.today, KARIN)
    yield "approval.again", approvals.card(s.eyes, again, ())
    yield "approval.older", approvals.older(s.eyes, waiting)
    yield "approval.elsewhere", approvals.elsewhere(s.eyes, waiting)
    for state in ("second_half", "rejected"):
        yield (
            f"approval.over.{state}",
            approvals.over(s.eyes, made.decided(s, state=state, why=s.outside.answer)),
        )
    back = made.all_confirmed(s, state="returned", returned_why=s.outside.question)
    yield "approval.over.returned", approvals.over(s.eyes, back)
    gone = made.all_confirmed(s, state="withdrawn", why=s.outside.answer)
    yield "approval.over.withdrawn", approvals.over(s.eyes, gone)
    yield "approval.everything", approvals.everything(s.eyes, waiting)
    for key in ("approved", "rejected"):
        yield f"approval.said.{key}", approvals.noted(s.eyes, made.decided(s), f"approval.noted.{key}")
    yield "approval.said.back", approvals.noted(s.eyes, back, "approval.noted.back")
    yield (
        "approval.said.deputy",
        approvals.noted(s.eyes, waiting, "approval.noted.deputy", who=s.eyes.name(DAG)),
    )


def _forms(s: Scene) -> Iterator[tuple[str, Form]]:
    run = made.all_confirmed(s)
    yield "run.drafts", drafts.drafts(s.eyes, run)
    yield "run.hand", runs.ask_person(s.eyes, run, "hand")
    yield "run.set_head", runs.ask_person(s.eyes, run, "set_head", PersonId(HEIDI))
    for form in ("run.reply", "run.withdraw", "approval.back", "approval.reject"):
        yield f"{form}.form", runs.ask_text(s.eyes, form, run.id)
