"""A checklist run: somebody's copy of a pack's checklist, with its answers, until a head has decided and it is live."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal, assert_never

from bot import checklists
from bot.cases.base import CaseBase, Move, TimePassed
from bot.cases.ladder import Hours
from bot.cases.run_events import (
    Approved,
    ApproverEntered,
    ApproverLeft,
    Confirmed,
    DeputyAsked,
    Event,
    Finished,
    Rejected,
    Saved,
    SentBack,
    Shared,
    Submitted,
    Withdrawn,
)
from bot.model import Entry, PersonId, Stamp
from bot.outgoing import Lane, Mark, Reader, Say, to_person, to_role
from bot.policy import Checklist
from bot.view import Value

RunState = Literal["draft", "waiting", "returned", "second_half", "rejected", "stopped", "withdrawn", "done"]
ANNOUNCED, REMOVED = timedelta(days=30), timedelta(days=60)
"""A draft that nobody touches is announced, then removed (exact-rules, "Requests"); elapsed time."""
TWO_DAYS, FIVE_DAYS, TEN_DAYS = 2 * 24, 5 * 24, 10 * 24
"""Working-day hours: reminder, runner and communications, how long the second half may take (defaults)."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was answered to one field, by whom, when. `value` as in bot.view.Value."""

    value: str | tuple[str, ...]
    by: PersonId
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Run(CaseBase):
    """`checklist` is the run's own copy (the pack's Checklist dumped as JSON), so that editing a pack changes no run.

    `answers` by "step.field". `confirmed`: who has confirmed what others are asked for ("step.field" -> people);
    `asked_at`: since when somebody is asked ("step.field|person"). `sends`: how often it went to whoever approves.
    `told`: what has been said of what comes with time. `helpers`: to whom a step was handed.
    """

    case: Literal["run"] = "run"
    name: str  # new-account
    stamp: Stamp
    checklist: Mapping[str, Any]
    runner: PersonId
    state: RunState = "draft"
    answers: Mapping[str, Answer] = field(default_factory=dict)
    confirmed: Mapping[str, tuple[PersonId, ...]] = field(default_factory=dict)
    asked_at: Mapping[str, datetime] = field(default_factory=dict)
    helpers: tuple[PersonId, ...] = ()
    touched_at: datetime | None = None
    approver: PersonId | None = None
    approver_role: str = "head"
    deputy_asked: PersonId | None = None
    sent_at: datetime | None = None
    sends: int = 0
    returned_why: str = ""
    reply: str = ""
    decided_by: PersonId | None = None
    decided_at: datetime | None = None
    decision: int | None = None
    told: tuple[str, ...] = ()
    why: str = ""  # of a rejection or withdrawal
    stop: str = ""  # "step.field" of the answer that stopped it

    @cached_property
    def plan(self) -> Checklist:
        return checklists.of(self.checklist)

    @property
    def values(self) -> dict[str, Value]:
        return {name: answer.value for name, answer in self.answers.items()}

    @property
    def half(self) -> checklists.Half:
        return "after" if self.state == "second_half" else "before"

    @property
    def may_change(self) -> bool:
        """Whether its steps can be answered now."""
        return self.is_open and self.state in ("draft", "returned", "second_half")

    @property
    def named(self) -> tuple[PersonId, ...]:
        return checklists.named(self.values)

    @property
    def manager(self) -> PersonId | None:
        """Who is to manage the account, as far as that is known."""
        return next(iter(checklists.account_people(self.values)), None)

    @property
    def own(self) -> tuple[PersonId, ...]:
        """Whose account it is: neither the runner nor its manager decides on it."""
        return (self.runner, self.manager) if self.manager else (self.runner,)

    @property
    def team(self) -> tuple[PersonId, ...]:
        """Who may resume it: the runner, the account's named people, and whom a step was handed to."""
        return tuple(dict.fromkeys((self.runner, *self.named, *self.helpers)))

    @property
    def unconfirmed(self) -> tuple[tuple[str, PersonId], ...]:
        """Who has still to confirm what."""
        refs = checklists.each_person(self.plan, self.values)
        return tuple((r, p) for r in refs for p in self.named if p not in self.confirmed.get(r, ()))

    @property
    def next_step(self) -> str | None:
        """The next step that is not done, in the half that is under way."""
        step = checklists.next_step(self.plan, self.values, self.half)
        return step.id if step else None

    def waits_for(self, rung: str, person: str) -> bool:
        """Whether what a mark would say to somebody is still true. `rung`: what waits, ":", since when it has."""
        what, since, *_ = (*rung.split(":"), "")
        match what:
            case "confirm":
                return self.may_change and person in {p for _, p in self.unconfirmed}
            case "confirm_late":
                return self.may_change and bool(self.unconfirmed)
            case "approval":
                return self.state == "waiting" and since == _stamp(self.sent_at)
            case _:
                return self.state == what


def begun(run: Run, event: Saved, now: datetime, hours: Hours) -> Move[Run]:
    """A run is stored from its first answer."""
    move = _save(replace(run, touched_at=now), event, now)
    return _spoken(replace(move, log=(Entry(what="run.begun", by=event.by), *move.log)), now, hours)


def decide(run: Run, event: Event, now: datetime, hours: Hours) -> Move[Run]:
    """The rules. What comes at the wrong time, or twice, changes nothing."""
    if not run.is_open:
        return Move(case=run)
    move = _changed(run, event, now)
    return _spoken(move, now, hours)


def lacks_anything(run: Run) -> bool:
    """Whether something keeps it from being sent: a step that is not done, or somebody who has not confirmed."""
    return run.next_step is not None or bool(run.unconfirmed)


def _changed(run: Run, event: Event, now: datetime) -> Move[Run]:
    match event:
        case Saved():
            return _save(run, event, now)
        case Confirmed():
            return _confirm(run, event, now)
        case Shared():
            return _share(run, event)
        case Submitted():
            return _submit(run, event, now)
        case ApproverEntered(by=by, approver=approver):
            if run.state != "waiting" or run.approver == approver:
                return Move(case=run)
            return _logged(replace(run, approver=approver, sent_at=now), "run.approver_entered", by)
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
        case TimePassed():
            return Move(case=run)
        case _:
            assert_never(event)


# -- the runner's side --------------------------------------------------------------------------


def _save(run: Run, event: Saved, now: datetime) -> Move[Run]:
    if not run.may_change:
        return Move(case=run)
    old = run.values
    merged = {**run.answers, **{r: Answer(value=v, by=event.by, at=now) for r, v in event.values.items()}}
    answers = checklists.kept(run.plan, merged)
    after = _touched(replace(run, answers=answers), now)
    if old.get(checklists.PLATFORM, "") not in ("", after.values.get(checklists.PLATFORM)):
        after = _other_terms(after)
    after = _asking(_own_yes(after, event), now)
    entry = Entry(what="run.saved", by=event.by, data={"fields": " ".join(event.values)})
    stop = checklists.stopped(after.plan, after.values)
    if stop:
        after = replace(after, state="stopped", stop=stop[0], closed_at=now, wake_at=None)
    return Move(case=after, log=(entry,))


def _other_terms(run: Run) -> Run:
    """Another platform has other terms: whoever confirmed the old ones is asked again."""
    refs = checklists.each_person(run.plan, run.values)
    return replace(
        run, confirmed={}, asked_at={}, answers={n: a for n, a in run.answers.items() if n not in refs}
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


def _touched(run: Run, now: datetime) -> Run:
    told = tuple(key for key in run.told if not key.startswith("idle"))
    return replace(run, touched_at=now, told=told)


def _confirm(run: Run, event: Confirmed, now: datetime) -> Move[Run]:
    if not run.may_change or (event.what, event.by) not in run.unconfirmed:
        return Move(case=run)
    people = (*run.confirmed.get(event.what, ()), event.by)
    after = _asking(replace(run, confirmed={**run.confirmed, event.what: people}), now)
    return _logged(after, "run.confirmed", event.by, field=event.what)


def _share(run: Run, event: Shared) -> Move[Run]:
    if event.to in run.team:
        return Move(case=run)
    say = _told(run, "helper", to_person(event.to), lane="answer", key=event.to)
    after = replace(run, helpers=(*run.helpers, event.to))
    return _logged(after, "run.shared", event.by, say, to=event.to)


def _submit(run: Run, event: Submitted, now: datetime) -> Move[Run]:
    if run.state not in ("draft", "returned") or lacks_anything(run):
        return Move(case=run)
    after = replace(run, state="waiting", approver=event.approver, approver_role=event.role, sent_at=now,
                    sends=run.sends + 1, reply=event.reply, deputy_asked=None)  # fmt: skip
    says = () if event.approver else (_no_approver(after),)
    return _logged(after, "run.sent", event.by, *says)


def _without(run: Run, now: datetime) -> Move[Run]:
    if run.state != "waiting" or run.approver is None:
        return Move(case=run)
    after = replace(run, approver=None, sent_at=now)
    return Move(case=after, says=(_no_approver(after),), log=(Entry(what="run.approver_left"),))


def _withdraw(run: Run, event: Withdrawn, now: datetime) -> Move[Run]:
    if run.state not in ("draft", "returned", "waiting"):
        return Move(case=run)
    after = replace(run, state="withdrawn", why=event.why, closed_at=now, wake_at=None)
    return _logged(after, "run.withdrawn", event.by, why=event.why)


def _finish(run: Run, event: Finished, now: datetime) -> Move[Run]:
    if run.state != "second_half" or run.next_step:
        return Move(case=run)
    after = replace(run, state="done", closed_at=now, wake_at=None)
    readers = [to_person(p) for p in after.team] + [to_role("communications")]
    says = [_told(after, "live", reader, key=str(reader)) for reader in readers]
    return _logged(after, "run.done", event.by, *says)


# -- the approver's side ------------------------------------------------------------------------


def _send_back(run: Run, event: SentBack, now: datetime) -> Move[Run]:
    if run.state != "waiting":
        return Move(case=run)
    after = _touched(replace(run, state="returned", returned_why=event.why, reply=""), now)
    say = _told(after, "returned", to_person(run.runner), lane="answer", key=str(run.sends))
    return _logged(after, "run.returned", event.by, say, why=event.why)


def _ask_deputy(run: Run, event: DeputyAsked) -> Move[Run]:
    if run.state != "waiting" or run.deputy_asked == event.deputy:
        return Move(case=run)
    after = replace(run, deputy_asked=event.deputy)
    return _logged(after, "run.deputy_asked", event.by, _approval(after, event.deputy), to=event.deputy)


def _approve(run: Run, event: Approved, now: datetime) -> Move[Run]:
    if run.state != "waiting":
        return Move(case=run)
    after = replace(run, state="second_half", decided_by=event.by, decided_at=now, decision=event.decision,
                    account=event.account)  # fmt: skip
    says = (_told(after, "approved", to_person(run.runner), lane="answer"),
            _told(after, "approved", to_role("communications"), key="communications"))  # fmt: skip
    return _logged(after, "run.approved", event.by, *says)


def _reject(run: Run, event: Rejected, now: datetime) -> Move[Run]:
    if run.state != "waiting":
        return Move(case=run)
    after = replace(run, state="rejected", decided_by=event.by, decided_at=now, decision=event.decision, why=event.why,
                    closed_at=now, wake_at=None)  # fmt: skip
    return _logged(
        after, "run.rejected", event.by, _told(after, "rejected", to_person(run.runner), lane="answer")
    )


# -- what comes with time -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Due:
    """Something that is said, marked or done once, at a moment."""

    key: str
    at: datetime
    says: tuple[Say, ...] = ()
    marks: tuple[Mark, ...] = ()
    removes: bool = False


def _spoken(move: Move[Run], now: datetime, hours: Hours) -> Move[Run]:
    """Say what is due, and wake for what comes next."""
    run, says, marks = move.case, list(move.says), list(move.marks)
    log = list(move.log)
    for due in sorted(_timed(run, hours), key=lambda d: d.at) if run.is_open else ():
        if due.key in run.told or due.at > now:
            continue
        run = replace(run, told=(*run.told, due.key))
        says += due.says
        marks += due.marks
        if due.removes:
            run = _emptied(replace(run, state="withdrawn", closed_at=now))
            log.append(Entry(what="run.removed"))
            break
    later = [d.at for d in _timed(run, hours) if d.key not in run.told] if run.is_open else []
    return Move(case=replace(run, wake_at=min(later, default=None)), says=tuple(says), marks=tuple(marks),
                log=tuple(log))  # fmt: skip


def _emptied(run: Run) -> Run:
    """Removed: that it was there, whose it was and when it ended stay; what was answered, and by whom, does not."""
    return replace(run, answers={}, confirmed={}, asked_at={}, helpers=(), told=(), returned_why="", reply="")


def _timed(run: Run, hours: Hours) -> tuple[_Due, ...]:
    match run.state:
        case "draft" | "returned":
            return (*_idle(run, hours), *_asks(run, hours))
        case "waiting" if run.sent_at:
            return (*_asked_to_approve(run, run.sent_at, hours), _reminded(run, run.sent_at, hours))
        case "second_half" if run.decided_at:
            due = hours.calendar.after_hours(run.decided_at, TEN_DAYS)
            mark = Mark(case=run.id, rung="second_half", reader=to_person(run.runner), at=due)
            return (_Due(key="second_half", at=due, marks=(mark,)),)
        case _:
            return ()


def _asked_to_approve(run: Run, since: datetime, hours: Hours) -> tuple[_Due, ...]:
    if run.approver is None:
        return ()
    key = f"approval:{run.sends}:{run.approver}"
    return (_Due(key=key, at=hours.speak_at(since), says=(_approval(run, run.approver),)),)


def _reminded(run: Run, since: datetime, hours: Hours) -> _Due:
    """After two working days, then each five for as long as it waits; communications too from the second time."""
    key = f"remind:{_stamp(since)}:"
    times = sum(told.startswith(key) for told in run.told)
    at = hours.calendar.after_hours(since, TWO_DAYS + times * FIVE_DAYS)
    rung = f"approval:{_stamp(since)}:{times}"
    readers = [to_person(run.approver)] if run.approver else []
    if times or not readers:
        readers.append(to_role("communications"))
    return _Due(
        key=f"{key}{times}",
        at=at,
        marks=tuple(Mark(case=run.id, rung=rung, reader=r, at=since) for r in readers),
    )


def _idle(run: Run, hours: Hours) -> tuple[_Due, ...]:
    """A draft left alone: one message after 30 days, removed after 60."""
    since = run.touched_at or run.opened_at
    say = _told(run, "idle", to_person(run.runner), key=since.isoformat())
    return (_Due(key="idle", at=hours.speak_at(since + ANNOUNCED), says=(say,)),
            _Due(key="idle:gone", at=since + REMOVED, removes=True))  # fmt: skip


def _asks(run: Run, hours: Hours) -> tuple[_Due, ...]:
    """Each named person: asked at once (in office hours), reminded after two working days, passed on after five."""
    found: list[_Due] = []
    for key, since in run.asked_at.items():
        what, _, person = key.partition("|")
        at = _stamp(since)
        ask = Say(key=f"{run.id}:confirm:{key}:{at}", case=run.id, card="run_confirm", arg=what,
                  reader=to_person(PersonId(person)), lane="answer", living=True)  # fmt: skip
        remind = Mark(case=run.id, rung=f"confirm:{at}", reader=to_person(PersonId(person)), at=since)
        late = (Mark(case=run.id, rung=f"confirm_late:{at}", reader=to_person(run.runner), at=since),)
        office = _told(run, "confirm_late", to_role("communications"), key=at)
        passed_on = hours.speak_at(hours.calendar.after_hours(since, FIVE_DAYS))
        found += (
            _Due(key=f"ask:{key}:{at}", at=hours.speak_at(since), says=(ask,)),
            _Due(key=f"remind:{key}:{at}", at=hours.calendar.after_hours(since, TWO_DAYS), marks=(remind,)),
            _Due(key=f"late:{key}:{at}", at=passed_on, says=(office,), marks=late),
        )
    return tuple(found)


# -- parts --------------------------------------------------------------------------------------


def _stamp(since: datetime | None) -> str:
    """What keeps the marks of two sendings, or of two askings, apart: marks are unique by case, rung and reader."""
    return str(int(since.timestamp())) if since else ""


def _logged(run: Run, what: str, by: PersonId, *says: Say, **data: str) -> Move[Run]:
    return Move(case=run, says=says, log=(Entry(what=what, by=by, data=data),))


def _approval(run: Run, person: PersonId) -> Say:
    return Say(key=f"{run.id}:approval:{run.sends}:{person}", case=run.id, card="approval", arg=str(run.sends),
               reader=to_person(person), lane="answer", living=True)  # fmt: skip


def _no_approver(run: Run) -> Say:
    return _told(run, "no_approver", to_role("communications"), lane="answer",
                 key=f"{run.sends}:{_stamp(run.sent_at)}")  # fmt: skip


def _told(run: Run, what: str, reader: Reader, *, lane: Lane = "ordinary", key: str = "") -> Say:
    return Say(key=f"{run.id}:{what}:{key}".rstrip(":"), case=run.id, card="run_told", arg=what, reader=reader,
               lane=lane, living=what == "no_approver")  # fmt: skip
