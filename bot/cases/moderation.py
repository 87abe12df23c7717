"""What happens to a moderation: answers step by step, a yes or no to a house rule, taking off, and its end (requirements.md 2.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from bot import checklists
from bot.cases.base import Move, TimePassed
from bot.cases.ladder import Hours
from bot.cases.moderation_state import (
    AGREED,
    CAPTURE,
    DONE,
    DONE_AT,
    NOW,
    OFFICE,
    OWNER,
    POLICE,
    REVIEW,
    TAKE_OFF,
    Moderation,
    hangs_on,
    lines,
    rests_on_duty,
)
from bot.cases.moderation_times import asks_in_doubt, emptied, spoken, told_of
from bot.cases.run_state import Answer
from bot.model import Entry, PersonId
from bot.outgoing import Say
from bot.policy import Checklist
from bot.view import Value

__all__ = ["Moderation", "begun", "decide"]


@dataclass(frozen=True, kw_only=True)
class Saved:
    """One step was submitted; only its own answers are merged, so that two people lose nothing of each other's."""

    by: PersonId
    values: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Alarmed:
    """An alarm was raised for it, or stood already on the same post."""

    kind: str
    alarm: str


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """Head or communications says whether what breaks only a house rule goes (C-11). `role`: as what."""

    by: PersonId
    role: str
    yes: bool
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class TakenOff:
    """Communications has taken it off."""

    by: PersonId


@dataclass(frozen=True, kw_only=True)
class Withdrawn:
    by: PersonId
    why: str


@dataclass(frozen=True, kw_only=True)
class Follows:
    """The question on its posts, who really got it, and whether one is still open to whoever could always answer it."""

    question: str = ""
    handed_to: str = ""
    left_open: bool = False


@dataclass(frozen=True, kw_only=True)
class Finished:
    """Everything is answered: the decision of that number is chained. `follows`: what became of what is to be answered."""

    by: PersonId
    decision: int
    follows: Follows = field(default_factory=Follows)


Event = Saved | Alarmed | Reviewed | TakenOff | Withdrawn | Finished | TimePassed


def begun(run: Moderation, event: Saved, now: datetime, hours: Hours) -> Move[Moderation]:
    """A run is stored from its first answer."""
    move = _save(replace(run, touched_at=now), event, now)
    log = (Entry(what="moderation.begun", by=event.by), *move.log)
    return spoken(replace(_settled(move, now), log=log), now, hours)


def decide(run: Moderation, event: Event, now: datetime, hours: Hours) -> Move[Moderation]:
    """The rules. What comes at the wrong time, or twice, changes nothing."""
    if not run.is_open:
        return Move(case=run)
    return spoken(_settled(_changed(run, event, now), now), now, hours)


def _changed(run: Moderation, event: Event, now: datetime) -> Move[Moderation]:
    match event:
        case Saved():
            return _save(run, event, now)
        case Alarmed(kind=kind, alarm=alarm):
            entry = Entry(what="moderation.alarmed", data={"kind": kind, "alarm": alarm})
            return Move(case=replace(run, alarms={**run.alarms, kind: alarm}), log=(entry,))
        case Reviewed():
            return _review(run, event, now)
        case TakenOff(by=by):
            return _take_off(run, by, now)
        case Withdrawn(by=by, why=why):
            return _withdraw(run, by, why, now)
        case Finished():
            return _finish(run, event, now)
        case TimePassed():
            return Move(case=run)
        case _:
            assert_never(event)


# -- answers ------------------------------------------------------------------------------------


def _save(run: Moderation, event: Saved, now: datetime) -> Move[Moderation]:
    """The answers of the path that they lead through; what rests on posts or reason that have changed is asked anew."""
    merged = {**run.answers, **_given(run, event, now)}
    answers = _kept(run.plan, {r: a for r, a in merged.items() if r not in _stale(run, event)})
    after = replace(run, answers=answers, touched_at=now, told=_but_idle(run.told))
    after = replace(after, account=str(after.values.get(checklists.ACCOUNT, "")) or None)
    if AGREED not in answers:
        after = replace(after, reviewed_as="", review_why="")
    entry = Entry(what="moderation.saved", by=event.by, data={"fields": " ".join(event.values)})
    return Move(case=after, says=asks_in_doubt(run, after), log=(entry,))


def _given(run: Moderation, event: Saved, now: datetime) -> dict[str, Answer]:
    """What was saved again unchanged stays whose it was, and as old as it was: nobody is asked about it anew."""
    changed = {r: v for r, v in event.values.items() if r not in run.values or run.values[r] != v}
    return {r: Answer(value=v, by=event.by, at=now) for r, v in changed.items()}


def _kept(plan: Checklist, merged: Mapping[str, Answer]) -> dict[str, Answer]:
    """Without those of a branch that has been left. What was answered behind a gate that has come down since waits
    there, so that nobody is asked twice; but what a duty asks for is done again, in its order (C-23)."""
    shown = checklists.kept(plan, merged)
    duties = {checklists.ref(s, f) for s in plan.steps if rests_on_duty(s) for f in s.fields}
    no_gates = plan.model_copy(
        update={"steps": tuple(s.model_copy(update={"gate": False}) for s in plan.steps)}
    )
    return checklists.kept(no_gates, {r: a for r, a in merged.items() if r in shown or r not in duties})


def _stale(run: Moderation, event: Saved) -> set[str]:
    """Another post, not yet captured, makes all duties be done again; other grounds or another reason only the review."""
    given = {r: v for r, v in event.values.items() if r in run.values and v != run.values[r]}
    new_posts = checklists.POSTS in given and set(lines(given)) - set(run.posts)
    duties = (CAPTURE, TAKE_OFF, POLICE, REVIEW) if new_posts else ()
    steps = [step for step in run.plan.steps if any(hangs_on(step, duty) for duty in duties)]
    stale = {checklists.ref(step, f) for step in steps for f in step.fields}
    if given.keys() & {checklists.GROUNDS, checklists.ACCOUNT, *_review_rests_on(run)}:
        stale |= _reviewed(run)
    return stale - event.values.keys()


def _review_rests_on(run: Moderation) -> set[str]:
    steps = [step for step in run.plan.steps if checklists.reviewed(step)]
    asked = {checklists.ref(step, f) for step in steps for f in checklists.asked(step)}
    return asked | {ref for step in steps for ref in step.rests_on}


def _reviewed(run: Moderation) -> set[str]:
    return {checklists.ref(step, f) for step in run.plan.steps for f in checklists.reviewed(step)}


def _but_idle(told: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for key in told if not key.startswith("idle"))


def _settled(move: Move[Moderation], now: datetime) -> Move[Moderation]:
    """Since when it waits for whom; what has been done, or is not asked any more, waits no longer."""
    run = move.case
    to_office = run.waits_to_be_taken_off and run.values.get(DONE) == OFFICE
    settled = replace(
        run,
        off_since=(run.off_since or now) if run.waits_to_be_taken_off else None,
        office_since=(run.office_since or now) if to_office else None,
        review_since=_review_since(run, now),
    )
    return replace(move, case=settled)


def _review_since(run: Moderation, now: datetime) -> datetime | None:
    """A reason that was given anew is asked about anew."""
    if not run.waits_for_review:
        return None
    given = max((run.answers[r].at for r in _review_rests_on(run) if r in run.answers), default=now)
    return given if run.review_since is None or given > run.review_since else run.review_since


# -- others -------------------------------------------------------------------------------------


def _review(run: Moderation, event: Reviewed, now: datetime) -> Move[Moderation]:
    """The first answer holds; nobody answers what they wish themselves."""
    if not run.waits_for_review or event.by in run.own or not (event.yes or event.why):
        return Move(case=run)
    answer = Answer(value="yes" if event.yes else "no", by=event.by, at=now)
    after = replace(
        run, answers={**run.answers, AGREED: answer}, reviewed_as=event.role, review_why=event.why
    )
    say = told_of(after, "reviewed", run.runner, key=str(int(now.timestamp())))
    return _logged(
        after, "moderation.reviewed", event.by, say, role=event.role, yes="yes" if event.yes else "no"
    )


def _take_off(run: Moderation, by: PersonId, now: datetime) -> Move[Moderation]:
    """In the name of whoever did it, and never before the capture."""
    if not run.may_be_taken_off:
        return Move(case=run)
    done = {DONE: Answer(value=NOW, by=by, at=now), DONE_AT: Answer(value=now.isoformat(), by=by, at=now)}
    after = replace(run, answers=_kept(run.plan, {**run.answers, **done}))
    says = (
        () if by == run.runner else (told_of(after, "taken_off", run.runner, key=str(int(now.timestamp()))),)
    )
    return _logged(after, "moderation.taken_off", by, *says)


def _withdraw(run: Moderation, by: PersonId, why: str, now: datetime) -> Move[Moderation]:
    """Not needed after all; what breaks the law is not withdrawn but dealt with.

    The reason stays with the run, out of the log; what was answered is emptied, as where it is removed.
    """
    if run.breach or not why:
        return Move(case=run)
    after = replace(emptied(run), state="withdrawn", why=why, ended_by=by, closed_at=now, wake_at=None)
    return _logged(after, "moderation.withdrawn", by)


def _finish(run: Moderation, event: Finished, now: datetime) -> Move[Moderation]:
    if not run.is_whole:
        return Move(case=run)
    follows = event.follows
    after = replace(run, state="done", decision=event.decision, question=follows.question or run.question,
                    handed_to=follows.handed_to, left_open=follows.left_open, ended_by=event.by, closed_at=now,
                    wake_at=None)  # fmt: skip
    says = () if event.by == run.runner else (told_of(after, "done", run.runner),)
    return _logged(after, "moderation.done", event.by, *says, *_to_owner(after), decision=str(event.decision))


def _to_owner(run: Moderation) -> tuple[Say, ...]:
    """Whoever answers for what is criticised hears of it, with what has been done (KISV-56, KAU-46, KIEN-66)."""
    owner = str(run.values.get(OWNER, ""))
    knows = ("", run.runner, run.handed_to)  # whoever gets the question hears of it by that
    return () if owner in knows else (told_of(run, "owner", PersonId(owner)),)


def _logged(run: Moderation, what: str, by: PersonId, *says: Say, **data: str) -> Move[Moderation]:
    return Move(case=run, says=says, log=(Entry(what=what, by=by, data=data),))
