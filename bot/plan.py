"""What a day asks for: rounds, collected replies, heads' messages, bundles, the digest. Pure, and safe to ask again.

Every answer carries a key made of what and for when, so any number of processes may plan and one wins.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.cases.filing import Filing
from bot.cases.ladder import Hours
from bot.cases.question import Question
from bot.cases.round import Line, Round
from bot.cases.yearly import Yearly
from bot.first_week import may_ask
from bot.model import Account, PersonId, Place
from bot.outgoing import BUNDLE, Mark, Reader, Say, to_person, to_place, to_role
from bot.policy import Pack
from bot.ports import DayOutcome
from bot.register import Register


@dataclass(frozen=True, kw_only=True)
class Sky:
    """What planning looks at: the register, the guidelines, the calendar."""

    register: Register
    pack: Pack
    hours: Hours

    def required(self, day: date) -> bool:
        """Whether the guidelines ask for a look on that day (KIEN-30; KISV-22; KAU-80)."""
        return self.pack.monitored == "every-day" or self.hours.is_working_day(day)

    def on_duty(self, account: Account, day: date) -> tuple[PersonId, ...]:
        """Who is asked about an account: on working days its watcher, on free days whoever the head agreed with."""
        if self.hours.is_working_day(day):
            watcher = self.register.watcher(account, day)
            return (watcher,) if watcher else ()
        match account.duty.kind:
            case "none":
                return ()
            case "rota":
                rota = self.register.rota(day)
                return (rota,) if rota else ()
            case "people":
                return tuple(p for p in account.duty.people if self.register.reachable(p, day))


def is_due(register: Register, account: Account, day: date) -> bool:
    """Whether the account may be asked about on that day at all: in a place that has had its welcome, and is not silent."""
    place = register.places.get(account.place or "")
    begun = account.is_asked and (account.asked_from is None or account.asked_from <= day)
    return begun and place is not None and may_ask(place, day) and not register.is_silent(place.id)


def to_welcome(register: Register, place: Place, now: datetime, hours: Hours) -> bool:
    """Whether a place is to be welcomed now (users.md U11): in office hours, once somebody is to be asked there.

    What a trial has kept silent begins on the day after it ended, and not all at once.
    """
    due = place.welcomed is None and any(a.is_asked for a in register.accounts_in(place.id))
    if not due or place.gone or register.is_silent(place.id) or not hours.is_open(now):
        return False
    over = register.office.pilot_over
    return over is None or over < hours.today(now)


# -- rounds -------------------------------------------------------------------------------------


def round_in(sky: Sky, place: Place, day: date, now: datetime) -> tuple[Round | None, tuple[DayOutcome, ...]]:
    """The round of a place and date, if anybody is asked there, and the rows of the day: open, or no watch arranged."""
    accounts = [a for a in sky.register.accounts_in(place.id) if is_due(sky.register, a, day)]
    asked = [a for a in accounts if sky.on_duty(a, day)]
    gone = place.gone and sky.hours.is_working_day(day)  # on free days the card goes to people
    rows = [_row(a, day, "not_asked" if gone else "open") for a in asked]
    rows += [_row(a, day, "no_watch") for a in accounts if a not in asked and sky.required(day)]
    made = one_round(sky, place, day, asked, now) if asked and not gone else None
    return made, tuple(rows)


def round_id(place: str, day: date) -> str:
    return f"round:{place}:{day.isoformat()}"


def duty_of(sky: Sky, accounts: Iterable[Account], day: date) -> tuple[PersonId, ...]:
    """Everybody who has the duty of a free day for one of these accounts; nobody on a working day."""
    if sky.hours.is_working_day(day):
        return ()
    return tuple(dict.fromkeys(p for a in accounts for p in sky.on_duty(a, day)))


def one_round(sky: Sky, place: Place, day: date, accounts: Sequence[Account], now: datetime) -> Round:
    """The round of a place and date, with a line for each of these accounts.

    Posted until the office closes; where the place's hour is as late as that, until the day is over.
    """
    calendar, closes = sky.hours.calendar, sky.hours.office.closes
    until = calendar.at(day, closes) if place.hour < closes else calendar.end_of(day)
    return Round(
        id=round_id(place.id, day), opened_at=now, place=place.id, day=day,
        free_day=not sky.hours.is_working_day(day), duty=duty_of(sky, accounts, day),
        wake_at=calendar.at(day, place.hour), until=until, lines=tuple(Line(account=a.id) for a in accounts),
    )  # fmt: skip


def _row(account: Account, day: date, outcome: str) -> DayOutcome:
    return DayOutcome(account=account.id, day=day, outcome=outcome, place=account.place)


def not_asked(sky: Sky, first: date, last: date) -> tuple[DayOutcome, ...]:
    """Days on which the bot was down: written as not asked, without cards (exact-rules, "The round")."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(
        _row(account, day, "not_asked" if sky.on_duty(account, day) else "no_watch")
        for day in days
        for account in sky.register.accounts.values()
        if is_due(sky.register, account, day) and (sky.required(day) or sky.on_duty(account, day))
    )


# -- collected messages ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Collected:
    """One collected message, with the marks that it takes."""

    say: Say
    marks: tuple[Mark, ...] = ()
    opens: Yearly | None = None  # what begins with it


def reply_key(place: str, day: date) -> str:
    return f"reply:{place}:{day.isoformat()}"


def replies_may_be_due(sky: Sky, now: datetime) -> bool:
    """Whether it is between noon and closing time, on any day: outside that nothing need be read."""
    local, office = sky.hours.calendar.local(now).time(), sky.hours.office
    return min(office.collect_early, office.collect) <= local < office.closes


def replies(
    sky: Sky,
    now: datetime,
    place: str,
    open_rounds: Iterable[Round],
    questions: Sequence[Question],
    marked: Collection[Mark],
) -> tuple[Collected, ...]:
    """One reply a place and working day: at noon if a reminder is due by then, else at 14:00."""
    today = sky.hours.today(now)
    here = [r for r in open_rounds if r.place == place and r.day == today and r.posted]
    if not sky.hours.is_open(now) or now < sky.hours.calendar.at(today, sky.hours.office.collect_early):
        return _duty_replies(sky, now, here)
    found = _reply(sky, now, place, next(iter(here), None), questions, marked)
    return (found,) if found else ()


def _reply(
    sky: Sky,
    now: datetime,
    place: str,
    round_: Round | None,
    questions: Sequence[Question],
    marked: Collection[Mark],
) -> Collected | None:
    today, office = sky.hours.today(now), sky.hours.office
    said = {(m.case, m.rung) for m in marked}
    hour = office.collect if now >= sky.hours.calendar.at(today, office.collect) else office.collect_early
    moment = sky.hours.calendar.at(today, hour)
    here = [q for q in questions if q.place == place and q.opened_at < moment]
    round_ = round_ if round_ and _stood_before(round_, moment) else None
    due = [q for q in here if _reminder_due(sky, q, hour, today) and (q.id, "remind") not in said]
    last = [q for q in here if _last_call(sky, q, today) and (q.id, "last_call") not in said]
    late_hour = hour == office.collect
    if not due and not (late_hour and (last or (round_ and round_.unanswered))):
        return None
    key = reply_key(place, today)
    marks = [_mark(q, "remind", place, now) for q in due] + [_mark(q, "last_call", place, now) for q in last]
    closes = sky.hours.calendar.at(today, office.closes)
    say = Say(key=key, card="reply", case=round_.id if round_ else None, arg=f"{place}|{today.isoformat()}",
              reader=to_place(place), threaded=round_ is not None, living=round_ is not None,
              useful_until=closes)  # fmt: skip
    return Collected(say=say, marks=tuple(marks))


def _stood_before(round_: Round, moment: datetime) -> bool:
    """A card that came at the reminder's hour or after it is not reminded of the same minute."""
    return round_.posted and (round_.posted_at is None or round_.posted_at < moment)


def _reminder_due(sky: Sky, question: Question, hour: time, today: date) -> bool:
    return question.remind_at is not None and question.remind_at <= sky.hours.calendar.at(today, hour)


def _last_call(sky: Sky, question: Question, today: date) -> bool:
    return question.last_call is not None and sky.hours.calendar.local(question.last_call).date() == today


def _mark(question: Question, rung: str, place: str, now: datetime) -> Mark:
    return Mark(case=question.id, rung=rung, reader=to_place(place), at=now)


def _duty_replies(sky: Sky, now: datetime, open_rounds: Iterable[Round]) -> tuple[Collected, ...]:
    """On a free day the reminder stays among those who have the duty."""
    today = sky.hours.today(now)
    opens, closes = (
        sky.hours.calendar.at(today, t) for t in (sky.hours.office.collect, sky.hours.office.closes)
    )
    if not opens <= now < closes:
        return ()
    waiting = (r for r in open_rounds if r.free_day and _stood_before(r, opens) and r.unanswered)
    return tuple(
        Collected(say=Say(key=f"{reply_key(str(r.place), today)}:{person}", card="reply", case=r.id,
                          arg=f"{r.place}|{today.isoformat()}", reader=to_person(person), living=True, useful_until=closes))
        for r in waiting
        for person in r.duty
    )  # fmt: skip


def personal(
    sky: Sky, now: datetime, marks: Iterable[tuple[Mark, Reader]], pages: Iterable[Yearly] = ()
) -> tuple[Collected, ...]:
    """One collected message a reader and working day, at the heads' hour, from marks with their resolved readers.

    What is marked after that hour waits for the next working morning. A head's yearly page is that day's message.
    """
    if not hour_has_come(sky, now, sky.hours.office.heads_at):
        return ()
    by_reader: dict[str, list[Mark]] = {}
    today = sky.hours.today(now)
    morning = sky.hours.calendar.at(today, sky.hours.office.heads_at)
    for mark, reader in marks:
        if mark.at <= morning:
            by_reader.setdefault(str(reader), []).append(mark)
    opened = {str(to_person(page.head)): page for page in pages}
    return tuple(
        _collected(
            f"heads:{reader}:{today.isoformat()}", reader, by_reader.get(reader, ()), opened.get(reader)
        )
        for reader in sorted({*by_reader, *opened})
    )


def _collected(key: str, reader: str, marks: Iterable[Mark], page: Yearly | None) -> Collected:
    """With a yearly page it stands, and shows later what became of that."""
    case = page.id if page else None
    say = Say(key=key, card="heads", reader=Reader.parse(reader), case=case, living=page is not None)
    return Collected(say=say, marks=tuple(marks), opens=page)


# -- the heads' yearly page -------------------------------------------------------------------------

LATE, OVER = 20, 60
"""Working days until communications hears that a page is unanswered, and until it is over: defaults of ours."""


def yearly_may_be_due(sky: Sky, now: datetime) -> bool:
    """From the first working day of the month that the guidelines, or we, have set, until that month is over."""
    due = int(str(sky.pack.parameters["heads.yearly"].value))
    return sky.hours.today(now).month == due and hour_has_come(sky, now, sky.hours.office.heads_at)


def yearly_id(head: PersonId, year: int) -> str:
    return f"year:{head}:{year}"


def yearly(sky: Sky, now: datetime) -> tuple[Yearly, ...]:
    """A page for each head of an account in use, or whoever stands in, once it may be due; each has one a year."""
    if not yearly_may_be_due(sky, now):
        return ()
    used = [a for a in sky.register.accounts.values() if _is_used(sky.register, a)]
    today = sky.hours.today(now)
    readers = {reader for a in used if (reader := _page_reader(sky.register, a, today))}
    return tuple(_page(sky, now, reader, today.year) for reader in sorted(readers))


def _is_used(register: Register, account: Account) -> bool:
    return account.state not in ("imported", "closed") and not register.is_silent(account.place)


def _page_reader(register: Register, account: Account, today: date) -> PersonId | None:
    """The head, once they are back; whoever has left, or is away for all of the month, is stood in for."""
    head = register.head_of(account)
    if head is None or register.reachable(head, today):
        return head
    days = (today + timedelta(days=n) for n in range(1, 31))
    back = any(register.reachable(head, day) for day in days if day.month == today.month)
    return None if back else register.answerer(account, today)


def _page(sky: Sky, now: datetime, head: PersonId, year: int) -> Yearly:
    calendar, today = sky.hours.calendar, sky.hours.today(now)
    late, over = (calendar.at(calendar.add_working_days(today, n), time()) for n in (LATE, OVER))
    return Yearly(id=yearly_id(head, year), opened_at=now, wake_at=over, head=head, late_at=late)


def digest(sky: Sky, now: datetime) -> Say | None:
    """Communications' digest: each working day, one line when all is well."""
    anything = any(a.is_asked for a in sky.register.accounts.values())
    if not anything or not hour_has_come(sky, now, sky.hours.office.digest_at):
        return None
    today = sky.hours.today(now)
    return Say(key=f"digest:{today.isoformat()}", card="digest", arg=today.isoformat(),
               reader=to_role("communications"), useful_until=sky.hours.calendar.end_of(today))  # fmt: skip


# -- the registrar's bundle -------------------------------------------------------------------------


def bundle_moment(sky: Sky, now: datetime) -> datetime:
    """Up to when today's bundle tells of what has been filed; what comes later waits for the next one."""
    return sky.hours.calendar.at(sky.hours.today(now), sky.hours.office.registrar_at)


def bundle_may_be_due(sky: Sky, now: datetime, told: datetime | None) -> bool:
    """Whether today's bundle can still come: once a working day. `told`: up to when the last bundle told."""
    given = told is not None and sky.hours.today(told) >= sky.hours.today(now)
    return not given and hour_has_come(sky, now, sky.hours.office.registrar_at)


def bundle(sky: Sky, now: datetime, waiting: Iterable[Filing], told: datetime | None) -> Collected | None:
    """What waits for the registrar, in one message a working day: what is new, and all of it once a week (users.md U8).

    `told`: up to when the last bundle told; None before the first.
    """
    if not bundle_may_be_due(sky, now, told):
        return None
    came = [f for f in waiting if f.is_open and f.opened_at <= bundle_moment(sky, now)]
    listed = [f for f in came if told is None or _first_of_week(sky, now, told) or f.opened_at > told]
    if not listed:
        return None
    listed.sort(key=lambda f: (f.opened_at, f.id))
    return _bundle(sky, sky.hours.today(now), listed)


def _first_of_week(sky: Sky, now: datetime, told: datetime) -> bool:
    """Whether no bundle has come since Monday: what is open is said again once a week, as a rule on its first working day."""
    today = sky.hours.today(now)
    return sky.hours.today(told) < today - timedelta(days=today.weekday())


def _bundle(sky: Sky, day: date, listed: Sequence[Filing]) -> Collected:
    """To the registrar, else to communications. Its marks say what is listed; the oldest is the case that it follows."""
    reader = to_role("registrar" if sky.register.own("registrar") else "communications")
    rung = f"{BUNDLE}:{day.isoformat()}"
    marks = tuple(Mark(case=f.id, rung=rung, reader=reader, at=f.opened_at) for f in listed)
    say = Say(key=rung, card=BUNDLE, case=listed[0].id, arg=day.isoformat(), reader=reader, living=True,
              useful_until=sky.hours.calendar.end_of(day))  # fmt: skip
    return Collected(say=say, marks=marks)


# -- hours ----------------------------------------------------------------------------------------


def hour_has_come(sky: Sky, now: datetime, hour: time) -> bool:
    """Inside office hours of a working day, at or after that wall-clock hour."""
    return sky.hours.is_open(now) and now >= sky.hours.calendar.at(sky.hours.today(now), hour)


def next_hour(sky: Sky, after: datetime) -> datetime:
    """The next planning hour strictly after a moment: midnight, and the fixed times; on free days the reminder's alone."""
    calendar, office = sky.hours.calendar, sky.hours.office
    day = sky.hours.today(after)
    hours: tuple[time, ...] = (office.collect,)
    if calendar.is_working_day(day):
        hours = (office.opens, office.heads_at, office.registrar_at, office.collect_early, office.collect,
                 office.digest_at)  # fmt: skip
    moments = [calendar.at(day, hour) for hour in hours] + [calendar.end_of(day)]
    return min(m for m in moments if m > after)
