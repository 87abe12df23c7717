"""What communications gets once a working day: the day in a few lines."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot.cases import Alarm, Moderation, Question, Run, Yearly
from bot.cases.run_state import CLOSE_ACCOUNT, NEW_ACCOUNT
from bot.model import Account
from bot.outgoing import Row
from bot.ports import DayOutcome
from bot.screens import guard as guard_screens
from bot.screens import moderation as moderation_screens
from bot.screens import overview as screens
from bot.screens import questions as question_screens
from bot.screens.base import Eyes
from bot.screens.duty import decided_on
from bot.service import guard, undertakings, watch_digest, yearly
from bot.service.accounts import with_gaps
from bot.service.base import Feature, Work
from bot.view import Card


async def compose_digest(work: Work, row: Row) -> Card | None:
    eyes = work.eyes_of(row)
    cases = list(await work.tx.open_cases())
    known = await _days(work, work.today, work.today)
    questions = [c for c in cases if isinstance(c, Question) and not _is_held(work, c)]
    requests = await undertakings.waiting(work)
    overdue = [q for q in questions if q.rung]
    runs = [c for c in cases if isinstance(c, Moderation)]
    pages = [c for c in cases if isinstance(c, Yearly)]
    return screens.digest(eyes, screens.Digest(
        asked=sum(r.outcome not in ("no_watch", "not_asked") for r in known),
        unanswered=[eyes.account(r.account) for r in known if r.outcome == "open"],
        nobody=[eyes.account(r.account) for r in known if r.outcome == "no_watch"],
        overdue=[question_screens.line(eyes, q) for q in sorted(overdue, key=lambda q: q.answer_by)],
        waiting=len(questions) - len(overdue),
        alarms=sum(isinstance(c, Alarm) and not c.exercise for c in cases),
        standing=[moderation_screens.line(eyes, r) for r in runs if r.waits_to_be_taken_off],
        moderations=sum(not r.waits_to_be_taken_off and not work.is_quiet(r.place) for r in runs),
        requests=_about(requests, NEW_ACCOUNT),
        closures=_about(requests, CLOSE_ACCOUNT),
        gaps=[eyes.account(a.id) for a in with_gaps(work)],
        pages=yearly.in_digest(work, eyes, pages),
        watches=await watch_digest.lines(work, eyes, cases, f"digest:{row.arg}"),
        free=await _free_days(work, eyes),
        lacking=[guard_screens.sentence(eyes, lack) for lack in await guard.new_today(work, work.today)],
    ))  # fmt: skip


async def _days(work: Work, first: date, last: date) -> list[DayOutcome]:
    """The days of known accounts, without those of a place's first week: these go on to nobody (users.md U11)."""
    rows = await work.tx.days(first=first, last=last)
    known = (row for row in rows if row.account in work.register.accounts)
    return [row for row in known if not work.is_quiet(row.place, row.day)]


def _is_held(work: Work, question: Question) -> bool:
    """Whether it has yet to go on to anybody: its place is in its first week."""
    return question.quiet_until is not None and work.now < question.quiet_until


def _about(requests: Sequence[Run], name: str) -> int:
    return sum(run.name == name for run in requests)


async def _free_days(work: Work, eyes: Eyes) -> dict[str, list[str]]:
    """Accounts without a watch on free days since the last working day, by why; without anybody's name."""
    before = work.hours.calendar.previous_working_day(work.today)
    rows = await _days(work, before + timedelta(days=1), work.today - timedelta(days=1))
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: row.account):
        account = work.register.accounts[row.account]
        if row.outcome == "no_watch":
            named = found.setdefault(_why_free(account, row.day), [])
            named += [name for name in [_with_date(eyes, account, row.day)] if name not in named]
    return found


def _with_date(eyes: Eyes, account: Account, day: date) -> str:
    name, on = eyes.account(account.id), decided_on(account, day)
    return eyes.t("digest.free.dated", account=name, on=eyes.t.short_date(on)) if on else name


def _why_free(account: Account, day: date) -> str:
    if account.duty.kind != "none":
        return "away"
    return "decided" if decided_on(account, day) else "never"


FEATURE = Feature(cards={"digest": compose_digest})
