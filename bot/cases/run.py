"""What happens to a checklist run: somebody fills it in, others confirm, a head decides, and the account goes live."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from bot import checklists
from bot.cases.base import Move, TimePassed
from bot.cases.ladder import Hours
from bot.cases.run_events import (
    Approved,
    ApproverEntered,
    ApproverLeft,
    Confirmed,
    Declined,
    DeputyAsked,
    Event,
    Finished,
    Judged,
    Overtaken,
    Rejected,
    Saved,
    SentBack,
    Shared,
    Submitted,
    Withdrawn,
)
from bot.cases.run_state import Answer, Run, RunState, stamp
from bot.cases.run_times import approval, drafted, judged, logged, no_approver, spoken, told_of
from bot.model import Entry
from bot.outgoing import Say, to_person, to_role

__all__ = ["Answer", "Run", "begun", "decide"]


def begun(run: Run, event: Saved, now: datetime, hours: Hours) -> Move[Run]:
    """A run is stored from its first answer."""
    move = _save(replace(run, touched_at=now), event, now)
    return spoken(replace(move, log=(Entry(what="run.begun", by=event.by), *move.log)), now, hours)


def decide(run: Run, event: Event, now: datetime, hours: Hours) -> Move[Run]:
    """The rules. What comes at the wrong time, or twice, changes nothing."""
    if not run.is_open:
        return Move(case=run)
    move = _changed(run, event, now)
    return spoken(move, now, hours)


def _changed(run: Run, event: Event, now: datetime) -> Move[Run]:
    match event:
        case Saved():
            return _save(run, event, now)
        case Confirmed():
            return _confirm(run, event, now)
        case Judged():
            return _judge(run, event, now)
        case Declined():
            return _decline(run, event, now)
        case Shared():
            return _share(run, event)
        case Submitted():
            return _submit(run, event, now)
        case ApproverEntered(by=by, approver=approver):
            if run.state != "waiting" or run.approver == approver:
                return Move(case=run)
            return logged(replace(run, approver=approver, sent_at=now), "run.approver_entered", by)
        case ApproverLeft():
            return _without(run, now)
        case SentBack():
            return _send_back(run, event, now)
        case DeputyAsked():
            return _ask_deputy(run, event)
        case Approved():
            return _approve(run, event, now)
        case Rejected():
            return _reject(run, event, now)
        case Withdrawn():
            return _withdraw(run, event, now)
        case Finished():
            return _finish(run, event, now)
        case Overtaken():
            return _overtake(run, event, now)
        case TimePassed():
            return Move(case=run)
        case _:
            assert_never(event)


# -- the runner's side --------------------------------------------------------------------------


def _save(run: Run, event: Saved, now: datetime) -> Move[Run]:
    if not run.may_change:
        return Move(case=run)
    merged = {
        **_still_true(run, event),
        **{r: Answer(value=v, by=event.by, at=now) for r, v in event.values.items()},
    }
    answers = checklists.kept(run.plan, merged)
    after = _without_stale(run, _touched(replace(run, answers=answers), now))
    after = _requesting(_asking(_own_yes(after, event), now), now)
    entry = Entry(what="run.saved", by=event.by, data={"fields": " ".join(event.values)})
    stop = checklists.stopped(after.plan, after.values)
    if stop:
        after = replace(after, state="stopped", stop=stop[0], closed_at=now, wake_at=None)
    return Move(case=after, says=drafted(run, after, event.by), log=(entry,))


def _still_true(run: Run, event: Saved) -> dict[str, Answer]:
    """An account that comes into a closure later is in no picture, and nobody has said that nothing waits on it."""
    chosen = checklists.several(event.values.get(checklists.CLOSING, run.closing))
    known = set(chosen) <= set(run.closing)
    steps = () if known else checklists.OF_EACH_ACCOUNT
    return {r: a for r, a in run.answers.items() if r.partition(".")[0] not in steps}


def _without_stale(before: Run, run: Run) -> Run:
    """What others confirmed stands only while its step does, and while what it rests on is as it was."""
    stale = {s.id for s in checklists.changed(run.plan, before.values, run.values)}
    stale |= {s.id for s in run.plan.steps} - {s.id for s in checklists.path(run.plan, run.values)}
    refs = checklists.each_person(run.plan, run.values)
    asked_anew = {r for r in refs if r.partition(".")[0] in stale}
    return replace(
        run,
        answers={r: a for r, a in run.answers.items() if r not in asked_anew},
        confirmed={r: p for r, p in run.confirmed.items() if r.partition(".")[0] not in stale},
        asked_at={key: at for key, at in run.asked_at.items() if key.partition(".")[0] not in stale},
        requested_at={step: at for step, at in run.requested_at.items() if step not in stale},
        said={step: said for step, said in run.said.items() if step not in stale},
        noticed=tuple(step for step in run.noticed if step not in stale),
    )


def _own_yes(run: Run, event: Saved) -> Run:
    """Whoever submits the step confirms in it for themselves."""
    refs = [r for r in checklists.each_person(run.plan, run.values) if event.values.get(r) == "yes"]
    mine = {r: tuple(dict.fromkeys((*run.confirmed.get(r, ()), event.by))) for r in refs}
    return replace(run, confirmed={**run.confirmed, **mine})


def _asking(run: Run, now: datetime) -> Run:
    """Everybody who has still to confirm is asked, all at once; who is not named any more is not."""
    wanted = [f"{what}|{person}" for what, person in run.unconfirmed]
    return replace(run, asked_at={key: run.asked_at.get(key, now) for key in wanted})


def _requesting(run: Run, now: datetime) -> Run:
    """Communications is asked as soon as all before is answered; what it was asked once stays asked."""
    wanted = {
        step.id: run.requested_at.get(step.id, now)
        for step in run.requests
        if step.id in run.requested_at or checklists.may_be_asked(run.plan, run.values, step)
    }
    return replace(run, requested_at=wanted)


def _touched(run: Run, now: datetime) -> Run:
    told = tuple(key for key in run.told if not key.startswith("idle"))
    return replace(run, touched_at=now, told=told)


def _confirm(run: Run, event: Confirmed, now: datetime) -> Move[Run]:
    if not run.may_change or (event.what, event.by) not in run.unconfirmed:
        return Move(case=run)
    people = (*run.confirmed.get(event.what, ()), event.by)
    after = _asking(replace(run, confirmed={**run.confirmed, event.what: people}), now)
    return logged(after, "run.confirmed", event.by, *_all_confirmed(run, after, event), field=event.what)


def _all_confirmed(before: Run, run: Run, event: Confirmed) -> tuple[Say, ...]:
    """The runner hears of the last one, once each time people are asked: what waited for others waits for them now."""
    if not run.may_be_sent:
        return ()
    asked_at = stamp(before.asked_at.get(f"{event.what}|{event.by}"))
    return (told_of(run, "confirmed", to_person(run.runner), lane="answer", key=asked_at),)


def _judge(run: Run, event: Judged, now: datetime) -> Move[Run]:
    """Communications says yes to one thing; once it has to all of a step, whoever fills it in hears."""
    step = run.asks(event.what.partition(".")[0])
    if step is None or event.what not in run.unjudged(step):
        return Move(case=run)
    after = _touched(replace(run, confirmed={**run.confirmed, event.what: (event.by,)}), now)
    if event.words:
        after = replace(after, said={**run.said, step.id: Answer(value=event.words, by=event.by, at=now)})
    if after.unjudged(step):
        return logged(after, "run.judged", event.by, field=event.what)
    if step.request and step.request.ends:
        after = replace(after, state="stopped", stop=step.id, closed_at=now, wake_at=None)
    return logged(after, "run.judged", event.by, judged(after, step.id), field=event.what)


def _decline(run: Run, event: Declined, now: datetime) -> Move[Run]:
    if run.asks(event.step) is None:
        return Move(case=run)
    after = replace(run, state="rejected", decided_by=event.by, decided_at=now, decision=event.decision, why=event.why,
                    approver_role="communications", stop=event.step, closed_at=now, wake_at=None)  # fmt: skip
    say = told_of(after, "rejected", to_person(run.runner), lane="answer")
    return logged(after, "run.declined", event.by, say, step=event.step)


def _share(run: Run, event: Shared) -> Move[Run]:
    if event.to in run.team:
        return Move(case=run)
    say = told_of(run, "helper", to_person(event.to), lane="answer", key=event.to)
    after = replace(run, helpers=(*run.helpers, event.to))
    return logged(after, "run.shared", event.by, say, to=event.to)


def _submit(run: Run, event: Submitted, now: datetime) -> Move[Run]:
    if not run.may_be_sent:
        return Move(case=run)
    after = replace(run, state="waiting", approver=event.approver, approver_role=event.role, sent_at=now,
                    sends=run.sends + 1, reply=event.reply, deputy_asked=None)  # fmt: skip
    says = () if event.approver else (no_approver(after),)
    return logged(after, "run.sent", event.by, *says)


def _without(run: Run, now: datetime) -> Move[Run]:
    if run.state != "waiting" or run.approver is None:
        return Move(case=run)
    after = replace(run, approver=None, sent_at=now)
    return Move(case=after, says=(no_approver(after),), log=(Entry(what="run.approver_left"),))


def _withdraw(run: Run, event: Withdrawn, now: datetime) -> Move[Run]:
    if run.state not in ("draft", "returned", "waiting"):
        return Move(case=run)
    after = replace(run, state="withdrawn", why=event.why, closed_at=now, wake_at=None)
    return logged(after, "run.withdrawn", event.by, why=event.why)


def _finish(run: Run, event: Finished, now: datetime) -> Move[Run]:
    """The account goes live; what could wait keeps the run open until it is answered too."""
    if run.state == "live" and not run.next_step:
        return logged(replace(run, state="done", closed_at=now, wake_at=None), "run.whole", event.by)
    if run.state != "second_half" or run.next_step:
        return Move(case=run)
    after = replace(run, state="live", went_live_at=now)
    if not after.later:
        after = replace(after, state="done", closed_at=now, wake_at=None)
    people = dict.fromkeys((*after.team, *event.people))
    readers = [*(to_person(p) for p in people), to_role("communications")]
    says = [told_of(after, "live", reader, key=str(reader)) for reader in readers]
    return logged(after, "run.done", event.by, *says)


def _overtake(run: Run, event: Overtaken, now: datetime) -> Move[Run]:
    if run.state not in ("second_half", "live"):
        return Move(case=run)
    state: RunState = "done" if run.state == "live" else "withdrawn"
    return logged(replace(run, state=state, closed_at=now, wake_at=None), "run.overtaken", event.by)


# -- the approver's side ------------------------------------------------------------------------


def _send_back(run: Run, event: SentBack, now: datetime) -> Move[Run]:
    if run.state != "waiting":
        return Move(case=run)
    after = _touched(replace(run, state="returned", returned_why=event.why, reply=""), now)
    say = told_of(after, "returned", to_person(run.runner), lane="answer", key=str(run.sends))
    return logged(after, "run.returned", event.by, say, why=event.why)


def _ask_deputy(run: Run, event: DeputyAsked) -> Move[Run]:
    if run.state != "waiting" or run.deputy_asked == event.deputy:
        return Move(case=run)
    after = replace(run, deputy_asked=event.deputy)
    return logged(after, "run.deputy_asked", event.by, approval(after, event.deputy), to=event.deputy)


def _approve(run: Run, event: Approved, now: datetime) -> Move[Run]:
    if run.state != "waiting":
        return Move(case=run)
    after = replace(run, state="second_half", decided_by=event.by, decided_at=now, decision=event.decision,
                    account=event.account)  # fmt: skip
    says = (told_of(after, "approved", to_person(run.runner), lane="answer"),
            told_of(after, "approved", to_role("communications"), key="communications"))  # fmt: skip
    return logged(after, "run.approved", event.by, *says)


def _reject(run: Run, event: Rejected, now: datetime) -> Move[Run]:
    if run.state != "waiting":
        return Move(case=run)
    after = replace(run, state="rejected", decided_by=event.by, decided_at=now, decision=event.decision, why=event.why,
                    closed_at=now, wake_at=None)  # fmt: skip
    return logged(
        after, "run.rejected", event.by, told_of(after, "rejected", to_person(run.runner), lane="answer")
    )
