"""What communications is asked of a new account, the drafts, and the steps of each guideline that are its own."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot import checklists
from bot.cases.run_state import Answer, Run
from bot.policy import Step
from bot.screens import approvals, drafts, judging, runs
from bot.screens.base import told
from bot.view import Card, Form, Value
from smbot.gallery import made
from smbot.gallery.world import ANNA, HEIDI, KALLE, KARIN, NOW, Scene

OWN = ("ki-2021", "bth", "kau", "kth")
"""The guidelines whose new account differs from that of the gallery."""


def entries(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    for pack in OWN:
        yield from _steps(pack, replace(s, pack_name=pack))
    kau, bth, kth, ki = (replace(s, pack_name=pack) for pack in ("kau", "bth", "kth", "ki-2021"))
    yield from _requests(kau.posted)
    yield from _told(ki.posted, kth.posted)
    yield from _ends(bth)
    yield from _overviews(kau, bth)
    yield from _drafts(kau, bth)


def _steps(pack: str, s: Scene) -> Iterator[tuple[str, Form]]:
    """Each step that is not a default, with what the path before it has answered."""
    plan = made.plan(s)
    for step in plan.steps:
        if checklists.asked(step) and not step.default:
            values = made.answers(s, step.id, **_way_to(s, step))
            form = runs.step_form(s.eyes, plan, step, values, actor=ANNA, state=f"n1|{step.id}|")
            yield f"run.step.{pack}.{step.id}", form


def _way_to(s: Scene, step: Step) -> dict[str, Value]:
    """Answers that lead to a step of a branch."""
    chosen: dict[str, Value] = {}
    for condition in step.when[0] if step.when else ():
        earlier = made.plan(s).step(condition.field.partition(".")[0])
        chosen |= _way_to(s, earlier) if earlier else {}
        chosen[condition.field.replace(".", "__")] = condition.any_of[0]
    return chosen


def _asked(s: Scene, step: str, until: str = "made", **chosen: Value) -> Run:
    """A first half in which communications is asked in a step."""
    found = made.answers(s, until, **chosen)
    return made.run(s, found, requested_at={step: NOW})


def _step(run: Run, ident: str) -> Step:
    return next(step for step in run.requests if step.id == ident)


def _requests(s: Scene) -> Iterator[tuple[str, Card | Form]]:
    run = _asked(s, "judgement")
    step = _step(run, "judgement")
    first, second = checklists.by_communications(step)
    partly = replace(run, confirmed={first: (KARIN,)})
    yield "run.request.judgement", judging.card(s.eyes, run, step)
    yield "run.request.partly", judging.card(s.eyes, partly, step)
    both = replace(run, confirmed={first: (KARIN,), second: (KALLE,)})
    yield "run.request.answered", judging.card(s.eyes, both, step)
    gone = replace(run, state="withdrawn", closed_at=NOW)
    yield "run.request.gone", judging.card(s.eyes, gone, step)
    no: Mapping[str, Any] = {
        "decided_by": KARIN,
        "decision": 12,
        "stop": "judgement",
        "why": s.outside.answer,
    }
    yield "run.request.no", judging.card(s.eyes, replace(run, state="rejected", closed_at=NOW, **no), step)
    yield "run.request.older", judging.older(s.eyes, run)
    none = _asked(s, "none-fits", sender_type__type="none")
    yield "run.request.none_fits", judging.card(s.eyes, none, _step(none, "none-fits"))
    yield "run.request.words", judging.ask_words(s.eyes, none, "none-fits.settled", "n1")
    off = _asked(s, "off-guide", platform__platform="linkedin")
    yield "run.request.off_guide", judging.card(s.eyes, off, _step(off, "off-guide"))
    yield "run.decline.form", runs.ask_text(s.eyes, "run.decline", "n1")
    yield "run.said.judged", told(s.t, "run.judge.noted", name=s.outside.account)


def _told(ki: Scene, kth: Scene) -> Iterator[tuple[str, Card]]:
    some = _asked(ki, "existing-which", existing__found="some")
    step = _step(some, "existing-which")
    said = {step.id: Answer(value=ki.outside.answer, by=KARIN, at=NOW)}
    yes = replace(some, confirmed={checklists.by_communications(step)[0]: (KARIN,)}, said=said)
    yield "run.request.existing", judging.card(ki.eyes, some, step)
    yield "run.judged.words", judging.told(ki.eyes, yes, step)
    waiting = replace(yes, state="waiting", confirmed={**yes.confirmed, **_all(ki, yes)})
    yield "approval.communications", approvals.card(ki.eyes, waiting, ())
    coordination = _asked(kth, "coordination", terms__clash="some")
    noticed = replace(coordination, noticed=("coordination",))
    yield (
        "run.request.coordination",
        judging.card(kth.eyes, coordination, _step(coordination, "coordination")),
    )
    yield "run.judged.noticed", judging.told(kth.eyes, noticed, _step(noticed, "coordination"))
    yield "approval.noticed", approvals.card(kth.eyes, replace(noticed, state="waiting"), ())


def _all(s: Scene, run: Run) -> dict[str, tuple[Any, ...]]:
    return dict.fromkeys(checklists.each_person(made.plan(s), run.values), run.named)


def _ends(s: Scene) -> Iterator[tuple[str, Card]]:
    found = made.answers(s, "level", what__kind="other", logo__wish="logo")
    run = made.run(s, found, requested_at={"logo-exception": NOW})
    step = _step(run, "logo-exception")
    yield "run.request.exception", judging.card(s.posted.eyes, run, step)
    granted = replace(run, confirmed={checklists.by_communications(step)[0]: (KARIN,)}, state="stopped",
                      stop=step.id, closed_at=NOW)  # fmt: skip
    yield "run.judged.exception", judging.told(s.posted.eyes, granted, step)
    yield "run.overview.exception", runs.overview(s.eyes, granted)


def _overviews(kau: Scene, bth: Scene) -> Iterator[tuple[str, Card]]:
    waits = _asked(kau, "off-guide", platform__platform="linkedin", resources__inventory="no")
    yield "run.overview.judged", runs.overview(kau.eyes, waits)
    whole = made.answers(bth, "", web__address="", terms__kind="profile")
    live: Mapping[str, datetime] = {"decided_at": NOW, "went_live_at": NOW}
    left = made.run(bth, whole, state="live", decision=12, account="bio", **live)
    yield "run.overview.live", runs.overview(bth.eyes, left)
    yield "approval.over.live", approvals.over(bth.eyes, replace(left, decided_by=HEIDI))


def _drafts(kau: Scene, bth: Scene) -> Iterator[tuple[str, Card | Form]]:
    run = made.run(kau, made.answers(kau, "documents"))
    for ident in ("strategy", "plan"):
        yield f"run.draft.{ident}", drafts.card(kau.posted.eyes, run, ident)
    notice = made.run(bth, made.answers(bth, "made"))
    for ident in ("assignment", "notice"):
        yield f"run.draft.{ident}", drafts.card(bth.posted.eyes, notice, ident)
    yield "run.draft.gone", drafts.card(kau.posted.eyes, made.run(kau, {}), "strategy")
    yield "run.drafts.kau", drafts.drafts(kau.eyes, run)
