"""What a moderation says with time: asked at once, reminded in office hours alone, an end to what lies still."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.cases.base import Move
from bot.cases.ladder import Hours
from bot.cases.moderation_state import Moderation, stamp
from bot.cases.run_state import ANNOUNCED, ONE_DAY, REMOVED
from bot.model import Entry, PersonId
from bot.outgoing import HEAD, Mark, Reader, Say, to_person, to_role


@dataclass(frozen=True, kw_only=True)
class _Due:
    """Something that is said, marked or done once, at a moment. `at_once`: also at night, since somebody has just asked for it."""

    key: str
    at: datetime
    says: tuple[Say, ...] = ()
    marks: tuple[Mark, ...] = ()
    removes: bool = False
    at_once: bool = False


def spoken(move: Move[Moderation], now: datetime, hours: Hours) -> Move[Moderation]:
    """Say what is due, once each, and wake for what comes next, in office hours alone: also after a long sleep.

    What was slept through several times is marked once.
    """
    run, says, log = move.case, list(move.says), list(move.log)
    marks = {_about(mark): mark for mark in move.marks}
    while due := _next(run, hours, now):
        run = replace(run, told=(*run.told, due.key))
        says += due.says
        marks |= {_about(mark): mark for mark in due.marks}
        if due.removes:
            run = emptied(replace(run, state="removed", closed_at=now))
            log.append(Entry(what="moderation.removed"))
    later = min((d.at for d in _timed(run, hours) if d.key not in run.told), default=None)
    wake = hours.speak_at(max(later, now)) if later else None
    return Move(
        case=replace(run, wake_at=wake), says=tuple(says), marks=tuple(marks.values()), log=tuple(log)
    )


def _about(mark: Mark) -> tuple[str, str]:
    """What a mark says, and to whom, however often."""
    return mark.rung.rpartition(":")[0], str(mark.reader)


def _next(run: Moderation, hours: Hours, now: datetime) -> _Due | None:
    is_open = hours.is_open(now)
    due = (d for d in _timed(run, hours) if d.at <= now and (is_open or d.at_once))
    waiting = (d for d in due if d.key not in run.told)
    return min(waiting, key=lambda d: d.at, default=None)


def emptied(run: Moderation) -> Moderation:
    """Removed or withdrawn: that it was there, whose it was and when it ended stay; what was answered does not."""
    return replace(run, answers={}, told=(), reviewed_as="", review_why="")


def _timed(run: Moderation, hours: Hours) -> tuple[_Due, ...]:
    if not run.is_open:
        return ()
    return (*_taking_off(run, hours), *_reviewing(run, hours), *_left(run, hours), *_idle(run, hours))


def office_hears_at(run: Moderation, hours: Hours) -> datetime | None:
    """When communications is told what still stands; None where nothing is to be taken off."""
    if run.off_since is None:
        return None
    return run.office_since or hours.open_later(run.off_since, timedelta(hours=hours.waits.breach_escalate))


def _taking_off(run: Moderation, hours: Hours) -> tuple[_Due, ...]:
    """The runner one open hour on, communications at once when it is to do it, else after two; then each day, collected."""
    asks_at = office_hears_at(run, hours)
    if run.off_since is None or asks_at is None:
        return ()
    since, key = stamp(run.off_since), f"off:{stamp(run.off_since)}"
    asked = Say(key=f"{run.id}:{key}:office", case=run.id, card="moderation_off", arg=since, living=True,
                reader=to_role("communications"), lane="answer")  # fmt: skip
    office = _Due(key=f"{key}:office", at=asks_at, says=(asked,), at_once=run.office_since is not None)
    return (office, _again(run, key, asks_at, hours), *_reminded(run, run.off_since, asks_at, hours))


def _reminded(run: Moderation, since: datetime, asks_at: datetime, hours: Hours) -> tuple[_Due, ...]:
    """It announces what communications is about to be told: where that has been told, after a long sleep too, it is dropped."""
    at = hours.open_later(since, timedelta(hours=hours.waits.breach_remind))
    if run.office_since is not None or at >= asks_at:
        return ()
    say = replace(told_of(run, "off_reminder", run.runner, key=stamp(since)), useful_until=asks_at)
    return (_Due(key=f"off:{stamp(since)}:runner", at=at, says=(say,)),)


def _again(run: Moderation, key: str, asked_at: datetime, hours: Hours) -> _Due:
    """What communications has not taken off stands in its collected message of each working day."""
    times = sum(told.startswith(f"{key}:again:") for told in run.told)
    at = hours.calendar.after_hours(asked_at, (times + 1) * ONE_DAY)
    rung = f"take_off:{stamp(run.off_since)}:{times}"
    mark = Mark(case=run.id, rung=rung, reader=to_role("communications"), at=at)
    return _Due(key=f"{key}:again:{times}", at=at, marks=(mark,))


def _reviewing(run: Moderation, hours: Hours) -> tuple[_Due, ...]:
    """Head and communications, whoever is first: asked in office hours, reminded after two working days, then each five."""
    if run.review_since is None:
        return ()
    waits, since, key = hours.waits, run.review_since, f"review:{stamp(run.review_since)}"
    times = sum(told.startswith(f"{key}:again:") for told in run.told)
    again = hours.calendar.after_hours(since, (waits.remind_days + times * waits.escalate_days) * ONE_DAY)
    readers = (HEAD, to_role("communications"))
    says = tuple(
        Say(key=f"{run.id}:{key}:{reader.id}", case=run.id, card="moderation_review", arg=stamp(since),
            reader=reader, lane="answer", living=True)
        for reader in readers
    )  # fmt: skip
    marks = tuple(_mark(run, f"review:{stamp(since)}:{times}", reader, since) for reader in readers)
    return (
        _Due(key=key, at=hours.speak_at(since), says=says),
        _Due(key=f"{key}:again:{times}", at=again, marks=marks),
    )


def _left(run: Moderation, hours: Hours) -> tuple[_Due, ...]:
    """Begun, never removed, and nobody goes on: the runner after two working days, then communications, collected, each five.

    Until it ends no decision is chained, and the registrar gets nothing.
    """
    if run.left_since is None:
        return ()
    waits, since, key = hours.waits, run.left_since, f"left:{stamp(run.left_since)}"
    times = sum(told.startswith(f"{key}:again:") for told in run.told)
    first = hours.speak_at(hours.calendar.after_hours(since, waits.remind_days * ONE_DAY))
    again = hours.calendar.after_hours(
        since, (waits.remind_days + (times + 1) * waits.escalate_days) * ONE_DAY
    )
    say = told_of(run, "left", run.runner, key=stamp(since))
    mark = _mark(run, f"{key}:{times}", to_role("communications"), again)
    return (_Due(key=key, at=first, says=(say,)), _Due(key=f"{key}:again:{times}", at=again, marks=(mark,)))


def _idle(run: Moderation, hours: Hours) -> tuple[_Due, ...]:
    """Left alone: one message after 30 days, removed after 60, as a new account is; never where something still stands."""
    since = run.touched_at or run.opened_at
    if run.is_kept:
        return ()
    say = told_of(run, "idle", run.runner, key=since.isoformat())
    return (_Due(key="idle", at=hours.speak_at(since + ANNOUNCED), says=(say,)),
            _Due(key="idle:gone", at=since + REMOVED, removes=True))  # fmt: skip


# -- parts --------------------------------------------------------------------------------------


def _mark(run: Moderation, rung: str, reader: Reader, at: datetime) -> Mark:
    return Mark(case=run.id, rung=rung, reader=reader, at=at)


def told_of(run: Moderation, what: str, person: PersonId, *, key: str = "") -> Say:
    return Say(key=f"{run.id}:{what}:{key or person}", case=run.id, card="moderation_told", arg=what,
               reader=to_person(person), lane="answer")  # fmt: skip


def asks_in_doubt(before: Moderation, run: Moderation) -> tuple[Say, ...]:
    """Where the guidelines say whom to ask in doubt, they are asked at once (BTH-52)."""
    if not run.doubts or run.doubts == before.doubts:
        return ()
    role = to_role("director" if run.doubts == "management" else "communications")
    return (Say(key=f"{run.id}:doubt:{run.doubts}", case=run.id, card="moderation_told", arg="doubt", reader=role,
                lane="answer"),)  # fmt: skip
