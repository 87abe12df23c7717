"""What a run says with time: requests and confirmations at once, reminders in collected messages, an end to idle drafts."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot import checklists
from bot.cases.base import Move
from bot.cases.ladder import Hours
from bot.cases.run_state import ANNOUNCED, ONE_DAY, REMOVED, Run, stamp
from bot.model import Entry, PersonId
from bot.outgoing import Lane, Mark, Reader, Say, to_person, to_role
from bot.policy import Step


@dataclass(frozen=True, kw_only=True)
class _Due:
    """Something that is said, marked or done once, at a moment."""

    key: str
    at: datetime
    says: tuple[Say, ...] = ()
    marks: tuple[Mark, ...] = ()
    removes: bool = False
    passes: str = ""  # the step in which having told communications is enough now


def spoken(move: Move[Run], now: datetime, hours: Hours) -> Move[Run]:
    """Say what is due, and wake for what comes next."""
    run, says, marks = move.case, list(move.says), list(move.marks)
    log = list(move.log)
    for due in sorted(timed(run, hours), key=lambda d: d.at) if run.is_open else ():
        if due.key in run.told or due.at > now:
            continue
        run = replace(run, told=(*run.told, due.key))
        says += due.says
        marks += due.marks
        if due.passes:
            run = replace(run, noticed=(*run.noticed, due.passes))
            log.append(Entry(what="run.noticed", data={"step": due.passes}))
        if due.removes:
            run = _emptied(replace(run, state="withdrawn", closed_at=now))
            log.append(Entry(what="run.removed"))
            break
    later = [d.at for d in timed(run, hours) if d.key not in run.told] if run.is_open else []
    return Move(case=replace(run, wake_at=min(later, default=None)), says=tuple(says), marks=tuple(marks),
                log=tuple(log))  # fmt: skip


def _emptied(run: Run) -> Run:
    """Removed: that it was there, whose it was and when it ended stay; what was answered, and by whom, does not."""
    return replace(run, answers={}, confirmed={}, asked_at={}, helpers=(), told=(), returned_why="", reply="",
                   requested_at={}, said={}, noticed=())  # fmt: skip


def timed(run: Run, hours: Hours) -> tuple[_Due, ...]:
    match run.state:
        case "draft" | "returned":
            asked = (due for step in run.open_requests for due in _requested(run, step, hours))
            return (*_idle(run, hours), *_asks(run, hours), *asked)
        case "waiting" if run.sent_at:
            return (*_asked_to_approve(run, run.sent_at, hours), _reminded(run, run.sent_at, hours))
        case "second_half" if run.decided_at:
            due = hours.calendar.after_hours(run.decided_at, hours.waits.complete_days * ONE_DAY)
            mark = Mark(case=run.id, rung="second_half", reader=to_person(run.runner), at=due)
            return (_Due(key="second_half", at=due, marks=(mark,)),)
        case "live" if run.went_live_at:
            return (_left(run, run.went_live_at, hours),)
        case _:
            return ()


def _asked_to_approve(run: Run, since: datetime, hours: Hours) -> tuple[_Due, ...]:
    if run.approver is None:
        return ()
    key = f"approval:{run.sends}:{run.approver}"
    return (_Due(key=key, at=hours.speak_at(since), says=(approval(run, run.approver),)),)


def _reminded(run: Run, since: datetime, hours: Hours) -> _Due:
    """After two working days, then each five for as long as it waits; communications too from the second time."""
    key = f"remind:{stamp(since)}:"
    times = sum(told.startswith(key) for told in run.told)
    at = hours.calendar.after_hours(since, _again(hours, times))
    rung = f"approval:{stamp(since)}:{times}"
    readers = [to_person(run.approver)] if run.approver else []
    if times or not readers:
        readers.append(to_role("communications"))
    return _Due(
        key=f"{key}{times}",
        at=at,
        marks=tuple(Mark(case=run.id, rung=rung, reader=r, at=since) for r in readers),
    )


def _again(hours: Hours, times: int) -> int:
    """How long until the next reminder, in working-day hours: after two days, then each five (defaults)."""
    return (hours.waits.remind_days + times * hours.waits.escalate_days) * ONE_DAY


def _idle(run: Run, hours: Hours) -> tuple[_Due, ...]:
    """A draft left alone: one message after 30 days, removed after 60."""
    since = run.touched_at or run.opened_at
    say = told_of(run, "idle", to_person(run.runner), key=since.isoformat())
    return (_Due(key="idle", at=hours.speak_at(since + ANNOUNCED), says=(say,)),
            _Due(key="idle:gone", at=since + REMOVED, removes=True))  # fmt: skip


def _asks(run: Run, hours: Hours) -> tuple[_Due, ...]:
    """Each named person: asked at once (in office hours), reminded after two working days, passed on after five."""
    found: list[_Due] = []
    for key, since in run.asked_at.items():
        what, _, person = key.partition("|")
        at = stamp(since)
        ask = Say(key=f"{run.id}:confirm:{key}:{at}", case=run.id, card="run_confirm", arg=what,
                  reader=to_person(PersonId(person)), lane="answer", living=True)  # fmt: skip
        remind = Mark(case=run.id, rung=f"confirm:{at}", reader=to_person(PersonId(person)), at=since)
        late = (Mark(case=run.id, rung=f"confirm_late:{at}", reader=to_person(run.runner), at=since),)
        office = told_of(run, "confirm_late", to_role("communications"), key=at)
        passed_on = hours.speak_at(hours.calendar.after_hours(since, hours.waits.escalate_days * ONE_DAY))
        found += (
            _Due(key=f"ask:{key}:{at}", at=hours.speak_at(since), says=(ask,)),
            _Due(
                key=f"remind:{key}:{at}",
                at=hours.calendar.after_hours(since, hours.waits.remind_days * ONE_DAY),
                marks=(remind,),
            ),
            _Due(key=f"late:{key}:{at}", at=passed_on, says=(office,), marks=late),
        )
    return tuple(found)


def _requested(run: Run, step: Step, hours: Hours) -> tuple[_Due, ...]:
    """Communications: asked at once (in office hours), reminded after two working days, then each five, the runner too."""
    since = run.requested_at.get(step.id)
    if since is None or step.request is None:
        return ()
    key = f"request:{step.id}:{stamp(since)}"
    ask = Say(key=f"{run.id}:{key}", case=run.id, card="run_request", arg=f"{step.id}|{stamp(since)}",
              reader=to_role("communications"), lane="answer", living=True)  # fmt: skip
    found = [_Due(key=key, at=hours.speak_at(since), says=(ask,)), _reminded_of(run, step, since, hours)]
    if step.request.enough_after_days:
        enough = hours.speak_at(hours.calendar.after_hours(since, step.request.enough_after_days * 24))
        found.append(_Due(key=f"{key}:enough", at=enough, passes=step.id, says=(judged(run, step.id),)))
    return tuple(found)


def _reminded_of(run: Run, step: Step, since: datetime, hours: Hours) -> _Due:
    key = f"again:{step.id}:{stamp(since)}:"
    times = sum(told.startswith(key) for told in run.told)
    at = hours.calendar.after_hours(since, _again(hours, times))
    marks = [_mark(run, f"request:{stamp(since)}:{step.id}:{times}", to_role("communications"), since)]
    if times:
        marks.append(
            _mark(run, f"request_late:{stamp(since)}:{step.id}:{times}", to_person(run.runner), since)
        )
    return _Due(key=f"{key}{times}", at=at, marks=tuple(marks))


def _left(run: Run, since: datetime, hours: Hours) -> _Due:
    """What could wait until the account was live: in collected messages, after ten working days and then each five."""
    times, waits = sum(told.startswith("live:") for told in run.told), hours.waits
    at = hours.calendar.after_hours(since, (waits.complete_days + times * waits.escalate_days) * ONE_DAY)
    return _Due(
        key=f"live:{times}", at=at, marks=(_mark(run, f"live:{times}", to_person(run.runner), since),)
    )


def _mark(run: Run, rung: str, reader: Reader, since: datetime) -> Mark:
    return Mark(case=run.id, rung=rung, reader=reader, at=since)


# -- parts --------------------------------------------------------------------------------------


def logged(run: Run, what: str, by: PersonId, *says: Say, **data: str) -> Move[Run]:
    return Move(case=run, says=says, log=(Entry(what=what, by=by, data=data),))


def approval(run: Run, person: PersonId) -> Say:
    return Say(key=f"{run.id}:approval:{run.sends}:{person}", case=run.id, card="approval", arg=str(run.sends),
               reader=to_person(person), lane="answer", living=True)  # fmt: skip


def no_approver(run: Run) -> Say:
    return told_of(run, "no_approver", to_role("communications"), lane="answer",
                 key=f"{run.sends}:{stamp(run.sent_at)}")  # fmt: skip


def told_of(run: Run, what: str, reader: Reader, *, lane: Lane = "ordinary", key: str = "") -> Say:
    return Say(key=f"{run.id}:{what}:{key}".rstrip(":"), case=run.id, card="run_told", arg=what, reader=reader,
               lane=lane, living=what == "no_approver")  # fmt: skip


def judged(run: Run, step: str) -> Say:
    """What communications said in a step, or that having told it was enough, to whoever fills it in."""
    return Say(key=f"{run.id}:judged:{step}:{stamp(run.requested_at.get(step))}", case=run.id, card="run_judged",
               arg=step, reader=to_person(run.runner), lane="answer")  # fmt: skip


def drafted(before: Run, run: Run, by: PersonId) -> tuple[Say, ...]:
    """The drafts that have become ready, to whoever gave the last answer; they follow later answers."""
    old = {d.id for d in checklists.ready(before.plan, before.values)}
    new = [d.id for d in checklists.ready(run.plan, run.values) if d.id not in old]
    return tuple(
        Say(key=f"{run.id}:draft:{ident}:{by}", case=run.id, card="run_draft", arg=ident, reader=to_person(by),
            lane="answer", living=True)
        for ident in new
    )  # fmt: skip
